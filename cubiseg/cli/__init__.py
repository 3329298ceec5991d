"""The command ``cubiseg``, one file a subcommand.

Everything heavy is imported inside the commands, so that ``--help`` is instant.

>>> from click.testing import CliRunner
>>> CliRunner().invoke(main, ["layers", "--help"]).output.splitlines()[0]
'Usage: main layers [OPTIONS] IMAGE...'
"""

import click

from cubiseg import __version__
from cubiseg.cli.annotate import annotate
from cubiseg.cli.completion import completion
from cubiseg.cli.console import Group
from cubiseg.cli.doctor import doctor
from cubiseg.cli.evaluate import evaluate
from cubiseg.cli.labels import labels
from cubiseg.cli.layers import layers
from cubiseg.cli.lint import lint
from cubiseg.cli.memory import share_freed_memory
from cubiseg.cli.predict import predict
from cubiseg.cli.review import review
from cubiseg.cli.studio import studio


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="cubiseg")
def main() -> None:
    """Anime illustrations to named, Live2D-ready layers.

    \b
      Cut a drawing into a PSD:        cubiseg layers art.png -o out
      Mend it first, in the browser:   cubiseg studio art.png
      Without a trained model:         cubiseg layers art.png -o out --backend slic
      See what works on this machine:  cubiseg doctor
    """
    share_freed_memory()


for command in (predict, layers, studio, review, lint, evaluate, labels, annotate, doctor, completion):
    main.add_command(command)

"""``cubiseg annotate``: its commands, one file each."""

import click

from cubiseg.cli.annotate.failures import failures
from cubiseg.cli.annotate.plan import plan
from cubiseg.cli.annotate.retry import retry
from cubiseg.cli.annotate.settle import settle_losses
from cubiseg.cli.console import Group


@click.group(cls=Group, short_help="What labelling by a vision model costs, and what it failed at.")
def annotate() -> None:
    """Plan and mend the labelling of pictures by a vision model.

    `dvc repro annotate` does the labelling itself. Run these in the project's folder, where params.yaml is.

    \b
    cubiseg annotate plan                     what will be sent, and what it will cost
    cubiseg annotate failures                 what has no answer, and why
    cubiseg annotate retry --only refused     let those be asked again
    cubiseg annotate settle --unbilled        what never got an answer was not billed either
    """


for command in (plan, failures, retry, settle_losses):
    annotate.add_command(command)

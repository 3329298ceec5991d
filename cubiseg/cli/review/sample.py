"""``cubiseg review sample``."""

import json
from collections import Counter
from pathlib import Path

import click

from cubiseg.cli import options
from cubiseg.cli.console import Command, plain, print_table
from cubiseg.cli.review import folders

_METHODS = ("given", "llm", "model", "human", "simulated")
"""As ``cubiseg.samples.LabelMethod`` has them, which is imported late; a test keeps both equal."""


@click.command(cls=Command, short_help="Draw label maps at random to look at.")
@click.option("--size", type=click.IntRange(1), default=100, show_default=True, help="Samples in all.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Seed of the draw.")
@folders.folder("--data", "data/clean", "Folder with a manifest: that of the stage clean, or a data set.")
@click.option(
    "--method",
    "methods",
    type=click.Choice(_METHODS),
    multiple=True,
    help="Who made the label maps; may be repeated. [all but given and human]",
)
@click.option("--anew", is_flag=True, help="Draw others than before, and forget those.")
@click.option(
    "-o",
    "--out",
    type=options.PATH,
    default=Path("data/corrections/spot-check.jsonl"),
    show_default=True,
    metavar="FILE",
    help="Where the samples are listed.",
)
@options.as_json
@options.common
def sample(size: int, seed: int, data: Path, methods: tuple[str, ...], anew: bool, out: Path, as_json: bool) -> None:
    """Draw a stratified random sample of label maps: in proportion by method, source and confidence.

    `cubiseg studio --review data/clean --only FILE` shows them, and `cubiseg review report` counts them alone. A larger
    --size adds to the list, and keeps what was drawn. After `tune`, draw --anew: what was learnt from says nothing of
    the rest.

    \b
    Example:  cubiseg review sample --size 100 --seed 1
              cubiseg studio --review data/clean --only data/corrections/spot-check.jsonl
    """
    from cubiseg.cleaning.spot_checks import read_drawn, write_drawn
    from cubiseg.review.sampling import MADE, draw_samples
    from cubiseg.samples import LabelMethod, read_manifest

    chosen = tuple(LabelMethod(m) for m in methods) or MADE
    before = read_drawn(out) if out.is_file() else []
    drawn = draw_samples(read_manifest(data), size, seed, chosen, before, anew)
    write_drawn(out, drawn)
    if as_json:
        click.echo(json.dumps([d.model_dump() for d in drawn], indent=2))
        return
    print_table(("stratum", "samples"), sorted(Counter(d.stratum for d in drawn).items()))
    kept = 0 if anew else len(before)
    less = f"; there are no more than {len(drawn)}" if len(drawn) < size else ""
    click.echo(plain(f"{len(drawn)} samples in {out}, {kept} of them drawn before{less}"))

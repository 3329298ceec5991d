"""``cubiseg annotate plan``."""

import json
from pathlib import Path

import click

from cubiseg import settings
from cubiseg.cli import options
from cubiseg.cli.console import Command, plain, print_table, warn


@click.command(cls=Command, short_help="Requests, tokens and dollars, before a cent is spent.")
@options.as_json
@click.option(
    "--params",
    type=options.PATH,
    default=Path("params.yaml"),
    show_default=True,
    metavar="FILE",
    help="File with a block annotate.",
)
@click.option(
    "--prepared",
    type=options.PATH,
    default=Path("data/prepared"),
    show_default=True,
    metavar="DIR",
    help="Folder that the stage prepare made.",
)
@click.option(
    "--codebook",
    type=options.PATH,
    default=Path(__file__).parents[2] / "codebook.yaml",
    metavar="FILE",
    help="What belongs to each class; the one of cubiseg where not given.",
)
@click.option(
    "--examples",
    type=options.PATH,
    default=Path("data/examples"),
    show_default=True,
    metavar="DIR",
    help="Right label maps of worked examples.",
)
@options.common
def plan(params: Path, prepared: Path, codebook: Path, examples: Path, as_json: bool) -> None:
    """Tell how many requests, tokens and dollars labelling takes. Nothing is sent, and no key is needed.

    Questions about a few pictures are drawn to count their tokens. Answers that are stored already cost nothing.

    \b
    Example:  cubiseg annotate plan
    """
    from dataclasses import asdict

    from cubiseg.annotation.conversation import plan_questions
    from cubiseg.annotation.params import AnnotateParams
    from cubiseg.annotation.plan import make_plan
    from cubiseg.answers.purse import spent_in
    from cubiseg.answers.store import ResponseStore
    from cubiseg.params import read_block

    read = read_block(params, "annotate", AnnotateParams)
    store = ResponseStore(settings.RESPONSES.read())
    made = make_plan(plan_questions(read, prepared, codebook, store.root, examples=examples), store)
    spent = spent_in(store.root)
    if as_json:
        click.echo(json.dumps({**asdict(made), "usd": made.usd, "spent_usd": spent, "max_usd": read.max_usd}, indent=2))
        return
    to = made.host or "a server nearby"
    click.echo(plain(f"{made.pictures} pictures, {made.answered} answered already; {made.model} at {to}"))
    rows = []
    for name, one in [("first", made.first)] + ([("second, at most", made.second)] if made.second else []):
        counts = (f"{n:,}" for n in (one.requests, one.input_tokens, one.output_tokens))
        rows.append((name, *counts, f"{one.usd:.2f}", f"{one.usd / one.requests:.4f}" if one.requests else "-"))
    print_table(("question", "requests", "input tokens", "output tokens", "US dollars", "a picture"), rows)
    batch = "" if made.factor == 1 else f", in batches at {made.factor:g} of the price"
    cap = "no cap is set" if read.max_usd is None else f"the cap is ${read.max_usd:g}, ${spent:.2f} of it are spent"
    click.echo(f"about ${made.usd:.2f}{batch}, at list prices of {made.prices_of}; {cap}")
    if read.max_usd is not None and made.usd > read.max_usd - spent:
        warn("that is more than the cap leaves; the stage will stop there, and go on when annotate.max_usd is raised")

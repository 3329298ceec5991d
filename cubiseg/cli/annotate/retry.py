"""``cubiseg annotate retry``."""

import click

from cubiseg import settings
from cubiseg.cli import options
from cubiseg.cli.annotate.failures import KINDS
from cubiseg.cli.console import Command


@click.command(cls=Command, short_help="Let failed requests be asked again.")
@click.option("--only", type=click.Choice(KINDS), multiple=True, help="Only those with this outcome; may be repeated.")
@click.option("--sample", multiple=True, metavar="ID", help="Only this sample; may be repeated.")
@options.common
def retry(only: tuple[str, ...], sample: tuple[str, ...]) -> None:
    """Let requests without a usable answer be asked again by the next run.

    What they got is set aside, not deleted, and what it cost stays counted.

    \b
    Example:  cubiseg annotate retry --only refused
              dvc repro --force --single-item annotate && dvc repro
    """
    from cubiseg.answers.asking import let_ask_again
    from cubiseg.answers.store import ResponseStore

    store = ResponseStore(settings.RESPONSES.read())
    again = [
        r for r in store.records()
        if r.response.outcome in (only or KINDS) and (not sample or r.sample in sample)
    ]  # fmt: skip
    count = let_ask_again(store, again)
    click.echo(f"{count} requests will be asked again: dvc repro --force --single-item annotate && dvc repro")

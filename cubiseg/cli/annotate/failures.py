"""``cubiseg annotate failures``."""

import json

import click

from cubiseg import settings
from cubiseg.cli import options
from cubiseg.cli.console import Command, plain

KINDS = ("refused", "malformed", "failed")
"""Outcomes that are no usable answer."""


@click.command(cls=Command, short_help="Requests without a usable answer, and why.")
@options.as_json
@options.common
def failures(as_json: bool) -> None:
    """List what was refused, answered in no usable form, or given up after all attempts.

    \b
    Example:  cubiseg annotate failures
    """
    from cubiseg.answers.store import ResponseStore

    found = [r for r in ResponseStore(settings.RESPONSES.read()).records() if r.response.outcome in KINDS]
    rows = [
        {"sample": r.sample, "outcome": str(r.response.outcome), "key": r.key, "said": r.response.text[:200]}
        for r in sorted(found, key=lambda r: (r.response.outcome, r.sample, r.key))
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        click.echo(plain(f"{row['outcome']:9}  {row['sample'] or '-':24}  {row['key'][:12]}  {row['said'][:100]}"))
    click.echo(f"{len(rows)} requests without a usable answer in {plain(settings.RESPONSES.read())}", err=True)

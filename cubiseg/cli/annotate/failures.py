"""``cubiseg annotate failures``."""

import json
from typing import TYPE_CHECKING

import click

from cubiseg import settings
from cubiseg.cli import options
from cubiseg.cli.console import Command, plain

if TYPE_CHECKING:
    from cubiseg.answers.requests import Response

KINDS = ("refused", "malformed", "failed")
"""Outcomes that are no usable answer."""

LOST = "unanswered"
"""Word for what may have been billed, and never got an answer."""


@click.command(cls=Command, short_help="Requests without a usable answer, and why.")
@options.as_json
@options.common
def failures(as_json: bool) -> None:
    """List what was refused, answered in no usable form, or given up after all attempts; and what never got an answer
    but may have been billed, so that it counts towards the cap.

    \b
    Example:  cubiseg annotate failures
    """
    from cubiseg.answers.purse import losses_in
    from cubiseg.answers.store import ResponseStore

    store = ResponseStore(settings.RESPONSES.read())
    found = [r for r in store.records() if r.response.outcome in KINDS]
    rows: list[dict[str, str | float]] = [
        {"sample": r.sample, "outcome": str(r.response.outcome), "key": r.key, "said": said_by(r.response)[:300]}
        for r in sorted(found, key=lambda r: (r.response.outcome, r.sample, r.key))
    ]
    losses = losses_in(store.root)
    rows += [
        {"sample": loss.sample, "outcome": LOST, "key": loss.key, "said": loss.reason, "usd": loss.usd, "at": loss.at}
        for loss in losses
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        cost = f"${row['usd']:.4f}  " if "usd" in row else ""
        said = " ".join(str(row["said"]).split())[:100]
        click.echo(plain(f"{row['outcome']:10}  {row['sample'] or '-':24}  {str(row['key'])[:12]}  {cost}{said}"))
    click.echo(f"{len(found)} requests without a usable answer in {plain(store.root)}", err=True)
    if losses:
        click.echo(
            f"{len(losses)} more never got an answer and may have been billed: they count as "
            f"${sum(loss.usd for loss in losses):.4f}; where the bill lacks them: `cubiseg annotate settle --unbilled`",
            err=True,
        )


def said_by(response: "Response") -> str:
    """What a response says; where it says nothing, why."""
    cut = "; it was cut off: raise annotate.openai.max_output_tokens" if response.finish == "length" else ""
    if response.text.strip():
        return " ".join(response.text.split())[: 100 - len(cut)] + cut if cut else response.text
    thought = '"reasoning' in (response.raw or "")
    ended = f" (it ends by {response.finish!r})" if response.finish else ""
    if thought:
        return f"the model thought and gave no answer{ended}; raise max_output_tokens or lower reasoning_effort"
    return f"an empty answer{ended}"

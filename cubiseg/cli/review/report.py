"""``cubiseg review report``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cubiseg.cli import options
from cubiseg.cli.console import Command, plain, print_table, warn
from cubiseg.cli.review import folders

if TYPE_CHECKING:
    from cubiseg.review.report import ReviewMetrics


@click.command(cls=Command, short_help="What people said of the label maps, in figures.")
@folders.of_stages
@click.option("--drawn", type=options.PATH, metavar="FILE", help="Drawn samples, where not spot-check.jsonl there.")
@click.option("--write", is_flag=True, help="Write metrics/review.json.")
@options.as_json
@options.common
def report(
    prepared: Path, annotated: Path, corrections: Path, params: Path, drawn: Path | None, write: bool, as_json: bool
) -> None:
    """Tell how many label maps people accept, how far the others are off, and what looking took.

    Only samples that `cubiseg review sample` drew count for the share; without a list, all that were reviewed do.
    Label maps are made anew with the present params, and compared with what people say is right. A verdict on a label
    map that has changed since counts no more.

    \b
    Example:  cubiseg review report --write && git add metrics/review.json
    """
    from cubiseg.cleaning.params import CleanParams
    from cubiseg.metrics import write_metrics
    from cubiseg.params import read_block
    from cubiseg.review.report import report as measure
    from cubiseg.review.reviewed import Folders

    block = read_block(params, "clean", CleanParams)
    figures = measure(block, Folders(prepared, annotated, corrections), drawn)
    if write:
        write_metrics(Path("metrics/review.json"), figures)
    if as_json:
        click.echo(json.dumps(figures.as_json(), indent=2, ensure_ascii=False))
        return
    _show(figures)
    if block.required_accuracy is not None:
        _show_requirement(figures, block.required_accuracy)


def _show(figures: "ReviewMetrics") -> None:
    check = figures.spot_check
    if check.share is not None and check.interval is not None:
        low, high = check.interval
        click.echo(
            f"{check.accepted} of {check.reviewed} label maps accepted: {check.share:.3f} "
            f"(95 % interval {low:.3f} to {high:.3f})"
        )
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in figures.verdicts.items())
    left = f"; {check.drawn - check.reviewed - check.unsure} of {check.drawn} drawn are left" if check.drawn else ""
    click.echo(f"verdicts: {verdicts or 'none on present label maps'}{left}")
    if not check.drawn:
        warn("no samples were drawn at random, so the share says nothing of the rest; run `cubiseg review sample`")
    if check.stale:
        warn(f"{check.stale} samples were judged by label maps that have changed since; review them again")
    if figures.strata:
        print_table(("stratum", "reviewed", "accepted"), [(s, *n) for s, n in figures.strata.items()])
    if figures.labels is not None:
        _show_scores(figures)
    effort = figures.effort
    for what, spread in (("seconds", effort.seconds), ("actions", effort.actions)):
        if spread.median is not None:
            middle = f"{spread.median:g} {what} (the middle half: {spread.lower:g} to {spread.upper:g})"
            click.echo(f"a portrait took {middle}, over {spread.reviews} reviews")
    if effort.by_tool:
        click.echo("actions by tool: " + ", ".join(f"{tool} {count}" for tool, count in effort.by_tool.items()))
    for pair in figures.agreement:
        kappa = "-" if pair.kappa is None else f"{pair.kappa:.2f}"
        iou = "-" if pair.mean_iou is None else f"{pair.mean_iou:.3f}"
        names = plain(" and ".join(pair.reviewers))
        click.echo(f"{names}: {pair.shared} shared, {pair.same:.0%} alike, kappa {kappa}, mean IoU {iou}")


def _show_scores(figures: "ReviewMetrics") -> None:
    columns = [("all reviewed", figures.labels), ("corrected", figures.corrected)]
    shown = [(name, s) for name, s in columns if s is not None]
    rows = []
    for name in shown[0][1].iou:
        values = [s.iou[name] for _, s in shown]
        if any(v is not None for v in values):
            rows.append((name, *("-" if v is None else f"{v:.3f}" for v in values)))
    means = []
    for _, s in shown:
        low, high = s.intervals["mean_iou"]
        interval = "" if low is None or high is None else f" [{low:.3f}, {high:.3f}]"
        means.append("-" if s.mean_iou is None else f"{s.mean_iou:.3f}{interval}")
    rows.append(("mean", *means))
    print_table(("IoU", *(f"{name} ({s.pictures})" for name, s in shown)), rows)


def _show_requirement(figures: "ReviewMetrics", required: float) -> None:
    from cubiseg.cleaning.spot_checks import reviews_needed

    more = reviews_needed(figures.spot_check.accepted, figures.spot_check.reviewed, required)
    if more == 0:
        click.echo(f"that is enough for clean.required_accuracy = {required:g}")
    elif more is None:
        warn(
            f"no number of reviews reaches clean.required_accuracy = {required:g} at this share; `cubiseg review tune`"
        )
    else:
        warn(f"clean.required_accuracy = {required:g} takes {more} more reviews that are as good")

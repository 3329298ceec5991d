"""``cubiseg evaluate``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cubiseg.cli import options
from cubiseg.cli.console import Command, print_table, progress
from cubiseg.errors import CubisegError

if TYPE_CHECKING:
    from cubiseg.evaluation.labelled_folder import FolderScores
    from cubiseg.imaging import Picture


@click.command(cls=Command, short_help="Score a model on a labelled folder.")
@click.option(
    "--data", type=options.PATH, required=True, metavar="DIR", help="Folder with images/, labels/ and class names."
)
@click.option("--mapping", type=options.PATH, metavar="FILE.yaml", help="The folder's class names in terms of ours.")
@click.option(
    "--vocabulary", type=click.Choice(["taxonomy", "coarse9", "legacy7"]), default="taxonomy", show_default=True,
    help="Classes to compare in.",
)  # fmt: skip
@options.as_json
@options.segmenting
def evaluate(
    data: Path,
    mapping: Path | None,
    vocabulary: str,
    as_json: bool,
    backend: str,
    fallback: tuple[str, ...],
    model: Path | None,
) -> None:
    """Score a model on a folder of pictures with label maps.

    \b
    Example:  cubiseg evaluate --data drawings --vocabulary coarse9
    """
    from cubiseg.evaluation.labelled_folder import read_mapping, score_folder
    from cubiseg.inference import open_segmenter

    if not data.is_dir():
        raise CubisegError(f"{data}: no such folder; check --data")
    segmenter = open_segmenter(backend, model, fallback)

    def segment(picture: "Picture") -> Any:
        return segmenter.segment(picture).label

    read = read_mapping(mapping) if mapping is not None else None
    scores = score_folder(data, segment, read, vocabulary, progress)
    if as_json:
        click.echo(json.dumps(scores.as_json(), indent=2))
    else:
        _print_scores(scores)


def _print_scores(scores: "FolderScores") -> None:
    """Figures by class, over characters and by character as tables, then the means."""
    summary = scores.summary
    by_class = {"iou": summary.iou, "f1": summary.f1, "boundary f class": summary.boundary_f_class}
    columns = [key.replace("_", " ") for key in scores.by_group]
    tables = [
        (list(by_class), {name: [column[name] for column in by_class.values()] for name in summary.iou}),
        (["by group"], {key: [value] for key, value in scores.by_group.items()}),
        (columns, {group: list(means.values()) for group, means in scores.per_group.items()}),
    ]
    for head, rows in tables:
        print_table(("", *head), ((name, *map(_figure, figures)) for name, figures in rows.items()))
    click.echo(f"vocabulary: {scores.vocabulary}")
    for key, value in summary:
        if not isinstance(value, dict):
            low, high = summary.intervals.get(key, (None, None))
            interval = f"  (95 %: {_figure(low)} to {_figure(high)})" if key in summary.intervals else ""
            click.echo(f"{key.replace('_', ' ')}: {_figure(value)}{interval}")


def _figure(value: float | int | None) -> str:
    return "-" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)

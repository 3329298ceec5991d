"""``cubiseg evaluate``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cubiseg.cli import options
from cubiseg.cli.console import Command, progress
from cubiseg.errors import CubisegError

if TYPE_CHECKING:
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
        click.echo(json.dumps(scores, indent=2))
    else:
        _print_scores(scores)


def _print_scores(scores: dict[str, Any]) -> None:
    """One table a set of rows: figures by class side by side, figures by character, then the means."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    intervals = scores.get("intervals", {})
    tables: dict[tuple[str, ...], dict[str, dict[str, Any]]] = {}  # rows -> column -> row -> figure
    for key, value in scores.items():
        if key == "intervals" or not isinstance(value, dict) or not value:
            continue
        if all(isinstance(v, dict) for v in value.values()):
            first = next(iter(value.values()))
            tables[tuple(value)] = {column: {row: value[row].get(column) for row in value} for column in first}
        else:
            tables.setdefault(tuple(value), {})[key] = value
    for rows, columns in tables.items():
        table = Table("", *(column.replace("_", " ") for column in columns))
        for row in rows:
            table.add_row(row, *(_figure(figures.get(row)) for figures in columns.values()))
        console.print(table)
    for key, value in scores.items():
        if not isinstance(value, dict | list):
            interval = (
                f"  (95 %: {_figure(intervals[key][0])} to {_figure(intervals[key][1])})" if key in intervals else ""
            )
            console.print(f"{key.replace('_', ' ')}: {_figure(value)}{interval}", highlight=False)


def _figure(value: Any) -> str:
    return "-" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)

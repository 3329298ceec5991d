"""``cubiseg evaluate --layers``: complete layers against the truth."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cubiseg.cli.console import print_table, progress, warn
from cubiseg.errors import CubisegError

if TYPE_CHECKING:
    from cubiseg.completion.folders import Layers
    from cubiseg.completion.measures import CompletionScores
    from cubiseg.completion.truth import CompletePicture, DrawableNames


def evaluate_layers(
    data: Path, layers: Path, mapping: Path | None, others: Mapping[str, Any] | None, as_json: bool
) -> None:
    """Score a folder of complete layers and print what comes out.

    Args:
        data: pictures whose layers are the truth.
        layers: folders of the same names, as `cubiseg layers` writes them or as ``data`` has them.
        mapping: what ``data`` calls its layers.
        others: scores to compare with.
        as_json: whether JSON is printed.
    """
    from cubiseg.completion.folders import compared, score_folder
    from cubiseg.completion.truth import DrawableNames, pictures_in, read_complete, read_names

    if not layers.is_dir():
        raise CubisegError(f"{layers}: no such folder; check --layers")
    names = read_names(mapping) if mapping is not None else DrawableNames()
    paths = pictures_in(data)
    pictures = (read_complete(path, names) for path in progress(paths, len(paths)))
    scores, left_out = score_folder(pictures, lambda picture: _layers_of(picture, layers, names))
    if left_out:
        warn(f"{layers}: has no layers of {left_out} of {len(paths)} pictures, which were left out")
    over = compared(scores, others) if others is not None else None
    if as_json:
        told = {} if over is None else {"over": {key: value.as_json() for key, value in over.items()}}
        click.echo(json.dumps(scores.as_json() | told, indent=2))
        return
    _print(scores)
    if over is not None:
        rows = ((key, *map(_cell, (d.mean, *d.interval, d.better_in))) for key, d in over.items())
        print_table(("over the other", "mean", "95 % from", "to", "higher in"), rows)


def _layers_of(picture: "CompletePicture", folder: Path, names: "DrawableNames") -> "Layers | None":
    """Layers of a picture: ``<name>/``, or below it what `cubiseg layers image.png` calls the folder."""
    from cubiseg.completion.truth import META, PICTURE, Piece, read_complete
    from cubiseg.layers.manifest import MANIFEST_FILE
    from cubiseg.layers.written import read_written

    own = folder / picture.name
    for place in (own, own / Path(PICTURE).stem):
        if (place / MANIFEST_FILE).is_file():
            size, written = read_written(place)
            found: Layers = [(one.names, Piece(one.names[0], one.box, one.rgba)) for one in written]
            break
    else:
        if (own / META).is_file():
            other = read_complete(own, names)
        elif (file := own.with_name(f"{own.name}.ora")).is_file():
            other = read_complete(file, names)
        else:
            return None
        size, found = other.label.shape[:2], [((piece.name,), piece) for piece in other.pieces]
    if size != picture.label.shape[:2]:
        raise CubisegError(f"{own}: is {size[1]}x{size[0]}, the picture is not; cut the picture of --data")
    return found


def _print(scores: "CompletionScores") -> None:
    head = list(next(iter(scores.by_character.values())))
    for rows in (scores.parts, scores.by_character):
        print_table(("", *head), ((name, *(_cell(row.get(key)) for key in head)) for name, row in rows.items()))
    for key, value in scores.figures.items():
        low, high = scores.intervals[key]
        click.echo(f"{key.replace('_', ' ')}: {_cell(value)}  (95 %: {_cell(low)} to {_cell(high)})")
    click.echo(f"iris iou: {_cell(scores.iris_iou)}")
    for move, share in scores.holes.items():
        click.echo(f"holes at {float(move):.0%}: {_cell(share)}  (true layers would cover {_cell(scores.torn[move])})")


def _cell(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"

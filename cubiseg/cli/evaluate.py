"""``cubiseg evaluate``."""

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from cubiseg.cli import options
from cubiseg.cli.console import Command, print_table, progress
from cubiseg.errors import CubisegError

if TYPE_CHECKING:
    from cubiseg.evaluation.labelled_folder import FolderCalibration, FolderDifferences, FolderScores
    from cubiseg.evaluation.parts import PartsByCharacter, PartSummary
    from cubiseg.scores import Summary


@click.command(cls=Command, short_help="Score a model on a labelled folder.")
@click.option(
    "--data",
    type=options.PATH,
    required=True,
    metavar="DIR",
    help="Folder with images/, labels/ and class names; with --layers, of pictures whose layers are complete.",
)
@click.option("--mapping", type=options.PATH, metavar="FILE.yaml", help="The folder's class names in terms of ours.")
@click.option(
    "--vocabulary", type=click.Choice(["taxonomy", "coarse9", "legacy7"]), default="taxonomy", show_default=True,
    help="Classes to compare in. Parts are compared besides, where the folder and the model tell them.",
)  # fmt: skip
@click.option(
    "--against", type=options.PATH, metavar="FILE.json",
    help="Scores of another model on the same folder, as --json prints them: tells the differences by character.",
)  # fmt: skip
@click.option(
    "--layers", type=options.PATH, metavar="DIR",
    help="Score complete layers in place of a model: a folder of what `layers` wrote, named as in --data, whose layers"
    " are the truth.",
)  # fmt: skip
@options.as_json
@options.segmenting
def evaluate(
    data: Path,
    mapping: Path | None,
    vocabulary: str,
    against: Path | None,
    layers: Path | None,
    as_json: bool,
    backend: str,
    fallback: tuple[str, ...],
    segments: int,
    sam_hq: str | None,
    model: Path | None,
    look: Literal["once", "twice", "flipped"],
    all_characters: bool,
) -> None:
    """Score a model on a folder of pictures with label maps of classes, of parts, or of both.

    With --layers, nothing is segmented: what others painted beneath each part is measured against pictures whose
    layers are complete (--data DIR: <character>/<picture>/ with image.png, meta.json and layers/, or <picture>.ora as
    `python -m cubiseg.portraits layers --parts` writes it): hidden area, alpha, colour, edges, and holes that movement
    opens.

    \b
    Example:  cubiseg evaluate --data drawings --vocabulary coarse9
              cubiseg evaluate --data complete --layers out
    """
    from cubiseg.evaluation.labelled_folder import compare, read_mapping, score_folder
    from cubiseg.inference import open_segmenter

    if not data.is_dir():
        raise CubisegError(f"{data}: no such folder; check --data")
    others = _read_scores(against) if against is not None else None
    if layers is not None:
        from cubiseg.cli.layer_scores import evaluate_layers

        _refuse_more_than({"data", "mapping", "against", "layers", "as_json"})

        evaluate_layers(data, layers, mapping, others, as_json)
        return
    chain = options.fallbacks(fallback)[0] if fallback else None  # scores are of the model, whatever a picture shows
    segmenter = open_segmenter(
        *(backend, model, chain), look=look, all_characters=all_characters, segments=segments, sam_hq=sam_hq
    )
    read = read_mapping(mapping) if mapping is not None else None
    scores = score_folder(data, segmenter.segment, read, vocabulary, progress)
    try:
        differences = compare(scores, others) if others is not None else None
    except CubisegError as error:
        raise CubisegError(f"{against}: {error}") from error
    if as_json:
        over = {} if differences is None else {"over": differences.as_json()}
        click.echo(json.dumps(scores.as_json() | over, indent=2))
        return
    _print_scores(scores)
    if differences is not None:
        _print_differences(differences)


def _refuse_more_than(used: Collection[str]) -> None:
    """With ``--layers`` nothing is segmented: say so of options that choose how.

    Raises:
        click.UsageError: another option was given.
    """
    context = click.get_current_context()
    for option in context.command.params:
        name = option.name or ""
        if name not in used and context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{option.opts[0]}: with --layers nothing is segmented; leave it out")


def _read_scores(path: Path) -> dict[str, Any]:
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CubisegError(f"{path}: cannot be read; make it with `cubiseg evaluate --json > FILE`") from error
    if not isinstance(read, dict):
        raise CubisegError(f"{path}: holds no scores; make it with `cubiseg evaluate --json > FILE`")
    return read


def _print_scores(scores: "FolderScores") -> None:
    """Figures by class, over characters and by character as tables, then the means; then the same of parts."""
    summary = scores.summary
    by_class = {"iou": summary.iou, "f1": summary.f1, "boundary f class": summary.boundary_f_class}
    columns = [key.replace("_", " ") for key in scores.by_group]
    tables = [
        (list(by_class), {name: [column[name] for column in by_class.values()] for name in summary.iou}),
        (["by group"], {key: [value] for key, value in scores.by_group.items()}),
        (columns, {group: list(means.values()) for group, means in scores.per_group.items()}),
    ]
    for head, rows in tables:
        _print_table(head, rows)
    click.echo(f"vocabulary: {scores.vocabulary}")
    _print_means(summary)
    if scores.calibration is not None:
        _print_calibration(scores.calibration)
    if scores.parts is not None and scores.parts_by_character is not None:
        _print_parts(scores.parts, scores.parts_by_character)


def _print_calibration(calibration: "FolderCalibration") -> None:
    """Calibration errors by class, then over all pixels with mean confidence and the share that is right."""
    _print_table(["calibration error"], {name: [error] for name, error in calibration.classes.items()})
    click.echo(
        f"expected calibration error: {calibration.ece:.4f}  (mean confidence {calibration.confidence:.3f},"
        f" right {calibration.accuracy:.3f})"
    )


def _print_differences(differences: "FolderDifferences") -> None:
    for level in (differences.classes, differences.parts):
        rows = {key: [d.mean, *d.interval, d.better_in] for key, d in level.items() if d.mean is not None}
        if rows:
            _print_table(["over the other", "95 % from", "to", "better in"], rows)


def _print_parts(summary: "PartSummary", characters: "PartsByCharacter") -> None:
    """What the truth names of: parts, their kinds and means by character, called hair, and sides; then the means."""
    parts = {name: [summary.iou[name], f1] for name, f1 in summary.f1.items() if f1 is not None}
    _print_table(["iou", "f1"], parts)
    by_group = {
        key: [figure, *characters.intervals[key]] for key, figure in characters.by_group.items() if figure is not None
    }
    _print_table(["by group", "95 % from", "to"], by_group)
    hair = {name: list(row.values()) for name, row in summary.hair.items() if None not in row.values()}
    if hair:
        _print_table([f"called {name}" for name in next(iter(summary.hair.values()))], hair)
    sides = {name: [share] for name, share in summary.left_right.items() if share is not None}
    _print_table(["wrong side"], sides)
    click.echo("parts")
    _print_means(summary)


def _print_table(head: Sequence[str], rows: Mapping[str, Sequence[float | int | None]]) -> None:
    print_table(("", *head), ((name, *map(_figure, figures)) for name, figures in rows.items()))


def _print_means(summary: "Summary | PartSummary") -> None:
    for key, value in summary:
        if not isinstance(value, dict):
            low, high = summary.intervals.get(key, (None, None))
            interval = f"  (95 %: {_figure(low)} to {_figure(high)})" if key in summary.intervals else ""
            click.echo(f"{key.replace('_', ' ')}: {_figure(value)}{interval}")


def _figure(value: float | int | None) -> str:
    return "-" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)

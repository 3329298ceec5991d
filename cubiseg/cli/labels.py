"""``cubiseg labels``: ``export`` and ``import``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from cubiseg.cli import options, pictures
from cubiseg.cli.console import Command, Group, complain, finish, plain, progress, warn
from cubiseg.errors import CubisegError

if TYPE_CHECKING:
    from cubiseg.labels.exchange import Tally

_FORMATS = ("labelme", "coco", "coco-uncompressed", "cvat", "cvat-xml", "label-studio", "png")
"""As ``cubiseg.labels.formats.FORMATS`` has them, which is imported late; a test keeps both equal."""

_format = click.option(
    "--format",
    "format_name",
    type=click.Choice(_FORMATS),
    required=True,
    help="What reads or wrote the labels: cvat is its ZIP of masks, cvat-xml its XML of images.",
)
_name = click.option(
    "--name",
    "names",
    multiple=True,
    metavar="THEIRS=OURS",
    help="What a name means that is not ours: a class, a part, ignore or skip. May be repeated.",
)


@click.group(cls=Group, short_help="Exchange label maps with LabelMe, COCO, CVAT, Label Studio.")
def labels() -> None:
    """Exchange label maps with the tools that people label with: LabelMe, COCO, CVAT, Label Studio, plain PNG.

    Export writes a folder to open in the tool, import reads back what the tool saved. Label maps come back exactly, of
    classes and of parts. docs/labels.md says what each tool wants.

    \b
    Example:  cubiseg labels export datasets/anime_segmentation/v1 -o to-labelme --format labelme
              cubiseg labels import to-labelme -o mended --format labelme
    """


@labels.command("export", cls=Command, short_help="Label maps to a tool's files.")
@click.argument("folder", type=options.PATH, metavar="DIR")
@options.out
@_format
@click.option(
    "--level",
    type=click.Choice(["class", "part"]),
    default="part",
    show_default=True,
    help="Classes alone, or parts too where the label maps tell them.",
)
@click.option("--images", type=options.PATH, metavar="DIR", help="Where the pictures of DIR's manifest are.")
@click.option("--pictures/--no-pictures", "with_pictures", default=True, help="Copy the pictures too (the default).")
@_name
@options.as_json
@options.common
def export(
    folder: Path,
    out: Path,
    format_name: str,
    level: Literal["class", "part"],
    images: Path | None,
    with_pictures: bool,
    names: tuple[str, ...],
    as_json: bool,
) -> None:
    """Write the label maps of a folder, with their pictures, in the form of a labelling tool.

    DIR has images/ and labels/ with the same names, or folders with image.png and label.png, or a manifest
    (samples.jsonl). A classes.json or classes.txt in it says what its numbers mean, if they are not ours. The -o folder
    is made; nothing is replaced. A class or part becomes one mask, 255 one that is called "ignore".

    \b
    Example:  cubiseg labels export datasets/anime_segmentation/v1 -o to-cvat --format cvat
              cubiseg labels export data/clean --images data/prepared -o to-coco --format coco --level class
    """
    from cubiseg.labels.exchange import export_labels, names_meant
    from cubiseg.labels.formats import FORMATS

    pictures.check_out(out)
    tally = export_labels(
        folder,
        out,
        format_name,
        images=images,
        by_class=level == "class",
        with_pictures=with_pictures,
        translation=names_meant(names),
        progress=progress,
    )
    _report(tally, out, as_json, f"next: {FORMATS[format_name].next_step.format(out=out)}")


@labels.command("import", cls=Command, short_help="A tool's files to label maps.")
@click.argument("source", type=options.PATH, metavar="FILE|DIR")
@options.out
@_format
@click.option(
    "--images",
    type=options.PATH,
    metavar="DIR",
    help="Where the pictures are: images/ in or beside the source where nothing is said, else the source's folder.",
)
@click.option("--by-name", is_flag=True, help="Find pictures by file name alone, whatever folder the tool says.")
@_name
@click.option(
    "--overlap",
    type=click.Choice(["later", "stack"]),
    default="later",
    show_default=True,
    help="Which of overlapping shapes counts: the later one (the upper one, where the tool says), or the upper layer.",
)
@click.option(
    "--uncovered",
    type=click.Choice(["background", "ignore"]),
    default="background",
    show_default=True,
    help="What pixels are that no shape covers.",
)
@click.option(
    "--method",
    type=click.Choice(["human", "given", "model", "llm"]),
    default="human",
    show_default=True,
    help="Who made the labels, for the manifest.",
)
@options.as_json
@options.common
def import_(
    source: Path,
    out: Path,
    format_name: str,
    images: Path | None,
    by_name: bool,
    names: tuple[str, ...],
    overlap: Literal["later", "stack"],
    uncovered: Literal["background", "ignore"],
    method: str,
    as_json: bool,
) -> None:
    """Write a labelled folder (images/, labels/, samples.jsonl) from what a labelling tool saved.

    Shapes are read by their names: those of our classes and parts, and "ignore" for 255; --name says what others mean.
    Masks are exact; of a polygon those pixels count whose middle lies inside. Pictures are copied as they are, and the
    -o folder is made; nothing is replaced.

    \b
    Example:  cubiseg labels import to-labelme -o mended --format labelme
              cubiseg labels import export.zip --images to-cvat -o mended --format cvat
              cubiseg labels import coco.json --images art -o mended --format coco --name Bangs=hair_front
    """
    from cubiseg.labels.exchange import import_labels, names_meant
    from cubiseg.labels.names import IGNORE
    from cubiseg.labels.shapes import Rules
    from cubiseg.samples import LabelMethod
    from cubiseg.taxonomy import IGNORE_INDEX

    pictures.check_out(out)
    rules = Rules(names_meant(names), overlap == "stack", IGNORE_INDEX if uncovered == IGNORE else 0)
    tally = import_labels(
        source,
        out,
        format_name,
        images=images,
        by_name=by_name,
        rules=rules,
        method=LabelMethod(method),
        progress=progress,
    )
    _report(tally, out, as_json, f"check: cubiseg evaluate --data {out}")


def _report(tally: "Tally", out: Path, as_json: bool, next_step: str) -> None:
    """Warnings, what failed, and what to do next; ends the command where something failed."""
    for warning in tally.warnings:
        warn(warning)
    for where, error in tally.failed:
        complain(_named(where, error))
    if as_json:
        failed = [{"where": where, "error": str(error)} for where, error in tally.failed]
        facts = {"out": str(out), "done": tally.done, "unlabelled": tally.unlabelled, "failed": failed}
        click.echo(json.dumps({**facts, "warnings": tally.warnings}, indent=2))
    else:
        without = f", {tally.unlabelled} without labels" if tally.unlabelled else ""
        click.echo(plain(f"{tally.done} picture{'s' * (tally.done != 1)} -> {out}{without}"))
        click.echo(plain(next_step))
    finish(tally.done, len(tally.failed))


def _named(where: str, error: Exception) -> Exception:
    """The error with its file's name: what a codec says of hostile or odd content names none."""
    if not isinstance(error, ValueError):
        return pictures.named(Path(where), error)
    told = CubisegError(f"{where}: {error}")
    told.__cause__ = error
    return told

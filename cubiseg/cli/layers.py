"""``cubiseg layers``."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import click

from cubiseg.cli import options, pictures
from cubiseg.cli.console import Command, complain, finish, plain, print_table, warn
from cubiseg.errors import CubisegError

if TYPE_CHECKING:
    from cubiseg.integration import IllustrationResult, Job
    from cubiseg.layers import Manifest


def _of_taxonomy(_context: click.Context, _option: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
    if names:
        from cubiseg.taxonomy import PART_ID

        for name in names:
            if name not in PART_ID:
                raise click.BadParameter(f"{name!r} is no part or class; known are {', '.join(PART_ID)}")
    return names


@click.command(cls=Command, short_help="Cut pictures into layers: PNGs, a PSD, previews.")
@options.images
@options.out
@click.option(
    "--profile", type=click.Choice(["cubiai", "cubism", "see-through", "flat"]), default="cubiai", show_default=True,
    help="How layers are named and grouped: for CubiAI, for Live2D Cubism (groups, and a second PSD to paint on), as"
    " See-through does, or plainly.",
)  # fmt: skip
@options.level("Layers")
@click.option(
    "--split",
    multiple=True,
    metavar="PART",
    callback=_of_taxonomy,
    help="Make each connected piece of a part or class a layer (hair_front, clothes, …); may be repeated.",
)
@click.option("--hard-edges", is_flag=True, help="Hard masks instead of soft, decontaminated edges.")
@click.option("--full-canvas", is_flag=True, help="PNGs of the picture's size instead of placed crops.")
@click.option(
    "--background",
    type=click.Choice(["keep", "hide", "drop"]),
    help="The layer behind the figure: keep it, hide it in the PSD, or leave it out. [default: hide with the profiles"
    " cubism and see-through, else keep]",
)
@click.option(
    "--label",
    type=options.PATH,
    metavar="PNG",
    help="Cut one picture by this label map, as `studio` writes it; no model.",
)
@click.option(
    "--fill",
    type=click.Choice(["learnt", "smooth", "none", "lama"]),
    help="What paints the hidden parts of a layer: the completion model (learnt), its own colours smoothly extended,"
    " nothing, or LaMa within the model's shapes. [default: learnt where the model's file is there, else smooth]",
)
@click.option(
    "--fill-model",
    type=options.PATH,
    metavar="FILE",
    help="Completion model for learnt, or an ONNX export of LaMa for lama.",
)
@click.option("--invented", is_flag=True, help="Write a mask of each layer's painted pixels, png/NAME.invented.png.")
@click.option("--overwrite", is_flag=True, help="Replace former results in which files were changed, too.")
@click.option("--watch", is_flag=True, help="Go on: cut each picture that is saved into the folder, until Ctrl-C.")
@options.as_json
@options.segmenting
def layers(
    images: tuple[Path, ...],
    out: Path,
    profile: str,
    level: Literal["class", "part"],
    split: tuple[str, ...],
    hard_edges: bool,
    full_canvas: bool,
    background: Literal["keep", "hide", "drop"] | None,
    label: Path | None,
    fill: Literal["learnt", "smooth", "none", "lama"] | None,
    fill_model: Path | None,
    invented: bool,
    overwrite: bool,
    watch: bool,
    as_json: bool,
    backend: str,
    fallback: tuple[str, ...],
    segments: int,
    sam_hq: str | None,
    model: Path | None,
    look: Literal["once", "twice", "flipped"],
    all_characters: bool,
) -> None:
    """Cut pictures into named layers that stack to exactly the same picture.

    Writes DIR/<name>/ with layers.psd, png/ (crops, placed by manifest.json), preview.html, preview.png and
    manifest.json. A folder of pictures is done on all cores; one bad picture does not stop the rest. Run again, it
    replaces what it wrote itself; files that were changed or added since are named and kept.

    \b
    Example:  cubiseg layers art.png -o out
              then open out/art/layers.psd in Live2D Cubism, out/art/preview.html in a browser
              cubiseg layers --watch drawings -o out     each picture that is saved into the folder
    """
    from pydantic import ValidationError

    from cubiseg.inference import SegmentationParams
    from cubiseg.integration import Job, cut_all
    from cubiseg.layers import LayerParams
    from cubiseg.layers.fill_files import choose

    params = LayerParams(
        profile=profile,
        level=level,
        soft_edges=not hard_edges,
        split=split,
        full_canvas=full_canvas,
        background=background,
        fill=fill,
        invented=invented,
    )
    chain, must_run = options.fallbacks(fallback)
    try:
        segmentation = SegmentationParams(
            backend=backend, fallback=chain, segments=segments, look=look, all_characters=all_characters
        )
    except ValidationError as error:
        raise CubisegError(error.errors()[0]["msg"].removeprefix("Value error, ")) from error
    files = choose(fill, fill_model)
    pictures.check_out(out)
    job = Job(out, params, segmentation, model, sam_hq, must_run, overwrite, files, label)
    if watch:
        _watch(job, images, as_json)
    names, failed = pictures.find(images)
    if label is not None and len(names) + failed != 1:
        raise CubisegError(f"{label}: is the label map of one picture, {len(names)} are given; name that one")
    done = []
    for result in cut_all(job, names) if names else ():
        if result.manifest is None:
            complain(CubisegError(result.error), result.details)
            failed += 1
            continue
        for warning in result.manifest.warnings:
            warn(f"{result.image}: {warning}")
        done.append((result, result.manifest))
    if files.note and done:
        warn(files.note)
    if as_json:
        click.echo(json.dumps([_as_json(*one) for one in done], indent=2))
    elif len(done) == 1 and failed == 0:
        click.echo(_line(*done[0]))
    elif done:
        _print_table(done)
    finish(len(done), failed)


def _watch(job: "Job", images: Sequence[Path], as_json: bool) -> NoReturn:
    """Cut what is saved into a folder, and say so of each picture as it is done; Ctrl-C ends it."""
    from cubiseg.integration import cut_saved

    if job.label is not None:
        raise CubisegError(f"{job.label}: is the label map of one picture; leave out --label or --watch")
    if len(images) != 1:
        raise CubisegError(f"--watch looks at one folder, {len(images)} are given; start it once for each")
    (folder,) = images
    results = cut_saved(job, folder, complain, pictures.is_former_result)
    click.echo(plain(f"{folder}: pictures saved into it are cut into {job.out}; Ctrl-C ends it"), err=True)
    note = job.files.note if job.files else ""
    for result in results:
        if result.manifest is None:
            complain(CubisegError(result.error), result.details)
            continue
        for warning in result.manifest.warnings:
            warn(f"{result.image}: {warning}")
        click.echo(json.dumps(_as_json(result, result.manifest)) if as_json else _line(result, result.manifest))
        if note:
            warn(note)
            note = ""
    raise AssertionError("it goes on until it is stopped")


def _as_json(result: "IllustrationResult", manifest: "Manifest") -> dict[str, Any]:
    return {"image": str(result.image), "folder": str(result.folder), **manifest.as_json()}


def _line(result: "IllustrationResult", manifest: "Manifest") -> str:
    return plain(f"{result.image} -> {result.folder}  {len(manifest.layers)} layers")


def _print_table(done: "Sequence[tuple[IllustrationResult, Manifest]]") -> None:
    """One row a picture."""
    rows = []
    for result, manifest in done:
        mean = "-" if result.confidence is None else f"{result.confidence:.2f}"
        counts = (len(manifest.layers), f"{manifest.coverage:.0%}", mean, len(manifest.warnings) or "")
        rows.append((result.image, result.folder, *counts))
    print_table(("picture", "folder", "layers", "covered", "confidence", "warnings"), rows)

"""``cubiseg predict``."""

import hashlib
import json
import os
import traceback
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from cubiseg.cli import options, pictures
from cubiseg.cli.console import Command, complain, finish, plain, warn
from cubiseg.errors import CubisegError, DiskError

if TYPE_CHECKING:
    from cubiseg.inference import Segmenter

_LONGEST_NAME = 255
"""Bytes of a file's name that nearly every file system takes."""

_BYTES_A_PIXEL = 64
"""Bytes that labelling a picture takes at most for each of its pixels; as much as cutting it, which labels it first."""


@click.command(cls=Command, short_help="Label every pixel: DIR/<name>.png and .json.")
@options.images
@options.out
@options.level("Label maps")
@click.option("--overwrite", is_flag=True, help="Replace files that are no former results, or were changed, too.")
@options.as_json
@options.segmenting
def predict(
    images: tuple[Path, ...],
    out: Path,
    level: Literal["class", "part"],
    overwrite: bool,
    as_json: bool,
    backend: str,
    fallback: tuple[str, ...],
    segments: int,
    sam_hq: str | None,
    model: Path | None,
    look: Literal["once", "twice", "flipped"],
    all_characters: bool,
) -> None:
    """Label every pixel of pictures.

    IMAGE is a PNG, JPEG or WebP of 64 to 8192 pixels a side, or a folder of them. Writes DIR/<name>.png, an indexed
    label map, and DIR/<name>.json with what its ids mean, confidence and warnings. Run again, it replaces what it wrote
    itself; a label map that was painted on since is named and kept.

    \b
    Example:  cubiseg predict art.png sketches/ -o labels
    """
    from cubiseg.inference.kept import give_up, new_key
    from cubiseg.workers import each

    pictures.check_out(out)
    names, failed = pictures.find(images)
    chain, must_run = options.fallbacks(fallback)
    job = _Job(
        out, level, overwrite, backend, model, chain, look, all_characters, segments, sam_hq, must_run, new_key()
    )
    if names:
        job.segmenter()  # a missing model is an error of the call, not of each picture
    done = []
    try:
        for result in each(partial(_label, job), list(names.items()), "pictures", memory=_memory, fatal=_fatal):
            if result.facts is None:
                complain(result.error or CubisegError(f"{result.path}: failed"), result.details)
                failed += 1
                continue
            for warning in result.facts["warnings"]:
                warn(f"{result.path}: {warning}")
            done.append(result.facts)
            if not as_json:
                mean = result.facts["confidence"]["mean"]
                shown = "-" if mean is None else format(mean, ".2f")
                click.echo(plain(f"{result.facts['image']} -> {result.facts['label']}  confidence {shown}"))
    finally:
        give_up()
    if as_json:
        click.echo(json.dumps(done, indent=2))
    finish(len(done), failed)


@dataclass(frozen=True)
class _Job:
    """What is to be done with each picture."""

    out: Path
    level: Literal["class", "part"]
    overwrite: bool
    backend: str
    model: Path | None
    fallback: tuple[str, ...]
    look: Literal["once", "twice", "flipped"]
    all_characters: bool
    segments: int
    sam_hq: str | None
    must_run: bool
    key: str

    def segmenter(self) -> "Segmenter":
        """The one of this process."""
        from cubiseg.inference.kept import kept

        return kept(self.key, self._open)

    def _open(self) -> "Segmenter":
        from cubiseg.inference import open_segmenter

        return open_segmenter(
            *(self.backend, self.model, self.fallback),
            look=self.look,
            all_characters=self.all_characters,
            segments=self.segments,
            sam_hq=self.sam_hq,
            must_run=self.must_run,
        )


@dataclass(frozen=True)
class _Labelled:
    """What became of one picture: facts about its label map, or an error with its traceback."""

    path: Path
    facts: dict[str, Any] | None = None
    error: Exception | None = None
    details: str = ""


def _memory(item: tuple[Path, str]) -> int:
    from cubiseg.imaging import picture_memory

    return picture_memory(item[0], _BYTES_A_PIXEL)


def _fatal(item: tuple[Path, str], error: CubisegError) -> _Labelled:
    return _Labelled(item[0], error=error)


def _label(job: _Job, item: tuple[Path, str]) -> _Labelled:
    """Label one picture, here or in a worker; what fails must not take the other pictures with it."""
    path, name = item
    try:
        return _Labelled(path, _label_one(job, path, job.out / name))
    except DiskError:
        raise
    except Exception as error:
        told = pictures.named(path, error)
        return _Labelled(path, error=told, details="".join(traceback.format_exception(told)))


def _label_one(job: _Job, path: Path, target: Path) -> dict[str, Any]:
    """Write ``target.png`` and ``target.json`` of one picture; gives what the JSON holds and both paths."""
    import numpy as np

    from cubiseg.files import atomic_write, write_text
    from cubiseg.imaging import read_picture
    from cubiseg.label_maps import encode_label
    from cubiseg.layers.order import of_segments, palette_of
    from cubiseg.taxonomy import LEAF_IDS, NAMES, PART_NAME

    label_file, facts_file = (target.with_name(f"{target.name}{suffix}") for suffix in (".png", ".json"))
    if len(os.fsencode(facts_file.name)) > _LONGEST_NAME:
        raise CubisegError(
            f"{path}: its results' names would be over {_LONGEST_NAME} bytes; rename it, shorter by a few"
        )
    if _same(label_file, path):
        raise CubisegError(f"{path}: would be replaced by its own label map; choose another -o folder")
    pictures.check_targets(label_file, facts_file, job.overwrite)
    picture = read_picture(path)
    result = job.segmenter().segment(picture)
    if result.segments is not None:
        order = of_segments(int(result.segments.max()))
        told, names_by_id = "segment", dict(enumerate(order.names))
        content = encode_label(result.segments.astype(np.uint8), palette_of(order))
    else:
        told = "part" if job.level == "part" and result.parts is not None else "class"
        ids = range(len(NAMES)) if told == "class" else sorted(LEAF_IDS.tolist())
        names_by_id = {number: PART_NAME[number] for number in ids}
        content = encode_label(result.at_level(job.level))
    by_class = {name: _rounded(value) for name, value in result.class_confidence().items()}
    facts = {
        "classes": list(NAMES),
        "level": told,
        "names": {str(number): name for number, name in names_by_id.items()},
        "width": picture.size[1],
        "height": picture.size[0],
        "backend": result.backend,
        "architecture": result.architecture,
        "look": result.look,
        "heads": [head.as_json() for head in result.heads],
        "face": _rounded(result.face),
        "confidence": {"mean": _rounded(result.mean_confidence()), "classes": by_class},
        "predicted_mean_iou": _rounded(result.predicted_iou),
        "doubts": [doubt.as_json() for doubt in result.doubts],
        "warnings": list(result.warnings),
        "label_sha256": hashlib.sha256(content).hexdigest(),
    }
    # The facts first: a label map without them, after a kill or on a full disk, would count as somebody else's file.
    former = facts_file.read_text(encoding="utf-8") if facts_file.exists() else None
    write_text(facts_file, json.dumps(facts, indent=2) + "\n")
    try:
        with atomic_write(label_file) as file:
            file.write(content)
    except BaseException:
        if former is None:
            facts_file.unlink(missing_ok=True)
        else:
            write_text(facts_file, former)
        raise
    return {"image": str(path), "label": str(label_file), **facts}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False

"""``cubiseg predict``."""

import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from cubiseg.cli import options, pictures
from cubiseg.cli.console import Command, complain, finish, plain, progress, warn
from cubiseg.errors import CubisegError

if TYPE_CHECKING:
    from cubiseg.inference import Segmenter

_LONGEST_NAME = 255
"""Bytes of a file's name that nearly every file system takes."""


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
    from cubiseg.inference import open_segmenter

    pictures.check_out(out)
    names, failed = pictures.find(images)
    chain, must_run = options.fallbacks(fallback)
    segmenter = None
    if names:
        segmenter = open_segmenter(
            *(backend, model, chain),
            look=look,
            all_characters=all_characters,
            segments=segments,
            sam_hq=sam_hq,
            must_run=must_run,
        )
    results = []
    for path in progress(names, len(names)):
        assert segmenter is not None  # noqa: S101 - there are names
        try:
            facts = _label(segmenter, path, out / names[path], level, overwrite)
        except Exception as error:
            complain(pictures.named(path, error))
            failed += 1
            continue
        for warning in facts["warnings"]:
            warn(f"{path}: {warning}")
        results.append(facts)
        if not as_json:
            mean = facts["confidence"]["mean"]
            shown = "-" if mean is None else format(mean, ".2f")
            click.echo(plain(f"{facts['image']} -> {facts['label']}  confidence {shown}"))
    if as_json:
        click.echo(json.dumps(results, indent=2))
    finish(len(results), failed)


def _label(
    segmenter: "Segmenter", path: Path, target: Path, level: Literal["class", "part"], overwrite: bool
) -> dict[str, Any]:
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
    pictures.check_targets(label_file, facts_file, overwrite)
    picture = read_picture(path)
    result = segmenter.segment(picture)
    if result.segments is not None:
        order = of_segments(int(result.segments.max()))
        told, names_by_id = "segment", dict(enumerate(order.names))
        content = encode_label(result.segments.astype(np.uint8), palette_of(order))
    else:
        told = "part" if level == "part" and result.parts is not None else "class"
        ids = range(len(NAMES)) if told == "class" else sorted(LEAF_IDS.tolist())
        names_by_id = {number: PART_NAME[number] for number in ids}
        content = encode_label(result.at_level(level))
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

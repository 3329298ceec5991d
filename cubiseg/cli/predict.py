"""``cubiseg predict``."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
@options.as_json
@options.segmenting
def predict(
    images: tuple[Path, ...], out: Path, as_json: bool, backend: str, fallback: tuple[str, ...], model: Path | None
) -> None:
    """Label every pixel of pictures.

    IMAGE is a PNG, JPEG or WebP of 64 to 8192 pixels a side, or a folder of them. Writes DIR/<name>.png, an indexed
    label map, and DIR/<name>.json with classes, confidence and warnings.

    \b
    Example:  cubiseg predict art.png sketches/ -o labels
    """
    from cubiseg.inference import open_segmenter

    pictures.check_out(out)
    names, failed = pictures.find(images)
    segmenter = open_segmenter(backend, model, fallback) if names else None
    results = []
    for path in progress(names, len(names)):
        assert segmenter is not None  # noqa: S101 - there are names
        try:
            facts = _label(segmenter, path, out / names[path])
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


def _label(segmenter: "Segmenter", path: Path, target: Path) -> dict[str, Any]:
    """Write ``target.png`` and ``target.json`` of one picture; gives what the JSON holds and both paths."""
    from cubiseg.files import write_text
    from cubiseg.imaging import read_picture
    from cubiseg.label_maps import write_label
    from cubiseg.taxonomy import NAMES

    label_file, facts_file = (target.with_name(f"{target.name}{suffix}") for suffix in (".png", ".json"))
    if len(os.fsencode(facts_file.name)) > _LONGEST_NAME:
        raise CubisegError(
            f"{path}: its results' names would be over {_LONGEST_NAME} bytes; rename it, shorter by a few"
        )
    if label_file.exists() and (_same(label_file, path) or not pictures.is_former_result(label_file)):
        raise CubisegError(f"{path}: {label_file} is no former result and is not replaced; choose another -o folder")
    is_new = not facts_file.exists()
    if not is_new and pictures.read_facts(facts_file) is None:
        raise CubisegError(f"{path}: {facts_file} is no former result and is not replaced; choose another -o folder")
    picture = read_picture(path)
    result = segmenter.segment(picture)
    by_class = {name: _rounded(value) for name, value in result.class_confidence().items()}
    facts = {
        "classes": list(NAMES),
        "width": picture.size[1],
        "height": picture.size[0],
        "backend": result.backend,
        "architecture": result.architecture,
        "confidence": {"mean": _rounded(result.mean_confidence()), "classes": by_class},
        "warnings": list(result.warnings),
    }
    # The facts first: a label map without them, after a kill or on a full disk, would count as somebody else's file.
    write_text(facts_file, json.dumps(facts, indent=2) + "\n")
    try:
        write_label(label_file, result.label)
    except BaseException:
        if is_new:
            facts_file.unlink(missing_ok=True)
        raise
    return {"image": str(path), "label": str(label_file), **facts}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False

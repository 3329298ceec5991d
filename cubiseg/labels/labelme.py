"""LabelMe: one JSON beside each picture, with a shape of type ``mask`` a class or part.

A mask is a PNG in base64, the size of its box; both corners of the box belong to it (``x2 - x1 + 1`` pixels).
Source: ``labelme/_label_file.py`` and ``labelme/utils/shape.py`` of labelme 6.3.1.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from pydantic import BaseModel

from cubiseg.boxes import Box
from cubiseg.errors import CubisegError
from cubiseg.files import write_text
from cubiseg.labels.foreign import Foreign, Outgoing, Waiting, read_json
from cubiseg.labels.masks import decode_png, encode_png
from cubiseg.labels.names import NAME_OF
from cubiseg.labels.polygons import fill
from cubiseg.labels.shapes import Mask, Shape, box_within, masks_of

VERSION = "6.3.1"
"""Of LabelMe, whose form this is."""


class _Shape(BaseModel):
    label: str
    points: list[tuple[float, float]]
    shape_type: str = "polygon"
    mask: str | None = None


class _Record(BaseModel):
    imagePath: str
    imageHeight: int | None = None
    imageWidth: int | None = None
    shapes: list[_Shape]


def record(outgoing: Outgoing) -> dict[str, Any]:
    """What LabelMe's JSON of a label map holds; the picture lies beside it."""
    height, width = outgoing.label.shape
    return {
        "version": VERSION,
        "flags": {},
        "shapes": [_shape(*mask) for mask in masks_of(outgoing.label)],
        "imagePath": PurePosixPath(outgoing.picture).name,
        "imageData": None,
        "imageHeight": height,
        "imageWidth": width,
    }


def _shape(name: str, box: Box, mask: np.ndarray) -> dict[str, Any]:
    return {
        "label": name,
        "points": [[box.left, box.top], [box.right - 1, box.bottom - 1]],
        "group_id": None,
        "description": "",
        "shape_type": "mask",
        "flags": {},
        "mask": base64.b64encode(encode_png(mask.astype(np.uint8))).decode("ascii"),
    }


def write(folder: Path, labels: Iterable[Outgoing]) -> None:
    """Write ``images/**/<picture>.json`` and the list of names, ``labels.txt``."""
    for outgoing in labels:
        path = folder / "images" / PurePosixPath(outgoing.picture).with_suffix(".json")
        write_text(path, json.dumps(record(outgoing), ensure_ascii=False, indent=2) + "\n")
    write_text(folder / "labels.txt", "".join(f"{name}\n" for name in NAME_OF.values()))


def read(source: Path) -> Iterator[Waiting]:
    """The JSON files of a folder and of those below it, or one of them.

    Raises:
        CubisegError: there is none.
    """
    inside = sorted(source.rglob("*.json")) if source.is_dir() else [source]
    files = [p for p in inside if not any(part.startswith(".") for part in p.relative_to(source).parts)]
    if not files:
        raise CubisegError(f"{source}: holds no JSON of LabelMe; name the folder that it saves to")
    for path in files:
        yield Waiting(str(path), partial(_open, path))


def _open(path: Path) -> Foreign | None:
    told = read_json(path, _Record, "LabelMe file")
    if not told.shapes:
        return None
    size = None if told.imageHeight is None or told.imageWidth is None else (told.imageHeight, told.imageWidth)
    return Foreign(told.imagePath, size, partial(shapes_of, told.shapes), path.parent)


def shapes_of(shapes: list[_Shape], size: tuple[int, int]) -> list[Shape]:
    """LabelMe's shapes in a picture of (height, width); a later one lies on top."""
    return [Shape(s.label, partial(_mask, s, size)) for s in shapes]


def _mask(shape: _Shape, size: tuple[int, int]) -> Mask:
    points = np.array(shape.points, float).reshape(-1, 2)
    if shape.shape_type == "mask":
        return _stored(shape, points, size)
    if shape.shape_type == "rectangle" and len(points) == 2:
        (left, top), (right, bottom) = points.min(0), points.max(0)
        return fill(np.array([(left, top), (right, top), (right, bottom), (left, bottom)]), size)
    if shape.shape_type in ("polygon", "oriented_rectangle"):
        return fill(points, size)
    raise ValueError(f"is a {shape.shape_type}, which is not read; draw it as a polygon or a mask")


def _stored(shape: _Shape, points: np.ndarray, size: tuple[int, int]) -> Mask:
    if len(points) != 2 or shape.mask is None or not np.isfinite(points).all():
        raise ValueError("is a mask without two corners and pixels")
    (left, top), (right, bottom) = np.clip(points, -1e6, 1e6).astype(int).tolist()
    box = box_within(left, top, right - left + 1, bottom - top + 1, size)
    try:
        data = base64.b64decode(shape.mask, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("has pixels that are no base64") from None
    return box, decode_png(data, (int(box.height), int(box.width)), "I") > 0

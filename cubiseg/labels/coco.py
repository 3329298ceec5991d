"""COCO's JSON: one file of pictures, categories and masks as runs, which go down the columns.

A mask's runs are a list of numbers, or these numbers as text: from the fourth on the difference to the one two places
before, in groups of five bits, the lowest first, 32 added where another follows, and 48 to make a character of it.
Source: ``common/maskApi.c`` of cocoapi.
"""

import json
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.errors import CubisegError
from cubiseg.files import write_text
from cubiseg.labels import runs
from cubiseg.labels.foreign import Foreign, Outgoing, Waiting, read_json
from cubiseg.labels.names import NAME_OF
from cubiseg.labels.polygons import fill
from cubiseg.labels.shapes import MOST_SHAPES, Mask, Shape, masks_of

FILE = "annotations.json"
_ID_OF = {name: number for number, name in NAME_OF.items()}
_MOST_GROUPS = 7
"""Groups of five bits of a number that some picture could need."""


class _Runs(BaseModel):
    size: tuple[int, int]
    counts: str | list[int]


class _Annotation(BaseModel):
    image_id: int
    category_id: int
    segmentation: _Runs | list[list[float]] = []


class _Image(BaseModel):
    id: int
    file_name: str
    height: int
    width: int


class _Category(BaseModel):
    id: int
    name: str


class _Dataset(BaseModel):
    images: list[_Image]
    annotations: list[_Annotation]
    categories: list[_Category]


def compress(counts: np.ndarray) -> str:
    """Lengths of runs, (N,) int64, as COCO's text.

    >>> compress(np.array([6, 1, 40, 4, 5, 4, 21]))
    '61X13mN0`0'
    """
    values = counts.copy()
    values[3:] -= counts[1:-2]
    digits = np.arange(_MOST_GROUPS)
    # The fewest groups of five bits that hold the number with its sign.
    magnitude = np.where(values < 0, ~values, values)
    needed = 1 + (magnitude[:, None] >> (5 * digits + 4) > 0).sum(1)
    groups = (values[:, None] >> (5 * digits)) & 31
    follows = digits < needed[:, None] - 1
    return (groups + 32 * follows + 48)[digits < needed[:, None]].astype(np.uint8).tobytes().decode("ascii")


def expand(text: str) -> np.ndarray:
    """COCO's text as lengths of runs, (N,) int64.

    Raises:
        ValueError: it is no such text, or tells numbers that no picture could need.

    >>> expand("61X13mN0`0").tolist()
    [6, 1, 40, 4, 5, 4, 21]
    """
    groups = np.frombuffer(text.encode("utf-8"), np.uint8).astype(np.int64) - 48
    if ((groups < 0) | (groups > 63)).any() or (len(groups) and groups[-1] & 32):
        raise ValueError("has runs that are no text of COCO's")
    ends = np.flatnonzero(groups & 32 == 0)
    begins = np.concatenate([[0], ends[:-1] + 1])[: len(ends)]
    if len(ends) and (ends - begins).max() >= _MOST_GROUPS:
        raise ValueError("has runs longer than any picture")
    place = np.arange(len(groups)) - np.repeat(begins, ends - begins + 1)
    values = np.add.reduceat((groups & 31) << (5 * place), begins) if len(ends) else groups
    negative = groups[ends] & 16 > 0
    values = values - (negative.astype(np.int64) << (5 * (ends - begins + 1)))
    values[1::2] = np.cumsum(values[1::2])
    values[2::2] = np.cumsum(values[2::2])
    return values


def _annotation(image: int, size: tuple[int, int], compressed: bool, name: str, box: Box, mask: np.ndarray) -> dict:
    whole = np.zeros(size[::-1], bool)
    whole[box.window[::-1]] = mask.T
    counts = runs.of_mask(whole.ravel())
    return {
        "image_id": image,
        "category_id": _ID_OF[name],
        "segmentation": {"size": list(size), "counts": compress(counts) if compressed else counts.tolist()},
        "area": int(np.count_nonzero(mask)),
        "bbox": [box.left, box.top, box.width, box.height],
        "iscrowd": 0,
    }


def annotations(image: int, label: np.ndarray, compressed: bool = True) -> list[dict[str, Any]]:
    """COCO's annotations of a label map, without ids of their own.

    Args:
        image: id of the picture.
        label: (H, W) uint8 ids of classes and parts, and 255.
        compressed: whether runs are text, or numbers.
    """
    return [_annotation(image, label.shape, compressed, *mask) for mask in masks_of(label)]


def _categories() -> list[dict[str, Any]]:
    """Ids are those of label maps, which readers need not know: names count."""
    above = {number: NAME_OF[int(taxonomy.CLASS_OF[number])] for number in NAME_OF}
    return [{"id": number, "name": name, "supercategory": above[number]} for number, name in NAME_OF.items()]


def write(folder: Path, labels: Iterable[Outgoing], compressed: bool = True) -> None:
    """Write ``annotations.json``; pictures are named by their path below ``images/``."""
    images, drawn, number = [], [], count(1)
    for image, outgoing in enumerate(labels, 1):
        height, width = outgoing.label.shape
        images.append({"id": image, "file_name": outgoing.picture, "width": width, "height": height})
        drawn += [{"id": next(number), **a} for a in annotations(image, outgoing.label, compressed)]
    whole = {"images": images, "annotations": drawn, "categories": _categories()}
    write_text(folder / FILE, json.dumps(whole, ensure_ascii=False) + "\n")


def read(source: Path) -> Iterator[Waiting]:
    """The pictures of a COCO file, or of the only JSON in a folder.

    Raises:
        CubisegError: it is none.
    """
    path = _only_json(source) if source.is_dir() else source
    told = read_json(path, _Dataset, "COCO file")
    names = {c.id: c.name for c in told.categories}
    of_image: dict[int, list[_Annotation]] = {image.id: [] for image in told.images}
    for annotation in told.annotations:
        if annotation.image_id not in of_image:
            raise CubisegError(f"{path}: has an annotation of picture {annotation.image_id}, which it does not list")
        of_image[annotation.image_id].append(annotation)
    for image in told.images:
        where = f"{path}, {image.file_name}"
        yield Waiting(where, partial(_open, image, of_image[image.id], names))


def _only_json(folder: Path) -> Path:
    files = sorted(folder.glob("*.json"))
    if len(files) != 1:
        raise CubisegError(f"{folder}: holds {len(files)} JSON files; name the one with the annotations")
    return files[0]


def _open(image: _Image, drawn: list[_Annotation], names: dict[int, str]) -> Foreign | None:
    if not drawn:
        return None
    return Foreign(image.file_name, (image.height, image.width), partial(_shapes, drawn, names))


def _shapes(drawn: list[_Annotation], names: dict[int, str], size: tuple[int, int]) -> list[Shape]:
    return [Shape(_name(a, names), partial(_mask, a.segmentation, size)) for a in drawn]


def _name(annotation: _Annotation, names: dict[int, str]) -> str:
    try:
        return names[annotation.category_id]
    except KeyError:
        raise ValueError(f"has a shape of category {annotation.category_id}, which the file does not list") from None


def _mask(segmentation: _Runs | list[list[float]], size: tuple[int, int]) -> Mask:
    height, width = size
    if isinstance(segmentation, _Runs):
        if segmentation.size != size:
            raise ValueError(f"has runs for {segmentation.size[1]}x{segmentation.size[0]} pixels")
        counts = segmentation.counts
        lengths = expand(counts) if isinstance(counts, str) else counts
        columns = runs.to_mask(lengths, height * width).reshape(width, height)
        around = Box.around(columns) or Box(0, 0, 0, 0)
        return Box(around.top, around.left, around.bottom, around.right), columns[around.window].T
    if not segmentation:
        raise ValueError("has a box and no outline or mask")
    if len(segmentation) > MOST_SHAPES:
        raise ValueError(f"has {len(segmentation)} pieces, more than the {MOST_SHAPES} that are read")
    mask = np.zeros(size, bool)
    for ring in segmentation:  # pieces of one shape; COCO's polygons have no holes
        if len(ring) % 2:
            raise ValueError("has a polygon with half a corner")
        box, piece = fill(np.array(ring, float).reshape(-1, 2), size)
        mask[box.window] |= piece
    return Box(0, 0, width, height), mask

"""CVAT's "CVAT for images 1.1": one XML file with masks as runs, row by row inside of their box.

Runs begin with unset pixels. Of shapes that overlap, the one of the higher ``z_order`` lies on top.
Source: CVAT's manual, "XML annotation format", and ``cvat_sdk/masks.py`` of cvat-sdk 2.80.0.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

import numpy as np

from cubiseg.boxes import Box
from cubiseg.errors import CubisegError, brief
from cubiseg.files import write_text
from cubiseg.labels import runs
from cubiseg.labels.cvat_masks import CONSTRUCTOR, constructor
from cubiseg.labels.foreign import Foreign, Outgoing, Waiting, read_bytes
from cubiseg.labels.packed import PackedFiles
from cubiseg.labels.polygons import fill
from cubiseg.labels.shapes import Mask, Shape, box_within, masks_of

FILE = "annotations.xml"
_SHAPES = ("mask", "polygon", "box", "ellipse", "polyline", "points", "cuboid", "skeleton")


@dataclass
class _Image:
    facts: dict[str, str]
    shapes: list[tuple[str, dict[str, str]]] = field(default_factory=list)


def write(folder: Path, labels: Iterable[Outgoing]) -> None:
    """Write ``annotations.xml`` and CVAT's labels; pictures are named by their path below ``images/``."""
    write_text(folder / CONSTRUCTOR, constructor())
    text = "".join(_image(number, outgoing) for number, outgoing in enumerate(labels))
    head = '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n<version>1.1</version>\n'
    write_text(folder / FILE, f"{head}{text}</annotations>\n")


def _image(number: int, outgoing: Outgoing) -> str:
    height, width = outgoing.label.shape
    facts = {"id": str(number), "name": outgoing.picture, "width": str(width), "height": str(height)}
    masks = "".join(f"  <mask{_attributes(mask_facts(*mask))}/>\n" for mask in masks_of(outgoing.label))
    return f"<image{_attributes(facts)}>\n{masks}</image>\n"


def _attributes(facts: dict[str, str]) -> str:
    return "".join(f" {key}={quoteattr(value)}" for key, value in facts.items())


def mask_facts(name: str, box: Box, mask: np.ndarray) -> dict[str, str]:
    """The attributes of a ``mask`` element.

    Args:
        name: of the class or part.
        box: where it lies.
        mask: (height, width) bool of the box.
    """
    sides = {"left": box.left, "top": box.top, "width": box.width, "height": box.height}
    lengths = ", ".join(map(str, runs.of_mask(mask.ravel()).tolist()))
    return {"label": name, "source": "manual", "occluded": "0", "rle": lengths} | {
        key: str(side) for key, side in (sides | {"z_order": 0}).items()
    }


def read(source: Path) -> Iterator[Waiting]:
    """The pictures of an XML file, or of the ZIP or folder that it lies in.

    Raises:
        CubisegError: it is none.
    """
    path = source / FILE if source.is_dir() else source
    data = read_bytes(path)
    if zipfile.is_zipfile(io.BytesIO(data)):
        inside = PackedFiles(data, path)
        if FILE not in inside.names:
            hint = "; it is read with --format cvat" if "labelmap.txt" in inside.names else ""
            raise CubisegError(f'{source}: has no {FILE}, so it is no "CVAT for images 1.1"{hint}')
        data = inside.read(FILE)
    try:
        images = parse(data)
    except ValueError as error:
        raise CubisegError(f"{path}: {error}") from error
    for image in images:
        yield Waiting(f"{path}, {image.facts.get('name', '?')}", partial(_open, image))


def parse(data: bytes) -> list[_Image]:
    """The images of a file with their shapes; attributes are not looked at yet.

    Raises:
        ValueError: it is no XML of CVAT's images, or has a document type, in which bombs and other files hide.
    """
    images: list[_Image] = []
    root: list[str] = []

    def start(tag: str, facts: dict[str, str]) -> None:
        if not root:
            root.append(tag)
        if tag == "track":
            raise ValueError('is "CVAT for video"; export it as "CVAT for images 1.1"')
        if tag == "image":
            images.append(_Image(facts))
        elif images and tag in _SHAPES:
            images[-1].shapes.append((tag, facts))

    def refuse(*_: object) -> None:
        raise ValueError("has a document type (DTD), which CVAT never writes; it is not read")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.StartDoctypeDeclHandler = start, refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError) as error:  # the latter of an encoding that is not known
        raise ValueError(f"is no XML that can be read ({brief(error)}); export it again") from error
    if root != ["annotations"]:
        raise ValueError("is XML, but none of CVAT's annotations")
    return images


def _open(image: _Image) -> Foreign | None:
    if not image.shapes:
        return None
    size = _whole(image.facts, "height"), _whole(image.facts, "width")
    return Foreign(image.facts.get("name", ""), size, partial(_shapes, image.shapes))


def _shapes(shapes: list[tuple[str, dict[str, str]]], size: tuple[int, int]) -> list[Shape]:
    return [
        Shape(facts.get("label", ""), partial(_mask, tag, facts, size), _whole(facts, "z_order", 0))
        for tag, facts in shapes
    ]


def _mask(tag: str, facts: dict[str, str], size: tuple[int, int]) -> Mask:
    if tag == "mask":
        left, top, width, height = (_whole(facts, key) for key in ("left", "top", "width", "height"))
        box = box_within(left, top, width, height, size)
        lengths = _numbers(facts.get("rle", ""), ",", int)
        return box, runs.to_mask(lengths, height * width).reshape(height, width)
    if tag == "polygon":
        return fill(_numbers(facts.get("points", "").replace(";", ","), ",", float).reshape(-1, 2), size)
    if tag == "box":
        low_x, low_y, high_x, high_y = (_numbers(facts.get(k, ""), ",", float) for k in ("xtl", "ytl", "xbr", "ybr"))
        corners = [(low_x, low_y), (high_x, low_y), (high_x, high_y), (low_x, high_y)]
        return fill(np.array(corners, float).reshape(-1, 2), size)
    raise ValueError(f"is a {tag}, which is not read; draw it as a polygon or a mask")


def _whole(facts: dict[str, str], key: str, default: int | None = None) -> int:
    try:
        return int(facts[key])
    except KeyError:
        if default is not None:
            return default
        raise ValueError(f"has no {key}") from None
    except ValueError:
        raise ValueError(f"has the {key} {facts[key][:20]!r}, no whole number") from None


def _numbers(text: str, between: str, kind: type) -> np.ndarray:
    try:
        return np.array([kind(value) for value in text.split(between)])
    except ValueError:
        raise ValueError(f"has numbers that cannot be read ({text[:20]!r})") from None

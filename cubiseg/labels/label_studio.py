"""Label Studio's JSON: brush masks as runs over the red, green, blue and alpha of every pixel; alpha is the mask.

The runs are a stream of bits: 32 of the number of values, 5 of their width, four times 4 of how wide lengths may be
(all these less 1, but the first); then blocks: 1 for one value that repeats or 0 for single ones, 2 bits for
which width, the length less 1, and the value or values.
Source: ``rle-pack`` of thi.ng/umbrella, and ``converter/brush.py`` of label-studio-sdk 2.1.2.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import quoteattr

import numpy as np
from pydantic import BaseModel, RootModel

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.errors import CubisegError
from cubiseg.files import write_text
from cubiseg.labels import runs
from cubiseg.labels.foreign import Foreign, Outgoing, Waiting, read_json
from cubiseg.labels.names import NAME_OF
from cubiseg.labels.polygons import fill
from cubiseg.labels.shapes import Mask, Shape, masks_of

FILE, INTERFACE = "tasks.json", "interface.xml"
LOCAL = "/data/local-files/?d="
"""Where Label Studio serves files of a local storage."""

_WIDTHS = (3, 4, 8, 16)
_LONGEST = 1 << _WIDTHS[-1]
_HEAD = 53
"""Bits before the first block."""
_SET = 128
"""Alpha from which a pixel belongs: brushes have soft edges."""
_REGIONS = re.compile(r"brush|polygon|rectangle|ellipse|keypoint|vector|bitmask")
_UPLOADED = re.compile(r"^[0-9a-f]{8}-")
_PNG_EXPORT = re.compile(r"task-\d+-annotation-")


class _Result(BaseModel):
    type: str = ""
    value: dict[str, Any] = {}
    original_width: int = 0
    original_height: int = 0
    image_rotation: float = 0


class _Annotation(BaseModel):
    result: list[_Result] = []
    was_cancelled: bool = False
    ground_truth: bool = False


class _Task(BaseModel):
    data: dict[str, Any]
    annotations: list[_Annotation]


class _Tasks(RootModel[list[_Task]]):
    pass


def pack(mask: np.ndarray) -> list[int]:
    """A mask, (H, W) bool, as Label Studio's bytes."""
    counts = 4 * runs.of_mask(mask.ravel())
    values = np.arange(len(counts)) % 2 * 255
    pieces = -(-counts // _LONGEST)
    lengths = np.full(int(pieces.sum()), _LONGEST)
    lengths[np.cumsum(pieces)[counts > 0] - 1] -= (pieces * _LONGEST - counts)[counts > 0]
    which = np.searchsorted([1 << width for width in _WIDTHS], lengths)
    width = np.array(_WIDTHS)[which]
    blocks = ((4 + which) << width | (lengths - 1)) << 8 | np.repeat(values, pieces)
    head = _bits(np.array([4 * mask.size, 7, *(w - 1 for w in _WIDTHS)]), np.array([32, 5, 4, 4, 4, 4]))
    return np.packbits(np.concatenate([head, _bits(blocks, 3 + width + 8)])).tolist()


def _bits(values: np.ndarray, widths: np.ndarray) -> np.ndarray:
    """Numbers in binary, one after the other: uint8 zeros and ones."""
    last = np.repeat(np.cumsum(widths), widths) - 1
    return (np.repeat(values, widths) >> (last - np.arange(len(last))) & 1).astype(np.uint8)


def unpack(rle: Sequence[int], size: tuple[int, int]) -> np.ndarray:
    """The mask in Label Studio's bytes, (H, W) bool: where alpha is at least 128.

    Args:
        rle: the bytes.
        size: height and width of the picture; nothing is allocated before the bytes claim as many values.

    Raises:
        ValueError: they are no such stream, or one of another size.
    """
    try:
        data = bytes(rle)
    except (TypeError, ValueError):
        raise ValueError("has runs that are no list of bytes") from None
    stream = _Stream(data)
    total, width, *widths = (stream.read(n) for n in (32, 5, 4, 4, 4, 4))
    if width != 7:
        raise ValueError(f"has values of {width + 1} bits where Label Studio has 8")
    if total != 4 * size[0] * size[1]:
        raise ValueError(f"has runs for {total} values where {size[1]}x{size[0]} pixels have {4 * size[0] * size[1]}")
    out, done = np.zeros(total, np.uint8), 0
    while done < total:
        repeats, which = stream.read(1), stream.read(2)
        end = done + 1 + stream.read(widths[which] + 1)
        if end > total:
            raise ValueError("has runs that are longer than the picture")
        out[done:end] = stream.read(8) if repeats else stream.take(end - done)
        done = end
    return out[3::4].reshape(size) >= _SET


class _Stream:
    """Bits, read from the front."""

    def __init__(self, data: bytes) -> None:
        self._data, self._place = data, 0

    def read(self, count: int) -> int:
        """The next bits as a number."""
        end = self._advance(count)
        first = self._place >> 3
        number = int.from_bytes(self._data[first : (end + 7) >> 3], "big") >> (-end & 7)
        self._place = end
        return number & ((1 << count) - 1)

    def take(self, count: int) -> np.ndarray:
        """The next bytes, (count,) uint8, which may begin within a byte."""
        end = self._advance(8 * count)
        first, shift = self._place >> 3, self._place & 7
        bits = np.unpackbits(np.frombuffer(self._data[first : (end + 7) >> 3], np.uint8))
        self._place = end
        return np.packbits(bits[shift : shift + 8 * count])

    def _advance(self, count: int) -> int:
        end = self._place + count
        if end > 8 * len(self._data):
            raise ValueError("has runs that are cut short")
        return end


def _result(number: int, size: tuple[int, int], name: str, box: Box, mask: np.ndarray) -> dict[str, Any]:
    whole = np.zeros(size, bool)
    whole[box.window] = mask
    return {
        "id": f"mask{number}",
        "type": "brushlabels",
        "from_name": "label",
        "to_name": "image",
        "original_width": size[1],
        "original_height": size[0],
        "image_rotation": 0,
        "value": {"format": "rle", "rle": pack(whole), "brushlabels": [name]},
    }


def task(outgoing: Outgoing) -> dict[str, Any]:
    """A task of Label Studio with a label map as its annotation."""
    size = outgoing.label.shape
    results = [_result(number, size, *mask) for number, mask in enumerate(masks_of(outgoing.label), 1)]
    url = LOCAL + quote(f"images/{outgoing.picture}")
    return {"data": {"image": url}, "annotations": [{"result": results}]}


def interface() -> str:
    """The labelling interface that the tasks are made for: XML for the project's settings."""
    colours = {name: "#{:02x}{:02x}{:02x}".format(*taxonomy.COLOURS[number]) for number, name in NAME_OF.items()}
    labels = "".join(f'    <Label value={quoteattr(n)} background="{c}"/>\n' for n, c in colours.items())
    return (
        '<View>\n  <Image name="image" value="$image" zoom="true" zoomControl="true"/>\n'
        f'  <BrushLabels name="label" toName="image">\n{labels}  </BrushLabels>\n</View>\n'
    )


def write(folder: Path, labels: Iterable[Outgoing]) -> None:
    """Write ``tasks.json`` and the interface for it, ``interface.xml``."""
    tasks = [task(outgoing) for outgoing in labels]
    write_text(folder / FILE, json.dumps(tasks, ensure_ascii=False) + "\n")
    write_text(folder / INTERFACE, interface())


def read(source: Path) -> Iterator[Waiting]:
    """The tasks of a JSON export.

    Raises:
        CubisegError: it is none.
    """
    inside = [p.name for p in source.iterdir()] if source.is_dir() else [source.name]
    if any(_PNG_EXPORT.match(name) for name in inside) or source.suffix.lower() == ".zip":
        raise CubisegError(f"{source}: is a PNG export, which does not name its pictures; export as JSON")
    path = source / FILE if source.is_dir() else source
    for number, told in enumerate(read_json(path, _Tasks, "JSON export of Label Studio (JSON-MIN is none)").root, 1):
        yield Waiting(f"{path}, task {number}", partial(_open, told))


def _open(told: _Task) -> Foreign | None:
    annotation = _chosen(told.annotations)
    regions = [r for r in annotation.result if _REGIONS.match(r.type)] if annotation is not None else []
    if not regions:
        return None
    first = regions[0]
    size = first.original_height, first.original_width
    return Foreign(_picture(told.data), size, partial(_shapes, regions))


def _chosen(annotations: list[_Annotation]) -> _Annotation | None:
    """Of what several people did: the ground truth, else the last; what was skipped does not count."""
    done = [a for a in annotations if not a.was_cancelled]
    truths = [a for a in done if a.ground_truth]
    return (truths or done)[-1] if done else None


def _picture(data: dict[str, Any]) -> str:
    """The picture's name in the address of a task, without what Label Studio puts before it."""
    addresses = [value for key, value in data.items() if isinstance(value, str) and key in ("image", "img")]
    addresses += [value for value in data.values() if isinstance(value, str)]
    if not addresses:
        raise ValueError("names no picture")
    parts = urlsplit(addresses[0])
    if local := parse_qs(parts.query).get("d"):
        return local[0]
    path = unquote(parts.path)
    if "/data/upload/" in path:
        return _UPLOADED.sub("", path.rpartition("/")[2])
    return path.lstrip("/") if parts.scheme else path


def _shapes(regions: list[_Result], size: tuple[int, int]) -> list[Shape]:
    return [Shape(_name(region), partial(_mask, region, size)) for region in regions]


def _name(region: _Result) -> str:
    names = region.value.get(region.type.lower()) or region.value.get("labels")
    if not isinstance(names, list) or len(names) != 1 or not isinstance(names[0], str):
        raise ValueError("has a region without exactly one label; give it one")
    return names[0]


def _mask(region: _Result, size: tuple[int, int]) -> Mask:
    height, width = size
    if (region.original_height, region.original_width) != size:
        raise ValueError(f"is of a picture of {region.original_width}x{region.original_height}")
    if region.image_rotation:
        raise ValueError("was drawn on the turned picture, which is not read; turn the picture itself")
    if region.type.startswith("brush") and region.value.get("format") == "rle":
        mask = unpack(region.value.get("rle", ()), size)
        box = Box.around(mask) or Box(0, 0, 0, 0)
        return box, mask[box.window]
    if region.type.startswith("polygon"):
        try:
            points = np.array(region.value.get("points", ()), float).reshape(-1, 2)
        except (TypeError, ValueError):
            raise ValueError("has corners that cannot be read") from None
        return fill(points * (width / 100, height / 100), size)
    raise ValueError(f"is a region of type {region.type!r}, which is not read; draw it with the brush")

"""CVAT's "Segmentation mask 1.1": a ZIP of colour pictures and ``labelmap.txt``, which says what the colours mean.

A line of it is ``name:r,g,b:parts:actions``, always four fields. ``SegmentationClass`` has the colours of the names,
``SegmentationObject`` one colour a piece (Pascal VOC's), ``ImageSets/Segmentation`` the list of pictures.
Source: CVAT's manual, and ``plugins/data_formats/voc`` of datumaro 1.13.12, with which CVAT reads it.
"""

import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath

import numpy as np

from cubiseg import taxonomy
from cubiseg.errors import CubisegError
from cubiseg.files import atomic_write, write_text
from cubiseg.label_maps import colourise
from cubiseg.labels.foreign import Foreign, Outgoing, Waiting, read_bytes
from cubiseg.labels.masks import decode_png, encode_png
from cubiseg.labels.names import NAME_OF
from cubiseg.labels.packed import FolderFiles, PackedFiles
from cubiseg.labels.shapes import MOST_SHAPES, Coded, Shape

FILE, CONSTRUCTOR = "segmentation_mask.zip", "cvat_labels.json"
_LABELS, _CLASSES, _OBJECTS = "labelmap.txt", "SegmentationClass/", "SegmentationObject/"
_LIST = "ImageSets/Segmentation/default.txt"


def label_lines() -> str:
    """``labelmap.txt`` of our classes and parts, in our colours, and of 255."""
    colours = {name: ",".join(map(str, taxonomy.COLOURS[number].tolist())) for number, name in NAME_OF.items()}
    return "# label:color_rgb:parts:actions\n" + "".join(f"{name}:{rgb}::\n" for name, rgb in colours.items())


def constructor() -> str:
    """The labels for the tab "Raw" of CVAT's constructor, in JSON."""
    named = [
        {"name": name, "color": "#{:02x}{:02x}{:02x}".format(*taxonomy.COLOURS[number]), "attributes": []}
        for number, name in NAME_OF.items()
    ]
    return json.dumps(named, indent=2) + "\n"


def names_by_colour(text: str) -> dict[int, str]:
    """What the colours of a ``labelmap.txt`` mean, by ``r << 16 | g << 8 | b``.

    Where no line has a colour, they are Pascal VOC's in the order of the lines. Where only some have, the others name
    no pixel. Black is background where nothing else is said.

    Raises:
        ValueError: a line has not four fields, or no such colour, two share one, or there are too many.
    """
    lines = (match[0] for match in re.finditer(r"[^\r\n]+", text))  # one by one: there may be millions
    named = [_fields(line) for line in islice(filter(_names, lines), MOST_SHAPES + 1)]
    if len(named) > MOST_SHAPES:
        raise ValueError(f"{_LABELS} has more than the {MOST_SHAPES} names that are read")
    if all(rgb is None for _, rgb in named):
        colours = codes(object_colours(len(named))[None])[0].tolist()
        named = [(name, code) for (name, _), code in zip(named, colours, strict=True)]
    names: dict[int, str] = {}
    for name, code in named:
        if code in names:
            raise ValueError(f"{_LABELS} gives {names[code]!r} and {name!r} one colour")
        if code is not None:
            names[code] = name
    return {0: "background", **names}


def _names(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#")


def _fields(line: str) -> tuple[str, int | None]:
    """Name and colour of a line of ``labelmap.txt``; None where it gives none."""
    fields = line.strip().split(":", 4)
    rgb = fields[1].split(",", 3) if len(fields) == 4 else [""]
    if len(fields) == 4 and not fields[1]:
        return fields[0], None
    if len(rgb) != 3 or not all(v.strip().isdecimal() and int(v) < 256 for v in rgb):
        raise ValueError(f"{_LABELS} has the line {line.strip()[:80]!r}; wanted is name:r,g,b::")
    red, green, blue = map(int, rgb)
    return fields[0], red << 16 | green << 8 | blue


def codes(rgb: np.ndarray) -> np.ndarray:
    """Colours, (H, W, 3) uint8, as numbers, (H, W) int32."""
    wide = rgb.astype(np.int32)
    return wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2]


def object_colours(count: int) -> np.ndarray:
    """Pascal VOC's first colours, (count, 3) uint8: the bits of a number, in turn to red, green and blue.

    >>> object_colours(4).tolist()
    [[0, 0, 0], [128, 0, 0], [0, 128, 0], [128, 128, 0]]
    """
    bits = (np.arange(count)[:, None, None] >> (3 * np.arange(8) + np.arange(3)[:, None])) & 1
    return (bits << (7 - np.arange(8))).sum(-1).astype(np.uint8)


def objects(label: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8: one colour for each class and part of a label map, black for background."""
    table = np.zeros(256, np.uint8)
    there = [number for number in np.unique(label) if number]
    table[there] = np.arange(1, len(there) + 1)
    return object_colours(256)[table[label]]


def write(folder: Path, labels: Iterable[Outgoing]) -> None:
    """Write ``segmentation_mask.zip`` and CVAT's labels; pictures are named from ``images/`` on, without suffix."""
    write_text(folder / CONSTRUCTOR, constructor())
    names = []
    with atomic_write(folder / FILE) as file, zipfile.ZipFile(file, "w") as archive:
        _add(archive, _LABELS, label_lines().encode())
        for outgoing in labels:
            name = PurePosixPath(outgoing.picture).with_suffix("").as_posix()
            _add(archive, f"{_CLASSES}{name}.png", encode_png(colourise(outgoing.label)))
            _add(archive, f"{_OBJECTS}{name}.png", encode_png(objects(outgoing.label)))
            names.append(name)
        _add(archive, _LIST, "".join(f"{name}\n" for name in names).encode())


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)  # without the time: same labels, same bytes


def read(source: Path) -> Iterator[Waiting]:
    """The label maps of a ZIP, or of a folder that one was unpacked to.

    Raises:
        CubisegError: it is none.
    """
    if (source / FILE).is_file():  # the folder that we wrote
        source = source / FILE
    inside = FolderFiles(source) if source.is_dir() else PackedFiles(read_bytes(source), source)
    if _LABELS not in inside.names:
        hint = "; it is read with --format cvat-xml" if "annotations.xml" in inside.names else ""
        raise CubisegError(f'{source}: has no {_LABELS}, so it is no "Segmentation mask 1.1" of CVAT{hint}')
    try:
        names = names_by_colour(inside.read(_LABELS).decode("utf-8-sig"))
    except ValueError as error:
        raise CubisegError(f"{source}: {error}; export it again") from error
    for name in inside.names:
        if name.startswith(_CLASSES) and name.endswith(".png"):
            picture = name.removeprefix(_CLASSES).removesuffix(".png")
            yield Waiting(f"{source}, {name}", partial(_open, inside, name, picture, names))


def _open(inside: PackedFiles | FolderFiles, name: str, picture: str, names: dict[int, str]) -> Foreign:
    def content(size: tuple[int, int]) -> list[Shape] | Coded:
        return Coded(codes(decode_png(inside.read(name), size, "RGB")), names)

    return Foreign(picture, None, content)

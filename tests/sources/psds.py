"""PSDs that tests build: a face of plain shapes, whose layers are named as some program or person names them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from psd_tools import PSDImage
from psd_tools.constants import BlendMode, Clipping

SIZE = 128
SHAPES: dict[str, tuple[int, int, int, int]] = {
    "hair_back": (24, 8, 104, 112),
    "neck": (54, 86, 74, 112),
    "topwear": (16, 106, 112, 128),
    "face": (36, 28, 92, 96),
    "mouth_inside": (56, 80, 72, 86),
    "lips": (56, 78, 72, 80),
    "nose": (63, 68, 65, 72),
    "eye_right_white": (42, 52, 58, 64),
    "eye_right_iris": (46, 54, 54, 64),
    "eye_right_lashes": (42, 50, 58, 53),
    "eye_left_white": (70, 52, 86, 64),
    "eye_left_iris": (74, 54, 82, 64),
    "eye_left_lashes": (70, 50, 86, 53),
    "eyebrow_right": (42, 44, 58, 46),
    "eyebrow_left": (70, 44, 86, 46),
    "hair_front": (36, 16, 92, 36),
}
"""Left, top, right and bottom of each part of the face, bottom to top."""


def shape(
    box: tuple[int, int, int, int], colour: tuple[int, int, int] = (200, 90, 60), alpha: int = 255
) -> Image.Image:
    """A filled rectangle of the size of ``box``."""
    return Image.new("RGBA", (box[2] - box[0], box[3] - box[1]), (*colour, alpha))


def put(parent: Any, name: str, box: tuple[int, int, int, int], **changes: Any) -> Any:
    """A layer with a filled rectangle; ``changes`` are set on it, ``clipped`` clips it to the layer below."""
    colour, alpha = changes.pop("colour", (200, 90, 60)), changes.pop("alpha", 255)
    layer = parent.create_pixel_layer(shape(box, colour, alpha), name=name, top=box[1], left=box[0])
    if changes.pop("clipped", False):
        layer._record.clipping = Clipping.NON_BASE
    for key, value in changes.items():
        setattr(layer, key, value)
    return layer


def face(names: Mapping[str, str], groups: Mapping[str, Sequence[str]] | None = None) -> PSDImage:
    """The face, each part named by ``names``, in the groups that ``groups`` gives, which follow each other."""
    psd = PSDImage.new("RGBA", (SIZE, SIZE))
    made: dict[tuple[str, ...], Any] = {(): psd}
    for number, (part, box) in enumerate(SHAPES.items()):
        if part not in names:
            continue
        path = tuple((groups or {}).get(part, ()))
        for depth in range(1, len(path) + 1):
            if path[:depth] not in made:
                made[path[:depth]] = made[path[: depth - 1]].create_group(name=path[depth - 1])
        put(made[path], names[part], box, colour=(40 + number * 10, 200 - number * 8, 90))
    return psd


def truth(parts: Mapping[str, str] | None = None) -> np.ndarray:
    """(128, 128) uint8: ids of the parts of the face; ``parts`` says what else a part counts as."""
    from cubiseg import taxonomy

    label = np.zeros((SIZE, SIZE), np.uint8)
    for part, (left, top, right, bottom) in SHAPES.items():
        label[top:bottom, left:right] = taxonomy.PART_ID[(parts or {}).get(part, part)]
    return label


def saved(psd: PSDImage, path: Path) -> Path:
    """Write a PSD."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        psd._record.write(file, encoding="utf-8")  # the merged picture is nobody's business here
    return path


MULTIPLY, SCREEN = BlendMode.MULTIPLY, BlendMode.SCREEN

"""The classes of cubiseg: ids, names, palette, left/right pairs, layer names and layer order.

This is the only file that lists them. Left and right are the character's own: in a frontal picture
``eye_left`` lies on the right half. A horizontal flip must therefore swap ``FLIP_PAIRS``.
"""

from dataclasses import dataclass

import numpy as np

VERSION = 1
IGNORE_INDEX = 255


@dataclass(frozen=True)
class Class:
    """One class of the taxonomy.

    Attributes:
        id: value in a label map, 0..254.
        name: snake-case English name, as in ``<stem>.json`` and in metrics.
        colour: sRGB triple, the palette entry of indexed label maps.
        layer: name of the cut-out layer; ``background`` is cut out only to keep opaque pictures whole.
        pair: name of the class on the character's other side, or None.
    """

    id: int
    name: str
    colour: tuple[int, int, int]
    layer: str
    pair: str | None = None


CLASSES: tuple[Class, ...] = (
    Class(0, "background", (0, 0, 0), "background"),
    Class(1, "hair", (230, 60, 60), "hair"),
    Class(2, "face", (255, 205, 150), "face"),
    Class(3, "eye_left", (30, 90, 255), "eyesL", "eye_right"),
    Class(4, "eye_right", (0, 200, 255), "eyesR", "eye_left"),
    Class(5, "eyebrow_left", (120, 0, 180), "browsL", "eyebrow_right"),
    Class(6, "eyebrow_right", (225, 90, 255), "browsR", "eyebrow_left"),
    Class(7, "nose", (255, 255, 0), "nose"),
    Class(8, "mouth", (170, 0, 60), "mouth"),
    Class(9, "skin", (190, 125, 70), "skin"),
    Class(10, "clothes", (40, 160, 70), "clothes"),
    Class(11, "accessories", (150, 235, 130), "accessories"),
)

NUM_CLASSES = len(CLASSES)
NAMES: tuple[str, ...] = tuple(c.name for c in CLASSES)
ID: dict[str, int] = {c.name: c.id for c in CLASSES}
PALETTE: tuple[tuple[int, int, int], ...] = tuple(c.colour for c in CLASSES)
IGNORE_COLOUR = (128, 128, 128)

FLIP_PAIRS: tuple[tuple[int, int], ...] = tuple(
    (c.id, ID[c.pair]) for c in CLASSES if c.pair is not None and c.id < ID[c.pair]
)
"""Pairs of ids that a horizontal flip swaps, as MMSegmentation's ``RandomFlip(swap_seg_labels=...)`` takes them."""

SMALL_PARTS: tuple[str, ...] = (
    "eye_left", "eye_right", "eyebrow_left", "eyebrow_right", "nose", "mouth",
)  # fmt: skip
"""Classes of the small-part mean in the metrics."""

LAYER_ORDER: tuple[str, ...] = (
    "background", "skin", "clothes", "face", "nose", "mouth", "eye_right", "eye_left",
    "eyebrow_right", "eyebrow_left", "hair", "accessories",
)  # fmt: skip
"""Class names from the bottom layer to the top layer."""

LEGACY7: tuple[str, ...] = ("background", "hair", "eye", "mouth", "face", "skin", "clothes")
"""Class names of the MobileNetV2-UNet of siyeong0/Anime-Face-Segmentation, in id order."""

_TO_LEGACY7 = {
    "background": "background", "hair": "hair", "face": "face", "eye_left": "eye", "eye_right": "eye",
    "eyebrow_left": "face", "eyebrow_right": "face", "nose": "face", "mouth": "mouth", "skin": "skin",
    "clothes": "clothes", "accessories": "clothes",
}  # fmt: skip

COARSE9: tuple[str, ...] = (
    "hair", "face", "eye_left", "eye_right", "brow", "mouth", "skin", "clothes", "accessories",
)  # fmt: skip
"""Class names, background apart, of comparisons on real drawings with coarser labels (nose counts as face)."""

_TO_COARSE9 = {
    "background": "background", "hair": "hair", "face": "face", "nose": "face", "eye_left": "eye_left",
    "eye_right": "eye_right", "eyebrow_left": "brow", "eyebrow_right": "brow", "mouth": "mouth",
    "skin": "skin", "clothes": "clothes", "accessories": "accessories",
}  # fmt: skip


def lookup_table(mapping: dict[str, str], names: tuple[str, ...]) -> np.ndarray:
    """Table that turns taxonomy ids into the ids of another vocabulary by ``table[label]``.

    Args:
        mapping: other class name by taxonomy class name, for every class.
        names: the other vocabulary in id order.

    Returns:
        (256,) uint8; 255 stays 255, and so does every value that is no class.
    """
    table = np.full(256, IGNORE_INDEX, np.uint8)
    for c in CLASSES:
        table[c.id] = names.index(mapping[c.name])
    return table


LEGACY7_TABLE = lookup_table(_TO_LEGACY7, LEGACY7)
COARSE9_NAMES: tuple[str, ...] = ("background", *COARSE9)
COARSE9_TABLE = lookup_table(_TO_COARSE9, COARSE9_NAMES)


def palette_bytes() -> bytes:
    """768 bytes for an indexed PNG: the palette, grey for the ignore index, black elsewhere."""
    table = np.zeros((256, 3), np.uint8)
    table[:NUM_CLASSES] = PALETTE
    table[IGNORE_INDEX] = IGNORE_COLOUR
    return table.tobytes()


def flip_label(label: np.ndarray) -> np.ndarray:
    """Mirror a label map left to right, swapping the character's sides.

    Args:
        label: (H, W) uint8, taxonomy ids.

    Returns:
        (H, W) uint8, a new array.
    """
    table = np.arange(256, dtype=np.uint8)
    for a, b in FLIP_PAIRS:
        table[a], table[b] = b, a
    return table[label[:, ::-1]]

"""The classes of cubiseg: ids, names, palette, left/right pairs, layer names and layer order.

This is the only file that lists the classes; others name single ones. Left and right are the character's own: in a
frontal picture ``eye_left`` lies on the right half. A horizontal flip must therefore swap ``FLIP_PAIRS``.
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

SMALL_PARTS: tuple[str, ...] = ("eye_left", "eye_right", "eyebrow_left", "eyebrow_right", "nose", "mouth")
"""Classes of the small-part mean in the metrics."""

LAYER_ORDER: tuple[str, ...] = (
    *("background", "skin", "clothes", "face", "nose", "mouth"),
    *("eye_right", "eye_left", "eyebrow_right", "eyebrow_left", "hair", "accessories"),
)
"""Class names from the bottom layer to the top layer."""


def ids(*names: str) -> tuple[int, ...]:
    """Ids of the named classes.

    >>> ids("nose", "mouth")
    (7, 8)
    """
    return tuple(ID[name] for name in names)


def mask(*names: str) -> np.ndarray:
    """Which classes are among the named ones: (C,) bool, indexed by id."""
    return np.isin(NAMES, names)


SMALL_PART_IDS: tuple[int, ...] = ids(*SMALL_PARTS)
FACE_IDS: tuple[int, ...] = ids("face", *SMALL_PARTS)
"""Classes that make up a face: its skin and its small parts."""

STACK: np.ndarray = np.array([0, *ids(*LAYER_ORDER)], np.uint8)
"""(C + 1,) uint8: id by place in the stack of layers; 1 is the bottom, and 0 stands for background too."""

STACK_RANK: np.ndarray = np.ones(256, np.uint8)
"""(256,) uint8: place in the stack by id; what is no class counts as background, at the bottom."""
STACK_RANK[STACK[1:]] = np.arange(1, NUM_CLASSES + 1)

LEGACY7: tuple[str, ...] = ("background", "hair", "eye", "mouth", "face", "skin", "clothes")
"""Class names of the MobileNetV2-UNet of siyeong0/Anime-Face-Segmentation, in id order."""

COARSE9: tuple[str, ...] = ("hair", "face", "eye_left", "eye_right", "brow", "mouth", "skin", "clothes", "accessories")
"""Class names, background apart, of comparisons on real drawings with coarser labels (nose counts as face)."""


def lookup_table(mapping: dict[str, str], names: tuple[str, ...]) -> np.ndarray:
    """Table that turns taxonomy ids into the ids of another vocabulary by ``table[label]``.

    Args:
        mapping: other class name by taxonomy class name, for every class whose name differs.
        names: the other vocabulary in id order.

    Returns:
        (256,) uint8; 255 stays 255, and so does every value that is no class.
    """
    table = np.full(256, IGNORE_INDEX, np.uint8)
    for c in CLASSES:
        table[c.id] = names.index(mapping.get(c.name, c.name))
    return table


_BROWS_ARE_FACE = {"eyebrow_left": "face", "eyebrow_right": "face", "nose": "face"}
LEGACY7_TABLE = lookup_table(
    {**_BROWS_ARE_FACE, "eye_left": "eye", "eye_right": "eye", "accessories": "clothes"}, LEGACY7
)
COARSE9_NAMES: tuple[str, ...] = ("background", *COARSE9)
COARSE9_TABLE = lookup_table({"eyebrow_left": "brow", "eyebrow_right": "brow", "nose": "face"}, COARSE9_NAMES)


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

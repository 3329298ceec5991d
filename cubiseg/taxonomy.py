"""The classes and parts of cubiseg: ids, names, palette, left/right pairs, layer names and layer order.

This is the only file that lists either; others name single ones. There are two levels. The 12 *classes* (ids 0..11) are
what people and vision models name; *parts* (ids from 20) refine them into what a rigger moves. A label map may hold
both side by side: a class id then says "not told apart further". ``CLASS_OF`` takes either to the class. Background,
face, brows and nose have no parts: the class is the part, and ``LEAVES`` are the parts and these.

Left and right are the character's own: in a frontal picture ``eye_left`` lies on the right half. A horizontal flip must
therefore swap ``FLIP_PAIRS``, and where parts occur ``PART_FLIP_PAIRS`` too.
"""

from dataclasses import dataclass

import numpy as np

VERSION = 2
"""Of both levels. Version 1 had the same classes and no parts."""
CLASSES_VERSION = 1
"""The version since which the classes are what they are: what tells classes alone is of that version."""
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


_BELONGS = {
    "hair_front": "fringe, the crown it grows from, ahoge, a lock between the eyes; not the rim around the crown",
    "hair_side": "locks from temple to cheek, before ear or shoulder, also loose ones laid on the body; not bound hair",
    "hair_back": "behind head and body, the crown's rim and tufts; bound hair (tails, plaits, buns) wherever it hangs",
    "white": "the ball's white, with the lid's shadow and water on it; not the iris",
    "iris": "iris with rim, pupil and lights, also a light that reaches over its rim; not the lid's line",
    "lashes": "upper and lower lashes, the lid's line, the line of a shut eye; not the crease above it",
    "lips": "lips and the line of the mouth; not what an open mouth shows",
    "mouth_inside": "inside, teeth and tongue, also a tongue put out; not the line around it",
    "ear": "the bare ear; not earrings, not animal ears",
    "neck": "from the jaw to the collar bones; not the chest, not a choker",
    "torso": "bare shoulders, chest, belly and hips; not neck, arms or legs",
    "arm": "the bare arm with its hand and nails; not sleeves or gloves",
    "leg": "the bare leg with its foot; not stockings or shoes",
    "topwear": "shirt, jacket, coat, cape, hood, a dress to its waist, with lapels and belt; not sleeves, collars",
    "sleeve": "cloth on the arm down to the cuff, also a sleeve worn apart from the top; not the hand",
    "bottomwear": "skirt, trousers, shorts, a dress or robe from its waist down; not the hem of a shirt",
    "legwear": "stockings, socks and tights; not trousers, not boots",
    "footwear": "shoes, boots and sandals; not stockings",
    "handwear": "gloves and mittens; not cuffs, not rings",
    "neckwear": "tie, bow, scarf, a collar laid or standing around the neck; not lapels, a hood or a polo neck",
    "headwear": "hats, bands, crowns, veils, ribbons, flowers, pins, hair ties, front and rear; not headphones",
    "animal_ears": "animal ears, horns, antlers and antennae; not the band that they sit on",
    "eyewear": "glasses, sunglasses, monocle, goggles, also pushed up; not what shows through a clear lens",
    "earwear": "earrings, ear cuffs, earphones, a headset with its band and microphone",
    "facewear": "masks, also pushed aside, eye patches, plasters, bandages and stickers on the face",
    "necklace": "chokers, chains, pendants, and what hangs or is pinned on the chest: brooches, badges, medals, cords",
    "wings": "wings on the back; not a cape",
    "tail": "an animal's tail; not hair",
    "held": "what a hand holds, or is carried: bags with their straps, weapons on the back; not the fingers before it",
}
"""What belongs to a part and what does not, by its name without the side."""

_OTHER_SIDE = {"left": "right", "right": "left"}


@dataclass(frozen=True)
class Part:
    """One part of a class.

    Attributes:
        id: value in a label map, 20..254.
        name: snake-case English name, unlike every class's.
        of: name of its class.
        colour: sRGB triple, the palette entry of indexed maps of parts.
        ja: what it is called in Japanese.
        zh: what it is called in Chinese.
    """

    id: int
    name: str
    of: str
    colour: tuple[int, int, int]
    ja: str
    zh: str

    @property
    def pair(self) -> str | None:
        """Name of the part on the character's other side, or None."""
        other = "_".join(_OTHER_SIDE.get(word, word) for word in self.name.split("_"))
        return None if other == self.name else other

    @property
    def belongs(self) -> str:
        """The codebook's line: what belongs to it and what does not."""
        words = [word for word in self.name.split("_") if word not in _OTHER_SIDE]
        return _BELONGS["_".join(words).removeprefix("eye_")]


PARTS: tuple[Part, ...] = (
    Part(20, "hair_front", "hair", (240, 10, 20), "前髪", "刘海"),
    Part(21, "hair_side_left", "hair", (255, 100, 10), "左横髪", "左鬓发"),
    Part(22, "hair_side_right", "hair", (80, 0, 5), "右横髪", "右鬓发"),
    Part(23, "hair_back", "hair", (240, 100, 120), "後ろ髪", "后发"),
    Part(24, "eye_left_white", "eye_left", (5, 55, 145), "左白目", "左眼白"),
    Part(25, "eye_left_iris", "eye_left", (125, 185, 250), "左瞳", "左瞳孔"),
    Part(26, "eye_left_lashes", "eye_left", (110, 95, 215), "左まつ毛", "左睫毛"),
    Part(27, "eye_right_white", "eye_right", (15, 155, 165), "右白目", "右眼白"),
    Part(28, "eye_right_iris", "eye_right", (55, 100, 115), "右瞳", "右瞳孔"),
    Part(29, "eye_right_lashes", "eye_right", (85, 165, 190), "右まつ毛", "右睫毛"),
    Part(30, "lips", "mouth", (180, 60, 115), "唇", "嘴唇"),
    Part(31, "mouth_inside", "mouth", (250, 135, 190), "口内", "口腔"),
    Part(32, "ear_left", "skin", (150, 115, 15), "左耳", "左耳"),
    Part(33, "ear_right", "skin", (180, 60, 0), "右耳", "右耳"),
    Part(34, "neck", "skin", (250, 150, 75), "首", "脖子"),
    Part(35, "torso", "skin", (85, 60, 45), "胴体", "躯干"),
    Part(36, "arm_left", "skin", (195, 155, 145), "左腕", "左臂"),
    Part(37, "arm_right", "skin", (225, 155, 0), "右腕", "右臂"),
    Part(38, "leg_left", "skin", (215, 200, 85), "左脚", "左腿"),
    Part(39, "leg_right", "skin", (120, 90, 80), "右脚", "右腿"),
    Part(40, "topwear", "clothes", (180, 255, 240), "上着", "上衣"),
    Part(41, "sleeve_left", "clothes", (90, 245, 85), "左袖", "左袖"),
    Part(42, "sleeve_right", "clothes", (0, 195, 5), "右袖", "右袖"),
    Part(43, "bottomwear", "clothes", (5, 220, 110), "下衣", "下装"),
    Part(44, "legwear", "clothes", (120, 250, 210), "靴下", "袜子"),
    Part(45, "footwear", "clothes", (55, 235, 175), "靴", "鞋"),
    Part(46, "handwear", "clothes", (45, 250, 25), "手袋", "手套"),
    Part(47, "neckwear", "clothes", (0, 85, 70), "襟飾り", "领饰"),
    Part(48, "headwear", "accessories", (140, 205, 20), "頭飾り", "头饰"),
    Part(49, "animal_ears", "accessories", (120, 180, 80), "獣耳・角", "兽耳・角"),
    Part(50, "eyewear", "accessories", (85, 130, 30), "眼鏡", "眼镜"),
    Part(51, "earwear", "accessories", (175, 30, 230), "耳飾り", "耳饰"),
    Part(52, "facewear", "accessories", (220, 20, 160), "マスク", "面饰"),
    Part(53, "necklace", "accessories", (25, 100, 0), "首飾り", "项链"),
    Part(54, "wings", "accessories", (185, 90, 185), "翼", "翅膀"),
    Part(55, "tail", "accessories", (210, 175, 230), "尻尾", "尾巴"),
    Part(56, "held", "accessories", (85, 20, 115), "持ち物", "手持物"),
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

PART_ID: dict[str, int] = {**ID, **{p.name: p.id for p in PARTS}}
"""Ids by name at both levels."""
PART_NAME: dict[int, str] = {number: name for name, number in PART_ID.items()}
COLOURS: np.ndarray = np.zeros((256, 3), np.uint8)
"""(256, 3) uint8: sRGB by id at both levels, grey for the ignore index, black elsewhere."""
COLOURS[:NUM_CLASSES] = PALETTE
COLOURS[[p.id for p in PARTS]] = [p.colour for p in PARTS]
COLOURS[IGNORE_INDEX] = IGNORE_COLOUR

CLASS_OF: np.ndarray = np.full(256, IGNORE_INDEX, np.uint8)
"""(256,) uint8: class id by class or part id; 255 for what is neither."""
CLASS_OF[:NUM_CLASSES] = np.arange(NUM_CLASSES)
CLASS_OF[[p.id for p in PARTS]] = [ID[p.of] for p in PARTS]

PARTS_OF: dict[str, tuple[str, ...]] = {name: tuple(p.name for p in PARTS if p.of == name) for name in NAMES}
"""Names of a class's parts, none where the class is the part."""

LEAVES: tuple[str, ...] = tuple(leaf for name in NAMES for leaf in PARTS_OF[name] or (name,))
"""The finest that a label map tells: parts, and classes that have none, by class."""
LEAF_IDS: np.ndarray = np.array([PART_ID[name] for name in LEAVES], np.uint8)
"""(L,) uint8: id in a label map by place in ``LEAVES``."""
OUTPUT_IDS: np.ndarray = np.array([c.id for c in CLASSES] + [p.id for p in PARTS], np.uint8)
"""(49,) uint8: id in a label map of each output of a model of parts: the classes, then all parts."""
PART_RANGES: tuple[tuple[int, int], ...] = tuple(
    (min(own), max(own) + 1)
    for c in CLASSES
    for own in [[NUM_CLASSES + i for i, p in enumerate(PARTS) if p.of == c.name] or [c.id]]
)
"""First place and the one after the last in ``OUTPUT_IDS`` of each class's parts, by id; a class without is its own."""

PART_FLIP_PAIRS: tuple[tuple[int, int], ...] = tuple(
    (p.id, PART_ID[p.pair]) for p in PARTS if p.pair is not None and p.id < PART_ID[p.pair]
)
"""Pairs of part ids that a horizontal flip swaps, besides ``FLIP_PAIRS``."""

SMALL_PARTS: tuple[str, ...] = ("eye_left", "eye_right", "eyebrow_left", "eyebrow_right", "nose", "mouth")
"""Classes of the small-part mean in the metrics."""

LAYER_ORDER: tuple[str, ...] = (
    *("background", "skin", "clothes", "face", "nose", "mouth"),
    *("eye_right", "eye_left", "eyebrow_right", "eyebrow_left", "hair", "accessories"),
)
"""Class names from the bottom layer to the top layer."""

PART_ORDER: tuple[str, ...] = (
    *("background", "wings", "tail", "hair_back", "leg_right", "leg_left", "legwear", "footwear", "bottomwear"),
    *("torso", "neck", "topwear", "necklace", "neckwear", "arm_right", "sleeve_right", "arm_left", "sleeve_left"),
    *("handwear", "ear_right", "ear_left", "face", "mouth_inside", "lips", "nose"),
    *("eye_right_white", "eye_right_iris", "eye_right_lashes", "eye_left_white", "eye_left_iris", "eye_left_lashes"),
    *("eyebrow_right", "eyebrow_left", "hair_side_right", "hair_side_left", "hair_front", "earwear", "eyewear"),
    *("facewear", "animal_ears", "headwear", "held"),
)
"""Leaves from the bottom layer to the top layer. An eye's follow each other, as do an arm's: PSDs group them.

The rear of a hat or a veil lies above ``hair_back``. It is no part of its own: a pixel of it is headwear like any
other, and only a layer knows that it passes behind the head.
"""


_BENEATH: dict[str, str] = {
    "skin": "leg_right",
    "clothes": "topwear",
    "mouth": "eye_right_white",
    "eye_right": "eye_right_white",
    "eye_left": "eye_left_white",
    "hair": "hair_side_right",
    "accessories": "earwear",
}
"""By class that is not told apart, the part right beneath which it lies."""

STACK_ORDER: tuple[str, ...] = tuple(
    name for part in PART_ORDER for name in (*(c for c, above in _BENEATH.items() if above == part), part)
)
"""Names of all classes and parts from the bottom layer to the top layer: a label map may hold both side by side.

Classes lie among each other as in ``LAYER_ORDER``, leaves as in ``PART_ORDER``.
"""


def ids(*names: str) -> tuple[int, ...]:
    """Ids of the named classes.

    >>> ids("nose", "mouth")
    (7, 8)
    """
    return tuple(ID[name] for name in names)


def mask(*names: str) -> np.ndarray:
    """Which classes are among the named ones: (C,) bool, indexed by id."""
    return np.isin(NAMES, names)


def class_name(name: str) -> str:
    """The class that a class or part belongs to.

    >>> class_name("hair_front"), class_name("face")
    ('hair', 'face')
    """
    return NAMES[CLASS_OF[PART_ID[name]]]


SMALL_PART_IDS: tuple[int, ...] = ids(*SMALL_PARTS)
FACE_IDS: tuple[int, ...] = ids("face", *SMALL_PARTS)
"""Classes that make up a face: its skin and its small parts."""

STACK: np.ndarray = np.array([0, *(PART_ID[name] for name in STACK_ORDER)], np.uint8)
"""(S + 1,) uint8: id by place in the stack of layers; 1 is the bottom, and 0 stands for background too."""

STACK_RANK: np.ndarray = np.ones(256, np.uint8)
"""(256,) uint8: place in the stack by id; what is neither class nor part counts as background, at the bottom."""
STACK_RANK[STACK[1:]] = np.arange(1, len(STACK))

LEGACY7: tuple[str, ...] = ("background", "hair", "eye", "mouth", "face", "skin", "clothes")
"""Class names of the MobileNetV2-UNet of siyeong0/Anime-Face-Segmentation, in id order."""

COARSE9: tuple[str, ...] = ("hair", "face", "eye_left", "eye_right", "brow", "mouth", "skin", "clothes", "accessories")
"""Class names, background apart, of comparisons on real drawings with coarser labels (nose counts as face)."""


def lookup_table(mapping: dict[str, str], names: tuple[str, ...]) -> np.ndarray:
    """Table that turns ids of classes and parts into the ids of another vocabulary by ``table[label]``.

    Args:
        mapping: other class name by taxonomy class name, for every class whose name differs.
        names: the other vocabulary in id order.

    Returns:
        (256,) uint8; a part has the id of its class, 255 stays 255, and every value that is neither becomes 255.
    """
    table = np.full(256, IGNORE_INDEX, np.uint8)
    for c in CLASSES:
        table[c.id == CLASS_OF] = names.index(mapping.get(c.name, c.name))
    return table


_BROWS_ARE_FACE = {"eyebrow_left": "face", "eyebrow_right": "face", "nose": "face"}
LEGACY7_TABLE = lookup_table(
    {**_BROWS_ARE_FACE, "eye_left": "eye", "eye_right": "eye", "accessories": "clothes"}, LEGACY7
)
COARSE9_NAMES: tuple[str, ...] = ("background", *COARSE9)
COARSE9_TABLE = lookup_table({"eyebrow_left": "brow", "eyebrow_right": "brow", "nose": "face"}, COARSE9_NAMES)


def palette_bytes(*, parts: bool = False) -> bytes:
    """768 bytes for an indexed PNG: the palette, grey for the ignore index, black elsewhere.

    Args:
        parts: whether the parts' colours are in it; a map of classes alone keeps the bytes that it always had.
    """
    table = COLOURS.copy()
    if not parts:
        table[NUM_CLASSES:IGNORE_INDEX] = 0
    return table.tobytes()


def flip_label(label: np.ndarray) -> np.ndarray:
    """Mirror a label map left to right, swapping the character's sides.

    Args:
        label: (H, W) uint8, ids of classes and parts.

    Returns:
        (H, W) uint8, a new array.
    """
    table = np.arange(256, dtype=np.uint8)
    for a, b in (*FLIP_PAIRS, *PART_FLIP_PAIRS):
        table[a], table[b] = b, a
    return table[label[:, ::-1]]

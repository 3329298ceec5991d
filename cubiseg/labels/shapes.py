"""Label maps to one mask a class or part, and shapes of any tool back to a label map."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.labels.names import NAME_OF, Translation
from cubiseg.taxonomy import IGNORE_INDEX

Mask = tuple[Box, np.ndarray]
"""A box inside the picture and its (height, width) bool pixels."""

MOST_SHAPES = 4096
"""More shapes than these no picture has."""


@dataclass(frozen=True)
class Shape:
    """A named area as a tool keeps it.

    Attributes:
        name: what it is called there.
        mask: gives its pixels; raises ValueError where they cannot be read.
        height: the higher lies on top; of equal ones the later.
    """

    name: str
    mask: Callable[[], Mask]
    height: float = 0


@dataclass(frozen=True)
class Coded:
    """A picture of numbers with their names, as tools keep label maps.

    Attributes:
        codes: (H, W) of whole numbers.
        names: what they are called.
    """

    codes: np.ndarray
    names: Mapping[int, str]


@dataclass(frozen=True)
class Rules:
    """How shapes become a label map.

    Attributes:
        translation: what names mean.
        by_stack: of overlapping shapes that on top whose layer lies on top (``taxonomy.STACK_ORDER``; ``ignore`` above
            all), whatever the tool says.
        uncovered: id of what no shape covers.
    """

    translation: Translation = field(default_factory=Translation)
    by_stack: bool = False
    uncovered: int = 0


def masks_of(label: np.ndarray) -> Iterator[tuple[str, Box, np.ndarray]]:
    """The classes and parts of a label map as masks, from the bottom of the stack to its top.

    Background has none, unless there is nothing else: a picture without a shape would be one that nobody labelled.

    Args:
        label: (H, W) uint8 ids of classes and parts, and 255.

    Yields:
        Name, the smallest box, and the (height, width) bool mask in it.
    """
    there = np.flatnonzero(np.bincount(label.ravel(), minlength=256)).tolist()
    for number in sorted([n for n in there if n] or there, key=_rank):
        mask = label == number
        box = Box.around(mask)
        assert box is not None  # noqa: S101 - it is there
        yield NAME_OF[number], box, mask[box.window]


def _rank(number: int) -> int:
    return 256 if number == IGNORE_INDEX else int(taxonomy.STACK_RANK[number])


def paint(shapes: Sequence[Shape], size: tuple[int, int], rules: Rules) -> tuple[np.ndarray, int]:
    """Shapes to a label map.

    Args:
        shapes: in the tool's order.
        size: height and width of the picture.
        rules: what their names mean, and which lies on top.

    Returns:
        label: (H, W) uint8 ids of classes and parts, and 255.
        overlap: number of pixels that shapes of different names cover.

    Raises:
        ValueError: an unknown name, a shape that cannot be read or lies outside, or too many of them; it is named.
    """
    if len(shapes) > MOST_SHAPES:
        raise ValueError(f"has {len(shapes)} shapes, more than the {MOST_SHAPES} that are read")
    known = [(number, s) for s in shapes if (number := rules.translation.id_of(s.name)) is not None]
    known.sort(key=lambda pair: _rank(pair[0]) if rules.by_stack else pair[1].height)
    label = np.full(size, rules.uncovered, np.uint8)
    claimed, overlap = np.zeros(size, bool), np.zeros(size, bool)
    for number, shape in known:
        try:
            box, mask = shape.mask()
        except ValueError as error:
            raise ValueError(f"shape {shape.name!r} {error}") from error
        window = box.window
        overlap[window] |= mask & claimed[window] & (label[window] != number)
        label[window][mask] = number
        claimed[window] |= mask
    return label, int(np.count_nonzero(overlap))


def box_within(left: int, top: int, width: int, height: int, size: tuple[int, int]) -> Box:
    """A box of whole pixels.

    Raises:
        ValueError: it is empty, or leaves the picture of ``size`` (height, width).
    """
    if left < 0 or top < 0 or width < 1 or height < 1 or left + width > size[1] or top + height > size[0]:
        raise ValueError(f"has a box of {width}x{height} at ({left}, {top}), outside its {size[1]}x{size[0]} picture")
    return Box(left, top, left + width, top + height)


def filled(box: Box) -> Mask:
    """A box as a mask."""
    return box, np.ones((int(box.height), int(box.width)), bool)

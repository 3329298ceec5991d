"""Rectangles in a picture, in one order of their sides everywhere."""

from typing import NamedTuple

import cv2
import numpy as np


class Box(NamedTuple):
    """A rectangle in pixels (or in shares of a picture's sides); ``right`` and ``bottom`` are exclusive.

    Sides that are whole numbers index arrays through :attr:`window`.

    >>> Box(2, 1, 5, 3).window
    (slice(1, 3, None), slice(2, 5, None))
    """

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def around(cls, mask: np.ndarray) -> "Box | None":
        """The smallest box that holds all pixels of a mask, (H, W) bool or uint8; None where it has none."""
        x, y, width, height = cv2.boundingRect(np.ascontiguousarray(mask).view(np.uint8))
        return cls(x, y, x + width, y + height) if width else None

    @classmethod
    def square(cls, x: float, y: float, side: float) -> "Box":
        """A square by its middle and its side.

        >>> Box.square(5, 4, 2)
        Box(left=4.0, top=3.0, right=6.0, bottom=5.0)
        """
        return cls(x - side / 2, y - side / 2, x + side / 2, y + side / 2)

    @property
    def middle(self) -> tuple[float, float]:
        """x and y."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top

    @property
    def longest(self) -> float:
        """The longer of both sides."""
        return max(self.width, self.height)

    @property
    def window(self) -> tuple[slice, slice]:
        """Rows and columns, to index a picture with; fractions are cut off."""
        return slice(int(self.top), int(self.bottom)), slice(int(self.left), int(self.right))

    def scaled(self, factor: float) -> "Box":
        """The same box in a picture that is ``factor`` times as large."""
        return Box(*(side * factor for side in self))

    def moved(self, x: float, y: float) -> "Box":
        """The box shifted by ``x`` to the right and ``y`` down."""
        return Box(self.left + x, self.top + y, self.right + x, self.bottom + y)

    def grown(self, margin: float, size: tuple[int, int]) -> "Box":
        """The box with a margin on each side, cut to a picture of ``size`` (height, width)."""
        height, width = size
        return Box(
            max(0, self.left - margin),
            max(0, self.top - margin),
            min(width, self.right + margin),
            min(height, self.bottom + margin),
        )

    def union(self, other: "Box | None") -> "Box":
        """The smallest box that holds both; None is nothing."""
        if other is None:
            return self
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


_STRIP = 1 << 18
"""Pixels that are looked at together: their bits fit into a processor's cache."""


def boxes_by_value(*planes: np.ndarray) -> dict[int, Box]:
    """The smallest box that holds all pixels of each value, but 0, in some maps of one size.

    Args:
        planes: (H, W) uint8 each, values under 64.

    Returns:
        Boxes by value, ascending; only of values that occur.

    >>> boxes_by_value(np.array([[0, 3], [0, 1]], np.uint8))
    {1: Box(left=1, top=1, right=2, bottom=2), 3: Box(left=1, top=0, right=2, bottom=1)}
    """
    table = np.left_shift(np.uint64(1), np.arange(64, dtype=np.uint64))
    height, width = planes[0].shape
    rows, columns = np.zeros(height, np.uint64), np.zeros(width, np.uint64)
    step = max(1, _STRIP // max(width, 1))
    for plane in planes:
        for top in range(0, height, step):
            bits = table.take(plane[top : top + step])
            rows[top : top + step] |= np.bitwise_or.reduce(bits, axis=1)
            columns |= np.bitwise_or.reduce(bits, axis=0)
    there = int(np.bitwise_or.reduce(rows))
    found = {}
    for value in range(1, 64):
        if there >> value & 1:
            y, x = (np.flatnonzero(side & table[value]) for side in (rows, columns))
            found[value] = Box(int(x[0]), int(y[0]), int(x[-1]) + 1, int(y[-1]) + 1)
    return found

"""A picture that was looked at several times: as a whole, then pieces of it larger, merged without a seam.

What a look saw of its piece is blended with what the looks before it saw there. Its weight falls smoothly to 0 towards
the sides of the piece, so that nothing changes abruptly there. All of it happens on the finer look's own grid: no
logits are ever made at the picture's size.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.letterbox import Placement, resampled
from cubiseg.workers import side_by_side

LookName = Literal["once", "twice", "flipped"]
"""How often a picture is looked at: as a whole; its head again; and both mirrored as well."""
RAMP = 0.1
"""Share of a second look's side within which its weight falls to 0."""
STEPS = 256
"""Steps of a logit of 1 where logits are kept as integers."""
LEAST_GAIN = 1.2
"""How much larger a second look must show a head for it to be worth one."""


@dataclass(frozen=True)
class Look:
    """What was seen of a piece of the picture.

    Attributes:
        box: the piece, whole px.
        logits: (C, h, w) float32 of classes, for the network's input.
        placement: where the piece lies in them.
        views: (2, h, w) uint8, what class the picture and its mirror image each gave, before their mean was taken and
            before the look was merged with others; None where it was not mirrored.
        parts: (P, h, w) int16, the same of parts in steps (:func:`in_steps`); None where the network tells classes
            only. They are most of what is kept, and say no more than which part of a class is likeliest.
    """

    box: Box
    logits: np.ndarray
    placement: Placement
    views: np.ndarray | None = None
    parts: np.ndarray | None = None

    @property
    def planes(self) -> list[np.ndarray]:
        """Logits of all outputs in the network's order: (h, w) float32 of classes, then int16 of parts; views."""
        return [*self.logits, *(() if self.parts is None else self.parts)]

    @property
    def cell(self) -> float:
        """Pixels of the picture, along a side, that one pixel of the look covers."""
        return max(self.placement.original) / max(self.placement.scaled)


def prevailing(piece: Box, size: tuple[int, int]) -> Box:
    """Where in its piece a second look counts more than the looks before it, whole px.

    Args:
        piece: what it shows, whole px.
        size: height and width of the picture.
    """
    x, y = round(piece.width * RAMP / 2), round(piece.height * RAMP / 2)
    return Box(
        piece.left + x * (piece.left > 0),
        piece.top + y * (piece.top > 0),
        piece.right - x * (piece.right < size[1]),
        piece.bottom - y * (piece.bottom < size[0]),
    )


def in_steps(planes: np.ndarray) -> np.ndarray:
    """Logits of parts as whole steps, in half of the memory; float16 takes five times as long.

    Args:
        planes: (..., h, w) float32; what lies beyond 127, as no trained net's do, counts as 127.

    Returns:
        The same in int16.
    """
    out = np.empty(planes.shape, np.int16)
    for place in np.ndindex(planes.shape[:-2]):  # planes fit into a cache
        np.multiply(np.clip(planes[place], -127, 127), STEPS, out=out[place], casting="unsafe")
    return out


def add_mirrored(planes: Sequence[np.ndarray], others: np.ndarray) -> None:
    """Make logits of a picture the mean with those of the mirrored picture, in place.

    The others are mirrored back, left and right exchanged.

    Args:
        planes: those of a look (:attr:`Look.planes`).
        others: (outputs, h, w) float32, the same of the mirrored picture.
    """
    for plane, other in zip(planes, _OTHER[len(planes)], strict=True):
        back = cv2.flip(others[other], 1)
        cv2.addWeighted(plane, 0.5, back if plane.dtype == np.float32 else in_steps(back), 0.5, 0, dst=plane)


def mirrored_classes(ids: np.ndarray) -> np.ndarray:
    """Classes that were seen of the mirrored picture as those of the picture: (h, w) uint8, as ``ids``."""
    return np.asarray(cv2.flip(_OTHER[taxonomy.NUM_CLASSES].astype(np.uint8)[ids], 1))


def _exchanged(ids: np.ndarray) -> np.ndarray:
    """For each place in a list of ids, that of the id on the character's other side."""
    other = np.arange(256)
    for one, two in (*taxonomy.FLIP_PAIRS, *taxonomy.PART_FLIP_PAIRS):
        other[[one, two]] = two, one
    places = {int(number): place for place, number in enumerate(ids)}
    return np.array([places[int(other[number])] for number in ids])


_OTHER = {len(ids): _exchanged(ids) for ids in (np.arange(taxonomy.NUM_CLASSES), taxonomy.OUTPUT_IDS)}


def merged(look: Look, before: Sequence[Look], size: tuple[int, int]) -> Look:
    """A look that agrees with those before it at the sides of its piece.

    Args:
        look: what was seen of a piece.
        before: merged looks in their order, the first of the whole picture.
        size: height and width of the picture.

    Returns:
        The look with blended logits, without the margin of the network's input; they take the place of the given ones,
        since each look's are many times as large as the picture.
    """
    (h, w), (top, left) = look.placement.scaled, look.placement.offset
    window = (..., slice(top, top + h), slice(left, left + w))
    views = None if look.views is None else look.views[window]
    parts = None if look.parts is None else look.parts[window]
    out = Look(look.box, look.logits[window], Placement(look.placement.original, (h, w), (0, 0)), views, parts)
    weight = _ramp(h, look.box.top > 0, look.box.bottom < size[0])[:, None] * _ramp(
        w, look.box.left > 0, look.box.right < size[1]
    )

    def blend(outputs: slice) -> None:
        for plane, known in zip(out.planes[outputs], seen(before, look.box, (h, w), outputs), strict=True):
            np.copyto(plane, (plane - known) * weight + known, casting="unsafe")

    half = len(out.planes) // 2
    side_by_side([partial(blend, slice(half)), partial(blend, slice(half, None))], size)
    return out


def seen(looks: Sequence[Look], box: Box, size: tuple[int, int], outputs: slice) -> Iterator[np.ndarray]:
    """What merged looks tell together of a piece of the picture, the later above the earlier.

    Args:
        looks: in their order, the first of the whole picture.
        box: the piece, in px.
        size: height and width of the grid that covers it.
        outputs: which of :attr:`Look.planes`.

    Yields:
        (*size) float32, one for each output.
    """
    above = [(window, planes) for look in looks[1:] for window, planes in _within(look, box, size, outputs)]
    for plane in resampled(looks[0].planes[outputs], looks[0].placement, box, size):
        for window, planes in above:
            plane[window] = next(planes)
        yield plane


def _within(
    look: Look, box: Box, size: tuple[int, int], outputs: slice
) -> Iterator[tuple[tuple[slice, slice], Iterator[np.ndarray]]]:
    """Where a look's piece lies in a grid, and the look's outputs there; nothing where it lies beside it."""
    y, x = (
        (np.arange(count) + 0.5) * (length / count) + first
        for count, length, first in ((size[0], box.height, box.top), (size[1], box.width, box.left))
    )
    inside = look.box
    rows, columns = (
        np.flatnonzero((places > first) & (places < end))
        for places, first, end in ((y, inside.top, inside.bottom), (x, inside.left, inside.right))
    )
    if len(rows) and len(columns):
        window = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        half = box.height / size[0] / 2, box.width / size[1] / 2
        piece = Box(x[columns[0]] - half[1], y[rows[0]] - half[0], x[columns[-1]] + half[1], y[rows[-1]] + half[0])
        within = piece.moved(-inside.left, -inside.top)
        yield window, resampled(look.planes[outputs], look.placement, within, (len(rows), len(columns)))


def _ramp(count: int, at_start: bool, at_end: bool) -> np.ndarray:
    """Weights along a side, (count,) float32: 0 beyond, rising smoothly over ``RAMP`` of it to 1; 1 at a picture's."""
    place = (np.arange(count, dtype=np.float32) + 0.5) / count
    inwards = np.ones(count, np.float32)
    for there, away in ((at_start, place), (at_end, 1 - place)):
        if there:
            inwards = np.minimum(inwards, away / RAMP)
    return inwards * inwards * (3 - 2 * inwards)

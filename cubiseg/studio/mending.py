"""Our rules of cleaning, called by hand on the piece that a person points at.

A piece is what hangs together of one id (8-neighbours). Each rule is a pure function of the label map, (H, W) uint8 ids
of classes and parts, and a pixel (row, column); it gives a new map.
"""

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.cleaning.rules import give_to_surroundings
from cubiseg.errors import CubisegError

_OTHER_SIDE = np.arange(256, dtype=np.uint8)
for _one, _other in (*taxonomy.FLIP_PAIRS, *taxonomy.PART_FLIP_PAIRS):
    _OTHER_SIDE[_one], _OTHER_SIDE[_other] = _other, _one


def piece_at(label: np.ndarray, at: tuple[int, int]) -> np.ndarray:
    """The piece that holds a pixel: (H, W) bool."""
    _, pieces = cv2.connectedComponents((label == label[at]).view(np.uint8), connectivity=8)
    found: np.ndarray = pieces == pieces[at]
    return found


def swap_sides(label: np.ndarray, at: tuple[int, int]) -> np.ndarray:
    """Swap the character's left and right of what lies there: both eyes with their parts, both sleeves, ….

    Raises:
        CubisegError: it has no other side.
    """
    pointed = int(label[at])
    kind = int(taxonomy.CLASS_OF[pointed])
    both = kind if _OTHER_SIDE[kind] != kind else pointed  # of an eye's iris, the whole eyes are swapped
    if _OTHER_SIDE[both] == both:
        raise CubisegError(f"{taxonomy.PART_NAME[pointed]} has no left and right; point at an eye, a brow, a sleeve …")
    ids = label if both != kind else taxonomy.CLASS_OF[label]
    return np.where((ids == both) | (ids == _OTHER_SIDE[both]), _OTHER_SIDE[label], label)


def give_away(label: np.ndarray, at: tuple[int, int]) -> np.ndarray:
    """Give the piece there, whole, to what it shares the longest border with."""
    return _given_away(label, piece_at(label, at))


def fill_holes(label: np.ndarray, at: tuple[int, int]) -> np.ndarray:
    """Close the holes in the piece there: whatever it wholly surrounds becomes part of it."""
    piece = piece_at(label, at)
    framed = np.pad((~piece).view(np.uint8), 1, constant_values=1)
    _, outside = cv2.connectedComponents(framed, connectivity=4)
    return np.where((outside != outside[0, 0])[1:-1, 1:-1], label[at], label)


def keep_largest(label: np.ndarray, at: tuple[int, int]) -> np.ndarray:
    """Of what lies there keep the largest piece in the picture; each other piece goes to what surrounds it."""
    count, pieces, stats, _ = cv2.connectedComponentsWithStats((label == label[at]).view(np.uint8), connectivity=8)
    if count <= 2:
        return label.copy()
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    return _given_away(label, (pieces > 0) & (pieces != largest))


def _given_away(label: np.ndarray, mask: np.ndarray) -> np.ndarray:
    box = Box.around(mask)
    if box is None or mask.all():
        return label.copy()
    window = box.grown(1, label.shape).window
    count, pieces = cv2.connectedComponents(mask[window].view(np.uint8), connectivity=8)
    out = label.copy()
    out[window] = give_to_surroundings(label[window], pieces, count - 1)
    return out


RULES: dict[str, Callable[[np.ndarray, tuple[int, int]], np.ndarray]] = {
    "swap": swap_sides,
    "give": give_away,
    "holes": fill_holes,
    "largest": keep_largest,
}
"""Each rule by the name that the page calls it by."""


def mended(label: np.ndarray, rule: str, at: tuple[int, int], locked: Sequence[int] = ()) -> np.ndarray:
    """A label map after a rule; pixels of locked ids stay as they are.

    Args:
        label: (H, W) uint8.
        rule: key of :data:`RULES`.
        at: row and column of the pixel that is pointed at.
        locked: ids that lose no pixel.

    Raises:
        CubisegError: no such rule, a place outside, or the rule cannot work there.
    """
    if rule not in RULES:
        raise CubisegError(f"there is no rule {rule!r}; known are {', '.join(RULES)}")
    if not (0 <= at[0] < label.shape[0] and 0 <= at[1] < label.shape[1]):
        raise CubisegError("that place is outside the picture")
    return np.where(np.isin(label, locked), label, RULES[rule](label, at))

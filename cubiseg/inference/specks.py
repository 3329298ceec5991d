"""Specks: what a network saw a few pixels of and hardly believed, which nobody wants a layer of.

A network that tells 44 parts gives most pictures some that are not there: wings of 70 pixels in a fringe, trousers in a
sleeve's fold. They are told from small parts that are there by three things: how large a piece is beside the face, how
sure the network is of its class, and how small that part can be. Pieces that are specks go to the parts around them,
and so does all of a part of which too little is left to be one.

The bounds were set on label maps of 45 busts and 18 whole figures of real characters and of generated portraits. There
less than a fifth of what is given away was right, and hardly any part that is there is lost (docs/layers.md).
"""

from collections.abc import Mapping
from typing import NamedTuple

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.boxes import Box, boxes_by_value
from cubiseg.label_maps import nearest_class

WORKING_SIDE = 2048
"""Longer side, in pixels, at which larger label maps are looked at."""
NEAR = 32
"""Pixels around all specks within which the parts around them are looked for."""
FACE_SHARE = 0.1
"""Area of a face as a share of the figure's, where none is seen."""
MOST, SMALL = 0.06, 0.02
"""Shares of the face under which a piece may be a speck, and under which it is looked at more strictly."""


class Bounds(NamedTuple):
    """What tells a part's specks.

    Attributes:
        doubted: mean confidence, 0..1, below which a piece under ``MOST`` is one.
        small_doubted: the same of a piece under ``SMALL``.
        least: share of the face under which the part as a whole is none, however sure the network is.
    """

    doubted: float
    small_doubted: float
    least: float


LARGE, LITTLE, PEEPING = Bounds(0.4, 0.5, 0.005), Bounds(0.4, 0.4, 0.0005), Bounds(0.3, 0.3, 0.0002)
"""Of limbs, clothes and most others; of what may be an earring or a plaster; of ears and necks, which hair hides."""

GivenAway = Mapping[str, Mapping[str, int]]
"""Pixels that were given away, by name of the class or part that they were of, and by that which they went to."""

_BACKGROUND = taxonomy.ID["background"]
_FACE = np.isin(taxonomy.CLASS_OF, taxonomy.FACE_IDS)
_STAYS = np.isin(taxonomy.CLASS_OF, (_BACKGROUND, *taxonomy.FACE_IDS, taxonomy.ID["hair"], taxonomy.IGNORE_INDEX))
"""(256,) bool, by id: never given away. A face's small parts are few pixels, and hair ends in strands and curls."""
_BOUNDS = {
    **dict.fromkeys(("accessories", "earwear", "eyewear", "facewear", "necklace"), LITTLE),
    **dict.fromkeys(("skin", "ear_left", "ear_right", "neck"), PEEPING),
}
"""Of parts that are not large, and of classes that are not told apart and may hold such parts."""


def without_specks(ids: np.ndarray, confidence: np.ndarray) -> tuple[np.ndarray, GivenAway]:
    """Give specks to the parts around them.

    Where the network is sure of the class, a speck stays in it if it touches another part of it; else each pixel goes
    to the nearest part. None becomes background. Background, hair, the face and its small parts are never given away.

    Args:
        ids: (H, W) uint8, ids of classes and parts.
        confidence: (H, W) float, of each pixel's class, 0..1.

    Returns:
        (H, W) uint8, ``ids`` itself where there are no specks; and what was given away.
    """
    step = -(-max(ids.shape) // WORKING_SIDE)
    small = np.ascontiguousarray(ids[::step, ::step])
    doubtful, sure = _specks(small, confidence[::step, ::step])
    lost = doubtful | sure
    known = ~lost & (small != _BACKGROUND) & (small != taxonomy.IGNORE_INDEX)
    if not lost.any() or not known.any():
        return ids, {}
    around = small.copy()
    _keep_class(around, sure, lost)
    left = lost & (around == small)
    _fill(around, left, known)
    if step == 1:
        new, where = around, lost
    else:  # the rims of what stands alone lie between the samples
        where = _large(cv2.dilate(lost.view(np.uint8), np.ones((3, 3), np.uint8)), ids.shape) > 0
        where &= np.isin(ids, np.unique(small[lost]))
        new = np.where(where, _large(around, ids.shape), ids)
    return new, _told(ids[where], new[where])


def _specks(ids: np.ndarray, confidence: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pixels of specks whose class the network doubts, and of those that are merely too few: (H, W) bool each."""
    doubtful, sure = np.zeros(ids.shape, bool), np.zeros(ids.shape, bool)
    face = _face_area(ids)
    for number, box in boxes_by_value(ids).items():
        if _STAYS[number]:
            continue
        window, bounds = box.window, _BOUNDS.get(taxonomy.PART_NAME[number], LARGE)
        mask = ids[window] == number
        count, pieces = cv2.connectedComponents(mask.view(np.uint8), connectivity=8)
        areas = np.bincount(pieces[mask], minlength=count)
        is_small = areas < MOST * face
        is_small[0] = False
        if not is_small.any():
            continue
        where = np.flatnonzero(is_small[pieces])
        whose = pieces.ravel()[where]
        mean = np.bincount(whose, confidence[window].ravel()[where], len(areas)) / np.maximum(areas, 1)
        doubted = is_small & (mean < np.where(areas < SMALL * face, bounds.small_doubted, bounds.doubted))
        rest = is_small & ~doubted
        if areas[~doubted].sum() >= bounds.least * face:
            rest[:] = False
        y, x = np.divmod(where, pieces.shape[1])
        doubtful[window][y, x] = doubted[whose]
        sure[window][y, x] = rest[whose]
    return doubtful, sure


def _face_area(ids: np.ndarray) -> float:
    """Area of the largest face in pixels; a guess from the figure's where there is none."""
    faces = _FACE[ids]
    box = Box.around(faces)
    if box is None:
        return FACE_SHARE * np.count_nonzero((ids != _BACKGROUND) & (ids != taxonomy.IGNORE_INDEX))
    _, _, stats, _ = cv2.connectedComponentsWithStats(faces[box.window].view(np.uint8), connectivity=8)
    return float(stats[1:, cv2.CC_STAT_AREA].max())


def _keep_class(ids: np.ndarray, sure: np.ndarray, lost: np.ndarray) -> None:
    """Give pieces of ``sure`` to the part of their class that they touch most, if they touch one, in place."""
    specks = ids * sure
    for number, box in boxes_by_value(specks).items():
        window = box.grown(1, ids.shape).window
        count, pieces = cv2.connectedComponents((specks[window] == number).view(np.uint8), connectivity=8)
        for which in range(1, count):
            piece = pieces == which
            beside = (cv2.dilate(piece.view(np.uint8), np.ones((3, 3), np.uint8)) > 0) & ~lost[window]
            touched = ids[window][beside]
            touched = touched[taxonomy.CLASS_OF[touched] == taxonomy.CLASS_OF[number]]
            if len(touched):
                ids[window][piece] = np.bincount(touched).argmax()


def _fill(ids: np.ndarray, wanted: np.ndarray, known: np.ndarray) -> None:
    """Give wanted pixels the id of the nearest known one, in place; at least one is known."""
    box = Box.around(wanted)
    if box is None:
        return
    window = box.grown(NEAR, ids.shape).window  # a picture is mostly ground
    if not known[window].any():
        window = slice(None), slice(None)
    ids[window] = np.where(wanted[window], nearest_class(ids[window], known[window]), ids[window])


def _large(plane: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    return np.asarray(cv2.resize(plane, size[::-1], interpolation=cv2.INTER_NEAREST))


def _told(before: np.ndarray, after: np.ndarray) -> GivenAway:
    """Counts of what changed, by name before and after, in the order of ids; both (N,) uint8."""
    pairs, counts = np.unique(np.stack([before, after]), axis=1, return_counts=True)
    told: dict[str, dict[str, int]] = {}
    for (one, other), pixels in zip(pairs.T.tolist(), counts.tolist(), strict=True):
        if one != other:
            told.setdefault(taxonomy.PART_NAME[one], {})[taxonomy.PART_NAME[other]] = pixels
    return told

"""Masks of SAM: which of them are kept, and how masks that overlap become segments that do not.

Filters and thresholds are those of "segment everything" (Kirillov et al., "Segment Anything", ICCV 2023): masks that
the network rates low, that are unsteady or that repeat a better one are left out, and small holes are closed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from cubiseg.regions.unnamed import by_area

LEAST_IOU = 0.88
"""Masks whose IoU with the object the network itself puts no higher are left out."""
LEAST_STABILITY = 0.95
MARGIN = 1.0
"""Logits by which the threshold moves for the stability score."""
MOST_OVERLAP = 0.7
"""Of two boxes with a higher IoU the better one stays."""
HOLE = 0.001
"""Share of the picture under which a hole in a mask is closed, and an island beside it is left out."""
SPECK = 0.0005
"""Share of the picture that a segment shows at least."""


@dataclass(frozen=True)
class Masks:
    """Masks of one picture, a bit a pixel: 18 kB each at 384x384.

    Attributes:
        packed: (N, ceil(H * W / 8)) uint8, rows of pixels one after another, packed by ``np.packbits``.
        boxes: (N, 4) int64, x0, y0, x1, y1 in pixels, ends excluded.
        ratings: (N,) float32, IoU that the network predicts, about 0..1.
    """

    packed: np.ndarray
    boxes: np.ndarray
    ratings: np.ndarray


def stability(logits: np.ndarray) -> np.ndarray:
    """How little masks change with the threshold: IoU of a strict and a lax cut (Kirillov et al. 2023).

    Args:
        logits: (N, H, W) float32.

    Returns:
        (N,) float64 in 0..1; 0 where even the lax cut is empty.
    """
    strict = np.count_nonzero(logits > MARGIN, axis=(1, 2))
    lax = np.count_nonzero(logits > -MARGIN, axis=(1, 2))
    return strict / np.maximum(lax, 1)


def stable_masks(logits: np.ndarray, ratings: np.ndarray) -> Masks:
    """Keep the masks that are stable.

    Args:
        logits: (N, H, W) float32, above 0 inside.
        ratings: (N,) float32.
    """
    stable = stability(logits) >= LEAST_STABILITY
    masks = logits[stable] > 0
    return Masks(pack(masks), boxes_of(masks), ratings[stable])


def pack(masks: np.ndarray) -> np.ndarray:
    """A bit a pixel: (N, H, W) bool -> (N, ceil(H * W / 8)) uint8, as in :class:`Masks`."""
    return np.packbits(masks.reshape(len(masks), masks.shape[1] * masks.shape[2]), axis=1)


def boxes_of(masks: np.ndarray) -> np.ndarray:
    """Boxes of masks: (N, H, W) bool, none empty -> (N, 4) int64, x0, y0, x1, y1, ends excluded."""
    height, width = masks.shape[1:]
    rows, columns = np.any(masks, axis=2), np.any(masks, axis=1)
    x1, y1 = width - columns[:, ::-1].argmax(1), height - rows[:, ::-1].argmax(1)
    return np.stack([columns.argmax(1), rows.argmax(1), x1, y1], axis=1)


def without_repeats(boxes: np.ndarray, ratings: np.ndarray) -> np.ndarray:
    """Non-maximum suppression: leave out boxes that overlap a better one that stays.

    Args:
        boxes: (N, 4) int64, x0, y0, x1, y1, ends excluded.
        ratings: (N,) float32, above 0.

    Returns:
        (K,) int64, indices of those that stay, best first; of equals the first.
    """
    corner, end = boxes[:, :2], boxes[:, 2:]
    kept = cv2.dnn.NMSBoxes(np.hstack([corner, end - corner]).tolist(), ratings.tolist(), 0.0, MOST_OVERLAP)
    return np.array(kept, np.int64).reshape(-1)


def to_partition(packed: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Give every pixel to the smallest mask that covers it; what none covers is one more region.

    Args:
        packed: (N, ceil(H * W / 8)) uint8, as in :class:`Masks`. Of masks of the same area the first counts as smaller.
        shape: H, W.

    Returns:
        (H, W) int32, ids from 0, each of which occurs. Masks that smaller ones hide have none.
    """
    return np.unique(smallest_on_top(packed, shape), return_inverse=True)[1].reshape(shape).astype(np.int32)


def smallest_on_top(packed: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Paint masks over each other from the largest down.

    Args:
        packed: as for :func:`to_partition`.
        shape: H, W.

    Returns:
        (H, W) uint16: numbers of masks from 1, 0 where there is none.
    """
    area = np.bitwise_count(packed).sum(1, dtype=np.int64)
    region = np.zeros(shape[0] * shape[1], np.uint16)
    for number, index in enumerate(np.argsort(area, kind="stable")[::-1], start=1):
        region[np.unpackbits(packed[index], count=region.size).view(bool)] = number
    return region.reshape(shape)


def whole(mask: np.ndarray, least: float) -> np.ndarray:
    """A mask without small holes and islands (``remove_small_regions`` of the authors' code).

    Args:
        mask: (H, W) bool.
        least: pixels; the largest island stays however small it is.
    """
    for holes in (True, False):
        count, pieces, stats, _ = cv2.connectedComponentsWithStats((mask ^ holes).astype(np.uint8), connectivity=8)
        areas = stats[:, cv2.CC_STAT_AREA].copy()
        areas[0] = 0
        small = areas < least
        small[0] = False
        if not holes and count > 1:
            small[areas.argmax()] = False
        mask = mask ^ small[pieces]
    return mask


def to_segments(masks: Masks, shape: tuple[int, int], count: int) -> np.ndarray:
    """The masks that show most, stacked by area, so that each pixel is of the smallest that covers it.

    Args:
        masks: masks of one picture.
        shape: H, W.
        count: segments at most.

    Returns:
        (H, W) uint16: numbers from 1 by the area that shows, the largest first; 0 where no mask lies.
    """
    pixels = shape[0] * shape[1]
    area = np.bitwise_count(masks.packed).sum(1, dtype=np.int64)
    order = np.argsort(-area, kind="stable")
    shown = np.bincount(_painted(masks, order, shape).ravel(), minlength=len(order) + 1)[1:]
    best = np.argsort(-shown, kind="stable")[:count]
    kept = order[np.sort(best[shown[best] >= max(SPECK * pixels, 1)])]
    return by_area(_painted(masks, kept, shape))


def _painted(masks: Masks, order: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Masks painted over each other in an order: (H, W) uint16, place in it from 1, 0 where there is none."""
    painted = np.zeros(shape, np.uint16)
    for place, mask in enumerate(_unpacked(masks, order, shape), start=1):
        painted[whole(mask, HOLE * mask.size)] = place
    return painted


def _unpacked(masks: Masks, order: np.ndarray, shape: tuple[int, int]) -> Iterator[np.ndarray]:
    for index in order:
        yield np.unpackbits(masks.packed[index], count=shape[0] * shape[1]).reshape(shape).astype(bool)

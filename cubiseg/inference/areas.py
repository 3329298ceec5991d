"""Areas of one colour: what a network sees of their pixels is evened out over each.

What is drawn as one area is one thing. A network that sees little of a figure calls pieces of a dress skin, or the
plain backdrop between two legs clothes, where no line parts them from the rest. So the picture is divided into areas
of one colour (:func:`cubiseg.superpixels.graph_areas`), and the probability of each large class at a pixel is drawn
towards its mean over the pixel's area: a geometric mean of both. Where an area holds two things that no line parts (a
white figure on white), the network is sure of both, and keeps them. Small parts of a face stay as they are, and are not
counted.

The parts of clothes and accessories are evened out likewise, within the class that a pixel then has: a skirt is one
garment. Those of hair have one colour, and those of skin run into each other.
"""

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.inference.looks import STEPS
from cubiseg.letterbox import Placement, largest
from cubiseg.superpixels import graph_areas

SIDE = 320
"""Longer side, in pixels, at which areas are found."""
SCALE, LEAST, SMOOTH = 300.0, 20, 0.5
"""Scale, smallest area in pixels, and blur of :func:`cubiseg.superpixels.graph_areas`."""
PULL = 0.5
"""Weight of an area's mean against the pixel's own probability, 0..1, in the geometric mean."""

_FLOOR = 1e-4
"""Added to probabilities before their logarithm: no pixel outvotes a thousand others by being sure."""
_DIVIDED = tuple(taxonomy.ID[name] for name in ("clothes", "accessories"))
"""Classes whose parts are evened out."""
_LARGE = np.setdiff1d(np.arange(taxonomy.NUM_CLASSES), taxonomy.SMALL_PART_IDS)


def even_out(logits: np.ndarray, parts: np.ndarray | None, placement: Placement, area: np.ndarray) -> None:
    """Draw the logits of classes, and of parts, towards those of their area, in place.

    Args:
        logits: (C, h, w) float32 of classes, for the network's input.
        parts: (P, h, w) int16 of parts in steps (:func:`cubiseg.inference.looks.in_steps`); None where there are none.
        placement: where a piece of a picture lies in them.
        area: (sh, sw) int64, as :func:`areas` gives it for that piece at its size in the network's input.
    """
    (h, w), (top, left) = placement.scaled, placement.offset
    window = (..., slice(top, top + h), slice(left, left + w))
    inner = logits[window]
    counts = ~np.isin(largest(inner), taxonomy.SMALL_PART_IDS)
    total = np.bincount(area.ravel(), weights=counts.ravel()).clip(1)
    shift = inner.max(axis=0)
    sums = sum(cv2.exp(plane - shift) for plane in inner)
    for number in _LARGE:
        own = cv2.exp(inner[number] - shift) / sums
        mean = np.bincount(area.ravel(), weights=(own * counts).ravel()) / total
        pull = cv2.log((mean.astype(np.float32)[area] + _FLOOR) / (own + _FLOOR))
        inner[number] += PULL * counts * pull
    if parts is not None:
        _even_out_parts(parts[window], largest(inner), area)


def _even_out_parts(parts: np.ndarray, label: np.ndarray, area: np.ndarray) -> None:
    """:func:`even_out` of parts, (P, h, w) int16, in the classes of ``label``, (h, w) uint8."""
    for number in _DIVIDED:
        own = label == number
        where = area[own]
        total = np.bincount(where).clip(1)
        first, end = (place - taxonomy.NUM_CLASSES for place in taxonomy.PART_RANGES[number])
        logits = np.stack([plane[own] for plane in parts[first:end]]) * np.float32(1 / STEPS)
        seen = np.exp(logits - logits.max(axis=0))
        seen /= seen.sum(axis=0)
        for plane, share in zip(parts[first:end], seen, strict=True):
            mean = (np.bincount(where, weights=share) / total).astype(np.float32)
            pull = np.log((mean[where] + _FLOOR) / (share + _FLOOR))
            plane[own] = np.clip(plane[own] + STEPS * PULL * pull, -127 * STEPS, 127 * STEPS)


def areas(rgb: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Divide a piece of a picture into areas of one colour.

    Args:
        rgb: (H, W, 3) uint8, sRGB.
        size: height and width of the grid that covers it.

    Returns:
        (*size) int64, the number of the area that each pixel of the grid lies in, from 0.
    """
    height, width = size
    scale = min(1.0, SIDE / max(size))
    small = max(1, round(width * scale)), max(1, round(height * scale))
    shrunk = cv2.resize(rgb, small, interpolation=cv2.INTER_AREA)
    found = graph_areas(shrunk, SCALE, SMOOTH, LEAST)
    return cv2.resize(found, (width, height), interpolation=cv2.INTER_NEAREST).astype(np.intp)

"""Connected pieces of a mask: their numbers, their areas, and where some of them lie.

OpenCV can count areas itself, but takes four times as long for it as for the numbers.
"""

from collections.abc import Iterator

import cv2
import numpy as np

_STRIP = 1 << 18
"""Pixels that are counted together: numpy counts and looks up by numbers of eight bytes, which take room."""


def numbered(mask: np.ndarray, connectivity: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Number the connected pieces of a mask.

    Args:
        mask: (H, W) bool or uint8, at least one pixel large.
        connectivity: 8, or 4 where corners do not join pixels.

    Returns:
        numbers: (H, W) int32, number of each pixel's piece, 0 outside of the mask.
        areas: (N + 1,) int64, pixels by number.

    >>> numbered(np.array([[1, 0, 1], [1, 0, 0]], np.uint8))[1].tolist()
    [3, 2, 1]
    """
    count, numbers = cv2.connectedComponents(mask.view(np.uint8), connectivity=connectivity)
    areas = np.zeros(count, np.int64)
    for _, strip in _strips(numbers):
        areas += np.bincount(strip, minlength=count)
    return numbers, areas


def places_of(numbers: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Places of some pieces in the flat map of their numbers.

    Args:
        numbers: (H, W) int32, of :func:`numbered`.
        wanted: (N + 1,) bool, by number.

    Returns:
        (M,) int64, ascending.
    """
    if not wanted.any():
        return np.zeros(0, np.int64)
    return np.concatenate([start + np.flatnonzero(wanted[strip]) for start, strip in _strips(numbers)])


def _strips(numbers: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    flat = numbers.ravel()
    for start in range(0, len(flat), _STRIP):
        yield start, flat[start : start + _STRIP]

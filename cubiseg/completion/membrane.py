"""Colours between those that are known: a membrane, spanned between known pixels as over a frame.

Its values nearly solve Laplace's equation: none lies beyond the known ones, and beside a known pixel they are nearly
its own. A part is so continued by the colours at its covered edge, not by a mean of all of it. Far from the edge a
strip of it counts that is the broader the farther it is, so that a few odd pixels there do not colour everything.
"""

import cv2
import numpy as np

FINEST = 128
"""Largest side, in pixels, at which the equation is solved: its solution is smooth, so more would only cost time."""
SAMPLES = 3
"""Pixels, along a side, that are averaged for one of these at least, where there are so many."""
COARSE = 40
"""Longer side, in pixels, up to which a level is coarse: it is cheap, and more is left to solve there."""
SWEEPS, LAST_SWEEPS = 8, 4
"""Rounds of Jacobi's method on such a level, and on a finer one, which only smooths what the coarser ones left."""
LINES = 0.07
"""Width of dark lines that are no part of a plain surface: share of the longer side of what is looked at."""
BESIDE = np.array([(0, 1, 0), (1, 0, 1), (0, 1, 0)], np.float32) / 4


def membrane(
    values: np.ndarray, known: np.ndarray, *, without_lines: bool = False, size: tuple[int, int] | None = None
) -> np.ndarray:
    """Interpolate from known pixels to all others.

    Coarse to fine: each level starts from the coarser one's solution (cascadic multigrid, Bornemann and Deuflhard, "The
    cascadic multigrid method for elliptic problems", 1996), and known pixels of a coarse level are means of finer ones.
    Nothing pulls at the sides of the window.

    Args:
        values: (h, w, C) uint8 or float32.
        known: (h, w) bool, pixels whose values hold; at least one.
        without_lines: whether dark lines in what is known are left out, by a grey closing in each channel.
        size: height and width of the result, where it is not to be as large as ``known``.

    Returns:
        (h, w, C) float32; known pixels have nearly their values where the window is larger than :data:`FINEST`.
    """
    channels = values.shape[2]
    mean, there = _small(values, known)
    if without_lines:
        mean = _closed(mean, there)
    levels = [(mean, there)]
    while max(there.shape) > 1:
        weight: np.ndarray = there.astype(np.float32)
        half = (there.shape[1] + 1) // 2, (there.shape[0] + 1) // 2
        sums = cv2.resize(mean * _repeated(weight, channels), half, interpolation=cv2.INTER_AREA)
        weight = cv2.resize(weight, half, interpolation=cv2.INTER_AREA)
        weight, there = np.reshape(weight, half[::-1]), np.reshape(weight > 0, half[::-1])
        mean = np.reshape(sums, (*half[::-1], channels)) / _repeated(np.maximum(weight, 1e-9), channels)
        levels.append((mean, there))
    out = mean
    for mean, there in reversed(levels):
        out = _enlarged(out, there.shape)
        fixed = there.view(np.uint8)
        cv2.copyTo(mean, fixed, out)
        for _ in range(SWEEPS if max(there.shape) <= COARSE else LAST_SWEEPS):
            out = np.reshape(cv2.filter2D(out, -1, BESIDE, borderType=cv2.BORDER_REPLICATE), mean.shape)
            cv2.copyTo(mean, fixed, out)
    return _enlarged(out, known.shape if size is None else size)


def _small(values: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means of what is known, (h, w, C) float32, and where any is, (h, w) bool, at most FINEST pixels a side."""
    height, width = known.shape
    step = max(1, max(height, width) // (SAMPLES * FINEST))
    some = known[::step, ::step]  # a few pixels a pixel are enough to average
    if not some.any():
        step, some = 1, known
    weight: np.ndarray = some.astype(np.float32)
    sums: np.ndarray = _repeated(weight, values.shape[2])
    sums *= values[::step, ::step]
    if max(weight.shape) > FINEST:
        scale = FINEST / max(height, width)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        sums = np.reshape(cv2.resize(sums, size, interpolation=cv2.INTER_AREA), (*size[::-1], values.shape[2]))
        weight = np.reshape(cv2.resize(weight, size, interpolation=cv2.INTER_AREA), size[::-1])
    there = weight > 0
    sums /= _repeated(np.maximum(weight, 1e-9), values.shape[2])
    return sums, there


def _closed(mean: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Known values without the dark lines between and beside lighter ones; what is not known says nothing."""
    side = 2 * round(LINES * max(there.shape) / 2) + 1
    unknown, window = ~there[..., None], np.ones((side, side), np.uint8)
    light = cv2.dilate(np.where(unknown, np.float32(-np.inf), mean), window).reshape(mean.shape)
    closed = cv2.erode(np.where(unknown, np.float32(np.inf), light), window).reshape(mean.shape)
    return np.where(unknown, np.float32(0), closed)


def _enlarged(values: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    if values.shape[:2] == size:
        return values.copy()
    large = cv2.resize(values, (size[1], size[0]), interpolation=cv2.INTER_LINEAR)
    return np.reshape(large, (*size, values.shape[2]))


def _repeated(plane: np.ndarray, channels: int) -> np.ndarray:
    """A plane for each channel, (h, w, C): many times faster to multiply by than a broadcast one."""
    return np.reshape(cv2.merge([plane] * channels), (*plane.shape, channels))

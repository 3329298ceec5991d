"""Painting on beneath what covers a part."""

import cv2
import numpy as np

FINEST = 512
"""Largest side, in pixels, at which colours are extrapolated: they are smooth, so more would only cost time."""


def push_pull(rgb: np.ndarray, known: np.ndarray, wanted: np.ndarray) -> None:
    """Extrapolate colours smoothly from some pixels to others, in place.

    A pyramid averages the known colours (push) and hands each gap the average of the finest level that has one (pull):
    Gortler et al., "The Lumigraph", 1996, section 3.4.

    Args:
        rgb: (H, W, C) uint8, colours or colours and alpha.
        known: (H, W) bool, pixels whose colours are drawn from; at least one.
        wanted: (H, W) bool, pixels to paint.
    """
    height, width = known.shape
    step = max(1, max(height, width) // (2 * FINEST))
    some = known[::step, ::step]  # of a large window, a few pixels a pixel are enough to average
    if not some.any():
        step, some = 1, known
    weight: np.ndarray = some.astype(np.float32)
    channels = rgb.shape[2]
    colour: np.ndarray = _repeated(weight, channels)
    colour *= rgb[::step, ::step]
    if max(height, width) > FINEST:
        scale = FINEST / max(height, width)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        colour = cv2.resize(colour, size, interpolation=cv2.INTER_AREA)
        weight = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
    levels: list[tuple[np.ndarray, np.ndarray]] = [(colour, weight)]
    while max(levels[-1][1].shape) > 1:
        colour, weight = levels[-1]
        size = (weight.shape[1] + 1) // 2, (weight.shape[0] + 1) // 2
        # A level holds sums, not means: where any pixel below is known, the mean is colour / weight.
        levels.append(
            (
                cv2.resize(colour, size, interpolation=cv2.INTER_AREA),
                cv2.resize(weight, size, interpolation=cv2.INTER_AREA),
            )
        )
    colour, weight = levels.pop()
    mean = np.reshape(colour, (*weight.shape, channels)) / _repeated(np.maximum(weight, 1e-9), channels)
    while levels:
        colour, weight = levels.pop()
        size = weight.shape[1], weight.shape[0]
        mean = np.reshape(cv2.resize(mean, size, interpolation=cv2.INTER_LINEAR), (*weight.shape, channels))
        # Where little is known nearby, the coarser level speaks; so the transition has no seam.
        share = np.minimum(weight, 1)
        mean *= _repeated(1 - share, channels)
        colour /= _repeated(np.maximum(weight, 1e-9), channels)
        colour *= _repeated(share, channels)
        mean += colour
    painted: np.ndarray = cv2.convertScaleAbs(mean)  # rounded and clipped; nothing is below 0
    if painted.shape != rgb.shape:
        painted = cv2.resize(painted, (width, height), interpolation=cv2.INTER_LINEAR)
    cv2.copyTo(painted, wanted.view(np.uint8), rgb)


def _repeated(plane: np.ndarray, channels: int) -> np.ndarray:
    """A plane for each channel, (h, w, C): many times faster to multiply by than a broadcast one."""
    return np.reshape(cv2.merge([plane] * channels), (*plane.shape, channels))

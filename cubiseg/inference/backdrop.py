"""Recognising a plain backdrop: what differs from it is the drawing, whatever the network says."""

import cv2
import numpy as np

WORKING_SIDE = 512
TOLERANCE = 14
"""Largest difference, in levels of one channel, from a plain backdrop's colour: noise of JPEG, a faint gradient."""
PLAIN = 0.9
"""Least share of the border's background pixels that have its colour."""
MOST_COLOURS = 2
"""A backdrop may have two: a wall and a floor."""
LEAST_BORDER = 0.3
"""Least share of the upper and side borders that is labelled background: else the backdrop's colour is a guess."""


def figure_on_plain_backdrop(rgb: np.ndarray, background: np.ndarray) -> np.ndarray | None:
    """What stands before a backdrop of one or two colours.

    Args:
        rgb: (H, W, 3) uint8, sRGB.
        background: (H, W) bool, what was labelled background.

    Returns:
        (H, W) bool, everything but the pixels of the backdrop's colours that are connected to the picture's border;
        None where the backdrop is not plain.
    """
    height, width = background.shape
    scale = min(1.0, WORKING_SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    behind = cv2.resize(background.view(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    # The lower border is left out: there the character is cut off.
    ring = np.zeros(behind.shape, bool)
    ring[0], ring[:, 0], ring[:, -1] = True, True, True
    known = ring & behind
    if np.count_nonzero(known) < LEAST_BORDER * np.count_nonzero(ring):
        return None
    rest = colours = small[known].astype(np.int16)
    plain = np.zeros(behind.shape, np.uint8)
    for _ in range(MOST_COLOURS):
        # The commonest colour, not the mean of two: the middle of the most crowded lightness.
        lightness = rest.sum(axis=1) // 3
        peak = int(np.bincount(lightness).argmax())
        colour = np.median(rest[np.abs(lightness - peak) <= TOLERANCE // 2], axis=0)
        plain |= (np.abs(small.astype(np.int16) - colour).max(axis=2) <= TOLERANCE).view(np.uint8)
        rest = rest[np.abs(rest - colour).max(axis=1) > TOLERANCE]
        if len(rest) <= (1 - PLAIN) * len(colours):
            break
    else:
        return None
    _, pieces = cv2.connectedComponents(plain, connectivity=4)
    outside = np.zeros(int(pieces.max()) + 1, bool)
    ring[-1] = True
    outside[pieces[ring & (plain > 0)]] = True
    figure = ~(outside[pieces] & (plain > 0))
    return cv2.resize(figure.view(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0

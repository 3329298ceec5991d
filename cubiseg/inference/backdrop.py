"""Recognising a plain backdrop: what differs from it is the drawing, whatever the network says."""

import cv2
import numpy as np

WORKING_SIDE = 512
TOLERANCE = 14
"""Largest difference, in levels of one channel, from a plain backdrop's colour: noise of JPEG, a faint gradient."""
PLAIN = 0.9
"""Least share of the border's background pixels that have its colour."""
LEAST_BORDER = 0.3
"""Least share of the upper and side borders that is labelled background: else the backdrop's colour is a guess."""


def figure_on_plain_backdrop(rgb: np.ndarray, background: np.ndarray) -> np.ndarray | None:
    """What stands before a backdrop of one colour.

    Args:
        rgb: (H, W, 3) uint8, sRGB.
        background: (H, W) bool, what was labelled background.

    Returns:
        (H, W) bool, everything but the pixels of the backdrop's colour that are connected to the picture's border; None
        where the backdrop is not plain.
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
    colours = small[known].astype(np.int16)
    colour = np.median(colours, axis=0)
    if (np.abs(colours - colour).max(axis=1) <= TOLERANCE).mean() < PLAIN:
        return None
    plain = (np.abs(small.astype(np.int16) - colour).max(axis=2) <= TOLERANCE).astype(np.uint8)
    _, pieces = cv2.connectedComponents(plain, connectivity=4)
    outside = np.zeros(int(pieces.max()) + 1, bool)
    ring[-1] = True
    outside[pieces[ring & (plain > 0)]] = True
    figure = ~(outside[pieces] & (plain > 0))
    return cv2.resize(figure.view(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0

"""Colour beneath clear pixels, so that programs that blend straight alpha find no black there.

Between a visible pixel and a clear one, a sampler that averages colour and alpha apart takes half of the clear pixel's
colour. It is invisible itself: any colour may lie there, and that of the nearest visible pixel gives no fringe.
"""

import numpy as np

from cubiseg.boxes import Box

BLEED = 4
"""How far colours go on beneath clear pixels: enough for sampling at any scale down to a quarter."""
MARGIN = 2
"""Clear pixels that a crop keeps around what is visible, so that there is colour for samplers at its edge too."""


def margined(box: Box, size: tuple[int, int]) -> Box:
    """A box around visible pixels with the margin of a crop, within a picture of ``size`` (height, width)."""
    return box.grown(MARGIN, size)


def bleed(rgba: np.ndarray, reach: int = BLEED) -> None:
    """Let the colours of visible pixels go on beneath the clear ones around them, in place.

    Ring by ring, each pixel takes the colour of a neighbour, one beside it before one across a corner.

    Args:
        rgba: (h, w, 4) uint8, contiguous, straight alpha.
        reach: how many pixels far.
    """
    height, width = rgba.shape[:2]
    filled = np.ones((height + 2, width + 2), bool)
    seen = filled[1:-1, 1:-1]
    np.greater(rgba[..., 3], 0, out=seen)
    if seen.all() or not seen.any():
        return
    stride = width + 2
    front = np.flatnonzero(_touching(filled))
    source = front
    flat = filled.ravel()
    targets, sources = [], []
    for _ in range(reach):
        found, whence = [], []
        for step in (-1, 1, -stride, stride, -stride - 1, -stride + 1, stride - 1, stride + 1):
            beside = front + step
            free = ~flat[beside]
            beside = beside[free]
            flat[beside] = True
            found.append(beside)
            whence.append(source[free])
        front, source = np.concatenate(found), np.concatenate(whence)
        targets.append(front)
        sources.append(source)
    to, of = (_unpadded(np.concatenate(places), width) for places in (targets, sources))
    pixels = rgba.reshape(-1, 4)
    pixels[to, :3] = pixels[of, :3]


def _touching(filled: np.ndarray) -> np.ndarray:
    """Filled pixels with a free one beside or across a corner; the frame, which is filled, is left out: bool."""
    import cv2

    free = (~filled).view(np.uint8)
    near = cv2.dilate(free, np.ones((3, 3), np.uint8)).view(bool) & filled
    near[[0, -1]] = False
    near[:, [0, -1]] = False
    return near


def _unpadded(places: np.ndarray, width: int) -> np.ndarray:
    """Places in an array with a frame of one pixel, as places in the one without."""
    rows, columns = np.divmod(places, width + 2)
    return (rows - 1) * width + columns - 1

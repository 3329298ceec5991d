"""The plain colour that a network sees where a picture is clear.

A network sees colours, not transparency. White is what most sprites are shown on, and what networks know best; but of a
white figure without outlines nothing would be left on it. On such figures another ground is worth 0.02 mean F1, and on
others no ground is better than white (docs/models.md).
"""

import cv2
import numpy as np

from cubiseg.imaging import Picture

GROUNDS = ((255, 255, 255), (90, 120, 200), (245, 180, 200))
"""sRGB; the first is used unless too much of the outline has its colour."""
ALIKE = 24
"""Levels, in each channel, below which a pixel cannot be told from the ground."""
SHARE = 0.05
"""Share of the outline that may look like white ground."""
RIM = 2
"""Width of the outline, in pixels."""


def ground(picture: Picture) -> tuple[int, int, int]:
    """A colour that the figure's outline does not have: sRGB, 0..255; white where the picture has no clear pixels."""
    if picture.alpha is None or picture.alpha.all() or not picture.alpha.any():
        return GROUNDS[0]
    inner = cv2.erode((picture.alpha > 0).view(np.uint8), np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8))
    # Half clear pixels are antialiasing or shadow: their colour says little.
    outline = picture.rgb[(picture.alpha > 200) & (inner == 0)].astype(np.int16)
    if not len(outline):
        return GROUNDS[0]
    alike = [float((np.abs(outline - np.array(colour)).max(axis=1) < ALIKE).mean()) for colour in GROUNDS]
    return GROUNDS[0] if alike[0] < SHARE else GROUNDS[int(np.argmin(alike))]

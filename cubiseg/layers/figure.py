"""Where the figure ends: regions of one colour belong to figure or background as a whole.

A network sometimes calls a piece of a cap or of a jacket background that has no edge around it, or a piece of backdrop
hair. What is drawn as one area is one thing: a picture is divided into regions of one colour (Felzenszwalb and
Huttenlocher, "Efficient graph-based image segmentation", 2004), and what is a minority in its region goes along with
the rest. Where figure and background have one colour and no line between them, a region holds both and nothing is
moved.
"""

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.label_maps import nearest_class

SIDE = 320
"""Longer side, in pixels, at which regions are found; larger sides cost more than they bring."""
SCALE, LEAST, SMOOTH = 200.0, 20, 0.5
"""Felzenszwalb's scale, smallest region in pixels, and blur."""
FIGURE, BACKGROUND = 0.5, 0.8
"""Share of background below which a region is figure, and above which it is background. A part that is lost is worse
than a piece of backdrop too much: one is to be painted anew, the other to be erased."""

_BACKGROUND = taxonomy.ID["background"]
_SMALL = np.isin(taxonomy.CLASS_OF, taxonomy.SMALL_PART_IDS)
"""(256,) bool, by id: the small parts of a face."""


def whole_regions(rgb: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Let each region of one colour be figure or background as a whole, where most of it is.

    Args:
        rgb: (H, W, 3) uint8, sRGB.
        label: (H, W) uint8, ids of classes and parts.

    Returns:
        (H, W) uint8, taxonomy ids. New figure is of the nearest large part; the small parts of a face stay as they are.
    """
    from skimage.segmentation import felzenszwalb

    height, width = label.shape
    scale = min(1.0, SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(label, size, interpolation=cv2.INTER_NEAREST)
    outside = small == _BACKGROUND
    spread = ~(outside | _SMALL[small])
    if not outside.any() or not spread.any():
        return label
    shrunk = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    regions = felzenszwalb(shrunk, scale=SCALE, sigma=SMOOTH, min_size=LEAST)
    share = np.bincount(regions.ravel(), weights=outside.ravel()) / np.bincount(regions.ravel())
    inside, lost = (share < FIGURE)[regions], (share > BACKGROUND)[regions]
    # One plane says what becomes of a pixel that is background, one whether a pixel of the figure stays.
    new = _large(np.where(inside, nearest_class(small, spread), _BACKGROUND), label.shape)
    kept = _large(np.where(lost, 0, 1), label.shape) | _SMALL[label]
    return np.where(label == _BACKGROUND, new, label * kept)


def _large(plane: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    return cv2.resize(plane.astype(np.uint8), (shape[1], shape[0]), interpolation=cv2.INTER_NEAREST)

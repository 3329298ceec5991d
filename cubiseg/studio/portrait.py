"""A small picture with the outlines of its label map, for the sheet of a review."""

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.label_maps import edges

TINT = 0.22
"""Share of a class's colour over what it covers."""
QUALITY = 86
"""Of the WebP file, 0..100."""


def outlined(rgb: np.ndarray, label: np.ndarray | None, side: int) -> bytes:
    """A WebP file of a picture with its label map tinted and outlined by class.

    Args:
        rgb: (H, W, 3) uint8, sRGB.
        label: (H, W) uint8, ids of classes and parts, and 255; None shows the bare picture.
        side: longer side of what is made, in pixels; smaller pictures are enlarged.
    """
    height, width = rgb.shape[:2]
    scale = side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    if label is not None:
        classes = cv2.resize(taxonomy.CLASS_OF[label], size, interpolation=cv2.INTER_NEAREST)
        colours = np.full((256, 3), 255, np.uint8)  # a white outline where nobody can tell, and around the figure
        for one in taxonomy.CLASSES[1:]:
            colours[one.id] = one.colour
        over = colours[classes].astype(np.float32)
        line, named = edges(classes), (classes != 0) & (classes != taxonomy.IGNORE_INDEX)
        share = np.where(line, 1.0, np.where(named, TINT, 0.0)).astype(np.float32)[..., None]
        small = np.rint(small + (over - small) * share).astype(np.uint8)
    _, content = cv2.imencode(".webp", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_WEBP_QUALITY, QUALITY])
    return content.tobytes()

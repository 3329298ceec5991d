"""Faults of pictures that their pixels tell: greys, text, blur. docs/annotate-danbooru.md has how sure each is."""

import cv2
import numpy as np

from cubiseg.graphs import components

SIDE = 512
"""Longer side, in pixels, at which text is looked for, and side of the middle that is looked at for blur."""
COLOURED = 10.0
"""Distance of a pixel's chroma from grey, in levels, from which it is a colour: JPEG and paper give less."""
GREY = 0.005
"""Share of coloured pixels up to which a picture is grey."""


def is_grey(rgb: np.ndarray) -> bool:
    """Whether a picture has no colours but greys, or greys on yellowed paper.

    Args:
        rgb: (H, W, 3) uint8, sRGB.
    """
    small = cv2.resize(rgb, (128, 128), interpolation=cv2.INTER_AREA)
    chroma = cv2.cvtColor(small, cv2.COLOR_RGB2YCrCb)[..., 1:].astype(np.float32) - 128
    return bool((np.hypot(chroma[..., 0], chroma[..., 1]) > COLOURED).mean() <= GREY)


def blur(rgb: np.ndarray) -> float:
    """How blurred a picture is, 0 sharp to 1: how little its edges change when it is blurred once more.

    Crete, Dolmiere, Ladret and Nicolas, "The blur effect: perception and estimation with a new no-reference perceptual
    blur metric", SPIE 2007, on the middle of the picture.

    Args:
        rgb: (H, W, 3) uint8, sRGB.
    """
    from skimage.measure import blur_effect

    height, width = rgb.shape[:2]
    top, left = max(0, (height - SIDE) // 2), max(0, (width - SIDE) // 2)
    grey = cv2.cvtColor(np.ascontiguousarray(rgb[top : top + SIDE, left : left + SIDE]), cv2.COLOR_RGB2GRAY)
    return 0.0 if grey.min() == grey.max() else float(blur_effect(grey))


LETTERS = 5
"""Letters that make a line of text."""
LETTER = (6, 56)
"""Height of a letter, px."""
STROKE = 9
"""Width that no stroke of a letter has, px."""
CONTRAST = 28
"""Levels by which a stroke differs from what is around it."""
MOST_PIECES = 1500
"""Pieces that are looked at, the largest first: screentone has thousands."""


def text_lines(rgb: np.ndarray) -> int:
    """Number of lines or columns of letters: thin pieces of like height, side by side along a straight line.

    Args:
        rgb: (H, W, 3) uint8, sRGB.
    """
    scale = min(1.0, SIDE / max(rgb.shape[:2]))
    size = max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale))
    grey = cv2.cvtColor(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    kernel = np.ones((STROKE, STROKE), np.uint8)
    count = 0
    for operation in (cv2.MORPH_BLACKHAT, cv2.MORPH_TOPHAT):
        strokes = (cv2.morphologyEx(grey, operation, kernel) > CONTRAST).view(np.uint8)
        count += _lines(strokes) + _lines(np.ascontiguousarray(strokes.T))
    return count


def _lines(strokes: np.ndarray) -> int:
    """Rows of letters in a mask, (h, w) uint8."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(strokes, connectivity=8)
    pieces = stats[1:].astype(np.float32)
    width, height, area = pieces[:, 2], pieces[:, 3], pieces[:, 4]
    filled = area / (width * height)
    letter = (height >= LETTER[0]) & (height <= LETTER[1]) & (width <= 2 * height) & (filled > 0.15) & (filled < 0.9)
    pieces = pieces[letter]
    pieces = pieces[np.argsort(-pieces[:, 4], kind="stable")[:MOST_PIECES]]
    if len(pieces) < LETTERS:
        return 0
    left, top, width, height = pieces[:, :4].T
    bottom, right = top + height, left + width
    least = np.minimum.outer(height, height)
    beside = np.maximum.outer(left, left) - np.minimum.outer(right, right)
    near = (
        (np.maximum.outer(height, height) < 1.6 * least)
        & (np.abs(np.subtract.outer(top, top)) < 0.35 * least)
        & (np.abs(np.subtract.outer(bottom, bottom)) < 0.35 * least)
        & (beside < 1.0 * least)
        & (beside > -0.3 * least)
    )
    line = components(len(pieces), np.argwhere(near))
    return int((np.bincount(line) >= LETTERS).sum())

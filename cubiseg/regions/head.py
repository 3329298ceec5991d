"""Where the face is, from the fringe to the chin, without ears: in a label map, or as skin colour and place suggest."""

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.boxes import Box

USUAL = Box(0.32, 0.25, 0.68, 0.58)
"""Where portraits have the face, in shares of the picture's sides."""

_SIDE = 128

_LEAST = 0.002
"""Share of a label map that a face takes at least."""


def face_box(label: np.ndarray) -> Box | None:
    """Box of the largest face of a label map: its skin, eyes, brows, nose and mouth.

    Args:
        label: (H, W) uint8, taxonomy ids.

    Returns:
        The box in px; None where there is no face.
    """
    mask = np.isin(label, taxonomy.FACE_IDS).astype(np.uint8)
    # Strands cut a face into pieces; they are one face where little lies between.
    reach = max(3, round(0.02 * max(label.shape))) | 1
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    count, pieces = cv2.connectedComponents(joined)
    area = np.bincount(pieces.ravel(), mask.ravel(), count)
    area[0] = 0
    largest = int(area.argmax())
    if area[largest] < _LEAST * label.size:
        return None
    y, x = np.nonzero((pieces == largest) & (mask > 0))
    return Box(float(x.min()), float(y.min()), float(x.max() + 1), float(y.max() + 1))


def estimate_head(rgb: np.ndarray) -> Box:
    """Guess the face's box: the largest patch of skin colour that lies where portraits have the face.

    Args:
        rgb: (H, W, 3) uint8, sRGB.

    Returns:
        The box; where no skin is found, the usual place of faces.
    """
    height, width = rgb.shape[:2]
    scale = _SIDE / max(height, width)
    small = cv2.resize(rgb, (max(8, round(width * scale)), max(8, round(height * scale))), interpolation=cv2.INTER_AREA)
    h, w = small.shape[:2]
    usual = Box(USUAL.left * width, USUAL.top * height, USUAL.right * width, USUAL.bottom * height)
    mask = cv2.morphologyEx(_skin(small) & ~_outside(small), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, pieces = cv2.connectedComponents(mask, connectivity=4)
    if count < 2:
        return usual
    y, x = np.mgrid[:h, :w]
    prior = np.exp(-(((x + 0.5) / w - 0.5) ** 2 / 0.08 + ((y + 0.5) / h - 0.42) ** 2 / 0.05))
    score = np.bincount(pieces.ravel(), prior.ravel(), count)
    score[0] = 0
    face = pieces == int(score.argmax())
    if face.sum() < 0.004 * face.size:
        return usual
    return Box(*(side / scale for side in _face_part(face, prior)))


def _skin(rgb: np.ndarray) -> np.ndarray:
    """Pixels that may be drawn skin, light to brown: (H, W) uint8."""
    lab = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    light, a, b = lab[..., 0], lab[..., 1], lab[..., 2]
    warm = (a > 0.5) & (a < 28) & (b > 0) & (b < 38) & (a + b > 4) & (a > 0.12 * b)
    return ((light > 50) & warm).astype(np.uint8)


def _outside(rgb: np.ndarray) -> np.ndarray:
    """Pixels joined to the picture's upper corners by slow changes of colour: (H, W) uint8."""
    h, w = rgb.shape[:2]
    mask = np.zeros((h + 2, w + 2), np.uint8)
    for x in (0, w - 1):
        cv2.floodFill(rgb.copy(), mask, (x, 0), 0, (3, 3, 3), (3, 3, 3), cv2.FLOODFILL_MASK_ONLY | (1 << 8))
    return mask[1:-1, 1:-1]


def _face_part(skin: np.ndarray, prior: np.ndarray) -> Box:
    """The face of a patch of skin that may also hold neck, shoulders and fair hair.

    Quantiles rather than extremes, because a strand of hair or a shoulder is a thin part of the patch.
    """
    rows = np.cumsum((skin * prior).sum(1))
    columns = np.cumsum((skin * prior).sum(0))
    left, right = (np.searchsorted(columns, q * columns[-1]) for q in (0.04, 0.96))
    middle = float(np.searchsorted(columns, 0.5 * columns[-1]))
    limit = 0.55 * skin.shape[1]
    width = float(np.clip(1.1 * (right - left + 1), 0.16 * skin.shape[1], limit))
    top = float(np.searchsorted(rows, 0.04 * rows[-1]))
    bottom = float(np.searchsorted(rows, 0.9 * rows[-1]))
    centre = (left + right + 1) / 2 if right - left < limit else middle
    height = float(np.clip(bottom - top, 0.85 * width, 1.15 * width))
    # A patch taller than a face is one with neck below or hair above: its middle is the face's middle.
    start = top if bottom - top <= height else (top + bottom - height) / 2 - 0.1 * height
    return Box(float(centre - width / 2), start, float(centre + width / 2), start + height)

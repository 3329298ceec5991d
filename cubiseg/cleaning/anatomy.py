"""Where the parts of a face can be: eyes in the face, brows above them, nose and mouth below."""

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.taxonomy import ID, IGNORE_INDEX

_EYES, _BROWS = taxonomy.FLIP_PAIRS

_MARGIN = 0.2
"""How far a part may stick out of the face, in face widths: a lash, a brow over the fringe."""

_APART = 1.0
"""Distance from the mouth's largest piece, in its own widths, from which another piece is none of it."""


def misplaced(label: np.ndarray) -> np.ndarray:
    """Pieces of small parts that are where no face has them.

    Heights are measured along the face's own axis, at a right angle to the line between the eyes where both are found.

    Args:
        label: (H, W) uint8, taxonomy ids and 255.

    Returns:
        (H, W) bool.
    """
    wrong = np.zeros(label.shape, bool)
    box = _face_box(label)
    if box is None:
        return wrong
    width = box.width
    eyes = [c for c in (_middle(label == e) for e in _EYES) if c is not None]
    down = _down(label)
    eye_line = float(np.mean([c @ down for c in eyes])) if eyes else None
    mouth = label == ID["mouth"]
    main_mouth = _largest(mouth) if mouth.any() else None
    for part in taxonomy.SMALL_PART_IDS:
        count, pieces, stats, centres = cv2.connectedComponentsWithStats(
            (label == part).astype(np.uint8), connectivity=8
        )
        for i in range(1, count):
            x, y = centres[i]
            margin = _MARGIN * width
            across = box.left - margin < x < box.right + margin
            bad = not (across and box.top - 1.5 * margin < y < box.bottom + 0.5 * margin)
            height = float(centres[i] @ down)
            if eye_line is not None and not bad:
                below = height - eye_line
                if part in _BROWS:
                    bad = below > 0.05 * width
                elif part in (ID["nose"], ID["mouth"]):
                    bad = below < -0.02 * width
            if part == ID["mouth"] and main_mouth is not None and not bad:
                centre, reach = main_mouth
                bad = float(np.hypot(*(centres[i] - centre))) > _APART * max(reach, 0.15 * width)
            if bad:
                x0, y0, w, h = stats[i, :4]
                wrong[y0 : y0 + h, x0 : x0 + w] |= pieces[y0 : y0 + h, x0 : x0 + w] == i
    return wrong


def _face_box(label: np.ndarray) -> Box | None:
    """Box of the largest piece of face with the parts in it."""
    mask = np.isin(label, taxonomy.FACE_IDS).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count < 2:
        return None
    x, y, w, h, _ = stats[1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())]
    return Box(float(x), float(y), float(x + w), float(y + h))


def _middle(mask: np.ndarray) -> np.ndarray | None:
    """Centre of a mask as (x, y)."""
    y, x = np.nonzero(mask)
    return np.array([x.mean(), y.mean()]) if len(x) else None


def _down(label: np.ndarray) -> np.ndarray:
    """Unit vector from brow to chin, as (x, y): upright unless both eyes say otherwise."""
    left, right = (_middle(label == e) for e in _EYES)
    upright = np.array([0.0, 1.0])
    if left is None or right is None:
        return upright
    across = left - right
    length = float(np.hypot(*across))
    # The character's left eye is on the picture's right; much else than that is a mistake, not a tilt.
    if length < 4 or across[0] < 0.5 * length:
        return upright
    return np.array([-across[1], across[0]]) / length


def _largest(mask: np.ndarray) -> tuple[np.ndarray, float]:
    """Centre (x, y) and width of the largest piece."""
    _, _, stats, centres = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    i = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    return centres[i], float(stats[i, cv2.CC_STAT_WIDTH])


def several_faces(label: np.ndarray) -> bool:
    """Whether the face class has two pieces of like size that lie apart, as two people have."""
    mask = np.isin(label, taxonomy.FACE_IDS).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    area = np.sort(stats[1:, cv2.CC_STAT_AREA])[::-1]
    known = int((label != IGNORE_INDEX).sum())
    return len(area) > 1 and area[1] > 0.5 * area[0] and area[1] > 0.01 * known

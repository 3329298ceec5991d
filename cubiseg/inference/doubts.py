"""What a person should be told to look at, in the picture and in its label map.

Thresholds were set where 45 busts and 18 whole figures of real characters and 200 generated pictures lie on one side,
and line art, heads seen from behind and white clothes on white ground on the other; docs/models.md has the rates.
"""

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.imaging import Picture

SIDE = 512
"""Longer side, in pixels, at which pictures are looked at."""
SOLID = 0.4
"""Least share of a sprite that lies two pixels inside it; ink alone has under 0.1, drawings have over 0.8."""
PAPER, COLOURED = 0.9, 0.005
"""Share of nearly white pixels above which, and of coloured ones below which, an opaque picture is line art."""
EDGELESS = 0.15
"""Share of the outline at which nothing changes in the picture, above which the outline is a guess."""
EVEN = 12
"""Levels by which pixels around a place differ at most where there is no edge."""
SEEING = 0.003
"""Least share of a face that is eyes, also where they are shut."""

_FACE = taxonomy.mask("face", *taxonomy.SMALL_PARTS)
_EYES = taxonomy.mask("eye_left", "eye_right")


def doubts(label: np.ndarray, picture: Picture) -> list[str]:
    """Warnings, one line each.

    Args:
        label: (H, W) uint8, taxonomy ids, with some figure in it.
        picture: picture that was labelled, of the same size.
    """
    found = []
    rgb = _small(picture.rgb, cv2.INTER_AREA)
    alpha = None if picture.alpha is None or picture.alpha.all() else _small(picture.alpha, cv2.INTER_AREA)
    if _is_line_art(rgb, alpha):
        found.append("looks like line art without colours; layers would hold ink alone: use a coloured picture")
    counts = np.bincount(label.ravel(), minlength=256)[: taxonomy.NUM_CLASSES]
    if counts[_FACE].sum() > 0 and counts[_EYES].sum() < SEEING * counts[_FACE].sum():
        found.append("a face without eyes was found; check the face, or drop it if the head is seen from behind")
    share = 0.0 if alpha is not None else _edgeless(rgb, label)
    if share > EDGELESS:
        found.append(
            f"{share:.0%} of the figure's outline has no edge in the picture; check what has the background's colour"
        )
    return found


def _small(plane: np.ndarray, how: int) -> np.ndarray:
    height, width = plane.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(plane, size, interpolation=how))


def _is_line_art(rgb: np.ndarray, alpha: np.ndarray | None) -> bool:
    if alpha is not None:
        drawn = (alpha > 40).view(np.uint8)
        inner = cv2.erode(drawn, np.ones((5, 5), np.uint8))
        return bool(cv2.countNonZero(inner) < SOLID * cv2.countNonZero(drawn))
    least, most = rgb.min(axis=2), rgb.max(axis=2)
    return bool((least > 225).mean() > PAPER and (most - least > 24).mean() < COLOURED)


def _edgeless(rgb: np.ndarray, label: np.ndarray) -> float:
    """Share of the border between figure and background at which nothing changes in the picture, (h, w, 3) uint8."""
    figure = _small((label != taxonomy.ID["background"]).view(np.uint8), cv2.INTER_NEAREST)
    border = cv2.dilate(figure, np.ones((3, 3), np.uint8)) != cv2.erode(figure, np.ones((3, 3), np.uint8))
    if not border.any():
        return 0.0
    around = np.ones((7, 7), np.uint8)
    change = cv2.subtract(cv2.dilate(rgb, around), cv2.erode(rgb, around)).max(axis=2)
    return float((change[border] < EVEN).mean())

"""Rules that look at the picture: ink lines, and outlines at native resolution."""

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.label_maps import edges
from cubiseg.taxonomy import IGNORE_INDEX

_LARGE = taxonomy.ids("background", "hair", "face", "skin", "clothes")
"""Classes that are no lines; frames of glasses and brows are."""

_DARKER = 12.0
"""Lightness (of 100) by which ink is darker than what is around it."""

_STAY = 4.0
"""Lab distance by which another class's colour must be nearer."""


def ink_to_parts(label: np.ndarray, rgb: np.ndarray, width: float) -> np.ndarray:
    """Give ink lines that carry another class than both their sides to the part that they outline.

    A line is a piece of a large class that is nowhere wider than ``width`` and darker than its surroundings. Of the
    classes on its sides the one in front has it, as an outline is drawn around what is in front.

    Args:
        label: (H, W) uint8, taxonomy ids and 255.
        rgb: (H, W, 3) uint8, sRGB.
        width: px.
    """
    side = max(1, round(width))
    if side < 2:
        return label.copy()
    lightness = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)[..., 0].astype(np.float32) * (100 / 255)
    around = cv2.blur(lightness, (8 * side + 1, 8 * side + 1))
    kernel = np.ones((side, side), np.uint8)
    out = label.copy()
    for c in _LARGE:
        mask = (label == c).astype(np.uint8)
        if not mask.any():
            continue
        count, pieces, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
        thick = np.zeros(count, bool)
        thick[np.unique(pieces[cv2.erode(mask, kernel) > 0])] = True
        for i in np.flatnonzero(~thick)[:400]:
            if i == 0:
                continue
            x, y, w, h = stats[i, :4]
            window = np.s_[max(0, y - 2) : y + h + 2, max(0, x - 2) : x + w + 2]
            piece = pieces[window] == i
            if lightness[window][piece].mean() > around[window][piece].mean() - _DARKER:
                continue
            ring = (cv2.dilate(piece.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0) & ~piece
            beside, number = np.unique(label[window][ring], return_counts=True)
            sides = [
                int(b) for b, n in zip(beside, number, strict=True) if n > 0.25 * number.sum() and b != IGNORE_INDEX
            ]
            if sides:
                out[window][piece] = max(sides, key=lambda b: taxonomy.STACK_RANK[b])
    return out


def snap_outlines(label: np.ndarray, rgb: np.ndarray, reach: float) -> np.ndarray:
    """Move outlines to the edges of the drawing: near them, a pixel has the class whose colour nearby it has.

    Args:
        label: (H, W) uint8, taxonomy ids and 255.
        rgb: (H, W, 3) uint8, sRGB.
        reach: px that an outline may move.
    """
    radius = round(reach)
    if radius < 1:
        return label.copy()
    edge = edges(label, "second").astype(np.uint8)
    band = cv2.dilate(edge, np.ones((2 * radius + 1, 2 * radius + 1), np.uint8)) > 0
    lab = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    side = 6 * radius + 1
    best = np.full(label.shape, np.inf, np.float32)
    out = label.copy()
    for c in np.unique(label[label != IGNORE_INDEX]):
        mask = label == c
        core = (mask & ~band).astype(np.float32)
        # A line has no core; it keeps what it has, and takes nothing.
        weight = cv2.blur(core, (side, side))
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = cv2.blur(lab * core[..., None], (side, side)) / weight[..., None]
            distance = np.sqrt(((lab - mean) ** 2).sum(-1))
        distance[(weight < 0.02) | ~np.isfinite(distance)] = np.inf
        distance[mask] -= _STAY
        better = band & (distance < best)
        best[better] = distance[better]
        out[better] = c
    keeps = np.isin(label, taxonomy.ids(*taxonomy.SMALL_PARTS, "accessories")) | (label == IGNORE_INDEX)
    return np.where(keeps, label, out)

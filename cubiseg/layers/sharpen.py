"""Moving the borders of a coarse label map to the edges that are drawn.

A network labels a picture at a few hundred pixels a side; at the picture's own resolution its borders are off by about
one of its pixels. Within that distance of a border the labels are forgotten and grown again from both sides, flat
colour first, so that they meet where the picture changes most: marker-controlled watershed (Meyer, "Color image
segmentation", 1992, as OpenCV has it). Ink along a border then goes to the upper part, whose outline it is.
"""

import cv2
import numpy as np

from cubiseg import taxonomy

WORKING_SIDE = 1024
"""Longer side, in pixels, at which borders of larger pictures are first moved."""
BAND = 2.0
"""Width of the forgotten band on each side of a border, in pixels of the network."""
INK = 28
"""Lightness, of 255, by which a line is darker than both its sides."""


def sharpen(rgb: np.ndarray, label: np.ndarray, cell: float) -> np.ndarray:
    """Move the borders of a label map to the picture's edges.

    Args:
        rgb: (H, W, 3) uint8, sRGB.
        label: (H, W) uint8, taxonomy ids.
        cell: pixels of the picture, along a side, that one pixel of the network covers; up to 1, nothing is moved.

    Returns:
        (H, W) uint8, taxonomy ids; values that are no class have become background.
    """
    if cell <= 1:
        return label
    height, width = label.shape
    rank = taxonomy.STACK_RANK[label]
    scale = WORKING_SIDE / max(height, width)
    if scale < 0.75:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
        coarse = cv2.resize(rank, size, interpolation=cv2.INTER_NEAREST)
        coarse = _grow(small, coarse, BAND * cell * scale)
        rank = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_NEAREST)
        cell = 1 / scale
    rank = _grow(rgb, rank, BAND * cell)
    rank = _without_specks(rank, cell)
    return taxonomy.STACK[_with_ink(rgb, rank)]


def _grow(rgb: np.ndarray, rank: np.ndarray, band: float) -> np.ndarray:
    """Forget the ranks within ``band`` pixels of a border and grow them again from both sides."""
    side = 2 * max(1, round(band)) + 1
    window = np.ones((side, side), np.uint8)
    unsure = cv2.dilate(rank, window) != cv2.erode(rank, window)
    border = cv2.dilate(rank, np.ones((3, 3), np.uint8)) != cv2.erode(rank, np.ones((3, 3), np.uint8))
    depth = cv2.distanceTransform((~border).astype(np.uint8), cv2.DIST_L2, 3)
    # What is thinner than the band (brows, strands) keeps its middle line, from which it grows again.
    middle = (depth > 0) & (depth >= cv2.dilate(depth, np.ones((5, 5), np.uint8)) - 0.5)
    markers = np.where(unsure & ~middle, 0, rank).astype(np.int32)
    cv2.watershed(np.ascontiguousarray(rgb), markers)
    grown = _joined(rgb, np.maximum(markers, 0).astype(np.uint8))
    return np.where(unsure & (grown > 0), grown, rank)


def _joined(rgb: np.ndarray, grown: np.ndarray) -> np.ndarray:
    """Give the lines between regions (0; OpenCV draws a frame as well) to the neighbour of the most similar colour."""
    rows, columns = np.nonzero(grown == 0)
    colour = rgb[rows, columns].astype(np.int32)
    best = np.full(len(rows), np.iinfo(np.int32).max, np.int32)
    chosen = np.zeros(len(rows), np.uint8)
    for dy, dx in ((0, -1), (0, 1), (-1, 0), (1, 0), (-1, -1), (-1, 1), (1, -1), (1, 1)):
        y, x = np.clip(rows + dy, 0, grown.shape[0] - 1), np.clip(columns + dx, 0, grown.shape[1] - 1)
        rank = grown[y, x]
        away = np.abs(rgb[y, x] - colour).sum(axis=1)
        better = (rank > 0) & ((away < best) | ((away == best) & (rank > chosen)))
        best[better], chosen[better] = away[better], rank[better]
    out = grown.copy()
    out[rows, columns] = chosen
    return out


def _with_ink(rgb: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """Give dark lines along a border to the upper part."""
    radius = max(1, round(max(rank.shape) / 512))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    upper = cv2.dilate(rank, disc)
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    line = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, disc) > INK
    return np.where(line, upper, rank)


def _without_specks(rank: np.ndarray, cell: float) -> np.ndarray:
    """Dissolve pieces smaller than a quarter of a network pixel: the network cannot have seen them."""
    least = cell * cell / 4
    out = rank
    for place in range(2, taxonomy.NUM_CLASSES + 1):
        x, y, w, h = cv2.boundingRect((rank == place).astype(np.uint8))
        if w == 0:
            continue
        mask = (rank[y : y + h, x : x + w] == place).astype(np.uint8)
        _, pieces, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
        for number in np.flatnonzero(stats[:, cv2.CC_STAT_AREA] < least):
            if number == 0:
                continue
            left, top, wide, tall = stats[number, :4]
            rows = slice(max(0, y + top - 1), y + top + tall + 1)
            columns = slice(max(0, x + left - 1), x + left + wide + 1)
            if out is rank:
                out = rank.copy()
            around = out[rows, columns]
            piece = np.zeros(around.shape, bool)
            oy, ox = y + top - rows.start, x + left - columns.start
            piece[oy : oy + tall, ox : ox + wide] = pieces[top : top + tall, left : left + wide] == number
            rest = around[~piece]
            if rest.size:
                around[piece] = np.bincount(rest).argmax()
    return out

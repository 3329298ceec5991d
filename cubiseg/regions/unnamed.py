"""A picture in a few segments that have no names: what is drawn as one thing, as far as colour and lines tell.

For pictures in which no character is found. Fine regions merge by colour, area and the line between them as in
:mod:`cubiseg.regions.proposals`, but no place counts more than another, and texture is smoothed away first: leaves and
waves are one thing.
"""

import cv2
import numpy as np

from cubiseg.regions.fine import absorb, fine_regions
from cubiseg.regions.tree import build_tree, region_edges

WORKING_SIDE = 512
"""Longer side, in px, at which pictures are cut up."""
_SMOOTH, _RANGE = 8, 24
"""Reach in px and in levels of the mean shift that texture is smoothed by."""
_SPECK = 12.0
"""Area, in px of the working size, under which a fine region goes to the neighbour of the most similar colour."""
_LIGHTNESS, _POSITION = 0.7, 12.0
"""What lightness counts for beside the colour axes, and Lab units of the picture's longer side."""
BAND = 1.5
"""Half the width of the band along borders that is looked at again in larger pictures, in px of the working size."""
_CLEAR = 8
"""Segments more that are tried where some of them may be clear."""
_SATURATION, _CONTOUR, _SIZE = 900.0, 0.5, 1.0
"""As in :mod:`cubiseg.regions.proposals`."""


def unnamed_segments(rgb: np.ndarray, count: int, covered: np.ndarray | None = None) -> np.ndarray:
    """Cut a picture into a few segments.

    Args:
        rgb: (H, W, 3) uint8, sRGB.
        count: segments wanted, at least 1; fewer where so many cannot be told apart.
        covered: (H, W) bool, pixels that belong to a segment; None is all of them.

    Returns:
        (H, W) uint16: 0 where not covered, else the segment's number from 1, the largest first.
    """
    height, width = rgb.shape[:2]
    scale = min(1.0, WORKING_SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA) if scale < 1 else rgb
    fine = fine_regions(_without_texture(small), 1, np.zeros(small.shape[:2], bool), 1)
    weight, feature = _describe(small, fine)
    fine = absorb(fine, weight, feature, _SPECK)
    weight, feature = _describe(small, fine)
    tree = build_tree(weight, feature, *region_edges(fine), _SATURATION, _CONTOUR, _SIZE)
    for wanted in range(count + _CLEAR * (covered is not None), 0, -1):
        label = (tree.assign(tree.cut(wanted))[fine] + 1).astype(np.uint16)
        label = cv2.resize(label, (width, height), interpolation=cv2.INTER_NEAREST)
        label = by_area(label if covered is None else np.where(covered, label, 0).astype(np.uint16))
        if label.max() <= count:  # what is clear takes some of them
            break
    return label if scale == 1 else at_edges(rgb, label, 1 / scale)


def at_edges(rgb: np.ndarray, label: np.ndarray, cell: float) -> np.ndarray:
    """Move the borders of segments that were found in a smaller picture to the edges of the picture itself.

    Within :data:`BAND` small pixels of a border, segments grow anew from both sides, flat colour first (watershed,
    Meyer 1992, as OpenCV has it). Segments that would lose half of themselves stay as they are.

    Args:
        rgb: (H, W, 3) uint8, sRGB.
        label: (H, W) uint16, 0 where nothing is covered, which does not change.
        cell: pixels, along a side, that one pixel of the smaller picture covers.

    Returns:
        (H, W) uint16.
    """
    window = np.ones((2 * round(BAND * cell) + 1,) * 2, np.uint8)
    inner = cv2.erode(label, window) == cv2.dilate(label, window)
    count = int(label.max()) + 1
    thin = 2 * np.bincount(label[inner], minlength=count) < np.bincount(label.ravel(), minlength=count)
    markers = np.where(inner | thin[label], label.astype(np.int32) + 1, 0)
    markers = cv2.watershed(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), markers)
    grown = np.where(markers > 0, markers - 1, label).astype(np.uint16)  # between two stays a line, of neither
    return by_area(np.where((label == 0) | (grown == 0), label, grown).astype(np.uint16))


def by_area(label: np.ndarray) -> np.ndarray:
    """Number segments anew, the largest first.

    Args:
        label: (H, W) uint16, 0 where not covered.

    Returns:
        (H, W) uint16, numbers from 1 without gaps, 0 where it was.
    """
    area = np.bincount(label.ravel())
    area[0] = 0
    order = np.argsort(-area, kind="stable")[: np.count_nonzero(area)]
    table = np.zeros(len(area), np.uint16)
    table[order] = np.arange(1, len(order) + 1)
    return table[label]


def _without_texture(rgb: np.ndarray) -> np.ndarray:
    """Flat patches where a picture is grained, with its edges: mean shift (Comaniciu and Meer 2002)."""
    return np.asarray(cv2.pyrMeanShiftFiltering(rgb, _SMOOTH, _RANGE, maxLevel=1))


def _describe(rgb: np.ndarray, regions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Area (N,) and mean Lab and position (N, 5) of each region."""
    flat = regions.ravel()
    area = np.bincount(flat).astype(np.float64)
    lab = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).reshape(-1, 3)
    lab = lab * np.array([_LIGHTNESS, 1, 1], np.float32)
    y, x = np.indices(regions.shape, np.float32)
    reach = np.float32(_POSITION / max(regions.shape))
    columns = [*lab.T, (x * reach).ravel(), (y * reach).ravel()]
    return area, np.stack([np.bincount(flat, c, len(area)) for c in columns], 1) / area[:, None]

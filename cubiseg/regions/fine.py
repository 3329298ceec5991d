"""Fine regions of a drawing: flat patches, and the ink lines between them as regions of their own."""

import cv2
import numpy as np

from cubiseg.graphs import components
from cubiseg.label_maps import edges
from cubiseg.regions.tree import region_edges
from cubiseg.superpixels import graph_areas

SCALE, SIGMA, SMALLEST = 10.0, 0.3, 4
"""Scale, blur in px and smallest region in px: so fine that a brow of two pixels' width stays apart."""


def fine_regions(rgb: np.ndarray, least: int, near: np.ndarray, line_cell: int) -> np.ndarray:
    """Cut a picture into many small regions along its edges.

    Efficient graph-based segmentation (:func:`cubiseg.superpixels.graph_areas`) in Lab. Two additions: an ink line is
    one region of the same colour from the fringe down to a lash, so regions that are thin everywhere are cut into
    cells; and flat regions are cut into cells where a picture has fewer than ``least``.

    Args:
        rgb: (H, W, 3) uint8, sRGB.
        least: number of regions wanted at least; met wherever the picture has so many pixels.
        near: (H, W) bool, where thin regions are cut.
        line_cell: side of the cells, in px, that thin regions are cut into.

    Returns:
        (H, W) int32, ids from 0 without gaps.
    """
    lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)
    regions = graph_areas(lab, SCALE, SIGMA, SMALLEST)
    regions = _in_cells(regions, _thin(regions)[regions] & near, line_cell)
    cell = round(np.sqrt(regions.size / least))
    while regions.max() + 1 < least and cell >= 1:
        regions = _in_cells(regions, np.ones(regions.shape, bool), cell)
        cell //= 2
    return regions


def absorb(regions: np.ndarray, weight: np.ndarray, feature: np.ndarray, least: float) -> np.ndarray:
    """Give specks to the neighbour of the most similar colour, which makes the tree half as large.

    Args:
        regions: (H, W) int32, ids 0..N-1.
        weight: (N,) float.
        feature: (N, D) float.
        least: regions of less weight are specks.

    Returns:
        (H, W) int32, ids from 0 without gaps.
    """
    pairs, _ = region_edges(regions)
    count = len(weight)
    both = np.concatenate([pairs, pairs[:, ::-1]])
    both = both[weight[both[:, 0]] < least]
    distance = ((feature[both[:, 0]] - feature[both[:, 1]]) ** 2).sum(1)
    order = np.lexsort((both[:, 1], distance, both[:, 0]))
    first = order[np.flatnonzero(np.diff(both[order, 0], prepend=-1))]
    return components(count, both[first]).astype(np.int32)[regions]


def _thin(regions: np.ndarray) -> np.ndarray:
    """Which regions are nowhere wider than about five pixels: (N,) bool."""
    depth = cv2.distanceTransform((~edges(regions)).astype(np.uint8), cv2.DIST_L2, 3)
    deepest = np.zeros(int(regions.max()) + 1, np.float32)
    np.maximum.at(deepest, regions.ravel(), depth.ravel())
    return deepest < 2.5


def _in_cells(regions: np.ndarray, chosen: np.ndarray, cell: int) -> np.ndarray:
    """Cut regions along a square grid, within the chosen pixels."""
    height, width = regions.shape
    across = -(-width // cell)
    grid = (np.arange(height) // cell * across)[:, None] + np.arange(width) // cell
    key = regions.astype(np.int64) * (int(grid.max()) + 2) + np.where(chosen, grid + 1, 0)
    _, numbers = np.unique(key.ravel(), return_inverse=True)
    return numbers.reshape(regions.shape).astype(np.int32)

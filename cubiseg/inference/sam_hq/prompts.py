"""Where the network is asked for what is there: points on a grid, and a point inside each of our own regions."""

import cv2
import numpy as np


def grid_points(side: int) -> np.ndarray:
    """Middles of the cells of a square grid: (side * side, 2) float64, x and y in 0..1, row after row."""
    middles = (np.arange(side) + 0.5) / side
    x, y = np.meshgrid(middles, middles)
    return np.stack([x.ravel(), y.ravel()], axis=1)


def region_points(regions: np.ndarray) -> np.ndarray:
    """The point of each region that lies deepest in it.

    Args:
        regions: (H, W) uint16, numbers from 1; 0 is none.

    Returns:
        (N, 2) float64, x and y in 0..1, by the region's number.
    """
    height, width = regions.shape
    points = []
    for number in np.unique(regions[regions > 0]).tolist():
        inside = cv2.copyMakeBorder((regions == number).view(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
        depth = cv2.distanceTransform(inside, cv2.DIST_L2, 5)[1:-1, 1:-1]
        y, x = divmod(int(depth.argmax()), width)
        points.append(((x + 0.5) / width, (y + 0.5) / height))
    return np.array(points, np.float64).reshape(-1, 2)

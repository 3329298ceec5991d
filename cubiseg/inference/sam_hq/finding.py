"""All masks of a picture: the network is asked at points, and what it is sure of is kept."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from cubiseg.errors import CubisegError
from cubiseg.inference.sam_hq import masks as of_masks
from cubiseg.inference.sam_hq.masks import Masks, stable_masks, to_partition, without_repeats
from cubiseg.inference.sam_hq.network import Network, open_network
from cubiseg.inference.sam_hq.prompts import grid_points
from cubiseg.inference.sam_hq.sizes import enlarged, seen_size

GRID = 32
"""Points along each side of the grid that finds everything; of the authors."""
MASKS_AT_ONCE = 8
"""Masks that are held as float32 of the picture's size."""


def find_masks(network: Network, rgb: np.ndarray, points: np.ndarray) -> Masks:
    """Masks at points: rated high, stable, and none that repeats a better one.

    Args:
        network: SAM.
        rgb: (H, W, 3) uint8, sRGB.
        points: (N, 2) float64, x and y in 0..1.

    Raises:
        CubisegError: the network fails, or gives numbers that are not finite.
    """
    shape = rgb.shape[0], rgb.shape[1]
    seen = seen_size(shape, network.side)
    embedding = network.embed(rgb)
    at = points * (seen[1], seen[0])
    # One empty set, so that a picture in which nothing is found is no special case.
    found = [stable_masks(np.empty((0, *shape), np.float32), np.empty(0, np.float32))]
    for start in range(0, len(at), network.at_once):
        logits, ratings = network.masks(embedding, at[start : start + network.at_once])
        if not (np.isfinite(logits).all() and np.isfinite(ratings).all()):
            raise CubisegError("sam-hq: the network gives numbers that are not finite; copy its weights again")
        high = ratings > of_masks.LEAST_IOU
        logits, ratings = logits[high], ratings[high]
        for some in (slice(k, k + MASKS_AT_ONCE) for k in range(0, len(logits), MASKS_AT_ONCE)):
            found.append(stable_masks(enlarged(logits[some], network.side, seen, shape), ratings[some]))
    packed, boxes, ratings = (np.concatenate([getattr(m, name) for m in found]) for name in Masks.__annotations__)
    kept = without_repeats(boxes, ratings)
    return Masks(packed[kept], boxes[kept], ratings[kept])


def open_cutter(folder: Path) -> Callable[[np.ndarray], np.ndarray]:
    """SAM-HQ as something that cuts up a whole picture, for a reference line of the benchmarks.

    Args:
        folder: folder of its weights.

    Returns:
        Cuts a picture: (H, W, 3) uint8 sRGB -> (H, W) int32, region ids from 0, none left out: each pixel is of the
        smallest mask that covers it. The same picture gives the same regions. On a processor it takes minutes.

    Raises:
        CubisegError: transformers is not installed, or the folder holds no such weights.
    """
    network, points = open_network(str(folder)), grid_points(GRID)
    return lambda rgb: to_partition(find_masks(network, rgb, points).packed, (rgb.shape[0], rgb.shape[1]))


def fitted(rgb: np.ndarray, side: int) -> np.ndarray:
    """A picture at the size that the network sees it at, where it is larger: (h, w, 3) uint8."""
    height, width = rgb.shape[:2]
    if max(height, width) <= side:
        return rgb
    seen = seen_size((height, width), side)
    return np.asarray(cv2.resize(rgb, (max(1, seen[1]), max(1, seen[0])), interpolation=cv2.INTER_AREA))

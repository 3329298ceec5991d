"""Ways for a pointer through areas of a picture: short ones, that keep away from borders."""

from collections.abc import Sequence

import cv2
import numpy as np
from skimage.graph import MCP

Points = list[tuple[int, int]]

CLOSE = 3.0
"""Pixels from a border that a way keeps where it can."""
STEP = 2.0
"""Pixels between the places that the page looks at on a straight line of a drag."""


def depths(mask: np.ndarray) -> np.ndarray:
    """How far each pixel of a mask, (H, W) bool, lies from its border and the picture's: (H, W) float32, pixels."""
    depth: np.ndarray = cv2.distanceTransform(np.pad(mask.astype(np.uint8), 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
    return depth


def through(part: np.ndarray, goals: Sequence[int], reach: float) -> Points:
    """A way through parts of a picture, nowhere outside them: from the first, always to the nearest that is left.

    Args:
        part: (H, W) int, number of the part that each pixel is in; -1 outside all.
        goals: parts to reach.
        reach: length at most, in pixels.

    Returns:
        Pixels (x, y), each beside the one before.
    """
    x0, y0, width, height = cv2.boundingRect((part >= 0).astype(np.uint8))
    part = part[y0 : y0 + height, x0 : x0 + width]
    depth = depths(part >= 0)
    own = _own_depths(part)
    order = np.argsort(own.ravel(), kind="stable")
    anchor = dict(zip(part.ravel()[order].tolist(), order.tolist(), strict=True))  # of each part its deepest pixel
    left = {goal: divmod(anchor[goal], width) for goal in map(int, goals)}
    path = [left.pop(int(goals[0]))]
    while left and len(path) < reach:
        finder = MCP(_costs(depth), fully_connected=False)
        far, _ = finder.find_costs([path[-1]], list(left.values()), find_all_ends=False)
        nearest = min(left, key=lambda goal: far[left[goal]])
        if not np.isfinite(far[left[nearest]]):
            break
        steps = finder.traceback(left[nearest])
        path += steps[1:]
        for passed in {int(part[step]) for step in steps}:
            left.pop(passed, None)
    return [(x + x0, y + y0) for y, x in path[: max(1, int(reach))]]


def _own_depths(part: np.ndarray) -> np.ndarray:
    """How far each pixel lies from the border of its own part."""
    border = np.zeros(part.shape, bool)
    for axis in (0, 1):
        for step in (1, -1):
            border |= part != np.roll(part, step, axis)
    return depths(~border)


def _costs(depth: np.ndarray) -> np.ndarray:
    """What a step costs: more near a border, and it cannot be left."""
    return np.where(depth > 0, 1 + CLOSE / np.maximum(depth, 0.5), -1)


def along(mask: np.ndarray, ends: np.ndarray, reach: float) -> Points:
    """A way along a mask, between those two of some pixels that lie farthest apart in it.

    Args:
        mask: (H, W) bool; it hangs together (8-neighbours).
        ends: (N, 2) pixels of it, row and column.
        reach: length at most, in pixels.

    Returns:
        Pixels (x, y), each beside the one before.
    """
    cost, places = _costs(depths(mask)), [(int(row), int(column)) for row, column in ends]
    start = places[0]
    for _ in range(2):  # the farthest from anywhere is one end, the farthest from that the other
        finder = MCP(cost, fully_connected=True)
        far, _ = finder.find_costs([start])
        start = max(places, key=lambda place: far[place] if np.isfinite(far[place]) else -1)
    return [(x, y) for y, x in finder.traceback(start)[: max(1, int(reach))]]


def simplified(path: Points, part: np.ndarray) -> tuple[tuple[float, float], ...]:
    """The fewest of a way's pixels between which straight lines pass the same parts, (H, W) int, -1 outside all."""
    parts = [int(part[y, x]) for x, y in path]
    kept, at = [path[0]], 0
    while at < len(path) - 1:
        step = len(path) - 1 - at
        while step > 1 and not _is_same(path[at], path[at + step], part, set(parts[at : at + step + 1])):
            step = step * 2 // 3
        at += step
        kept.append(path[at])
    return tuple((float(x), float(y)) for x, y in kept)


def _is_same(one: tuple[int, int], other: tuple[int, int], part: np.ndarray, wanted: set[int]) -> bool:
    """Whether a line passes these parts and no others, looked at closely and as the page does it."""
    length = max(1.0, float(np.hypot(other[0] - one[0], other[1] - one[1])))
    return all(_parts_on(one, other, part, int(np.ceil(length / step))) == wanted for step in (0.5, STEP))


def _parts_on(one: tuple[int, int], other: tuple[int, int], part: np.ndarray, steps: int) -> set[int]:
    xs, ys = (np.linspace(a, b, steps + 1) + 0.5 for a, b in zip(one, other, strict=True))
    return set(np.unique(part[ys.astype(int), xs.astype(int)]).tolist())

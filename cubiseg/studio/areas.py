"""The areas of a drawing as a page needs them: regions at full resolution, numbered so that a node is one range.

Leaves of the merge tree are numbered from left to right (in the order in which a walk through the tree meets them), so
each node holds the leaves ``first[node]`` to ``last[node] - 1``, and whether a pixel is in a node is one comparison.
"""

import io
import tokenize
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from cubiseg.arrays import read_arrays
from cubiseg.files import atomic_write
from cubiseg.label_maps import edges
from cubiseg.regions import VERSION, MergeTree, propose
from cubiseg.regions.proposals import WORKING_SIDE

CORE = 0.6
"""Share of a region's greatest depth from which a pixel surely belongs to it, however thin it is."""

SOFT, THIN = 128, 2.5
"""Mean alpha below which a region is soft; and how deep a soft edge is at most, in pixels of a 512x512 picture."""

_FORM = 10 * VERSION + 2
"""Raised when the same picture gets other areas: those that are kept are found anew."""

_DAMAGE = (
    OSError,
    ValueError,
    KeyError,
    EOFError,
    RuntimeError,  # a flag or method of compression that zipfile does not know
    zlib.error,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    tokenize.TokenError,  # NumPy's header of an array is parsed as Python
)
"""What reading raises where an archive was cut short by a kill, or a bit of it flipped."""


@dataclass(frozen=True)
class Areas:
    """Regions and the tree over them.

    Attributes:
        rank: (H, W) uint16, number of the leaf that each pixel is in, 0..N-1.
        parent: (M,) int32, the node above each; -1 at the top. Nodes that are made later have higher numbers, and the
            N leaves come first, by rank: the cut into k areas has the highest nodes below 2N - k.
        first: (M,) int32, the first leaf in each node.
        last: (M,) int32, one after its last leaf.
    """

    rank: np.ndarray
    parent: np.ndarray
    first: np.ndarray
    last: np.ndarray

    @property
    def leaves(self) -> int:
        """N."""
        return int(np.count_nonzero(self.last - self.first == 1))


def find_areas(rgb: np.ndarray, seen: np.ndarray, alpha: np.ndarray | None = None) -> Areas:
    """Areas of a picture.

    Args:
        rgb: (H, W, 3) uint8, sRGB.
        seen: (H, W) uint8, class ids that a model sees; areas of different classes merge late.
        alpha: (H, W) uint8, 0 is clear; None: nothing is.
    """
    proposals = propose(rgb, seen=seen)
    regions = snapped(proposals.regions, rgb)
    return ranked(regions if alpha is None else with_edges(regions, alpha), proposals.tree)


def with_edges(regions: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Regions with the soft edge of what is drawn, which in colour is half background, given to what it is the edge of.

    Pixels of regions that are mostly clear, or thin and mostly soft, go to the nearest region that is neither, but for
    those that are clear themselves. So a region may be left without a pixel.

    Args:
        regions: (H, W) int32, ids 0..N-1.
        alpha: (H, W) uint8, 0 is clear.

    Returns:
        (H, W) int32.
    """
    drawn = alpha > 0
    total = np.bincount(regions.ravel())
    mean = np.bincount(regions.ravel(), alpha.ravel(), len(total)) / np.maximum(1, total)
    is_clear = 2 * np.bincount(regions[drawn], minlength=len(total)) < total
    is_edge = (mean < SOFT) & (_deepest(regions) <= THIN * max(1.0, max(regions.shape) / 512))  # a veil is thicker
    solid = ~(is_clear | is_edge)[regions]
    if not solid.any():
        return regions
    _, nearest = cv2.distanceTransformWithLabels(
        (~solid).view(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    of_label = np.zeros(int(nearest.max()) + 1, np.int32)
    of_label[nearest[solid]] = regions[solid]
    return np.where(drawn & ~solid, of_label[nearest], regions)


def snapped(regions: np.ndarray, rgb: np.ndarray) -> np.ndarray:
    """Regions that were found in a smaller picture, with borders moved to the edges of the picture itself.

    Between the cores of the regions, a watershed (Meyer 1992) decides.

    Args:
        regions: (H, W) int32, ids 0..N-1, N below 2**15.
        rgb: (H, W, 3) uint8.

    Returns:
        (H, W) int32; ``regions`` itself where they were found in the picture as it is.
    """
    step = max(regions.shape) / WORKING_SIDE
    if step <= 1:
        return regions
    depth = _depth(regions)
    deepest = _deepest(regions)
    core = depth >= np.minimum(step, CORE * deepest)[regions]
    markers, framed = (
        cv2.copyMakeBorder(plane, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
        for plane in (np.where(core, regions + 1, 0).astype(np.int32), rgb)
    )
    cv2.watershed(framed, markers)  # it marks its own frame, and a line of a pixel between two regions
    markers[[0, -1]] = markers[:, [0, -1]] = -1
    _close_lines(markers, framed)
    return markers[1:-1, 1:-1] - 1


def _depth(regions: np.ndarray) -> np.ndarray:
    """How far each pixel lies from the border of its region, (H, W) float32."""
    depth: np.ndarray = cv2.distanceTransform((~edges(regions)).view(np.uint8), cv2.DIST_L2, 3)
    return depth


def _deepest(regions: np.ndarray) -> np.ndarray:
    """The same of each region's innermost pixel, (N,) float32."""
    deepest = np.zeros(int(regions.max()) + 1, np.float32)
    np.maximum.at(deepest, regions.ravel(), _depth(regions).ravel())
    return deepest


def _close_lines(markers: np.ndarray, rgb: np.ndarray) -> None:
    """Give each pixel below 1 inside the frame to the neighbour of the most similar colour, in place."""
    width = markers.shape[1]
    flat, colours = markers.reshape(-1), rgb.reshape(-1, 3)
    inner = np.zeros(markers.shape, bool)
    inner[1:-1, 1:-1] = True
    while len(places := np.flatnonzero((markers < 1) & inner)):
        beside = places[:, None] + np.array([-width, width, -1, 1, -width - 1, -width + 1, width - 1, width + 1])
        away = np.abs(colours[beside].astype(np.int16) - colours[places][:, None]).sum(2)
        away[flat[beside] < 1] = 32767
        best = away.argmin(1)[:, None]
        flat[places] = np.take_along_axis(flat[beside], best, 1)[:, 0]


def ranked(regions: np.ndarray, tree: MergeTree) -> Areas:
    """Number the leaves of a tree from left to right."""
    count = tree.leaves
    total = count + len(tree.children)
    parent = np.full(total, -1, np.int32)
    parent[tree.children.ravel()] = np.repeat(np.arange(count, total), 2)
    size = np.ones(total, np.int32)
    children = tree.children.tolist()
    for node, (one, other) in enumerate(children, count):
        size[node] = size[one] + size[other]
    first = np.zeros(total, np.int32)
    roots = np.flatnonzero(parent < 0)
    first[roots] = np.cumsum(size[roots]) - size[roots]
    for node in range(total - 1, count - 1, -1):
        one, other = children[node - count]
        first[one], first[other] = first[node], first[node] + size[one]
    rank = first[:count]
    order = np.arange(total)
    order[rank] = np.arange(count)  # the leaf at each rank, then the nodes as they were
    return Areas(rank.astype(np.uint16)[regions], parent[order], first[order], (first + size)[order])


def write_areas(path: Path, areas: Areas) -> None:
    """Write areas as compressed NumPy arrays; equal ones give equal bytes."""
    buffer = io.BytesIO()
    arrays: dict[str, Any] = {name: getattr(areas, name) for name in ("rank", "parent", "first", "last")}
    np.savez_compressed(buffer, version=np.array(_FORM), **arrays)
    with atomic_write(path) as file:
        file.write(buffer.getvalue())


def read_areas(path: Path, size: tuple[int, int]) -> Areas | None:
    """What :func:`write_areas` wrote of a picture of ``size`` (height, width); None where it is missing or damaged."""
    try:
        arrays = read_arrays(path, "version", "rank", "parent", "first", "last")
        areas = Areas(*(arrays[name] for name in ("rank", "parent", "first", "last")))
        whole = areas.rank.shape == size and areas.rank.dtype == np.uint16 and int(arrays["version"]) == _FORM
        if whole and len(areas.parent) == len(areas.first) == len(areas.last) and areas.rank.max() < areas.leaves:
            return areas
    except _DAMAGE:
        pass  # they are found anew
    return None

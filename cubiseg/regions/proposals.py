"""Region proposals of one picture: its finest regions and the merge tree over them."""

from dataclasses import dataclass

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.regions.fine import absorb, fine_regions
from cubiseg.regions.head import estimate_head, face_box
from cubiseg.regions.quality import class_counts
from cubiseg.regions.tree import MergeTree, build_tree, region_edges

VERSION = 2
"""Raised when the same pixels give other regions."""

WORKING_SIDE = 640
"""Larger pictures are cut up at this size, in px; their regions are scaled back."""

MOST, LEAST = 2000, 16
"""Regions of the finest and of the coarsest cut that is of use."""

_ZONES: tuple[tuple[Box, float], ...] = (
    (Box(-0.8, 0.8, 1.8, 4.0), 1.5),  # the body
    (Box(0.1, 0.95, 0.9, 1.5), 6.0),  # the neck
    (Box(-0.5, -0.6, 1.5, 1.2), 5.0),  # the head with its hair
    (Box(-0.05, -0.02, 1.05, 1.02), 30.0),  # the face
    (Box(0.0, 0.0, 1.0, 0.5), 90.0),  # brows and eyes
    (Box(0.25, 0.6, 0.75, 0.98), 60.0),  # the mouth
)
"""Weight of a pixel by where it lies in the face's box (left, top, right, bottom in shares of its sides); the last zone
that applies counts."""

_ELSEWHERE, _NEAR = 0.2, 5.0
"""Weight outside all zones; and from which on long ink lines are cut up, which matters around the face alone."""

_SPECK = 4.0
"""Weight of regions that are no part of anything: 20 px of background, a lone pixel of the head."""

_LIGHTNESS, _POSITION = 0.7, 20.0
"""What lightness counts for beside the colour axes, and Lab units of a face's width: far parts merge late."""

_SATURATION = 900.0
"""Squared Lab distance from which colours are simply different, so that gaudy backgrounds do not eat up the regions."""

_APART = 100.0
"""Squared Lab distance that regions are apart by if a model sees different classes there."""

_FACTORS = {
    "background": 0.5,
    "eyebrow_left": 2.0,
    "eyebrow_right": 2.0,
    "mouth": 1.3,
    "skin": 3.0,
    "accessories": 5.0,
}
_OF_CLASS = np.array([_FACTORS.get(name, 1.0) for name in taxonomy.NAMES])
"""What a pixel counts for by the class that a model sees there, as a factor on its weight by place."""

_CONTOUR, _SIZE = 0.85, 1.25
"""Powers of the border's length and of the area in the loss; see :func:`cubiseg.regions.tree.build_tree`."""


@dataclass(frozen=True)
class Proposals:
    """Regions of a picture.

    Attributes:
        regions: (H, W) int32, ids of the finest regions, 0..N-1.
        tree: merges of them.
        head: the face's box that the tree was weighted with.
        seen: (N,) uint8, the class that a model sees in each of the finest regions; None where none was asked.
    """

    regions: np.ndarray
    tree: MergeTree
    head: Box
    seen: np.ndarray | None = None

    def cut(self, count: int) -> np.ndarray:
        """Nodes of the tree for ``count`` regions (or all there are): (K,) int32."""
        return self.tree.cut(count)

    def label(self, nodes: np.ndarray) -> np.ndarray:
        """(H, W) int32, the index in ``nodes`` that each pixel belongs to; -1 where none."""
        return self.tree.assign(nodes)[self.regions]

    def seen_label(self) -> np.ndarray | None:
        """(H, W) uint8, what the model sees, whole regions at a time; None where none was asked."""
        return None if self.seen is None else self.seen[self.regions]


def propose(rgb: np.ndarray, head: Box | None = None, seen: np.ndarray | None = None) -> Proposals:
    """Regions of a picture, most of them where the small parts are.

    Args:
        rgb: (H, W, 3) uint8, sRGB.
        head: the face's box from fringe to chin in px, from whoever knows; that of ``seen``, or guessed by colour and
            position, otherwise.
        seen: (H, W) uint8, taxonomy ids, a model's label map. Regions where it has different classes merge late; their
            outlines are the drawing's all the same.

    Returns:
        Proposals with 2,000 finest regions, fewer only in pictures of fewer pixels.
    """
    height, width = rgb.shape[:2]
    scale = min(1.0, WORKING_SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA) if scale < 1 else rgb
    box = head or (None if seen is None else face_box(seen)) or estimate_head(rgb)
    scaled = box.scaled(scale)
    near = pixel_weights(small.shape[:2], scaled) >= _NEAR
    fine = fine_regions(small, MOST, near, max(8, round(0.12 * scaled.width)))
    weight, feature = _describe(small, fine, scaled)
    fine = absorb(fine, weight, feature, _SPECK)
    weight, feature = _describe(small, fine, scaled)
    kind = None
    if seen is not None:
        small_seen = cv2.resize(seen, size, interpolation=cv2.INTER_NEAREST_EXACT)
        kind = class_counts(fine, small_seen, taxonomy.NUM_CLASSES).argmax(1)
        weight *= _OF_CLASS[kind]
    pairs, length = region_edges(fine)
    whole = build_tree(weight, feature, pairs, length, _SATURATION, _CONTOUR, _SIZE, kind, _APART)
    owner, tree = whole.pruned(MOST)
    regions = owner[fine]
    if scale < 1:
        regions = cv2.resize(regions, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)
    known = None if seen is None else class_counts(regions, seen, taxonomy.NUM_CLASSES).argmax(1).astype(np.uint8)
    return Proposals(regions, tree, box, known)


def _describe(rgb: np.ndarray, regions: np.ndarray, head: Box) -> tuple[np.ndarray, np.ndarray]:
    """Weight (N,) and mean Lab and position (N, 5) of each region."""
    flat = regions.ravel()
    area = np.bincount(flat)
    lab = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).reshape(-1, 3)
    lab = lab * np.array([_LIGHTNESS, 1, 1], np.float32)
    y, x = np.indices(regions.shape, np.float32)
    reach = np.float32(_POSITION / max(8.0, head.width))
    columns = [*lab.T, (x * reach).ravel(), (y * reach).ravel()]
    feature = np.stack([np.bincount(flat, c, len(area)) for c in columns], 1) / area[:, None]
    weight = np.bincount(flat, pixel_weights(rgb.shape[:2], head).ravel(), len(area))
    return weight, feature


def pixel_weights(size: tuple[int, ...], head: Box) -> np.ndarray:
    """What each pixel counts for when regions merge: (H, W) float32."""
    weights = np.full(size, _ELSEWHERE, np.float32)
    for (x0, y0, x1, y1), weight in _ZONES:
        rows = slice(max(0, round(head.top + y0 * head.height)), max(0, round(head.top + y1 * head.height)))
        columns = slice(max(0, round(head.left + x0 * head.width)), max(0, round(head.left + x1 * head.width)))
        weights[rows, columns] = weight
    return weights

"""Where parts may lie: the parts of a face on or beside it, the figure in one place.

A network judges each pixel by what is around it, and finds an eye in a picture frame or a sleeve in a corner. The rules
were set on label maps of 45 busts and 18 whole figures of real characters and of 200 generated pictures: what they move
there is nearly always wrong, and in the true label maps they move nothing that counts (docs/models.md).
"""

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.label_maps import nearest_class

WORKING_SIDE = 2048
"""Longer side, in pixels, at which larger label maps are looked at."""
BESIDE = 0.55
"""Distance from the face, in square roots of its area, within which its parts lie; a fringe may be between."""
OTHER_FACE = 0.1
"""Share of the largest face's area from which another piece of face counts as another character's."""
FAR, FAR_AREA = 0.1, 0.05
"""An island this far from the figure, in square roots of its area, and smaller than this share of it, is background."""
NEAR, NEAR_AREA = 0.03, 0.003
"""The same for specks, which may lie nearer."""

_BACKGROUND, _FACE = taxonomy.ID["background"], taxonomy.ID["face"]
_BROWS = taxonomy.ids("eyebrow_left", "eyebrow_right")
_ON_FACE = tuple(part for part in taxonomy.SMALL_PART_IDS if part not in _BROWS)
_PART = np.isin(np.arange(256), taxonomy.SMALL_PART_IDS)
_ON_OR_IN_FACE = np.isin(np.arange(256), taxonomy.FACE_IDS)


def settled(label: np.ndarray, islands: bool = True) -> np.ndarray:
    """Move what lies where its class cannot be to the class around it.

    Args:
        label: (H, W) uint8, taxonomy ids.
        islands: whether far islands become background; False for cut-outs, whose every visible pixel is drawn.

    Returns:
        (H, W) uint8; ``label`` itself where nothing is out of place. Without a face, parts of one may lie anywhere.
    """
    step = -(-max(label.shape) // WORKING_SIDE)
    small = np.ascontiguousarray(label[::step, ::step])
    stray = _stray_parts(small)
    if stray.any():
        around = nearest_class(small, ~_PART[small])
        where = _lifted(stray, label.shape) & _PART[label]
        label = np.where(where, cv2.resize(around, label.shape[::-1], interpolation=cv2.INTER_NEAREST), label)
        small = np.where(stray, around, small)
    if islands:
        far = _far_islands(small)
        if far.any():
            label = np.where(_lifted(far, label.shape), np.uint8(_BACKGROUND), label)
    return label


def _stray_parts(label: np.ndarray) -> np.ndarray:
    """Pieces of eyes, nose, mouth and brows that are far from every face: (H, W) bool."""
    stray = np.zeros(label.shape, bool)
    pieces, areas = _pieces(_ON_OR_IN_FACE[label])
    skin = np.bincount(pieces[label == _FACE], minlength=len(areas))
    faces = (skin >= max(OTHER_FACE * skin.max(), 1))[pieces]
    loose = (pieces > 0) & ~faces & _PART[label]
    box = Box.around(loose | faces)
    if box is None or not loose.any() or not faces.any():
        return stray  # as in nearly all pictures
    window = box.window
    label, faces, loose, out = label[window], faces[window], loose[window], stray[window]
    reach = BESIDE * np.sqrt(skin.max())
    for kinds in (_ON_FACE, _BROWS):  # brows may lie in the fringe, but then above an eye
        away = cv2.distanceTransform((~faces).view(np.uint8), cv2.DIST_L2, 5)
        for kind in kinds:
            here = loose & (label == kind)
            numbers, areas = _pieces(here)
            nearest = np.full(len(areas), np.inf)
            np.minimum.at(nearest, numbers[here], away[here])
            out |= ((nearest > reach) & (areas > 0))[numbers]
        faces = faces | (loose & np.isin(label, kinds) & ~out)
    return stray


def _far_islands(label: np.ndarray) -> np.ndarray:
    """Pieces of the figure that are small, without a face and far from the rest: (H, W) bool."""
    figure = (label != _BACKGROUND) & (label != taxonomy.IGNORE_INDEX)
    pieces, areas = _pieces(figure)
    if len(areas) < 3:  # one piece, and what is outside
        return np.zeros(label.shape, bool)
    faces = np.bincount(pieces[label == _FACE], minlength=len(areas))
    main = int(np.argmax(faces if faces.any() else areas))
    away = cv2.distanceTransform((pieces != main).view(np.uint8), cv2.DIST_L2, 5)
    small = figure & (pieces != main)
    nearest = np.full(len(areas), np.inf)
    np.minimum.at(nearest, pieces[small], away[small])
    gap, share = nearest / np.sqrt(areas[main]), areas / areas[main]
    far = ((gap > FAR) & (share < FAR_AREA)) | ((gap > NEAR) & (share < NEAR_AREA))
    far &= faces < max(OTHER_FACE * faces[main], 1)
    far[[0, main]] = False
    return far[pieces]


def _pieces(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the connected pieces, (H, W) int32 with 0 outside, and their areas by number, 0 for number 0."""
    _, numbers, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    return numbers, areas


def _lifted(mask: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """A mask of pieces that stand alone, at full size; their rims lie between the samples."""
    if mask.shape == size:
        return mask
    grown = cv2.dilate(mask.view(np.uint8), np.ones((3, 3), np.uint8))
    return cv2.resize(grown, size[::-1], interpolation=cv2.INTER_NEAREST) > 0

"""Dust: pieces and holes of a few pixels, which automatic meshing trips over.

Pieces of a layer under :func:`least_area` go to what surrounds them, before the layers are cut. Holes under it are
closed while they are: beneath an upper layer by painting on, above a lower one by taking its pixels.
"""

from dataclasses import replace

import cv2
import numpy as np

from cubiseg.boxes import Box, boxes_by_value
from cubiseg.layers.matte import Matte
from cubiseg.layers.pieces import numbered, places_of

LEAST = 9
"""Area, in pixels of a picture of 1024 pixels a side, under which a piece or a hole is dust."""
SIDE = 1024
"""Longer side, in pixels, beyond which that area grows with the picture's."""
PART = 0.75
"""Share of a layer that is no dust though its pieces are as small: a nose drawn as two dots stays."""
LIKE = 0.25
"""Share of the layer's largest piece that such a piece has at least; less is dust beside it."""
_UNKNOWN = 255


def least_area(size: tuple[int, int]) -> int:
    """Area in pixels under which a piece or a hole is dust, in a picture of ``size`` (height, width).

    >>> least_area((600, 800)), least_area((2048, 1024))
    (9, 36)
    """
    return round(LEAST * max(1.0, max(size) / SIDE) ** 2)


def without_specks(edges: Matte, visible: np.ndarray, first: int) -> tuple[Matte, np.ndarray]:
    """Give pieces of a few pixels to what touches them.

    A part keeps its largest pieces up to three quarters of its area, however small, where they are like each other.
    What only clear pixels surround stays, as one part.

    Args:
        edges: who owns and shares each pixel.
        visible: (H, W) bool, pixels that are not clear.
        first: the lowest place in the stack that is looked at.

    Returns:
        The new owners and shares, and the places (flat, sorted) of the pieces of a few pixels that stay.
    """
    least = least_area(visible.shape)
    solid = np.where(visible, edges.solid(), 0).astype(np.uint8)
    upper = np.zeros_like(solid)
    upper[edges.rows, edges.columns] = edges.upper
    shared = edges.rows.astype(np.int64) * solid.shape[1] + edges.columns
    flat, over = solid.ravel(), upper.ravel()
    lost, whose, kept = [], [], [np.zeros(0, np.int64)]
    dropped = np.zeros(len(shared), bool)
    for place, span in boxes_by_value(solid, upper).items():
        if place < first:
            continue
        window = span.window
        specks, small = _small_pieces((solid[window] == place) | (upper[window] == place), least, place > 1)
        specks, small = (_moved(found, span, solid.shape[1]) for found in (specks, small))
        kept.append(small)
        if not len(specks):
            continue
        dropped[np.searchsorted(shared, specks[over[specks] > 0])] = True
        alone = specks[flat[specks] == place]
        another = alone[over[alone] > 0]  # what lies over it takes the pixel whole
        flat[another] = over[another]
        over[specks] = 0
        alone = alone[flat[alone] == place]
        flat[alone] = _UNKNOWN
        lost.append(alone)
        whose.append(np.full(len(alone), place, np.uint8))
    changed = np.concatenate([*lost, shared[dropped]]) if lost else shared[dropped]
    if lost:
        kept.append(_settle(solid, np.concatenate(lost), np.concatenate(whose)))
    if not len(changed):
        return edges, np.sort(np.concatenate(kept))
    rank = edges.rank.copy()
    rank.ravel()[changed] = flat[changed]
    names = ("rows", "columns", "upper", "lower", "alpha", "upper_colour", "lower_colour")
    rest = {name: getattr(edges, name)[~dropped] for name in names}
    return replace(edges, rank=rank, **rest), np.sort(np.concatenate(kept))


def _moved(places: np.ndarray, span: Box, width: int) -> np.ndarray:
    """Places in a flat window as places in the flat picture of a width."""
    rows, columns = np.divmod(places, int(span.width))
    return (rows + int(span.top)) * width + columns + int(span.left)


def pinholes(seen: np.ndarray, least: int) -> np.ndarray:
    """Pixels of the holes of a mask that are under ``least`` pixels large; sides join them, corners do not.

    Args:
        seen: (h, w) bool.
        least: area in pixels.

    Returns:
        Places in the flat mask, (N,) int64.
    """
    box = Box.around(seen)  # what lies outside is no hole
    if box is None:
        return np.zeros(0, np.int64)
    inside = seen[box.window]
    if inside.all():
        return np.zeros(0, np.int64)
    free = cv2.copyMakeBorder((~inside).view(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    pieces, areas = numbered(free, connectivity=4)
    small = areas < least
    small[[0, pieces[0, 0]]] = False
    rows, columns = np.divmod(places_of(pieces, small), free.shape[1])
    return (rows - 1 + int(box.top)) * seen.shape[1] + columns - 1 + int(box.left)


def remnants(mask: np.ndarray, taken: np.ndarray, least: int) -> np.ndarray:
    """Pixels of a layer's pieces that are under ``least`` pixels large and touch what was taken from the layer.

    Args:
        mask: (H, W) bool, pixels of the layer, without those that were taken.
        taken: (N,) places in the flat mask.
        least: area in pixels.

    Returns:
        Places in the flat mask.
    """
    width = mask.shape[1]
    rows, columns = np.divmod(taken, width)
    found = [np.zeros(0, np.int64)]
    # What was taken lies in holes of a few pixels: one window, a little larger than a piece can be, around each.
    while len(rows):
        window = Box(int(columns[0]), int(rows[0]), int(columns[0]) + 1, int(rows[0]) + 1).grown(2 * least, mask.shape)
        top, left = int(window.top), int(window.left)
        crop = mask[window.window]
        pieces, areas = numbered(crop)
        here = (abs(rows - rows[0]) < least) & (abs(columns - columns[0]) < least)
        there = np.zeros(crop.shape, np.uint8)
        there[rows[here] - top, columns[here] - left] = 1
        small = np.zeros(len(areas), bool)
        small[pieces[cv2.dilate(there, np.ones((3, 3), np.uint8)) > 0]] = True
        small &= areas < least
        small[0] = False
        y, x = np.divmod(places_of(pieces, small), crop.shape[1])
        found.append((y + top) * width + x + left)
        rows, columns = rows[~here], columns[~here]
    return np.unique(np.concatenate(found))


def _small_pieces(mask: np.ndarray, least: int, is_part: bool) -> tuple[np.ndarray, np.ndarray]:
    """Places of a layer's pieces under ``least`` pixels: of those to give away, and of those to keep."""
    none = np.zeros(0, np.int64)
    pieces, areas = numbered(mask)
    specks, kept = speck_numbers(areas, least)
    if not is_part:
        specks, kept = specks | kept, np.zeros_like(kept)
    if not (specks.any() or kept.any()):
        return none, none
    return places_of(pieces, specks), places_of(pieces, kept)


def speck_numbers(areas: np.ndarray, least: int) -> tuple[np.ndarray, np.ndarray]:
    """Which pieces of a layer are dust, and which are as small but make the layer up.

    Args:
        areas: (N + 1,) int64, pixels of each piece by its number (:func:`cubiseg.layers.pieces.numbered`).
        least: area in pixels under which a piece is small.

    Returns:
        Two (N + 1,) bool, by number. Once the first are gone, none of what is left is dust.

    >>> [found.nonzero()[0].tolist() for found in speck_numbers(np.array([0, 26, 8, 3]), 9)]
    [[2, 3], []]
    """
    areas = np.concatenate([[0], areas[1:]])
    small = areas < least
    small[0] = False
    dust: np.ndarray = np.zeros_like(small)
    while small.any():
        rest = np.where(dust, 0, areas)
        order = np.argsort(-rest, kind="stable")
        larger = np.empty_like(rest)
        larger[order] = np.cumsum(rest[order]) - rest[order]
        further = small & ~dust & ~((larger < PART * rest.sum()) & (rest >= LIKE * rest.max()))
        if not further.any():
            break
        dust |= further  # what is left is less, so that of its pieces more may be dust
    return dust, small & ~dust


def _settle(solid: np.ndarray, lost: np.ndarray, whose: np.ndarray) -> np.ndarray:
    """Give unknown pixels, ring by ring, to a part that they touch, in place.

    So each joins a piece that is there, and no new ones come about. Islands of unknown pixels go to the layer that has
    most of each.

    Returns:
        Places of those islands.
    """
    width = solid.shape[1]
    padded = cv2.copyMakeBorder(solid, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    stride, flat = width + 2, padded.ravel()
    left = (lost // width + 1) * stride + lost % width + 1
    while len(left):
        best = np.zeros(len(left), np.uint8)
        for step in (-1, 1, -stride, stride, -stride - 1, -stride + 1, stride - 1, stride + 1):
            beside = flat[left + step]
            free = (best == 0) & (beside != _UNKNOWN)
            best[free] = beside[free]
        if not best.any():
            break
        flat[left[best > 0]] = best[best > 0]
        left = left[best == 0]
    if len(left):
        count, islands = cv2.connectedComponents((padded == _UNKNOWN).view(np.uint8), connectivity=8)
        padded_lost = (lost // width + 1) * stride + lost % width + 1
        there = flat[padded_lost] == _UNKNOWN
        votes = np.zeros((count, int(whose.max()) + 1), np.int64)
        np.add.at(votes, (islands.ravel()[padded_lost[there]], whose[there]), 1)
        flat[left] = votes.argmax(axis=1)[islands.ravel()[left]]
    solid[:] = padded[1:-1, 1:-1]
    return (left // stride - 1) * width + left % stride - 1

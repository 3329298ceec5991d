"""Moving the borders of a coarse label map to the edges that are drawn.

A network labels a picture at a few hundred pixels a side; at the picture's own resolution its borders are off by about
one of its pixels. Within that distance of a border the labels are forgotten and grown again from both sides, flat
colour first, so that they meet where the picture changes most: marker-controlled watershed (Meyer, "Color image
segmentation", 1992, as OpenCV has it). Ink along a border then goes to the upper part, whose outline it is.

The small parts of a face are thinner than that band, and often are ink themselves. They are left out at first, and put
back within a narrower band, once hair, skin and clothes have their borders. No piece of a part shrinks below
:data:`KEPT` of what the network saw of it, unless it is smaller than the network can see.

Where the network looked again (:mod:`cubiseg.inference.looks`), it saw more, and a band is narrower. Borders are moved
there first; what is around them then grows towards what is fixed.

Borders between classes may lie at the picture's edges already (:mod:`cubiseg.inference.edges`), better than a watershed
puts them. Those move no more than a pixel or so; borders between the parts of one class, which that leaves smooth,
move as ever.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.boxes import Box, boxes_by_value
from cubiseg.label_maps import nearest_class
from cubiseg.layers.pieces import numbered, places_of

WORKING_SIDE = 1024
"""Longer side, in pixels, at which borders of larger pictures are first moved."""
BAND, NARROW = 2.0, 0.75
"""Width of the forgotten band on each side of a border, in pixels of the network; the second, of small parts."""
AT_EDGES = 0.3
"""Share of these widths along borders between classes that lie at the picture's edges already."""
INK = 28
"""Lightness, of 255, by which a line is darker than both its sides."""
KEPT = 0.5
"""Least share of a piece's area that is still its part's when borders have moved; else it is put back as it was."""
SEEN = 0.25
"""Area, in pixels of the network, below which a piece is a speck: the network cannot have seen it."""


def sharpen(
    rgb: np.ndarray,
    label: np.ndarray,
    cell: float,
    finer: Sequence[tuple[Box, float]] = (),
    at_edges: bool = False,
) -> np.ndarray:
    """Move the borders of a label map to the picture's edges.

    Args:
        rgb: (H, W, 3) uint8, sRGB.
        label: (H, W) uint8, ids of classes and parts.
        cell: pixels of the picture, along a side, that one pixel of the network covers; up to 1, nothing is moved.
        finer: pieces of the picture, whole px, in which a pixel of the network covers less, and how much; where they
            overlap, the last counts.
        at_edges: whether borders between classes lie at the picture's edges already.

    Returns:
        (H, W) uint8, ids of classes and parts; values that are neither have become background.
    """
    if cell <= 1:
        return label
    if not finer:
        return taxonomy.STACK[_moved(rgb, taxonomy.STACK_RANK[label], cell, None, at_edges)]
    fine, fixed = label.copy(), np.zeros(label.shape, bool)
    for box, less in finer:
        fine[box.window] = sharpen(rgb[box.window], label[box.window], less, (), at_edges)
        fixed[box.window] = True
    before = taxonomy.STACK_RANK[fine]
    return taxonomy.STACK[np.where(fixed, before, _moved(rgb, before, cell, fixed, at_edges))]


def _moved(rgb: np.ndarray, before: np.ndarray, cell: float, fixed: np.ndarray | None, at_edges: bool) -> np.ndarray:
    """Places in the stack, (H, W) uint8, with their borders moved; ``fixed``, (H, W) bool, stand already."""
    small = _SMALL[before]
    box = Box.around(small)
    window = None if box is None else box.grown(round(2 * BAND * cell), before.shape).window
    if window is None or small[window].all():
        return _kept(before, _large_parts(rgb, before, cell, fixed, at_edges), cell)
    bare = before.copy()
    bare[window] = nearest_class(before[window], ~small[window])
    rank = _large_parts(rgb, bare, cell, fixed, at_edges)
    whole = np.where(small, before, rank)[window]
    held = None if fixed is None else fixed[window]
    with_small = _grow(rgb[window], whole, NARROW * cell, held, at_edges)
    there = small[window] | _SMALL[with_small]
    rank[window] = np.where(there, with_small, rank[window])
    return _kept(before, rank, cell)


_CLASS = taxonomy.CLASS_OF[taxonomy.STACK]
"""(S + 1,) uint8, by place in the stack: the class."""
_SMALL = np.isin(_CLASS, taxonomy.SMALL_PART_IDS)
"""(S + 1,) bool, by place in the stack: the small parts of a face."""


def _large_parts(
    rgb: np.ndarray, rank: np.ndarray, cell: float, fixed: np.ndarray | None, at_edges: bool
) -> np.ndarray:
    """Places in the stack with their borders moved, in two steps where the picture is large."""
    height, width = rank.shape
    scale = WORKING_SIDE / max(height, width)
    if scale < 0.75:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        shrunk = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
        coarse = cv2.resize(rank, size, interpolation=cv2.INTER_NEAREST)
        held = None if fixed is None else cv2.resize(fixed.view(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
        coarse = _grow(shrunk, coarse, BAND * cell * scale, held, at_edges)
        large = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_NEAREST)
        rank = large if fixed is None else np.where(fixed, rank, large)
        cell = 1 / scale
    rank = _grow(rgb, rank, BAND * cell, fixed, at_edges)
    rank = _without_specks(rank, cell)
    return _with_ink(rgb, rank)


def _kept(before: np.ndarray, after: np.ndarray, cell: float) -> np.ndarray:
    """Put pieces back that lost more than :data:`KEPT` allows.

    Args:
        before: (H, W) uint8, places in the stack that the network gave.
        after: (H, W) uint8, those whose borders were moved.

    Returns:
        (H, W) uint8; ``after`` itself where nothing was lost.
    """
    out, reach = after, round(BAND * cell)
    owned = _areas(after)

    def put(window: tuple[slice, slice], piece: np.ndarray, place: int) -> None:
        nonlocal out
        out = after.copy() if out is after else out
        taken = np.bincount(out[window][piece], minlength=len(owned))
        owned[:] -= taken
        owned[place] += taken.sum()
        out[window][piece] = place

    for place, box in boxes_by_value(before).items():
        if place == 1:
            continue
        window = box.window
        pieces, areas = numbered(before[window] == place)
        count = len(areas)
        stayed = np.bincount(pieces[after[window] == place], minlength=count)
        lost = (stayed < KEPT * areas) & (areas >= SEEN * cell * cell)
        for number in np.flatnonzero(lost[1:]) + 1:
            mask = pieces == number
            bounds = Box.around(mask)
            assert bounds is not None  # noqa: S101 - each number has a pixel
            # A thin piece may have moved as a whole.
            around = bounds.moved(box.left, box.top).grown(reach, before.shape)
            piece = np.zeros(before[around.window].shape, bool)
            here = bounds.moved(box.left - around.left, box.top - around.top).window
            piece[here] = mask[bounds.window]
            near = cv2.dilate(piece.view(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)) > 0
            if np.count_nonzero(near & (after[around.window] == place)) < KEPT * areas[number]:
                put(around.window, piece, place)
        # Pieces side by side may each count what is left of the other.
        seen = (areas >= SEEN * cell * cell) & (np.arange(count) > 0)
        if owned[place] < KEPT * areas[seen].sum():
            put(window, seen[pieces], place)
    return out


def _areas(rank: np.ndarray) -> np.ndarray:
    """Pixels by place in the stack: (S + 1,) int64; row by row, since counting takes eight bytes a pixel."""
    areas = np.zeros(len(taxonomy.STACK), np.int64)
    for rows in np.array_split(rank, max(1, rank.size >> 20)):
        areas += np.bincount(rows.ravel(), minlength=len(areas))
    return areas


def _grow(rgb: np.ndarray, rank: np.ndarray, band: float, fixed: np.ndarray | None, at_edges: bool) -> np.ndarray:
    """Forget the ranks near borders, but fixed ones, and grow them again from both sides.

    Args:
        rgb: (H, W, 3) uint8.
        rank: (H, W) uint8, places in the stack.
        band: how near, in pixels.
        fixed: (H, W) bool, what is not forgotten.
        at_edges: whether borders between classes lie at edges already.
    """
    unsure = _near_border(rank, band)
    kinds, moves = _CLASS[rank], unsure
    if at_edges:
        moves = _near_border(kinds, AT_EDGES * band)
        unsure = moves | (cv2.dilate(_within_classes(rank, kinds), _window(band)) > 0)
    if fixed is not None:
        unsure &= ~fixed
    border = cv2.dilate(rank, np.ones((3, 3), np.uint8)) != cv2.erode(rank, np.ones((3, 3), np.uint8))
    depth = cv2.distanceTransform((~border).astype(np.uint8), cv2.DIST_L2, 3)
    # What is thinner than the band (brows, strands) keeps its middle line, from which it grows again.
    middle = (depth > 0) & (depth >= cv2.dilate(depth, np.ones((5, 5), np.uint8)) - 0.5)
    markers = np.where(unsure & ~middle, 0, rank).astype(np.int32)
    cv2.watershed(np.ascontiguousarray(rgb), markers)
    grown = _joined(rgb, np.maximum(markers, 0).astype(np.uint8))
    return np.where(unsure & (grown > 0) & (moves | (_CLASS[grown] == kinds)), grown, rank)


def _near_border(values: np.ndarray, band: float) -> np.ndarray:
    """Where a pixel within ``band`` differs: (H, W) bool."""
    return cv2.dilate(values, _window(band)) != cv2.erode(values, _window(band))


def _within_classes(rank: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    """Pixels beside a border between two parts of one class: (H, W) uint8, 0 or 1."""
    out = np.zeros(rank.shape, np.uint8)
    for one, other in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        border = (rank[one] != rank[other]) & (kinds[one] == kinds[other])
        out[one] |= border
        out[other] |= border
    return out


def _window(band: float) -> np.ndarray:
    side = 2 * max(1, round(band)) + 1
    return np.ones((side, side), np.uint8)


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
    """Dissolve pieces so small that the network cannot have seen them."""
    least = SEEN * cell * cell
    if least <= 1:  # every piece has a pixel
        return rank
    out = rank
    for place, box in boxes_by_value(rank).items():
        if place == 1:
            continue
        x, y = int(box.left), int(box.top)
        pieces, areas = numbered(rank[box.window] == place)
        small = places_of(pieces, (areas < least) & (np.arange(len(areas)) > 0))
        numbers, rows, columns = pieces.ravel()[small], *np.divmod(small, pieces.shape[1])
        for number in np.unique(numbers):
            own = numbers == number
            at_y, at_x = rows[own] + y, columns[own] + x
            around = Box(at_x.min(), at_y.min(), at_x.max() + 1, at_y.max() + 1).grown(1, rank.shape)
            if out is rank:
                out = rank.copy()
            beside = np.ones(out[around.window].shape, bool)
            beside[at_y - int(around.top), at_x - int(around.left)] = False
            rest = out[around.window][beside]
            if rest.size:
                out[at_y, at_x] = np.bincount(rest).argmax()
    return out

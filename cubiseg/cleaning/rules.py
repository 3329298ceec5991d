"""The rules: each takes a label map and gives back a better one.

A rule is a pure function ``(label, params) -> label`` on (H, W) uint8 taxonomy ids with 255 for "not known"; two look
at the picture as well. Lengths in params are those of a 512x512 picture; a rule scales them by the root of the
picture's area.
"""

from collections.abc import Callable, Collection
from typing import Any

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.cleaning.anatomy import misplaced
from cubiseg.cleaning.params import CleanParams
from cubiseg.cleaning.picture_rules import ink_to_parts, snap_outlines
from cubiseg.label_maps import nearest_class
from cubiseg.taxonomy import ID, IGNORE_INDEX, SMALL_PART_IDS

Rule = Callable[..., np.ndarray]
"""``(label, params)``, and for those in :data:`LOOKING` the picture as a third, without which they change nothing."""

THIN = taxonomy.ids("eyebrow_left", "eyebrow_right", "nose", "mouth")
"""Classes that may be lines of a pixel or two, which a shaky hand breaks into dashes."""

_DASH = 4.0
"""Dashes of one line lie closer together than this, in pixels of a 512x512 picture."""

_THIN_VOTES = 2.0
"""What a pixel of a thin class counts for when outlines are smoothed."""

IMPOSSIBLE_INSIDE: dict[int, tuple[int, ...]] = {
    ID["face"]: taxonomy.ids("background", "skin", "clothes"),
    ID["eye_left"]: tuple(ID[n] for n in taxonomy.NAMES if n not in ("hair", "accessories", "eye_left", "face")),
    ID["eye_right"]: tuple(ID[n] for n in taxonomy.NAMES if n not in ("hair", "accessories", "eye_right", "face")),
    ID["skin"]: (ID["face"], *SMALL_PART_IDS),
    ID["clothes"]: (ID["face"], *SMALL_PART_IDS),
    ID["background"]: (ID["face"], *SMALL_PART_IDS),
    ID["hair"]: (ID["clothes"], ID["nose"]),
}
"""What no drawing has wholly inside one piece of a class: filled whatever its size."""


def _scale(label: np.ndarray) -> float:
    """Pixels of this picture for one pixel of a 512x512 picture, as a length."""
    return float(np.sqrt(label.size)) / 512


def _components(label: np.ndarray, classes: np.ndarray, dash: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Connected pieces (8-neighbours) of each of the given classes.

    Args:
        label: (H, W) uint8.
        classes: ids to look at.
        dash: parts of thin classes that lie within this many pixels of each other are one piece.

    Returns:
        pieces: (H, W) int32, number of the piece from 1, 0 where the class is none of these.
        area: (N + 1,) int64, pixels of each piece; the first is 0.
        of: (N + 1,) uint8, class of each piece; the first is 255.
    """
    pieces = np.zeros(label.shape, np.int32)
    area, of, total = [np.zeros(1, np.int64)], [np.full(1, IGNORE_INDEX, np.uint8)], 0
    for c in classes:
        mask = (label == c).astype(np.uint8)
        side = 2 * round(dash / 2) + 1 if c in THIN else 1
        joined = cv2.dilate(mask, np.ones((side, side), np.uint8)) if side > 1 else mask
        count, numbered = cv2.connectedComponents(joined, connectivity=8, ltype=cv2.CV_32S)
        if count > 1:
            pieces += np.where(mask > 0, numbered + total, 0).astype(np.int32)
            area.append(np.bincount(numbered[mask > 0], minlength=count)[1:])
            of.append(np.full(count - 1, c, np.uint8))
            total += count - 1
    return pieces, np.concatenate(area), np.concatenate(of)


_EDGES: tuple[tuple[Any, Any], ...] = (
    (np.s_[:, :-1], np.s_[:, 1:]),
    (np.s_[:, 1:], np.s_[:, :-1]),
    (np.s_[:-1], np.s_[1:]),
    (np.s_[1:], np.s_[:-1]),
)
"""Each pixel and its neighbour on one side."""


def _main_neighbour(
    pieces: np.ndarray, label: np.ndarray, edges: list[np.ndarray], count: int
) -> tuple[np.ndarray, ...]:
    """The class that each piece shares most pixel edges with.

    Args:
        pieces: (H, W) int32, 0..count.
        label: (H, W) uint8.
        edges: for each of ``_EDGES``, a bool mask of the pixels whose neighbour counts.
        count: number of pieces.

    Returns:
        winner: (count + 1,) uint8, 255 where no edge counts.
        share: (count + 1,) float64, its part of all edges that count.
    """
    met = [pieces[a][mask].astype(np.int64) * 256 + label[b][mask] for (a, b), mask in zip(_EDGES, edges, strict=True)]
    pairs, number = np.unique(np.concatenate(met), return_counts=True)
    piece, name = pairs >> 8, pairs & 255
    total = np.bincount(piece, number, minlength=count + 1)
    order = np.lexsort((-name, number, piece))  # the last of each piece has the most edges, and the lowest id of equals
    last = np.flatnonzero(np.diff(piece[order], append=-1))
    winner = np.full(count + 1, IGNORE_INDEX, np.uint8)
    share = np.zeros(count + 1)
    best = order[last]
    winner[piece[best]] = name[best]
    share[piece[best]] = number[best] / total[piece[best]]
    return winner, share


def nearest_known(label: np.ndarray, gaps: np.ndarray) -> np.ndarray:
    """Fill gaps with the class of the nearest pixel that is neither in a gap nor unknown.

    Args:
        label: (H, W) uint8.
        gaps: (H, W) bool.

    Returns:
        (H, W) uint8, a new array; unchanged where nothing is known at all.
    """
    known = ~gaps & (label != IGNORE_INDEX)
    if not gaps.any() or not known.any():
        return label.copy()
    return np.where(gaps, nearest_class(label, known), label)


def give_to_surroundings(label: np.ndarray, pieces: np.ndarray, count: int) -> np.ndarray:
    """Give each piece, whole, to the class that it shares the longest border with.

    Args:
        label: (H, W) uint8.
        pieces: (H, W) int32, 1..count, 0 elsewhere.
        count: number of pieces.

    Returns:
        (H, W) uint8, a new array.
    """
    outside = (pieces == 0) & (label != IGNORE_INDEX)
    winner, _ = _main_neighbour(pieces, label, [(pieces[a] > 0) & outside[b] for a, b in _EDGES], count)
    out = np.where(pieces > 0, winner[pieces], label)
    return nearest_known(out, (pieces > 0) & (out == IGNORE_INDEX))  # those that touch only other pieces


def _renumber(pieces: np.ndarray, chosen: np.ndarray) -> tuple[np.ndarray, int]:
    """Keep only the chosen pieces, numbered from 1."""
    table = np.zeros(len(chosen), np.int32)
    table[chosen] = np.arange(1, int(chosen.sum()) + 1)
    return table[pieces], int(chosen.sum())


def fill_unknown(label: np.ndarray, params: CleanParams) -> np.ndarray:
    """Give thin or small unknown patches the nearest class; where much is unknown it stays so.

    A patch is thin where none of its pixels is farther than ``unknown_reach`` from something known: the seams
    between two painted colours, stray pixels.
    """
    unknown = label == IGNORE_INDEX
    if not unknown.any() or unknown.all():
        return label.copy()
    depth = cv2.distanceTransform(unknown.astype(np.uint8), cv2.DIST_L2, 5)
    count, pieces = cv2.connectedComponents(unknown.astype(np.uint8), connectivity=8)
    deepest = np.zeros(count, np.float32)
    np.maximum.at(deepest, pieces[unknown], depth[unknown])
    return nearest_known(label, unknown & (deepest <= params.unknown_reach * _scale(label))[pieces])


def remove_islands(label: np.ndarray, params: CleanParams) -> np.ndarray:
    """Give pieces under the minimum area of their class to what surrounds them.

    The largest piece of a class needs only half of that: the nose of a small figure may be a few pixels.
    """
    classes = np.flatnonzero(np.bincount(label.ravel(), minlength=256)[: taxonomy.NUM_CLASSES])
    pieces, area, of = _components(label, classes, _DASH * _scale(label))
    least = np.zeros(256)
    least[: taxonomy.NUM_CLASSES] = [params.min_area[n] for n in taxonomy.NAMES]
    largest = np.zeros(256, np.int64)
    np.maximum.at(largest, of, area)
    needed = least[of] * _scale(label) ** 2
    small = area < np.where(area == largest[of], needed / 2, needed)
    small[0] = False
    return give_to_surroundings(label, *_renumber(pieces, small)) if small.any() else label.copy()


def _clusters(pieces: np.ndarray, area: np.ndarray, join: float) -> np.ndarray:
    """Join pieces that lie close together, as those of an eye that hair or a frame cuts in two.

    Two pieces are close where the gap between their bounding boxes is at most ``join`` times the longer side of the
    largest piece. Only the 64 largest pieces are joined: a picture full of noise has no eyes to mend.

    Returns:
        (N + 1,) int64, the cluster of each piece, named by one of its pieces; 0 for none.
    """
    root = np.arange(len(area))
    largest = np.argsort(-area, kind="stable")[: min(64, len(area) - 1)]
    if len(largest) < 2:
        return root
    boxes = np.array([Box.around(pieces == number) for number in largest])  # left, top, right, bottom
    reach = join * max(boxes[0, 2] - boxes[0, 0], boxes[0, 3] - boxes[0, 1])
    gap = np.maximum(boxes[:, None, :2] - boxes[None, :, 2:], boxes[None, :, :2] - boxes[:, None, 2:]).max(-1)
    for i, j in zip(*np.nonzero(gap <= reach), strict=True):
        a, b = root[largest[i]], root[largest[j]]
        root[root == max(a, b)] = min(a, b)
    return root


def put_on_their_sides(label: np.ndarray, params: CleanParams) -> np.ndarray:
    """Name eyes and brows by position: of two, the one farther right in the picture is the character's left.

    Each spot is named whole, so a half-swapped eye is mended too. A part that stands alone keeps the name that most of
    it has: where the head turns away, its position says little.
    """
    out = label.copy()
    for left, right in taxonomy.FLIP_PAIRS:
        both = np.where((label == left) | (label == right), left, IGNORE_INDEX).astype(np.uint8)
        pieces, area, _ = _components(both, np.array([left]))
        cluster = _clusters(pieces, area, params.join)[pieces]
        sums = np.bincount(cluster.ravel())
        sums[0] = 0
        spots = [cluster == k for k in np.argsort(-sums, kind="stable")[:2] if sums[k] > 0.1 * sums.max()]
        for spot, name in zip(spots, _sides_of(spots, label, left, right), strict=True):
            if name is not None:
                out[spot] = name
    return out


def _sides_of(spots: list[np.ndarray], label: np.ndarray, left: int, right: int) -> list[int | None]:
    """Name for each of at most two spots, the larger one first; None where it should stay as it is."""
    if len(spots) == 2:
        boxes = [box for spot in spots if (box := Box.around(spot))]
        one, other = boxes
        apart = (one.left + one.right - other.left - other.right) / 2
        if abs(apart) < 1.2 * one.width:
            return [None, None]  # one above the other, or two pieces of one: no pair
        return [left, right] if apart > 0 else [right, left]
    names: list[int | None] = []
    for spot in spots:
        lefts = float((label[spot] == left).mean())
        # Much of both: two eyes in one spot, and nothing to tell them apart by.
        names.append(None if 0.35 < lefts < 0.65 else left if lefts > 0.5 else right)
    return names


def keep_one_a_side(label: np.ndarray, params: CleanParams) -> np.ndarray:
    """Of each eye and brow keep the largest cluster of pieces; the others go to what surrounds them."""
    out = label
    for c in (i for pair in taxonomy.FLIP_PAIRS for i in pair):
        pieces, area, _ = _components(out, np.array([c]))
        if len(area) <= 2:
            continue
        cluster = _clusters(pieces, area, params.join)
        extra = cluster != np.bincount(cluster, area).argmax()
        extra[0] = False
        if extra.any():
            out = give_to_surroundings(out, *_renumber(pieces, extra))
    return out.copy()


def fill_holes(label: np.ndarray, params: CleanParams) -> np.ndarray:
    """Fill pieces that lie wholly inside one other class: small ones, and those that no drawing has there.

    Small is under ``hole_area``; parts of the face are never holes for being small. What is impossible inside a class
    (cloth in a face) goes at any size.
    """
    classes = np.flatnonzero(np.bincount(label.ravel(), minlength=256)[: taxonomy.NUM_CLASSES])
    if len(classes) < 2:
        return label.copy()
    pieces, area, of = _components(label, classes)
    around, share = _main_neighbour(pieces, label, [pieces[a] != pieces[b] for a, b in _EDGES], len(area) - 1)
    inside = share >= 0.97
    edge = np.unique(np.concatenate([pieces[0], pieces[-1], pieces[:, 0], pieces[:, -1]]))
    inside[edge] = False
    small = (area < params.hole_area * _scale(label) ** 2) & ~np.isin(of, SMALL_PART_IDS)
    impossible = np.zeros((256, 256), bool)
    for outer, inner in IMPOSSIBLE_INSIDE.items():
        impossible[list(inner), outer] = True
    hole = inside & (around != IGNORE_INDEX) & (small | impossible[of, around])
    hole[0] = False
    return np.where(hole[pieces], around[pieces], label)


def smooth_outlines(label: np.ndarray, params: CleanParams) -> np.ndarray:
    """Take the majority in a Gaussian window of ``outline_radius``, so that ragged outlines become smooth."""
    sigma = params.outline_radius * _scale(label)
    if sigma < 0.3:
        return label.copy()
    best = np.full(label.shape, -1.0, np.float32)
    out = label.copy()
    for c in np.flatnonzero(np.bincount(label.ravel(), minlength=256)):
        votes = cv2.GaussianBlur((label == c).astype(np.float32), (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
        if c in THIN:
            votes *= _THIN_VOTES
        better = votes > best
        out[better] = c
        best[better] = votes[better]
    return out


def move_misplaced(label: np.ndarray, params: CleanParams) -> np.ndarray:
    """Give parts of the face that are where no face has them to what surrounds them."""
    wrong = misplaced(label).astype(np.uint8)
    if not wrong.any():
        return label.copy()
    count, pieces = cv2.connectedComponents(wrong, connectivity=8)
    return give_to_surroundings(label, pieces, count - 1)


def own_ink(label: np.ndarray, params: CleanParams, rgb: np.ndarray | None = None) -> np.ndarray:
    """See :func:`cubiseg.cleaning.picture_rules.ink_to_parts`."""
    return label.copy() if rgb is None else ink_to_parts(label, rgb, params.ink_width * _scale(label))


def snap(label: np.ndarray, params: CleanParams, rgb: np.ndarray | None = None) -> np.ndarray:
    """See :func:`cubiseg.cleaning.picture_rules.snap_outlines`."""
    return label.copy() if rgb is None else snap_outlines(label, rgb, params.snap_reach * _scale(label))


RULES: dict[str, Rule] = {
    "unknown": fill_unknown,
    "snap": snap,
    "islands": remove_islands,
    "sides": put_on_their_sides,
    "one_per_side": keep_one_a_side,
    "anatomy": move_misplaced,
    "holes": fill_holes,
    "ink": own_ink,
    "outlines": smooth_outlines,
}
"""Every rule by its switch, in the order in which they run."""

LOOKING = ("snap", "ink")
"""Rules that look at the picture."""


def apply_rules(
    label: np.ndarray, params: CleanParams, rgb: np.ndarray | None = None, leave_out: Collection[str] = ()
) -> tuple[np.ndarray, dict[str, int]]:
    """Run the rules that are switched on.

    Args:
        label: (H, W) uint8, taxonomy ids, 255 where nothing is known.
        params: switches and sizes.
        rgb: (H, W, 3) uint8, sRGB, for the rules that look at it.
        leave_out: rules that do not run whatever their switch says.

    Returns:
        The clean label map, and how many pixels each rule that ran has changed.
    """
    changed: dict[str, int] = {}
    for name, rule in RULES.items():
        if getattr(params.rules, name) and name not in leave_out:
            after = rule(label, params, rgb) if name in LOOKING else rule(label, params)
            changed[name] = int((after != label).sum())
            label = after
    return label, changed

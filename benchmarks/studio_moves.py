"""Which move of a hand on the studio's page gains most, for one who knows the truth; `studio_oracle` does it.

A move is what the page keeps as one action: a click or a drag over areas at one level of the merge tree, a stroke of
the brush, a piece filled, or one of the rules by hand. All moves of a kind are weighed at once where that can be
counted, and the best few are then tried. Nothing here knows a browser.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from skimage.morphology import skeletonize

from benchmarks.studio_paths import along, depths, simplified, through
from cubiseg import scores
from cubiseg.errors import CubisegError
from cubiseg.regions import region_edges
from cubiseg.regions.quality import oracle_label
from cubiseg.studio.areas import Areas
from cubiseg.studio.mending import mended
from cubiseg.taxonomy import CLASS_OF, IGNORE_INDEX

LEVELS = (40, 80, 150, 300, 500, 800, 1200, 2000)
"""Numbers of areas at which drags are looked for."""
TRIED = 4
"""Drags, strokes and rules of each kind that are tried in full, those that promise most."""
REACH = 0.5
"""How far one drag or stroke may go, in longer sides of the picture: a hand does not go on for ever."""
SPECK = 12
"""Pixels under which a piece is not worth a move of its own."""
LEAST_GAIN = 1e-6
"""Of mean IoU, below which a move is none."""
RADII = (1.0, 1.5, 2.0, 3.0, 4.5, 6.5, 9.5, 14.0)
"""Of the brush, in pixels of the picture."""


@dataclass(frozen=True)
class Move:
    """One action on the page.

    Attributes:
        tool: ``area``, ``brush``, ``fill``, or the name of a rule.
        points: (x, y) in pixels of the picture; a click has one.
        id: class that is painted with; -1 where a rule finds it.
        limit: the level, as the page has it: nodes below it are there. -1 where none is needed.
        radius: of the brush, in pixels of the picture.
        regions: areas that are painted.
        room: pixels of the picture by which the pointer may go astray, at the narrowest place.
        gain: what it adds to the mean IoU.
    """

    tool: str
    points: tuple[tuple[float, float], ...]
    id: int = -1
    limit: int = -1
    radius: float = 0.0
    regions: int = 1
    room: float = 8.0
    gain: float = 0.0


@dataclass
class Judge:
    """A picture's truth, and how label maps are scored against it.

    Attributes:
        truth: (H, W) uint8, class ids of the taxonomy, 255 where nobody knows.
        table: (256,) uint8, the vocabulary in which is scored, by id of a class.
        classes: its number of classes; the first is background, which is not scored.
    """

    truth: np.ndarray
    table: np.ndarray
    classes: int
    scored: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.scored = self.table[self.truth]
        self.colours = [int(c) for c in np.unique(self.truth) if c != IGNORE_INDEX]

    def shown(self, label: np.ndarray) -> np.ndarray:
        """A label map of classes and parts in the vocabulary that is scored: (H, W) uint8."""
        return self.table[CLASS_OF[label]]

    def total(self, label: np.ndarray) -> np.ndarray:
        """(K, K) int64 pixels, true by shown."""
        return scores.confusion_matrix(self.scored, self.shown(label), self.classes)

    def score(self, label: np.ndarray) -> float:
        """Mean IoU over the classes that are there or shown, without background."""
        counts = scores.count(self.scored, self.shown(label), self.classes, boundaries=False)
        return scores.mean(scores.iou(counts), range(1, self.classes))

    def allowed(self, areas: Areas) -> float:
        """Mean IoU of the best label map that the finest areas can give: each has its commonest class."""
        best = oracle_label(areas.rank.astype(np.int32), self.scored, self.classes)
        counts = scores.count(self.scored, best, self.classes, boundaries=False)
        return scores.mean(scores.iou(counts), range(1, self.classes))

    def inside(self, label: np.ndarray, of: np.ndarray, count: int) -> np.ndarray:
        """Pixels, true by shown, in each part of a partition ``of`` (H, W) into ``count``: (N, K, K) int64."""
        known = self.scored != IGNORE_INDEX
        key = (of[known].astype(np.int64) * self.classes + self.scored[known]) * self.classes + self.shown(label)[known]
        return np.bincount(key, minlength=count * self.classes**2).reshape(count, self.classes, self.classes)


def gains(inside: np.ndarray, total: np.ndarray) -> np.ndarray:
    """What painting sets of pixels with one class adds to the mean IoU, each alone.

    Args:
        inside: (N, K, K) pixels of each set, true by shown.
        total: (K, K) of the whole picture.

    Returns:
        (N, K) float, by the class that is painted.
    """
    true, hits = inside.sum(2), np.diagonal(inside, axis1=1, axis2=2)
    left_hits, left_shown = np.diagonal(total) - hits, total.sum(0) - inside.sum(1)
    union = total.sum(1) + left_shown - left_hits
    iou = np.divide(left_hits, union, out=np.zeros(union.shape), where=union > 0)
    union_painted = union + inside.sum((1, 2))[:, None] - true
    painted = np.divide(left_hits + true, union_painted, out=np.zeros(union.shape), where=union_painted > 0)
    there, then = union > 0, union_painted > 0
    for values in (iou, painted, there, then):
        values[:, 0] = 0  # background is painted, but not scored
    sums = iou.sum(1, keepdims=True) - iou + painted
    counts = there.sum(1, keepdims=True) - there.astype(int) + then
    now = np.diagonal(total)[1:], (total.sum(0) + total.sum(1) - np.diagonal(total))[1:]
    before = (now[0][now[1] > 0] / now[1][now[1] > 0]).mean() if (now[1] > 0).any() else 0.0
    return np.divide(sums, counts, out=np.zeros(sums.shape), where=counts > 0) - before


def slopes(total: np.ndarray) -> np.ndarray:
    """What one pixel adds to the mean IoU by the class that is painted, its true one and the shown: (K, K, K) float."""
    count = len(total)
    hits = np.diagonal(total).astype(float)
    union = np.maximum(1.0, total.sum(0) + total.sum(1) - hits)
    right, wrong = 1 / union, hits / union**2
    right[0] = wrong[0] = 0
    slope = np.zeros((count, count, count))
    for c in range(count):
        slope[c] = -wrong[c]
        slope[c, c] = right[c]
        slope[c] += wrong[None, :]
        slope[c][np.diag_indices(count)] -= right + wrong
        slope[c, :, c] = 0
    return slope / max(1, (union[1:] > 1).sum())


def best_move(
    label: np.ndarray, areas: Areas, judge: Judge, reach: float = REACH, refused: Collection[Move] = ()
) -> Move | None:
    """The move that gains most; None where none gains anything.

    Args:
        label: (H, W) uint8, ids of classes and parts: how it stands.
        areas: of the same picture.
        judge: knows the truth.
        reach: how far a drag over areas may go, in longer sides of the picture; 0: there are clicks alone.
        refused: moves that are not to be tried again.
    """
    total = judge.total(label)
    moves = [*_clicks(label, areas, judge, total), *_fills(label, judge, total), *_rules(label, judge)]
    moves += _strokes(label, judge, total)
    if reach > 0:
        moves += _drags(label, areas, judge, total, reach)
    best = max((move for move in moves if move not in refused), key=lambda move: move.gain, default=None)
    return best if best is not None and best.gain > LEAST_GAIN else None


def _clicks(label: np.ndarray, areas: Areas, judge: Judge, total: np.ndarray) -> Iterator[Move]:
    leaves = judge.inside(label, areas.rank, areas.leaves)
    sums = np.concatenate([np.zeros((1, *leaves.shape[1:]), np.int64), leaves.cumsum(0)])
    found = gains(sums[areas.last] - sums[areas.first], total)
    own = np.unique(judge.table[judge.colours])
    node, which = np.unravel_index(int(found[:, own].argmax()), (len(found), len(own)))
    colour = int(own[which])
    mask = (areas.rank >= areas.first[node]) & (areas.rank < areas.last[node])
    (x, y), room = deepest(mask), float(depths(mask).max())
    painted = judge_id(judge, colour, mask)
    yield Move("area", ((x, y),), painted, int(node) + 1, room=room, gain=float(found[node, colour]))


def judge_id(judge: Judge, colour: int, mask: np.ndarray) -> int:
    """The class of the taxonomy to paint a mask with, of those that score as ``colour``: its commonest true one."""
    own = np.bincount(judge.truth[mask], minlength=256)[:IGNORE_INDEX]
    own = np.where(judge.table[np.arange(IGNORE_INDEX)] == colour, own + 1e-6, 0)
    allowed = np.zeros(IGNORE_INDEX, bool)
    allowed[judge.colours] = True
    return int(np.where(allowed, own, 0).argmax())


def deepest(mask: np.ndarray) -> tuple[float, float]:
    """The pixel of a mask that lies farthest from its border: x, y."""
    depth = depths(mask)
    row, column = np.unravel_index(int(depth.argmax()), depth.shape)
    return float(column), float(row)


@dataclass(frozen=True)
class _Drag:
    """What a drag may pass: areas of a level that hang together, none of which it spoils."""

    limit: int
    colour: int
    nodes: np.ndarray
    worth: np.ndarray


def _drags(label: np.ndarray, areas: Areas, judge: Judge, total: np.ndarray, reach: float) -> Iterator[Move]:
    leaves = judge.inside(label, areas.rank, areas.leaves)
    pairs, _ = region_edges(areas.rank.astype(np.int32))
    slope = slopes(total)
    own = np.unique(judge.table[judge.colours])
    found = [drag for count in LEVELS for drag in _runs(areas, count, leaves, pairs, slope, own)]
    found.sort(key=lambda drag: -drag.worth[drag.worth > 0].sum())
    kept: list[_Drag] = []
    for drag in found:
        if sum(drag.colour == other.colour for other in kept) < 2:
            kept.append(drag)
    for drag in kept[:TRIED]:
        yield from _planned(drag, label, areas, judge, reach)


def _runs(
    areas: Areas, count: int, leaves: np.ndarray, pairs: np.ndarray, slope: np.ndarray, own: np.ndarray
) -> Iterator[_Drag]:
    limit = max(areas.leaves, 2 * areas.leaves - count)
    nodes = np.flatnonzero((np.arange(len(areas.parent)) < limit) & ((areas.parent >= limit) | (areas.parent < 0)))
    nodes = nodes[np.argsort(areas.first[nodes])]
    owner = np.repeat(np.arange(len(nodes)), areas.last[nodes] - areas.first[nodes])
    inside = np.add.reduceat(leaves, areas.first[nodes], axis=0)
    worth = np.einsum("ntl,ctl->nc", inside, slope)
    a, b = owner[pairs].T
    for colour in own:
        value = worth[:, colour]
        free = value >= -1e-9
        use = free[a] & free[b] & (a != b)
        graph = coo_array((np.ones(int(use.sum())), (a[use], b[use])), shape=(len(nodes), len(nodes)))
        number, part = connected_components(graph, directed=False)
        sums = np.bincount(part, np.where(free, np.maximum(value, 0), 0), number)
        for one in np.argsort(-sums)[:2]:
            member = np.flatnonzero((part == one) & free)
            if (value[member] > 1e-9).sum() > 1:
                yield _Drag(limit, int(colour), nodes[member], value[member])


def _planned(drag: _Drag, label: np.ndarray, areas: Areas, judge: Judge, reach: float) -> Iterator[Move]:
    """The beginning of a drag that gains most, no longer than a hand goes."""
    node_of = np.full(areas.leaves, -1, np.int32)
    for number, node in enumerate(drag.nodes):
        node_of[areas.first[node] : areas.last[node]] = number
    part = node_of[areas.rank]
    goals = np.flatnonzero(drag.worth > max(1e-9, 0.02 * drag.worth.max()))
    goals = goals[np.argsort(-drag.worth[goals])][:40]
    path = through(part, goals.tolist(), reach * max(label.shape))
    passed = list(dict.fromkeys(int(part[y, x]) for x, y in path))
    inside = judge.inside(label, np.where(part < 0, len(drag.nodes), part), len(drag.nodes) + 1)
    worth = gains(inside[passed].cumsum(0), judge.total(label))[:, drag.colour]
    last = int(worth.argmax())
    visited = np.maximum.accumulate([passed.index(int(part[y, x])) for x, y in path])
    points = simplified(path[: int((visited <= last).sum())], part)
    painted = judge_id(judge, drag.colour, np.isin(part, passed[: last + 1]))
    room = depths(part >= 0)[tuple(np.array(points, int).T[::-1])].min()
    yield Move("area", points, painted, drag.limit, regions=last + 1, room=float(room), gain=float(worth[last]))


def _fills(label: np.ndarray, judge: Judge, total: np.ndarray) -> Iterator[Move]:
    numbers, count = _pieces(label, 4)
    inside = judge.inside(label, numbers, count)
    own = np.unique(judge.table[judge.colours])
    found = gains(inside, total)[:, own]
    found[inside.sum((1, 2)) < SPECK] = 0
    piece, which = np.unravel_index(int(found.argmax()), found.shape)
    mask = numbers == piece
    yield Move("fill", (deepest(mask),), judge_id(judge, int(own[which]), mask), gain=float(found[piece, which]))


def _pieces(label: np.ndarray, connectivity: int) -> tuple[np.ndarray, int]:
    """Number what hangs together of one id: (H, W) int32, and how many there are."""
    numbers, count = np.zeros(label.shape, np.int32), 0
    for one in np.unique(label):
        found, pieces = cv2.connectedComponents((label == one).view(np.uint8), connectivity=connectivity)
        numbers[pieces > 0] = pieces[pieces > 0] + count - 1
        count += found - 1
    return numbers, count


def _rules(label: np.ndarray, judge: Judge) -> Iterator[Move]:
    numbers, count = _pieces(label, 8)
    wrong = (judge.shown(label) != judge.scored) & (judge.scored != IGNORE_INDEX)
    area = np.bincount(numbers.ravel(), minlength=count)
    errors = np.bincount(numbers[wrong], minlength=count)
    kinds = {int(label.flat[at]): at for at in np.unique(numbers, return_index=True)[1]}
    before = judge.score(label)
    worst = [int(p) for p in np.argsort(-errors) if errors[p] > 0.5 * area[p] and area[p] >= SPECK]
    wanted = [("give", piece) for piece in worst[: 2 * TRIED]]
    wanted += [("holes", int(piece)) for piece in np.argsort(-area)[: 2 * TRIED]]
    ways = [(rule, deepest(numbers == piece)) for rule, piece in wanted]
    for at in kinds.values():
        row, column = divmod(int(at), label.shape[1])
        ways += [(rule, (float(column), float(row))) for rule in ("largest", "swap")]
    for rule, (x, y) in ways:
        try:
            after = mended(label, rule, (int(y), int(x)))
        except CubisegError:
            continue  # no left and right
        if not np.array_equal(after, label):
            yield Move(rule, ((float(x), float(y)),), gain=judge.score(after) - before)


def _strokes(label: np.ndarray, judge: Judge, total: np.ndarray) -> Iterator[Move]:
    """Strokes of the brush along what a class lacks."""
    slope, shown = slopes(total), judge.shown(label)
    lacking: list[tuple[float, int, np.ndarray]] = []
    for colour in np.unique(judge.table[judge.colours]):
        missing = (judge.scored == colour) & (shown != colour)
        count, pieces, stats, _ = cv2.connectedComponentsWithStats(missing.view(np.uint8), connectivity=8)
        for piece in np.argsort(-stats[1:, cv2.CC_STAT_AREA])[:3] + 1:
            if count > 1 and stats[piece, cv2.CC_STAT_AREA] >= SPECK:
                mask = pieces == piece
                worth = slope[colour, colour][shown[mask]].sum()
                lacking.append((float(worth), int(colour), mask))
    for _, colour, mask in sorted(lacking, key=lambda one: -one[0])[:TRIED]:
        yield from _along(mask, colour, label, judge)


def _along(mask: np.ndarray, colour: int, label: np.ndarray, judge: Judge) -> Iterator[Move]:
    before, painted = judge.score(label), judge_id(judge, colour, mask)
    goals = np.argwhere(skeletonize(mask))
    path = along(mask, goals, REACH * max(label.shape))
    for radius in RADII:
        for points in (simplified(path, np.where(mask, 0, -1)), *((path[len(path) // 2],),)):
            after = stroked(label, painted, points, radius)
            gain = judge.score(after) - before
            if gain > 0:
                yield Move("brush", tuple((float(x), float(y)) for x, y in points), painted, radius=radius, gain=gain)


def stroked(label: np.ndarray, id: int, points: Sequence[tuple[float, float]], radius: float) -> np.ndarray:
    """A label map after a stroke of a round brush, nearly as the page paints it."""
    mask = np.ones(label.shape, np.uint8)
    line = np.rint(np.array(points)).astype(np.int32).reshape(-1, 1, 2)
    cv2.polylines(mask, [line], False, 0)
    away = cv2.distanceTransform(mask, cv2.DIST_L2, 5)
    return np.where(away <= max(0.0, radius - 0.5), np.uint8(id), label)

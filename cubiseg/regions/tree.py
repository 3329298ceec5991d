"""A merge tree over regions: any number of regions, up to as many as it has leaves, is one cut of it."""

import heapq
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class MergeTree:
    """A binary tree over N leaves, built from the bottom up.

    Nodes 0..N-1 are the leaves; node N+i is made by the i-th merge. Later merges join regions that differ more, so the
    cut into k regions undoes the last k-1 merges.

    Attributes:
        children: (M, 2) int32, the two nodes that each merge joins; M is N-1 where the picture is connected.
        leaves: N.
    """

    children: np.ndarray
    leaves: int

    def cut(self, count: int) -> np.ndarray:
        """Nodes of the cut into ``count`` regions, or as near as the tree has: (K,) int32, ascending."""
        merges = max(0, min(len(self.children), self.leaves - count))
        made = np.arange(self.leaves + merges)
        joined = np.zeros(len(made), bool)
        joined[self.children[:merges].ravel()] = True
        return made[~joined].astype(np.int32)

    def assign(self, nodes: np.ndarray) -> np.ndarray:
        """Which of the nodes, none of which lies under another, each leaf lies under.

        Returns:
            (N,) int32, index into ``nodes``, -1 where none.
        """
        total = self.leaves + len(self.children)
        owner = np.full(total, -1, np.int32)
        owner[nodes] = np.arange(len(nodes), dtype=np.int32)
        above = np.arange(total)
        for side in self.children.T:
            above[side] = np.arange(self.leaves, total)
        above[nodes] = nodes
        # Each round doubles how far a leaf looks up, to the root or the first of the nodes.
        while not np.array_equal(above, higher := above[above]):
            above = higher
        return owner[above[: self.leaves]]

    def pruned(self, count: int) -> tuple[np.ndarray, "MergeTree"]:
        """The upper part of the tree: its cut into ``count`` nodes become the leaves.

        Returns:
            Which new leaf each leaf belongs to, (N,) int32; and the tree over the new leaves.
        """
        nodes = self.cut(count)
        merges = self.leaves - len(nodes)
        number = np.full(self.leaves + len(self.children), -1, np.int32)
        number[nodes] = np.arange(len(nodes))
        number[self.leaves + merges :] = len(nodes) + np.arange(len(self.children) - merges)
        return self.assign(nodes), MergeTree(number[self.children[merges:]], len(nodes))

    def split(self, node: int, count: int) -> list[int]:
        """Undo merges below a node, the latest first, until it has become ``count`` nodes or leaves only."""
        front = [-int(node)]  # a heap: the highest number is the latest merge
        while len(front) < count and -front[0] >= self.leaves:
            latest = -heapq.heappop(front)
            for child in self.children[latest - self.leaves]:
                heapq.heappush(front, -int(child))
        return sorted(-n for n in front)


def region_edges(regions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of regions that touch.

    Args:
        regions: (H, W) int32, ids 0..N-1.

    Returns:
        pairs: (E, 2) int32, the lower id first, sorted.
        length: (E,) int64, pixel edges that each pair shares.
    """
    count = int(regions.max()) + 1
    keys = []
    for a, b in ((regions[:, :-1], regions[:, 1:]), (regions[:-1], regions[1:])):
        different = a != b
        a, b = a[different].astype(np.int64), b[different].astype(np.int64)
        keys.append(np.minimum(a, b) * count + np.maximum(a, b))
    pairs, length = np.unique(np.concatenate(keys), return_counts=True)
    return np.stack([pairs // count, pairs % count], 1).astype(np.int32), length


def build_tree(
    weight: np.ndarray,
    feature: np.ndarray,
    pairs: np.ndarray,
    length: np.ndarray,
    saturation: float = np.inf,
    contour: float = 0.0,
    size: float = 1.0,
    kind: np.ndarray | None = None,
    apart: float = 0.0,
) -> MergeTree:
    """Merge touching regions, always the two whose union loses least.

    The loss is the growth of the weighted squared error (Ward 1963), w_a w_b / (w_a + w_b) |f_a - f_b|^2, over the
    length of the border that vanishes to the power ``contour`` (1 is the region merging of Koepfler et al. 1994); the
    part with the weights is taken to the power ``size``.

    Args:
        weight: (N,) float, above 0.
        feature: (N, 5) float, mean feature of each region: three of colour, two of position.
        pairs: (E, 2) int, regions that touch.
        length: (E,) int, of their borders.
        saturation: squared distances of colour count up to this.
        contour: 0..1.
        size: above 1, specks merge earlier; below, later.
        kind: (N,) int, what each region is thought to be; a union is what its heavier part is.
        apart: added to the squared distance of regions of different kinds.
    """
    leaves = len(weight)
    merges: list[tuple[int, int]] = []
    heights: list[float] = []
    kinds = (np.zeros(leaves, int) if kind is None else kind).tolist()
    w = weight.astype(float).tolist()
    f = [tuple(row) for row in feature.astype(float).tolist()]
    near: list[dict[int, float]] = [{} for _ in range(leaves)]
    for (a, b), shared in zip(pairs.tolist(), length.tolist(), strict=True):
        near[a][b] = near[b][a] = shared
    gap = 0.0 if kind is None else apart * (kind[pairs[:, 0]] != kind[pairs[:, 1]])
    heap = _first_losses(weight, feature, pairs, length, gap, saturation, contour, size)
    heapq.heapify(heap)
    alive = [True] * leaves
    while heap:
        loss, a, b = heapq.heappop(heap)
        if not (alive[a] and alive[b]):
            continue
        new = len(w)
        merges.append((a, b))
        heights.append(loss)
        alive[a] = alive[b] = False
        wa, wb = w[a], w[b]
        total = wa + wb
        mean = tuple([(wa * x + wb * y) / total for x, y in zip(f[a], f[b], strict=True)])
        around = near[a]
        for n, shared in near[b].items():
            around[n] = around.get(n, 0) + shared
        around.pop(a, None)
        around.pop(b, None)
        near[a] = near[b] = {}
        w.append(total)
        f.append(mean)
        k = kinds[a] if wa >= wb else kinds[b]
        kinds.append(k)
        near.append(around)
        alive.append(True)
        m0, m1, m2, m3, m4 = mean
        for n, shared in around.items():
            others = near[n]
            others.pop(a, None)
            others.pop(b, None)
            others[new] = shared
            wn, fn = w[n], f[n]
            square = (fn[0] - m0) ** 2 + (fn[1] - m1) ** 2 + (fn[2] - m2) ** 2
            if square > saturation:
                square = saturation
            square += (fn[3] - m3) ** 2 + (fn[4] - m4) ** 2
            if kinds[n] != k:
                square += apart
            heapq.heappush(heap, ((total * wn / (total + wn)) ** size * square / shared**contour, n, new))
    return _in_order(merges, heights, leaves)


def _first_losses(
    weight: np.ndarray,
    feature: np.ndarray,
    pairs: np.ndarray,
    length: np.ndarray,
    gap: np.ndarray | float,
    saturation: float,
    contour: float,
    size: float,
) -> list[tuple[float, int, int]]:
    a, b = pairs.T
    squares = (feature[a] - feature[b]) ** 2
    square = np.minimum(squares[:, :3].sum(1), saturation) + squares[:, 3:].sum(1) + gap
    loss = (weight[a] * weight[b] / (weight[a] + weight[b])) ** size * square / length**contour
    return list(zip(loss.tolist(), a.tolist(), b.tolist(), strict=True))


def _in_order(merges: list[tuple[int, int]], heights: list[float], leaves: int) -> MergeTree:
    """Number the merges by height, a merge never before those that it joins."""
    height = np.array(heights)
    for i, (a, b) in enumerate(merges):
        for child in (a, b):
            if child >= leaves:
                height[i] = max(height[i], height[child - leaves])
    order = np.argsort(height, kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    numbers = np.concatenate([np.arange(leaves), leaves + place])
    children = numbers[np.array(merges, np.int64).reshape(-1, 2)[order]]
    return MergeTree(children.astype(np.int32), leaves)

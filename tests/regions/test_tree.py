"""One tree holds every number of regions, and the cheapest merges come first."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cubiseg.regions.tree import MergeTree, build_tree, region_edges


def chain(values: list[float]) -> MergeTree:
    """A row of pixels of one colour channel as a tree."""
    regions = np.arange(len(values), dtype=np.int32)[None]
    feature = np.zeros((len(values), 5))
    feature[:, 0] = values
    return build_tree(np.ones(len(values)), feature, *region_edges(regions))


@settings(deadline=None)
@given(st.lists(st.floats(0, 100), min_size=2, max_size=40), st.data())
def test_every_cut_is_a_partition_into_as_many_regions_as_asked(values: list[float], data: st.DataObject) -> None:
    tree = chain(values)
    count = data.draw(st.integers(1, len(values)))
    nodes = tree.cut(count)
    owner = tree.assign(nodes)
    assert len(nodes) == count
    assert set(owner) == set(range(count))


@settings(deadline=None)
@given(st.lists(st.floats(0, 100), min_size=3, max_size=30), st.data())
def test_a_finer_cut_refines_a_coarser_one(values: list[float], data: st.DataObject) -> None:
    tree = chain(values)
    coarse = data.draw(st.integers(1, len(values) - 1))
    few, many = tree.assign(tree.cut(coarse)), tree.assign(tree.cut(coarse + 1))
    assert len(set(zip(few.tolist(), many.tolist(), strict=True))) == coarse + 1


def test_what_is_alike_merges_first() -> None:
    tree = chain([0, 1, 50, 51, 100])
    owner = tree.assign(tree.cut(3))
    assert owner[0] == owner[1] != owner[2] == owner[3] != owner[4]


def test_weight_keeps_a_small_region_apart() -> None:
    regions = np.array([[0, 1, 2]], np.int32)
    feature = np.zeros((3, 5))
    feature[:, 0] = [0, 10, 25]
    pairs, length = region_edges(regions)
    plain = build_tree(np.array([1.0, 1, 1]), feature, pairs, length)
    heavy = build_tree(np.array([60.0, 60, 1]), feature, pairs, length)
    assert plain.assign(plain.cut(2)).tolist() == [0, 0, 1] or plain.assign(plain.cut(2)).tolist() == [1, 1, 0]
    owner = heavy.assign(heavy.cut(2))
    assert owner[1] == owner[2] != owner[0]


def test_splitting_undoes_the_latest_merges_and_stops_at_leaves() -> None:
    tree = chain([0, 1, 50, 51, 100])
    root = tree.leaves + len(tree.children) - 1
    assert tree.split(root, 3) == sorted(tree.cut(3).tolist())
    assert tree.split(0, 3) == [0]
    assert tree.split(root, 99) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("count", [1, 3, 5])
def test_a_pruned_tree_has_the_same_cuts(count: int) -> None:
    tree = chain([0, 1, 50, 51, 100, 3, 77])
    owner, upper = tree.pruned(5)
    assert upper.leaves == 5
    whole, part = tree.assign(tree.cut(count)), upper.assign(upper.cut(count))[owner]
    assert len(set(zip(whole.tolist(), part.tolist(), strict=True))) == count


def test_edges_count_shared_pixel_sides() -> None:
    pairs, length = region_edges(np.array([[0, 0, 1], [0, 2, 1]], np.int32))
    assert pairs.tolist() == [[0, 1], [0, 2], [1, 2]]
    assert length.tolist() == [1, 2, 1]

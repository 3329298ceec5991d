from pathlib import Path

import numpy as np
import pytest

from cubiseg.regions import propose
from cubiseg.studio.areas import find_areas, ranked, read_areas, snapped, with_edges, write_areas
from tests.inference.palette import portrait


@pytest.fixture(scope="module")
def drawing() -> tuple[np.ndarray, np.ndarray]:
    picture, label = portrait(200, 160)
    noise = np.random.default_rng(0).integers(-6, 7, picture.rgb.shape)
    return np.clip(picture.rgb + noise, 0, 255).astype(np.uint8), label


def test_each_node_s_range_of_leaves_is_what_the_tree_has_under_it(drawing: tuple[np.ndarray, np.ndarray]) -> None:
    proposals = propose(drawing[0], seen=drawing[1])
    areas = ranked(proposals.regions, proposals.tree)
    assert areas.leaves == proposals.tree.leaves and areas.parent[-1] == -1
    for count in (2, 7, 60):
        for node in proposals.cut(count).tolist():
            mine = proposals.tree.assign(np.array([node]))[proposals.regions] == 0
            number = areas.rank[mine.nonzero()][0] if node < areas.leaves else node
            inside = (areas.rank >= areas.first[number]) & (areas.rank < areas.last[number])
            assert np.array_equal(inside, mine)


def test_a_cut_of_the_page_is_a_cut_of_the_tree(drawing: tuple[np.ndarray, np.ndarray]) -> None:
    proposals = propose(drawing[0], seen=drawing[1])
    areas = ranked(proposals.regions, proposals.tree)
    count, node = 40, np.arange(areas.leaves)
    while True:  # as areas.js looks up
        above = areas.parent[node]
        move = (above >= 0) & (above < 2 * areas.leaves - count)
        if not move.any():
            break
        node = np.where(move, above, node)
    wanted = proposals.label(proposals.cut(count))
    mine = node[areas.rank]
    assert len(np.unique(mine)) == count
    assert len(np.unique(np.stack([mine, wanted]).reshape(2, -1), axis=1).T) == count, "the same areas, otherwise named"


@pytest.mark.slow
def test_borders_of_a_large_picture_lie_at_its_own_edges() -> None:
    picture, label = portrait(1536, 1536)
    regions = propose(picture.rgb, seen=label).regions
    wrong = {}
    for name, found in (("found", regions), ("snapped", snapped(regions, picture.rgb))):
        best = np.zeros(int(found.max()) + 1, np.int64)
        counts = np.stack([np.bincount(found[label == c], minlength=len(best)) for c in range(12)])
        wrong[name] = label.size - counts.max(0).sum()
    assert wrong["snapped"] < 0.7 * wrong["found"]


def test_the_soft_edge_of_a_figure_belongs_to_what_it_is_the_edge_of() -> None:
    regions = np.zeros((20, 30), np.int32)
    regions[4:16, 8:15], regions[4:16, 15:22] = 1, 2
    alpha = np.zeros(regions.shape, np.uint8)
    alpha[4:16, 8:22] = 255
    alpha[2:4, 8:22] = 90  # soft above both
    found = with_edges(regions, alpha)
    assert (found[2:4, 8:15] == 1).all() and (found[2:4, 15:22] == 2).all()
    assert np.array_equal(found[alpha != 90], regions[alpha != 90])
    own = regions.copy()
    own[2:4, 8:22] = 3  # found as a region of its own
    assert np.array_equal(with_edges(own, alpha), found)
    alpha[8:16, 8:15], own[8:16, 8:15] = 90, 4  # a veil is no edge
    assert np.array_equal(with_edges(own, alpha)[8:16, 8:15], own[8:16, 8:15])
    assert np.array_equal(with_edges(regions * 0, alpha), regions * 0), "where nothing is solid, nothing is near"


def test_areas_are_kept_exactly_and_damaged_ones_are_found_anew(
    drawing: tuple[np.ndarray, np.ndarray], tmp_path: Path
) -> None:
    areas, path = find_areas(*drawing), tmp_path / "a.npz"
    write_areas(path, areas)
    again = read_areas(path, (200, 160))
    assert again is not None and all(np.array_equal(getattr(again, f), getattr(areas, f)) for f in vars(areas))
    assert read_areas(path, (160, 200)) is None
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])
    assert read_areas(path, (200, 160)) is None and read_areas(tmp_path / "none.npz", (200, 160)) is None
    found = 0
    for bit in np.random.default_rng(0).integers(0, 8 * len(whole), 200).tolist():
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        found += read_areas(path, (200, 160)) is None
    assert found > 150

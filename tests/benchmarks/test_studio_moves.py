"""The oracle's moves gain what they say, and its ways stay where they may."""

import itertools

import numpy as np
import pytest

from benchmarks.studio_moves import Judge, best_move, gains, stroked
from benchmarks.studio_paths import along, simplified, through
from cubiseg.regions import MergeTree
from cubiseg.studio.areas import Areas, ranked
from cubiseg.studio.mending import mended
from cubiseg.taxonomy import ID, NUM_CLASSES

TABLE = np.arange(256, dtype=np.uint8)


def judge(truth: np.ndarray) -> Judge:
    return Judge(truth, TABLE, NUM_CLASSES)


def tiles(count: int = 4, side: int = 8) -> Areas:
    """A row of square areas; the tree joins two and two, then the pairs, from the left."""
    regions = np.repeat(np.arange(count, dtype=np.int32), side)[None].repeat(side, 0)
    merges = [(0, 1), (2, 3), (4, 5)]
    return ranked(regions, MergeTree(np.array(merges, np.int32), count))


def row(*ids: int, side: int = 8) -> np.ndarray:
    return np.repeat(np.array(ids, np.uint8), side)[None].repeat(side, 0)


def test_a_gain_is_the_difference_of_the_scores() -> None:
    rng = np.random.default_rng(1)
    truth, label = (rng.integers(0, 5, (24, 24)).astype(np.uint8) for _ in range(2))
    label[rng.random(label.shape) < 0.6] = truth[rng.random(label.shape) < 0.6][0]
    part = rng.integers(0, 6, truth.shape)
    by = judge(truth)
    found = gains(by.inside(label, part, 6), by.total(label))
    for one in range(6):
        for colour in range(5):
            after = np.where(part == one, np.uint8(colour), label)
            assert found[one, colour] == pytest.approx(by.score(after) - by.score(label))


def test_one_click_takes_the_largest_area_that_is_right() -> None:
    hair, face = ID["hair"], ID["face"]
    truth, label = row(hair, hair, face, face), row(face, face, face, face)
    move = best_move(label, tiles(), judge(truth), reach=0)
    assert move is not None and (move.tool, move.id, len(move.points)) == ("area", hair, 1)
    assert move.limit == 5 and move.gain == pytest.approx(judge(truth).score(truth) - judge(truth).score(label))


def test_a_drag_passes_areas_that_no_click_joins() -> None:
    hair, face, mouth = ID["hair"], ID["face"], ID["mouth"]
    truth, label = row(face, hair, hair, face), row(face, mouth, face, face)
    move = best_move(label, tiles(), judge(truth), reach=1)
    assert move is not None and move.tool == "area" and move.regions == 2
    xs = [x for x, _ in move.points]
    assert 8 <= min(xs) < 16 <= max(xs) < 24
    assert move.gain == pytest.approx(1 - judge(truth).score(label))


def test_a_rule_is_found_where_it_does_more_than_any_click() -> None:
    left, right = ID["eye_left"], ID["eye_right"]
    truth, label = row(left, 0, 0, right), row(right, 0, 0, left)
    move = best_move(label, tiles(), judge(truth), reach=1)
    assert move is not None and move.tool == "swap"
    x, y = (int(v) for v in move.points[0])
    assert np.array_equal(mended(label, "swap", (y, x)), truth)


def test_nothing_is_done_where_all_is_right() -> None:
    truth = row(0, 1, 2, 3)
    assert best_move(truth, tiles(), judge(truth)) is None


def test_ways_stay_inside_and_pass_all_that_they_should() -> None:
    part = np.full((20, 30), -1)
    part[2:18, 2:8], part[12:18, 8:22], part[2:18, 22:28] = 0, 1, 2  # a U
    path = through(part, [0, 2], 100)
    assert {int(part[y, x]) for x, y in path} == {0, 1, 2}
    points = simplified(path, part)
    assert len(points) < len(path) / 2
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        for t in np.linspace(0, 1, 60):
            assert part[int(y0 + t * (y1 - y0) + 0.5), int(x0 + t * (x1 - x0) + 0.5)] >= 0
    assert len(through(part, [0, 2], 5)) == 5


def test_a_stroke_goes_from_end_to_end() -> None:
    mask = np.zeros((20, 40), bool)
    mask[9:12, 4:36] = True
    path = along(mask, np.argwhere(mask), 100)
    assert sorted((path[0][0], path[-1][0])) == [4, 35]
    painted = stroked(np.zeros(mask.shape, np.uint8), 6, [(x, 10) for x, _ in (path[0], path[-1])], 2.0)
    assert (painted[mask] == 6).mean() > 0.9 and (painted[~mask] == 6).mean() < 0.05

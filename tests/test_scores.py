"""The metrics against slow, plain references."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cubiseg import scores, taxonomy
from cubiseg.scores import Counts
from tests import tiny

C = 4
SIDE = st.integers(1, 9)


@st.composite
def maps(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """A truth and a prediction of one size, both with pixels of no class."""
    shape = draw(st.tuples(SIDE, SIDE))
    ids = st.sampled_from([*range(C), 255])
    return draw(hnp.arrays(np.uint8, shape, elements=ids)), draw(hnp.arrays(np.uint8, shape, elements=ids))


def brute_f1_iou(truth: np.ndarray, prediction: np.ndarray, c: int) -> tuple[float, float]:
    """By sets of pixels, those ignored in the truth apart."""
    true = {tuple(p) for p in np.argwhere(truth == c)}
    found = {tuple(p) for p in np.argwhere((prediction == c) & (truth != 255))}
    if not true | found:
        return math.nan, math.nan
    return 2 * len(true & found) / (len(true) + len(found)), len(true & found) / len(true | found)


@given(maps())
def test_iou_and_f1_are_those_of_pixel_sets(pair: tuple[np.ndarray, np.ndarray]) -> None:
    counts = scores.count(*pair, C)
    for c in range(C):
        f1, iou = brute_f1_iou(*pair, c)
        assert scores.f1(counts)[c] == pytest.approx(f1, nan_ok=True)
        assert scores.iou(counts)[c] == pytest.approx(iou, nan_ok=True)


@given(maps())
def test_a_prediction_of_no_class_is_a_miss(pair: tuple[np.ndarray, np.ndarray]) -> None:
    truth, prediction = pair
    counts = scores.count(truth, prediction, C)
    assert counts.confusion.sum() + counts.missed.sum() == (truth != 255).sum()
    assert counts.missed.tolist() == [int(((truth == c) & (prediction == 255)).sum()) for c in range(C)]
    nothing = scores.count(truth, np.full_like(truth, 255), C)
    assert all(v == 0 for v in scores.f1(nothing)[nothing.true > 0])


def brute_boundary(mask: np.ndarray) -> set[tuple[int, int]]:
    """Pixels of a mask with a 4-neighbour inside the picture that is not in it."""
    h, w = mask.shape
    return {
        (y, x)
        for y, x in np.argwhere(mask)
        if any(
            0 <= y + dy < h and 0 <= x + dx < w and not mask[y + dy, x + dx]
            for dy, dx in ((0, 1), (1, 0), (0, -1), (-1, 0))
        )
    }


@settings(max_examples=60)
@given(maps(), st.integers(1, 3))
def test_boundary_counts_are_those_of_euclidean_distances(pair: tuple[np.ndarray, np.ndarray], tolerance: int) -> None:
    truth, prediction = pair

    def near(p: tuple[int, int], others: set[tuple[int, int]] | np.ndarray) -> bool:
        return any((p[0] - y) ** 2 + (p[1] - x) ** 2 <= tolerance**2 for y, x in others)

    ignored = np.argwhere(truth == 255)
    table = scores.boundary_counts(truth, prediction, C, tolerance)
    for c in range(C):
        t, p = brute_boundary(truth == c), brute_boundary(prediction == c)
        counted_t = {q for q in t if not near(q, ignored)}
        counted_p = {q for q in p if not near(q, ignored)}
        expected = (
            len(counted_p),
            sum(near(q, t) for q in counted_p),
            len(counted_t),
            sum(near(q, p) for q in counted_t),
        )
        assert tuple(table[c]) == expected


def test_boundary_f_is_one_within_the_tolerance_and_zero_beyond() -> None:
    truth = np.zeros((20, 20), np.uint8)
    truth[:, :10] = 1
    within, beyond = truth.copy(), truth.copy()
    within[:, 10:12] = 1
    beyond[:, 10:13] = 1
    assert scores.boundary_f(scores.count(truth, within, 2))[1] == 1
    assert scores.boundary_f(scores.count(truth, beyond, 2))[1] == 0


@given(maps())
def test_counts_add_up(pair: tuple[np.ndarray, np.ndarray]) -> None:
    one = scores.count(*pair, C)
    both, summed = scores.total([one, one]), one + one
    for name in ("confusion", "boundary", "missed"):
        assert np.array_equal(getattr(both, name), 2 * getattr(one, name))
        assert np.array_equal(getattr(summed, name), getattr(both, name))


def test_left_right_confusion_is_the_share_of_paired_pixels_on_the_wrong_side() -> None:
    truth = np.repeat(np.array([[3, 4, 5, 6, 1]], np.uint8), 4, 0)
    prediction = truth.copy()
    prediction[0, 0] = 4
    assert scores.left_right_confusion(scores.count(truth, prediction)) == 1 / 16
    assert math.isnan(scores.left_right_confusion(scores.count(truth * 0, truth * 0)))


def test_another_size_or_an_unknown_id_in_the_truth_is_refused() -> None:
    a = np.zeros((2, 2), np.uint8)
    with pytest.raises(ValueError, match="truth is"):
        scores.count(a, a[:1], C)
    with pytest.raises(ValueError, match="id 9"):
        scores.count(a + 9, a, C)


def test_ids_of_parts_count_as_their_class_unless_another_vocabulary_is_scored() -> None:
    portrait = tiny.portraits()[0]
    said = np.roll(portrait.parts, 3, 1)
    mixed, classes = scores.count(portrait.parts, said), scores.count(portrait.label, taxonomy.CLASS_OF[said])
    for name in ("confusion", "boundary", "missed"):
        assert np.array_equal(getattr(mixed, name), getattr(classes, name))
    with pytest.raises(ValueError, match="id 15"):
        scores.count(portrait.label * 0 + 15, said)
    with pytest.raises(ValueError, match="there are 10 classes"):
        scores.count(portrait.parts, said, 10)
    assert not scores.count(portrait.parts, said, boundaries=False).boundary.any()


def _random_counts(rng: np.random.Generator) -> Counts:
    return scores.count(rng.integers(0, C, (16, 16), dtype=np.uint8), rng.integers(0, C, (16, 16), dtype=np.uint8), C)


def test_the_bootstrap_interval_is_that_of_a_plain_loop() -> None:
    rng = np.random.default_rng(0)
    groups = [_random_counts(rng) for _ in range(6)]

    def statistic(c: Counts) -> float:
        return scores.mean(scores.iou(c), range(C))

    low, high = scores.bootstrap_interval(groups, statistic, seed=1, rounds=400)
    draws = [statistic(scores.total([groups[i] for i in rng.integers(0, 6, 6)])) for _ in range(2000)]
    assert low == pytest.approx(np.quantile(draws, 0.025), abs=0.01)
    assert high == pytest.approx(np.quantile(draws, 0.975), abs=0.01)
    assert low < statistic(scores.total(groups)) < high
    assert scores.bootstrap_interval(groups, statistic, seed=1, rounds=400) == (low, high)


def test_no_interval_comes_from_one_group() -> None:
    one = _random_counts(np.random.default_rng(0))
    assert all(math.isnan(v) for v in scores.bootstrap_interval([one], lambda c: 1.0, seed=0))


def test_a_perfect_prediction_scores_one_and_absent_classes_have_no_score() -> None:
    label = np.zeros((32, 32), np.uint8)
    label[4:20, 4:20] = taxonomy.ID["hair"]
    label[8:12, 8:12] = taxonomy.ID["eye_left"]
    one = scores.count(label, label)
    summary = scores.summary([one, one], ["a", "b"])
    assert (summary.mean_iou, summary.mean_f1, summary.small_part_f1, summary.boundary_f) == (1, 1, 1, 1)
    assert summary.pixel_accuracy == 1
    assert summary.iou["mouth"] is None
    assert summary.intervals["mean_iou"] == (1, 1)
    assert (summary.pictures, summary.groups) == (2, 2)


def test_pixel_accuracy_counts_misses() -> None:
    truth = np.ones((4, 4), np.uint8)
    prediction = truth.copy()
    prediction[0] = 255
    assert scores.summary([scores.count(truth, prediction)], ["a"]).pixel_accuracy == 0.75


def test_sums_over_groups_keep_the_order_of_first_occurrence() -> None:
    one = _random_counts(np.random.default_rng(3))
    grouped = scores.by_group([one, one, one], ["b", "a", "b"])
    assert list(grouped) == ["b", "a"]
    assert np.array_equal(grouped["b"].confusion, 2 * one.confusion)

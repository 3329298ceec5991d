"""Parts are scored where the truth tells them, and a class is never taken for one of its parts."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cubiseg import scores, taxonomy
from cubiseg.evaluation import parts
from cubiseg.taxonomy import CLASS_OF, PART_ID
from tests import tiny

IDS = st.sampled_from([*PART_ID.values(), taxonomy.IGNORE_INDEX])
GROUPS = [portrait.group for portrait in tiny.portraits(16)]


def ids(*names: str) -> np.ndarray:
    """(1, N) uint8: a map of named pixels."""
    return np.array([[PART_ID[name] for name in names]], np.uint8)


def maps() -> list[np.ndarray]:
    """Exact maps of parts of sixteen portraits of eight characters."""
    return [portrait.parts for portrait in tiny.portraits(16)]


def counted(truths: list[np.ndarray], said: list[np.ndarray]) -> list[scores.Counts]:
    return [parts.count(t, p) for t, p in zip(truths, said, strict=True)]


def swapped_sides(label: np.ndarray) -> np.ndarray:
    return taxonomy.flip_label(label)[:, ::-1]


def test_the_truth_scores_one_everywhere() -> None:
    found = parts.summary(counted(maps(), maps()), GROUPS)
    assert found is not None
    assert found.mean_iou == found.mean_f1 == found.small_part_f1 == 1
    assert found.left_right_confusion == 0
    named = {p.name for p in taxonomy.PARTS if any((m == p.id).any() for m in maps())}
    assert len(named) > 25
    for table in (found.f1, found.iou):
        assert {name for name, value in table.items() if value is not None} == named
        assert all(table[name] == 1 for name in named)
    assert all(row[name] == 1 and row["other"] == 0 for name, row in found.hair.items())
    assert {found.intervals[key] for key in parts.MEANS} == {(1, 1)}
    means = parts.by_character(counted(maps(), maps()), GROUPS)
    assert set(means.per_group) == set(GROUPS) and means.by_group["mean_f1"] == 1


def test_with_the_sides_exchanged_every_pair_is_confused_and_nothing_else_suffers() -> None:
    found = parts.summary(counted(maps(), [swapped_sides(m) for m in maps()]), GROUPS)
    assert found is not None and found.left_right_confusion == 1
    assert {"eye", "eyebrow", "eye_iris", "ear", "hair_side", "sleeve"} <= set(found.left_right)
    assert {value for value in found.left_right.values() if value is not None} == {1}
    for p in taxonomy.PARTS:
        assert found.f1[p.name] in (None, 1 if p.pair is None else 0)
    assert found.hair["hair_side"]["hair_side"] == 1, "which side is no matter of front and back"


def test_an_iris_called_the_other_eye_s_white_is_on_the_wrong_side_of_the_class_and_of_no_part() -> None:
    counts = parts.count(ids("eye_left_iris", "eye_right_iris"), ids("eye_right_white", "eye_right_iris"))
    sides = parts.left_right(counts)
    assert sides["eye"] == 0.5 and sides["eye_iris"] == 0


def test_a_prediction_of_classes_alone_has_no_scores_of_parts_and_neither_has_a_truth_of_classes() -> None:
    classes = [CLASS_OF[m] for m in maps()]
    assert parts.summary(counted(maps(), classes), GROUPS) is None
    assert parts.summary(counted(classes, maps()), GROUPS) is None
    assert parts.summary(counted(classes, classes), GROUPS) is None


def test_a_truth_that_names_the_class_only_counts_neither_for_nor_against_its_parts() -> None:
    truth = ids("hair_front", "hair", "hair", "skin")
    alone = parts.f1(parts.count(truth[:, :1], ids("hair_front")))
    assert np.array_equal(
        alone, parts.f1(parts.count(truth[:, :3], ids("hair_front", "hair_front", "hair_back"))), equal_nan=True
    )
    spilled = parts.count(truth, ids("hair_front", "hair_front", "hair_front", "hair_front"))
    assert parts.statistics(spilled)["hair_front"] == pytest.approx(2 / 3), "skin is no hair, whatever part of it"


def test_a_bare_class_is_no_answer_where_the_truth_names_the_part() -> None:
    counts = parts.count(ids("hair_front", "hair_front"), ids("hair_front", "hair"))
    assert parts.statistics(counts)["hair_front"] == pytest.approx(2 / 3)
    assert parts.hair_confusion(counts)["hair_front"] == {
        "hair_front": 0.5,
        "hair_side": 0,
        "hair_back": 0,
        "other": 0.5,
    }


def test_a_part_that_the_truth_never_names_is_left_out_of_the_means() -> None:
    counts = parts.count(ids("hair_front", "hair_back"), ids("hair_front", "tail"))
    assert math.isnan(parts.statistics(counts)["tail"])
    assert parts.statistics(counts)["mean_f1"] == 0.5


def test_front_and_back_hair_are_told_from_each_other_row_by_row() -> None:
    truth = ids(*["hair_front"] * 4, *["hair_back"] * 2, "hair_side_left")
    said = ids(*["hair_front", "hair_back", "hair_side_left", "face"], *["hair_front", "hair_back"], "hair_side_right")
    rows = parts.hair_confusion(parts.count(truth, said))
    assert rows["hair_front"] == {"hair_front": 0.25, "hair_side": 0.25, "hair_back": 0.25, "other": 0.25}
    assert rows["hair_back"]["hair_front"] == rows["hair_back"]["hair_back"] == 0.5
    assert rows["hair_side"]["hair_side"] == 1


@given(*[hnp.arrays(np.uint8, (9, 9), elements=IDS)] * 2)
def test_classes_merged_from_counts_of_parts_are_the_counts_of_classes(truth: np.ndarray, said: np.ndarray) -> None:
    both, classes = parts.count(truth, said), scores.count(truth, said)
    merge = np.array([CLASS_OF[PART_ID[name]] for name in parts.NAMES])[:, None] == np.arange(taxonomy.NUM_CLASSES)
    assert np.array_equal(merge.T @ both.confusion @ merge, classes.confusion)
    assert np.array_equal(both.missed @ merge, classes.missed)


@given(*[hnp.arrays(np.uint8, (9, 9), elements=IDS)] * 2)
def test_f1_is_that_of_a_plain_loop(truth: np.ndarray, said: np.ndarray) -> None:
    f1, iou = parts.f1(parts.count(truth, said)), parts.iou(parts.count(truth, said))
    for index, p in enumerate(taxonomy.PARTS):
        can_tell = (truth != taxonomy.IGNORE_INDEX) & (truth != taxonomy.ID[p.of])
        true, found = (truth == p.id), (said == p.id) & can_tell
        if not true.any():
            assert math.isnan(f1[index]) and math.isnan(iou[index])
        else:
            assert f1[index] == pytest.approx(2 * (true & found).sum() / (true.sum() + found.sum()))
            assert iou[index] == pytest.approx((true & found).sum() / (true | found).sum())


def test_an_id_between_the_levels_is_refused_in_the_truth_and_wrong_in_the_prediction() -> None:
    with pytest.raises(ValueError, match="id 15"):
        parts.count(np.full((2, 2), 15, np.uint8), np.zeros((2, 2), np.uint8))
    assert parts.count(ids("lips"), np.full((1, 1), 15, np.uint8)).missed.sum() == 1


def test_two_models_are_compared_part_by_part_by_character() -> None:
    better = counted(maps(), maps())
    worse = counted(maps(), [np.where(CLASS_OF[m] == taxonomy.ID["hair"], PART_ID["hair_back"], m) for m in maps()])
    ours, theirs = (scores.by_group(c, GROUPS) for c in (better, worse))
    found = parts.differences(ours, theirs)
    assert set(found) == set(parts.FIGURES)
    front, iris = found["hair_front"], found["eye_iris"]
    assert (front.mean, front.interval, front.better_in) == (1, (1, 1), 1)
    assert (iris.mean, iris.interval) == (0, (0, 0))
    reverse = parts.differences(theirs, ours)["mean_f1"]
    assert reverse.mean == -found["mean_f1"].mean and reverse.interval[1] < 0


def test_intervals_hold_the_figures_and_come_from_draws_over_characters() -> None:
    said = [np.roll(m, index % 3, 1) for index, m in enumerate(maps())]
    found = parts.summary(counted(maps(), said), GROUPS, seed=1)
    means = parts.by_character(counted(maps(), said), GROUPS, seed=1)
    assert found is not None
    for figures, intervals in ((found.kinds, found.intervals), (means.by_group, means.intervals)):
        low, high = intervals["hair_front"]
        assert low < figures["hair_front"] < high
    assert parts.by_character(counted(maps(), said), ["one"] * len(said)).intervals["mean_f1"] == (None, None)
    assert found == parts.summary(counted(maps(), said), GROUPS, seed=1)


def test_characters_count_alike_however_many_pictures_they_have() -> None:
    a, b = maps()[0], CLASS_OF[maps()[0]]
    means = parts.by_character(counted([a] * 4, [a, a, a, b]), ["x", "x", "x", "y"])
    assert means.per_group["x"]["mean_f1"] == 1 and means.per_group["y"]["mean_f1"] == 0
    assert means.by_group["mean_f1"] == 0.5

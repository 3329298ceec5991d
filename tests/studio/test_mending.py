import numpy as np
import pytest

from cubiseg.errors import CubisegError
from cubiseg.studio.mending import mended
from cubiseg.taxonomy import ID, PART_ID
from tests.inference.palette import portrait_label, portrait_parts

FACE, HAIR, SKIN = ID["face"], ID["hair"], ID["skin"]


def test_a_piece_goes_to_what_surrounds_it() -> None:
    label = portrait_label()
    wrong = label.copy()
    wrong[70:74, 54:58] = HAIR  # a spot in the face
    assert np.array_equal(mended(wrong, "give", (71, 55)), label)


def test_holes_of_a_piece_are_filled_whatever_is_in_them() -> None:
    label = np.zeros((40, 40), np.uint8)
    label[5:35, 5:35] = HAIR
    wrong = label.copy()
    wrong[10:12, 10:12], wrong[20:25, 20:25], wrong[22, 22] = 0, FACE, SKIN
    wrong[0:10, 30] = 0  # a bay is no hole
    filled = mended(wrong, "holes", (6, 6))
    assert np.array_equal(filled == HAIR, np.where(np.arange(40) == 30, (wrong == HAIR), label == HAIR))


def test_the_largest_piece_is_kept_and_the_others_go_to_what_surrounds_them() -> None:
    label = portrait_label()
    wrong = label.copy()
    wrong[70:73, 54:57] = ID["mouth"]
    wrong[2:4, 2:4] = ID["mouth"]
    assert np.array_equal(mended(wrong, "largest", (71, 55)), label)


def test_eyes_are_swapped_with_all_their_parts_and_swapped_back() -> None:
    label = portrait_parts()
    at = tuple(np.argwhere(label == PART_ID["eye_left_iris"])[0])
    swapped = mended(label, "swap", at)
    for part in ("white", "iris", "lashes"):
        assert np.array_equal(swapped == PART_ID[f"eye_right_{part}"], label == PART_ID[f"eye_left_{part}"])
    assert np.array_equal(swapped == ID["face"], label == ID["face"])
    assert np.array_equal(mended(swapped, "swap", at), label)


def test_a_part_with_sides_is_swapped_alone() -> None:
    label = portrait_parts()
    swapped = mended(label, "swap", tuple(np.argwhere(label == PART_ID["ear_left"])[0]))
    assert np.array_equal(swapped == PART_ID["ear_right"], label == PART_ID["ear_left"])
    others = ~np.isin(label, [PART_ID["ear_left"], PART_ID["ear_right"]])
    assert np.array_equal(swapped[others], label[others])


def test_what_has_no_sides_is_named() -> None:
    with pytest.raises(CubisegError, match="face has no left and right"):
        mended(np.full((9, 9), FACE, np.uint8), "swap", (1, 1))


@pytest.mark.parametrize("rule", ["give", "holes", "largest", "swap"])
def test_rules_take_no_pixel_of_locked_ids(rule: str) -> None:
    label = portrait_label()
    label[70:74, 54:58] = label[2:4, 2:4] = ID["eye_left"]
    locked = [ID["face"], ID["eye_left"]]
    after = mended(label, rule, (71, 55), locked)
    assert np.array_equal(after[np.isin(label, locked)], label[np.isin(label, locked)])


@pytest.mark.parametrize(("rule", "at"), [("none", (1, 1)), ("give", (-1, 0)), ("give", (0, 9))])
def test_a_strange_rule_or_place_is_refused(rule: str, at: tuple[int, int]) -> None:
    with pytest.raises(CubisegError):
        mended(np.zeros((9, 9), np.uint8), rule, at)


def test_a_map_of_one_class_stays_as_it_is() -> None:
    label = np.full((9, 9), FACE, np.uint8)
    for rule in ("give", "holes", "largest"):
        assert np.array_equal(mended(label, rule, (1, 1)), label)

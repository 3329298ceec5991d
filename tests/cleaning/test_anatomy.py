"""Parts of the face are where faces have them, whichever way the head is tilted."""

import cv2
import numpy as np
import pytest

from cubiseg.cleaning import rules
from cubiseg.cleaning.anatomy import misplaced, several_faces
from cubiseg.cleaning.params import CleanParams
from cubiseg.taxonomy import ID
from tests.tiny import face, params, portraits

PARAMS = CleanParams.model_validate(params("clean"))


def test_a_proper_face_has_nothing_misplaced() -> None:
    assert not misplaced(face()).any()


@pytest.mark.parametrize("angle", [-35, -15, 15, 35])
def test_a_tilted_face_is_proper_too(angle: float) -> None:
    turn = cv2.getRotationMatrix2D((64, 64), angle, 1)
    assert not misplaced(cv2.warpAffine(face(), turn, (128, 128), flags=cv2.INTER_NEAREST)).any()


def test_little_of_true_portraits_is_called_misplaced() -> None:
    small = [ID[n] for n in ("eye_left", "eye_right", "eyebrow_left", "eyebrow_right", "nose", "mouth")]
    wrong = sum(int(misplaced(p.label).sum()) for p in portraits())
    assert wrong < 0.02 * sum(int(np.isin(p.label, small).sum()) for p in portraits())


@pytest.mark.parametrize(
    ("part", "top", "left"),
    [
        ("eyebrow_left", 70, 74),  # under the eye
        ("mouth", 42, 60),  # above the eyes
        ("nose", 44, 62),  # above the eyes
        ("eye_left", 116, 100),  # on the clothes
        ("mouth", 118, 24),  # on the clothes
    ],
)
def test_a_part_out_of_place_goes_to_its_surroundings(part: str, top: int, left: int) -> None:
    label = face()
    label[top : top + 3, left : left + 6] = ID[part]
    assert np.array_equal(rules.move_misplaced(label, PARAMS), face())


def test_without_a_face_nothing_is_judged() -> None:
    assert not misplaced(np.full((64, 64), ID["hair"], np.uint8)).any()


def test_two_faces_are_two_people() -> None:
    assert not several_faces(face())
    assert several_faces(np.hstack([face(), face()]))

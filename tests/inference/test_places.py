"""Parts of a face belong to a face, and far islands to the background."""

import numpy as np

from cubiseg.inference.places import settled
from cubiseg.portraits import draw
from cubiseg.taxonomy import ID


def head(side: int = 400) -> np.ndarray:
    """A face of 100 px with both eyes, hair around it, clothes below: (side, side) uint8."""
    label = np.zeros((side, side), np.uint8)
    label[120:300, 130:270] = ID["hair"]
    label[150:250, 150:250] = ID["face"]
    label[300:, 100:300] = ID["clothes"]
    label[180:195, 165:185], label[180:195, 215:235] = ID["eye_right"], ID["eye_left"]
    return label


def test_parts_of_a_face_far_from_it_become_what_is_around_them() -> None:
    right = head()
    right[20:60, 330:390] = ID["accessories"]
    wrong = right.copy()
    wrong[30:50, 340:370] = ID["eye_left"]  # a picture frame
    wrong[360:380, 180:200] = ID["mouth"]  # a button
    assert np.array_equal(settled(wrong, islands=False), right)


def test_brows_in_the_fringe_and_second_faces_keep_their_parts() -> None:
    label = head()
    label[125:130, 160:190] = ID["eyebrow_right"]
    label[40:80, 330:370] = ID["face"]
    label[55:60, 340:350] = ID["eye_right"]
    assert settled(label) is label
    faceless = np.where(np.isin(label, [ID["face"]]), np.uint8(ID["hair"]), label)
    assert settled(faceless, islands=False) is faceless


def test_far_islands_are_background_unless_they_are_large_have_a_face_or_the_picture_is_a_cut_out() -> None:
    label = head()
    wrong = label.copy()
    wrong[10:30, 10:30] = ID["clothes"]
    assert np.array_equal(settled(wrong), label)
    assert settled(wrong, islands=False) is wrong
    label[0:90, 320:400] = ID["clothes"]
    label[105:115, 190:200] = ID["accessories"]  # near
    assert settled(label) is label


def test_large_label_maps_are_judged_like_small_ones() -> None:
    wrong = head()
    wrong[10:30, 10:30] = ID["clothes"]
    wrong[360:380, 180:200] = ID["mouth"]
    large = np.kron(wrong, np.ones((11, 11), np.uint8))
    assert np.array_equal(settled(large)[5::11, 5::11], settled(wrong))
    assert set(np.unique(settled(large)[:700, :700])) == {0}


def test_true_label_maps_are_left_alone() -> None:
    for index in range(0, 20, 2):
        label = draw(77, index, 256).label
        changed = settled(label) != label
        assert changed.mean() < 0.001, index

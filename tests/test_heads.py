"""Where the heads are, by what a first look sees: also where it sees a face badly or not at all."""

import cv2
import numpy as np
import pytest

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.heads import find_heads
from tests.inference.palette import portrait_label, portrait_parts

ID = taxonomy.PART_ID


def figure(*, size: tuple[int, int] = (256, 256), at: tuple[int, int] = (20, 20), head: int = 70) -> np.ndarray:
    """A portrait of classes, ``head`` px high, with its corner at (y, x) of an empty label map."""
    label = np.zeros(size, np.uint8)
    small = portrait_label(head, round(head * 0.8))
    label[at[0] : at[0] + small.shape[0], at[1] : at[1] + small.shape[1]] = small
    return label


def only(label: np.ndarray) -> Box:
    (head,) = find_heads(label)
    return head


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes."""
    wide = min(one.right, other.right) - max(one.left, other.left)
    high = min(one.bottom, other.bottom) - max(one.top, other.top)
    both = max(0, wide) * max(0, high)
    return both / (one.width * one.height + other.width * other.height - both)


def with_face_around(head: Box, label: np.ndarray) -> bool:
    """Whether all that belongs to the face lies in the box."""
    face = Box.around(np.isin(label, taxonomy.FACE_IDS))
    return face is not None and face.union(head) == head


def test_a_head_is_its_face_and_what_lies_close_around_it_at_both_levels() -> None:
    for label in (portrait_label(240, 192), portrait_parts(240, 192)):
        head = only(label)
        assert with_face_around(head, taxonomy.CLASS_OF[label])
        assert head.height < 0.7 * 240 and head.top < 0.25 * 240, "the body is none of it, the fringe is"


def test_hair_to_the_knees_leaves_the_head_as_large_as_it_is() -> None:
    short = figure()
    long = short.copy()
    long[20:230, 10:90] = np.where(long[20:230, 10:90] == 0, ID["hair"], long[20:230, 10:90])
    assert only(long).longest < 1.4 * only(short).longest
    assert with_face_around(only(long), long)


def test_locks_that_cut_a_face_to_pieces_leave_it_one_head() -> None:
    label = figure(head=120)
    for x in range(40, 110, 12):
        label[40:110, x : x + 3] = np.where(label[40:110, x : x + 3] > 0, ID["hair"], 0)
    whole = only(figure(head=120))
    assert overlap(only(label), whole) > 0.8


def test_a_face_that_is_lost_is_found_by_its_eyes() -> None:
    label = figure(head=100)
    whole = only(label)
    lost = np.where(np.isin(label, taxonomy.ids("face", "nose", "mouth")), ID["hair"], label).astype(np.uint8)
    assert overlap(only(lost), whole) > 0.5
    one = np.where(np.isin(lost, taxonomy.ids("eye_left", "eyebrow_left", "eyebrow_right")), ID["hair"], lost)
    assert overlap(only(one.astype(np.uint8)), whole) > 0.25
    assert with_face_around(only(one.astype(np.uint8)), one)


def test_a_head_without_any_part_of_a_face_is_where_the_hair_begins() -> None:
    label = figure(head=90)
    faceless = np.where(np.isin(label, taxonomy.FACE_IDS), ID["hair"], label).astype(np.uint8)
    assert overlap(only(faceless), Box.around(label == ID["hair"])) > 0.6
    assert find_heads(np.where(faceless == ID["hair"], 0, faceless).astype(np.uint8)) == []
    assert find_heads(np.zeros((64, 64), np.uint8)) == []


@pytest.mark.parametrize("head", [14, 20, 30])
def test_a_tiny_face_is_a_head_too(head: int) -> None:
    label = figure(head=head, at=(100, 100))
    assert with_face_around(only(label), label) and only(label).longest < head


def test_specks_that_look_like_eyes_are_no_heads() -> None:
    label = figure(head=100)
    label[200:202, 200:203] = ID["eye_left"]
    label[240, 30:33] = ID["mouth"]
    assert len(find_heads(label)) == 1


def test_two_figures_have_two_heads_the_larger_first() -> None:
    label = figure(at=(120, 10), head=60) + figure(at=(20, 120), head=110)
    large, small = find_heads(label)
    assert large.left > 120 and small.right < 80 and large.longest > small.longest


def test_faces_cheek_to_cheek_are_two_heads() -> None:
    label = np.zeros((128, 160), np.uint8)
    for x in (50, 98):
        cv2.ellipse(label, (x, 60), (26, 30), 0, 0, 360, ID["face"], -1)
    for x in (50, 98):
        for side, away in (("right", -10), ("left", 10)):
            cv2.ellipse(label, (x + away, 58), (6, 4), 0, 0, 360, ID[f"eye_{side}"], -1)
    heads = sorted(find_heads(label))
    assert len(heads) == 2 and heads[0].right < 98 - 10 and heads[1].left > 50 + 10


def test_a_hand_that_is_called_face_does_not_enlarge_the_head() -> None:
    label = figure(head=80)
    whole = only(label)
    label[60:70, 45:230] = np.where(label[60:70, 45:230] == 0, ID["face"], label[60:70, 45:230])
    assert only(label).longest < 1.8 * whole.longest


def test_the_heads_of_any_label_map_lie_in_it() -> None:
    rng = np.random.default_rng(0)
    for number in range(60):
        size = int(rng.integers(32, 96)), int(rng.integers(32, 96))
        coarse = rng.choice(taxonomy.LEAF_IDS, (int(rng.integers(1, 12)), int(rng.integers(1, 12))))
        label = cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_NEAREST)
        if number % 2:
            label[rng.random(size) < 0.3] = 0
        for head in find_heads(label):
            assert 0 <= head.left < head.right <= size[1] and 0 <= head.top < head.bottom <= size[0], (number, head)

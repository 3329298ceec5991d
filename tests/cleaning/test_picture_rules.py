"""Outlines move to the drawing's edges, ink goes to what it outlines; without a picture nothing changes."""

import cv2
import numpy as np

from cubiseg.cleaning import rules
from cubiseg.cleaning.params import CleanParams
from cubiseg.cleaning.picture_rules import ink_to_parts, snap_outlines
from cubiseg.taxonomy import ID
from tests.tiny import face, params

PARAMS = CleanParams.model_validate(params("clean"))


def disc(radius: int, inside: int, outside: int) -> np.ndarray:
    label = np.full((200, 200), outside, np.uint8)
    cv2.circle(label, (100, 100), radius, inside, -1)
    return label


def painted(label: np.ndarray) -> np.ndarray:
    """A picture with one colour a class."""
    table = np.random.default_rng(5).integers(30, 230, (256, 3)).astype(np.uint8)
    return table[label]


def test_an_outline_off_by_two_pixels_snaps_to_the_edge() -> None:
    truth = disc(60, ID["hair"], ID["background"])
    off = np.roll(truth, 2, axis=1)
    after = snap_outlines(off, painted(truth), 3)
    assert (after != truth).sum() < 0.2 * (off != truth).sum()


def test_an_outline_on_the_edge_stays() -> None:
    truth = disc(60, ID["hair"], ID["background"])
    assert np.array_equal(snap_outlines(truth, painted(truth), 3), truth)


def test_small_parts_and_unknown_pixels_keep_theirs() -> None:
    label = face()
    label[50:54] = 255
    after = snap_outlines(label, np.zeros((128, 128, 3), np.uint8), 3)
    keeps = np.isin(label, [ID["mouth"], ID["eye_left"], ID["nose"], 255])
    assert np.array_equal(after[keeps], label[keeps])


def test_an_ink_line_with_a_name_of_its_own_goes_to_what_is_in_front() -> None:
    label = disc(60, ID["hair"], ID["background"])
    picture = np.full((200, 200, 3), 200, np.uint8)
    truth = label.copy()
    cv2.circle(truth, (100, 100), 61, ID["hair"], 2)
    ringed = label.copy()
    for canvas, value in ((ringed, ID["clothes"]), (picture, (20, 20, 20))):
        cv2.circle(canvas, (100, 100), 61, value, 2)
    after = ink_to_parts(ringed, picture, 4)
    assert not (after == ID["clothes"]).any()
    assert (after[ringed == ID["clothes"]] == ID["hair"]).mean() > 0.9


def test_a_light_line_and_a_wide_patch_are_no_ink() -> None:
    label = disc(60, ID["hair"], ID["background"])
    cv2.line(label, (60, 100), (140, 100), ID["clothes"], 2)
    light = np.full((200, 200, 3), 200, np.uint8)
    assert np.array_equal(ink_to_parts(label, light, 4), label)
    dark = np.where((label == ID["clothes"])[..., None], 20, light).astype(np.uint8)
    assert not np.array_equal(ink_to_parts(label, dark, 4), label)
    assert np.array_equal(ink_to_parts(label, dark, 1), label)


def test_without_a_picture_nothing_changes() -> None:
    for rule in (rules.snap, rules.own_ink):
        assert np.array_equal(rule(face(), PARAMS), face())

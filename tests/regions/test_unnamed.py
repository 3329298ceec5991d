"""Segments without names follow what is drawn, are numbered by area, and are no more than were asked for."""

import cv2
import numpy as np
import pytest

from cubiseg.regions.unnamed import at_edges, by_area, unnamed_segments


def scene(scale: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Sky, sea, a red house and a dark boat, and which is which, 0 to 3 by area; the sky is grained."""
    truth = np.zeros((160, 200), np.uint8)
    truth[90:] = 1
    truth[40:110, 20:80] = 2
    cv2.ellipse(truth, (150, 120), (30, 14), 0, 0, 360, 3, -1)
    truth = cv2.resize(truth, None, fx=scale, fy=scale, interpolation=cv2.INTER_NEAREST)
    colours = np.array([(150, 190, 235), (30, 70, 130), (200, 50, 40), (40, 30, 25)], np.uint8)
    grain = np.random.default_rng(3).integers(-6, 7, (*truth.shape, 1))
    return np.clip(colours[truth] + grain * (truth == 0)[..., None], 0, 255).astype(np.uint8), truth


@pytest.mark.parametrize("scale", [1.0, 4.0])
def test_what_is_drawn_as_one_thing_is_one_segment_the_largest_first(scale: float) -> None:
    rgb, truth = scene(scale)
    segments = unnamed_segments(rgb, 4)
    assert segments.dtype == np.uint16 and np.array_equal(np.unique(segments), [1, 2, 3, 4])
    assert (np.diff(np.bincount(segments.ravel())[1:]) <= 0).all()
    assert (segments == truth + 1).mean() > 0.99


def test_there_are_no_more_segments_than_asked_for_and_none_where_nothing_is_covered() -> None:
    rgb, truth = scene()
    covered = truth != 0
    for count in (1, 2, 7):
        segments = unnamed_segments(rgb, count, covered)
        assert 1 <= segments.max() <= count
        assert np.array_equal(segments > 0, covered)


@pytest.mark.parametrize("picture", [np.zeros((64, 64, 3), np.uint8), np.full((3, 700, 3), 255, np.uint8)])
def test_a_plain_picture_is_one_segment(picture: np.ndarray) -> None:
    assert np.array_equal(np.unique(unnamed_segments(picture, 18)), [1])


def test_nothing_covered_is_no_segment() -> None:
    rgb, truth = scene()
    assert not unnamed_segments(rgb, 5, np.zeros(truth.shape, bool)).any()


def test_borders_of_a_small_picture_move_to_the_edges_of_the_large_one() -> None:
    rgb, truth = scene(4.0)
    coarse = cv2.resize(cv2.resize(truth, (100, 80), interpolation=cv2.INTER_NEAREST), truth.shape[::-1])
    coarse = np.roll(coarse, 4, axis=1).astype(np.uint16) + 1
    moved = at_edges(rgb, coarse, 8.0)
    assert (moved == truth + 1).mean() > (coarse == truth + 1).mean() + 0.01 and (moved == truth + 1).mean() > 0.99


def test_numbers_go_by_area_and_leave_no_gap() -> None:
    label = np.array([[0, 7, 7], [3, 3, 3], [9, 0, 0]], np.uint16)
    assert by_area(label).tolist() == [[0, 2, 2], [1, 1, 1], [3, 0, 0]]

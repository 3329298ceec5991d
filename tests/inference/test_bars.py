"""Letterbox bars are background, and a picture without bars is seen whole."""

import cv2
import numpy as np
import pytest

from cubiseg.imaging import Picture
from cubiseg.inference import Segmentation
from cubiseg.inference.bars import content_box
from cubiseg.inference.segmentation import without_bars
from cubiseg.portraits import draw
from tests import tiny

NO_PLAIN_SIDE = {"crop": "portrait", "placement": "centre", "background": "park", "focus": "sharp", "light": "none"}


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    """(256, 256, 3) uint8: a drawing that ends on every side in something that no bar is."""
    return draw(5, 8, 256, 2, tiny.only(NO_PLAIN_SIDE)).image


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (40, 60, 140)])
@pytest.mark.parametrize("sides", [(90, 0, 0, 0), (0, 40, 0, 0), (60, 60, 0, 0), (0, 0, 80, 30), (50, 20, 40, 0)])
def test_bars_of_one_colour_are_found_on_any_side(
    portrait: np.ndarray, colour: tuple[int, ...], sides: tuple[int, ...]
) -> None:
    top, left = sides[0], sides[2]
    picture = cv2.copyMakeBorder(portrait, *sides, cv2.BORDER_CONSTANT, value=colour)
    noisy = cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 85])[1], cv2.IMREAD_COLOR)
    for shown in (picture, noisy):
        found = np.array(content_box(shown))
        wanted = np.array([left, top, left + 256, top + 256])
        assert np.abs(found - wanted).max() <= 4, (found, wanted)


def test_pictures_without_bars_are_whole_whatever_their_ground() -> None:
    plain = np.full((200, 300, 3), 255, np.uint8)
    cv2.circle(plain, (150, 120), 60, (30, 60, 160), -1)
    assert content_box(plain) == (0, 0, 300, 200)  # plain ground ends in no straight line
    assert content_box(np.zeros((64, 64, 3), np.uint8)) == (0, 0, 64, 64)
    rows = np.random.default_rng(1).integers(0, 255, (128, 96, 3), np.uint8)
    assert content_box(rows) == (0, 0, 96, 128)


def test_bars_are_sure_background_and_the_rest_is_labelled_without_them(portrait: np.ndarray) -> None:
    seen = []

    def segment(picture: Picture) -> Segmentation:
        seen.append(picture)
        return Segmentation(np.full(picture.size, 10, np.uint8), np.full(picture.size, 0.5, np.float32), "x", "x")

    alpha = np.full((346, 256), 200, np.uint8)
    result = without_bars(Picture(cv2.copyMakeBorder(portrait, 90, 0, 0, 0, cv2.BORDER_CONSTANT), alpha), segment)
    assert seen[0].size == (256, 256) and np.array_equal(seen[0].rgb, portrait) and (seen[0].alpha == 200).all()
    assert (result.label[:90] == 0).all() and (result.confidence[:90] == 1).all()
    assert (result.label[90:] == 10).all() and (result.confidence[90:] == 0.5).all()

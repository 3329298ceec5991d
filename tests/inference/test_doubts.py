"""Pictures that the network cannot judge carry a warning that says what to look at; ordinary ones carry none."""

import cv2
import numpy as np

from cubiseg.imaging import Picture
from cubiseg.inference.doubts import doubts
from cubiseg.portraits import draw
from cubiseg.taxonomy import ID
from tests import tiny


def line_art(portrait: np.ndarray) -> np.ndarray:
    """Lines of a picture: (H, W) bool."""
    grey = cv2.cvtColor(portrait, cv2.COLOR_RGB2GRAY)
    return cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, np.ones((7, 7), np.uint8)) > 40


def test_line_art_is_told_on_paper_and_on_clear_ground() -> None:
    portrait = draw(3, 4, 384, 2, tiny.only(tiny.BUST))
    lines = line_art(portrait.image)
    clear = Picture(np.zeros((384, 384, 3), np.uint8), (lines * 255).astype(np.uint8))
    paper = Picture(np.where(lines[..., None], np.uint8(0), np.uint8(255)).repeat(3, axis=2))
    for picture in (clear, paper):
        assert any("line art" in warning for warning in doubts(portrait.label, picture))


def test_a_face_without_eyes_is_told() -> None:
    portrait = draw(3, 4, 256, 2, tiny.only(tiny.BUST))
    blind = np.where(np.isin(portrait.label, (ID["eye_left"], ID["eye_right"])), np.uint8(ID["face"]), portrait.label)
    assert any("seen from behind" in warning for warning in doubts(blind, Picture(portrait.clean)))


def test_an_outline_where_nothing_changes_in_the_picture_is_told_with_its_share() -> None:
    white = np.full((300, 300, 3), 255, np.uint8)
    label = np.zeros((300, 300), np.uint8)
    cv2.circle(label, (150, 150), 80, ID["clothes"], -1)
    assert any(warning.startswith("100% of the figure's outline") for warning in doubts(label, Picture(white)))
    white[label > 0] = 200
    assert doubts(label, Picture(white)) == []


def test_most_ordinary_portraits_carry_no_warning() -> None:
    told = [doubts(p.label, Picture(p.image)) for p in (draw(9, index, 256) for index in range(0, 28, 2))]
    assert sum(map(bool, told)) <= 2, told

import numpy as np
import pytest

from cubiseg.boxes import Box
from cubiseg.completion import colours
from cubiseg.completion.colours import FAR, PLAIN, agreeing, continued, drawn_from
from cubiseg.completion.crops import Crop

SIZE = 32
SKIN, ODD = (240, 210, 190), (10.0, 200.0, 30.0)


def agreed(name: str, rgb: np.ndarray, seen: np.ndarray, said: tuple[float, float, float]) -> np.ndarray:
    """What is made of a network that says one colour of everything."""
    crop = Crop.of(Box(0, 0, seen.shape[1], seen.shape[0]), SIZE)
    visible = crop.squared(seen.view(np.uint8) * np.uint8(255))
    return agreeing(name, rgb, seen, visible, crop, np.full((SIZE, SIZE, 3), said, np.float32))


def lower_half(colour: tuple[int, int, int] = SKIN, side: int = 64) -> tuple[np.ndarray, np.ndarray]:
    rgb, seen = np.zeros((side, side, 3), np.uint8), np.zeros((side, side), bool)
    seen[side // 2 :] = True
    rgb[seen] = colour
    return rgb, seen


@pytest.mark.parametrize("name", ["neck", "skin", "ear_left", "eye_right_white"])
def test_a_plain_part_of_one_colour_has_that_colour_whatever_the_network_says(name: str) -> None:
    rgb, seen = lower_half()
    assert np.allclose(agreed(name, rgb, seen, ODD), SKIN, atol=0.01)


@pytest.mark.parametrize("name", ["face", "hair_back", "topwear", "eye_left_iris"])
def test_others_begin_with_what_is_seen_and_turn_to_the_network_with_distance(name: str) -> None:
    rgb, seen = lower_half()
    out = agreed(name, rgb, seen, ODD)
    off = np.abs(out[:16, 8] - SKIN).sum(axis=1)  # from far to near
    assert (np.diff(off) < 0).all() and off[-1] < 0.2 * np.abs(np.subtract(ODD, SKIN)).sum()
    away, area = 16.0, 16 * 32
    assert np.allclose(out[0, 8] - SKIN, np.subtract(ODD, SKIN) * away / (away + FAR * area**0.5), atol=2)


def test_a_part_too_small_for_the_square_keeps_what_the_network_says() -> None:
    rgb, seen = np.zeros((400, 400, 3), np.uint8), np.zeros((400, 400), bool)
    rgb[200, 200], seen[200, 200] = SKIN, True
    assert (agreed("face", rgb, seen, ODD) == np.array(ODD, np.float32)).all()
    assert np.allclose(agreed("neck", rgb, seen, ODD)[:SIZE, :SIZE], SKIN, atol=0.01)


def test_the_rim_of_a_part_is_not_drawn_from_but_that_of_an_iris_and_of_thin_parts_is() -> None:
    rgb, seen = lower_half()
    rgb[32] = 0  # blended with what lies above
    assert not drawn_from("face", seen, rgb)[32].any() and drawn_from("face", seen, rgb)[33].any()
    assert np.allclose(continued("face", rgb, drawn_from("face", seen, rgb))[:32], SKIN, atol=0.01)
    assert drawn_from("eye_left_iris", seen, rgb) is seen
    thin = np.zeros_like(seen)
    thin[10:12] = True
    assert np.array_equal(drawn_from("neck", thin, rgb), thin)


def test_colours_that_are_rare_in_a_part_are_not_continued_and_those_of_its_pattern_are() -> None:
    rgb, seen = lower_half()
    rgb[33:45, 20:24] = (200, 20, 40)  # a strand of hair that the label map gave to the face
    assert not drawn_from("face", seen, rgb)[33:45, 20:24].any()
    assert np.allclose(continued("face", rgb, drawn_from("face", seen, rgb))[:32], SKIN, atol=0.01)
    rgb[33:, 20:24] = (200, 20, 40)  # a stripe of cloth
    assert drawn_from("topwear", seen, rgb)[34:, 20:24].all()


def test_the_shade_at_the_edge_of_a_face_is_continued_though_it_is_rare() -> None:
    rgb, seen = lower_half()
    rgb[32:34] = np.multiply(SKIN, 0.75)
    assert drawn_from("face", seen, rgb)[33].all()


def test_where_every_tone_is_rare_all_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(colours, "RARE", 1.1)
    rgb, seen = lower_half()
    assert drawn_from("hair_back", seen, rgb)[33:].all()


def test_plain_are_skin_and_whites_and_neither_faces_nor_irises() -> None:
    assert {"skin", "neck", "torso", "eye_left_white"} <= PLAIN
    assert not PLAIN & {"face", "eye_left_iris", "hair_back", "topwear", "background", "mouth_inside"}

"""What nobody wants a layer of goes to the parts around it; small parts that are there stay."""

import numpy as np
import pytest

from cubiseg.inference.specks import without_specks
from cubiseg.taxonomy import CLASS_OF, PART_ID

FACE = 10_000
"""Pixels of the face of :func:`figure`."""


def figure() -> np.ndarray:
    """A face of 100 x 100 px within back hair, over a top with a skirt below: (400, 300) uint8, ids of parts."""
    ids = np.zeros((400, 300), np.uint8)
    ids[20:160, 80:220] = PART_ID["hair_back"]
    ids[40:140, 100:200] = PART_ID["face"]
    ids[160:270, 70:230] = PART_ID["topwear"]
    ids[270:380, 70:230] = PART_ID["bottomwear"]
    return ids


def spot(ids: np.ndarray, name: str, area: int, at: tuple[int, int]) -> np.ndarray:
    """The map with a piece of a part, about a square of an area in pixels."""
    side = round(area**0.5)
    out = ids.copy()
    out[at[0] : at[0] + side, at[1] : at[1] + side] = PART_ID[name]
    return out


def sure(ids: np.ndarray, of: dict[str, float]) -> np.ndarray:
    """Confidence: 0.9 but for the named parts."""
    out = np.full(ids.shape, 0.9, np.float32)
    for name, value in of.items():
        out[ids == PART_ID[name]] = value
    return out


@pytest.mark.parametrize(
    ("name", "area", "confidence"),
    [("wings", 400, 0.33), ("leg_left", 144, 0.45), ("legwear", 36, 0.95), ("held", 4, 0.99), ("earwear", 100, 0.3)],
)
def test_a_part_of_a_few_pixels_that_the_network_doubts_or_that_is_too_small_to_be_one_goes_to_what_is_around_it(
    name: str, area: int, confidence: float
) -> None:
    ids = spot(figure(), name, area, (200, 100))
    cleaned, told = without_specks(ids, sure(ids, {name: confidence}))
    assert np.array_equal(cleaned, figure())
    assert told == {name: {"topwear": area}}


@pytest.mark.parametrize(
    ("name", "area", "confidence"),
    [
        *((part, 4, 0.2) for part in ("nose", "lips", "eyebrow_left", "eye_left_white", "mouth_inside", "hair_front")),
        ("earwear", 16, 0.6),
        ("ear_left", 16, 0.35),
        ("necklace", 25, 0.5),
        ("headwear", 100, 0.7),
        ("arm_left", 900, 0.45),
        ("leg_left", 100, 0.6),
    ],
)
def test_small_parts_that_are_there_stay(name: str, area: int, confidence: float) -> None:
    ids = spot(figure(), name, area, (80, 130))
    cleaned, told = without_specks(ids, sure(ids, {name: confidence}))
    assert np.array_equal(cleaned, ids) and told == {}


def test_a_speck_beside_the_background_goes_to_the_figure_and_none_is_lost() -> None:
    ids = spot(figure(), "wings", 100, (200, 60))  # beside the body, all of its sides but one on the background
    cleaned, told = without_specks(ids, sure(ids, {"wings": 0.3}))
    assert np.array_equal(cleaned == 0, ids == 0)
    assert told == {"wings": {"topwear": 100}}


def test_scattered_pieces_go_while_the_part_that_they_are_scattered_from_stays() -> None:
    arm = spot(figure(), "arm_left", 2500, (170, 75))
    ids = spot(arm, "arm_left", 100, (330, 150))
    confidence = sure(ids, {})
    confidence[330:340, 150:160] = 0.4
    assert np.array_equal(without_specks(ids, confidence)[0], arm)


def test_a_sure_class_is_kept_where_a_speck_touches_another_part_of_it() -> None:
    ids = spot(figure(), "neckwear", 25, (160, 120))  # between hair and top
    cleaned, _ = without_specks(ids, sure(ids, {"neckwear": 0.9}))
    assert np.array_equal(cleaned, figure())


def test_a_sure_class_is_kept_too_where_a_speck_of_another_class_touches_it() -> None:
    ids = spot(spot(figure(), "wings", 25, (160, 115)), "neckwear", 25, (160, 120))
    cleaned, told = without_specks(ids, sure(ids, {}))
    assert np.array_equal(cleaned[160:165, 120:125], figure()[160:165, 120:125])
    assert told["neckwear"] == {"topwear": 25}


def test_large_maps_are_cleaned_as_small_ones_are() -> None:
    ids = spot(figure(), "wings", 400, (200, 100))
    large = ids.repeat(8, axis=0).repeat(8, axis=1)
    cleaned, told = without_specks(large, sure(large, {"wings": 0.3}))
    assert np.array_equal(cleaned, figure().repeat(8, axis=0).repeat(8, axis=1))
    assert told == {"wings": {"topwear": 400 * 64}}


def test_of_classes_alone_small_accessories_that_are_sure_stay_and_doubted_ones_go() -> None:
    ids = CLASS_OF[figure()]
    spotted = spot(ids, "accessories", 100, (200, 100))
    assert np.array_equal(without_specks(spotted, sure(spotted, {"accessories": 0.3}))[0], ids)
    assert np.array_equal(without_specks(spotted, sure(spotted, {"accessories": 0.6}))[0], spotted)


@pytest.mark.parametrize("ids", [np.zeros((40, 30), np.uint8), np.full((40, 30), PART_ID["wings"], np.uint8)])
def test_maps_of_one_thing_stay_as_they_are(ids: np.ndarray) -> None:
    cleaned, told = without_specks(ids, np.full(ids.shape, 0.1, np.float32))
    assert np.array_equal(cleaned, ids) and told == {}

"""Scenery, light and surfaces."""

import colorsys

import cv2
import numpy as np
import pytest

from cubiseg import taxonomy
from cubiseg.portraits import draw
from cubiseg.portraits.axes import Mix
from cubiseg.portraits.backgrounds import BACKGROUNDS, paved
from cubiseg.portraits.backgrounds.stage import Stage
from cubiseg.portraits.catalogue import AXES
from cubiseg.portraits.rng import stream


@pytest.mark.parametrize(
    "name",
    [
        "background",
        "background colours",
        "focus",
        "distractor",
        "halo",
        "caption",
        "light",
        "texture",
        "colouring",
        "grade",
        "camera effect",
        "storage",
        "watermark",
    ],
)
def test_scenery_light_and_surfaces_change_colours_and_never_a_label(name: str) -> None:
    park = Mix().only(AXES["background"], "park")  # a place: nothing else goes out of focus
    park = park.only(AXES["placement"], "centre")  # no companion is in a picture that cuts the character
    index, axis = 6, AXES[name]
    first = draw(5, index, 96, 1, park.only(axis, next(iter(axis.kinds))).factors)
    changed = 0
    for kind in list(axis.kinds)[-4:]:
        p = draw(5, index, 96, 1, park.only(axis, kind).factors)
        assert np.array_equal(p.label, first.label), kind
        changed += not np.array_equal(p.image, first.image)
    assert changed >= 2


@pytest.mark.parametrize("kind", ["bokeh", "plaza", "floor", "trunks"])
def test_light_discs_floors_and_trunks_behind_a_figure_are_background(kind: str) -> None:
    mix = Mix().only(AXES["placement"], "centre").only(AXES["crop"], "whole figure")
    white, other = (draw(5, 3, 128, 1, mix.only(AXES["background"], k).factors) for k in ("white", kind))
    assert np.array_equal(white.label, other.label)
    changed = (white.clean != other.clean).any(axis=2)
    assert changed[white.label == taxonomy.ID["background"]].mean() > 0.5


def test_bokeh_discs_are_small_to_a_fifth_of_the_picture() -> None:
    discs = [_largest_change(BACKGROUNDS["bokeh"][0](Stage(96, stream(k, "test")))) for k in range(12)]
    assert len(set(discs)) > 6
    assert max(discs) < 0.2


def _largest_change(image: np.ndarray) -> float:
    """Share of the picture that the largest patch takes which stands out from the rest."""
    far = np.abs(image.astype(int) - np.median(image, axis=(0, 1))).max(axis=2) > 60
    sizes = cv2.connectedComponentsWithStats(far.astype(np.uint8))[2][1:, cv2.CC_STAT_AREA]
    return float(sizes.max(initial=0) / far.size)


@pytest.mark.parametrize("kind", ["plaza", "floor"])
def test_a_floor_ends_in_a_straight_edge_below_the_middle(kind: str) -> None:
    for k in range(6):
        image = BACKGROUNDS[kind][0](Stage(128, stream(k, "floor test"))).astype(int)
        steps = np.median(np.abs(np.diff(image, axis=0)).sum(axis=2), axis=1)
        assert steps[60:].max() > 20, k


def test_half_of_the_floors_are_of_colours_that_skin_could_have() -> None:
    like = 0
    for k in range(40):
        h, s, v = colorsys.rgb_to_hsv(*paved.ground_colour(Stage(64, stream(k, "floor test"))))
        like += h < 0.11 and 0.1 < s < 0.45 and v > 0.6
    assert like > 16


def test_every_background_fills_the_picture_in_its_own_way() -> None:
    painted = {name: paint(Stage(64, stream(4, "test"))) for name, (paint, _, _) in BACKGROUNDS.items()}
    assert all(image.shape == (64, 64, 3) and image.dtype == np.uint8 for image in painted.values())
    assert len({image.tobytes() for image in painted.values()}) == len(BACKGROUNDS)
    assert set(AXES["background"].kinds) == set(BACKGROUNDS)

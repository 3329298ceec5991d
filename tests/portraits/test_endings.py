"""Figures that end in a straight cut above the picture's lower edge."""

import numpy as np
import pytest

from cubiseg import taxonomy
from cubiseg.portraits import Portrait, draw, restack
from cubiseg.portraits.axes import Mix
from cubiseg.portraits.catalogue import AXES
from cubiseg.portraits.character import Character
from cubiseg.portraits.endings import cut_row
from cubiseg.portraits.portrait import compose_scene, paint_figure
from cubiseg.portraits.scene import Scene
from cubiseg.portraits.shadows import stands
from cubiseg.portraits.surface import silhouette


def _mix(**kinds: str) -> Mix:
    mix = Mix().only(AXES["placement"], "half figure")
    usual = {"crop": "upper body", "stance": "straight", "halo": "none", "distractor": "none"}
    for name, kind in {**usual, **kinds}.items():
        mix = mix.only(AXES[name], kind)
    return mix


def _scene(index: int, **kinds: str) -> tuple[Character, Scene]:
    return compose_scene(2, index, 128, 1, _mix(**kinds))


def _drawn(index: int, **kinds: str) -> Portrait:
    return draw(2, index, 128, 1, _mix(**kinds).factors)


@pytest.mark.parametrize("crop", ["upper body", "cowboy shot"])
def test_a_half_figure_is_background_below_one_straight_row(crop: str) -> None:
    for index in range(4):
        p = _drawn(index, crop=crop)
        last = np.nonzero(p.label.any(axis=1))[0].max()
        assert 0.8 * 128 < last < 127
        assert not any(layer.rgba[last + 1 :, :, 3].any() for layer in p.layers[1:])
        assert p.label[last].any()
        assert (p.label[last] > 0).sum() > 0.5 * (p.label[last - 6] > 0).sum()


def test_a_half_figure_restacks_and_its_parts_add_up() -> None:
    p = _drawn(1)
    assert (restack(p.layers) == p.clean).all()
    for layer in p.layers[1:]:
        told = sum((share.astype(int) for share in layer.parts.values()), np.zeros((128, 128), int))
        assert (told <= layer.rgba[..., 3]).all()


def test_no_cut_goes_through_a_face_or_a_seat_and_none_through_feet() -> None:
    for kinds in ({"crop": "close-up"}, {"crop": "whole figure"}, {"stance": "sitting"}):
        for index in range(4):
            view = _scene(index, **kinds)
            figure = paint_figure(*view, 128)
            if kinds.get("crop") != "whole figure" or stands(silhouette(figure)):
                assert cut_row(figure, view[1].pose) is None


def test_a_half_figure_throws_no_shadow_on_the_ground() -> None:
    kinds = [_drawn(0, **{"ground shadow": kind}) for kind in ("none", "pad", "cast")]
    assert all(np.array_equal(kinds[0].clean, p.clean) for p in kinds[1:])
    assert (kinds[0].label == taxonomy.ID["background"]).any()

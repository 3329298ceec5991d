"""Hair: fronts, sides and backs, alone and together."""

from dataclasses import replace

import numpy as np
import pytest

from cubiseg import taxonomy
from cubiseg.portraits.axes import Mix
from cubiseg.portraits.compose import label_map
from cubiseg.portraits.hair import BACK, FRONT, PATTERN, SIDE, HairArt, style, volume
from cubiseg.portraits.head import Head
from cubiseg.portraits.paint import Board
from cubiseg.portraits.portrait import compose_scene, paint_layers
from cubiseg.portraits.scene import CROP
from tests.portraits.figures import head_of

TIED = ("low_twin", "high_twin", "low_pony", "high_pony", "side_pony", "braid")


def test_hair_is_the_same_from_every_side() -> None:
    for index in range(12):
        who, view = compose_scene(2, index, 64, 1, Mix())
        turned = replace(view.pose, yaw=0.5, roll=0.2)
        one, other = (style(who, Head(who.face, pose, volume(who)))[0] for pose in (view.pose, turned))
        assert one.names == other.names
        for part in ("back", "mid", "front", "top"):
            pairs = zip(getattr(one, part), getattr(other, part), strict=True)
            assert all(np.array_equal(a.points, b.points) for a, b in pairs)


@pytest.mark.parametrize("yaw", [-0.9, 0.0, 0.9])
def test_any_front_goes_with_any_side_and_back(yaw: float) -> None:
    rng = np.random.default_rng(5)
    for _ in range(12):
        mix = Mix().only(CROP, "portrait")
        for axis in (FRONT, SIDE, BACK, PATTERN):
            mix = mix.only(axis, list(axis.kinds)[int(rng.integers(len(axis.kinds)))])
        who, view = compose_scene(3, int(rng.integers(99)), 96, 1, mix)
        label = label_map(paint_layers(who, replace(view, pose=replace(view.pose, yaw=yaw)), 96))
        assert (label == taxonomy.ID["hair"]).mean() > 0.02


@pytest.mark.parametrize("kind", TIED)
def test_tied_hair_says_where_it_is_tied(kind: str) -> None:
    who, view = compose_scene(1, 4, 64, 1, Mix().only(BACK, kind))
    art = HairArt(who, Head(who.face, replace(view.pose, yaw=0.0), volume(who)), view.light)
    assert art.hair.ties
    assert art.hair.names["back"] == kind


@pytest.mark.parametrize("kind", BACK.kinds)
def test_every_back_gives_strands_that_are_labelled_hair(kind: str) -> None:
    who, view = compose_scene(1, 4, 64, 1, Mix().only(BACK, kind))
    hair = style(who, head_of(who, view))[0]
    assert hair.names["back"] == kind
    assert hair.back or hair.mid or hair.top
    board = Board(64, who.style.pen(view.rng("pen"), view.pose.scale))
    HairArt(who, head_of(who, view), view.light).paint_back(board)
    assert (board.rgba()[..., 3] > 128).mean() > 0.01

"""Hair: fronts, sides and backs, alone and together."""

from dataclasses import replace

import numpy as np
import pytest

from cubiseg import taxonomy
from cubiseg.portraits import draw
from cubiseg.portraits.axes import Mix
from cubiseg.portraits.catalogue import AXES
from cubiseg.portraits.character import character
from cubiseg.portraits.colour import luma
from cubiseg.portraits.compose import label_map
from cubiseg.portraits.hair import BACK, FRONT, PATTERN, SIDE, HairArt, style, volume
from cubiseg.portraits.head import Head
from cubiseg.portraits.paint import Board
from cubiseg.portraits.portrait import compose_scene, paint_layers
from cubiseg.portraits.scene import CROP
from tests.portraits.figures import head_of, torso_of

CROPS = tuple(AXES["crop"].kinds)

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


def _far(kind: str, **also: str) -> Mix:
    """A mix of upright whole figures with such back hair."""
    mix = Mix().only(BACK, kind).only(AXES["placement"], "centre").only(AXES["camera"], "level")
    mix = mix.only(AXES["crop"], CROPS[-1]).only(AXES["worn over clothes"], "none")
    for axis, k in also.items():
        mix = mix.only(AXES[axis], k)
    return mix


def _back_hair(kind: str, index: int, **also: str) -> np.ndarray:
    p = draw(14, index, 128, 1, _far(kind, **also).factors)
    return np.stack([p.parts == taxonomy.PART_ID["hair_back"], p.label > 0, p.label == taxonomy.ID["face"]])


def test_free_tails_hang_with_a_gap_between_them_and_the_body() -> None:
    seen = 0
    for index in range(8):
        mix = Mix()
        usual = {"crop": "whole figure", "turn": "front", "placement": "centre", "arms": "hanging", "hands": "none"}
        usual |= {"hair back": "free_twin", "worn over clothes": "none", "wings": "none", "distractor": "none"}
        for name, kind in usual.items():
            mix = mix.only(AXES[name], kind)
        p = draw(6, index, 192, 1, mix.factors)
        body, tails = (
            np.isin(p.label, [taxonomy.ID[name] for name in ("skin", "clothes")]),
            p.label == taxonomy.ID["hair"],
        )
        rows = np.nonzero(body.any(axis=1))[0]
        for row in rows[len(rows) // 10 :]:
            edge = np.nonzero(body[row])[0].max()
            outside = np.nonzero(tails[row, edge:])[0]
            seen += bool(len(outside) and (p.label[row, edge + 1 : edge + outside[0]] == 0).any())
    assert seen > 40


def test_hair_near_skin_is_hardly_told_from_the_skin() -> None:
    mix = Mix().only(AXES["hair colour"], "near skin").only(AXES["skin"], "pale")
    for number in range(40):
        who = character(3, number, mix)
        assert 0.6 < luma(who.hair) / luma(who.skin) < 1.05
        assert max(abs(a - b) for a, b in zip(who.hair, who.skin, strict=True)) < 0.5


@pytest.mark.parametrize("kind", ["knee", "floor", "long_twin"])
def test_very_long_hair_reaches_the_legs(kind: str) -> None:
    mix, below, seen = _far(kind, stance="straight"), 0, 0
    for index in range(6):
        who, view = compose_scene(14, index, 128, 1, mix)
        torso, p = torso_of(who, view), draw(14, index, 128, 1, mix.factors, alone=True)
        rows = np.flatnonzero(p.label.any(axis=1))
        hips = rows[0] + (torso.crotch + who.face.skull) / (torso.sole + who.face.skull) * np.ptp(rows)
        painted = [layer.alone["hair_back"][..., 3] > 128 for layer in p.layers if "hair_back" in layer.alone]
        # robes and broad backs hide much of it, so how long it is shows only where it is painted alone
        ends = np.flatnonzero(np.any(painted, axis=(0, 2)))[-1]
        assert ends > hips - 0.05 * np.ptp(rows)
        below += ends > hips
        seen += np.flatnonzero((p.parts == taxonomy.PART_ID["hair_back"]).any(axis=1))[-1] > hips
    assert below >= 4 and seen >= 2, (below, seen)


def test_blown_hair_flies_to_one_side_and_wide_hair_to_both() -> None:
    for kind in ("blown", "wide"):
        one_sided, sides = 0, set()
        for index in range(6):
            hair, _, face = _back_hair(kind, index, tail="none", wings="none", carried="none")
            x = np.flatnonzero(face.any(axis=0)).mean()
            columns = np.nonzero(hair)[1]
            left, right = (columns < x).mean(), (columns > x).mean()
            sides |= {left > right}
            one_sided += max(left, right) > 0.75
        assert (one_sided >= 4 and len(sides) == 2) if kind == "blown" else one_sided <= 2


def test_back_hair_is_seen_between_the_arms_and_the_body() -> None:
    seen = 0
    for index in range(6):
        hair, figure, _ = _back_hair("knee", index, arms="apart", hands="none", carried="none")
        for row in np.flatnonzero(figure.any(axis=1)):
            columns = np.flatnonzero(hair[row])
            body = np.flatnonzero(figure[row] & ~hair[row])
            seen += len(body) > 0 and ((columns > body[0]) & (columns < body[-1])).any()
    assert seen > 30


def test_locks_to_the_waist_are_side_hair_before_the_clothes() -> None:
    mix = Mix().only(SIDE, "waist").only(AXES["crop"], CROPS[-2]).only(AXES["placement"], "centre")
    p = draw(14, 2, 128, 1, mix.only(AXES["hands"], "none").factors)
    side = np.isin(p.parts, [taxonomy.PART_ID["hair_side_left"], taxonomy.PART_ID["hair_side_right"]])
    chin = np.flatnonzero((p.parts == taxonomy.ID["face"]).any(axis=1))[-1]
    assert side[chin + 8 :].sum() > 60

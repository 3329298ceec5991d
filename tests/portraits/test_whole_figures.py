"""Whole figures: legs on their own sides in every stance, gaps that show the backdrop, crops and heights as asked."""

import numpy as np
import pytest

from cubiseg import taxonomy
from cubiseg.portraits import Portrait, background, draw, restack, told_apart
from cubiseg.portraits.axes import Mix
from cubiseg.portraits.backgrounds import BACKGROUNDS
from cubiseg.portraits.body import Torso
from cubiseg.portraits.catalogue import AXES
from cubiseg.portraits.character import character
from cubiseg.portraits.legs import STANCE, stance
from cubiseg.portraits.portrait import compose_scene
from cubiseg.portraits.proportions import Proportions
from cubiseg.portraits.scene import CROP
from tests.portraits.figures import torso_of

_USUAL = {
    "turn": "front",
    "placement": "centre",
    "camera": "level",
    "crop": "whole figure",
    "hands": "none",
    "worn over clothes": "none",
    "distractor": "none",
    "caption": "none",
}


def _mix(**kinds: str) -> Mix:
    mix = Mix()
    for name, kind in {**_USUAL, **kinds}.items():
        mix = mix.only(AXES[name], kind)
    return mix


def _of(p: Portrait, *names: str) -> np.ndarray:
    return np.isin(p.parts, [taxonomy.PART_ID[name] for name in names])


@pytest.mark.parametrize("kind", STANCE.kinds)
def test_each_leg_is_labelled_on_its_own_side_in_every_stance(kind: str) -> None:
    for index in (3, 5, 6):
        p = draw(0, index, 192, 1, _mix(stance=kind, garment="swimsuit", arms="hanging").factors)
        legs = [np.argwhere(_of(p, f"leg_{side}")) for side in ("right", "left")]
        assert all(len(leg) > 40 for leg in legs), (kind, index)
        top = min(leg[:, 0].min() for leg in legs)
        high = max(leg[:, 0].max() for leg in legs) - top
        right, left = (leg[leg[:, 0] < top + 0.35 * high][:, 1].mean() for leg in legs)
        assert right < left, (kind, index)


def test_the_backdrop_shows_between_legs_that_are_apart() -> None:
    for index in (3, 5, 6):
        p = draw(0, index, 192, 1, _mix(stance="apart", garment="swimsuit", arms="hanging").factors)
        right, left = _of(p, "leg_right"), _of(p, "leg_left")
        rows = np.nonzero(right.any(axis=1) & left.any(axis=1))[0]
        row = rows[int(0.7 * len(rows))]
        between = p.label[row, np.nonzero(right[row])[0].max() + 1 : np.nonzero(left[row])[0].min()]
        assert len(between) > 2
        assert (between == 0).all()


def test_the_backdrop_shows_through_a_narrow_gap_between_legs_whose_feet_are_close() -> None:
    gaps = 0
    for number in range(40):
        pose = stance(Proportions(character(2, number, Mix())), "narrow gap", number)
        right, left = sorted(pose.legs, key=lambda leg: leg.side)
        between = left.line()[:, 0] - left.half() - right.line()[:, 0] - right.half()
        apart = left.joints[2, 0] - right.joints[2, 0]
        assert apart < 1.25 * (left.joints[0, 0] - right.joints[0, 0]) + left.width
        gaps += bool((between[12:] > 0.02).any())
    assert gaps > 30


def test_arms_slightly_apart_leave_a_gap_to_the_trunk_and_hanging_ones_less_often() -> None:
    gaps = dict.fromkeys(("slightly apart", "hanging"), 0)
    for kind in gaps:
        for index in range(8):
            p = draw(0, index, 192, 1, _mix(arms=kind, garment="swimsuit", stance="straight", carried="none").factors)
            arm = _of(p, "arm_left")
            rows = np.nonzero(arm.any(axis=1))[0]
            for row in rows[int(0.3 * len(rows)) : int(0.8 * len(rows))]:
                inner = np.nonzero(arm[row])[0].min()
                gaps[kind] += p.label[row, inner - 2] == taxonomy.ID["background"]
    assert gaps["slightly apart"] > 1.3 * gaps["hanging"]


@pytest.mark.parametrize("kind", STANCE.kinds)
def test_trousers_and_shoes_follow_the_legs_in_every_stance(kind: str) -> None:
    for index in (1, 3, 5):
        p = draw(0, index, 192, 1, _mix(stance=kind, garment="gakuran", arms="hanging").factors)
        assert _of(p, "leg_left", "leg_right").sum() < 0.05 * _of(p, "bottomwear", "footwear").sum(), (kind, index)


@pytest.mark.parametrize("kind", STANCE.kinds)
def test_a_skirt_covers_the_hips_and_shows_legs_below_in_every_stance(kind: str) -> None:
    p = draw(0, 5, 192, 1, _mix(stance=kind, garment="maid", arms="hanging").factors)
    skirt = np.argwhere(_of(p, "bottomwear"))
    shown = np.argwhere(_of(p, "leg_left", "leg_right", "legwear", "footwear"))
    assert len(skirt) > 60
    assert shown[:, 0].mean() > skirt[:, 0].mean()


def test_a_seat_is_background() -> None:
    mixes = [_mix(stance="sitting", seat=kind).factors for kind in ("none", "armchair")]
    bare, seated = (draw(0, 5, 192, 1, mix) for mix in mixes)
    assert np.array_equal(bare.parts, seated.parts)
    assert (bare.clean != seated.clean).any()


def test_figures_are_two_to_eight_heads_tall_and_taller_the_more_mature() -> None:
    people = [character(0, number, Mix()) for number in range(300)]
    heads = np.array([Proportions(who).heads for who in people])
    assert heads.min() >= 2
    assert heads.max() <= 8
    assert (np.quantile(heads, 0.03), np.quantile(heads, 0.97)) == pytest.approx((2.6, 7.0), abs=0.5)
    assert np.corrcoef(heads, [who.maturity for who in people])[0, 1] > 0.9


def test_a_drawn_figure_is_as_tall_as_its_heads_say() -> None:
    for index in range(6):
        who, view = compose_scene(0, index, 256, 1, _mix(stance="straight"))
        body = Proportions(who)
        assert body.sole + who.face.skull == pytest.approx(body.heads * (who.face.skull + who.face.chin))
        torso = torso_of(who, view)
        assert torso.stance.low == pytest.approx(body.sole, abs=0.06 * (body.sole - body.crotch) + 0.1 * body.long)


def test_crops_follow_what_people_bring() -> None:
    total = sum(CROP.weights().values())
    assert {kind: weight / total for kind, weight in CROP.weights().items()} == {
        "close-up": 0.1,
        "portrait": 0.25,
        "upper body": 0.25,
        "cowboy shot": 0.15,
        "whole figure": 0.25,
    }


def _reach(kind: str, count: int = 80) -> np.ndarray:
    """(count, 4): top of the head, lowest point, thigh's middle and middle of the face, in shares of the picture."""
    out = []
    for index in range(count):
        mix = Mix().only(AXES["crop"], kind).only(AXES["camera"], "level")
        who, view = compose_scene(0, index, 1000, 1, mix)
        torso = torso_of(who, view)
        heights = (-who.face.skull, torso.stance.low, 0.5 * (torso.crotch + torso.knee))
        out.append([*((view.pose.y + h * view.pose.scale) / 1000 for h in heights), view.pose.x / 1000])
    return np.array(out)


def test_whole_figures_are_usually_whole_sometimes_small_and_not_always_in_the_middle() -> None:
    top, low, _, x = _reach("whole figure").T
    inside = (top >= 0) & (low <= 1)
    assert 0.75 < inside.mean() < 1
    assert ((low - top) < 0.65).mean() > 0.1
    assert (abs(x - 0.5) > 0.1).mean() > 0.15


def test_a_cowboy_shot_ends_at_the_thighs_and_an_upper_body_above() -> None:
    cowboy, upper = _reach("cowboy shot"), _reach("upper body")
    assert (cowboy[:, 1] > 1).mean() > 0.8
    assert (abs(cowboy[:, 2] - 1) < 0.25).mean() > 0.8
    assert (upper[:, 2] > 1).mean() > 0.9


def test_a_place_along_a_leg_is_told_by_the_height_at_which_it_stands() -> None:
    body = Proportions(character(0, 5, Mix()))
    for kind in STANCE.kinds:
        for leg in stance(body, kind, 7).legs:
            assert [leg.share(y) for y in (body.hip_y, body.knee, body.ankle)] == [0, 0.5, 1]
            bare, cloth = (leg.pieces(grow)[0] for grow in (0.0, 0.2))
            widths = [np.hypot(*(piece.outer - piece.inner).T) for piece in (bare, cloth)]
            assert widths[1] - widths[0] == pytest.approx(0.4)


@pytest.mark.parametrize("kind", ["spread", "raised", "one raised", "behind head", "hanging", "akimbo"])
def test_arms_are_labelled_on_their_own_sides_however_they_are_held(kind: str) -> None:
    p = draw(0, 5, 192, 1, _mix(stance="straight", garment="swimsuit", arms=kind).factors)
    right, left = (np.argwhere(_of(p, f"arm_{side}"))[:, 1].mean() for side in ("right", "left"))
    assert right + 3 < left


def test_a_body_keeps_its_legs_however_the_picture_is_cropped() -> None:
    near, far = (compose_scene(0, 5, 256, 1, _mix(crop=crop)) for crop in ("close-up", "whole figure"))
    first, second = (torso_of(who, view) for who, view in (near, far))
    assert isinstance(first, Torso)
    assert first.heads == second.heads
    assert first.knee == second.knee


@pytest.mark.parametrize("kind", ["walking", "crossed ankles", "sitting", "kneeling"])
def test_legs_told_apart_are_each_complete_and_restack_to_the_same_figure(kind: str) -> None:
    p = draw(0, 5, 192, 1, _mix(stance=kind, garment="swimsuit").factors, alone=True)
    again = restack(told_apart(p.layers)).astype(int)
    assert (abs(again - p.clean).max(axis=2) > 24).mean() < 0.01
    skin = next(layer for layer in p.layers if "leg_left" in layer.parts)
    for part in ("leg_left", "leg_right"):
        alone, seen = skin.alone[part][..., 3].astype(int), skin.parts[part].astype(int)
        assert (alone + 8 >= seen).all()
        assert alone.sum() > 0.99 * seen.sum()


def test_a_character_wears_the_same_clothes_in_every_stance() -> None:
    for index in (1, 4, 17):
        mixes = [_mix(stance=kind, arms="hanging").factors for kind in ("straight", "sitting", "kneeling", "jumping")]
        worn = [set(np.unique(draw(0, index, 192, 1, mix).parts).tolist()) for mix in mixes]
        told = {taxonomy.PART_ID[name] for name in ("topwear", "sleeve_left", "sleeve_right", "neckwear")}
        assert len({frozenset(parts & told) for parts in worn}) == 1, index


def test_a_good_part_of_whole_figures_stands_before_sharp_or_soft_scenery() -> None:
    weights = background._kinds([(0.3, 0.2, 0.2), (0.9, 0.8, 0.7), (0.2, 0.3, 0.6)], whole=True)
    places = sum(w for kind, w in weights.items() if BACKGROUNDS[kind][2] == "place")
    assert 0.3 < places / sum(weights.values()) < 0.5


def test_stubby_legs_are_not_always_closed() -> None:
    gaps = 0
    for number in range(200):
        body = Proportions(character(2, number, Mix()))
        if body.stub > 0.7:
            right, left = sorted(stance(body, "straight", number).legs, key=lambda leg: leg.side)
            inner = [leg.joints[2][0] - leg.side * leg.at(1.0)[1] for leg in (right, left)]
            gaps += inner[1] - inner[0] > 0.02 * body.shoulder
    assert gaps >= 8

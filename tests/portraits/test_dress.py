"""Skirts, trousers, coats, gowns, sleeves worn apart and what is worn at the waist: each is the part that it is."""

import numpy as np
import pytest

from cubiseg import taxonomy
from cubiseg.portraits import Portrait, draw
from cubiseg.portraits.axes import Mix
from cubiseg.portraits.catalogue import AXES
from cubiseg.portraits.character import character
from cubiseg.portraits.garments.base import Tailor
from cubiseg.portraits.paint import Board
from cubiseg.portraits.portrait import compose_scene
from tests.portraits.figures import torso_of

_USUAL = {
    "turn": "front",
    "placement": "centre",
    "camera": "level",
    "crop": "whole figure",
    "hands": "none",
    "arms": "apart",
    "stance": "straight",
    "garment": "tee",
    "carried": "none",
    "worn over clothes": "none",
    "worn at the waist": "none",
    "distractor": "none",
    "legwear": "none",
    "footwear": "none",
    "handwear": "none",
    "wings": "none",
    "tail": "none",
}


def _drawn(index: int, size: int = 192, **kinds: str) -> Portrait:
    mix = Mix()
    for name, kind in {**_USUAL, **{name.replace("_", " "): kind for name, kind in kinds.items()}}.items():
        mix = mix.only(AXES[name], kind)
    return draw(0, index, size, 1, mix.factors)


def _of(p: Portrait, *names: str) -> np.ndarray:
    return np.isin(p.parts, [taxonomy.PART_ID[name] for name in names])


def _legs(kind: str) -> float:
    return float(np.mean([_of(_drawn(i, bottom=kind), "leg_left", "leg_right").sum() for i in (3, 5)]))


def test_a_bottom_covers_as_much_of_the_legs_as_its_name_says() -> None:
    bare = {kind: _legs(kind) for kind in AXES["bottom"].kinds}
    feet = max(bare[kind] for kind in ("trousers", "slim trousers", "wide trousers"))
    assert feet < min(bare[kind] for kind in ("mini skirt", "hot pants", "shorts", "pleated skirt", "frilled skirt"))
    assert bare["long skirt"] < bare["pleated skirt"] < bare["mini skirt"]
    assert bare["shorts"] < bare["hot pants"]


@pytest.mark.parametrize("kind", ["straight", "sitting", "walking", "apart"])
def test_a_gown_is_bottomwear_from_the_waist_down_and_topwear_above(kind: str) -> None:
    p = _drawn(5, garment="sundress", stance=kind)
    top, bottom = (np.nonzero(_of(p, part))[0] for part in ("topwear", "bottomwear"))
    assert min(len(top), len(bottom)) > 60
    assert np.quantile(top, 0.95) <= np.quantile(bottom, 0.1) + 2


@pytest.mark.parametrize("kind", ["trench", "winter_coat"])
def test_a_coat_is_one_piece_of_topwear_from_shoulder_to_hem(kind: str) -> None:
    for index in (3, 5):
        p = _drawn(index, garment=kind)
        who, view = compose_scene(0, index, 192, 1, Mix())
        torso = torso_of(who, view)
        rows = np.nonzero(_of(p, "topwear"))[0]
        figure = np.nonzero(p.label > 0)[0]
        hips = figure.min() + (torso.crotch + who.face.skull) / (torso.sole + who.face.skull) * np.ptp(figure)
        assert rows.max() > hips


def test_an_open_coat_shows_what_is_under_it_and_hangs_behind_the_legs() -> None:
    p = _drawn(5, garment="long_coat")
    cloth = [layer for layer in p.layers if layer.name == "clothes" and layer.parts.get("topwear", np.zeros(1)).any()]
    assert len(cloth) >= 2, "its lining is a layer behind the body"
    assert _of(p, "bottomwear", "leg_left", "leg_right").sum() > 60


def test_sleeves_worn_apart_leave_the_shoulders_bare() -> None:
    apart = 0
    for index in range(8):
        p = _drawn(index, garment="halter", arms="spread")
        arms, sleeves = _of(p, "arm_left", "arm_right").sum(), _of(p, "sleeve_left", "sleeve_right").sum()
        assert arms > 20
        apart += sleeves > 20
    assert 2 <= apart < 8


@pytest.mark.parametrize("garment", ["kimono", "hakama", "miko"])
def test_the_sleeves_of_a_kimono_hang_wide(garment: str) -> None:
    def sleeves(kind: str) -> int:
        drawn = (_drawn(index, garment=kind, arms="spread") for index in (3, 5, 6))
        return sum(int(_of(p, "sleeve_left", "sleeve_right").sum()) for p in drawn)

    assert sleeves(garment) > 1.3 * sleeves("sweater")


@pytest.mark.parametrize("kind", [kind for kind in AXES["worn at the waist"].kinds if kind != "none"])
def test_what_is_worn_at_the_waist_changes_it_and_no_skin(kind: str) -> None:
    bare, worn = (_drawn(5, garment="shirt", worn_at_the_waist=k) for k in ("none", kind))
    changed = (bare.clean.astype(int) != worn.clean).any(axis=2)
    assert changed.sum() > 10
    assert _of(worn, "topwear", "bottomwear", "sleeve_left", "sleeve_right")[changed].mean() > 0.75
    if kind == "apron":
        assert _of(worn, "bottomwear").sum() > 30


def test_white_and_patterned_clothes_are_common() -> None:
    mains = []
    for number in range(150):
        who, view = compose_scene(0, number, 32, 1, Mix())
        mains.append(min(Tailor(character(0, number, Mix()), torso_of(who, view), Board(8), who.rng("x"), 1.0).main))
    assert 0.2 < np.mean(np.array(mains) > 0.85) < 0.5


def test_other_trousers_leave_everything_above_the_waist_as_it_was() -> None:
    first, second = (_drawn(5, bottom=kind, stance=s) for kind, s in (("trousers", "straight"), ("shorts", "sitting")))
    told = {taxonomy.PART_ID[name] for name in ("topwear", "sleeve_left", "sleeve_right", "neckwear")}
    assert len({frozenset(told & set(np.unique(p.parts).tolist())) for p in (first, second)}) == 1


@pytest.mark.parametrize("kind", ["maid", "gothic"])
@pytest.mark.parametrize("stance", ["straight", "sitting", "kneeling"])
def test_a_dress_with_an_apron_is_topwear_above_the_waist_and_bottomwear_below(kind: str, stance: str) -> None:
    p = _drawn(5, garment=kind, stance=stance)
    top, bottom = (np.nonzero(_of(p, part))[0] for part in ("topwear", "bottomwear"))
    assert min(len(top), len(bottom)) > 60
    assert np.quantile(top, 0.95) <= np.quantile(bottom, 0.1) + 2


def test_a_tailcoat_has_tails_behind_the_legs() -> None:
    found = 0
    for index in (3, 5, 9):
        p = _drawn(index, garment="tailcoat")
        behind = next(layer for layer in p.layers if layer.name == "clothes").parts["topwear"] > 128
        legs = _of(p, "bottomwear", "leg_left", "leg_right", "legwear", "footwear")
        assert (behind & legs).sum() > 20, "complete under the legs"
        found += (_of(p, "topwear") & behind).sum() > 5
    assert found >= 2


def test_a_waistcoat_shows_the_sleeves_of_another_colour_and_a_collar() -> None:
    for index in (3, 5, 9):
        p = _drawn(index, garment="waistcoat", arms="spread")
        assert _of(p, "neckwear").sum() > 4
        sleeve, vest = (p.clean[_of(p, part)].mean(axis=0) for part in ("sleeve_left", "topwear"))
        assert np.abs(sleeve - vest).max() > 12


@pytest.mark.parametrize("kind", ["swimsuit", "bikini", "school_swimsuit", "trunks"])
def test_swimwear_leaves_most_of_the_body_bare(kind: str) -> None:
    for index in (3, 5, 7):
        p = _drawn(index, garment=kind, stance="sitting" if index == 5 else "straight", arms="spread")
        skin = _of(p, "torso", "arm_left", "arm_right", "leg_left", "leg_right").sum()
        cloth = _of(p, "topwear", "bottomwear").sum()
        assert cloth > 12
        assert cloth + _of(p, "sleeve_left", "sleeve_right").sum() < 1.3 * skin, index
        if kind in ("bikini", "trunks"):
            assert _of(p, "bottomwear").sum() > 6
            assert _of(p, "torso").sum() > 10


def test_plate_covers_trunk_and_limbs() -> None:
    for index in (3, 5, 9):
        p = _drawn(index, garment="full_plate", footwear="greaves", handwear="gauntlets", arms="spread")
        assert not _of(p, "torso", "leg_left", "leg_right").sum() > 4
        assert _of(p, "bottomwear").sum() > 40
        assert _of(p, "sleeve_left", "sleeve_right").sum() > 15


def test_a_frilled_top_leaves_shoulders_bare_over_a_skirt() -> None:
    for index in (3, 5, 9):
        p = _drawn(index, garment="frilled_top", bottom="mini skirt", arms="spread")
        assert _of(p, "torso").sum() > 6
        assert min(_of(p, "topwear").sum(), _of(p, "bottomwear").sum()) > 20


@pytest.mark.parametrize("stance", ["straight", "sitting", "walking"])
def test_a_cape_hangs_behind_the_figure_and_a_closed_cloak_over_it(stance: str) -> None:
    none, cape, closed = (
        _drawn(5, garment="tee", stance=stance, worn_over_clothes=k) for k in ("none", "cape", "closed cloak")
    )
    legs = ("leg_left", "leg_right", "bottomwear", "footwear")
    assert _of(cape, *legs).sum() > 0.97 * _of(none, *legs).sum()
    assert (_of(cape, "topwear") & (none.label == 0)).sum() > 30
    assert _of(closed, "sleeve_left", "sleeve_right", "arm_left", "arm_right").sum() < 0.5 * (
        _of(none, "sleeve_left", "sleeve_right", "arm_left", "arm_right").sum()
    )
    assert _of(closed, "topwear").sum() > 1.5 * _of(none, "topwear").sum()

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

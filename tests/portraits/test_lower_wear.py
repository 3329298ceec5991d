"""Legwear, footwear and handwear: each kind is its part, on the right limb, in whatever stance, and no more."""

import cv2
import numpy as np
import pytest

from cubiseg import taxonomy
from cubiseg.portraits import Portrait, draw
from cubiseg.portraits.axes import Mix
from cubiseg.portraits.catalogue import AXES
from cubiseg.portraits.character import character
from cubiseg.portraits.colour import luma
from cubiseg.portraits.garments import legwear
from cubiseg.portraits.garments.handwear import gloves

_USUAL = {
    "turn": "front",
    "placement": "centre",
    "camera": "level",
    "crop": "whole figure",
    "hands": "none",
    "arms": "hanging",
    "stance": "straight",
    "garment": "swimsuit",
    "carried": "none",
    "worn over clothes": "none",
    "distractor": "none",
    "legwear": "none",
    "footwear": "none",
    "handwear": "none",
}


def _drawn(index: int, size: int = 192, **kinds: str) -> Portrait:
    mix = Mix()
    for name, kind in {**_USUAL, **kinds}.items():
        mix = mix.only(AXES[name], kind)
    return draw(0, index, size, 1, mix.factors)


def _of(p: Portrait, *names: str) -> np.ndarray:
    return np.isin(p.parts, [taxonomy.PART_ID[name] for name in names])


@pytest.mark.parametrize("kind", [kind for kind in AXES["legwear"].kinds if kind != "none"])
def test_legwear_is_legwear_on_the_legs_alone_in_every_stance(kind: str) -> None:
    for stance in ("straight", "sitting", "walking"):
        bare, worn = (_drawn(5, stance=stance, legwear=k) for k in ("none", kind))
        put_on = _of(worn, "legwear")
        assert put_on.sum() > 30, stance
        assert (_of(bare, "leg_left", "leg_right", "background")[put_on]).mean() > 0.9, stance
        assert not _of(bare, "legwear").any()


def test_tights_leave_no_leg_bare_and_socks_most_of_it() -> None:
    bare, socks, tights = (
        _of(_drawn(5, legwear=k), "leg_left", "leg_right").sum() for k in ("none", "ankle socks", "tights")
    )
    assert tights < 0.05 * bare
    assert 0.5 * bare < socks < bare


def test_tight_legwear_shows_the_knees_in_its_own_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = [_drawn(index, 256, legwear="tights") for index in range(8)]
    monkeypatch.setattr(legwear, "knee_lines", lambda *_: None)
    plain = [_drawn(index, 256, legwear="tights") for index in range(8)]
    changed = []
    for p, q in zip(shown, plain, strict=True):
        assert np.array_equal(p.parts, q.parts)
        differs = np.any(p.clean != q.clean, axis=2)
        assert not (differs & ~_of(p, "legwear")).any()
        changed.append(0 < differs.sum() < 0.3 * _of(p, "legwear").sum())
    assert 0.25 <= np.mean(changed) < 1


@pytest.mark.parametrize("kind", ["sheer stockings", "sheer tights"])
def test_sheer_legwear_is_nearer_to_skin_in_its_middle_than_at_its_rims(kind: str) -> None:
    nearer = 0
    for index in (2, 3, 5, 6):
        mixed = {"shading": "soft", "skin": "pale", "line": "none", "light": "none", "colouring": "full"}
        bare, worn = (_drawn(index, 256, **mixed, legwear=k) for k in ("none", kind))
        legs = _of(worn, "legwear").astype(np.uint8)
        depth = cv2.distanceTransform(legs, cv2.DIST_L2, 5)
        off = np.abs(bare.clean.astype(int) - worn.clean).sum(axis=2)
        rim, middle = (depth > 0) & (depth < 2.5), depth > 0.75 * depth.max()
        nearer += off[middle].mean() < 0.85 * off[rim].mean()
    assert nearer >= 3


@pytest.mark.parametrize("kind", [kind for kind in AXES["footwear"].kinds if kind != "none"])
def test_footwear_is_footwear_at_the_feet(kind: str) -> None:
    for stance in ("straight", "sitting", "crossed ankles"):
        rows, columns = np.nonzero(_of(_drawn(5, stance=stance, footwear=kind), "footwear"))
        assert len(rows) > 12, stance
        legs = np.nonzero(_of(_drawn(5, stance=stance), "leg_left", "leg_right"))
        assert rows.max() >= legs[0].max() - 2
        assert legs[1].min() - 6 < columns.min()
        assert columns.max() < legs[1].max() + 6


def test_bare_feet_and_sandals_show_skin_and_boots_none() -> None:
    bare, sandals, boots = (_drawn(5, footwear=k) for k in ("none", "sandals", "boots"))
    low = np.nonzero(_of(bare, "leg_left", "leg_right"))[0].max()
    feet = (slice(low - 4, low + 1), slice(None))
    shown = [_of(p, "leg_left", "leg_right")[feet].sum() for p in (bare, sandals, boots)]
    assert shown[0] > shown[1] > shown[2]
    assert shown[2] == 0


def test_trousers_end_inside_some_tall_boots() -> None:
    tucked = []
    for index in range(12):
        p = _drawn(index, garment="gakuran", footwear="boots")
        tucked.append(_of(p, "footwear").sum() > 0.12 * _of(p, "footwear", "bottomwear").sum())
    assert 2 < sum(tucked) < 11


@pytest.mark.parametrize("kind", [kind for kind in AXES["handwear"].kinds if kind != "none"])
@pytest.mark.parametrize("hands", ["none", "wave", "hold"])
def test_gloves_follow_the_hands_whatever_they_do(kind: str, hands: str) -> None:
    found = 0
    for index in (3, 5, 6):
        mixed = {"crop": "upper body", "hands": hands, "arms": "raised", "garment": "tank"}
        bare, worn = _drawn(index, **mixed), _drawn(index, **mixed, handwear=kind)
        gloves = _of(worn, "handwear")
        found += gloves.sum() > 20
        if gloves.any():
            assert _of(bare, "arm_left", "arm_right")[gloves].mean() > 0.6
            assert _of(worn, "arm_left", "arm_right").sum() < _of(bare, "arm_left", "arm_right").sum()
    assert found >= 2


def test_gloves_on_dark_sleeves_are_most_often_white() -> None:
    white = []
    mix = Mix().only(AXES["cloth colour"], "dark").only(AXES["handwear"], "short")
    for number in range(60):
        glove = gloves(character(6, number, mix), "suit")
        assert glove is not None
        white.append(luma(glove.colour) > 0.9)
    assert sum(white) > 30


def test_a_hand_is_complete_under_its_glove() -> None:
    p = _drawn(5, crop="cowboy shot", arms="raised", handwear="wrist")
    skin = np.max([layer.rgba[..., 3] for layer in p.layers if layer.name == "skin"], axis=0)
    gloves = _of(p, "handwear")
    assert gloves.sum() > 30
    assert (skin[gloves] > 64).mean() > 0.8


def test_a_character_keeps_socks_shoes_and_gloves_in_every_stance() -> None:
    for index in (1, 4, 9, 17):
        worn = []
        for stance in ("straight", "sitting", "walking"):
            mix = Mix()
            for name in ("crop", "stance", "arms", "hands", "carried", "camera"):
                mix = mix.only(AXES[name], {**_USUAL, "stance": stance}[name])
            parts = set(np.unique(draw(0, index, 192, 1, mix.factors).parts).tolist())
            worn.append(frozenset(parts & {taxonomy.PART_ID[name] for name in ("footwear", "handwear")}))
        assert len(set(worn)) == 1, index


@pytest.mark.slow
def test_about_a_quarter_of_the_pictures_that_show_legs_show_legwear() -> None:
    mix = Mix().only(AXES["crop"], "whole figure")
    shown = [draw(2, index, 96, 1, mix.factors) for index in range(80)]
    legs = [_of(p, "leg_left", "leg_right", "legwear").sum() > 8 for p in shown]
    worn = [_of(p, "legwear").sum() > 8 for p in shown]
    assert 0.18 < sum(worn) / sum(legs) < 0.5

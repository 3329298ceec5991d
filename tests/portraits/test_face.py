"""The face and its features."""

import numpy as np
import pytest

from cubiseg import taxonomy
from cubiseg.portraits import Portrait, draw
from cubiseg.portraits.axes import Mix
from cubiseg.portraits.catalogue import AXES


def test_the_characters_left_lies_on_the_right_of_a_frontal_picture(portraits: list[Portrait]) -> None:
    compared = 0
    for p in portraits:
        for part in ("eye", "eyebrow"):
            left, right = (np.nonzero(p.label == taxonomy.ID[f"{part}_{side}"])[1] for side in ("left", "right"))
            if len(left) > 8 and len(right) > 8:
                compared += 1
                assert left.mean() > right.mean()
    assert compared > 40


def test_the_face_is_complete_under_eyes_and_fringe(portraits: list[Portrait]) -> None:
    for p in portraits[:16]:
        face = next(layer.rgba[..., 3] for layer in p.layers if layer.name == "face")
        for name in ("eye_left", "eye_right", "nose", "mouth"):
            for layer in (x for x in p.layers if x.name == name):
                ball = layer.rgba[..., 3] > 250
                assert ball.sum() < 30 or (face[ball] == 255).mean() > 0.85, name
        rows = np.flatnonzero((face == 255).any(axis=1))
        visible = np.flatnonzero((p.label == taxonomy.ID["face"]).any(axis=1))
        assert rows[0] <= visible[0]


def test_every_kind_of_a_face_part_has_its_painter() -> None:
    from cubiseg.portraits.brows import _PROFILES
    from cubiseg.portraits.eyes.iris import _LIGHTS
    from cubiseg.portraits.mouths import MOUTHS
    from cubiseg.portraits.noses import NOSES
    from cubiseg.portraits.traits.eye_kinds import KINDS

    for axis, table in (("mouth", MOUTHS), ("eye style", KINDS), ("brows", _PROFILES), ("highlights", _LIGHTS)):
        assert set(AXES[axis].kinds) == set(table), axis
    assert set(AXES["nose"].kinds) == {*NOSES, "none"}


@pytest.mark.parametrize(("turn", "kind"), enumerate(AXES["turn"].kinds))
@pytest.mark.parametrize(("lid", "lids"), enumerate(AXES["lids"].kinds))
def test_eyes_brows_and_mouth_lie_on_the_face(turn: int, kind: str, lid: int, lids: str) -> None:
    index = (turn + lid) % 3  # every turn and every look of the lids meets three characters
    p = draw(8, index, 160, 1, Mix().only(AXES["turn"], kind).only(AXES["lids"], lids).factors)
    face = next(layer.rgba[..., 3] for layer in p.layers if layer.name == "face")
    for layer in p.layers:
        if layer.name.startswith("eye") or layer.name == "mouth":
            ink = layer.rgba[..., 3] > 128
            assert ink.sum() < 12 or (face[ink] > 0).mean() > 0.75, (layer.name, index)

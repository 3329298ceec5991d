"""Clothes."""

import numpy as np
import pytest

from cubiseg.portraits import Portrait
from cubiseg.portraits.axes import Mix
from cubiseg.portraits.catalogue import AXES
from cubiseg.portraits.garments import GARMENTS, Outfit
from cubiseg.portraits.paint import Board
from cubiseg.portraits.portrait import compose_scene
from tests.portraits.figures import torso_of


def test_the_body_is_complete_under_the_clothes(portraits: list[Portrait]) -> None:
    for p in portraits[:16]:
        skin = np.max([layer.rgba[..., 3] for layer in p.layers if layer.name == "skin"], axis=0)
        cloths = [layer.parts.get("topwear", 0 * skin) for layer in p.layers if layer.name == "clothes"]
        cloth = max(cloths, key=lambda a: int(a.sum()))
        if (cloth == 255).mean() > 0.05:
            assert ((skin == 255) & (cloth == 255)).sum() > 0.3 * (cloth == 255).sum()


@pytest.mark.parametrize("kind", GARMENTS)
def test_every_garment_puts_cloth_on_the_body(kind: str) -> None:
    crop = "cowboy shot" if kind == "trunks" else "upper body"
    who, view = compose_scene(3, 5, 64, 1, Mix().only(AXES["garment"], kind).only(AXES["crop"], crop))
    outfit = Outfit(Board(64, who.style.pen(view.rng("pen"), view.pose.scale)), torso_of(who, view), view, [])
    cloth = [layer.rgba[..., 3] for layer in outfit.dressed() if layer.name == "clothes"]
    assert (np.max(cloth, axis=0) > 128).mean() > 0.01

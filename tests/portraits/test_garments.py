"""Clothes."""

import cv2
import numpy as np
import pytest

from cubiseg import taxonomy
from cubiseg.portraits import Portrait, draw
from cubiseg.portraits.axes import Mix
from cubiseg.portraits.catalogue import AXES
from cubiseg.portraits.garments import GARMENTS, Outfit
from cubiseg.portraits.paint import Board
from cubiseg.portraits.portrait import compose_scene
from tests.portraits.figures import torso_of


def test_the_body_is_complete_under_the_clothes(portraits: list[Portrait]) -> None:
    for p in portraits[:16]:
        skin = np.max([layer.rgba[..., 3] for layer in p.layers if layer.name == "skin"], axis=0)
        body = next(k for k, layer in enumerate(p.layers) if "torso" in layer.parts)
        trunk = next(layer for layer in p.layers[body:] if layer.name == "clothes")
        cloth = trunk.parts.get("topwear", 0 * skin)
        if (cloth == 255).mean() > 0.05:
            assert ((skin == 255) & (cloth == 255)).sum() > 0.3 * (cloth == 255).sum()


@pytest.mark.parametrize("kind", ["yoked", "pinafore_front", "trimmed"])
def test_a_pale_bodice_is_nearly_as_light_as_skin_and_its_trims_are_not(kind: str) -> None:
    mix = Mix()
    usual = {"crop": "upper body", "turn": "front", "arms": "behind", "hands": "none", "hair back": "short"}
    usual |= {"worn over clothes": "none", "worn at the waist": "none", "skin": "pale", "light": "none"}
    for name, only in {**usual, "garment": kind, "colouring": "full", "distractor": "none"}.items():
        mix = mix.only(AXES[name], only)
    for index in (1, 2, 3, 5):
        p = draw(4, index, 192, 1, mix.factors)
        light = cv2.cvtColor(p.clean, cv2.COLOR_RGB2GRAY)
        skin = np.median(light[np.isin(p.parts, [taxonomy.PART_ID[name] for name in ("neck", "torso")])])
        cloth = light[p.label == taxonomy.ID["clothes"]]
        assert (cloth > 0.75 * skin).mean() > 0.1, index
        assert (cloth < 0.7 * skin).mean() > 0.05, index


@pytest.mark.parametrize("kind", GARMENTS)
def test_every_garment_puts_cloth_on_the_body(kind: str) -> None:
    crop = "cowboy shot" if kind == "trunks" else "upper body"
    who, view = compose_scene(3, 5, 64, 1, Mix().only(AXES["garment"], kind).only(AXES["crop"], crop))
    outfit = Outfit(Board(64, who.style.pen(view.rng("pen"), view.pose.scale)), torso_of(who, view), view, [])
    cloth = [layer.rgba[..., 3] for layer in outfit.dressed() if layer.name == "clothes"]
    assert (np.max(cloth, axis=0) > 128).mean() > 0.01

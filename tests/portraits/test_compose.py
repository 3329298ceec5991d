"""From layers to a picture and its label map."""

import numpy as np
import pytest

from cubiseg import taxonomy
from cubiseg.portraits import DrawnLayer, Portrait, restack
from cubiseg.portraits.compose import label_map
from tests.portraits.conftest import SIZE

pytestmark = pytest.mark.slow


def _share(portraits: list[Portrait], name: str) -> np.ndarray:
    return np.array([(p.label == taxonomy.ID[name]).mean() for p in portraits])


def test_every_class_occurs_with_a_sane_share(portraits: list[Portrait]) -> None:
    bounds = {
        "background": (0.2, 0.75),
        "hair": (0.1, 0.45),
        "face": (0.03, 0.2),
        "eye_left": (0.002, 0.04),
        "eye_right": (0.002, 0.04),
        "eyebrow_left": (0.0001, 0.01),
        "eyebrow_right": (0.0001, 0.01),
        "nose": (0.00002, 0.005),
        "mouth": (0.0003, 0.02),
        "skin": (0.005, 0.15),
        "clothes": (0.03, 0.35),
        "accessories": (0.002, 0.1),
    }
    assert set(bounds) == set(taxonomy.NAMES)
    for name, (low, high) in bounds.items():
        assert low < _share(portraits, name).mean() < high, name


def test_small_parts_are_seen_in_most_pictures(portraits: list[Portrait]) -> None:
    """A whole figure of 192 px has a mouth of less than a pixel."""
    for name, share in {"face": 0.9, "hair": 0.9, "eye_left": 0.85, "eye_right": 0.85, "mouth": 0.7}.items():
        assert (_share(portraits, name) > 0).mean() > share, name


def test_layers_restack_to_the_clean_picture(portraits: list[Portrait]) -> None:
    for p in portraits[:8]:
        out = np.zeros((SIZE, SIZE, 3))
        for layer in p.layers:
            alpha = layer.rgba[..., 3:] / 255.0
            out = layer.rgba[..., :3] * alpha + out * (1 - alpha)
        assert np.abs(out - p.clean).max() <= 2
        assert np.array_equal(restack(p.layers), p.clean)


def test_a_label_is_the_class_that_shows_most() -> None:
    def flat(name: str, alpha: int) -> DrawnLayer:
        return DrawnLayer(name, np.full((2, 2, 4), (9, 9, 9, alpha), np.uint8))

    assert (label_map([flat("background", 255), flat("face", 120)]) == taxonomy.ID["background"]).all()
    assert (label_map([flat("background", 255), flat("face", 140)]) == taxonomy.ID["face"]).all()
    veils = [flat("eye_left", 255), flat("hair", 90), flat("accessories", 60), flat("hair", 90)]
    assert (label_map(veils) == taxonomy.ID["hair"]).all()  # two thin layers of hair add up

"""Scenery, light and surfaces."""

import numpy as np
import pytest

from cubiseg.portraits import draw
from cubiseg.portraits.axes import Mix
from cubiseg.portraits.backgrounds import BACKGROUNDS
from cubiseg.portraits.backgrounds.stage import Stage
from cubiseg.portraits.catalogue import AXES
from cubiseg.portraits.rng import stream


@pytest.mark.parametrize(
    "name",
    [
        "background",
        "background colours",
        "focus",
        "distractor",
        "halo",
        "caption",
        "light",
        "texture",
        "colouring",
        "grade",
        "camera effect",
        "storage",
        "watermark",
    ],
)
def test_scenery_light_and_surfaces_change_colours_and_never_a_label(name: str) -> None:
    park = Mix().only(AXES["background"], "park")  # a place: nothing else goes out of focus
    index, axis = 8, AXES[name]
    first = draw(5, index, 96, 1, park.only(axis, next(iter(axis.kinds))).factors)
    changed = 0
    for kind in list(axis.kinds)[-4:]:
        p = draw(5, index, 96, 1, park.only(axis, kind).factors)
        assert np.array_equal(p.label, first.label), kind
        changed += not np.array_equal(p.image, first.image)
    assert changed >= 2


def test_every_background_fills_the_picture_in_its_own_way() -> None:
    painted = {name: paint(Stage(64, stream(4, "test"))) for name, (paint, _, _) in BACKGROUNDS.items()}
    assert all(image.shape == (64, 64, 3) and image.dtype == np.uint8 for image in painted.values())
    assert len({image.tobytes() for image in painted.values()}) == len(BACKGROUNDS)
    assert set(AXES["background"].kinds) == set(BACKGROUNDS)

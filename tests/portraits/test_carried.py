"""What is held and carried is `held`, on the sides of the body that it should be on."""

import numpy as np
import pytest

from cubiseg import taxonomy
from cubiseg.portraits import draw, held
from cubiseg.portraits.axes import Mix
from cubiseg.portraits.catalogue import AXES

CROPS = tuple(AXES["crop"].kinds)

PLAIN = Mix().only(AXES["placement"], "centre").only(AXES["hands"], "none").only(AXES["halo"], "none")
FAR = PLAIN.only(AXES["crop"], CROPS[-1])
HELD = taxonomy.PART_ID["held"]


@pytest.mark.parametrize("kind", list(AXES["carried"].kinds)[1:])
def test_what_is_carried_is_held_at_every_scale(kind: str) -> None:
    for crop in (CROPS[2], CROPS[-1]):
        mix = PLAIN.only(AXES["crop"], crop).only(AXES["carried"], kind)
        pictures = [draw(13, index, 128, 1, mix.factors) for index in range(4)]
        painted = [any("held" in layer.parts for layer in p.layers) for p in pictures]
        assert all(painted)
        if crop == CROPS[-1]:
            assert sum((p.parts == HELD).any() for p in pictures) >= 2


def test_what_is_on_the_back_hides_nothing_of_the_figure() -> None:
    for index in range(3):
        none, p = (
            draw(13, index, 128, 1, FAR.only(AXES["carried"], k).factors) for k in ("none", "weapon on the back")
        )
        at = next(i for i, layer in enumerate(p.layers) if "held" in layer.parts)
        assert at < next(i for i, layer in enumerate(p.layers) if layer.name == "hair")
        changed = (p.parts != none.parts) & (none.label > 0)
        strap = sum((layer.parts["held"] > 100) for layer in p.layers[at + 1 :] if "held" in layer.parts)
        assert (changed & ~(np.asarray(strap) > 0)).sum() < 12  # antialiased edges


def test_raised_hands_keep_what_they_hold() -> None:
    mix = PLAIN.only(AXES["hands"], "wave").only(AXES["crop"], CROPS[2])
    none, asked = (draw(13, 1, 96, 1, mix.only(AXES["carried"], k).factors) for k in ("none", "hugged"))
    assert np.array_equal(none.parts, asked.parts)


@pytest.mark.parametrize("name", held.THINGS)
def test_what_a_hand_holds_is_painted_between_palm_and_fingers(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held, "THINGS", {name: held.THINGS[name]})
    p = draw(13, 2, 128, 1, FAR.only(AXES["hands"], "hold").only(AXES["carried"], "none").factors)
    names = [next(iter(layer.parts), "") for layer in p.layers]
    at = names.index("held")
    assert names[at - 1].startswith("arm_") and names[at + 1].startswith("arm_")
    assert (p.parts == HELD).sum() > 4


def test_a_staff_reaches_from_the_floor_to_above_the_head(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held, "THINGS", {"spear": held.THINGS["spear"]})
    mix = FAR.only(AXES["hands"], "hold").only(AXES["carried"], "none").only(AXES["worn head"], "none")
    tall = 0
    for index in range(6):
        p = draw(13, index, 128, 1, mix.factors)
        rows, figure = np.flatnonzero((p.parts == HELD).any(axis=1)), np.flatnonzero((p.label > 0).any(axis=1))
        tall += rows[-1] - rows[0] > 0.75 * (figure[-1] - figure[0])
    assert tall >= 4


@pytest.mark.parametrize("stance", ["kneeling", "sitting", "straight"])
def test_a_staff_ends_at_the_floor_in_every_stance(stance: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held, "THINGS", {"spear": held.THINGS["spear"]})
    mix = FAR.only(AXES["hands"], "hold").only(AXES["carried"], "none").only(AXES["stance"], stance)
    mix = mix.only(AXES["camera"], "level").only(AXES["worn over clothes"], "none")
    for index in (1, 2, 4):
        p = draw(13, index, 128, 1, mix.factors)
        rows = np.flatnonzero((p.parts == HELD).any(axis=1))
        figure = np.flatnonzero(((p.label > 0) & (p.parts != HELD)).any(axis=1))
        assert rows[-1] < figure[-1] + 0.06 * (figure[-1] - figure[0]), index

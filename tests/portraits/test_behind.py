"""What lies behind the body: wings, tails, big bows."""

import numpy as np
import pytest

from cubiseg import taxonomy
from cubiseg.portraits import Portrait, draw, restack, told_apart
from cubiseg.portraits.axes import Mix
from cubiseg.portraits.catalogue import AXES

CROPS = tuple(AXES["crop"].kinds)

PLAIN = Mix().only(AXES["placement"], "centre").only(AXES["camera"], "level").only(AXES["crop"], CROPS[-2])
BARE = PLAIN.only(AXES["wings"], "none").only(AXES["tail"], "none").only(AXES["bow behind"], "none")


def _seen(p: Portrait, part: str) -> np.ndarray:
    return p.parts == taxonomy.PART_ID[part]


@pytest.mark.parametrize(
    ("axis", "kind", "part"),
    [(axis, kind, part) for axis, part in (("wings", "wings"), ("tail", "tail")) for kind in AXES[axis].kinds][1:],
)
def test_wings_and_tails_are_drawn_and_lie_behind(axis: str, kind: str, part: str) -> None:
    seen = 0
    for index in range(3):
        bare = draw(11, index, 128, 1, BARE.factors)
        p = draw(11, index, 128, 1, BARE.only(AXES[axis], kind).factors)
        shown = _seen(p, part)
        seen += int(shown.sum())
        assert (bare.label[shown] == 0).mean() > 0.97 if shown.any() else True  # but for antialiased edges
        assert (p.parts[~shown] == bare.parts[~shown]).mean() > 0.995
    assert kind == "none" or seen > 30


def test_a_layer_of_wings_is_complete_under_the_body() -> None:
    p = draw(11, 1, 128, 1, BARE.only(AXES["wings"], "feathered").factors)
    at = [i for i, layer in enumerate(p.layers) if "wings" in layer.parts]
    assert len(at) == 1 and at[0] < next(i for i, layer in enumerate(p.layers) if layer.name == "hair")
    assert (p.layers[at[0]].parts["wings"] > 128).sum() > _seen(p, "wings").sum()


@pytest.mark.parametrize(("kind", "part"), [("head", "headwear"), ("waist", "topwear")])
def test_a_big_bow_behind_is_hidden_by_head_and_body(kind: str, part: str) -> None:
    more = 0
    for index in range(3):
        bare = draw(11, index, 128, 1, BARE.factors)
        p = draw(11, index, 128, 1, BARE.only(AXES["bow behind"], kind).factors)
        changed = p.parts != bare.parts
        assert _seen(p, part)[changed].mean() > 0.97 if changed.any() else True  # but for antialiased edges
        assert np.isin(bare.parts[changed], (0, taxonomy.PART_ID["hair_back"])).mean() > 0.97 if changed.any() else True
        more += int(changed.sum())
    assert more > 60


def test_ears_bring_their_tail_and_horns_their_wings_more_often_than_not_at_all() -> None:
    from cubiseg.portraits.character import character
    from cubiseg.portraits.tails import tail_of
    from cubiseg.portraits.wings import wings_of

    eared = [character(1, n, Mix().only(AXES["worn head"], "fox_ears")) for n in range(40)]
    assert sum(tail_of(who) in ("fox", "many") for who in eared) > 12
    usual = [character(1, n, Mix()) for n in range(200)]
    assert 0 < sum(wings_of(who) != "none" for who in usual) < 40


def test_what_lies_behind_can_be_painted_and_told_apart_alone() -> None:
    mix = BARE.only(AXES["wings"], "bat").only(AXES["tail"], "fox").only(AXES["bow behind"], "waist")
    mix = mix.only(AXES["hands"], "none").only(AXES["carried"], "backpack")
    one, two = (draw(11, 2, 96, 1, mix.factors, alone=alone) for alone in (False, True))
    assert np.array_equal(one.image, two.image) and np.array_equal(one.parts, two.parts)
    layers = told_apart(two.layers)
    names = [next(iter(layer.parts), layer.name) for layer in layers]
    assert names.index("wings") < names.index("tail") < names.index("held") < names.index("hair_back")
    assert (np.abs(restack(layers).astype(int) - two.clean).max(axis=2) > 24).mean() < 0.03

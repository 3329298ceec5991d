"""Axes of variety, and shares that make kinds rarer or more frequent."""

import numpy as np
import pytest

from cubiseg import taxonomy
from cubiseg.errors import CubisegError
from cubiseg.portraits import draw
from cubiseg.portraits.axes import Mix
from cubiseg.portraits.catalogue import AXES
from cubiseg.portraits.rng import stream


@pytest.mark.slow
def test_shares_make_kinds_rarer_and_leave_everything_else_as_it_was() -> None:
    usual = [draw(4, index, 64, 1) for index in range(40)]
    fewer = {kind: 0 for kind in AXES["background"].kinds if kind not in ("gradient", "plain", "park", "hall")}
    plain = [draw(4, index, 64, 1, {"background": fewer}) for index in range(40)]
    same = [np.array_equal(a.clean, b.clean) for a, b in zip(usual, plain, strict=True)]
    assert 1 < sum(same) < 40
    assert all(np.array_equal(a.label, b.label) for a, b in zip(usual, plain, strict=True))
    assert not any((p.clean[0, 0] > 250).all() for p in plain if not p.clean[0].std())


@pytest.mark.parametrize(
    ("shares", "says"),
    [
        ({"fringe": {"none": 1}}, "no axis 'fringe'; there are .*hair front"),
        ({"turn": {"up": 1}}, "'turn' has no kind 'up'; it has front"),
        ({"turn": {"front": -1}}, "turn, front: -1 must be from 0"),
        ({"turn": {"front": float("nan")}}, "must be from 0"),
        ({"background": dict.fromkeys(AXES["background"].kinds, 0)}, "every kind of 'background' is 0"),
    ],
)
def test_shares_that_make_no_sense_are_refused_in_one_line(shares: dict, says: str) -> None:
    with pytest.raises(CubisegError, match=says):
        draw(0, 0, 64, 1, shares)


def test_a_mix_of_only_a_kind_that_there_is_not_is_refused() -> None:
    with pytest.raises(CubisegError, match="'crop' has no kind 'half'; it has close-up"):
        Mix().only(AXES["crop"], "half")


@pytest.mark.parametrize("name", AXES)
def test_only_one_kind_of_an_axis_can_be_asked_for(name: str) -> None:
    for kind in AXES[name].kinds:
        mix = Mix().only(AXES[name], kind)
        assert {mix.pick(stream(6, number), AXES[name]) for number in range(5)} == {kind}


@pytest.mark.parametrize("row", range(max(len(axis.kinds) for axis in AXES.values())))
def test_every_kind_of_every_axis_can_be_drawn(row: int) -> None:
    mix = Mix()
    for axis in AXES.values():
        mix = mix.only(axis, list(axis.kinds)[row % len(axis.kinds)])
    assert taxonomy.ID["hair"] in draw(6, 1, 64, 1, mix.factors).label

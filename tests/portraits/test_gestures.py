"""Raised hands and what they hold."""

from cubiseg import taxonomy
from cubiseg.portraits import draw
from cubiseg.portraits.axes import Mix
from cubiseg.portraits.catalogue import AXES
from tests.portraits.conftest import SIZE


def test_a_raised_hand_is_skin_before_hair_and_face() -> None:
    head = Mix().only(AXES["crop"], "portrait").only(AXES["placement"], "centre")  # no hanging hands
    for kind in ("wave", "cheek", "hush", "both"):
        bare, raised = (draw(3, 4, SIZE, 1, head.only(AXES["hands"], k).factors) for k in ("none", kind))
        assert raised.layers[-1].name in ("skin", "clothes")
        assert (raised.label == taxonomy.ID["skin"]).sum() > (bare.label == taxonomy.ID["skin"]).sum(), kind


def test_what_a_hand_holds_is_an_accessory_between_palm_and_fingers() -> None:
    names = [layer.name for layer in draw(3, 4, SIZE, 1, Mix().only(AXES["hands"], "hold").factors).layers]
    assert names[-1 - (names[-1] == "clothes")] == "skin"
    assert [n for n in names[-4:] if n != "clothes"][-3:] == ["skin", "accessories", "skin"]

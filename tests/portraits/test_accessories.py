"""What is worn on head, hair, face, ears, neck and chest."""

import numpy as np
import pytest

from cubiseg.portraits.accessories import ACCESSORIES, Wear
from cubiseg.portraits.axes import Mix
from cubiseg.portraits.catalogue import AXES
from cubiseg.portraits.hair import HairArt
from cubiseg.portraits.paint import Board
from cubiseg.portraits.portrait import compose_scene
from cubiseg.portraits.rng import stream
from tests.portraits.figures import head_of, torso_of

SIZE = 96


@pytest.mark.parametrize(("place", "kind"), [(place, kind) for place, kinds in ACCESSORIES.items() for kind in kinds])
def test_every_accessory_draws_something(place: str, kind: str) -> None:
    who, view = compose_scene(1, 4, SIZE, 1, Mix().only(AXES["crop"], "upper body").only(AXES["turn"], "front"))
    head, board = head_of(who, view), Board(SIZE, who.style.pen(view.rng("pen"), view.pose.scale))
    wear = Wear(who, head, HairArt(who, head, view.light), torso_of(who, view), board, stream(1, kind))
    ACCESSORIES[place][kind][0](wear)
    boards = [board] if wear.rear is None else [board, wear.rear]
    assert np.any([b.rgba()[..., 3] > 64 for b in boards])

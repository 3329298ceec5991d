"""A network sees every figure on ground that the figure's outline differs from."""

import numpy as np
import pytest

from cubiseg.imaging import Picture
from cubiseg.inference.ground import GROUNDS, ground


def sprite(colour: tuple[int, int, int]) -> Picture:
    """A square of one colour on clear ground."""
    alpha = np.zeros((80, 80), np.uint8)
    alpha[20:60, 20:60] = 255
    return Picture(np.full((80, 80, 3), colour, np.uint8), alpha)


def test_white_is_the_ground_where_it_can_be_seen() -> None:
    assert ground(sprite((30, 30, 60))) == (255, 255, 255)
    assert ground(Picture(np.full((80, 80, 3), 255, np.uint8))) == (255, 255, 255)
    clear = Picture(np.zeros((80, 80, 3), np.uint8), np.zeros((80, 80), np.uint8))
    assert ground(clear) == (255, 255, 255)


@pytest.mark.parametrize("colour", [(255, 255, 255), (240, 245, 250)])
def test_white_figures_get_ground_that_they_differ_from(colour: tuple[int, int, int]) -> None:
    chosen = ground(sprite(colour))
    assert chosen in GROUNDS[1:]
    shown = sprite(colour).over(chosen)
    assert np.abs(shown[0, 0].astype(int) - shown[40, 40]).max() > 60

"""The camera's effects."""

import numpy as np

from cubiseg.portraits import Portrait


def test_effects_move_nothing(portraits: list[Portrait]) -> None:
    for p in portraits[:12]:
        a, b = (x.mean(axis=2).ravel() - x.mean() for x in (p.clean.astype(float), p.image.astype(float)))
        assert (a @ b) / np.sqrt((a @ a) * (b @ b)) > 0.97

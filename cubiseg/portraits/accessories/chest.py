"""Worn over the clothes: headphones around the neck, medals, brooches, badges, lanyards, long necklaces."""

from collections.abc import Callable

import numpy as np

from cubiseg.portraits.accessories.base import Wear
from cubiseg.portraits.accessories.crown import star
from cubiseg.portraits.accessories.flowers import rose
from cubiseg.portraits.accessories.headsets import around_neck
from cubiseg.portraits.accessories.masks import heart
from cubiseg.portraits.accessories.neck import pendant
from cubiseg.portraits.paint import Points, path, spline
from cubiseg.portraits.rng import chance, uniform
from cubiseg.portraits.tables import Point


def _breast(w: Wear) -> Point:
    """A place on one side of the chest."""
    t, s = w.torso, float(w.rng.choice([-1, 1]))
    return s * t.shoulder * uniform(w.rng, 0.36, 0.55), t.y + uniform(w.rng, 0.65, 1.0)


def _cord(w: Wear, length: float, spread: float) -> Points:
    t = w.torso
    a = np.linspace(-1, 1, 31)
    y = t.y + 0.05 + length * (1 - np.abs(a) ** 1.15)
    return t.px(np.column_stack([(t.neck + spread) * np.sign(a) * np.abs(a) ** 0.9, y]), 0.25)


def brooch(w: Wear) -> None:
    """A large stone or a rose in a setting, at the throat or on the breast."""
    m, t = w.metal(), w.torso
    x, y = (0.0, t.y + uniform(w.rng, 0.15, 0.4)) if chance(w.rng, 0.55) else _breast(w)
    at, r = t.px(np.array([(x, y)]), 0.25)[0], uniform(w.rng, 0.11, 0.2)
    if chance(w.rng, 0.2):
        rose(w, at, 1.4 * r, w.colour(dark=0.3))
        return
    w.patch(at + 1.6 * r * w.u * star(int(w.rng.choice([4, 8, 12])), 0.72), m)
    w.gem(at, r, w.gem_colour(), m)


def badge(w: Wear) -> None:
    """One to three badges: discs, stars, hearts, name plates."""
    x, y = _breast(w)
    for k in range(int(w.rng.integers(1, 4))):
        c = w.colour()
        at = w.torso.px(np.array([(x + 0.3 * (k % 2) * np.sign(-x), y + 0.26 * k)]), 0.2)[0]
        kind, r = int(w.rng.integers(0, 4)), uniform(w.rng, 0.11, 0.17)
        if kind == 0:
            w.ball(at, r, c, gloss=0.5)
            w.ball(at, 0.55 * r, w.trim(c), gloss=0)
        elif kind == 1:
            w.patch(at + r * w.u * star(5, 0.5), c)
        elif kind == 2:
            w.patch(at + heart(r * w.u), c)
        else:
            p = w.patch(at + r * w.u * np.array([(-1.7, -0.6), (1.7, -0.6), (1.7, 0.6), (-1.7, 0.6)]), c, tone=0.4)
            with w.board.clipped(p):
                w.board.stroke(
                    path(at + r * w.u * np.array([(-1.2, 0), (1.0, 0)]), closed=False), w.trim(c), 0.25 * r * w.u
                )


def medals(w: Wear) -> None:
    """A row of medals on ribbons."""
    x, y = _breast(w)
    n, m = int(w.rng.integers(1, 5)), w.metal()
    for k in range(n):
        c = w.colour()
        at = w.torso.px(np.array([(x + 0.24 * (k - 0.5 * n), y)]), 0.2)[0]
        q = np.array([(-0.09, -0.12), (0.09, -0.12), (0.09, 0.12), (0, 0.2), (-0.09, 0.12)])
        p = w.patch(at + w.u * q, c, tone=0.4)
        with w.board.clipped(p):
            w.board.stroke(path(at + w.u * np.array([(0, -0.2), (0, 0.3)]), closed=False), w.trim(c), 0.06 * w.u)
        if chance(w.rng, 0.7):
            w.patch(at + w.u * (np.array([0, 0.3]) + 0.12 * star(int(w.rng.choice([4, 5, 8])), 0.55)), m)


def lanyard(w: Wear) -> None:
    """A ribbon around the neck with a card or a key."""
    c = w.colour()
    line = _cord(w, uniform(w.rng, 1.3, 2.0), 0.12)
    w.band(line, 0.09, c, tone=0.4)
    at, card = line[15], w.colour(pale=4)
    p = w.patch(at + w.u * np.array([(-0.25, 0), (0.25, 0), (0.25, 0.6), (-0.25, 0.6)]), card, tone=0.4)
    with w.board.clipped(p):
        w.board.fill(path(at + w.u * np.array([(-0.17, 0.1), (0.17, 0.1), (0.17, 0.34), (-0.17, 0.34)])), w.trim(card))


def long_chain(w: Wear) -> None:
    """A long chain or string of beads over the clothes, with a pendant."""
    m = w.metal()
    line = _cord(w, uniform(w.rng, 0.7, 1.5), 0.05)
    if chance(w.rng, 0.4):
        c = w.gem_colour()
        for p in spline(line, 36):
            w.ball(p, 0.06, c)
    else:
        w.rod(line, 0.035, m)
    pendant(w, line[15], m, uniform(w.rng, 0.11, 0.18))


def cords(w: Wear) -> None:
    """Braided cords from the shoulder to the breast, as on dress uniforms."""
    m, t, s = w.metal(), w.torso, float(w.rng.choice([-1, 1]))
    for k in range(int(w.rng.integers(2, 4))):
        q = np.array(
            [
                (s * t.shoulder * 0.92, t.y + 0.4),
                (s * t.shoulder * 0.7, t.y + 1.1 + 0.28 * k),
                (s * 0.18, t.y + 0.75 + 0.12 * k),
            ]
        )
        line = spline(t.px(q, 0.2), 22)
        w.rod(line, 0.075, m)
        for i in range(1, 21, 2):
            w.pen(np.stack([line[i] - 0.02 * w.u, line[i] + 0.02 * w.u]), m, 0.6, smooth=3)


CHEST: dict[str, Callable[[Wear], None]] = {
    "brooch": brooch,
    "badge": badge,
    "medals": medals,
    "lanyard": lanyard,
    "long_chain": long_chain,
    "cords": cords,
    "headphones": around_neck,
}
"""Kind: function."""

"""Worn at the neck, below collars: chokers, necklaces, a bell collar, a ruff."""

from collections.abc import Callable

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.accessories.base import Wear, circle
from cubiseg.portraits.accessories.crown import star
from cubiseg.portraits.accessories.masks import heart
from cubiseg.portraits.accessories.ribbons import bow
from cubiseg.portraits.paint import Points, path, ribbon, spline
from cubiseg.portraits.rng import chance, uniform
from cubiseg.portraits.tables import by_name, xy


def _round(w: Wear, share: float, sag: float = 0.09, n: int = 25, wide: float = 1.03) -> Points:
    """px of a line around the neck at a share of its length from chin to collar."""
    t = w.torso
    y = w.who.face.chin + share * w.who.face.neck_length
    a = np.linspace(-1, 1, n)
    return t.px(np.column_stack([wide * t.neck * a, y + sag * (1 - a * a)]), 0.1)


def _hung(w: Wear, length: float, n: int = 31, wide: float = 1.12) -> Points:
    """px of a chain that hangs from the neck's sides to ``length`` below its base."""
    t = w.torso
    a = np.linspace(-1, 1, n)
    y = t.y - 0.1 + (length + 0.1) * (1 - np.abs(a) ** 1.9)
    return t.px(np.column_stack([wide * t.neck * np.sign(a) * np.abs(a) ** 0.85, y]), 0.2)


def pendant(w: Wear, at: Points, m: col.Colour, size: float) -> None:
    """What hangs from a chain: stone, cross, heart, star, moon-like disc, key."""
    kind, s = int(w.rng.integers(0, 6)), size * w.u
    at = at + np.array([0, 0.8 * s])
    if kind == 0:
        w.gem(at, size, w.gem_colour(), m)
    elif kind == 1:
        t = 0.22
        xs = (-t, t, t, 0.7, 0.7, t, t, -t, -t, -0.7, -0.7, -t)
        w.patch(at + 1.3 * s * xy(xs, (-1, -1, -0.4, -0.4, 0, 0, 1.2, 1.2, 0, 0, -0.4, -0.4)), m)
    elif kind == 2:
        w.patch(at + heart(1.1 * s), w.gem_colour() if chance(w.rng, 0.5) else m)
    elif kind == 3:
        w.patch(at + 1.2 * s * star(int(w.rng.choice([4, 5, 8])), 0.45), m)
    elif kind == 4:
        w.ball(at, size, m)
        w.board.stroke(path(circle(at, 0.6 * s)), w.ink(m), 0.7 * w.line)
    else:
        w.patch(at + s * np.array([(0, -1), (0.6, -0.2), (0, 1.6), (-0.6, -0.2)]), w.gem_colour())


def choker(w: Wear) -> None:
    """A band close to the neck: plain, laced, with a pendant, a buckle or a bow."""
    c = w.colour(dark=3)
    line = _round(w, uniform(w.rng, 0.5, 0.8))
    thick = min(uniform(w.rng, 0.06, 0.2), 0.12 + 0.3 * w.who.face.neck_length)
    lace = chance(w.rng, 0.2)
    width = thick * w.u * (1 + 0.25 * lace * np.abs(np.sin(np.arange(25) * 1.57)))
    w.patch(ribbon(line, width), c, tone=0.5)
    kind = int(w.rng.integers(0, 5))
    mid = line[12]
    if kind == 0:
        pendant(w, mid + np.array([0, 0.3 * thick * w.u]), w.metal(), 0.08)
    elif kind == 1:
        m = w.metal()
        w.board.stroke(
            path(mid + thick * w.u * np.array([(-0.6, -0.6), (0.6, -0.6), (0.6, 0.6), (-0.6, 0.6)])), m, 0.035 * w.u
        )
    elif kind == 2:
        bow(w, mid, 0.24, c, 0.0)
    elif kind == 3:
        for p in line[2:-2:3]:
            w.ball(p, 0.25 * thick, w.metal())


def bell_collar(w: Wear) -> None:
    """A collar with a bell."""
    c, m = w.colour(), (0.95, 0.8, 0.36)
    line = _round(w, 0.68)
    w.patch(ribbon(line, 0.14 * w.u), c, tone=0.5)
    r = uniform(w.rng, 0.12, 0.19)
    at = line[12] + np.array([0, (0.05 + r) * w.u])
    w.ball(at, r, m)
    w.pen(at + r * w.u * np.array([(-0.95, 0.05), (0, 0.2), (0.95, 0.05)]), m, smooth=8)
    w.board.fill(path(circle(at + np.array([0, 0.45 * r * w.u]), 0.16 * r * w.u, 10)), w.ink(m))


def chain(w: Wear) -> None:
    """A fine chain with a pendant."""
    m = w.metal()
    line = _hung(w, uniform(w.rng, 0.15, 0.65))
    w.board.stroke(path(line, closed=False), w.ink(m), max(0.035 * w.u, 1.0) + 0.7 * w.line)
    w.board.stroke(path(line, closed=False), m, max(0.03 * w.u, 0.8))
    if chance(w.rng, 0.85):
        pendant(w, line[15], m, uniform(w.rng, 0.07, 0.14))


def heavy_chain(w: Wear) -> None:
    """A chain of thick links."""
    m = w.metal()
    line = spline(_hung(w, uniform(w.rng, 0.2, 0.5)), 40)
    for k, p in enumerate(line[::2]):
        w.board.stroke(path(circle(p, 0.06 * w.u, 12, 0.6 if k % 2 else 1.0)), w.ink(m), 0.04 * w.u + 1.2 * w.line)
        w.board.stroke(path(circle(p, 0.06 * w.u, 12, 0.6 if k % 2 else 1.0)), m, 0.04 * w.u)


def pearls(w: Wear) -> None:
    """One to three strings of pearls or beads."""
    c = (0.97, 0.95, 0.92) if chance(w.rng, 0.6) else w.gem_colour()
    r = uniform(w.rng, 0.045, 0.085)
    for k in range(int(w.rng.integers(1, 4))):
        line = _hung(w, 0.1 + 0.17 * k + uniform(w.rng, 0.0, 0.1), 60)
        step = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
        n = max(int(step[-1] / max(2.05 * r * w.u, 2.0)), 4)
        at = np.column_stack([np.interp(np.linspace(0, step[-1], n), step, line[:, i]) for i in (0, 1)])
        for p in at:
            w.ball(p, r, c)


def ruff(w: Wear) -> None:
    """A frilled collar around the neck."""
    c, t = w.colour(pale=4, dark=0.3), w.torso
    n, wide, high = int(w.rng.integers(9, 14)), t.neck * uniform(w.rng, 1.5, 2.0), uniform(w.rng, 0.22, 0.36)
    a = np.linspace(np.pi * 1.08, -0.08 * np.pi, 8 * n)
    y = t.y - 0.12
    wave = 1 + 0.1 * np.cos(np.arange(8 * n) * np.pi / 4)
    outer = t.px(np.column_stack([wide * wave * np.cos(a), y + high * wave * np.sin(a) + 0.05]), 0.1)
    inner = t.px(np.column_stack([0.98 * t.neck * np.cos(a), y - 0.12 + 0.1 * np.sin(a)]), 0.1)
    w.patch(np.vstack([outer, inner[::-1]]), c)
    for k in range(4, 8 * n - 4, 8):
        w.pen(np.stack([outer[k], 0.75 * inner[k] + 0.25 * outer[k]]), c, smooth=4, end=0.0)
    w.patch(ribbon(inner, 0.1 * w.u), w.trim(c), tone=0.4)
    if chance(w.rng, 0.5):
        bow(w, inner[4 * n], 0.3, w.trim(c), 0.0)


def torque(w: Wear) -> None:
    """A stiff metal ring, one or several, with a stone."""
    m = w.metal()
    for k in range(int(w.rng.integers(1, 4))):
        w.rod(_round(w, 0.45 + 0.25 * k, 0.1), 0.07, m)
    if chance(w.rng, 0.6):
        w.gem(_round(w, 0.7, 0.1)[12], 0.09, w.gem_colour(), m)


NECK: dict[str, Callable[[Wear], None]] = by_name(choker, bell_collar, chain, heavy_chain, pearls, ruff, torque)
"""Kind: function."""

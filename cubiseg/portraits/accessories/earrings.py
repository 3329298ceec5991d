"""Worn at the ears: studs, hoops, drops, tassels, crosses, cuffs, phones."""

from collections.abc import Callable

import numpy as np

from cubiseg.portraits.accessories.base import Wear, circle
from cubiseg.portraits.accessories.crown import star
from cubiseg.portraits.paint import Points, path, spline
from cubiseg.portraits.rng import chance, uniform
from cubiseg.portraits.tables import by_name, xy


def _lobes(w: Wear) -> list[tuple[int, Points]]:
    """Side and px of the lobes that face the viewer; some wear one only."""
    one = int(w.rng.choice([-1, 1])) if chance(w.rng, 0.15) else 0
    out = []
    for s in (-1, 1):
        if s * w.head.pose.yaw <= 0.28 and (not one or s == one):
            out.append((s, w.head.project(np.array([(s * 1.05, 0.47, -0.04)]))[0]))
    return out


def stud(w: Wear) -> None:
    """A small bead, stone or star."""
    m, jewel, kind, r = w.metal(), w.gem_colour(), int(w.rng.integers(0, 3)), uniform(w.rng, 0.06, 0.11)
    for _, at in _lobes(w):
        if kind == 0:
            w.ball(at, r, m)
        elif kind == 1:
            w.gem(at, r, jewel, m)
        else:
            w.patch(at + 1.3 * r * w.u * star(5, 0.45), m)


def hoop(w: Wear) -> None:
    """A ring through the lobe."""
    m, r, thick = w.metal(), uniform(w.rng, 0.1, 0.28), uniform(w.rng, 0.025, 0.06)
    for _, at in _lobes(w):
        ring = circle(at + np.array([0, r * w.u]), r * w.u, 30)
        w.rod(np.vstack([ring, ring[:1]]), thick, m)


def drop(w: Wear) -> None:
    """A hanging drop, stone or ball under a bead."""
    m, jewel, long, kind = w.metal(), w.gem_colour(), uniform(w.rng, 0.15, 0.4), int(w.rng.integers(0, 4))
    for _, at in _lobes(w):
        end = at + np.array([0, long * w.u])
        w.rod(np.stack([at, end]), 0.02, m)
        w.ball(at, 0.045, m)
        q = [[(0, -0.16), (0.09, 0.06), (0, 0.16), (-0.09, 0.06)], [(0, -0.2), (0.08, 0), (0, 0.2), (-0.08, 0)]]
        if kind < 2:
            w.patch(end + w.u * np.array(q[kind]), jewel, 20 if kind == 0 else 0)
        elif kind == 2:
            w.gem(end, 0.1, jewel, m)
        else:
            for k in range(3):
                w.ball(end + np.array([0, (0.1 * k - 0.1) * w.u]), 0.06 - 0.01 * k, jewel)


def tassel(w: Wear) -> None:
    """A bead with a tuft of threads."""
    m, c, long = w.metal(), w.colour(), uniform(w.rng, 0.3, 0.7)
    for _, at in _lobes(w):
        top = at + np.array([0, 0.16 * w.u])
        w.rod(np.stack([at, top]), 0.02, m)
        q = np.array([(-0.04, 0), (0.04, 0), (0.11, long), (-0.11, long)])
        w.patch(top + w.u * q, c)
        for x in (-0.3, 0.3):
            w.pen(top + w.u * np.array([(0, 0.05), (0.2 * x, 0.5 * long), (0.25 * x, long)]), c, 0.7)
        w.ball(top, 0.06, m)


def cross(w: Wear) -> None:
    """A hanging cross, moon, star or heart."""
    from cubiseg.portraits.accessories.masks import heart

    m, kind, s = w.metal(), int(w.rng.integers(0, 4)), uniform(w.rng, 0.13, 0.22)
    a = np.linspace(0.7, 2 * np.pi - 0.7, 20)
    moon = np.vstack(
        [np.stack([np.cos(a), np.sin(a)], 1), np.stack([0.35 + 0.75 * np.cos(a[::-1]), 0.78 * np.sin(a[::-1])], 1)]
    )
    t = 0.22
    xs = (-t, t, t, 0.7, 0.7, t, t, -t, -t, -0.7, -0.7, -t)
    plus = xy(xs, (-1, -1, -0.5, -0.5, -0.1, -0.1, 1.1, 1.1, -0.1, -0.1, -0.5, -0.5))
    for _, at in _lobes(w):
        end = at + np.array([0, (0.1 + s) * w.u])
        w.rod(np.stack([at, end]), 0.02, m)
        w.patch(end + s * w.u * (plus, moon, star(5, 0.45), heart(0.8))[kind], m)
        w.ball(at, 0.04, m)


def cuff(w: Wear) -> None:
    """Rings and chains on the ear's edge."""
    m, n, chain = w.metal(), int(w.rng.integers(1, 4)), chance(w.rng, 0.5)
    for s, at in _lobes(w):
        for k in range(n):
            line = np.array(
                [
                    (s * 1.09, 0.12 - 0.14 * k, -0.06),
                    (s * 1.17, 0.14 - 0.14 * k, -0.06),
                    (s * 1.22, 0.11 - 0.14 * k, -0.1),
                ]
            )
            w.rod(w.head.project(line), 0.05, m)
        if chain:
            top = w.head.project(np.array([(s * 1.18, 0.1, -0.06)]))[0]
            mid = 0.5 * (top + at) + np.array([s * 0.06, 0.14]) * w.u
            w.board.stroke(path(spline(np.stack([top, mid, at]), 12), closed=False), m, max(0.022 * w.u, 0.8))
            w.ball(at, 0.05, m)


def earphone(w: Wear) -> None:
    """A bud in the ear, with a cable or a stem."""
    c, cable = (0.96, 0.96, 0.97) if chance(w.rng, 0.6) else w.colour(), chance(w.rng, 0.5)
    for s, _ in _lobes(w):
        at = w.head.project(np.array([(s * 1.04, 0.2, 0.0)]))[0]
        if cable:
            v = w.who.face.chin + 0.9
            points = np.array([(s * 1.05, 0.25, 0.0), (s * 1.0, 0.8, 0.05), (s * 0.6, v, 0.1), (s * 0.1, v + 1.2, 0.2)])
            line = w.head.project(points)
            w.rod(spline(line, 24), 0.03, c)
        else:
            w.rod(np.stack([at, at + w.u * np.array([-0.03 * s, 0.2])]), 0.06, c)
        w.ball(at, 0.09, c)


EARRINGS: dict[str, Callable[[Wear], None]] = by_name(stud, hoop, drop, tassel, cross, cuff, earphone)
"""Kind: function."""

"""Hairpins, clips, combs, kanzashi, rings on locks."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.accessories.base import Wear, circle, rotated
from cubiseg.portraits.accessories.crown import star
from cubiseg.portraits.accessories.flowers import bloom
from cubiseg.portraits.accessories.geometry import Site
from cubiseg.portraits.accessories.masks import heart
from cubiseg.portraits.paint import Points, path, spline
from cubiseg.portraits.rng import chance, pick, uniform


def _temple(w: Wear, low: float = 0.0, high: float = 0.5) -> tuple[int, Site]:
    """A place on the fringe or above the temple that faces the viewer."""
    s = int(w.rng.choice([-1, 1]))
    if s * w.head.pose.yaw > 0.35:
        s = -s
    a, e = s * uniform(w.rng, 0.45, 0.95), uniform(w.rng, low, high) - (0.25 if w.covered else 0.0)
    return s, Site(w.head, a, e, 0.06)


def _bar(w: Wear, px: Points, c: col.Colour, thick: float) -> None:
    w.rod(px, thick, c)
    if thick * w.u > 4:
        off = 0.25 * thick * w.u
        w.board.stroke(path(px * (1, 1) - np.array([0, off]), closed=False), col.light(c, 0.7), 0.22 * thick * w.u, 0.8)


def bars(w: Wear) -> None:
    """One to three straight pins, parallel."""
    s, site = _temple(w)
    c, n, half, thick = w.colour(), int(w.rng.integers(1, 4)), uniform(w.rng, 0.14, 0.26), uniform(w.rng, 0.045, 0.1)
    turn = s * uniform(w.rng, -0.2, 0.7)
    for k in range(n):
        q = rotated(np.array([(-half, 0.16 * k), (half, 0.16 * k)]), turn)
        _bar(w, site.px(q), c if chance(w.rng, 0.8) else w.trim(c), thick)


def crossed(w: Wear) -> None:
    """Two pins that cross in an x, sometimes two pairs."""
    s, site = _temple(w)
    c, half, thick = w.colour(), uniform(w.rng, 0.14, 0.24), uniform(w.rng, 0.045, 0.085)
    turn = uniform(w.rng, 0.35, 0.6)
    for k in range(2 if chance(w.rng, 0.2) else 1):
        for a in (-turn, turn):
            q = np.array([0, 0.3 * k]) + rotated(np.array([(-half, 0.0), (half, 0.0)]), a + 0.4 * s)
            _bar(w, site.px(q), c, thick)


def shapes(w: Wear) -> None:
    """A clip shaped as a heart, a star, a moon, a drop, a paw or a fruit."""
    _, site = _temple(w)
    c, r, turn = w.colour(), uniform(w.rng, 0.13, 0.24), uniform(w.rng, -0.4, 0.4)
    kind = pick(w.rng, {"heart": 1, "star": 1.4, "moon": 0.7, "ball": 0.8, "cherry": 0.5, "snow": 0.5})
    if kind == "heart":
        w.patch(site.px(rotated(heart(r), turn)), c)
    elif kind == "star":
        w.patch(site.px(rotated(r * 1.15 * star(5, uniform(w.rng, 0.42, 0.6)), turn)), c)
    elif kind == "moon":
        a = np.linspace(0.75, 2 * np.pi - 0.75, 22)
        q = np.vstack(
            [np.stack([np.cos(a), np.sin(a)], 1), np.stack([0.33 + 0.74 * np.cos(a[::-1]), 0.76 * np.sin(a[::-1])], 1)]
        )
        w.patch(site.px(rotated(r * q, turn)), c)
    elif kind == "ball":
        for k in range(int(w.rng.integers(1, 3))):
            w.ball(site.px(np.array([(0.22 * k, 0.06 * k)]))[0], 0.6 * r, c)
    elif kind == "cherry":
        for x, y in ((-0.6, 0.6), (0.6, 0.45)):
            w.rod(site.px(np.array([(0, -0.7), (0.5 * x, -0.1), (x, y)]) * r), 0.03, (0.3, 0.5, 0.25))
            w.ball(site.px(np.array([(x, y)]) * r)[0], 0.55 * r, (0.85, 0.12, 0.2))
    else:
        for k in range(3):
            q = rotated(np.array([(-r, 0), (r, 0)]), k * np.pi / 3 + turn)
            w.rod(site.px(q), 0.05, c)


def clip(w: Wear) -> None:
    """A broad snap clip, a rectangle or a rounded triangle."""
    s, site = _temple(w)
    c, a, b = w.colour(), uniform(w.rng, 0.2, 0.34), uniform(w.rng, 0.07, 0.13)
    turn = s * uniform(w.rng, 0.0, 0.9)
    if chance(w.rng, 0.5):
        q, n = np.array([(-a, -b), (a, -b), (a, b), (-a, b)]), 0
    else:
        q, n = (
            np.array(
                [(-a, -0.2 * b), (0, -0.8 * b), (a, -1.2 * b), (a * 1.1, 0), (a, 1.2 * b), (0, 0.8 * b), (-a, 0.2 * b)]
            ),
            36,
        )
    p = w.patch(site.px(rotated(q, turn)), c, n)
    if chance(w.rng, 0.3):
        w.pattern(p, w.trim(c), "stripes", 0.12, 0.6)
        w.board.stroke(p, w.ink(c), w.line)
    elif n:
        hole = site.px(rotated(q * 0.55 + (0.03, 0), turn))
        w.board.stroke(path(spline(hole, 30, closed=True)), w.ink(c), 0.7 * w.line)


def hair_jewel(w: Wear) -> None:
    """A wing, a leaf or a stone of metal at the side of the head."""
    s, site = _temple(w, 0.1, 0.6)
    m, c = w.metal(), w.gem_colour()
    n, size = int(w.rng.integers(3, 6)), uniform(w.rng, 0.25, 0.45)
    if chance(w.rng, 0.6):
        for k in range(n):
            q = size * (1 - 0.12 * k) * np.array([(0, 0), (0.5, -0.14), (1.25, -0.05), (0.5, 0.14)])
            w.patch(site.px(rotated(q, -0.7 + 0.4 * k) * (s, 1)), m, 18, line=0.8)
    w.gem(site.at, 0.3 * size, c, m)


def kanzashi(w: Wear) -> None:
    """A flower or a fan on a long pin, with dangling chains."""
    s, site = _temple(w, 0.25, 0.7)
    m, c = w.metal(), w.colour(dark=0.3)
    stick = site.px(np.array([(-0.2 * s, 0.15), (0.85 * s, -0.5)]))
    w.rod(stick, 0.05, m)
    w.ball(stick[1], 0.09, w.gem_colour())
    n, down = int(w.rng.integers(2, 6)), np.array([0.0, 1.0])
    for k in range(n):
        top = site.px(np.array([((k - 0.5 * n) * 0.12, 0.15)]))[0]
        for i in range(int(w.rng.integers(3, 7))):
            at = top + w.u * 0.13 * (i + 1) * down
            q = np.array([(0, -0.07), (0.055, 0.03), (0, 0.08), (-0.055, 0.03)])
            w.patch(at + w.u * q, c if (i + k) % 2 else m, line=0.6, tone=0.4)
    kind = pick(w.rng, {"round": 1, "cherry": 1, "pointed": 1})
    for spot in ((0.3 * s, -0.05), (0.0, 0.0)):
        bloom(w, site.px(np.array([spot]))[0], uniform(w.rng, 0.18, 0.3), c, kind=kind)


def comb(w: Wear) -> None:
    """A curved comb or a pair of sticks stuck into the hair above."""
    s = int(w.rng.choice([-1, 1]))
    c = w.metal() if chance(w.rng, 0.5) else w.colour()
    if chance(w.rng, 0.5):
        site = Site(w.head, s * uniform(w.rng, 0.2, 0.7), uniform(w.rng, 0.75, 1.0), 0.05)
        a = np.linspace(np.pi, 2 * np.pi, 16)
        q = np.vstack(
            [np.stack([np.cos(a), 0.8 * np.sin(a)], 1), np.stack([0.8 * np.cos(a[::-1]), 0.3 * np.sin(a[::-1])], 1)]
        )
        w.patch(site.px(0.42 * q), c)
        for k in np.linspace(0.2, 0.8, 4):
            w.gem(site.px(0.42 * q[int(15 * k)][None] * 0.85)[0], 0.045, w.gem_colour())
        return
    site = Site(w.head, s * 1.2, 0.75, 0.0)
    for k in range(2):
        line = site.px(np.array([(-0.3, 0.1 + 0.1 * k), (1.0, -0.5 - 0.35 * k)]) * (s, 1))
        w.rod(line, 0.06, c)
        w.ball(line[1], 0.09, w.trim(c))


def lock_rings(w: Wear) -> None:
    """Beads or metal rings around the side locks."""
    m, n, v0 = w.metal() if chance(w.rng, 0.6) else w.colour(), int(w.rng.integers(1, 4)), uniform(w.rng, 0.2, 0.7)
    done: set[int] = set()
    for d in w.hair.front[::-1]:
        p = d.strand.points
        side = int(np.sign(p[-1, 0]))
        if p[-1, 1] < v0 + 0.25 or abs(p[-1, 0]) < 0.7 or side in done:
            continue
        i = int(np.argmin(np.abs(spline(p, len(d.line))[:, 1] - v0)))
        half = 0.56 * float(d.width[i])
        if not 1 <= i < len(d.line) - 1 or half > 0.24 * w.u:
            continue
        done.add(side)
        along = d.line[i + 1] - d.line[i - 1]
        along /= max(float(np.hypot(*along)), 1e-6)
        across, h = half * np.array([-along[1], along[0]]), 0.05 * w.u * along
        for k in range(n):
            o = d.line[i] + along * (0.14 * w.u * k)
            w.patch(np.stack([o - across - h, o + across - h, o + across + h, o - across + h]), m)
    if not done:
        bars(w)


def beads(w: Wear) -> None:
    """A string of beads over the hair from the parting to the side."""
    s, c, r = (
        int(w.rng.choice([-1, 1])),
        w.gem_colour() if chance(w.rng, 0.5) else (0.97, 0.95, 0.92),
        uniform(w.rng, 0.04, 0.07),
    )
    t = np.linspace(0, 1, int(w.rng.integers(9, 16)))
    e = uniform(w.rng, 0.55, 0.8) - 0.6 * t + 0.25 * np.sin(np.pi * t) - (0.4 if w.covered else 0.0)
    for a, b in zip(s * (0.2 + 1.1 * t), e, strict=True):
        site = Site(w.head, float(a), float(b), 0.05)
        if site.seen:
            w.ball(site.at, r, c)
    end = circle(np.zeros(2), 0.1)
    site = Site(w.head, s * 1.3, float(e[-1]), 0.06)
    if site.seen:
        w.patch(site.px(end), w.metal())

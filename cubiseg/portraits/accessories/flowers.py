"""Flowers, leaves and feathers for hair, hats and wreaths."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.accessories.base import Wear, rotated
from cubiseg.portraits.accessories.geometry import Site
from cubiseg.portraits.paint import Points, path, spline
from cubiseg.portraits.rng import chance, uniform

_PETALS = {
    "round": [(0.0, 0.12), (0.3, 0.4), (0.33, 0.8), (0.0, 1.0), (-0.33, 0.8), (-0.3, 0.4)],
    "pointed": [(0.0, 0.1), (0.26, 0.5), (0.0, 1.05), (-0.26, 0.5)],
    "cherry": [(0.0, 0.1), (0.34, 0.55), (0.26, 0.98), (0.0, 0.84), (-0.26, 0.98), (-0.34, 0.55)],
    "long": [(0.0, 0.1), (0.13, 0.5), (0.1, 0.95), (0.0, 1.05), (-0.1, 0.95), (-0.13, 0.5)],
}


def bloom(w: Wear, at: Points, r: float, c: col.Colour, *, kind: str | None = None, squash: float = 1.0) -> None:
    """A flower of radius ``r`` head units seen from the front."""
    kind = kind or list(_PETALS)[int(w.rng.integers(0, 4))]
    n = {"round": 5, "cherry": 5, "pointed": int(w.rng.integers(5, 9)), "long": 11}[kind]
    petal, s, turn = np.array(_PETALS[kind]), r * w.u, w.rng.random() * 6
    for ring, size in ((0, 1.0), (1, 0.62)) if kind == "pointed" and chance(w.rng, 0.5) else ((0, 1.0),):
        for k in range(n):
            q = rotated(petal * size, turn + 2 * np.pi * (k + 0.5 * ring) / n) * (1, squash)
            w.patch(at + s * q, c, 18, tone=0.7, line=0.8)
            if s > 7:
                w.board.ink(at + s * q.mean(axis=0) * np.array([[0.5], [1.3]]), w.dark(c), 0.05 * s, 0.7)
    heart = (1.0, 0.86, 0.35) if col.luma(c) < 0.85 or chance(w.rng, 0.6) else col.shade(c, 0.5)
    w.ball(at, 0.2 * r, heart, gloss=0)


def rose(w: Wear, at: Points, r: float, c: col.Colour) -> None:
    """A rose: a round head of turned leaves."""
    a = np.linspace(0, 2 * np.pi, 10, endpoint=False)
    edge = (1 + 0.07 * np.cos(5 * a))[:, None] * np.stack([np.cos(a), np.sin(a)], 1)
    w.patch(at + r * w.u * edge, c, 40)
    t = np.linspace(0.3, 3.6 * np.pi, 40)
    curl = (0.08 + 0.075 * t)[:, None] * np.stack([np.cos(t), np.sin(t)], 1)
    w.board.ink(at + r * w.u * curl, w.ink(c), max(w.line, 0.012 * w.u), 0.85, start=0.4, end=0.6)
    w.board.spot(at, 0.5 * r * w.u, w.dark(c), 0.5)


def leaf(w: Wear, at: Points, r: float, angle: float, c: col.Colour) -> None:
    """A pointed leaf with a middle rib."""
    q = np.array([(0, 0), (0.25, 0.4), (0.22, 0.75), (0, 1.1), (-0.22, 0.75), (-0.25, 0.4)])
    w.patch(at + r * w.u * rotated(q, angle), c, 20, tone=0.6)
    w.pen(at + r * w.u * rotated(np.array([(0, 0.1), (0.02, 0.55), (0, 0.9)]), angle), c, 0.7, smooth=6)


def _green(w: Wear) -> col.Colour:
    return col.hsv(uniform(w.rng, 0.26, 0.42), uniform(w.rng, 0.35, 0.7), uniform(w.rng, 0.35, 0.75))


def flower(w: Wear) -> None:
    """One big flower, or a cluster with leaves, at the side of the head."""
    side, c = w.rng.choice([-1.0, 1.0]), w.colour(dark=0.3)
    site = Site(w.head, side * uniform(w.rng, 0.75, 1.2), uniform(w.rng, 0.1, 0.7) - 0.4 * w.covered, 0.08)
    if not site.seen:
        return
    r, green = uniform(w.rng, 0.2, 0.4), _green(w)
    more = int(w.rng.integers(0, 3)) if chance(w.rng, 0.55) else 0
    for k in range(int(w.rng.integers(0, 4))):
        leaf(w, site.at, r * 1.5, 2 * k + w.rng.random(), green)
    spots = [np.zeros(2), np.array([0.75, 0.65]), np.array([-0.8, 0.5])][: more + 1][::-1]
    kind, rosy = list(_PETALS)[int(w.rng.integers(0, 4))], chance(w.rng, 0.25)
    for k, spot in enumerate(spots):
        size = r * (1.0 if k == more else uniform(w.rng, 0.55, 0.8))
        at = site.px(spot[None] * r * 1.3)[0]
        shade = c if k == more else col.mix(c, w.trim(c), 0.5 * w.rng.random())
        if rosy:
            rose(w, at, size * 0.8, shade)
        else:
            bloom(w, at, size, shade, kind=kind)
    if chance(w.rng, 0.3):
        _streamers(w, site, r)


def _streamers(w: Wear, site: Site, r: float) -> None:
    for k in range(int(w.rng.integers(2, 4))):
        x, n = (k - 1) * 0.4 * r, int(w.rng.integers(3, 6))
        for i in range(n):
            w.ball(site.at + w.u * np.array([x, 0.9 * r + 0.12 * i]), 0.045, w.who.accent)


def feather(w: Wear) -> None:
    """A feather or two stuck at the side, pointing back."""
    side, c = w.rng.choice([-1.0, 1.0]), w.colour()
    site = Site(w.head, side * uniform(w.rng, 0.9, 1.3), uniform(w.rng, 0.2, 0.6) - 0.3 * w.covered, 0.06)
    for k in range(int(w.rng.integers(1, 4))):
        plume(w, site.at, uniform(w.rng, 0.6, 1.1), np.pi + side * (0.45 + 0.5 * k), c)
    w.gem(site.at, 0.09, w.gem_colour(), w.metal())


def plume(w: Wear, at: Points, length: float, angle: float, c: col.Colour) -> None:
    """A feather from a point, ``angle`` clockwise from straight down."""
    t = np.linspace(0, 1, 14)
    spine = np.column_stack([0.18 * np.sin(2.2 * t), t]) * length
    half = 0.17 * length * np.sin(np.pi * np.clip(t, 0.04, 1) ** 0.8) * (1 + 0.18 * np.cos(9 * np.pi * t))
    q = np.vstack([spine + np.column_stack([half, 0.1 * half]), (spine - np.column_stack([half, -0.1 * half]))[::-1]])
    w.patch(at + w.u * rotated(q, angle), c, 60, tone=0.7)
    w.pen(at + w.u * rotated(spine, angle), c, 1.0, start=0.8, end=0.1)


def wreath(w: Wear) -> None:
    """A ring of flowers and leaves around the head."""
    from cubiseg.portraits.accessories.geometry import Ring

    ring = Ring(w.head, uniform(w.rng, -1.15, -0.8), uniform(w.rng, 0.05, 0.3), 0.0, 0.0)
    green, c, c2 = _green(w), w.colour(dark=0.2), w.colour(dark=0.2)
    line = ring.arc(1.02)
    w.covers.append(path(np.vstack([ring.arc(1.02, -0.12), ring.arc(1.02, 0.1)[::-1]])))
    w.rod(spline(line, 40), 0.05, green)
    points = spline(line, int(w.rng.integers(7, 12)))
    kind, rosy, r = list(_PETALS)[int(w.rng.integers(0, 4))], chance(w.rng, 0.3), uniform(w.rng, 0.2, 0.34)
    for at in points:
        for s in (-1, 1):
            leaf(w, at, 1.25 * r, s * uniform(w.rng, 0.9, 2.2), green)
    for k, at in enumerate(points):
        size = r * uniform(w.rng, 0.75, 1.15)
        if rosy and k % 2 == 0:
            rose(w, at, 0.85 * size, c)
        else:
            bloom(w, at, size, c if k % 2 else c2, kind=kind)

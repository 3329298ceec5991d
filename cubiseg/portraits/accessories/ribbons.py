"""Bows and ribbons."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.accessories.base import Wear, rotated
from cubiseg.portraits.accessories.geometry import Site
from cubiseg.portraits.paint import path
from cubiseg.portraits.rng import chance, pick, uniform
from cubiseg.portraits.tables import Point, pairs


def bow(
    w: Wear,
    at: np.ndarray,
    size: float,
    c: col.Colour,
    angle: float,
    *,
    tails: float | None = None,
    edge: col.Colour | None = None,
) -> None:
    """A tied bow of half width ``size`` head units at a point in px; ``tails`` their length in sizes (0 none)."""
    rng, s = w.rng, size * w.u
    high, droop, pinch = uniform(rng, 0.32, 0.62), uniform(rng, -0.12, 0.2), uniform(rng, 0.05, 0.16)
    tails = (uniform(rng, 0.7, 1.9) if chance(rng, 0.75) else 0.0) if tails is None else tails
    notch, splay = pick(rng, {0.0: 1, 0.18: 2, -0.15: 1}), uniform(rng, 0.2, 0.6)

    def put(points: list[Point], side: int) -> np.ndarray:
        return at + s * rotated(np.array(points) * (side, 1), angle)

    for side in (-1, 1):
        if tails:
            n = tails * uniform(rng, 0.85, 1.1)
            end = [
                *[(0.0, 0.0), (0.1 + splay * 0.5, 0.45 * n), (splay * n * 0.6 + 0.05, n)],
                *[(splay * n * 0.6 + 0.25, n - notch - 0.05), (splay * n * 0.6 + 0.48, 0.93 * n)],
                (0.3 + 0.6 * splay, 0.4 * n),
            ]
            p = w.patch(put(end, side), w.dark(c, 0.35), tone=0.7)
            if edge:
                with w.board.clipped(p):
                    w.board.stroke(p, edge, 0.12 * s)
                w.board.stroke(p, w.ink(c), w.line)
    for side in (-1, 1):
        xs = (0, 0.45, 0.95, 1.08, 1.0, 0.5, 0)
        loop = pairs(xs, (-pinch, -high * 0.85, -high + droop, -0.1 + droop, high * 0.8 + droop, high * 0.62, pinch))
        inside = [(0.42, -0.1), (0.98, -high * 0.72 + droop), (1.06, -0.05 + droop), (0.94, high * 0.45 + droop)]
        p = w.patch(put(loop, side), c, 40)
        if edge:
            with w.board.clipped(p):
                w.board.stroke(p, edge, 0.14 * s)
            w.board.stroke(p, w.ink(c), w.line)
        if high > 0.45:
            with w.board.clipped(p):
                w.board.fill(path(put(inside, side)), w.dark(c, 0.9), 0.45)
        w.pen(put([(0.1, -0.05), (0.35, -0.12), (0.62, -0.2 + 0.5 * droop)], side), c, end=0.0)
        w.pen(put([(0.1, 0.05), (0.35, 0.1), (0.55, 0.18 + 0.5 * droop)], side), c, 0.8, end=0.0)
    k = uniform(rng, 0.14, 0.24)
    rotated_points = np.array([(-k, -0.2), (0, -0.24), (k, -0.2), (k * 1.1, 0.2), (0, 0.25), (-k * 1.1, 0.2)])
    shape = at + s * rotated(rotated_points, angle)
    w.patch(shape, c, 24)


def soft_bow(w: Wear, site: Site, size: float, c: col.Colour, angle: float) -> None:
    """A bow on a place of the hair, sometimes edged, with a gem or a bell."""
    edge = w.trim(c) if chance(w.rng, 0.22) else None
    bow(w, site.at, size, c, angle + w.head.pose.roll, edge=edge)
    if chance(w.rng, 0.15):
        w.gem(site.at, 0.22 * size, w.gem_colour(), w.metal())


def crown_bow(w: Wear) -> None:
    """A big bow on or behind the crown, or at one side of it."""
    side = w.rng.choice([-1.0, 1.0])
    a, e = side * uniform(w.rng, 0.0, 1.4), uniform(w.rng, 0.75, 1.25)
    if w.covered:
        a, e = side * uniform(w.rng, 1.2, 1.6), -0.1
    site = Site(w.head, a, e, 0.1)
    soft_bow(w, site, uniform(w.rng, 0.38, 0.85) * (0.6 if w.covered else 1), w.colour(), 0.5 * float(np.sin(a)))


def side_bow(w: Wear) -> None:
    """A small bow at one temple."""
    side = w.rng.choice([-1.0, 1.0])
    site = Site(w.head, side * uniform(w.rng, 0.75, 1.15), uniform(w.rng, 0.0, 0.5) - 0.25 * w.covered, 0.06)
    if site.seen:
        soft_bow(w, site, uniform(w.rng, 0.2, 0.38), w.colour(), side * uniform(w.rng, 0.0, 0.9))


def twin_bows(w: Wear) -> None:
    """A pair of equal bows on both sides."""
    c, size, e = w.colour(), uniform(w.rng, 0.22, 0.42), uniform(w.rng, 0.15, 0.9) - 0.6 * w.covered
    a, state = uniform(w.rng, 0.85, 1.45), w.rng.bit_generator.state
    for side in (-1, 1):
        w.rng.bit_generator.state = state  # the same bow twice
        site = Site(w.head, side * a, max(e, -0.25), 0.08)
        if site.facing > -0.5:
            soft_bow(w, site, size, c, 0.35 * side)


def woven(w: Wear) -> None:
    """A ribbon wound along a lock at one side, crossing it."""
    side, c = w.rng.choice([-1.0, 1.0]), w.colour()
    n = int(w.rng.integers(3, 6))
    x, v0 = 1.12, uniform(w.rng, -0.1, 0.15)
    for k in range(n):
        v = v0 + 0.17 * k
        for s in (-1, 1):
            points = np.array([(side * (x - 0.11), v - 0.05 * s, 0.5), (side * (x + 0.11), v + 0.05 * s, 0.45)])
            line = w.head.project(points)
            w.rod(line, 0.035, c)
    bow(w, w.head.project(np.array([(side * x, v0 + 0.17 * n, 0.5)]))[0], 0.2, c, 0.0)

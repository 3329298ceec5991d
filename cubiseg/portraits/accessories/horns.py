"""Horns, antlers and antennae."""

from functools import partial

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.accessories.base import Wear
from cubiseg.portraits.accessories.geometry import Site
from cubiseg.portraits.paint import Points, path, ribbon, spline
from cubiseg.portraits.rng import chance, uniform


def _horn_colour(w: Wear) -> col.Colour:
    r = w.rng.random()
    if r < 0.35:
        return col.hsv(w.rng.random(), uniform(w.rng, 0.0, 0.3), uniform(w.rng, 0.1, 0.3))
    if r < 0.7:
        return col.hsv(uniform(w.rng, 0.06, 0.13), uniform(w.rng, 0.08, 0.35), uniform(w.rng, 0.7, 0.98))
    return w.colour()


def _grow(
    w: Wear,
    line: Points,
    width: float,
    c: col.Colour,
    *,
    tip: float = 0.05,
    ridges: int = 0,
    power: float = 0.8,
    board: object = None,
) -> None:
    """A tapering horn along a line in px."""
    n = len(line)
    t = np.linspace(0, 1, n)
    half = width * w.u * (tip + (1 - tip) * (1 - t**1.2) ** power)
    p = w.patch(ribbon(line, half), c)
    with w.board.clipped(p):
        for k in range(1, ridges + 1):
            i = int((n - 2) * 0.85 * k / (ridges + 1))
            d = line[i + 1] - line[i]
            side = np.array([-d[1], d[0]]) / max(float(np.hypot(*d)), 1e-6) * 0.55 * half[i]
            bulge = d / max(float(np.hypot(*d)), 1e-6) * 0.25 * half[i]
            w.pen(np.stack([line[i] - side, line[i] + bulge, line[i] + side]), c, 0.9, smooth=8)


def horns(w: Wear, kind: str) -> None:
    """A pair of horns; ``kind`` small, oni, curled, dragon, antlers, antennae, lone."""
    c, rng = _horn_colour(w), w.rng
    size, spread = uniform(rng, 0.8, 1.25), uniform(rng, 0.8, 1.2)
    ridges = int(rng.integers(0, 6))
    order = (-1, 1) if w.head.pose.yaw < 0 else (1, -1)
    if kind == "lone":
        stem = np.array([(0, 0, 0), (0.0, -0.5, 0.2), (0.02, -1.1, 0.25)]) * size
        root_px = w.head.project(_anchor(w, 0.0, 1.0) + spline(stem, 20))
        _grow(w, root_px, 0.26, c, ridges=ridges)
        _locks(w, root_px[0], 0.25)
        return
    for s in order:
        if kind == "small":
            line, width, root = [(0, 0.05, 0), (0.12, -0.25, 0.05), (0.08, -0.55, 0.1)], 0.3, (0.55, 1.0)
        elif kind == "oni":
            line, width, root = (
                [(0, 0.08, 0), (0.1, -0.35, 0.1), (0.2, -0.7, 0.1), (0.2, -0.95, 0.1)],
                0.26,
                (0.42, 0.82),
            )
        elif kind == "dragon":
            line, root = [(0, 0.05, 0), (0.35, -0.3, -0.1), (0.5, -0.75, -0.3), (0.9, -1.15, -0.5)], (0.85, 0.75)
            width = 0.34
        elif kind == "curled":
            t = np.linspace(0, 2 * np.pi * 0.82, 12)
            r = 0.52 * (1 - 0.075 * t)
            line = [
                (0.1 + r_ * np.sin(a) * 0.9, 0.1 - r_ * (1 - 1.1 * np.cos(a)) - 0.5, 0.25 * np.sin(a))
                for a, r_ in zip(t, r, strict=True)
            ]
            line = [(p[0], p[1] + 0.55, p[2]) for p in line]
            width, root = 0.4, (1.15, 0.62)
        elif kind == "antennae":
            _antenna(w, s, size, spread, c)
            continue
        else:
            _antler(w, s, size, spread, c)
            continue
        at = _anchor(w, s * root[0] * (0.8 + 0.2 * spread), root[1])
        px = w.head.project(at + size * spline(np.array(line) * (s, 1, 1), 30))
        _grow(w, px, width * size**0.5, c, ridges=ridges if kind != "curled" else 7)
        _locks(w, px[0], width * 0.9)


def _anchor(w: Wear, a: float, e: float) -> Points:
    return Site(w.head, a, e, -0.06).point


def _locks(w: Wear, at: Points, width: float) -> None:
    """Let the hair below cover the horn's root."""
    s = width * w.u
    for x in (-0.5, 0.05, 0.5):
        q = at + s * np.array([(x - 0.3, 0.3), (x - 0.05, -0.12), (x + 0.1, -0.25), (x + 0.3, 0.35)])
        w.cut(q)


def _antler(w: Wear, s: int, size: float, spread: float, c: col.Colour) -> None:
    at = _anchor(w, s * 0.6, 0.95)
    main = (
        np.array([(0, 0.05, 0), (0.25, -0.4, 0.0), (0.6, -0.75, -0.05), (0.7, -1.25, -0.05)])
        * (s * spread, 1, 1)
        * size
    )
    px = spline(main, 26)
    for i, tip in ((8, (-0.15, -0.45)), (14, (0.4, -0.2)), (19, (-0.22, -0.4))):
        end = px[i] + np.array([s * tip[0], tip[1], 0]) * size
        mid = 0.5 * (px[i] + end) + np.array([s * 0.05, 0.05, 0])
        _grow(w, w.head.project(at + spline(np.stack([px[i], mid, end]), 12)), 0.12, c, tip=0.35)
    _grow(w, w.head.project(at + px), 0.17, c, tip=0.35)
    _locks(w, w.head.project(at + px[:1])[0], 0.2)


def _antenna(w: Wear, s: int, size: float, spread: float, c: col.Colour) -> None:
    at = _anchor(w, s * 0.5, 1.1)
    line = np.array([(0, 0.05, 0), (0.12, -0.45, 0.1), (0.4 * spread, -0.8, 0.1)]) * (s, 1, 1) * size
    px = w.head.project(at + spline(line, 16))
    w.rod(px, 0.05, c)
    w.ball(px[-1], 0.14, w.trim(c))


def gadgets(w: Wear) -> None:
    """Hair ornaments of a machine: plates at both sides with fins or aerials, and a light."""
    c, glow = w.colour(), col.hsv(w.rng.random(), 0.7, 1.0)
    kind, high, e = int(w.rng.integers(0, 3)), uniform(w.rng, 0.5, 1.2), uniform(w.rng, 0.15, 0.6)
    for s in (-1, 1):
        site = Site(w.head, s * uniform(w.rng, 1.2, 1.4), e, 0.06, firm=0.45)
        if site.facing < -0.55:
            continue
        if kind == 0:
            fin = np.array([(-0.16, 0.25), (0.16, 0.3), (0.3, -0.3), (0.12, -high), (-0.1, -0.35)]) * (s, 1)
        elif kind == 1:
            fin = np.array([(-0.05, 0.1), (0.05, 0.1), (0.03, -1.3 * high), (-0.02, -1.3 * high)]) * (s, 1)
        else:
            fin = np.array([(-0.2, 0.2), (0.2, 0.35), (0.6 * high, -0.1), (0.75 * high, -0.55), (0.2, -0.35)]) * (s, 1)
        w.patch(site.px(fin), w.trim(c) if chance(w.rng, 0.4) else c)
        base = np.array([(-0.26, -0.2), (0.2, -0.3), (0.3, 0.12), (0.05, 0.34), (-0.28, 0.22)]) * (s, 1)
        w.covers.append(w.patch(site.px(base), c))
        w.board.fill(path(site.px(np.array([(-0.12, -0.04), (0.14, -0.12), (0.16, 0.0), (-0.1, 0.08)]) * (s, 1))), glow)


HORNS = {
    name: partial(horns, kind=kind)
    for name, kind in {
        "small_horns": "small",
        "oni_horns": "oni",
        "curled_horns": "curled",
        "dragon_horns": "dragon",
        "antlers": "antlers",
        "antennae": "antennae",
        "lone_horn": "lone",
    }.items()
}
"""Kind: function."""

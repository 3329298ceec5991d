"""Animal ears worn on the head: cat, fox, wolf, floppy dog, rabbit, mouse, bear."""

from functools import partial

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.accessories.bands import over, shown
from cubiseg.portraits.accessories.base import Wear
from cubiseg.portraits.paint import Points, path, spline, taper
from cubiseg.portraits.rng import chance, uniform
from cubiseg.portraits.tables import Point

# local points: x outwards, y up, root from (-1, 0) to (1, 0); then the points of the inner side
_CAT = [(-1.0, -0.1), (-0.85, 0.55), (-0.25, 1.3), (0.28, 1.75), (0.8, 1.05), (1.08, 0.2), (1.0, -0.35)]
_FOX = [(-1.0, -0.1), (-0.95, 0.7), (-0.4, 1.7), (0.12, 2.35), (0.72, 1.5), (1.1, 0.4), (1.0, -0.35)]
_WOLF = [(-1.0, -0.1), (-1.05, 0.8), (-0.5, 1.6), (0.02, 2.0), (0.62, 1.4), (1.15, 0.5), (1.05, -0.35)]
_ROUND = [(-0.75, -0.05), (-1.15, 0.6), (-0.85, 1.45), (0.1, 1.75), (1.0, 1.35), (1.25, 0.5), (0.85, -0.3)]
_RABBIT = [(-0.6, -0.1), (-0.85, 1.2), (-0.8, 2.9), (-0.25, 4.3), (0.25, 4.45), (0.75, 3.2), (0.85, 1.2), (0.65, -0.2)]
_FLOP = [(-0.8, 0.2), (-0.4, 0.75), (0.5, 0.9), (1.35, 0.4), (1.75, -0.8), (1.45, -1.75), (0.85, -1.7), (0.5, -0.7)]


def _plate(w: Wear, side: int, x: float, z: float, points: Points, size: float, splay: float, tilt: float) -> Points:
    """px of an ear's local points: its root on the hair at ``x``, turned outwards and leaned."""
    c, r = w.head.hair_centre, w.head.hair_radii
    y = c[1] - r[1] * np.sqrt(max(1 - (x / r[0]) ** 2 - ((z - c[2]) / r[2]) ** 2, 0.02)) + 0.1
    p = np.asarray(points, float) * size
    ct, st = np.cos(tilt), np.sin(tilt)
    px, py = ct * p[:, 0] + st * p[:, 1], -st * p[:, 0] + ct * p[:, 1]
    world = np.column_stack([side * (x + px * np.cos(splay)), y - py, z - px * np.sin(splay)])
    return w.head.project(world)


def _curve(points: list[Point] | Points, n: int = 40) -> Points:
    return spline(points, n)


def ears(w: Wear, kind: str) -> None:
    """A pair of ears, on a band or grown from the hair."""
    rng = w.rng
    fur = w.who.hair if chance(rng, 0.55) else w.colour()
    inner = col.mix(fur, (1.0, 0.72, 0.74), 0.7) if chance(rng, 0.6) else col.light(fur, 0.6)
    if chance(rng, 0.2):
        inner = w.dark(fur, 1.2)
    long = kind == "rabbit"
    size = {"cat": 0.46, "fox": 0.44, "wolf": 0.44, "mouse": 0.58, "bear": 0.4, "rabbit": 0.36, "dog": 0.5}[kind]
    size *= uniform(rng, 0.85, 1.25)
    x = {"cat": 0.8, "fox": 0.78, "wolf": 0.8, "mouse": 0.95, "bear": 0.85, "rabbit": 0.45, "dog": 0.9}[kind]
    x = min(x * uniform(rng, 0.9, 1.1), 0.85 * w.head.hair_radii[0])
    z, splay, tilt = uniform(rng, -0.15, 0.15), uniform(rng, 0.1, 0.6), uniform(rng, 0.02, 0.35)
    shape = {"cat": _CAT, "fox": _FOX, "wolf": _WOLF, "mouse": _ROUND, "bear": _ROUND, "rabbit": _RABBIT, "dog": _FLOP}[
        kind
    ]
    if chance(rng, 0.45):
        line = spline(shown(w.head, over(w.head, 0.1, 0.02, 0.1)), 40)
        with w.board.on("headwear"):
            p = w.band(line, 0.09 * taper(40, 0.7, 0.7), w.colour(dark=2), tone=0.3)
        w.covers.append(p)
    dip = 0.22 if chance(rng, 0.25) and kind != "dog" else 0.0  # dark or white tips
    tip_colour = col.WHITE if col.luma(fur) < 0.55 else w.dark(fur, 1.6)
    fold = long and chance(rng, 0.4)
    order = (-1, 1) if w.head.pose.yaw < 0 else (1, -1)
    twitch = [uniform(rng, -0.12, 0.12) for _ in order]
    for side, turn in zip(order, twitch, strict=True):
        lean = tilt + turn + (0.35 if kind == "dog" else 0.0)
        bend = fold and side == order[0]
        outline = _curve(shape)
        core = _curve(_inside(np.array(shape), kind))
        if bend:
            outline, core = (_folded(p) for p in (outline, core))
        p = path(_plate(w, side, x, z, outline, size, splay, lean))
        w.patch(p, fur)
        hole = path(_plate(w, side, x, z, core, size, splay, lean))
        with w.board.clipped(p):
            if kind != "dog":
                w.board.fill(hole, inner)
                w.shading(hole, inner, 0.9)
                w.board.stroke(hole, w.ink(fur), 0.6 * w.line, 0.7)
            if dip and not bend:
                top = _plate(w, side, x, z, _tip(outline, dip), size, splay, lean)
                w.board.fill(path(top), tip_colour)
        w.board.stroke(p, w.ink(fur), w.line)
        if kind in ("cat", "fox", "wolf"):
            _tufts(w, side, x, z, size, splay, lean, col.light(fur, 0.55) if chance(rng, 0.7) else col.WHITE)
        if kind != "dog":
            _root(w, side, x, z, size, splay, lean)


def _inside(p: Points, kind: str) -> Points:
    mid = np.array([0.05, 0.0]) if kind != "rabbit" else np.array([0.0, 0.2])
    return mid + (p - mid) * (0.68, 0.8)


def _folded(p: Points) -> Points:
    """A long ear bent over at two thirds."""
    q = p.copy()
    over_ = np.maximum(q[:, 1] - 2.7, 0)
    q[:, 1] -= 1.55 * over_
    q[:, 0] += 0.75 * over_
    return q


def _tip(p: Points, share: float) -> Points:
    top = float(p[:, 1].max())
    cut = top * (1 - 1.6 * share)
    q = p[p[:, 1] > cut]
    teeth = np.linspace(q[-1], q[0], 7)
    teeth[1::2, 1] -= 0.18
    return np.vstack([q, teeth[1:-1]])


def _tufts(w: Wear, side: int, x: float, z: float, size: float, splay: float, tilt: float, c: col.Colour) -> None:
    """Fur that grows from the ear's inner root."""
    for k, (root, top) in enumerate(
        [((-0.75, 0.0), (-0.3, 0.85)), ((-0.5, 0.0), (0.1, 0.65)), ((-0.1, -0.1), (0.42, 0.5))]
    ):
        q = np.array([root, (0.55 * root[0] + 0.35 * top[0] - 0.1, 0.55 * top[1]), top, (root[0] + 0.38, 0.12)])
        q = q * (1, 1 + 0.1 * k)
        w.patch(_plate(w, side, x, z, q, size, splay, tilt), c, 16, tone=0.0, line=0.7)


def _root(w: Wear, side: int, x: float, z: float, size: float, splay: float, tilt: float) -> None:
    """Let a few locks of the hair below cover the root."""
    for a, b in ((-1.15, -0.3), (-0.6, 0.25), (0.0, 0.75), (0.5, 1.15)):
        q = np.array([(a, -0.38), (0.5 * (a + b) - 0.1, -0.12), (b, 0.06), (b + 0.12, -0.42)])
        w.cut(_plate(w, side, x, z, q, size, splay, tilt))


EARS = {f"{kind}_ears": partial(ears, kind=kind) for kind in ("cat", "fox", "wolf", "dog", "rabbit", "mouse", "bear")}
"""Kind: function."""

"""Building blocks of hats: a crown that wraps the skull, bands around it, brims and peaks."""

import numpy as np
import skia

from cubiseg.portraits import colour as col
from cubiseg.portraits.accessories.base import Wear
from cubiseg.portraits.accessories.geometry import Ring
from cubiseg.portraits.paint import Points, path, spline
from cubiseg.portraits.rng import uniform
from cubiseg.portraits.tables import Point

DOME = [(1.02, 0.0), (1.03, 0.3), (0.92, 0.64), (0.6, 0.9), (0.0, 0.99)]
"""A crown that follows the skull."""


def seat(
    w: Wear, middle: Point = (-0.64, -0.44), slope: Point = (0.12, 0.34), lean: float = 0.07, lift: float = 0.05
) -> Ring:
    """Where a hat sits: the ring around the head at which its crown begins."""
    side = w.rng.choice([-1.0, 1.0])
    return Ring(w.head, uniform(w.rng, *middle), uniform(w.rng, *slope), side * uniform(w.rng, 0.0, lean), lift)


def crown(
    w: Wear,
    ring: Ring,
    profile: list[Point],
    c: col.Colour,
    *,
    shift: Points | None = None,
    convex: bool = True,
    whole: bool = True,
) -> skia.Path:
    """Draw a hat's crown; it covers the hair and throws a shadow. ``whole``: it presses all hair above its edge."""
    p = w.patch(ring.shell(profile, shift=shift, convex=convex), c)
    w.covers.append(p)
    if whole:
        w.rim, w.opening, w.covered = ring.rim(), path(ring.px()), True
    return p


def around(ring: Ring, low: float, high: float, k: float = 1.02, k2: float | None = None) -> Points:
    """px outline of a band on the near side of a crown between two heights (head units)."""
    top = ring.arc(k if k2 is None else k2, high)
    return np.vstack([ring.arc(k, low), top[::-1]])


def ribs(
    w: Wear, ring: Ring, low: float, high: float, c: col.Colour, k: float = 1.02, step: int = 2, width: float = 0.7
) -> None:
    """Upright ink lines on a band: knitting, pleats."""
    a, b = ring.arc(k, low), ring.arc(k, high)
    for i in range(1, len(a) - 1, step):
        w.pen(np.array([a[i], 0.5 * (a[i] + b[i]), b[i]]), c, width, smooth=5)


def seams(w: Wear, ring: Ring, profile: list[Point], c: col.Colour, n: int = 6, width: float = 0.8) -> None:
    """Ink lines from a crown's top to its edge, as between sewn panels."""
    rows = spline(np.array(profile), 9)
    lines = np.stack([ring.px(max(k, 0.0), h * ring.height) for k, h in rows])  # (9, N, 2)
    for j in range(0, ring.N, ring.N // n):
        if ring.near[(j + 2) % ring.N]:
            w.pen(lines[1:, (j + 2) % ring.N], c, width, smooth=14)


Reach = tuple[Points, Points]


def brim(
    w: Wear, ring: Ring, reach: Reach, c: col.Colour, *, near: bool, show: Points | None = None, lip: float = 0.0
) -> skia.Path | None:
    """The near or the far half of a brim. Draw the far half before the crown, the near one after it.

    Args:
        reach: (N,) growth and (N,) height of the outer edge.
        show: (N,) bool, where there is a brim at all.
        lip: width in head units of a lighter edge.
    """
    i = ring.order(near)
    i = np.concatenate([[(i[0] - 1) % ring.N], i, [(i[-1] + 1) % ring.N]])  # the halves meet
    if show is not None:
        i = i[show[i]]
    if len(i) < 3:
        return None
    k, h = (np.broadcast_to(np.asarray(v, float), (ring.N,)) for v in reach)
    outer, inner = ring.px(k, h)[i], ring.px(0.99, 0.0)[i]
    roll = w.head.pose.roll
    below = float(((outer - inner) @ np.array([-np.sin(roll), np.cos(roll)])).mean())
    underside = (below < 0) == near  # the near edge above the crown's: seen from below
    board = w.behind if underside and not near else w.board
    p = w.patch(np.vstack([outer, inner[::-1]]), w.dark(c, 1.1) if underside else c, board=board, tone=0.6)
    if lip and w.u * lip > 1:
        edge = outer + (inner - outer) * (lip / max(float(k.max()) - 1, lip)) * 0.8
        board.ink(edge, w.ink(c), 0.7 * w.line, 0.8)
    if near:
        w.covers.append(p)
    return p


def peak(
    w: Wear,
    ring: Ring,
    c: col.Colour,
    *,
    length: float,
    droop: float,
    half: float = 1.05,
    turn: float = 0.0,
    board_first: bool = False,
) -> None:
    """A visor over the forehead; ``turn`` radians moves it round the head. Call before and after the crown.

    ``board_first``: this is the call before the crown, which draws a visor on the far side.
    """
    n = 25
    t = np.linspace(-1, 1, n)
    theta = np.pi / 2 + turn + half * t
    middle = ring.front * np.cos(turn) - ring.across * np.sin(turn)
    idx = np.round(theta / (2 * np.pi) * ring.N).astype(int) % ring.N
    root = ring.base[idx]
    out = np.cos(0.5 * np.pi * np.abs(t) ** 1.7) ** 0.75
    tip = root + length * out[:, None] * middle - droop * out[:, None] * ring.up
    near = bool(ring.near[idx[n // 2]])
    if near == board_first:
        return
    a, b = w.head.project(root), w.head.project(tip)
    roll = w.head.pose.roll
    under = (float(((b - a) @ np.array([-np.sin(roll), np.cos(roll)]))[n // 2]) < 0) == near
    p = w.patch(np.vstack([a, b[::-1]]), w.dark(c) if under else c, board=None if near else w.behind if under else None)
    if near:
        w.covers.append(p)
        inner = a + 0.82 * (b - a)
        w.pen(inner[3:-3], c, 0.7)
        if not under and w.who.style.shading != "flat":
            shape = path(np.vstack([a[4:11] * 0.4 + b[4:11] * 0.6, (a[4:11] * 0.15 + b[4:11] * 0.85)[::-1]]))
            w.board.fill(shape, col.WHITE, 0.25)


def crest(w: Wear, ring: Ring, at: float, c: col.Colour, size: float = 0.16, theta: float = np.pi / 2) -> None:
    """A badge of metal on the front: a disc, a shield, a star or an anchor-like cross."""
    o, s = ring.at(theta, 1.04, at), size * w.u
    kind = int(w.rng.integers(0, 4))
    if kind == 0:
        w.ball(o, size, c)
        w.ball(o, 0.55 * size, w.dark(c))
    elif kind == 1:
        w.patch(o + s * np.array([(-0.9, -1), (0, -0.75), (0.9, -1), (0.85, 0.2), (0, 1.1), (-0.85, 0.2)]), c)
    elif kind == 2:
        w.patch(o + s * star(5, 0.45), c)
    else:
        w.patch(
            o
            + s
            * np.array(
                [(-1.6, -0.2), (-0.5, -0.3), (0, -1), (0.5, -0.3), (1.6, -0.2), (0.5, 0.3), (0, 0.9), (-0.5, 0.3)]
            ),
            c,
        )
        w.ball(o, 0.3 * size, w.gem_colour())


def star(n: int, inner: float) -> Points:
    """(2n, 2) corners of a star of radius 1."""
    a = np.arange(2 * n) * np.pi / n - np.pi / 2
    r = np.where(np.arange(2 * n) % 2 == 0, 1.0, inner)
    return r[:, None] * np.stack([np.cos(a), np.sin(a)], 1)


def fuzz(w: Wear, at: Points, r: float, c: col.Colour, n: int = 22) -> None:
    """A woolly ball of radius ``r`` head units."""
    a = np.linspace(0, 2 * np.pi, 2 * n, endpoint=False)
    rad = r * w.u * np.where(np.arange(2 * n) % 2 == 0, 1.0, 0.88) * (1 + w.rng.normal(0, 0.03, 2 * n))
    w.patch(np.asarray(at) + rad[:, None] * np.stack([np.cos(a), np.sin(a)], 1), c)
    for _ in range(7):
        d = rotated_unit(w.rng.random() * 2 * np.pi) * r * w.u
        q = np.asarray(at) + d * w.rng.uniform(0.2, 0.7)
        w.pen(np.array([q, q + 0.12 * d]), c, 0.8, smooth=4)


def rotated_unit(a: float) -> Points:
    """The unit vector at an angle."""
    return np.array([np.cos(a), np.sin(a)])

"""Cloth over the whole head: veils; and festival masks pushed to the side of the head."""

import numpy as np
import skia

from cubiseg.portraits import colour as col
from cubiseg.portraits.accessories.base import Wear, rotated
from cubiseg.portraits.accessories.crown import around, seat
from cubiseg.portraits.accessories.flowers import bloom
from cubiseg.portraits.accessories.geometry import Ring, Site
from cubiseg.portraits.paint import Points, path, spline
from cubiseg.portraits.rng import chance, uniform
from cubiseg.portraits.tables import Point, pairs


def _hood(w: Wear, c: col.Colour, sides: list[Points]) -> Ring:
    """Cloth over the crown, one piece with what hangs at the sides; (n, 2) px each, from front to back edge."""
    ring = seat(w, (-0.95, -0.8), (0.08, 0.2), 0.0, 0.06)
    p = ring.shell([(1.02, 0.0), (1.01, 0.4), (0.86, 0.72), (0.5, 0.95), (0.0, 1.0)])
    low = ring.arc(1.0)
    for points, end in zip(sides, (low[-1], low[0]) if low[-1][0] < low[0][0] else (low[0], low[-1]), strict=True):
        p = skia.Op(p, path(np.vstack([points, end, 0.7 * end + 0.3 * low.mean(axis=0)])), skia.kUnion_PathOp)
    w.covers.append(w.patch(p, c, tone=0.4))
    w.rim, w.opening, w.covered = ring.rim(), path(ring.px()), True
    return ring


def veil(w: Wear) -> None:
    """A bride's or a nun's veil: cloth that hangs behind and beside the face from the crown."""
    nun, head = chance(w.rng, 0.5), w.head
    c = w.colour(pale=2, dark=0.6) if not nun else ((0.12, 0.12, 0.16) if chance(w.rng, 0.6) else w.colour(dark=2))
    low, wide = uniform(w.rng, 1.6, 3.4), uniform(w.rng, 1.65, 2.1)
    n = 25
    t = np.linspace(-1, 1, n)
    hang = head.project(np.column_stack([wide * t, low + 0.12 * np.sin(7 * t) - 0.3 * t * t, np.full(n, -0.6)]))
    top = head.dome(30, grow=0.08, start=np.pi * 1.0, end=np.pi * 2.0)
    w.patch(np.vstack([top, hang[::-1]]), w.dark(c, 0.7), board=w.behind)
    for k in range(2, n - 2, 3):
        w.behind.ink(np.stack([hang[k], 0.4 * hang[k] + 0.6 * top[29 - min(int(k * 1.2), 29)]]), w.ink(c), w.line)
    v, out, sides = min(low, uniform(w.rng, 0.9, 2.2)), head.hair_radii[0] + 0.06, []
    for s in (-1, 1):
        inner = np.array([(s * 1.0, -0.85, 0.45), (s * 1.24, -0.1, 0.3), (s * 1.34, v, 0.1)])
        outer = np.array([(s * wide, v - 0.05, -0.1), (s * (out + 0.08), 0.1, -0.1), (s * out, -0.5, 0.0)])
        sides.append(np.vstack([spline(head.project(inner), 14), spline(head.project(outer), 14)]))
    ring = _hood(w, c, sides)
    for s in (-1, 1):
        points = np.array([(s * 1.3, -0.5, 0.2), (s * 1.42, 0.2, 0.1), (s * (0.5 * wide + 0.68), v - 0.05, 0.0)])
        line = head.project(points)
        w.pen(line, c, 0.9)
    band = col.hsv(0.1, 0.03, 0.98) if nun or chance(w.rng, 0.4) else w.trim(c)
    w.covers.append(w.patch(around(ring, -0.06, uniform(w.rng, 0.1, 0.26), 1.02), band, tone=0.5))
    if not nun:
        for a in np.linspace(0.6, 2.5, int(w.rng.integers(3, 8))):
            bloom(w, ring.at(float(a), 1.05, 0.08), uniform(w.rng, 0.14, 0.22), w.colour(dark=0.2))


def fox_mask(w: Wear) -> None:
    """A festival mask of a fox, a cat or a demon, pushed to one side of the head."""
    s, base = int(w.rng.choice([-1, 1])), (0.98, 0.97, 0.94) if chance(w.rng, 0.7) else w.colour()
    red, oni = (0.82, 0.14, 0.16) if chance(w.rng, 0.7) else w.trim(base), chance(w.rng, 0.2)
    base = (0.8, 0.15, 0.15) if oni else base
    site = Site(w.head, s * uniform(w.rng, 0.85, 1.15), uniform(w.rng, 0.3, 0.6), 0.14, firm=0.5)
    size, turn = uniform(w.rng, 0.62, 0.8), s * uniform(w.rng, 0.15, 0.6)

    def put(points: list[Point] | Points) -> Points:
        return site.px(size * rotated(np.array(points, float), turn))

    string = Ring(w.head, -0.75, 0.1, 0.0, 0.03)
    w.rod(string.arc(1.0), 0.04, red)
    for k in (-1, 1):
        w.covers.append(
            w.patch(put(np.array([(0.3, -0.55), (0.62, -1.3), (0.95, -0.4)]) * (k, 1)), base if not oni else red)
        )
        w.board.fill(path(put(np.array([(0.45, -0.62), (0.63, -1.08), (0.8, -0.5)]) * (k, 1))), red)
    xs = (0, 0.6, 0.98, 0.85, 0.4, 0, -0.4, -0.85, -0.98, -0.6)
    face = pairs(xs, (-0.72, -0.72, -0.3, 0.25, 0.62, 0.95, 0.62, 0.25, -0.3, -0.72))
    w.covers.append(w.patch(put(face), base, 50))
    for k in (-1, 1):
        eye = np.array([(0.18, -0.02), (0.45, -0.22), (0.72, -0.3), (0.5, 0.0)]) * (k, 1)
        w.board.fill(path(put(eye * 1.12)), red)
        w.board.fill(path(put(eye * 0.85 + (0.07 * k, -0.02))), (0.1, 0.08, 0.1))
        for j in range(2):
            hair = np.array([(0.9, 0.02 + 0.14 * j), (0.6, 0.1 + 0.12 * j), (0.4, 0.14 + 0.1 * j)])
            w.board.ink(put(hair * (k, 1)), red, 0.05 * w.u, end=0.0)
    w.board.fill(path(put([(-0.12, 0.52), (0.12, 0.52), (0, 0.66)])), (0.1, 0.08, 0.1))
    w.pen(put([(-0.25, 0.72), (0, 0.68), (0.25, 0.72)]), base)
    w.board.fill(path(put([(0, -0.62), (0.12, -0.4), (0, -0.2), (-0.12, -0.4)])), red)

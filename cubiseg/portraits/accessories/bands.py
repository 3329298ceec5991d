"""Bands over and around the head: hair bands, maid's headdress, bandana, sweatband, goggles."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.accessories.base import Wear
from cubiseg.portraits.accessories.crown import around, crown, seat
from cubiseg.portraits.accessories.flowers import bloom
from cubiseg.portraits.accessories.geometry import Ring, Site, depth
from cubiseg.portraits.accessories.ribbons import bow
from cubiseg.portraits.head import Head
from cubiseg.portraits.paint import Points, normals, path, ribbon, spline, taper
from cubiseg.portraits.rng import chance, uniform
from cubiseg.portraits.tables import xy


def over(head: Head, tilt: float, lift: float, low: float = 0.1, n: int = 44) -> Points:
    """(n, 3): a band over the head from ear to ear; ``tilt`` radians to the front of upright, ``low`` v of its ends."""
    c, r = head.hair_centre, head.hair_radii + lift
    end = np.arcsin(np.clip((c[1] - low) / r[1], -0.6, 0.6))
    t = np.linspace(np.pi - end, end, n)
    x, rise = np.cos(t), np.sin(t)
    unit = np.column_stack([x, -rise * np.cos(tilt), rise * np.sin(tilt)])
    return np.asarray(c + r * unit)


def shown(head: Head, line: Points, edge: float = -0.02) -> Points:
    """px of the part of a band that faces the viewer, in one piece."""
    out = (line - head.hair_centre) / np.square(head.hair_radii)
    i = np.flatnonzero(depth(head, out / np.linalg.norm(out, axis=1)[:, None]) > edge)
    return head.project(line[i[0] : i[-1] + 1] if len(i) > 3 else line)


def _tilt(w: Wear, low: float = 0.15, high: float = 0.62) -> float:
    return uniform(w.rng, low, high) + max(0.0, -w.head.pose.pitch)


def hair_band(w: Wear) -> None:
    """A plain band over the head, narrow or wide, with a bow, a flower, dots, or nothing."""
    c = w.colour()
    line = spline(shown(w.head, over(w.head, _tilt(w), 0.03, uniform(w.rng, -0.2, 0.2))), 40)
    width = uniform(w.rng, 0.08, 0.34) * taper(40, 0.5, 0.5)
    p = w.band(line, width, c, tone=0.6)
    w.covers.append(p)
    if chance(w.rng, 0.2):
        w.pattern(p, w.trim(c), "stripes" if chance(w.rng, 0.5) else "dots", 0.16, 0.5)
        w.board.stroke(p, w.ink(c), w.line)
    at = line[int(40 * w.rng.choice([0.25, 0.3, 0.7, 0.75]))]
    if chance(w.rng, 0.35):
        bow(w, at, uniform(w.rng, 0.25, 0.5), c if chance(w.rng, 0.6) else w.trim(c), uniform(w.rng, -0.5, 0.5))
    elif chance(w.rng, 0.2):
        bloom(w, at, uniform(w.rng, 0.2, 0.3), w.trim(c))


def ribbon_band(w: Wear) -> None:
    """A ribbon tied over the head into a bow on top, its ends up like a rabbit's ears or loose."""
    c = w.colour()
    tilt = _tilt(w)
    line3 = over(w.head, tilt, 0.03, 0.3)
    line = spline(shown(w.head, line3), 40)
    w.covers.append(w.band(line, uniform(w.rng, 0.1, 0.24) * taper(40, 0.6, 0.6), c, tone=0.6))
    k = int(w.rng.integers(18, 26))
    at = w.head.project(line3[k : k + 1])[0]
    if chance(w.rng, 0.4):
        for s in (-1, 1):
            q = np.array([(0.05, 0.05), (0.42, -0.32), (0.5, -0.8), (0.22, -0.6), (-0.05, -0.05)]) * (s, 1)
            w.patch(at + w.u * uniform(w.rng, 0.85, 1.1) * q, c, 30)
        w.ball(at, 0.12, c, gloss=0)
    else:
        bow(w, at, uniform(w.rng, 0.4, 0.75), c, 0.012 * (at[0] - w.head.pose.x) / w.u, tails=0.0)


def maid(w: Wear) -> None:
    """A white frilled headdress, a band along its foot, ribbons at the ends."""
    white = col.hsv(w.rng.random(), 0.03, 0.98)
    line = spline(shown(w.head, over(w.head, _tilt(w, 0.3, 0.7), 0.03, uniform(w.rng, -0.6, -0.1))), 61)
    up = -normals(line) * np.sign((normals(line)[30] @ (line[30] - w.head.project(w.head.hair_centre[None])[0])) * -1)
    n, high = int(w.rng.integers(9, 15)), uniform(w.rng, 0.28, 0.45)
    t = np.linspace(0, 1, 61)
    rise = high * np.sin(np.pi * np.clip(t, 0.06, 0.94)) ** 0.4
    wave = 1 + 0.16 * np.abs(np.sin(np.pi * n * t)) - 0.1
    edge = line + up * (rise * wave * w.u)[:, None]
    w.covers.append(w.patch(np.vstack([line, edge[::-1]]), white))
    for k in range(1, n):
        i = int(60 * k / n)
        w.pen(np.stack([line[i], line[i] + 0.8 * (edge[i] - line[i])]), white, 0.8, smooth=4, end=0.0)
    c = white if chance(w.rng, 0.3) else w.colour()
    w.band(line, uniform(w.rng, 0.08, 0.16), c, tone=0.4)
    if chance(w.rng, 0.5):
        for end, s in ((line[2], -1), (line[-3], 1)):
            bow(w, end, 0.22, c, 0.5 * s)


def bandana(w: Wear) -> None:
    """A cloth tied over the top of the head, its knot behind."""
    c = w.colour()
    ring = seat(w, (-0.9, -0.65), (0.2, 0.42), 0.06, 0.03)
    p = crown(w, ring, [(1.01, 0.0), (1.0, 0.35), (0.85, 0.7), (0.5, 0.97), (0.0, 1.03)], c)
    if chance(w.rng, 0.5):
        w.pattern(p, w.trim(c), "dots" if chance(w.rng, 0.6) else "checks", uniform(w.rng, 0.22, 0.4), 0.6)
        w.board.stroke(p, w.ink(c), w.line)
    w.pen(ring.arc(1.01, 0.1), c, 0.9)
    side = np.sign(w.head.pose.yaw) or 1.0
    at = ring.at(np.pi / 2 - side * -1.7, 1.0)
    for k in (0.3, 0.9):
        q = np.array([(0, 0), (-0.45, 0.1 + 0.3 * k), (-0.75, 0.2 + 0.5 * k), (-0.3, 0.35 + 0.2 * k)]) * (side, 1)
        w.patch(at + w.u * q, c, 22, board=w.behind)


def sweatband(w: Wear) -> None:
    """A cloth band around the forehead, often a knotted one whose ends fly; or a plate on it."""
    c = w.colour()
    ring = Ring(w.head, uniform(w.rng, -0.78, -0.6), uniform(w.rng, 0.0, 0.22), uniform(w.rng, -0.06, 0.06), 0.0)
    high = uniform(w.rng, 0.12, 0.32)
    p = w.patch(around(ring, -0.5 * high, 0.5 * high, 1.01), c, tone=0.6)
    w.covers.append(p)
    if chance(w.rng, 0.4):
        w.board.ink(ring.arc(1.01, 0.0), w.trim(c), 0.3 * high * w.u, start=1, end=1)
    if chance(w.rng, 0.45):
        side = -(np.sign(w.head.pose.yaw) or 1.0)
        at = ring.at(np.pi / 2 - side * 1.9, 1.0)
        for k in range(2):
            line = at + w.u * np.array(
                [(0, 0), (0.4 * side, -0.15 + 0.2 * k), (0.85 * side, 0.1 + 0.3 * k), (1.2 * side, 0.0 + 0.6 * k)]
            )
            w.patch(ribbon(spline(line, 20), high * w.u * np.linspace(0.5, 1.0, 20)), c, board=w.behind)


def forehead_plate(w: Wear) -> None:
    """A forehead protector: a metal plate on a knotted band."""
    c, m = w.colour(dark=2), (0.72, 0.74, 0.78) if chance(w.rng, 0.7) else w.metal()
    ring = Ring(w.head, uniform(w.rng, -0.72, -0.58), uniform(w.rng, 0.05, 0.2), 0.0, 0.0)
    high = uniform(w.rng, 0.28, 0.4)
    w.covers.append(w.patch(around(ring, -0.5 * high, 0.5 * high, 1.01), c, tone=0.6))
    i = (np.round((np.pi / 2 + np.linspace(0.75, -0.75, 17)) / (2 * np.pi) * ring.N)).astype(int) % ring.N
    lo, hi = (ring.px(1.04, s * 0.44 * high)[i] for s in (-1, 1))
    p = w.patch(np.vstack([lo, hi[::-1]]), m)
    with w.board.clipped(p):
        w.board.fill(path(np.vstack([lo[4:7], hi[6:9][::-1]])), col.WHITE, 0.5)
    for k in (1, -2):
        for s in (0.3, 0.7):
            w.ball(lo[k] * s + hi[k] * (1 - s), 0.03, w.dark(m), gloss=0)
    at = 0.5 * (lo[8] + hi[8])
    t = np.linspace(0, 2.5 * np.pi, 24)
    w.pen(at + 0.28 * high * w.u * (t / 8)[:, None] * np.stack([np.cos(t), np.sin(t)], 1), m, 1.2, smooth=30)


def goggles(w: Wear) -> None:
    """Goggles pushed up on the forehead, on a strap around the head."""
    strap, frame = w.colour(dark=2), w.metal() if chance(w.rng, 0.5) else w.colour(dark=2)
    lens = col.hsv(w.rng.random(), uniform(w.rng, 0.2, 0.8), uniform(w.rng, 0.3, 0.95))
    ring = Ring(w.head, uniform(w.rng, -0.95, -0.75), uniform(w.rng, 0.15, 0.35), 0.0, 0.04)
    w.covers.append(w.patch(around(ring, -0.13, 0.13, 1.01), strap, tone=0.6))
    one, r = chance(w.rng, 0.35), uniform(w.rng, 0.3, 0.4)
    e = float(np.arcsin(np.clip((w.head.hair_centre[1] - ring.base[ring.N // 4][1]) / w.head.hair_radii[1], -0.9, 0.9)))
    if one:
        site = Site(w.head, 0.0, e, 0.12)
        xs = (-0.95, -0.5, 0.5, 0.95, 0.85, 0.2, 0, -0.2, -0.85)
        q = xy(xs, (-0.2, -0.36, -0.36, -0.2, 0.28, 0.3, 0.2, 0.3, 0.28))
        spots = [(site, q)]
    else:
        a = np.linspace(0, 2 * np.pi, 26, endpoint=False)
        q = r * np.stack([1.1 * np.cos(a), np.sin(a)], 1)
        spots = [(Site(w.head, s * 0.36, e, 0.14), q) for s in (-1, 1)]
    for site, q in spots:
        w.covers.append(w.patch(site.px(1.2 * q), frame, 44))
        p = w.patch(site.px(0.86 * q), lens, 44)
        with w.board.clipped(p):
            lo, hi = site.px(np.array([(-0.2, 0.4), (0.1, 0.4), (0.35, -0.4), (0.05, -0.4)])), col.WHITE
            w.board.fill(path(lo), hi, 0.5)
    if not one:
        line = np.stack([spots[0][0].px(np.array([(1.25 * r, 0)]))[0], spots[1][0].px(np.array([(-1.25 * r, 0)]))[0]])
        w.rod(line, 0.09, frame)

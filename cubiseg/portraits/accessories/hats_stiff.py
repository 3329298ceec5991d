"""Stiff hats: brimmed ones, caps with a peak, service caps, the witch's hat and the tiny hat on one side."""

import numpy as np
import skia

from cubiseg.portraits import colour as col
from cubiseg.portraits.accessories.base import Wear
from cubiseg.portraits.accessories.crown import DOME, around, brim, crest, crown, peak, seams, seat
from cubiseg.portraits.accessories.flowers import bloom, plume
from cubiseg.portraits.accessories.geometry import Ring, hull
from cubiseg.portraits.accessories.hats_soft import decorate
from cubiseg.portraits.accessories.ribbons import bow
from cubiseg.portraits.paint import path
from cubiseg.portraits.rng import chance, pick, uniform


def _hatband(w: Wear, ring: Ring, c: col.Colour, high: float, k: float = 1.02) -> None:
    """A ribbon around the foot of the crown, with a bow, flowers or a feather."""
    w.patch(around(ring, 0.0, high, k), c, tone=0.4)
    side = w.rng.choice([-1.0, 1.0])
    at = ring.at(np.pi / 2 - side * uniform(w.rng, 0.5, 1.2), k, 0.5 * high)
    kind = pick(w.rng, {"none": 2, "bow": 2, "bloom": 1.2, "plume": 0.6})
    if kind == "bow":
        bow(w, at, uniform(w.rng, 0.25, 0.42), c, 0.3 * side)
    elif kind == "bloom":
        for k2 in range(int(w.rng.integers(1, 4))):
            bloom(w, at + w.u * np.array([0.3 * side * k2, 0.03 * k2]), uniform(w.rng, 0.16, 0.27), w.trim(c))
    elif kind == "plume":
        plume(w, at, uniform(w.rng, 0.7, 1.2), np.pi + 0.6 * side, w.trim(c))


def _waved(w: Wear, ring: Ring, k: float, droop: float) -> tuple[np.ndarray, np.ndarray]:
    """A brim's outer edge: its sides rise or hang, with a wave."""
    t, side = ring.theta, uniform(w.rng, -0.12, 0.22)
    wave = 0.05 * np.sin(3 * t + w.rng.random() * 6) * chance(w.rng, 0.6)
    return np.full(ring.N, k), -droop + side * np.cos(2 * t) * -1 + wave


def straw(w: Wear) -> None:
    """A straw or sun hat with a wide brim and a ribbon."""
    c = col.hsv(uniform(w.rng, 0.1, 0.14), uniform(w.rng, 0.25, 0.55), uniform(w.rng, 0.8, 0.97))
    if chance(w.rng, 0.2):
        c = w.colour()
    ring = seat(w, (-0.72, -0.5), (0.1, 0.42))
    reach = _waved(w, ring, uniform(w.rng, 1.45, 1.95), uniform(w.rng, 0.0, 0.3))
    brim(w, ring, reach, c, near=False, lip=0.12)
    p = crown(w, ring, [(1.02, 0.0), (1.0, 0.4), (0.88, 0.75), (0.58, 0.94), (0.0, 1.0)], c)
    if w.u > 16:
        w.pattern(p, w.dark(c, 0.4), "checks", 0.11, 0.75)
    _hatband(w, ring, w.trim(c), uniform(w.rng, 0.16, 0.32))
    front = brim(w, ring, reach, c, near=True, lip=0.12)
    if front is not None and w.u > 16:
        for k in (0.3, 0.6):
            edge = ring.px(1 + (reach[0] - 1) * k, reach[1] * k)[ring.order()]
            w.board.ink(edge, w.dark(c), 0.02 * w.u, 0.6)


def wide_hat(w: Wear) -> None:
    """A lady's or a traveller's felt hat with a wide, waving brim."""
    c = w.colour()
    ring = seat(w, (-0.75, -0.5), (0.05, 0.38), 0.16)
    reach = _waved(w, ring, uniform(w.rng, 1.4, 2.0), uniform(w.rng, -0.05, 0.3))
    brim(w, ring, reach, c, near=False)
    pinched = chance(w.rng, 0.5)
    crown(w, ring, [(1.02, 0.0), (0.98, 0.45), (0.82, 0.88), (0.5, 1.0), (0.0, 0.92 if pinched else 1.02)], c)
    if pinched:
        top = ring.px(0.0, 0.95 * ring.height)[0]
        w.pen(np.stack([top, 0.6 * top + 0.4 * ring.at(np.pi / 2, 0.95, 0.6)]), c, 1.4, end=0.0)
    _hatband(w, ring, w.trim(c), uniform(w.rng, 0.14, 0.3))
    brim(w, ring, reach, c, near=True, lip=0.06)


def top_hat(w: Wear) -> None:
    """A tall straight crown."""
    _cylinder(w, seat(w, (-0.95, -0.72), (0.05, 0.25), 0.16), uniform(w.rng, 1.25, 1.65), 1.28)


def bowler(w: Wear) -> None:
    """A round stiff crown and a narrow rolled brim."""
    c = w.colour(pale=0.5)
    ring = seat(w, (-0.85, -0.6), (0.05, 0.28), 0.12)
    t = ring.theta
    reach = (np.full(ring.N, uniform(w.rng, 1.18, 1.3)), 0.05 - 0.14 * np.cos(2 * t + np.pi))
    brim(w, ring, reach, c, near=False)
    crown(w, ring, [(1.02, 0.0), (1.02, 0.35), (0.95, 0.72), (0.6, 0.98), (0.0, 1.05)], c)
    _hatband(w, ring, w.trim(c), 0.2)
    brim(w, ring, reach, c, near=True, lip=0.04)


def _cylinder(w: Wear, ring: Ring, tall: float, k: float, whole: bool = True) -> None:
    c = w.colour(pale=0.5)
    t = ring.theta
    reach = (np.full(ring.N, k), 0.04 - 0.1 * np.cos(2 * t + np.pi))
    foot = 1.02 if whole else 0.72
    flare = uniform(w.rng, 0.98, 1.12) * foot
    brim(w, ring, reach, c, near=False)
    crown(w, ring, [(foot, 0.0), (0.97 * foot, 0.5 * tall), (flare, tall)], c, whole=whole)
    if ring.from_above:
        w.patch(ring.px(flare, tall * ring.height), col.light(c, 0.2), tone=0.3)
    _hatband(w, ring, w.trim(c), min(0.3, 0.35 * tall * ring.height), foot)
    brim(w, ring, reach, c, near=True, lip=0.04)


def mini_hat(w: Wear) -> None:
    """A tiny top hat or crown pinned at an angle on one side."""
    side = w.rng.choice([-1.0, 1.0])
    ring = Ring(w.head, -1.65, 0.1, side * uniform(w.rng, 0.3, 0.5), 0.08)
    _cylinder(w, ring, uniform(w.rng, 1.6, 2.6) * 0.4 / max(ring.height, 0.1), 1.25, whole=False)
    if chance(w.rng, 0.5):
        bow(w, ring.at(np.pi / 2 + side, 1.0, 0.0), 0.3, w.colour(), 0.4 * side)


def witch(w: Wear) -> None:
    """A wide brim and a pointed crown whose tip bends."""
    c, side = w.colour(pale=0.5, dark=2), w.rng.choice([-1.0, 1.0])
    ring = seat(w, (-0.8, -0.58), (0.1, 0.36), 0.14)
    reach = _waved(w, ring, uniform(w.rng, 1.5, 2.0), uniform(w.rng, -0.05, 0.3))
    brim(w, ring, reach, c, near=False)
    tall = uniform(w.rng, 1.5, 2.0)
    profile = [(1.03, 0.0), (0.97, 0.4), (0.72, 0.85), (0.4, 1.0 + 0.25 * (tall - 1)), (0.04, tall)]
    shift = np.array([side * uniform(w.rng, 0.1, 1.4), 0.0, -uniform(w.rng, 0.0, 0.4)])
    p = crown(w, ring, profile, c, convex=False, shift=shift)
    with w.board.clipped(p):
        for k in range(int(w.rng.integers(1, 4))):
            a = ring.at(np.pi / 2 - side * 1.3, 0.85 - 0.2 * k, (0.7 + 0.2 * k) * ring.height)
            b = ring.at(np.pi / 2 - side * 0.2, 0.6 - 0.1 * k, (0.62 + 0.2 * k) * ring.height)
            w.pen(np.stack([a, 0.5 * (a + b) + np.array([0, 0.08 * w.u]), b]), c, 1.3, end=0.0)
    _hatband(w, ring, w.trim(c), uniform(w.rng, 0.18, 0.34), 1.03)
    if chance(w.rng, 0.35):
        at, s = ring.at(np.pi / 2, 1.04, 0.14), 0.16 * w.u
        w.board.stroke(path(at + s * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])), w.metal(), 0.06 * w.u)
    brim(w, ring, reach, c, near=True, lip=0.06)


def cap(w: Wear) -> None:
    """A baseball cap, its peak to the front, to one side or to the back."""
    c = w.colour()
    turn = pick(w.rng, {0.0: 4.0, 0.5: 0.7, -0.5: 0.7, np.pi: 1.2})
    ring = seat(w, (-0.66, -0.46), (0.02, 0.2), 0.08)
    c2 = w.trim(c) if chance(w.rng, 0.55) else c
    long, droop = uniform(w.rng, 0.6, 0.88), uniform(w.rng, 0.32, 0.5)
    peak(w, ring, c2, length=long, droop=droop, half=1.0, turn=turn, board_first=True)
    profile = [*DOME[:-1], (0.0, 0.98)]
    p = crown(w, ring, profile, c)
    if chance(w.rng, 0.3):
        with w.board.clipped(p):
            lo, hi = (ring.px(1.05, h * ring.height) for h in (0.0, 1.1))
            i = (np.round((np.pi / 2 + turn + np.linspace(-0.75, 0.75, 9)) / (2 * np.pi) * ring.N)).astype(int) % ring.N
            if ring.near[i[4]]:
                w.patch(np.vstack([lo[i], 0.75 * hi[i[::-1]] + 0.25 * hi.mean(axis=0)]), w.trim(c), tone=0.5)
    seams(w, ring, profile, c, 8, 0.7)
    w.ball(w.head.project((ring.centre + 0.98 * ring.height * ring.up)[None])[0], 0.07, c2, gloss=0)
    if turn == 0.0 and chance(w.rng, 0.6):
        crest(w, ring, 0.4 * ring.height, w.trim(c), uniform(w.rng, 0.16, 0.26))
    if turn == np.pi:
        hole = ring.at(np.pi / 2, 1.03, 0.05)
        shape = hole + w.u * np.array([(-0.32, 0.04), (-0.26, -0.2), (0, -0.33), (0.26, -0.2), (0.32, 0.04)])
        w.patch(shape, w.dark(w.who.hair), 26)
        w.covers.append(w.patch(around(ring, -0.02, 0.1, 1.03), c2, tone=0.4))
    peak(w, ring, c2, length=long, droop=droop, half=1.0, turn=turn)


def service_cap(w: Wear) -> None:
    """An officer's peaked cap: band, flared top that rises at the front, black peak, badge, cord."""
    c = w.colour(pale=0.8, dark=2)
    ring = seat(w, (-0.85, -0.66), (0.08, 0.24), 0.08)
    band = uniform(w.rng, 0.22, 0.34)
    b, wide, rise = band / ring.height, uniform(w.rng, 1.12, 1.32), uniform(w.rng, 0.0, 0.35)
    low, mid = ring.px(1.02, 0.0), ring.px(1.03, band)
    top = ring.px(wide, band + 0.42 + rise * np.sin(ring.theta))
    lift = ring.px(wide * 0.8, band + 0.58 + 0.9 * rise * np.sin(ring.theta))
    dome = ring.px(0.5, max(1.04, b + 0.5) * ring.height)
    p = hull(np.vstack([low, mid, top, lift, dome]))
    if not ring.from_above:
        p = skia.Op(p, ring.below(), skia.kDifference_PathOp)
    w.patch(p, c)
    w.covers.append(p)
    w.rim, w.opening, w.covered = ring.rim(), path(low), True
    edge = top[ring.order()]
    w.board.ink(edge, w.ink(c), max(w.line, 0.012 * w.u), 0.8)
    t = w.trim(c) if chance(w.rng, 0.6) else w.dark(c)
    w.covers.append(w.patch(around(ring, -0.02, band, 1.03), t, tone=0.5))
    metal = w.metal()
    black = (0.1, 0.1, 0.13) if chance(w.rng, 0.75) else c
    peak(w, ring, black, length=uniform(w.rng, 0.4, 0.6), droop=uniform(w.rng, 0.35, 0.5), half=0.95)
    if chance(w.rng, 0.6):
        i = (np.round((np.pi / 2 + np.linspace(-0.95, 0.95, 15)) / (2 * np.pi) * ring.N)).astype(int) % ring.N
        w.rod(ring.px(1.05, 0.06)[i], 0.05, metal)
    crest(w, ring, band + 0.1, metal, uniform(w.rng, 0.14, 0.24))


def garrison(w: Wear) -> None:
    """A folded side cap: two flaps that meet in a ridge from front to back."""
    c = w.colour(dark=1.5)
    ring = seat(w, (-0.95, -0.7), (0.05, 0.22), 0.2)
    lean = ring.height * uniform(w.rng, 0.85, 1.1)
    reach = np.linspace(-1.02, 1.02, 15)
    half = float(np.linalg.norm(ring.base[ring.N // 4] - ring.centre))
    ridge = ring.centre + reach[:, None] * half * ring.front + (lean * (1 - 0.28 * reach**2))[:, None] * ring.up
    low, top = ring.px(1.02, 0.0), w.head.project(ridge)
    p = hull(np.vstack([low, ring.px(0.98, 0.35 * ring.height), top]))
    w.patch(p, c)
    w.covers.append(p)
    w.rim, w.opening, w.covered = ring.rim(), path(low), True
    with w.board.clipped(p):
        w.pen(top, c, 1.6)
    t = w.trim(c) if chance(w.rng, 0.6) else w.dark(c, 0.4)
    flap = around(ring, -0.02, 0.45 * ring.height, 1.04, 1.0)
    with w.board.clipped(p):
        q = w.patch(flap, c, tone=0.7)
        w.board.stroke(path(ring.arc(1.01, 0.45 * ring.height), closed=False), t, 0.06 * w.u)
    w.board.stroke(q, w.ink(c), 0.6 * w.line)
    crest(w, ring, 0.22, w.metal(), 0.13, np.pi / 2 - w.rng.choice([-0.6, 0.6]))
    decorate(w, ring.at(np.pi / 2 + 0.8, 1.02, 0.3), c)

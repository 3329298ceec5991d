"""Headphones and headsets, on the head or around the neck, and phones in the ear."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.accessories.bands import over, shown
from cubiseg.portraits.accessories.base import Wear, circle
from cubiseg.portraits.accessories.geometry import Site, depth, hull
from cubiseg.portraits.paint import path, spline, taper
from cubiseg.portraits.rng import chance, uniform


def _cup(w: Wear, side: int, r: float, c: col.Colour, pad: col.Colour, kind: int, glow: col.Colour) -> None:
    """An ear cup: a short drum whose axis points sideways, with a cushion against the head."""
    x0 = min(w.head.hair_radii[0], 1.5)
    x0 = max(x0 - 0.12, 1.12)
    a = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    power = (1.0, 0.65, 0.8)[kind % 3]
    cos, sin = (np.sign(f(a)) * np.abs(f(a)) ** power for f in (np.cos, np.sin))
    disc = np.column_stack([np.zeros(36), 0.1 + r * sin, -0.05 + 0.82 * r * cos])

    def at(x: float, k: float) -> np.ndarray:
        return np.column_stack([np.full(36, side * x), 0.1 + k * (disc[:, 1] - 0.1), -0.05 + k * (disc[:, 2] + 0.05)])

    out = float(depth(w.head, np.array([side, 0.0, 0.0]))[0])
    layers = [(0.0, 0.94, 1.02, pad), (0.13, 1.0, 0.92, c), (0.27, 0.8, 0.72, c)]
    for x, k, k2, shade in layers if out > -0.9 else []:
        w.covers.append(
            w.patch(hull(np.vstack([w.head.project(at(x0 + x, k)), w.head.project(at(x0 + x + 0.13, k2))])), shade)
        )
    face = w.head.project(at(x0 + 0.4, 0.7))
    if out > 0.05:
        w.patch(face, w.dark(c, 0.5) if kind % 2 else col.light(c, 0.25), tone=0.5)
        w.board.stroke(path(w.head.project(at(x0 + 0.4, 0.42))), glow, 0.05 * w.u)


def headset(w: Wear) -> None:
    """Headphones over the head, often with a microphone or cat ears on the band."""
    c, pad = w.colour(), (0.13, 0.13, 0.16) if chance(w.rng, 0.6) else w.colour(dark=2)
    glow = w.trim(c) if chance(w.rng, 0.6) else col.hsv(w.rng.random(), 0.7, 1.0)
    r, kind, thick = uniform(w.rng, 0.32, 0.5), int(w.rng.integers(0, 3)), uniform(w.rng, 0.12, 0.28)
    line3 = over(w.head, uniform(w.rng, 0.0, 0.25), 0.06, 0.05)
    line3[:, 2] -= 0.05
    line = spline(shown(w.head, line3, -0.15), 44)
    w.covers.append(w.band(line, thick * taper(44, 0.7, 0.7, 0.5), c))
    if thick > 0.18:
        w.band(line[8:-8], 0.5 * thick, pad, tone=0.3)
    if chance(w.rng, 0.2):
        whole, mid = w.head.project(line3), w.head.project(w.head.hair_centre[None])[0]
        for k in (14, 29):
            e = whole[k + 3] - whole[k - 3]
            e /= max(float(np.hypot(*e)), 1e-6)
            n = np.array([e[1], -e[0]])
            n *= np.sign(n @ (whole[k] - mid)) or 1.0
            tri = whole[k] + w.u * np.array([-0.3 * e, 0.58 * n + (0.1 if k > 20 else -0.1) * e, 0.3 * e])
            w.patch(tri, c)
            w.board.fill(path(whole[k] + 0.6 * (tri - whole[k])), glow)
    for s in (-1, 1) if w.head.pose.yaw < 0 else (1, -1):
        _cup(w, s, r, c, pad, kind, glow)
    if chance(w.rng, 0.45):
        _mic(w, w.rng.choice([-1, 1]), w.dark(c, 0.6))


def _mic(w: Wear, s: int, c: col.Colour) -> None:
    v = w.who.face.mouth * w.who.face.chin
    points = np.array(
        [(s * 1.42, 0.25, 0.0), (s * 1.25, 0.7 * v + 0.1, 0.55), (s * uniform(w.rng, 0.55, 0.8), v + 0.1, 1.0)]
    )
    px = spline(w.head.project(points), 20)
    w.rod(px, 0.05, c)
    w.ball(px[-1], 0.1, (0.13, 0.13, 0.16))


def one_ear(w: Wear) -> None:
    """An earpiece with a thin boom, or a small communicator, on one side."""
    s, c = int(w.rng.choice([-1, 1])), w.colour(dark=2)
    if s * w.head.pose.yaw > 0.35:
        s = -s
    _cup(w, s, 0.2, c, (0.13, 0.13, 0.16), 0, col.hsv(w.rng.random(), 0.7, 1.0))
    _mic(w, s, c)


def around_neck(w: Wear) -> None:
    """Headphones worn around the neck."""
    c, pad, t = w.colour(), w.colour(dark=2), w.torso
    y, n = t.y - 0.05, t.neck * 1.25 + 0.12
    r = uniform(w.rng, 0.28, 0.36)
    for s in (-1, 1):
        arm = np.array([(s * t.neck * 1.0, y - 0.2), (s * n * 0.95, y - 0.08), (s * (n + 0.03), y + 0.25)])
        w.band(spline(t.px(arm, 0.1), 12), 0.14, w.dark(c, 0.3))
    for s in (-1, 1):
        at = t.px(np.array([(s * (n + 0.02), y + 0.32)]), 0.25)[0]
        for k, shade in ((1.12, pad), (1.0, c)):
            w.patch(circle(at + w.u * np.array([s * 0.05 * (k < 1.1), 0]), k * r * w.u, 34, 1.2, 0.35 * s), shade)
        w.board.stroke(
            path(circle(at + w.u * np.array([0.05 * s, 0]), 0.5 * r * w.u, 24, 1.2, 0.35 * s)), w.trim(c), 0.05 * w.u
        )


def visor_screen(w: Wear) -> None:
    """A see-through coloured screen over one eye, held at the ear."""
    s, e = int(w.rng.choice([-1, 1])), w.who.eyes
    c, tint = w.colour(dark=2), col.hsv(w.rng.random(), 0.8, 1.0)
    half, h = e.width * 0.75, max(e.height, 0.4) * 0.65
    q = np.array([(-1, -0.8), (1.1, -0.9), (1.15, 0.5), (0.3, 0.95), (-0.95, 0.7)]) * (half, h) * (s, 1) + (s * e.x, 0)
    p = path(w.head.on_face(q, 0.16))
    w.board.fill(p, tint, uniform(w.rng, 0.15, 0.3))
    w.board.stroke(p, tint, 0.04 * w.u)
    arm = w.head.project(np.array([(s * (e.x + half), -0.1, 0.75), (s * 1.08, 0.05, 0.2)]))
    w.rod(arm, 0.08, c)
    site = Site(w.head, s * 1.5, -0.25, 0.0)
    if site.seen:
        w.patch(site.px(circle(np.zeros(2), 0.2)), c)

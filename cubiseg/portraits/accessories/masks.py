"""Worn on the face: eye patches, masks, plasters and bandages, stickers."""

import numpy as np
import skia

from cubiseg.portraits import colour as col
from cubiseg.portraits.accessories.base import Wear, circle, rotated
from cubiseg.portraits.accessories.crown import star
from cubiseg.portraits.accessories.geometry import Ring
from cubiseg.portraits.paint import Points, path, spline
from cubiseg.portraits.rng import chance, pick, uniform
from cubiseg.portraits.tables import pairs


def heart(r: float) -> Points:
    """(28, 2) points of a heart of half width ``r``."""
    a = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    y = -(13 * np.cos(a) - 5 * np.cos(2 * a) - 2 * np.cos(3 * a) - np.cos(4 * a)) / 16
    return r * np.column_stack([np.sin(a) ** 3, y])


def _straps(w: Wear, s: int, c: col.Colour, width: float) -> None:
    """The two ends of an eye patch's string, from the eye ``s`` up over the forehead and to the ear."""
    e = w.who.eyes
    up = w.head.on_face(np.array([(s * (e.x - 0.3), -0.25), (0.0, -0.62), (-s * 0.6, -1.0)]), 0.08)
    out = w.head.project(np.array([(s * (e.x + 0.25), -0.1, 0.75), (s * 0.95, -0.12, 0.4), (s * 1.08, -0.1, 0.0)]))
    for line in (up, out):
        w.rod(spline(line, 14), width, c)


def eye_patch(w: Wear) -> None:
    """A medical, a pirate's or a heart-shaped patch over one eye."""
    s, e = int(w.rng.choice([-1, 1])), w.who.eyes
    kind = pick(w.rng, {"medical": 4, "pirate": 4, "heart": 1.2})
    black = col.hsv(w.rng.random(), 0.3, uniform(w.rng, 0.06, 0.2))
    c = {"medical": (0.97, 0.97, 0.96), "pirate": black if chance(w.rng, 0.8) else w.colour(), "heart": w.colour()}[
        kind
    ]
    _straps(w, s, c, 0.045 if kind != "medical" else 0.035)
    half, h = e.width * 0.62, max(0.62 * e.height, 0.32)
    if kind == "heart":
        q = heart(1.25 * max(half, h))
    elif kind == "medical":
        q = np.array(
            [(-1, -0.75), (0, -0.98), (1, -0.75), (1.08, 0), (0.95, 0.75), (0, 1.0), (-0.95, 0.75), (-1.08, 0)]
        ) * (half, h)
    else:
        q = np.array([(-1.0, -0.7), (0.1, -1.0), (1.1, -0.7), (1.05, 0.15), (0.5, 0.95), (-0.1, 1.1), (-0.75, 0.6)]) * (
            half,
            h,
        )
    px = spline(w.head.on_face(q * (s, 1) + (s * e.x, 0.02), 0.12), 44, closed=True)
    p = w.patch(px, c)
    if kind == "medical":
        for k in (-0.35, 0.0, 0.35):
            uv = np.array([(-0.85 * half, k * h), (0, (k - 0.06) * h), (0.85 * half, k * h)]) * (s, 1) + (s * e.x, 0.02)
            line = w.head.on_face(uv, 0.13)
            w.pen(line, c, 0.7)
    elif chance(w.rng, 0.4):
        with w.board.clipped(p):
            mid = px.mean(axis=0)
            w.board.stroke(path(mid + 0.82 * (px - mid)), w.trim(c), 0.02 * w.u)


def _lower_face(w: Wear, top: float, reach: float, fall: float = 0.24) -> Points:
    """px outline of cloth over nose, mouth and chin, from the bridge of the nose at v = ``top``."""
    f = w.who.face
    jaw = f.jaw_height * f.chin
    xs = (0.42, reach, min(reach, f.jaw_width * 0.97), f.jaw_width * 0.62, f.chin_width + 0.04, 0.0)
    right = pairs(xs, (top + 0.4 * fall, top + fall, jaw, 0.5 * (jaw + f.chin) + 0.05, f.chin * 1.0, f.chin * 1.03))
    uv = np.array([(0.0, top), *right])
    q = np.vstack([uv, (uv[1:-1] * (-1, 1))[::-1]])
    return spline(w.head.on_face(q, 0.1 * (1 - np.abs(q[:, :1].ravel()))), 60, closed=True)


def surgical_mask(w: Wear) -> None:
    """A pleated mask over nose and mouth, with loops to the ears."""
    f = w.who.face
    c = pick(w.rng, {(0.97, 0.98, 0.98): 4, (0.75, 0.88, 0.95): 2, (0.12, 0.12, 0.15): 2.5, (0.97, 0.8, 0.85): 0.8})
    c = c if chance(w.rng, 0.85) else w.colour()
    top = f.nose * f.chin - uniform(w.rng, 0.12, 0.24)
    if chance(w.rng, 0.12):
        top = f.chin * 0.78  # pulled down to the chin
    reach = uniform(w.rng, 0.7, 0.86)
    for s in (-1, 1):
        for v, to in ((top + 0.26, 0.0), (f.jaw_height * f.chin, 0.42)):
            start = w.head.on_face(np.array([(s * reach * 0.97, min(v, 0.9 * f.chin))]))
            w.rod(np.vstack([start, w.head.project(np.array([(s * 1.06, to, 0.0)]))]), 0.03, c)
    p = w.patch(_lower_face(w, top, reach), c)
    if chance(w.rng, 0.75):
        with w.board.clipped(p):
            for k in (0.3, 0.5, 0.7):
                v = top + k * (f.chin - top)
                uv = np.array([(-reach, v + 0.06), (-0.4, v), (0, v - 0.01), (0.4, v), (reach, v + 0.06)])
                line = w.head.on_face(uv, 0.1)
                w.pen(line, c, 0.8, start=0.4, end=0.4)
    else:
        w.pen(w.head.on_face(np.array([(0, top), (0.02, 0.5 * (top + f.chin)), (0, f.chin)]), 0.12), c, 0.9)
    if w.line < 0.3:
        w.board.stroke(p, w.dark(c), 0.015 * w.u)


def face_cloth(w: Wear) -> None:
    """A ninja's or a bandit's cloth over the lower face."""
    c, f = w.colour(dark=2.5, pale=0.4), w.who.face
    top = f.nose * f.chin - uniform(w.rng, 0.02, 0.2)
    p = w.patch(_lower_face(w, top, 0.97, 0.05), c)
    with w.board.clipped(p):
        for k in (-1, 1):
            for v in (0.35, 0.65):
                y = top + v * (f.chin - top)
                line = w.head.on_face(np.array([(k * 0.9, y - 0.12), (k * 0.5, y), (k * 0.1, y + 0.02)]), 0.1)
                w.pen(line, c, 1.1, end=0.0)


def domino(w: Wear) -> None:
    """A half mask around the eyes, plain, edged or set with stones."""
    e, c = w.who.eyes, w.colour(dark=2)
    half, h = e.width * 0.62, 0.5 * max(e.height, 0.3)
    xs = (0.0, e.x, e.x + half + 0.1, e.x + half + 0.12, e.x + 0.05, 0.24, 0.0)
    out = pairs(xs, (-0.3 - h, -0.42 - h, -0.4 - h, 0.05, h + 0.28, 0.35, 0.24))
    q = np.array(out)
    ring = np.vstack([q, (q[1:-1] * (-1, 1))[::-1]])
    p = path(spline(w.head.on_face(ring, 0.1), 70, closed=True))
    for s in (-1, 1):
        hole = np.array([(-1.02, 0.1), (-0.5, -0.95), (0.4, -1.05), (1.12, -0.3), (0.6, 0.95), (-0.5, 0.95)]) * (
            half,
            h * 1.1,
        )
        hole_px = spline(w.head.on_face(hole * (s, 1) + (s * e.x, 0), 0.1), 36, closed=True)
        p = skia.Op(p, path(hole_px), skia.kDifference_PathOp)
    w.patch(p, c)
    if chance(w.rng, 0.6):
        with w.board.clipped(p):
            w.board.stroke(p, w.trim(c), 0.06 * w.u)
        w.board.stroke(p, w.ink(c), w.line)
    if chance(w.rng, 0.4):
        w.gem(w.head.on_face(np.array([(0.0, -0.35 - 0.5 * h)]), 0.12)[0], 0.08, w.gem_colour(), w.metal())


def plaster(w: Wear) -> None:
    """A plaster on cheek, nose or forehead, or a square gauze."""
    f, where = w.who.face, pick(w.rng, {"cheek": 3, "nose": 3, "brow": 0.7, "gauze": 1.5})
    s = int(w.rng.choice([-1, 1]))
    u, v, angle = {
        "cheek": (s * 0.58, 0.55 * f.chin, s * uniform(w.rng, -0.8, 0.3)),
        "nose": (0.0, f.nose * f.chin - 0.16, 0.0),
        "brow": (s * 0.45, -0.62, 0.4 * s),
        "gauze": (s * 0.6, 0.5 * f.chin, 0.1 * s),
    }[where]
    c = col.WHITE if where == "gauze" or chance(w.rng, 0.25) else col.mix(w.who.skin, (0.86, 0.62, 0.42), 0.6)
    c = w.colour() if where != "gauze" and chance(w.rng, 0.15) else c
    if where == "gauze":
        q = np.array([(-0.2, -0.17), (0.2, -0.17), (0.2, 0.17), (-0.2, 0.17)])
        for k in (-0.12, 0.12):
            tape = np.array([(-0.28, k - 0.04), (0.28, k - 0.04), (0.28, k + 0.04), (-0.28, k + 0.04)])
            w.patch(
                w.head.on_face(np.array([u, v]) + rotated(tape, angle), 0.05), (0.93, 0.9, 0.84), tone=0.3, line=0.7
            )
        w.patch(w.head.on_face(np.array([u, v]) + rotated(q, angle), 0.05), c, tone=0.5)
        return
    a, b = uniform(w.rng, 0.19, 0.27), uniform(w.rng, 0.06, 0.085)
    t = np.linspace(-np.pi / 2, np.pi / 2, 8)
    end = np.column_stack([a + b * (np.cos(t) - 1), b * np.sin(t)])
    strip = rotated(np.vstack([end, -end]), angle)
    lift = 0.12 if where == "nose" else 0.04
    w.patch(w.head.on_face(np.array([u, v]) + strip, lift), c, tone=0.5)
    pad = rotated(np.array([(-0.06, -0.8 * b), (0.06, -0.8 * b), (0.06, 0.8 * b), (-0.06, 0.8 * b)]), angle)
    w.board.stroke(path(w.head.on_face(np.array([u, v]) + pad, lift)), w.ink(c), 0.6 * w.line, 0.7)
    for k in (-0.13, 0.13):
        dot = w.head.on_face(np.array([u, v]) + rotated(np.array([(k, 0.0)]), angle), lift)[0]
        w.board.fill(path(circle(dot, 0.012 * w.u, 8)), w.ink(c), 0.6)


def head_bandage(w: Wear) -> None:
    """A bandage wound around the forehead, sometimes over one eye."""
    c = (0.96, 0.95, 0.92)
    for k, lean in enumerate((0.1, -0.12)):
        ring = Ring(w.head, -0.62 - 0.05 * k, 0.0, lean, 0.0)
        i = ring.order()
        i = i[len(i) // 8 : -(len(i) // 8)]
        lo, hi = ring.px(0.86, -0.16)[i], ring.px(0.86, 0.16)[i]
        w.patch(np.vstack([lo, hi[::-1]]), c, tone=0.5)
        w.pen(0.5 * (lo + hi), c, 0.6)
    if chance(w.rng, 0.4):
        s, e = int(w.rng.choice([-1, 1])), w.who.eyes
        for dv in (0.14, -0.08):
            u = np.array([-0.35, e.x - 0.2, e.x + 0.3, 0.98])
            mid = np.column_stack([s * u, np.array([-0.85, -0.3, 0.15, 0.5]) + dv])
            w.band(spline(w.head.on_face(mid, 0.08), 24), 0.34, c, tone=0.5)


def stickers(w: Wear) -> None:
    """Small stars, hearts or drops stuck below the eyes."""
    e, c = w.who.eyes, w.colour()
    s, both = int(w.rng.choice([-1, 1])), chance(w.rng, 0.5)
    kind, r = int(w.rng.integers(0, 3)), uniform(w.rng, 0.07, 0.13)
    shape = (r * star(5, 0.45), heart(r), r * 0.6 * np.array([(0, -1.2), (0.8, 0.4), (0, 1.0), (-0.8, 0.4)]))[kind]
    for side in (s, -s) if both else (s,):
        for k in range(int(w.rng.integers(1, 4)) if not both else 1):
            uv = np.array([side * (e.x + 0.16 * (k - 0.5)), 0.5 * e.height + 0.2 + 0.05 * (k % 2)])
            w.patch(w.head.on_face(shape + uv, 0.03), c, tone=0.4, line=0.8)

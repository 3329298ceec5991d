"""Glasses of many frames, sunglasses, the monocle, glasses pushed up on the hair."""

from collections.abc import Callable

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.accessories.base import Wear
from cubiseg.portraits.paint import Points, path, spline
from cubiseg.portraits.rng import chance, pick, uniform

Place = Callable[[Points, float], Points]
_N = 48


def rim(w: Wear, shape: str) -> Points:
    """(48, 2) outline of the lens on the picture's right about its middle, sizes from the eye; clockwise from right."""
    e, rng = w.who.eyes, w.rng
    rx = e.width * uniform(rng, 0.56, 0.68)
    eye = max(e.height * 0.5, 0.2)
    ry = eye * uniform(rng, 0.95, 1.3)
    power = 2.0
    if shape == "round":
        rx = ry = max(0.95 * rx, 0.9 * eye)
    elif shape == "square":
        power = uniform(rng, 3.0, 6.0)
    elif shape == "oval":
        ry *= 0.8
    elif shape == "narrow":
        ry, power = 0.55 * ry, uniform(rng, 2.5, 5.0)
    elif shape == "big":
        rx, ry, power = 1.12 * rx, 1.25 * max(ry, 0.8 * rx), uniform(rng, 2.0, 3.0)
    rx = min(rx, e.x - 0.07)
    a = np.linspace(0, 2 * np.pi, _N, endpoint=False)
    cos, sin = (np.sign(f(a)) * np.abs(f(a)) ** (2 / power) for f in (np.cos, np.sin))
    p = np.column_stack([rx * cos, ry * sin])
    if shape == "cat_eye":
        p[:, 1] -= 0.5 * ry * np.clip(p[:, 0] / rx, 0, 1) ** 2 * (sin < 0.3)
        p[:, 0] *= 1 + 0.12 * np.clip(-p[:, 1] / ry, 0, 1)
    elif shape in ("square", "drop"):
        p[:, 0] *= 1 - (0.1 if shape == "square" else 0.25) * np.clip(p[:, 1] / ry, -1, 1)
        if shape == "drop":
            p[:, 1] += 0.16 * ry * np.clip(-p[:, 0] / rx, -1, 1) * (sin < 0)
    elif shape == "heart":
        x, y = np.sin(a) ** 3, -(13 * np.cos(a) - 5 * np.cos(2 * a) - 2 * np.cos(3 * a) - np.cos(4 * a)) / 16
        p = np.roll(np.column_stack([1.05 * rx * x, 1.15 * max(ry, 0.8 * rx) * (y + 0.08)]), -_N // 4, axis=0)
    return p


def _wire(w: Wear, px: Points, c: col.Colour, width: float, closed: bool = False) -> None:
    """A frame's line ``width`` px wide, edged by ink where it is thick."""
    p = path(px, closed)
    if width > 3.5 * w.line and w.line > 0.2:
        w.board.stroke(p, w.ink(c), width + w.line)
    w.board.stroke(p, c, width)


def _lens(w: Wear, px: Points, tint: col.Colour, strength: float, glare: float) -> None:
    """A lens of a colour, with slanted streaks of light."""
    p = path(px)
    if strength > 0:
        w.board.fill(p, tint, strength)
    if glare <= 0:
        return
    lo, hi = px.min(axis=0), px.max(axis=0)
    size = hi - lo
    with w.board.clipped(p):
        for x, wide in ((0.18, 0.16), (0.42, 0.06)):
            q = np.array([(x + 0.25, -0.1), (x + 0.25 + wide, -0.1), (x - 0.1 + wide, 1.1), (x - 0.1, 1.1)])
            w.board.fill(path(lo + q * size), col.WHITE, glare)


def _pair(
    w: Wear,
    shape: Points,
    place: Place,
    drop: float,
    *,
    frame: col.Colour,
    thick: float,
    build: str,
    tint: col.Colour,
    strength: float,
    glare: float,
) -> None:
    """Both lenses, the bridge; ``build``: full, top, bottom, rimless."""
    e = w.who.eyes
    for s in (-1, 1):
        ring = place(shape * (s, 1) + np.array([s * e.x, drop]), 0.14)
        _lens(w, ring, tint, strength, glare)
        if build == "full":
            _wire(w, ring, frame, thick, closed=True)
        elif build == "top":
            _wire(w, np.vstack([ring[22:], ring[:3]]), frame, 1.2 * thick)
            _wire(w, ring, col.light(frame, 0.4), 0.35 * thick, closed=True)
        elif build == "bottom":
            _wire(w, np.vstack([ring[-3:], ring[:28]]), frame, thick)
        else:
            w.board.stroke(path(ring), col.light(frame, 0.5), max(0.02 * w.u, 0.7), 0.55)
    i = int(shape[:, 0].argmin())
    gap, y = e.x + float(shape[i, 0]), drop + float(shape[i, 1]) - 0.04
    up = uniform(w.rng, 0.0, 0.09)
    _wire(w, spline(place(np.array([(-gap, y), (0, y - up), (gap, y)]), 0.19), 12), frame, thick)


def _temples(w: Wear, shape: Points, drop: float, frame: col.Colour, thick: float) -> None:
    """The arms, as far as they are seen beside the face."""
    e = w.who.eyes
    i = int(shape[:, 0].argmax())
    for s in (-1, 1):
        x, y = e.x + float(shape[i, 0]), drop + float(shape[i, 1]) - 0.03
        start = w.head.on_face(np.array([(s * x, y)]), 0.14)
        px = np.vstack([start, w.head.project(np.array([(s * 1.0, y - 0.02, 0.35), (s * 1.06, -0.06, 0.05)]))])
        _wire(w, px, frame, 0.9 * thick)


def _frame(
    w: Wear, shape: str, build: str, thick: float, frame: col.Colour, *, strength: float, glare: float, tint: col.Colour
) -> None:
    outline = rim(w, shape)
    drop = uniform(w.rng, 0.0, 0.1)
    if chance(w.rng, 0.14):  # down on the nose
        drop += uniform(w.rng, 0.12, 0.24)
    px = max(thick * w.u, 0.9)
    _pair(
        w, outline, w.head.on_face, drop, frame=frame, thick=px, build=build, tint=tint, strength=strength, glare=glare
    )
    _temples(w, outline, drop, frame, px)


def _plain_frame(w: Wear) -> tuple[float, col.Colour]:
    """Width (head units) and colour of a frame: thin metal, thick dark or coloured plastic."""
    kind = pick(w.rng, {"metal": 3, "dark": 3, "colour": 2})
    if kind == "metal":
        return uniform(w.rng, 0.02, 0.035), w.dark(w.metal()) if chance(w.rng, 0.6) else w.metal()
    if kind == "dark":
        return uniform(w.rng, 0.035, 0.085), col.hsv(w.rng.random(), 0.4, uniform(w.rng, 0.06, 0.28))
    return uniform(w.rng, 0.03, 0.075), w.colour()


def _clear(w: Wear, shape: str, build: str) -> None:
    thick, frame = _plain_frame(w)
    tinted = uniform(w.rng, 0.03, 0.18) if chance(w.rng, 0.4) else 0.0
    tint = col.mix(col.WHITE, w.gem_colour(), 0.6 * w.rng.random())
    glare = uniform(w.rng, 0.15, 0.38) if chance(w.rng, 0.4) else 0.0
    _frame(w, shape, build, thick, frame, strength=tinted, glare=glare, tint=tint)


def round_glasses(w: Wear) -> None:
    """Round frames."""
    _clear(w, "round", "full")


def square_glasses(w: Wear) -> None:
    """Square or rectangular frames."""
    _clear(w, pick(w.rng, {"square": 3, "narrow": 1.5, "drop": 1}), "full")


def oval_glasses(w: Wear) -> None:
    """Oval frames."""
    _clear(w, "oval", "full")


def cat_eye_glasses(w: Wear) -> None:
    """Frames whose outer corners rise."""
    _clear(w, "cat_eye", "full")


def big_glasses(w: Wear) -> None:
    """Oversized frames."""
    _clear(w, "big", "full")


def half_rim(w: Wear) -> None:
    """A rim above or below only."""
    _clear(w, pick(w.rng, {"oval": 1, "square": 1.5, "narrow": 2}), "top" if chance(w.rng, 0.4) else "bottom")


def rimless(w: Wear) -> None:
    """Lenses without a rim."""
    _clear(w, pick(w.rng, {"oval": 1, "narrow": 1, "round": 1}), "rimless")


def sunglasses(w: Wear) -> None:
    """Dark lenses that hide the eyes."""
    _, frame = _plain_frame(w)
    tint = col.hsv(w.rng.random(), uniform(w.rng, 0.1, 0.6), uniform(w.rng, 0.08, 0.3))
    shape = pick(w.rng, {"square": 2, "drop": 2, "round": 1.5, "big": 1, "cat_eye": 1, "heart": 0.5})
    thick, strength = uniform(w.rng, 0.03, 0.08), uniform(w.rng, 0.82, 0.98)
    _frame(w, shape, "full", thick, frame, strength=strength, glare=uniform(w.rng, 0.15, 0.45), tint=tint)


def monocle(w: Wear) -> None:
    """One round lens with a chain."""
    s, e = int(w.rng.choice([-1, 1])), w.who.eyes
    r, m = max(e.width * 0.55, 0.28), w.metal()
    a = np.linspace(0, 2 * np.pi, _N, endpoint=False)
    ring = w.head.on_face(r * np.stack([np.cos(a), np.sin(a)], 1) + np.array([s * e.x, 0.02]), 0.16)
    _lens(w, ring, col.WHITE, 0.08, 0.25)
    _wire(w, ring, m, max(0.05 * w.u, 1.0), closed=True)
    points = np.array([(s * (e.x + 0.8 * r), 0.6 * r, 0.75), (s * 0.95, 0.75, 0.6), (s * 1.02, 0.3, 0.2)])
    chain = w.head.project(points)
    w.board.stroke(path(spline(chain, 16), closed=False), m, max(0.025 * w.u, 0.8))


def pushed_up(w: Wear) -> None:
    """Glasses or sunglasses pushed up into the hair over the forehead."""
    outline, v, (thick, frame) = (
        rim(w, pick(w.rng, {"round": 1, "square": 1.5, "drop": 1, "big": 1})),
        0.0,
        _plain_frame(w),
    )
    v = uniform(w.rng, -1.35, -1.05)
    dark = chance(w.rng, 0.6)
    strength = uniform(w.rng, 0.7, 0.95) if dark else uniform(w.rng, 0.1, 0.3)
    tint = col.hsv(w.rng.random(), uniform(w.rng, 0.1, 0.7), uniform(w.rng, 0.1, 0.5) if dark else 1.0)

    def place(uv: Points, lift: float) -> Points:
        flat = uv * (1, 0.8) + np.array([0, v])
        return w.head.project(w.head.on_hair(flat[:, 0], flat[:, 1], lift))

    px = max(thick * w.u, 0.9)
    _pair(w, outline, place, 0.0, frame=frame, thick=px, build="full", tint=tint, strength=strength, glare=0.35)
    i = int(outline[:, 0].argmax())
    for s in (-1, 1):
        x = w.who.eyes.x + float(outline[i, 0])
        start = place(np.array([(s * x, float(outline[i, 1]))]), 0.14)
        r = w.head.hair_radii[0]
        wire_px = np.vstack([start, w.head.project(np.array([(s * 0.97 * r, -0.75, 0.25), (s * r, -0.4, -0.1)]))])
        _wire(w, wire_px, frame, px)
    w.covers.append(path(place(outline * (-1, 1) - np.array([w.who.eyes.x, 0]), 0.14)))
    w.covers.append(path(place(outline + np.array([w.who.eyes.x, 0]), 0.14)))

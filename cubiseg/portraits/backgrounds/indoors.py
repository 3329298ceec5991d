"""Indoors: halls and classrooms in perspective, rooms with shelves and windows, panelled walls."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.backgrounds.abstract import folds, photo
from cubiseg.portraits.backgrounds.nature import foliage
from cubiseg.portraits.backgrounds.outdoors import sky_down_to
from cubiseg.portraits.backgrounds.stage import Image, Stage
from cubiseg.portraits.rng import chance, pick, uniform


def boards(s: Stage, c: col.Colour | None = None) -> Image:
    """Boards with grain."""
    c = c or col.hsv(uniform(s.rng, 0.04, 0.11), uniform(s.rng, 0.3, 0.7), uniform(s.rng, 0.3, 0.85))
    k = int(s.rng.integers(4, 14))
    u = s.x * np.float32(k)
    tone = s.rng.random(k + 1).astype(np.float32)[np.floor(u).astype(int)]
    t = 0.3 + 0.4 * tone + np.float32(0.12) * s.noise(3, 8, 0.85, (0.5, 6))
    img = s.ramp(t, [col.shade(c, 0.5), c, col.light(c, 0.35)])
    return s.blend(img, col.shade(c, 0.9), (0.03 - np.minimum(u % 1, 1 - u % 1)) * np.float32(s.n / k))


def _window(s: Stage, img: Image, x: float, y: float, w: float, h: float) -> None:
    """A window with light, sky or leaves behind it, and often curtains."""
    rim = s.near(pick(s.rng, {(0.95, 0.95, 0.93): 2, (0.45, 0.3, 0.2): 2, (0.25, 0.25, 0.3): 1}), 0.1)
    s.box(img, x - 0.015, y - 0.015, x + w + 0.015, y + h + 0.02, rim)
    view = pick(s.rng, {"white": 2, "sky": 2, "leaves": 1})
    corners = [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]
    if view == "white":
        s.box(img, x, y, x + w, y + h, col.hsv(s.rng.random(), uniform(s.rng, 0, 0.15), 0.98))
    else:
        s.quad(img, sky_down_to(s, 1.0) if view == "sky" else foliage(s), corners)
    for k in range(1, nx := int(s.rng.integers(2, 4))):
        s.line(img, np.array([(x + w * k / nx, y), (x + w * k / nx, y + h)]), rim, 0.006)
    for k in range(1, ny := int(s.rng.integers(1, 5))):
        s.line(img, np.array([(x, y + h * k / ny), (x + w, y + h * k / ny)]), rim, 0.006)


def hall(s: Stage) -> Image:
    """Ceiling, floor and side walls in perspective; windows between columns, rows of benches, boards."""
    x0, x1 = uniform(s.rng, -0.1, 0.35), uniform(s.rng, 0.65, 1.1)
    y0, y1 = uniform(s.rng, 0.0, 0.25), uniform(s.rng, 0.45, 0.75)
    wall = s.near(col.hsv(uniform(s.rng, 0.04, 0.15), uniform(s.rng, 0.02, 0.3), uniform(s.rng, 0.6, 0.98)))
    img = s.textured(s.flat(wall), s.noise(1, 5), 0.03)
    ceiling = col.light(wall, 0.5) if chance(s.rng, 0.6) else s.colour(0.5)
    tone = s.ramp(0.5 + 0.1 * s.noise(1, 6), [col.shade(ceiling, 0.3), ceiling])
    s.quad(img, tone, [(-0.4, -0.4), (1.4, -0.4), (x1, y0), (x0, y0)])
    for k in range(int(s.rng.integers(0, 6))):  # beams and lamps
        t = (k + 0.5) / 6
        y, a, b = -0.4 + (y0 + 0.4) * t, -0.4 + (x0 + 0.4) * t, 1.4 + (x1 - 1.4) * t
        c = col.WHITE if chance(s.rng, 0.5) else col.shade(ceiling, 0.7)
        u = uniform(s.rng, 0.0, 0.4)
        s.box(img, a + u * (b - a), y, b - u * (b - a), y + 0.02 * (1.2 - t), c)
    floor = boards(s) if chance(s.rng, 0.6) else s.flat(s.colour(0.8))
    s.quad(img, floor, [(x0, y1), (x1, y1), (1.6, 1.2), (-0.6, 1.2)])
    n = int(s.rng.integers(2, 7))
    timber = col.hsv(uniform(s.rng, 0.04, 0.1), uniform(s.rng, 0.3, 0.7), uniform(s.rng, 0.25, 0.6))
    kind = pick(s.rng, {"windows": 3, "board": 2, "bare": 1})
    for k in range(n):
        w = (x1 - x0) / n
        x = x0 + k * w
        if kind == "windows":
            _window(s, img, x + 0.2 * w, y0 + 0.05, 0.6 * w, 0.75 * (y1 - y0))
            s.box(img, x - 0.06 * w, y0, x + 0.1 * w, y1, s.near(timber, 0.1))
    if kind == "board":
        c = pick(s.rng, {(0.12, 0.3, 0.22): 3, (0.95, 0.96, 0.97): 2, (0.15, 0.17, 0.18): 1})
        a, b = x0 + 0.12 * (x1 - x0), x1 - uniform(s.rng, 0.1, 0.3) * (x1 - x0)
        s.box(img, a - 0.012, y0 + 0.06, b + 0.012, y1 - 0.08, timber)
        s.box(img, a, y0 + 0.075, b, y1 - 0.095, c)
        for _ in range(int(s.rng.integers(0, 8))):
            p = (uniform(s.rng, a, b), uniform(s.rng, y0 + 0.1, max(y0 + 0.1, y1 - 0.12)))
            s.line(img, np.array([p, (min(p[0] + 0.1, b), p[1])]), col.mix(c, (0.9, 0.9, 0.9), 0.5), 0.004)
    s.box(img, x0, y1 - 0.02, x1, y1, timber)
    _benches(s, img, x0, x1, y1, timber)
    return img


def _benches(s: Stage, img: Image, x0: float, x1: float, y1: float, timber: col.Colour) -> None:
    """Rows of desks, chairs or pews that grow to the viewer, around an aisle."""
    if chance(s.rng, 0.2):
        return
    aisle, seat = uniform(s.rng, 0.0, 0.2), s.colour() if chance(s.rng, 0.5) else timber
    top = s.near(col.hsv(0.12, uniform(s.rng, 0.1, 0.5), 0.85), 0.1)
    mid = 0.5 * (x0 + x1) + s.rng.normal(0, 0.1)
    for t in np.linspace(0.08, 1.0, int(s.rng.integers(4, 10))) ** 1.4:
        y, h = y1 + (1.05 - y1) * t, 0.03 + 0.12 * t
        a, b = x0 + (-0.5 - x0) * t, x1 + (1.5 - x1) * t
        gap = aisle * (0.3 + t)
        for u, v in ((a, mid - gap), (mid + gap, b)):
            s.box(img, u, y - 0.6 * h, v, y, s.near(seat, 0.12))
            s.box(img, u, y - 0.75 * h, v, y - 0.5 * h, top)
            for x in np.linspace(u, v, 4):
                s.box(img, x, y - 0.5 * h, x + 0.01 + 0.01 * t, y + 0.2 * h, col.shade(timber, 0.6))


def room(s: Stage) -> Image:
    """A wall with a window, curtains, a shelf of books, pictures, a plant, furniture."""
    wall = s.colour(0.6, 0.45)
    img = s.textured(s.flat(wall), s.noise(1, 6), uniform(s.rng, 0.01, 0.06))
    low = uniform(s.rng, 0.7, 1.0)
    if chance(s.rng, 0.6):
        x, w, y, h = uniform(s.rng, 0.0, 0.6), uniform(s.rng, 0.2, 0.5), uniform(s.rng, 0.05, 0.2), 0.45
        _window(s, img, x, y, w, h)
        if chance(s.rng, 0.6):
            cloth = folds(s)
            for a, b in ((x - 0.1, x + 0.03), (x + w - 0.03, x + w + 0.1)):
                s.quad(img, cloth, [(a, y - 0.04), (b, y - 0.04), (b, y + h + 0.2), (a, y + h + 0.2)])
    if chance(s.rng, 0.6):
        _shelf(s, img, uniform(s.rng, -0.1, 0.7), uniform(s.rng, 0.1, 0.5), uniform(s.rng, 0.25, 0.5), low)
    for _ in range(int(s.rng.integers(0, 4))):  # pictures on the wall
        x, y, w, h = (uniform(s.rng, 0, 0.9), uniform(s.rng, 0.05, 0.4), *s.rng.uniform(0.06, 0.25, 2))
        s.box(img, x - 0.01, y - 0.01, x + w + 0.01, y + h + 0.01, s.colour())
        s.quad(img, photo(s), [(x, y), (x + w, y), (x + w, y + h), (x, y + h)])
    if low < 0.95:
        s.quad(img, boards(s), [(-0.2, low), (1.2, low), (1.8, 1.3), (-0.8, 1.3)])
        s.box(img, 0, low - 0.03, 1, low, col.light(wall, 0.6))
    for _ in range(int(s.rng.integers(0, 4))):  # furniture
        x, w, h = uniform(s.rng, -0.1, 0.9), uniform(s.rng, 0.1, 0.5), uniform(s.rng, 0.1, 0.4)
        c = s.colour()
        s.box(img, x, low + 0.1 - h, x + w, low + 0.12, c)
        s.box(img, x - 0.01, low + 0.1 - h, x + w + 0.01, low + 0.12 - h + 0.02, col.light(c, 0.3))
        s.box(img, x + 0.8 * w, low + 0.1 - h, x + w, low + 0.12, col.shade(c, 0.5))
    return img


def _shelf(s: Stage, img: Image, x: float, y: float, w: float, low: float) -> None:
    timber = col.hsv(uniform(s.rng, 0.04, 0.1), uniform(s.rng, 0.2, 0.7), uniform(s.rng, 0.25, 0.9))
    s.box(img, x, y, x + w, low, timber)
    rows = int(s.rng.integers(2, 5))
    h = (low - y) / rows
    for k in range(rows):
        top, foot = y + k * h + 0.012, y + (k + 1) * h - 0.012
        s.box(img, x + 0.012, top, x + w - 0.012, foot, col.shade(timber, 0.9))
        at = x + 0.015
        while at < x + w - 0.03:
            b = uniform(s.rng, 0.01, 0.035)
            if chance(s.rng, 0.85):
                tall = uniform(s.rng, 0.5, 0.95) * (foot - top)
                s.box(img, at, foot - tall, min(at + b, x + w - 0.015), foot, s.colour())
            at += b + 0.002


def wall(s: Stage) -> Image:
    """Panels with frames, wallpaper, wainscot, tiles."""
    c = s.colour(0.7, 0.3)
    img = s.textured(s.flat(c), s.noise(2, 8, 0.85), uniform(s.rng, 0.01, 0.08))
    if chance(s.rng, 0.4):
        img = s.blend(img, col.light(c, 0.3), (np.sin(s.x * np.float32(uniform(s.rng, 40, 160))) > 0.3) * 0.6)
    split = uniform(s.rng, 0.5, 1.1)
    n, w = int(s.rng.integers(2, 7)), uniform(s.rng, 0.004, 0.014)
    hi, lo = col.light(c, 0.5), col.shade(c, 0.8)
    for k in range(n):
        for y0, y1 in ((0.04, split - 0.05), (split + 0.03, 1.2)):
            x0, x1 = (k + 0.12) / n, (k + 0.88) / n
            if y1 - y0 > 0.05:
                ring = np.array([(x0, y1), (x0, y0), (x1, y0), (x1, y1), (x0, y1)])
                s.line(img, ring + w, lo, w)
                s.line(img, ring, hi, w)
    if chance(s.rng, 0.5):
        s.box(img, 0, split - 0.02, 1, split + 0.01, hi)
        s.box(img, 0, split + 0.01, 1, split + 0.018, lo)
    return img


def curtain(s: Stage) -> Image:
    """A drawn curtain, or a stage's."""
    img = folds(s)
    if chance(s.rng, 0.4):
        top = folds(s)
        edge = np.float32(uniform(s.rng, 0.08, 0.2)) * (1 + 0.5 * np.abs(np.sin(s.x * np.float32(9.4))))
        img = s.blend(img, top, (edge - s.y) * np.float32(s.n))
    return img

"""Repeated shapes: stripes, checks, dots, rays, hearts and stars, halftone."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.backgrounds.plain import gradient
from cubiseg.portraits.backgrounds.stage import LEAF, Image, Stage
from cubiseg.portraits.paint import Board, path, spline
from cubiseg.portraits.rng import chance, pick, uniform


def _pair(s: Stage) -> list[col.Colour]:
    """Two colours of a pattern: often tones of one."""
    a = s.colour()
    return [a, col.light(a, uniform(s.rng, 0.2, 0.8)) if chance(s.rng, 0.5) else s.colour()]


def _turned(s: Stage) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates turned by any angle, or upright."""
    a = s.rng.random() * np.pi if chance(s.rng, 0.6) else np.pi / 4 * int(s.rng.integers(0, 4))
    c, d = np.float32(np.cos(a)), np.float32(np.sin(a))
    return s.x * c + s.y * d, s.y * c - s.x * d


def _edge(s: Stage, wave: np.ndarray, period: float) -> np.ndarray:
    """A wave of -1..1 as an even-edged mask: one px wide edges whatever its period."""
    return np.clip(wave * np.float32(0.25 * period * s.n) + 0.5, 0, 1)


def _saw(t: np.ndarray) -> np.ndarray:
    """A triangle wave of period 1 between -1 and 1."""
    return 4 * np.abs(t - np.floor(t) - np.float32(0.5)) - 1


def stripes(s: Stage) -> Image:
    """Bars of even or uneven width."""
    u, _ = _turned(s)
    p = uniform(s.rng, 0.02, 0.25)
    return s.ramp(_edge(s, _saw(u / np.float32(p)) + np.float32(uniform(s.rng, -0.7, 0.7)), p), _pair(s))


def checks(s: Stage) -> Image:
    """A chequerboard or a gingham."""
    u, v = _turned(s)
    p = uniform(s.rng, 0.04, 0.25)
    a, b = _edge(s, _saw(u / np.float32(p)), p), _edge(s, _saw(v / np.float32(p)), p)
    return s.ramp(0.5 * (a + b) if chance(s.rng, 0.5) else np.abs(a - b), _pair(s))


def diamonds(s: Stage) -> Image:
    """Lozenges, with or without lines between them."""
    p, k = uniform(s.rng, 0.05, 0.2), np.float32(uniform(s.rng, 0.4, 1.0))
    u, v = (s.x + k * s.y) / np.float32(p), (s.x - k * s.y) / np.float32(p)
    img = s.ramp(np.abs(_edge(s, _saw(u), p) - _edge(s, _saw(v), p)), _pair(s))
    if chance(s.rng, 0.5):
        img = s.blend(img, s.colour(), np.maximum(_edge(s, _saw(u) - 0.9, p), _edge(s, _saw(v) - 0.9, p)))
    return img


def dots(s: Stage) -> Image:
    """Polka dots, in rows or offset."""
    u, v = _turned(s)
    p = uniform(s.rng, 0.03, 0.16)
    u, v = u / np.float32(p), v / np.float32(p)
    u = u + 0.5 * (np.floor(v) % 2)
    r = np.hypot(u - np.floor(u) - 0.5, v - np.floor(v) - 0.5)
    return s.ramp(np.clip((uniform(s.rng, 0.12, 0.42) - r) * np.float32(p * s.n) + 0.5, 0, 1), _pair(s))


def rays(s: Stage) -> Image:
    """Beams from a point."""
    cx, cy = uniform(s.rng, 0.2, 0.8), uniform(s.rng, 0.2, 1.0)
    a = np.arctan2(s.y - cy, s.x - cx) / np.float32(2 * np.pi)
    return s.ramp(np.clip(_saw(a * int(s.rng.integers(7, 30)) + s.rng.random()) * 20 + 0.5, 0, 1), _pair(s))


def speed_lines(s: Stage) -> Image:
    """Thin wedges that rush to the middle, or past the figure."""
    a, b = s.colour(low=0.7), s.colour(low=0.0, high=0.4)
    img = s.flat(b if (dark := chance(s.rng, 0.3)) else a)
    ink = a if dark else b
    if chance(s.rng, 0.7):
        c = np.array([uniform(s.rng, 0.35, 0.65), uniform(s.rng, 0.3, 0.6)])
        for t, far, w in zip(
            s.rng.random(90) * 2 * np.pi, s.rng.uniform(0.2, 0.55, 90), s.rng.uniform(0.004, 0.03, 90), strict=True
        ):
            e = [(np.cos(t + k), np.sin(t + k)) for k in (-w, w)]
            points = [c + far * np.array((np.cos(t), np.sin(t))), c + 1.3 * np.array(e[0]), c + 1.3 * np.array(e[1])]
            s.polygon(img, points, ink)
        return img
    for y in s.rng.random(60):
        x, w, length = s.rng.random() - 0.3, uniform(s.rng, 0.001, 0.008), uniform(s.rng, 0.3, 1.3)
        s.polygon(img, [(x, y), (x + length / 2, y - w), (x + length, y), (x + length / 2, y + w)], s.near(ink, 0.3))
    return img


def _star(points: int, inner: float) -> np.ndarray:
    a = np.arange(2 * points) * np.pi / points - np.pi / 2
    r = np.where(np.arange(2 * points) % 2, inner, 1.0)
    return np.stack([r * np.cos(a), r * np.sin(a)], 1)


def _heart() -> np.ndarray:
    t = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    return np.stack([np.sin(t) ** 3, -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)) / 16], 1)


def _flower() -> np.ndarray:
    t = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    r = 0.55 + 0.45 * np.abs(np.cos(2.5 * t))
    return np.stack([r * np.cos(t), r * np.sin(t)], 1)


SHAPES = {
    "heart": _heart(),
    "star": _star(5, 0.42),
    "sparkle": _star(4, 0.2),
    "flower": _flower(),
    "leaf": LEAF,
    "ring": spline(_star(6, 0.86), 40, closed=True),
    "burst": _star(9, 0.7),
}


def scatter(s: Stage) -> Image:
    """Hearts, stars, flowers, sparkles: in rows or strewn about."""
    img = gradient(s) if chance(s.rng, 0.5) else s.flat(s.colour())
    board = Board(s.n)
    shape = SHAPES[pick(s.rng, dict.fromkeys(SHAPES, 1.0))]
    r = uniform(s.rng, 0.012, 0.07)
    if chance(s.rng, 0.4):
        k = int(np.clip(0.32 / r, 3, 12))
        at = np.array([(x + 0.5 * (y % 2), y) for x in range(k + 1) for y in range(k + 1)]) / k
    else:
        at = s.rng.random((int(s.rng.integers(10, 70)), 2))
    colours = [s.colour() for _ in range(int(s.rng.integers(1, 4)))] + [col.WHITE]
    colours = colours[:-1] if chance(s.rng, 0.6) else colours[-1:]
    even, tilt = chance(s.rng, 0.5), s.rng.random() * chance(s.rng, 0.5)
    for p in at:
        a = tilt if even else s.rng.normal(0, 0.7)
        size = r * (1 if even else uniform(s.rng, 0.4, 1.5))
        turn = np.array([(np.cos(a), np.sin(a)), (-np.sin(a), np.cos(a))])
        c = colours[int(s.rng.integers(len(colours)))]
        board.fill(path((p + size * shape @ turn) * s.n), c, 1.0 if even else uniform(s.rng, 0.4, 1.0))
    return s.over(img, board)


def halftone(s: Stage) -> Image:
    """Dots that grow along a gradient."""
    a, b = _pair(s)
    u, v = _turned(s)
    p = np.float32(uniform(s.rng, 0.012, 0.05))
    u, v = u / p, v / p
    r = np.hypot(u - np.floor(u) - 0.5, v - np.floor(v) - 0.5)
    t = s.rng.random() * 2 * np.pi
    grow = 0.35 + (s.x - 0.5) * np.float32(np.cos(t)) * 0.7 + (s.y - 0.5) * np.float32(np.sin(t)) * 0.7
    return s.ramp(np.clip((grow - r) * (p * s.n) + 0.5, 0, 1), [a, b])

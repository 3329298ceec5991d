"""Grown outdoors: sky, water, hills, woods, meadows, with the fine texture that photographs and painted scenes have."""

import cv2
import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.backgrounds.city import facade
from cubiseg.portraits.backgrounds.outdoors import greens, leaves, sky_down_to, tree_line
from cubiseg.portraits.backgrounds.stage import LEAF, Image, Stage
from cubiseg.portraits.rng import chance, pick, uniform


def _stamped(s: Stage, img: Image, colours: list[col.Colour], where: np.ndarray, size: float, count: int) -> None:
    """Single leaves in places where ``where`` (n, n) is positive."""
    at = s.rng.random((count, 2))
    px = np.minimum((at * s.n).astype(int), s.n - 1)
    at = at[where[px[:, 1], px[:, 0]] > 0]
    sizes = size * s.rng.uniform(0.5, 1.3, len(at))
    s.stamp(img, at, sizes, s.rng.normal(0.6, 0.9, len(at)), LEAF, colours)


def grass(s: Stage, colours: list[col.Colour]) -> Image:
    """A lawn or a meadow seen at a slant: finer to the horizon."""
    t = 0.5 + np.float32(0.17) * s.noise(3, 8, 0.9, (0.6, 2.2 if chance(s.rng, 0.5) else 0.7)) + 0.1 * s.noise(1, 3)
    return s.ramp(t, colours)


def water(s: Stage, horizon: float, colours: list[col.Colour], choppy: float) -> Image:
    """Waves that flatten and crowd towards the horizon."""
    texture = s.noise(2, 8, 0.75, (6.0, 0.5))
    depth = np.clip((s.y[:, 0] - horizon) / (1.02 - horizon), 0.003, 1)
    rows = (np.clip(depth**0.45, 0, 1) * (s.n - 1)).astype(int)
    t = 0.5 + np.float32(choppy) * texture[rows] + 0.25 * (s.y - 0.5 * (1 + np.float32(horizon)))
    return s.ramp(t, colours)


def _below(s: Stage, horizon: float) -> np.ndarray:
    return np.clip((s.y - np.float32(horizon)) * np.float32(s.n), 0, 1) * np.ones_like(s.x)


def sky(s: Stage) -> Image:
    """Nothing but sky."""
    return sky_down_to(s, uniform(s.rng, 0.7, 1.4), uniform(s.rng, 0.3, 1.0))


def sea(s: Stage) -> Image:
    """Open water to the horizon, at times a beach."""
    horizon = uniform(s.rng, 0.25, 0.7)
    img = sky_down_to(s, horizon)
    h = uniform(s.rng, 0.45, 0.65)
    blue = [col.hsv(h + 0.03, 0.7, 0.25), col.hsv(h, 0.65, 0.5), col.hsv(h - 0.03, 0.45, 0.8), col.WHITE]
    img = s.blend(img, water(s, horizon, blue, uniform(s.rng, 0.04, 0.16)), _below(s, horizon))
    if chance(s.rng, 0.4):
        edge = np.float32(uniform(s.rng, horizon + 0.1, 0.95)) + 0.02 * s.noise(1, 4)
        sand = s.ramp(0.5 + 0.2 * s.noise(3, 8, 0.9), [col.hsv(0.1, 0.4, 0.6), col.hsv(0.11, 0.25, 0.95)])
        img = s.blend(img, sand, (s.y - edge) * np.float32(s.n * 0.3))
    return img


def palm(s: Stage, img: Image, foot: np.ndarray, high: float, greens_: list[col.Colour], bark: col.Colour) -> None:
    """One palm: a bent trunk with rings, feathered fronds that hang from its crown."""
    lean = s.rng.normal(0, 0.16) * high
    t = np.linspace(0, 1, 14)
    trunk = foot + np.column_stack([lean * t**1.7, -high * t])
    width = uniform(s.rng, 0.03, 0.05) * high
    for j in range(13):
        s.line(img, trunk[j : j + 2], s.near(bark, 0.12), width * (1.2 - 0.5 * t[j]))
    for angle in np.sort(s.rng.uniform(-np.pi, np.pi, int(s.rng.integers(9, 16)))):
        long, c = high * uniform(s.rng, 0.32, 0.55), greens_[int(s.rng.integers(1, 5))]
        k = np.linspace(0, 1, 11)
        rise = 0.55 * abs(np.sin(angle)) + 0.1
        rib = trunk[-1] + long * np.column_stack([np.sin(angle) * k, -rise * k + (0.5 + rise) * k**2.2])
        side = 0.26 * long * np.sin(np.pi * np.clip(0.1 + 0.9 * k, 0, 1))[:, None]
        for a, w in zip(rib[1:], side[1:], strict=True):
            s.polygon(img, a + w * np.array([(0.0, 0.0), (0.25, 1.0), (0.2, 0.3)]), c)
            s.polygon(img, a + w * np.array([(0.0, 0.0), (-0.3, 0.8), (-0.15, 0.2)]), col.shade(c, 0.3))
        s.line(img, rib, col.light(c, 0.3), 0.012 * high)


def palms(s: Stage) -> Image:
    """A bright shore or street with palms, huts or buildings behind them."""
    horizon = uniform(s.rng, 0.5, 0.8)
    img = sky_down_to(s, horizon)
    if chance(s.rng, 0.6):
        h = uniform(s.rng, 0.45, 0.6)
        blue = [col.hsv(h, 0.7, 0.4), col.hsv(h, 0.6, 0.75), col.hsv(h - 0.02, 0.3, 0.95), col.WHITE]
        img = s.blend(img, water(s, horizon, blue, uniform(s.rng, 0.05, 0.16)), _below(s, horizon))
        shore = horizon + uniform(s.rng, 0.06, 0.2)
    else:
        shore = horizon
        for x in np.arange(-0.05, 1.0, uniform(s.rng, 0.12, 0.3)):
            w, top = uniform(s.rng, 0.1, 0.26), horizon - uniform(s.rng, 0.08, 0.4)
            wall = s.near(col.hsv(s.rng.random(), uniform(s.rng, 0.05, 0.35), uniform(s.rng, 0.75, 1.0)))
            s.box(img, x, top, x + w, horizon + 0.01, wall)
            for v in np.arange(top + 0.03, horizon - 0.03, 0.06):
                for u in np.arange(x + 0.02, x + w - 0.03, 0.05):
                    s.box(img, u, v, u + 0.025, v + 0.035, s.near(col.shade(wall, 0.7)))
    sand = s.ramp(0.5 + 0.2 * s.noise(3, 8, 0.9), [col.hsv(0.1, 0.35, 0.7), col.hsv(0.11, 0.2, 0.98)])
    img = s.blend(img, sand, (s.y - np.float32(shore) + 0.02 * s.noise(1, 4)) * np.float32(s.n * 0.3))
    colours = [col.mix(c, (0.3, 0.7, 0.25), 0.4) for c in greens(s)]
    bark = col.hsv(uniform(s.rng, 0.05, 0.1), uniform(s.rng, 0.2, 0.5), uniform(s.rng, 0.4, 0.7))
    for size in np.sort(s.rng.uniform(0.25, 1.0, int(s.rng.integers(2, 8)))):
        foot = np.array([s.rng.random(), shore + 0.25 * size * (1 - shore) + 0.02])
        palm(s, img, foot, float(size), colours, bark)
    return img


def lake(s: Stage) -> Image:
    """A clear sky, a dark far bank with trees and houses, dark water."""
    horizon = uniform(s.rng, 0.45, 0.85)
    img = sky_down_to(s, horizon)
    bank = horizon + uniform(s.rng, 0.02, 0.08)
    dark = [col.mix(c, (0.1, 0.13, 0.2), uniform(s.rng, 0.3, 0.7)) for c in greens(s)]
    img = tree_line(s, img, bank, uniform(s.rng, 0.05, 0.2), dark)
    for _ in range(int(s.rng.integers(0, 10))):
        x, w, h = s.rng.random(), uniform(s.rng, 0.01, 0.08), uniform(s.rng, 0.01, 0.05)
        c = s.near(col.hsv(uniform(s.rng, 0.05, 0.12), 0.12, uniform(s.rng, 0.5, 0.95)))
        s.box(img, x, bank - h - 0.03, x + w, bank - 0.02 - 0.02 * s.rng.random(), c)
    h = uniform(s.rng, 0.5, 0.68)
    deep = [col.hsv(h, 0.6, 0.06), col.hsv(h, 0.45, 0.2), col.hsv(h, 0.3, uniform(s.rng, 0.3, 0.7))]
    return s.blend(img, water(s, bank, deep, uniform(s.rng, 0.05, 0.15)), _below(s, bank))


def hills(s: Stage) -> Image:
    """Ridges one behind the other, paler with distance, above a meadow."""
    horizon = uniform(s.rng, 0.4, 0.8)
    img = sky_down_to(s, horizon)
    colours, air = greens(s), col.hsv(0.58, 0.15, 0.9)
    for k in range(count := int(s.rng.integers(2, 5))):
        far = 1 - k / count
        top = horizon - 0.25 * far + np.float32(0.09 * (0.4 + far)) * s.noise(1, 5, 0.45)[:1]
        ridge = s.ramp(0.5 + 0.16 * s.noise(3, 8, 0.8), [col.mix(c, air, 0.75 * far) for c in colours])
        img = s.blend(img, ridge, (s.y - top) * np.float32(s.n * 0.7))
    return img


def park(s: Stage) -> Image:
    """Trees with trunks and open ground, often a path or a pale building between them."""
    horizon = uniform(s.rng, 0.5, 0.85)
    img = sky_down_to(s, horizon)
    if chance(s.rng, 0.4):
        x, w, h = uniform(s.rng, -0.2, 0.7), uniform(s.rng, 0.3, 0.8), uniform(s.rng, 0.2, 0.5)
        s.quad(img, facade(s), [(x, horizon - h), (x + w, horizon - h), (x + w, horizon), (x, horizon)])
    if chance(s.rng, 0.8):
        img = tree_line(s, img, horizon, uniform(s.rng, 0.08, 0.35), greens(s))
    earth = [col.hsv(0.09, 0.35, 0.35), col.hsv(0.09, 0.3, 0.6), col.hsv(0.1, 0.2, 0.85)]
    img = s.blend(img, grass(s, greens(s) if chance(s.rng, 0.7) else earth), _below(s, horizon))
    if chance(s.rng, 0.4):
        x = uniform(s.rng, 0.2, 0.8)
        way = np.abs(s.x - x) - (s.y - np.float32(horizon)) * np.float32(uniform(s.rng, 0.2, 1.0)) * (s.y > horizon)
        ground = s.ramp(0.5 + 0.2 * s.noise(3, 8, 0.9), earth)
        img = s.blend(img, ground, np.clip(-way * np.float32(40), 0, 1) * _below(s, horizon))
    for _ in range(int(s.rng.integers(1, 6))):
        x, w = s.rng.random(), uniform(s.rng, 0.008, 0.04)
        foot = horizon + uniform(s.rng, -0.02, 0.2)
        bark = [col.hsv(0.07, 0.4, 0.1), col.hsv(0.07, 0.35, uniform(s.rng, 0.25, 0.5))]
        trunk = s.ramp(0.5 + 0.25 * s.noise(4, 8, 0.8, (0.5, 3)), bark)
        img = s.blend(img, trunk, (w * (0.7 + 0.5 * s.y) - np.abs(s.x - x)) * s.n * (s.y < foot))
    colours = greens(s)
    crown = s.noise(1, 3, 0.7) + 0.25 * s.noise(5, 8, 0.9) - (s.y - np.float32(uniform(s.rng, 0.1, 0.45))) * 5
    img = s.blend(img, leaves(s, colours), crown * 4)
    _stamped(s, img, colours[1:], crown + 0.6, uniform(s.rng, 0.006, 0.016), 500)
    return img


def foliage(s: Stage) -> Image:
    """Close leaves, with gaps of light between them."""
    colours = greens(s)
    img = leaves(s, colours, uniform(s.rng, 0.7, 0.95))
    if chance(s.rng, 0.6):
        gaps = s.noise(2, 5, 0.7) + 0.4 * s.noise(6, 8, 0.9) - np.float32(uniform(s.rng, 0.8, 2.0))
        img = s.blend(img, s.near(col.hsv(0.55, 0.1, 0.97), 0.1), gaps * 5)
    size = uniform(s.rng, 0.008, 0.06)
    _stamped(s, img, colours, s.noise(2, 3), size, int(np.clip(6 / size, 60, 700)))
    if chance(s.rng, 0.25):
        bright = [s.colour(low=0.8), col.WHITE]
        _stamped(s, img, bright, s.noise(3, 5) - 0.7, 0.5 * size, 300)
    return img


def ground(s: Stage) -> Image:
    """Grass, sand, gravel, rock or bark from near by."""
    kind = pick(s.rng, {"grass": 3, "sand": 1, "rock": 1.5, "bark": 1})
    if kind == "grass":
        img, colours = grass(s, greens(s)), greens(s)
        for x, y, d in zip(s.rng.random(250), s.rng.random(250), s.rng.normal(0, 0.02, 250), strict=True):
            length = uniform(s.rng, 0.03, 0.1)
            blade = [(x, y), (x + 0.004, y), (x + d, y - length)]
            s.polygon(img, blade, colours[int(s.rng.integers(1, 5))])
        return img
    if kind == "sand":
        return s.ramp(0.5 + 0.13 * s.noise(1, 8, 0.95), [col.hsv(0.09, 0.4, 0.45), col.hsv(0.11, 0.2, 0.97)])
    h, sat = uniform(s.rng, 0.03, 0.15), uniform(s.rng, 0.03, 0.4)
    stretch = (0.6, 3.0) if kind == "bark" else (1.0, 1.0)
    edge = np.abs(s.noise(2, 6, 0.6, stretch))  # cracks where the noise changes its sign
    t = np.clip(edge * 1.2, 0, 0.6) + 0.1 + np.float32(0.1) * s.noise(4, 8, 0.9)
    return s.ramp(t, [col.hsv(h, sat, 0.08), col.hsv(h, sat, 0.45), col.hsv(h, sat * 0.6, 0.85)])


def blurred_wood(s: Stage) -> Image:
    """Foliage far out of focus with spots of light."""
    img = cv2.GaussianBlur(foliage(s), (0, 0), s.n * uniform(s.rng, 0.008, 0.03))
    at = s.rng.random((int(s.rng.integers(8, 40)), 2))
    lay, r = img.copy(), uniform(s.rng, 0.01, 0.04)
    disc = np.stack([np.cos(t := np.linspace(0, 2 * np.pi, 24, endpoint=False)), np.sin(t)], 1)
    light = [col.hsv(uniform(s.rng, 0.1, 0.3), 0.2, 1.0), col.hsv(0.2, 0.5, 0.9)]
    s.stamp(lay, at, r * s.rng.uniform(0.5, 1.3, len(at)), np.zeros(len(at)), disc, light)
    return cv2.addWeighted(lay, 0.45, img, 0.55, 0)

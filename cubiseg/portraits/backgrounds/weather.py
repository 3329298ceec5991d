"""Night, snow, rain, petals, fire."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.backgrounds import abstract, city, nature, outdoors, plain
from cubiseg.portraits.backgrounds.stage import LEAF, Image, Stage
from cubiseg.portraits.paint import Board
from cubiseg.portraits.rng import chance, pick, uniform


def _disc(k: int = 12) -> np.ndarray:
    t = np.linspace(0, 2 * np.pi, k, endpoint=False)
    return np.stack([np.cos(t), np.sin(t)], 1)


def stars(s: Stage) -> Image:
    """A starry night, at times with a moon, a nebula or hills below."""
    h = uniform(s.rng, 0.55, 0.85)
    img = s.ramp(s.y, [col.hsv(h, 0.8, 0.05), col.hsv(h, 0.7, 0.2), col.hsv(h + 0.08, 0.5, uniform(s.rng, 0.2, 0.6))])
    if chance(s.rng, 0.4):
        img = s.blend(img, s.colour(low=0.6), 0.25 * (s.noise(1, 5) + 0.3))
    at = s.rng.random((int(s.rng.integers(60, 300)), 2))
    sizes = 0.0015 + 0.004 * s.rng.random(len(at)) ** 4
    s.stamp(img, at, sizes, np.zeros(len(at)), _disc(6), [col.WHITE, (1.0, 0.95, 0.8), (0.8, 0.88, 1.0)])
    if chance(s.rng, 0.35):
        c, r = s.rng.random(2) * (1, 0.5), uniform(s.rng, 0.03, 0.12)
        d = np.hypot(s.x - c[0], s.y - c[1])
        moon = (1.0, 0.97, uniform(s.rng, 0.7, 1.0))
        img = s.blend(img, moon, np.clip((r - d) * np.float32(s.n), 0, 1) + 0.3 * np.exp(-d / np.float32(2 * r)))
    if chance(s.rng, 0.3):
        height = uniform(s.rng, 0.1, 0.3)
        img = outdoors.tree_line(s, img, 1.01, height, [col.shade(c, 1.0) for c in outdoors.greens(s)])
    return img


def snow(s: Stage) -> Image:
    """Flakes or rain before a winter scene."""
    behind = pick(s.rng, {plain.gradient: 2, nature.hills: 2, city.night_city: 1, nature.blurred_wood: 1})
    img = s.blend(behind(s), col.hsv(0.6, 0.08, uniform(s.rng, 0.6, 0.95)), np.full((s.n, s.n), uniform(s.rng, 0, 0.6)))
    if chance(s.rng, 0.25):  # rain
        lean = s.rng.normal(0, 0.04)
        for p in s.rng.random((120, 2)):
            s.line(img, np.array([p, p + np.array([lean, uniform(s.rng, 0.03, 0.12)])]), (0.85, 0.9, 0.95), 0.002)
        return img
    at = s.rng.random((int(s.rng.integers(40, 250)), 2))
    size = uniform(s.rng, 0.003, 0.012) * s.rng.uniform(0.3, 1.8, len(at))
    s.stamp(img, at, size, np.zeros(len(at)), _disc(), [col.WHITE, (0.93, 0.95, 1.0)])
    return img


def petals(s: Stage) -> Image:
    """Blossom, leaves or feathers on the wind."""
    behind = pick(s.rng, {plain.gradient: 3, nature.sky: 2, nature.blurred_wood: 2, nature.park: 1})
    img = behind(s)
    hue = pick(s.rng, {0.94: 4, 0.08: 1.5, 0.3: 1, 0.0: 1, 0.6: 0.5})
    colours = [col.hsv(hue + s.rng.normal(0, 0.02), uniform(s.rng, 0.1, 0.7), uniform(s.rng, 0.75, 1.0)) for _ in "abc"]
    at = s.rng.random((int(s.rng.integers(20, 120)), 2))
    size = uniform(s.rng, 0.008, 0.03) * s.rng.uniform(0.4, 1.6, len(at))
    s.stamp(img, at, size, s.rng.random(len(at)) * 6.3, LEAF, colours)
    return img


def fire(s: Stage) -> Image:
    """Flames, embers, magic: light that rises from below or surrounds."""
    hue = pick(s.rng, {0.04: 4, 0.6: 1.5, 0.8: 1, 0.4: 0.7})
    ramp = [
        *[col.hsv(hue - 0.03, 0.9, 0.06), col.hsv(hue - 0.02, 0.95, 0.45), col.hsv(hue, 0.9, 0.95)],
        *[col.hsv(hue + 0.06, 0.6, 1.0), col.hsv(hue + 0.1, 0.15, 1.0)],
    ]
    t = (s.y - np.float32(uniform(s.rng, 0.3, 0.8))) * np.float32(uniform(s.rng, 0.5, 1.4)) + 0.25
    img = s.ramp(t + np.float32(uniform(s.rng, 0.1, 0.22)) * s.noise(1, 6, 0.6, (0.6, 2.2)), ramp)
    at = s.rng.random((int(s.rng.integers(10, 90)), 2))
    s.stamp(img, at, 0.002 + 0.005 * s.rng.random(len(at)), np.zeros(len(at)), _disc(8), ramp[2:])
    return img


def glow(s: Stage) -> Image:
    """Soft rays and motes of light, as of a spell or the sun through leaves."""
    img = abstract.lights(s) if chance(s.rng, 0.3) else plain.radial(s)
    board, c = Board(s.n), s.rng.random(2) * (s.n, 0.4 * s.n)
    tint = col.hsv(s.rng.random(), uniform(s.rng, 0, 0.4), 1.0)
    board.spot(c, 0.7 * s.n, tint, 0.8, atop=False)
    for p in s.rng.random((int(s.rng.integers(5, 40)), 2)) * s.n:
        board.spot(p, s.n * uniform(s.rng, 0.004, 0.03), tint, 0.9, atop=False)
    a = np.arctan2(s.y * s.n - c[1], s.x * s.n - c[0])
    beams = np.clip(np.sin(a * 9 + s.rng.random() * 6) * np.sin(a * 5.3 + 1), 0, 1)
    return s.over(s.blend(img, tint, 0.4 * beams), board)

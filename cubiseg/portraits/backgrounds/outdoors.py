"""What every place outdoors shares: the sky, the colours of foliage, trees on the horizon."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.backgrounds.stage import Image, Stage
from cubiseg.portraits.rng import chance, pick, uniform


def _sky_colours(s: Stage) -> list[col.Colour]:
    """Top to horizon: a clear day, haze, dusk, dawn, overcast."""
    hour = pick(s.rng, {"day": 5, "haze": 2, "dusk": 2, "dawn": 1, "grey": 1})
    h = uniform(s.rng, 0.53, 0.63)
    if hour == "day":
        return [col.hsv(h, uniform(s.rng, 0.4, 0.85), uniform(s.rng, 0.5, 0.95)), col.hsv(h - 0.03, 0.25, 0.97)]
    if hour == "haze":
        return [col.hsv(h, 0.25, 0.85), col.hsv(h, 0.08, 0.93)]
    if hour == "dusk":
        return [col.hsv(0.7, 0.5, 0.4), col.hsv(0.95, 0.45, 0.75), col.hsv(0.07, 0.65, 0.98)]
    if hour == "dawn":
        return [col.hsv(0.6, 0.35, 0.8), col.hsv(0.93, 0.2, 0.95), col.hsv(0.11, 0.3, 1.0)]
    return [col.hsv(h, 0.08, uniform(s.rng, 0.5, 0.8)), col.hsv(h, 0.04, 0.85)]


def sky_down_to(s: Stage, horizon: float, clouds: float | None = None) -> Image:
    """A sky whose last colour is reached at ``horizon``; ``clouds`` 0 none to 1 overcast."""
    colours = _sky_colours(s)
    img = s.ramp(s.y / np.float32(max(horizon, 0.05)), colours)
    if chance(s.rng, 0.2):
        c, r = np.array([s.rng.random(), 0.5 * s.rng.random()]), uniform(s.rng, 0.02, 0.07)
        d = np.hypot(s.x - c[0], s.y - c[1])
        sun = col.hsv(uniform(s.rng, 0.05, 0.15), uniform(s.rng, 0, 0.5), 1.0)
        img = s.blend(img, sun, np.clip((r - d) * np.float32(0.7 * s.n), 0, 1) + 0.6 * np.exp(-d / np.float32(3 * r)))
    amount = (uniform(s.rng, 0.2, 1.0) if chance(s.rng, 0.65) else 0.0) if clouds is None else clouds
    if amount:
        puffs = s.noise(2, 7, 0.6, (1.0, 0.55)) + np.float32(1.6 * amount - 1.1)
        body = np.clip(puffs * np.float32(uniform(s.rng, 0.6, 4)), 0, 1)
        under = np.clip(0.75 + 0.5 * (puffs - np.roll(puffs, -max(1, s.n // 28), 0)), 0, 1)  # lit from above
        img = s.blend(img, s.ramp(under, [col.mix(colours[0], (0.55, 0.57, 0.65), 0.6), col.WHITE]), body)
    return img


def greens(s: Stage) -> list[col.Colour]:
    """Dark to light foliage: greens most often, autumn, blossom, bluish, any hue in a stylised picture."""
    hue = pick(s.rng, {0.25: 6, 0.2: 3, 0.32: 3, 0.4: 1, 0.08: 1, 0.95: 0.6, s.rng.random(): 0.8}) + s.rng.normal(
        0, 0.02
    )
    sat, top = uniform(s.rng, 0.3, 0.9), uniform(s.rng, 0.45, 0.98)
    return [
        col.hsv(hue + 0.05 - 0.03 * k, sat * (1 - 0.12 * k), top * v) for k, v in enumerate((0.1, 0.3, 0.55, 0.8, 1.0))
    ]


def leaves(s: Stage, colours: list[col.Colour], grain: float = 0.85) -> Image:
    """A wall of foliage: clumps, lit from above, with leaves down to the px."""
    clump = s.noise(2, 4, 0.7)
    lit = clump - np.roll(clump, -max(1, s.n // 40), 0)
    t = 0.42 + 0.1 * clump + 0.35 * lit + np.float32(0.16) * s.noise(4, 8, grain)
    return s.ramp(t, colours)


def tree_line(s: Stage, img: Image, horizon: float, height: float, colours: list[col.Colour]) -> Image:
    """Trees or bushes that stand on the horizon."""
    top = horizon - height * (0.7 + 0.3 * s.noise(2, 5, 0.6)[:1]) - np.float32(0.012) * s.noise(5, 8, 0.8)
    mask = np.clip((s.y - top) * np.float32(s.n * 0.6), 0, 1) * (s.y < horizon + 0.004)
    return s.blend(img, leaves(s, colours), mask)

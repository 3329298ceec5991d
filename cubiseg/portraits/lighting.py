"""Light on the whole picture: how much of each colour falls where."""

from dataclasses import dataclass

import cv2
import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.axes import axis
from cubiseg.portraits.rng import Rng, chance, uniform
from cubiseg.portraits.tables import Point

LIGHT = axis("""light: light that falls on the character:
    none 180, rim 8, coloured 5, top 5, backlight 2.5, night 2, sunset 3, dappled 2, spot 1.2, side 4""")
AXES = (LIGHT,)

_GRID = 48


@dataclass(frozen=True)
class Light:
    """``gain``: (n, n, 3) float32 factors on the figure, ``behind`` on the background (None: 1). ``rim``: colour of a
    bright edge, which comes from (x, y) ``side`` and is ``rim_width`` head units wide; None: no rim."""

    gain: np.ndarray | None = None
    behind: np.ndarray | None = None
    rim: col.Colour | None = None
    side: Point = (0.0, 0.0)
    rim_width: float = 0.06


def _field(t: np.ndarray, dark: col.Colour, bright: col.Colour) -> np.ndarray:
    """(g, g, 3) from ``dark`` where t is 0 to ``bright`` where it is 1."""
    return (np.array(dark) + np.clip(t, 0, 1)[..., None] * (np.array(bright) - np.array(dark))).astype(np.float32)


def _up(field: np.ndarray, size: int) -> np.ndarray:
    return cv2.resize(field, (size, size), interpolation=cv2.INTER_CUBIC)


def draw_light(kind: str, rng: Rng, side: float, size: int) -> Light:
    """A kind of ``LIGHT`` in numbers; ``side``: -1 the light comes from the left, 1 from the right."""
    if kind == "none":
        return Light()
    y, x = np.mgrid[0 : 1 : _GRID * 1j, 0 : 1 : _GRID * 1j]
    a = uniform(rng, -0.9, 0.9)
    across = 0.5 + (x - 0.5) * np.cos(a) * np.sign(side or 1) + (y - 0.5) * np.sin(a)
    hue = rng.random()
    s = 1.0 if side > 0 else -1.0
    rim_side = (s * uniform(rng, 0.5, 1.0), -uniform(rng, 0.1, 0.9))
    width = uniform(rng, 0.02, 0.1)
    glow = col.hsv(hue, uniform(rng, 0.0, 0.6), 1.0)
    if kind == "rim":
        field = _field(across, (0.9, 0.9, 0.94), (1.0, 1.0, 1.0)) if chance(rng, 0.5) else None
        return Light(None if field is None else _up(field, size), None, glow, rim_side, width)
    if kind == "coloured":
        k = uniform(rng, 0.15, 0.65)
        one, other = (
            col.mix(col.WHITE, col.hsv(h, uniform(rng, 0.4, 0.9), 1.0), k)
            for h in (hue, hue + 0.15 + 0.4 * rng.random())
        )
        gain = _up(_field(across, one, other) * np.float32(uniform(rng, 0.95, 1.25)), size)
        return Light(gain, gain if chance(rng, 0.5) else None, glow if chance(rng, 0.4) else None, rim_side, width)
    if kind == "top":
        gain = _field(1 - 1.1 * y, col.hsv(uniform(rng, 0.6, 0.75), 0.2, uniform(rng, 0.55, 0.85)), (1.08, 1.06, 1.02))
        return Light(_up(gain, size))
    if kind == "side":
        dark = col.hsv(uniform(rng, 0.55, 0.8), uniform(rng, 0.1, 0.35), uniform(rng, 0.5, 0.8))
        return Light(_up(_field(0.5 + 1.6 * (across - 0.5), dark, (1.1, 1.07, 1.0)), size))
    if kind == "backlight":
        k = uniform(rng, 0.45, 0.8)
        gain = np.full((_GRID, _GRID, 3), col.hsv(uniform(rng, 0.6, 0.8), 0.2, k), np.float32)
        bright = np.full_like(gain, uniform(rng, 1.05, 1.35))
        return Light(_up(gain, size), _up(bright, size), col.mix(col.WHITE, glow, 0.5), (0.3 * s, -0.6), 1.3 * width)
    if kind == "night":
        tint = col.hsv(uniform(rng, 0.55, 0.75), uniform(rng, 0.25, 0.6), uniform(rng, 0.5, 0.82))
        gain = _up(_field(across, tint, col.mix(tint, col.WHITE, uniform(rng, 0, 0.5))), size)
        return Light(gain, gain, glow if chance(rng, 0.4) else None, rim_side, width)
    if kind == "sunset":
        warm = col.hsv(uniform(rng, 0.02, 0.11), uniform(rng, 0.2, 0.55), 1.0)
        cool = col.hsv(uniform(rng, 0.75, 0.95), uniform(rng, 0.15, 0.45), uniform(rng, 0.6, 0.9))
        gain = _up(_field(across, cool, warm) * np.float32(1.08), size)
        return Light(gain, gain, (1.0, 0.85, 0.6) if chance(rng, 0.5) else None, rim_side, width)
    if kind == "spot":
        c, r = rng.uniform(0.25, 0.75, 2) * (1.0, 0.8), uniform(rng, 0.4, 0.8)
        gain = _up(_field(1.2 - np.hypot(x - c[0], y - c[1]) / r, (0.5, 0.48, 0.58), (1.15, 1.12, 1.05)), size)
        return Light(gain, gain)
    spots = cv2.resize(rng.standard_normal((9, 9), np.float32), (_GRID * 4, _GRID * 4), interpolation=cv2.INTER_CUBIC)
    lit = np.clip(spots * 2.5 + 0.4, 0, 1)  # dappled: light that falls through leaves
    return Light(_up(_field(lit, (0.68, 0.76, 0.78), (1.08, 1.07, 0.98)), size))

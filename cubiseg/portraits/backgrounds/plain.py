"""Empty backgrounds: one colour, a gradient, and what cut-out sprites are shown on."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.backgrounds.stage import Image, Stage
from cubiseg.portraits.rng import chance, uniform


def white(s: Stage) -> Image:
    """Paper white, most often exactly white."""
    return s.flat(col.WHITE if chance(s.rng, 0.6) else col.hsv(s.rng.random(), 0.02, uniform(s.rng, 0.95, 1.0)))


def off_white(s: Stage) -> Image:
    """Cream, light grey, a tinted white."""
    return s.flat(col.hsv(s.rng.random(), uniform(s.rng, 0.0, 0.09), uniform(s.rng, 0.82, 0.97)))


def black(s: Stage) -> Image:
    """What is left of transparency when a sprite loses its alpha."""
    return s.flat(col.hsv(s.rng.random(), 0.3, 0.0 if chance(s.rng, 0.6) else uniform(s.rng, 0, 0.12)))


_GROUNDS = ((255, 255, 255), (90, 120, 200), (245, 180, 200))
"""sRGB: what a network is shown where a sprite is clear (``inference/ground.py`` chooses one by the outline)."""


def sprite(s: Stage) -> Image:
    """The ground that a cut-out sprite is laid on before a network sees it."""
    r, g, b = _GROUNDS[int(s.rng.integers(len(_GROUNDS)))]
    return s.flat((r / 255, g / 255, b / 255))


def plain(s: Stage) -> Image:
    """Any one colour."""
    return s.flat(s.colour())


def checkerboard(s: Stage) -> Image:
    """The grey squares that stand for transparency."""
    k = int(s.rng.integers(12, 64))
    odd = (np.floor(s.x * k) + np.floor(s.y * k)) % 2
    dark = uniform(s.rng, 0.7, 0.9)
    return s.ramp(odd, [col.WHITE, (dark, dark, dark)])


def gradient(s: Stage) -> Image:
    """Two or three colours, one after the other in some direction."""
    a = s.rng.random() * 2 * np.pi
    t = 0.5 + (s.x - 0.5) * np.float32(0.8 * np.cos(a)) + (s.y - 0.5) * np.float32(0.8 * np.sin(a))
    colours = [s.colour() for _ in range(2 + chance(s.rng, 0.3))]
    if chance(s.rng, 0.35):  # to a paler self
        colours = [colours[0], col.light(colours[0], 0.7)]
    return s.ramp(t, colours)


def radial(s: Stage) -> Image:
    """From a lit middle outwards."""
    cx, cy = uniform(s.rng, 0.2, 0.8), uniform(s.rng, 0.1, 0.7)
    t = np.sqrt((s.x - cx) ** 2 + (s.y - cy) ** 2) * np.float32(uniform(s.rng, 1.0, 1.8))
    c = s.colour()
    return s.ramp(t, [col.light(c, uniform(s.rng, 0.3, 0.9)), c, col.shade(c, uniform(s.rng, 0.1, 0.7))])

"""Colours as (r, g, b) floats 0..1, sRGB, and how hair, skin, eyes and cloth get theirs."""

import colorsys

from cubiseg.portraits.axes import Mix, axis
from cubiseg.portraits.rng import Rng, bell, pick, uniform

Colour = tuple[float, float, float]

WHITE: Colour = (1.0, 1.0, 1.0)
BLACK: Colour = (0.0, 0.0, 0.0)

HAIR = axis("""hair colour: colour of the hair:
    black 2.4, brown 3, blond 2.4, white 1.8, grey 0.9, beige 2.2, near skin 2.6, red 1.2, dyed 3.5, pastel 3""")
CLOTH = axis("""cloth colour: colour of the clothes:
    white 2.5, pale 1.6, dark 3, navy 1.5, muted 2.5, vivid 2.5, skinlike 1.0""")
SKIN = axis("""skin: colour of the skin:
    porcelain 2.4, pale 6, light 5, peach 2.5, tan 1.0, brown 0.7, dark 0.4, fantasy 0.2""")
AXES = (HAIR, CLOTH, SKIN)


def hsv(h: float, s: float, v: float) -> Colour:
    """Colour of a hue in turns (wraps), saturation and value (clipped to 0..1)."""
    return colorsys.hsv_to_rgb(h % 1.0, min(max(s, 0.0), 1.0), min(max(v, 0.0), 1.0))


def mix(a: Colour, b: Colour, t: float) -> Colour:
    """``a`` at t = 0, ``b`` at t = 1."""
    return (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t)


def luma(c: Colour) -> float:
    """Brightness 0..1 as Rec. 601 weighs it."""
    return 0.299 * c[0] + 0.587 * c[1] + 0.114 * c[2]


def shade(c: Colour, amount: float, towards: float = 0.7) -> Colour:
    """A shadow of ``c``: darker, more saturated, its hue leaning to ``towards`` (turns; 0.7 is blue violet)."""
    h, s, v = colorsys.rgb_to_hsv(*c)
    turn = (towards - h + 0.5) % 1.0 - 0.5
    h += 0.12 * amount * turn
    return hsv(h, s + amount * (0.28 - 0.15 * s), v * (1.0 - 0.55 * amount))


def light(c: Colour, amount: float) -> Colour:
    """A lit version of ``c``."""
    return mix(c, mix(WHITE, c, 0.15), amount)


def hair_colour(rng: Rng, mix: Mix, skin: Colour) -> Colour:
    """Natural and unnatural hair; black and brown lead, as in real art; some is hardly told from ``skin``."""
    kind = mix.pick(rng, HAIR)
    if kind == "black":
        return hsv(uniform(rng, 0.55, 1.05), uniform(rng, 0.0, 0.45), uniform(rng, 0.1, 0.38))
    if kind == "brown":
        return hsv(uniform(rng, 0.01, 0.1), uniform(rng, 0.25, 0.7), uniform(rng, 0.25, 0.72))
    if kind == "blond":
        return hsv(uniform(rng, 0.08, 0.155), uniform(rng, 0.2, 0.62), uniform(rng, 0.78, 1.0))
    if kind == "white":
        return hsv(rng.random(), uniform(rng, 0.0, 0.09), uniform(rng, 0.86, 1.0))
    if kind == "beige":  # as pale and warm as skin
        return hsv(uniform(rng, 0.03, 0.14), uniform(rng, 0.1, 0.34), uniform(rng, 0.6, 0.95))
    if kind == "near skin":  # ash blond, beige, pale pinkish brown
        h, s, v = colorsys.rgb_to_hsv(*skin)
        return hsv(h + rng.normal(0, 0.02), s + uniform(rng, -0.06, 0.2), v * uniform(rng, 0.72, 1.02))
    if kind == "grey":
        return hsv(uniform(rng, 0.5, 1.0), uniform(rng, 0.0, 0.2), uniform(rng, 0.4, 0.8))
    if kind == "red":
        return hsv(uniform(rng, -0.04, 0.06), uniform(rng, 0.55, 0.9), uniform(rng, 0.45, 0.95))
    if kind == "pastel":
        return hsv(rng.random(), uniform(rng, 0.08, 0.4), uniform(rng, 0.78, 1.0))
    return hsv(rng.random(), uniform(rng, 0.2, 0.85), uniform(rng, 0.35, 1.0))


# kind: hue, saturation, value, each from and to
_SKINS = {
    "porcelain": ((0.0, 0.09), (0.025, 0.07), (0.97, 1.0)),
    "pale": ((0.03, 0.08), (0.06, 0.125), (0.97, 1.0)),
    "light": ((0.035, 0.075), (0.1, 0.19), (0.95, 1.0)),
    "peach": ((0.03, 0.06), (0.16, 0.28), (0.94, 1.0)),
    "tan": ((0.045, 0.075), (0.26, 0.42), (0.78, 0.94)),
    "brown": ((0.04, 0.07), (0.38, 0.55), (0.55, 0.78)),
    "dark": ((0.03, 0.065), (0.4, 0.58), (0.32, 0.55)),
    "fantasy": ((0.0, 1.0), (0.1, 0.4), (0.6, 0.95)),
}


def skin_colour(rng: Rng, mix: Mix) -> Colour:
    """From porcelain to deep brown, rarely a fantasy hue."""
    return hsv(*(uniform(rng, low, high) for low, high in _SKINS[mix.pick(rng, SKIN)]))


def iris_colour(rng: Rng) -> Colour:
    """Any hue, blue, brown, green and red more often; a few grey."""
    hue = pick(rng, {0.58: 3, 0.07: 2.5, 0.36: 1.6, 0.98: 1.5, 0.78: 1.5, 0.13: 1.3, -1.0: 3})
    hue = rng.random() if hue < 0 else hue + rng.normal(0, 0.03)
    return hsv(hue, bell(rng, 0.6, 0.25, 0.05, 0.95), uniform(rng, 0.35, 0.95))


def cloth_colour(rng: Rng, mix: Mix) -> Colour:
    """White, black, navy and greys often, else anything."""
    kind = mix.pick(rng, CLOTH)
    if kind == "white":
        return hsv(rng.random(), uniform(rng, 0, 0.07), uniform(rng, 0.88, 1.0))
    if kind == "pale":  # cream, apricot, pale pink, pale yellow: as light as skin
        return hsv(uniform(rng, -0.06, 0.17), uniform(rng, 0.05, 0.24), uniform(rng, 0.9, 1.0))
    if kind == "dark":
        return hsv(rng.random(), uniform(rng, 0, 0.4), uniform(rng, 0.08, 0.35))
    if kind == "navy":
        return hsv(uniform(rng, 0.57, 0.68), uniform(rng, 0.35, 0.8), uniform(rng, 0.2, 0.55))
    if kind == "muted":
        return hsv(rng.random(), uniform(rng, 0.1, 0.45), uniform(rng, 0.4, 0.9))
    if kind == "skinlike":
        return hsv(uniform(rng, 0.03, 0.1), uniform(rng, 0.1, 0.4), uniform(rng, 0.7, 1.0))
    return hsv(rng.random(), uniform(rng, 0.5, 0.9), uniform(rng, 0.5, 1.0))


class Ink(float):
    """Darkness of an artist's lines, 0 to 1, with a colour that all of them lean to."""

    tint: Colour
    lean: float

    def __new__(cls, darkness: float, tint: Colour = BLACK, lean: float = 0.0) -> "Ink":
        """``lean``: 0 ignores ``tint``, 1 draws all lines in it."""
        self = super().__new__(cls, darkness)
        self.tint, self.lean = tint, lean
        return self


def ink(c: Colour, darkness: float) -> Colour:
    """The line colour of a part of colour ``c``: its own dark tint (0) to near black (1), or what an ``Ink`` adds."""
    line = mix(shade(mix(c, BLACK, 0.35), 0.75), (0.06, 0.04, 0.07), darkness)
    return mix(line, darkness.tint, darkness.lean) if isinstance(darkness, Ink) else line

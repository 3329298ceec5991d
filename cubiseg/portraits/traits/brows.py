"""Brows of a character: kind, place, size and colour."""

from dataclasses import dataclass

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.axes import Mix, axis
from cubiseg.portraits.colour import Colour
from cubiseg.portraits.rng import Rng, bell, chance, pick, uniform
from cubiseg.portraits.traits.eyes import EyeStyle

BROWS = axis("""brows: shape of the brows:
    line 3 1.2, taper 4.5 3, even 1.5 1.5, wedge 1.5 3.5, natural 1 2, angled 0.7 2, flat 1.2 0.8, arched 1.2 0.3,
    short 1 0.3, dot 0.5 0.1, fading 1.2 0.6, outlined 0.5 0.4, split 0.15 0.5""")
BROW_COLOUR = axis("brow colour: colour of the brows: hair 3, dark hair 4, ink 3, brown 1.5, light 0.8, skin 0.3")
AXES = (BROWS, BROW_COLOUR)


@dataclass(frozen=True)
class BrowStyle:
    """Brows: ``y`` above the eye line, sizes in head units, ``slant`` rises outwards."""

    y: float
    x: float
    length: float
    thickness: float
    arch: float
    slant: float
    bend: float  # where the arch is highest, 0 inner end to 1 outer
    shape: str
    colour: Colour
    over_hair: float


_SIZES = {
    "line": (0.5, 0.018, 0.06),
    "taper": (0.5, 0.034, 0.06),
    "even": (0.48, 0.034, 0.045),
    "wedge": (0.52, 0.05, 0.045),
    "natural": (0.54, 0.06, 0.05),
    "angled": (0.54, 0.045, 0.08),
    "flat": (0.46, 0.036, 0.0),
    "arched": (0.5, 0.024, 0.14),
    "short": (0.26, 0.045, 0.03),
    "dot": (0.17, 0.075, 0.0),
    "fading": (0.52, 0.036, 0.06),
    "outlined": (0.46, 0.07, 0.05),
    "split": (0.52, 0.045, 0.05),
}


def draw_brows(
    rng: Rng, mix: Mix, maturity: float, masculine: float, lean: float, hair: Colour, skin: Colour, eyes: EyeStyle
) -> BrowStyle:
    """The brows of a character with those eyes."""
    shape = mix.pick(rng, BROWS, lean=lean)
    length, thick, arch = _SIZES[shape]
    thick *= float(np.exp(rng.normal(0, 0.3))) * (0.9 + 0.35 * masculine)
    gap = bell(rng, 0.19 - 0.08 * masculine + 0.05 * (1 - maturity), 0.07, 0.06, 0.42)
    return BrowStyle(
        y=0.5 * max(eyes.height, 0.3) + gap,
        x=eyes.x * bell(rng, 0.98, 0.05, 0.85, 1.1),
        length=float(np.clip(length * bell(rng, 1.0, 0.14, 0.7, 1.35), 0.12, 0.76)),
        thickness=float(np.clip(thick, 0.01, 0.12)),
        arch=arch * uniform(rng, 0.5, 1.5) - 0.01,
        slant=bell(rng, 0.04 * masculine, 0.05, -0.12, 0.16),
        bend=bell(rng, 0.62, 0.1, 0.35, 0.85),
        shape=shape,
        colour=_colour(rng, mix, hair, skin),
        over_hair=pick(rng, {0.0: 2.0, 0.3: 1.5, 0.75: 3.0, 1.0: 3.0}),
    )


def _colour(rng: Rng, mix: Mix, hair: Colour, skin: Colour) -> Colour:
    kind = mix.pick(rng, BROW_COLOUR)
    dark = col.shade(hair, uniform(rng, 0.45, 1.0))
    if kind == "ink":
        return col.ink(hair, uniform(rng, 0.2, 1.0))
    if kind == "brown":
        return col.hsv(uniform(rng, 0.0, 0.08), uniform(rng, 0.35, 0.65), uniform(rng, 0.2, 0.5))
    if kind == "skin":  # drawn as lightly as a fold of the face
        return col.shade(skin, uniform(rng, 0.55, 1.0), towards=0.97)
    own = hair if kind == "hair" else col.light(hair, uniform(rng, 0.1, 0.5)) if kind == "light" else dark
    if abs(col.luma(own) - col.luma(skin)) < 0.12 and chance(rng, 0.8):  # would not be seen
        own = col.shade(own, uniform(rng, 0.5, 1.0))
    return own

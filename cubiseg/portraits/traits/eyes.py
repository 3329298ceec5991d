"""Eyes of a character: kind, iris, pupil, lights, lashes and lid folds."""

from dataclasses import dataclass

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.axes import Mix, axis
from cubiseg.portraits.colour import Colour
from cubiseg.portraits.rng import Rng, bell, chance, pick, uniform
from cubiseg.portraits.tables import weights
from cubiseg.portraits.traits.eye_kinds import GAGS, EyeShape, draw_shape

EYE = axis("""eye style: shape and manner of the eyes:
    round 3 0.6, tall 2.2 0.6, bold 3 1, almond 1.5 2, upturned 1.6 1.8, drooping 1.6 0.7, half lidded 0.8 0.9,
    sharp 0.5 3, narrow 0.3 2.2, realistic 0.9 1.2, small iris 0.3 0.6, shoujo 0.9 0.15, cat 0.6 0.4, baby 1.6 0.4,
    dot 0.22, plain ball 0.08""")
_AGE = weights("""
    round -0.5, tall -0.2, almond 0.6, narrow 1.0, realistic 2.0, baby -1.5, dot -2.0, plain ball -2.0,
    sharp 0.4, small iris 0.3, shoujo -0.2
""")
"""How strongly a kind leans to the mature (positive) or to the chibi."""
IRIS = axis("""iris: how the iris is painted:
    gradient 4, two tone 2.5, ring 1.5, rays 1.5, jewel 1.2, crescent 2, pattern 0.4, flat 0.8, empty 0.35""")
PUPIL = axis("""pupil: pupil of the eye:
    round 6, slit 0.7, none 2, ring 0.8, light 0.6, star 0.15, heart 0.12, cross 0.15""")
HIGHLIGHTS = axis("""highlights: lights in the eye:
    one 3, two 4, many 1.4, soft 1.2, window 0.6, bar 0.7, coloured 1, none 0.6""")
LASHES = axis("""lashes: manner of the lashes:
    plain 3 5, wing 3 1, spikes 2 0.5, strands 0.8 0.3, line 0.6 1.5, parted 0.7 0.4, both lids 1.2 0.2""")
LASH_COLOUR = axis("lash colour: colour of the lashes: black 4, brown 2.5, hair 2, two colours 2, pale 0.5")
CREASE = axis("lid crease: fold of the upper lid: none 2.5, line 4, short 2, double 1, shadow 1.5")
AXES = (EYE, IRIS, PUPIL, HIGHLIGHTS, LASHES, LASH_COLOUR, CREASE)


@dataclass(frozen=True)
class EyeStyle:
    """Eyes in head units and shares of their own width and height."""

    kind: str
    shape: EyeShape
    x: float
    width: float
    height: float
    lashes: str
    spikes: int
    crease: str
    crease_gap: float
    iris_kind: str
    rim: float
    pupil: str
    pupil_size: float
    highlights: str
    light_size: float
    top_dark: float
    lid_shadow: float
    lash_colour: Colour
    lash_end: Colour
    white: Colour
    white_shade: Colour
    iris: Colour
    iris_other: Colour
    iris_second: Colour
    light: Colour

    @property
    def gag(self) -> bool:
        """Whether these are the eyes of a joke: dots and plain balls."""
        return self.kind in GAGS


def _kind_weights(maturity: float, lean: float) -> dict[str, float]:
    return {k: w * float(np.exp(_AGE.get(k, 0.0) * (maturity - 0.45) * 2)) for k, w in EYE.weights(lean).items()}


def draw_eyes(
    rng: Rng, mix: Mix, maturity: float, masculine: float, lean: float, hair: Colour, skin: Colour
) -> EyeStyle:
    """The eyes of a character of that hair and skin."""
    weights = _kind_weights(maturity, lean)
    kind = mix.pick(rng, EYE, lean=lean, weights=weights)
    shape = draw_shape(rng, kind, pick(rng, weights), maturity, masculine)
    width, height = shape.width, float(np.clip(shape.width * shape.ratio, 0.14, 0.72))
    iris = col.iris_colour(rng)
    lash, lash_end = _lash_colours(rng, mix, hair, skin, gag=kind in GAGS)
    white, white_shade = _whites(rng, skin)
    lashes = mix.pick(rng, LASHES, lean=lean)
    pupil = mix.pick(rng, PUPIL)
    iris_kind = mix.pick(rng, IRIS)
    lights = mix.pick(rng, HIGHLIGHTS)
    if kind == "cat" and chance(rng, 0.7):
        pupil = mix.pick(rng, PUPIL, weights={"slit": 1})
    if kind == "shoujo":
        lights = mix.pick(rng, HIGHLIGHTS, weights={"many": 3, "coloured": 1, "two": 1})
    if iris_kind == "empty":
        lights, pupil = "none", pupil if pupil in ("none", "ring") else "none"
    return EyeStyle(
        kind=kind,
        shape=shape,
        x=min(bell(rng, 0.26 + 0.02 * masculine, 0.03, 0.19, 0.36) + width / 2, 0.94 - width / 2),
        width=width,
        height=height,
        lashes="line" if kind in GAGS else lashes,
        spikes=int(rng.integers(2, 5)),
        crease="none" if kind in GAGS else mix.pick(rng, CREASE),
        crease_gap=bell(rng, 0.055, 0.025, 0.02, 0.13),
        iris_kind=iris_kind,
        rim=uniform(rng, 0.0, 1.0),
        pupil=pupil,
        pupil_size=bell(rng, 0.42, 0.1, 0.2, 0.66),
        highlights=lights,
        light_size=bell(rng, 1.0, 0.25, 0.5, 1.6),
        top_dark=uniform(rng, 0.2, 1.0),
        lid_shadow=uniform(rng, 0.1, 0.3) if chance(rng, 0.85) else 0.0,
        lash_colour=lash,
        lash_end=lash_end,
        white=white,
        white_shade=white_shade,
        iris=iris,
        iris_other=col.iris_colour(rng) if chance(rng, 0.05) else iris,
        iris_second=col.iris_colour(rng) if chance(rng, 0.3) else iris,
        light=col.WHITE if chance(rng, 0.85) else col.light(iris, 0.8),
    )


def _lash_colours(rng: Rng, mix: Mix, hair: Colour, skin: Colour, *, gag: bool) -> tuple[Colour, Colour]:
    kind = mix.pick(rng, LASH_COLOUR)
    black = col.hsv(rng.random(), 0.3, uniform(rng, 0.03, 0.16))
    brown = col.hsv(uniform(rng, -0.02, 0.06), uniform(rng, 0.35, 0.65), uniform(rng, 0.14, 0.36))
    tint = uniform(rng, 0.2, 0.7)
    warm = col.hsv(uniform(rng, -0.02, 0.05), uniform(rng, 0.5, 0.75), uniform(rng, 0.4, 0.7))
    if gag or kind == "black":
        return black, black
    if kind == "brown":
        return brown, brown
    if kind == "hair":
        own = col.ink(hair, 0.3 * rng.random())
        return own, own
    if kind == "two colours":  # dark in the middle, the ends melting into the skin
        return black if chance(rng, 0.5) else brown, col.mix(brown, warm if chance(rng, 0.6) else hair, 0.3 + tint)
    pale = col.mix(col.shade(hair, 0.5), skin, 0.15) if col.luma(hair) > 0.45 else col.shade(skin, 0.9, towards=0.97)
    return pale, pale


def _whites(rng: Rng, skin: Colour) -> tuple[Colour, Colour]:
    """White of the eye, and its colour in the shadow of the lid."""
    tint = pick(rng, {col.WHITE: 4, (0.9, 0.93, 1.0): 1.2, (1.0, 0.95, 0.92): 1, (0.86, 0.88, 0.92): 0.5})
    white = col.mix(tint, skin, 0.1 if chance(rng, 0.9) else 0.6)
    cool, warm = (0.66, 0.7, 0.86), (0.8, 0.64, 0.64)
    shade = col.mix(white, cool if chance(rng, 0.6) else warm, uniform(rng, 0.4, 1.0))
    return white, shade

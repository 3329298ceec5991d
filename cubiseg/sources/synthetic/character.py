"""Who is drawn: everything that the pictures of one character share.

Two latent numbers carry most of the correlation: ``maturity`` (0 chibi, 1 semi-realistic) and ``masculine`` (0 soft,
1 angular). Proportions are in head units: 1 is half the face's width at the eyes.
"""

from dataclasses import dataclass

import numpy as np

from cubiseg.sources.synthetic import colour as col
from cubiseg.sources.synthetic.axes import Axis, Mix
from cubiseg.sources.synthetic.colour import Colour
from cubiseg.sources.synthetic.rng import bell, chance, pick, stream, uniform
from cubiseg.sources.synthetic.style import Style, draw_style

PUPIL = Axis("pupil", "pupil of the eye", {"round": 6, "slit": 0.8, "none": 2, "ring": 1})
HIGHLIGHTS = Axis("highlights", "lights in the eye", {"one": 3, "two": 4, "many": 1.5, "soft": 1.2, "none": 0.5})
BROWS = Axis("brows", "shape of the brows", {"taper": 5, "even": 2, "dot": 0.5, "wedge": 2})
NOSE = Axis("nose", "how the nose is drawn", {
    "none": 0.5, "dot": 2, "tick": 2, "line": 0.95, "wedge": 1.5, "nostrils": 0.25, "shaded": 0.75})  # fmt: skip
LIPS = Axis("lips", "colour of the lips", {"plain": 6, "tint": 1.5, "full": 0.9})
AXES = (PUPIL, HIGHLIGHTS, BROWS, NOSE, LIPS)


@dataclass(frozen=True)
class FaceShape:
    """Face proportions in head units, the eye line at v = 0, v downwards."""

    chin: float
    jaw_width: float
    jaw_height: float
    chin_width: float
    cheek: float
    skull: float
    nose: float
    mouth: float
    neck_width: float
    neck_length: float
    shoulders: float
    ear: float
    elf: float


@dataclass(frozen=True)
class EyeStyle:
    """Eyes in head units and shares of their own width and height."""

    x: float
    width: float
    height: float
    tilt: float
    peak: float
    squareness: float
    iris_width: float
    iris_height: float
    lash: float
    wing: float
    spikes: int
    lower: float
    crease: float
    rim: float
    pupil: str  # round, slit, none, ring
    highlights: str  # one, two, many, soft, none
    top_dark: float
    lash_colour: Colour
    white: Colour
    iris: Colour
    iris_other: Colour


@dataclass(frozen=True)
class BrowStyle:
    """Brows: ``y`` above the eye line, sizes in head units."""

    y: float
    length: float
    thickness: float
    arch: float
    shape: str  # taper, even, dot, split
    colour: Colour
    over_hair: float


@dataclass(frozen=True)
class Character:
    """One character: the parameters that its pictures share."""

    key: tuple[int, int]
    mix: Mix
    maturity: float
    masculine: float
    style: Style
    face: FaceShape
    eyes: EyeStyle
    brows: BrowStyle
    nose: str
    lips: str
    skin: Colour
    hair: Colour
    hair_tip: Colour
    hair_inner: Colour
    cloth: Colour
    cloth2: Colour
    accent: Colour
    metal: Colour

    @property
    def lean(self) -> float:
        """``masculine`` with the middle pulled apart: 0 dresses softly, 1 does not."""
        t = min(max((self.masculine - 0.25) / 0.4, 0.0), 1.0)
        return t * t * (3 - 2 * t)

    def rng(self, part: str) -> np.random.Generator:
        """The stream of one part of this character."""
        return stream(*self.key, "character", part)


def _face(rng: np.random.Generator, m: float, g: float) -> FaceShape:
    chin = bell(rng, 0.9 + 0.62 * m + 0.12 * g, 0.06, 0.82, 1.85)
    jaw = bell(rng, 0.82 - 0.02 * m + 0.06 * g, 0.05, 0.66, 0.97)
    return FaceShape(
        chin=chin,
        jaw_width=jaw,
        jaw_height=bell(rng, 0.56 + 0.05 * g, 0.05, 0.42, 0.72),
        chin_width=bell(rng, 0.15 + 0.05 * g + 0.07 * (1 - m), 0.06, 0.07, 0.38),
        cheek=bell(rng, 1.0 - 0.03 * m, 0.025, 0.92, 1.05),
        skull=bell(rng, 1.95 + 0.25 * m, 0.08, 1.75, 2.4),
        nose=bell(rng, 0.47 + 0.05 * m, 0.04, 0.36, 0.6),
        mouth=bell(rng, 0.68 - 0.01 * m, 0.035, 0.58, 0.77),
        neck_width=bell(rng, 0.33 + 0.12 * m + 0.17 * g, 0.04, 0.24, 0.78),
        neck_length=bell(rng, 0.14 + 0.5 * m, 0.07, 0.06, 0.85),
        shoulders=bell(rng, 0.78 + 1.45 * m + 0.6 * g, 0.15, 0.72, 3.0),
        ear=uniform(rng, 0.75, 1.2),
        elf=uniform(rng, 0.5, 1.4) if chance(rng, 0.06) else 0.0,
    )


def _eyes(rng: np.random.Generator, mix: Mix, m: float, g: float, hair: Colour) -> EyeStyle:
    width = bell(rng, 0.68 - 0.05 * m, 0.045, 0.5, 0.8)
    ratio = bell(rng, 0.95 - 0.4 * m - 0.22 * g, 0.1, 0.27, 1.25)
    iris = col.iris_colour(rng)
    big = bell(rng, 0.68 - 0.08 * m - 0.05 * g, 0.06, 0.46, 0.82)
    lash = pick(rng, {"black": 5, "hair": 3, "brown": 2})
    lash_colour = {"black": col.hsv(rng.random(), 0.3, uniform(rng, 0.04, 0.16)), "hair": col.ink(hair, 0.35),
                   "brown": col.hsv(0.03, 0.5, uniform(rng, 0.15, 0.35))}[lash]  # fmt: skip
    return EyeStyle(
        x=min(bell(rng, 0.3 + width / 2, 0.03, 0.5, 0.72), 0.955 - width / 2),
        width=width,
        height=float(np.clip(width * ratio, 0.2, 0.74)),
        tilt=bell(rng, 0.03 + 0.03 * g, 0.06, -0.12, 0.2),
        peak=bell(rng, 0.0, 0.08, -0.18, 0.18),
        squareness=uniform(rng, 0.0, 1.0),
        iris_width=big,
        iris_height=uniform(rng, 0.92, 1.15),
        lash=bell(rng, 0.085 - 0.03 * g, 0.03, 0.025, 0.16),
        wing=max(0.0, bell(rng, 0.1 - 0.08 * g, 0.07, 0.0, 0.26)),
        spikes=int(rng.integers(1, 5)) if chance(rng, 0.55 - 0.4 * g) else 0,
        lower=uniform(rng, 0.0, 1.0),
        crease=uniform(rng, 0.3, 1.0) if chance(rng, 0.75) else 0.0,
        rim=uniform(rng, 0.2, 1.0),
        pupil=mix.pick(rng, PUPIL),
        highlights=mix.pick(rng, HIGHLIGHTS),
        top_dark=uniform(rng, 0.2, 1.0),
        lash_colour=lash_colour,
        white=col.mix(col.WHITE, pick(rng, {col.WHITE: 3, (0.86, 0.9, 0.97): 1, (0.98, 0.93, 0.9): 1}), 0.8),
        iris=iris,
        iris_other=col.iris_colour(rng) if chance(rng, 0.06) else iris,
    )


def _brows(rng: np.random.Generator, mix: Mix, m: float, g: float, hair: Colour, eyes: EyeStyle) -> BrowStyle:
    dark = col.shade(hair, uniform(rng, 0.3, 0.9))
    if col.luma(hair) > 0.8 and chance(rng, 0.6):
        dark = col.shade(hair, 1.0)
    return BrowStyle(
        y=eyes.height * 0.5 + bell(rng, 0.24 - 0.05 * g, 0.06, 0.1, 0.42),
        length=bell(rng, 0.52 + 0.05 * g, 0.07, 0.22, 0.7),
        thickness=bell(rng, 0.035 + 0.04 * g, 0.02, 0.014, 0.12),
        arch=bell(rng, 0.07 - 0.02 * g, 0.04, -0.02, 0.18),
        shape=mix.pick(rng, BROWS),
        colour=col.mix(dark, col.BLACK, 0.25 * rng.random()),
        over_hair=pick(rng, {0.0: 2.5, 0.3: 1.5, 0.75: 2.5, 1.0: 2.5}),
    )


def character(seed: int, number: int, mix: Mix) -> Character:
    """Character ``number`` of the series that ``seed`` opens."""
    rng = stream(seed, number, "character", "basis")
    maturity = float(np.clip(rng.beta(1.7, 1.6), 0, 1))
    masculine = (uniform(rng, 0.5, 1.0) if chance(rng, 0.26) else float(rng.beta(0.8, 3.0))) * (0.6 + 0.4 * maturity)
    style = draw_style(rng, mix)
    hair = col.hair_colour(rng, mix)
    tip = col.mix(hair, col.hair_colour(rng, mix), uniform(rng, 0.5, 1.0)) if chance(rng, 0.13) else hair
    inner = col.hair_colour(rng, mix) if chance(rng, 0.06) else hair
    eyes = _eyes(rng, mix, maturity, masculine, hair)
    return Character(
        key=(seed, number),
        mix=mix,
        maturity=maturity,
        masculine=masculine,
        style=style,
        face=_face(rng, maturity, masculine),
        eyes=eyes,
        brows=_brows(rng, mix, maturity, masculine, hair, eyes),
        nose=mix.pick(
            rng,
            NOSE,
            weights={
                "none": 0.8 * (1 - maturity) + 0.1,
                "dot": 2,
                "tick": 2,
                "line": 1.5 * maturity + 0.2,
                "wedge": 1.5,
                "nostrils": 0.5 * maturity,
                "shaded": 1.5 * maturity,
            },
        ),
        lips=mix.pick(rng, LIPS, weights={"plain": 6, "tint": 1.5, "full": 0.4 + 2.0 * maturity * (1 - masculine)}),
        skin=col.skin_colour(rng, mix),
        hair=hair,
        hair_tip=tip,
        hair_inner=inner,
        cloth=col.cloth_colour(rng, mix),
        cloth2=col.cloth_colour(rng, mix),
        accent=col.hsv(rng.random(), uniform(rng, 0.35, 0.95), uniform(rng, 0.45, 1.0)),
        metal=pick(rng, {(0.93, 0.78, 0.35): 2, (0.8, 0.82, 0.86): 2, (0.3, 0.3, 0.34): 1}),
    )

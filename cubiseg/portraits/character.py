"""Who is drawn: everything that the pictures of one character share.

Two latent numbers carry most of the correlation: ``maturity`` (0 chibi, 1 semi-realistic) and ``masculine`` (0 soft,
1 angular). Proportions are in head units: 1 is half the face's width at the eyes.
"""

from dataclasses import dataclass

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.axes import Mix
from cubiseg.portraits.colour import Colour
from cubiseg.portraits.rng import Rng, chance, pick, stream, uniform
from cubiseg.portraits.style import Style, draw_style
from cubiseg.portraits.traits.brows import BrowStyle, draw_brows
from cubiseg.portraits.traits.eyes import EyeStyle, draw_eyes
from cubiseg.portraits.traits.face import FaceShape, Manner, draw_face, draw_manner


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
    manner: Manner
    skin: Colour
    hair: Colour
    cloth: Colour
    cloth2: Colour
    accent: Colour
    metal: Colour

    @property
    def lean(self) -> float:
        """``masculine`` with the middle pulled apart: 0 dresses softly, 1 does not."""
        return lean_of(self.masculine)

    def rng(self, part: str) -> Rng:
        """The stream of one part of this character."""
        return stream(*self.key, "character", part)


def lean_of(masculine: float) -> float:
    """The ``lean`` of a character."""
    t = min(max((masculine - 0.25) / 0.4, 0.0), 1.0)
    return t * t * (3 - 2 * t)


def character(seed: int, number: int, mix: Mix) -> Character:
    """Character ``number`` of the series that ``seed`` opens."""
    rng = stream(seed, number, "character", "basis")
    maturity = float(np.clip(rng.beta(1.7, 1.6), 0, 1))
    masculine = (uniform(rng, 0.5, 1.0) if chance(rng, 0.26) else float(rng.beta(0.8, 3.0))) * (0.6 + 0.4 * maturity)
    style = draw_style(rng, mix)
    skin = col.skin_colour(stream(seed, number, "character", "skin"), mix)
    hair = col.hair_colour(rng, mix, skin)
    lean = lean_of(masculine)
    eyes = draw_eyes(stream(seed, number, "character", "eyes"), mix, maturity, masculine, lean, hair, skin)
    return Character(
        key=(seed, number),
        mix=mix,
        maturity=maturity,
        masculine=masculine,
        style=style,
        face=draw_face(stream(seed, number, "character", "face"), mix, maturity, masculine, lean),
        eyes=eyes,
        brows=draw_brows(stream(seed, number, "character", "brows"), mix, maturity, masculine, lean, hair, skin, eyes),
        manner=draw_manner(stream(seed, number, "character", "manner"), mix, maturity, masculine, lean),
        skin=skin,
        hair=hair,
        cloth=col.cloth_colour(rng, mix),
        cloth2=col.cloth_colour(rng, mix),
        accent=col.hsv(rng.random(), uniform(rng, 0.35, 0.95), uniform(rng, 0.45, 1.0)),
        metal=pick(rng, {(0.93, 0.78, 0.35): 2, (0.8, 0.82, 0.86): 2, (0.3, 0.3, 0.34): 1}),
    )

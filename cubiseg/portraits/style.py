"""How an artist draws: line, ink, shading, gloss, the surface and the range of colours."""

from dataclasses import dataclass

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.axes import Mix, axis
from cubiseg.portraits.paint import Pen
from cubiseg.portraits.rng import Rng, chance, uniform

LINE = axis("line: width of the ink: none 0.7, hairline 1.5, thin 4, middle 3.5, heavy 1.3")
LINE_COLOUR = axis("line colour: colour of the ink: black 3, dark tint 5, coloured 1.2, brown 1.5, pale 0.2")
MANNER = axis("line manner: how lines are drawn: even 5, broad nib 3, bold contour 1.2, broken 0.32, sketchy 0.24")
SHADING = axis("""shading: how surfaces are shaded:
    flat 1.3, cel 4.6, soft 2.0, painterly 0.45, airbrush 0.4, gradation 1.3, hatched 0.15""")
GLOSS = axis("gloss: highlight of the hair: none 2, ring 3, zigzag 2, streaks 2.5")
TEXTURE = axis("""texture: surface that is painted on:
    none 440, paper 3, canvas 2, screentone 2, watercolour 2.5, noise 2.5""")
COLOURING = axis("colouring: range of colours: full 336, muted 5, vivid 5, grey 0.9, manga 1.2, duotone 0.8, sepia 0.4")
AXES = (LINE, LINE_COLOUR, MANNER, SHADING, GLOSS, TEXTURE, COLOURING)

_BASE = {"painterly": "soft", "airbrush": "soft", "gradation": "cel", "hatched": "flat"}


@dataclass(frozen=True)
class Style:
    """How the artist draws. ``line``: ink width in head units (0 none); ``ink``: 0 coloured lines, 1 black ones."""

    line: float
    ink: float
    shading: str  # flat, cel, soft: how parts shade themselves
    contrast: float  # 0..1, depth of the shadows
    detail: float  # 0.6..1.5, how many strands and folds
    gloss: str  # none, ring, zigzag, streaks: the hair's highlight
    finish: str = "flat"  # the kind of the axis "shading": what is laid over a painted part
    manner: str = "even"
    texture: str = "none"
    colouring: str = "full"

    def pen(self, rng: Rng, scale: float) -> Pen | None:
        """The pen for one layer of a picture of ``scale`` px a head unit; None draws even lines."""
        line = self.line * scale
        if self.manner in ("even", "bold contour") or line < 0.5:
            return None
        if self.manner == "broad nib":
            k = line * uniform(rng, 0.25, 0.6)
            return Pen(line, (k * uniform(rng, -1, 1), k), 0.0, 0.0, rng)
        gaps = uniform(rng, 0.2, 1.0) if self.manner == "broken" else 0.3 * rng.random()
        return Pen(line, (0.0, 0.0), gaps, uniform(rng, 0.4, 1.0) if self.manner == "sketchy" else 0.0, rng)


def _ink(rng: Rng, mix: Mix) -> float:
    kind = mix.pick(rng, LINE_COLOUR)
    if kind == "black":
        return uniform(rng, 0.75, 1.0)
    if kind == "dark tint":
        return float(np.clip(rng.beta(0.8, 1.6), 0, 0.7))
    if kind == "brown":
        brown = col.hsv(uniform(rng, 0.0, 0.07), uniform(rng, 0.4, 0.8), uniform(rng, 0.18, 0.45))
        return col.Ink(0.3, brown, uniform(rng, 0.5, 0.95))
    if kind == "pale":
        return col.Ink(
            0.0, col.hsv(rng.random(), uniform(rng, 0, 0.15), uniform(rng, 0.88, 1.0)), uniform(rng, 0.75, 1)
        )
    return col.Ink(0.2, col.hsv(rng.random(), uniform(rng, 0.4, 0.9), uniform(rng, 0.2, 0.6)), uniform(rng, 0.5, 0.95))


def draw_style(rng: Rng, mix: Mix) -> Style:
    """The manner of one character's artist; takes one draw from ``rng``, whatever the kinds."""
    rng = np.random.default_rng(int(rng.integers(2**63)))
    line = mix.pick(rng, LINE)
    width = {
        "none": 0.0,
        "hairline": uniform(rng, 0.004, 0.008),
        "thin": uniform(rng, 0.007, 0.014),
        "middle": uniform(rng, 0.013, 0.024),
        "heavy": uniform(rng, 0.024, 0.045),
    }[line]
    finish = mix.pick(rng, SHADING)
    base = _BASE.get(finish, finish)
    if chance(rng, 0.4) and finish == "gradation":
        base = "soft"
    colouring = mix.pick(rng, COLOURING)
    texture = mix.pick(rng, TEXTURE)
    if chance(rng, 0.4) and colouring == "manga":
        texture = "screentone"
    others = np.random.default_rng(int(rng.integers(2**63)))
    return Style(
        line=width,
        ink=_ink(others, mix),
        shading=base,
        contrast=uniform(rng, 0.25, 0.95),
        detail=uniform(rng, 0.6, 1.5),
        gloss=mix.pick(rng, GLOSS),
        finish=finish,
        manner=mix.pick(rng, MANNER),
        texture=texture,
        colouring=colouring,
    )

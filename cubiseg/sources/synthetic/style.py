"""How an artist draws: line, ink, shading, gloss."""

from dataclasses import dataclass

import numpy as np

from cubiseg.sources.synthetic.axes import Axis, Mix
from cubiseg.sources.synthetic.rng import uniform

LINE = Axis("line", "width of the ink", {"none": 0.8, "thin": 4, "middle": 4, "heavy": 1.5})
SHADING = Axis("shading", "how surfaces are shaded", {"flat": 1.2, "cel": 4.5, "soft": 3.5})
GLOSS = Axis("gloss", "highlight of the hair", {"none": 2, "ring": 3, "zigzag": 2, "streaks": 2.5})
AXES = (LINE, SHADING, GLOSS)


@dataclass(frozen=True)
class Style:
    """How the artist draws. ``line``: ink width in head units (0 none); ``ink``: 0 coloured lines, 1 black ones."""

    line: float
    ink: float
    shading: str  # flat, cel, soft
    contrast: float  # 0..1, depth of the shadows
    detail: float  # 0.6..1.5, how many strands and folds
    gloss: str  # none, ring, zigzag, streaks: the hair's highlight


def draw_style(rng: np.random.Generator, mix: Mix) -> Style:
    """The manner of one character's artist."""
    line = mix.pick(rng, LINE)
    width = {"none": 0.0, "thin": uniform(rng, 0.007, 0.014), "middle": uniform(rng, 0.013, 0.024),
             "heavy": uniform(rng, 0.024, 0.04)}[line]  # fmt: skip
    return Style(
        line=width,
        ink=float(np.clip(rng.beta(0.8, 0.9), 0, 1)),
        shading=mix.pick(rng, SHADING),
        contrast=uniform(rng, 0.25, 0.95),
        detail=uniform(rng, 0.6, 1.5),
        gloss=mix.pick(rng, GLOSS),
    )

"""Clothes: a character wears one garment. A garment is a function from a ``Tailor`` to paint on its board.

To add one: write the function in a small file beside these and list it in ``GARMENTS``.
"""

from collections.abc import Callable

from cubiseg.sources.synthetic.axes import Axis
from cubiseg.sources.synthetic.body import Torso
from cubiseg.sources.synthetic.character import Character
from cubiseg.sources.synthetic.garments import casual, uniforms
from cubiseg.sources.synthetic.garments.base import Tailor
from cubiseg.sources.synthetic.paint import Board

GARMENTS: dict[str, tuple[Callable[[Tailor], None], float, float]] = {
    "sailor": (uniforms.sailor, 2.0, 0.2),
    "shirt": (uniforms.shirt, 1.5, 2.5),
    "suit": (uniforms.suit, 1.3, 3.0),
    "cardigan": (uniforms.cardigan, 1.5, 0.8),
    "hoodie": (casual.hoodie, 1.2, 1.5),
    "tee": (casual.tee, 1.2, 1.5),
    "turtleneck": (casual.turtleneck, 1.2, 1.0),
    "dress": (casual.dress, 2.0, 0.05),
    "off_shoulder": (casual.off_shoulder, 1.0, 0.02),
    "kimono": (casual.kimono, 1.0, 0.8),
    "coat": (casual.coat, 0.8, 1.5),
}
"""Kind: (function, weight for a soft character, weight for an angular one)."""

GARMENT = Axis("garment", "what is worn", {k: (soft, hard) for k, (_, soft, hard) in GARMENTS.items()})
AXES = (GARMENT,)


def garment(who: Character) -> str:
    """The kind of garment that this character wears."""
    return who.mix.pick(who.rng("garment"), GARMENT, lean=who.lean)


def paint_clothes(board: Board, who: Character, torso: Torso, light: float) -> None:
    """Dress the character."""
    GARMENTS[garment(who)][0](Tailor(who, torso, board, who.rng("clothes"), light))

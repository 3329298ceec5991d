"""Gloves: each follows its arm and hand, whatever they do, over a hand that is complete below."""

from dataclasses import dataclass

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.arms import Limb, tube
from cubiseg.portraits.axes import axis
from cubiseg.portraits.body import Torso
from cubiseg.portraits.character import Character
from cubiseg.portraits.hands import POSES, Hand
from cubiseg.portraits.paint import Board, normals, path
from cubiseg.portraits.rng import chance, pick, uniform

HANDWEAR = axis("""handwear: gloves:
    none 88 86, short 3 4, wrist 3 3, long 3 0.2, fingerless 1.6 3, mittens 0.5 0.2, gauntlets 0.3 1""")

_WITH = {
    "armour": {"none": 0.25, "gauntlets": 40.0},
    "full_plate": {"none": 0.1, "gauntlets": 120.0},
    "tailcoat": {"none": 0.4, "short": 6.0, "wrist": 6.0, "mittens": 0.0},
    "waistcoat": {"short": 2.5, "wrist": 2.0, "mittens": 0.0},
    "suit": {"short": 2.5, "wrist": 2.0, "mittens": 0.0},
    "gakuran": {"short": 3.0, "wrist": 2.0, "mittens": 0.0},
    "bikini": {"none": 2.0},
    "school_swimsuit": {"none": 2.0},
    "trunks": {"none": 6.0},
    "military": {"none": 0.4, "short": 2.0, "wrist": 2.5},
    "winter_coat": {"none": 0.6, "mittens": 8.0},
    "maid": {"wrist": 2.0},
    "gothic": {"none": 0.7, "long": 3.0},
    "idol": {"none": 0.6, "long": 2.0, "short": 2.0},
    "dress": {"long": 2.0},
    "bodysuit": {"none": 0.4, "wrist": 3.0},
    "leather_jacket": {"fingerless": 3.0},
    "swimsuit": {"none": 2.0},
    "kimono": {"none": 3.0},
    "miko": {"none": 3.0},
}
"""By garment, factors on the weights."""


@dataclass(frozen=True)
class Glove:
    """A pair of gloves.

    Attributes:
        kind: a kind of ``HANDWEAR``.
        colour: colour of the cloth or metal.
        start: place on the arm where it begins, 0 shoulder to 1 wrist.
        ease: width that its cuff adds, as a share of the arm's half width.
        trim: colour of a band at its edge, or None.
    """

    kind: str
    colour: col.Colour
    start: float
    ease: float
    trim: col.Colour | None

    @property
    def over(self) -> bool:
        """Whether it lies over the sleeve rather than under it."""
        return self.kind == "gauntlets"


def gloves(who: Character, garment: str) -> Glove | None:
    """What this character wears on the hands, or None."""
    factors = _WITH.get(garment, {})
    weights = {kind: w * factors.get(kind, 1.0) for kind, w in HANDWEAR.weights(who.lean).items()}
    kind = who.mix.pick(who.rng("handwear"), HANDWEAR, weights=weights)
    if kind == "none":
        return None
    rng = who.rng("handwear look")
    dark = col.hsv(rng.random(), uniform(rng, 0.0, 0.3), uniform(rng, 0.07, 0.25))
    leather = col.hsv(uniform(rng, 0.03, 0.09), uniform(rng, 0.35, 0.6), uniform(rng, 0.25, 0.5))
    steel = col.hsv(0.6, uniform(rng, 0.03, 0.15), uniform(rng, 0.4, 0.88))
    white = col.mix(col.WHITE, who.cloth2, uniform(rng, 0.0, 0.06))
    often = 8.0 if col.luma(who.cloth) < 0.4 and kind in ("short", "wrist") else 3.0  # on dark sleeves
    colour = pick(rng, {white: often, dark: 3.0, leather: 1.0, who.cloth2: 1.2, who.accent: 1.0})
    colour = steel if kind == "gauntlets" and chance(rng, 0.8) else colour
    start = {"long": uniform(rng, 0.3, 0.62), "short": 0.985, "wrist": 0.88, "gauntlets": uniform(rng, 0.6, 0.75)}
    trim = (who.metal if chance(rng, 0.4) else who.accent) if chance(rng, 0.4) else None
    ease = {"long": 0.05, "mittens": 0.35, "gauntlets": 0.5}.get(kind, 0.1)
    return Glove(kind, colour, start.get(kind, 0.9), ease, trim)


def gloved(who: Character, limb: Limb, glove: Glove) -> Hand:
    """The hand of a limb in its glove."""
    thick = {"mittens": 1.1, "gauntlets": 1.07}.get(glove.kind, 1.02)
    return Hand(who, limb.joints[2], limb.aim, thick * limb.size, limb.thumb, cloth=glove.colour)


def paint_glove(board: Board, torso: Torso, limb: Limb, glove: Glove, part: str, *, hand: bool = True) -> None:
    """Paint a glove, or only its part over the upper or lower arm; ``hand``: with the hand itself."""
    who = torso.who
    line_px, ink = who.style.line * torso.head.scale, col.ink(glove.colour, who.style.ink)
    with board.on("handwear"):
        if hand and part != "upper" and limb.hand and not limb.hidden:
            shape = gloved(who, limb, glove)
            pose = POSES["flat" if glove.kind == "mittens" and limb.hand != "fist" else limb.hand]
            if glove.kind == "fingerless":
                shape.palm(board, line_px)
            else:
                shape.paint(board, pose, line_px)
        if limb.hidden and glove.start > 0.9:
            return
        t = np.linspace(0, 1, 48)
        flare = np.clip((1.0 - t) / max(1.0 - glove.start, 0.05), 0, 1) if glove.kind == "gauntlets" else 1.0
        grow = limb.width * (0.03 + glove.ease * flare)
        start = min(glove.start, 0.93)
        for shape_ in tube(board, limb, grow, glove.colour, ink, line_px, part=part, start=start, hem=False):
            with board.clipped(shape_):
                _details(board, limb, glove, start, line_px)


def _details(board: Board, limb: Limb, glove: Glove, start: float, line_px: float) -> None:
    """A dark side, a band at the edge, plates."""
    line, half = limb.line(), limb.half()
    off, n = normals(line) * half[:, None] * limb.side, len(line)
    shade = col.shade(glove.colour, 0.45)
    board.fill(path(np.vstack([line - 2 * off, (line - 0.45 * off)[::-1]])), shade, 0.6)
    rings = [(start + 0.02, glove.trim, 0.22)] if glove.trim else []
    if glove.kind == "gauntlets":
        rings += [(k, shade, 0.07) for k in np.linspace(start, 1.0, 4)[1:-1]]
    for place, c, width in rings:
        k = min(int(place * (n - 1)), n - 1)
        board.stroke(path(np.vstack([line[k] - 2 * off[k], line[k] + 2 * off[k]]), closed=False), c, width * limb.width)

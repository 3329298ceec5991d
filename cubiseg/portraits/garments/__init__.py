"""Clothes: a character wears one garment, and sometimes something over it. A garment is a function of a ``Tailor``.

To add one: write the function in a small file beside these and list it in ``GARMENTS``.
"""

from collections.abc import Callable
from dataclasses import replace

from cubiseg.portraits.arms import Limb, arms, paint_skin
from cubiseg.portraits.axes import Axis, axis
from cubiseg.portraits.body import Torso
from cubiseg.portraits.character import Character
from cubiseg.portraits.compose import DrawnLayer, drawn
from cubiseg.portraits.garments import (
    bare,
    bottoms,
    capes,
    casual,
    fantasy,
    formal,
    layered,
    outer,
    pale,
    school,
    sport,
    stage,
    swim,
    traditional,
)
from cubiseg.portraits.garments.base import Tailor
from cubiseg.portraits.garments.footwear import FOOTWEAR, footwear_of, paint_footwear, tucks
from cubiseg.portraits.garments.gowns import WAIST, paint_waist, waist_of
from cubiseg.portraits.garments.handwear import HANDWEAR, gloves, paint_glove
from cubiseg.portraits.garments.legwear import LEGWEAR, legwear_of, paint_legwear
from cubiseg.portraits.garments.sleeves import paint_sleeve
from cubiseg.portraits.paint import Board
from cubiseg.portraits.scene import Scene

Garment = Callable[[Tailor], None]

GARMENTS: dict[str, tuple[Garment, float, float]] = {
    "sailor": (school.sailor, 2.0, 0.15),
    "blazer": (school.blazer, 1.3, 1.4),
    "gakuran": (school.gakuran, 0.05, 1.3),
    "suit": (school.suit, 0.6, 2.4),
    "waistcoat": (formal.waistcoat, 0.5, 1.5),
    "tailcoat": (formal.tailcoat, 0.35, 1.3),
    "shirt": (school.shirt, 1.2, 2.2),
    "cardigan": (layered.cardigan, 1.4, 0.7),
    "pinafore": (layered.pinafore, 1.0, 0.15),
    "hoodie": (casual.hoodie, 1.1, 1.4),
    "open_hoodie": (casual.open_hoodie, 0.9, 1.2),
    "tee": (casual.tee, 1.1, 1.5),
    "tracksuit": (sport.tracksuit, 0.5, 0.9),
    "sweater": (casual.sweater, 1.0, 0.9),
    "turtleneck": (casual.turtleneck, 0.9, 0.9),
    "leather_jacket": (casual.leather_jacket, 0.5, 1.1),
    "tank": (sport.tank, 0.8, 0.5),
    "sports": (sport.sports, 0.3, 0.5),
    "camisole": (bare.camisole, 1.4, 0.0),
    "frilled_top": (bare.frilled_top, 1.2, 0.0),
    "off_shoulder": (bare.off_shoulder, 0.9, 0.0),
    "dress": (bare.dress, 1.4, 0.0),
    "sundress": (bare.sundress, 1.4, 0.0),
    "halter": (bare.halter, 1.2, 0.1),
    "yoked": (pale.yoked, 2.4, 0.0),
    "pinafore_front": (pale.pinafore_front, 1.8, 0.0),
    "trimmed": (pale.trimmed, 2.2, 0.1),
    "swimsuit": (bare.swimsuit, 0.6, 0.0),
    "bikini": (swim.bikini, 0.9, 0.0),
    "school_swimsuit": (swim.school_swimsuit, 0.5, 0.0),
    "trunks": (swim.trunks, 0.02, 0.7),
    "bodysuit": (bare.bodysuit, 0.4, 0.3),
    "kimono": (traditional.kimono, 1.0, 0.7),
    "hakama": (traditional.hakama, 0.5, 0.7),
    "haori": (traditional.haori, 0.3, 0.7),
    "miko": (traditional.miko, 0.45, 0.0),
    "cheongsam": (traditional.cheongsam, 0.5, 0.15),
    "long_coat": (outer.long_coat, 0.8, 1.4),
    "trench": (outer.trench, 0.5, 1.0),
    "winter_coat": (outer.winter_coat, 0.7, 0.6),
    "maid": (stage.maid, 1.5, 0.0),
    "gothic": (stage.gothic, 1.1, 0.05),
    "idol": (stage.idol, 0.6, 0.0),
    "armour": (fantasy.armour, 0.7, 1.1),
    "full_plate": (fantasy.full_plate, 0.35, 0.8),
    "military": (fantasy.military, 0.6, 1.2),
    "robe": (fantasy.robe, 0.7, 0.9),
    "tunic": (fantasy.tunic, 0.5, 0.8),
}
"""Kind: (function, weight for a soft character, weight for an angular one)."""

GARMENT = Axis("garment", "what is worn", {k: (soft, hard) for k, (_, soft, hard) in GARMENTS.items()})

WRAPS: dict[str, Garment] = {
    "scarf": outer.scarf,
    "cloak": outer.cloak,
    "stole": outer.stole,
    "closed cloak": capes.closed_cloak,
    "cape": capes.cape,
    "capelet": capes.capelet,
}
WRAP = axis("""worn over clothes: scarf or cape over the garment:
    none 1.0, scarf 0.09, cloak 0.03 0.04, stole 0.012 0.002, closed cloak 0.02 0.025, cape 0.025 0.04,
    capelet 0.025 0.012""")
AXES = (GARMENT, WRAP, bottoms.BOTTOM, WAIST, LEGWEAR, FOOTWEAR, HANDWEAR)

__all__ = ["AXES", "GARMENTS", "Outfit", "garment"]


def garment(who: Character) -> str:
    """The kind of garment that this character wears."""
    return who.mix.pick(who.rng("garment"), GARMENT, lean=who.lean)


class Outfit:
    """A dressed body in one picture: cut once, painted at several places of the stack.

    Args:
        board: empty; the trunk is painted on it, other parts on others like it.
        torso: the body.
        view: the picture.
        raised: arms that a gesture raises.
    """

    def __init__(self, board: Board, torso: Torso, view: Scene, raised: list[Limb]) -> None:
        who = torso.who
        self.torso = torso
        self._trunk = board
        self._tool = Tailor(who, torso, self._trunk, who.rng("clothes"), view.light)
        kind = garment(who)
        socks, shoes = legwear_of(who, kind), footwear_of(who, kind)
        paint_legwear(self._with("legwear look"), socks, board.size)
        paint_footwear(self._with("footwear look"), shoes, board.size)
        if tucks(who, shoes):
            self._tool.tucked = lambda _: paint_footwear(self._with("footwear look"), shoes, board.size)
        self.glove = gloves(who, kind)
        GARMENTS[kind][0](self._tool)
        paint_waist(self._with("waist look"), waist_of(who, kind))
        wrap = who.mix.pick(who.rng("wrap"), WRAP, lean=who.lean)
        if wrap in WRAPS:
            WRAPS[wrap](self._tool)
        self.sleeve = self._tool.sleeve
        self._limbs = arms(torso, view, raised)
        self._raised = raised

    def _with(self, part: str) -> Tailor:
        """The tailor with a random stream for one piece of clothing, so that no other follows from it."""
        return replace(self._tool, rng=self.torso.who.rng(part))

    @property
    def hooded(self) -> bool:
        """Whether a hood covers the head."""
        return "crown" in self._tool.later

    def layers(self, place: str) -> list[DrawnLayer]:
        """What the outfit has at a place of the stack ("cape", "nape", "wrap", "crown")."""
        layers = [part for limb in self._limbs if limb.behind and place == "nape" for part in self._lower(limb)]
        paints = self._tool.later.get(place, [])
        if paints:
            tool = replace(self._tool, board=self._trunk.another("topwear"))
            for paint in paints:
                paint(tool)
            layers.append(drawn("clothes", tool.board))
        return layers

    def dressed(self) -> list[DrawnLayer]:
        """The garment's trunk, the bare arms above it, sleeves with what lies over them, lower arms in front."""
        arms_, sleeves = self._trunk.another("arm_left"), self._trunk.another("topwear")
        for limb in [*self._raised, *self._limbs]:
            part = "upper" if limb.raised or limb.front or limb.behind else "all"
            paint_skin(arms_, self.torso, limb, part, self._tool.light)
            self.cloth_on(sleeves, limb, part)
        tool = replace(self._tool, board=sleeves)
        for paint in self._tool.later.get("over", []):
            paint(tool)
        top = drawn("clothes", sleeves)
        order = ["sleeve_left", "sleeve_right"]
        order.insert(2 if self.glove and self.glove.over else 0, "handwear")
        alone = dict(sorted(top.alone.items(), key=lambda part: order.index(part[0]) if part[0] in order else 3))
        layers = [drawn("clothes", self._trunk), drawn("skin", arms_), replace(top, alone=alone)]
        return layers + [part for limb in self._limbs if limb.front for part in self._lower(limb)]

    def _lower(self, limb: Limb) -> list[DrawnLayer]:
        """A lower arm and its sleeve as layers of their own."""
        skin, cloth = self._trunk.another(limb.arm), self._trunk.another(limb.sleeve)
        paint_skin(skin, self.torso, limb, "lower", self._tool.light)
        self.cloth_on(cloth, limb, "lower")
        return [drawn("skin", skin), drawn("clothes", cloth)]

    def cloth_on(self, board: Board, limb: Limb, part: str, *, hand: bool = True) -> None:
        """Paint the sleeve and the glove on one arm, or on its part; ``hand``: with the hand's glove."""
        glove = self.glove
        if glove and not glove.over:
            paint_glove(board, self.torso, limb, glove, part, hand=hand)
        self._sleeve_on(board, limb, part)
        if glove and glove.over:
            paint_glove(board, self.torso, limb, glove, part, hand=hand)

    def _sleeve_on(self, board: Board, limb: Limb, part: str) -> None:
        if self.sleeve is not None:
            who = self.torso.who
            scale = self.torso.head.scale
            rng = who.rng(f"sleeve {limb.side}")
            with board.on(limb.sleeve):
                paint_sleeve(board, self.sleeve, limb, who, scale, self._tool.light, rng, part)

"""Hair: a character's hair is one front, one side and one back kind, composed, with an ahoge or loose hairs on top."""

from dataclasses import replace

import numpy as np
import skia

from cubiseg.portraits import colour as col
from cubiseg.portraits.axes import Axis
from cubiseg.portraits.character import Character
from cubiseg.portraits.hair import cropped
from cubiseg.portraits.hair.backs import BACKS
from cubiseg.portraits.hair.colouring import PATTERN, HairPaint, colouring, dye, hair_paint
from cubiseg.portraits.hair.fringes import FRONTS
from cubiseg.portraits.hair.gloss import flow, gloss
from cubiseg.portraits.hair.locks import between_eyes
from cubiseg.portraits.hair.render import manner, paint_mass
from cubiseg.portraits.hair.scalp import AHOGE, ahoge, behind_ears, cap, crown_region, skull, temples, unruly
from cubiseg.portraits.hair.sides import SIDES
from cubiseg.portraits.hair.strands import Hair, aside, place
from cubiseg.portraits.hair.turned import turned
from cubiseg.portraits.head import Head
from cubiseg.portraits.paint import Board, path, spline
from cubiseg.portraits.proportions import Proportions
from cubiseg.portraits.rng import bell, chance, uniform

FRONT = Axis("hair front", "the fringe", {k: (soft, hard) for k, (_, soft, hard) in FRONTS.items()})
SIDE = Axis("hair side", "hair beside the face", {k: (soft, hard) for k, (_, soft, hard) in SIDES.items()})
BACK = Axis("hair back", "hair behind, or bound", {k: (soft, hard) for k, (_, soft, hard) in BACKS.items()})
AXES = (FRONT, SIDE, BACK, AHOGE, PATTERN)

__all__ = ["Hair", "HairArt", "style", "volume"]

_BRUSHED = frozenset({"slicked", "pompadour"})
"""Fronts with no lock between the eyes."""
_LONG = frozenset({"chest", "waist", "wavy", "drill_locks", "braid_lock"})
"""Sides that seldom go with hair cropped behind."""
_SLIM = frozenset({"sideburns", "around_ear", "tucked", "braid_lock"})
"""Sides that place their locks before the ear themselves."""


def volume(who: Character) -> float:
    """Thickness of the character's hair over the skull, 1 is usual, 0 is flat."""
    rng = who.rng("volume")
    usual = bell(rng, 1.0, 0.4, 0.2, 1.9)
    return usual if chance(rng, 0.88) else uniform(rng, 0.05, 2.6)


def style(who: Character, head: Head) -> tuple[Hair, float]:
    """The character's hair in head units and the v where it ends; ``head`` gives the skull, its pose has no effect."""
    kinds = who.rng("hair kind")
    body = Proportions(who)
    hair = Hair(volume=volume(who), knees=body.knee, floor=body.sole)
    back = who.mix.pick(kinds, BACK, lean=who.lean)
    rare = _LONG if back in cropped.SHORT else frozenset()
    side = {k: w * (0.2 if k in rare else 1.0) for k, w in SIDE.weights(who.lean).items()}
    hair.names = {
        "back": back,
        "side": who.mix.pick(kinds, SIDE, weights=side),
        "front": who.mix.pick(kinds, FRONT, lean=who.lean),
    }
    names, detail = hair.names, who.style.detail
    length = BACKS[names["back"]][0](who.rng("back hair"), hair, head, detail)
    ears, loose = chance(who.rng("ears show"), 0.4), len(hair.front)
    temples(who.rng("temples"), hair, head, ears or hair.bound or names["side"] in _SLIM)
    behind_ears(who.rng("behind ears"), hair, head)
    before, mid = len(hair.front), len(hair.mid)
    if back == "undercut":  # the shaved sides
        hair.front[before - 6 :] = [replace(s, tone=0.8, lines=0.1, tip=0.4) for s in hair.front[before - 6 :]]
    else:
        SIDES[names["side"]][0](who.rng("side hair"), hair, head, max(length, 0.8))
    hair.front[loose:], hair.mid[mid:] = aside(hair.front[loose:]), aside(hair.mid[mid:])
    if (ears or hair.bound) and names["side"] not in _SLIM:  # thinner locks, before the ears instead of over them
        hair.front[before:] = [
            replace(s, points=s.points * (0.86, 1, 1), width=0.7 * s.width) for s in hair.front[before:]
        ]
    FRONTS[names["front"]][0](who.rng("front hair"), hair, head, detail)
    rng = who.rng("between the eyes")
    even = names["front"] in ("blunt", "blunt_steps", "rounded")
    if chance(rng, 0.1 if even else 0.25) and names["front"] not in _BRUSHED:
        between_eyes(rng, hair, head)
    unruly(who.rng("unruly"), hair, head)
    ahoge(who, hair, head)
    if colouring(who).pattern == "streaks":
        dye(hair, who.rng("dye"))
    return hair, length


class HairArt:
    """A character's hair placed in one picture, ready to paint and to cast its shadow."""

    def __init__(self, who: Character, head: Head, light: float) -> None:
        self.who, self.head, self.light = who, head, light
        hair, self.length = style(who, head)
        self.hair = turned(hair, head)
        self.colours = replace(colouring(who), part=0.7 * self.hair.part)
        self.front = place(self.hair.front, head)
        self.top = place(self.hair.top, head)
        self.cap, self._edges = cap(who, head, self.hair)

    def paint(self, *, inner: bool = False, darker: float = 0.0) -> HairPaint:
        """Paints for a mass of this hair."""
        return hair_paint(self.who, self.head, self.colours, self.length, inner=inner, darker=darker)

    def paint_back(self, board: Board) -> None:
        """What lies behind neck and body."""
        drawn = place(self.hair.back, self.head)
        mass = skull(self.head, self.hair)
        if self.hair.lit:
            paint = self.paint()
            paint_mass(board, drawn, paint, self.who, self.light, [mass], part="back")
        else:
            depth = self.who.rng("back depth").uniform(0.04, 0.3) + 0.22 * self.who.style.contrast
            paint = self.paint(inner=True, darker=float(depth))
            paint_mass(board, drawn, paint, self.who, self.light, [mass], part="back")
        self._under_chin(board, paint)
        for x, y, z, r in self.hair.buns:
            self._bun(board, (x, y, z), r)

    def _under_chin(self, board: Board, paint: HairPaint) -> None:
        """Hair behind face and neck lies in their shadow."""
        how, scale = manner(self.who), self.head.scale
        if how.soft:
            centre = self.head.project(np.array([[0, 0.55, -0.3]]))[0]
            dark = col.shade(self.who.hair, 0.5 + 0.4 * self.who.style.contrast)
            board.spot(centre, 1.35 * scale, dark, 0.75)
            return
        a = np.linspace(0, 2 * np.pi, 40)
        low = self.who.face.chin * 0.9 + 0.2
        ring = np.column_stack([1.04 * np.cos(a), 0.1 + low * np.maximum(np.sin(a), -0.6), np.full(40, -0.3)])
        board.fill(path(self.head.project(ring)), paint.shade, 0.85, atop=True)

    def _bun(self, board: Board, at: tuple[float, float, float], r: float) -> None:
        """A rolled bun: an uneven round with the turns of the roll."""
        paint, head, who = self.paint(), self.head, self.who
        c = head.project(np.array([at]))[0]
        rng = who.rng("bun")
        a = np.linspace(0, 2 * np.pi, 14, endpoint=False)
        wobble = 1 + rng.normal(0, 0.035, 14)
        ring = c + r * head.scale * np.stack([1.08 * np.cos(a) * wobble, np.sin(a) * wobble], 1)
        shape = path(spline(ring, 48, closed=True))
        board.stroke(shape, paint.ink, paint.line * 2)
        board.fill(shape, paint.fill)
        side = 1.0 if self.light < 0 else -1.0
        how = manner(who)
        with board.clipped(shape):
            if who.style.shading != "flat":
                moon = skia.Path()
                moon.addCircle(*(c - r * head.scale * np.array([0.35 * side, 0.4])).tolist(), 1.05 * r * head.scale)
                with board.clipped(moon, outside=True):
                    board.fill(shape, paint.shade, 0.8, blur=0.1 * r * head.scale if how.soft else 0.0)
            turn = uniform(rng, 0, 6.3)
            for k in range(int(4 + 3 * how.lines)):
                s = 0.2 + 0.75 * k / (4 + 3 * how.lines)
                arc = np.linspace(0, uniform(rng, 1.4, 3.6), 12) + turn + 1.7 * k
                swell = s * (1 + 0.25 * np.linspace(0, 1, 12))
                pts = c + r * head.scale * np.stack([swell * np.cos(arc), swell * np.sin(arc)], 1)
                if how.wedge > 0.2 and k % 2:
                    board.ink(pts, paint.shade, 0.12 * r * head.scale, 0.8, start=0.0, end=0.0)
                board.ink(pts, paint.ink, paint.line, 0.85, start=0.1, end=0.1)

    def paint_mid(self, board: Board) -> None:
        """What hangs before the body and behind the face."""
        paint_mass(board, place(self.hair.mid, self.head), self.paint(), self.who, self.light, part="mid")

    def paint_front(self, board: Board) -> None:
        """Scalp, side locks, fringe and ahoge, on a board for what is no lock: the rim around the crown."""
        paint = self.paint()
        crown = crown_region(self.head)
        paint_mass(board, self.front, paint, self.who, self.light, [self.cap], [self._edges], part="front", crown=crown)
        flow(board, self.head, paint, self.who, self.hair)
        gloss(board, self.head, paint, self.who)
        for x, y, z, r in self.hair.near_buns:
            with board.on("hair_back"):
                self._bun(board, (x, y, z), r)
        if self.top:
            paint_mass(board, self.top, paint, self.who, self.light, part="top")

    def shadow_shapes(self) -> list[skia.Path]:
        """Outlines of all that hangs before the face, for its shadow."""
        return [self.cap, *(d.shape for d in self.front)]

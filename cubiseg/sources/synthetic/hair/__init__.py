"""Hair: a character's hair is one front, one side and one back kind, composed, with an ahoge or loose hairs on top."""

from dataclasses import replace

import numpy as np
import skia

from cubiseg.sources.synthetic.axes import Axis
from cubiseg.sources.synthetic.character import Character
from cubiseg.sources.synthetic.hair.backs import BACKS
from cubiseg.sources.synthetic.hair.front import FRONTS
from cubiseg.sources.synthetic.hair.sides import SIDES
from cubiseg.sources.synthetic.hair.strands import Hair, HairPaint, Strand, gloss, hair_paint, paint_mass, place
from cubiseg.sources.synthetic.head import Head
from cubiseg.sources.synthetic.paint import Board, normals, path, spline
from cubiseg.sources.synthetic.rng import chance, uniform

FRONT = Axis("hair front", "the fringe", {k: (soft, hard) for k, (_, soft, hard) in FRONTS.items()})
SIDE = Axis("hair side", "hair beside the face", {k: (soft, hard) for k, (_, soft, hard) in SIDES.items()})
BACK = Axis("hair back", "hair behind, or bound", {k: (soft, hard) for k, (_, soft, hard) in BACKS.items()})
AXES = (FRONT, SIDE, BACK)

__all__ = ["Hair", "HairArt", "style"]


BOUND = frozenset({"twin_tails", "ponytail", "buns", "braids", "drills"})
"""Kinds of back hair that pull the hair over the ears backwards."""


def volume(who: Character) -> float:
    """Thickness of the character's hair over the skull, 1 is usual."""
    return uniform(who.rng("volume"), 0.55, 1.5)


def style(who: Character, head: Head) -> tuple[Hair, float]:
    """The character's hair in head units and the v where it ends; ``head`` gives the skull, its pose has no effect."""
    g = who.lean
    kinds = who.rng("hair kind")
    hair = Hair(volume=volume(who))
    names = {
        part: who.mix.pick(kinds, axis, lean=g) for part, axis in (("back", BACK), ("side", SIDE), ("front", FRONT))
    }
    hair.names = names
    detail = who.style.detail
    length = BACKS[names["back"]][0](who.rng("back hair"), hair, head, detail)
    ears_show = chance(who.rng("ears show"), 0.4)
    _temples(who.rng("temples"), hair, head, ears_show or names["back"] in BOUND)
    before = len(hair.front)
    SIDES[names["side"]][0](who.rng("side hair"), hair, head, max(length, 0.8))
    if ears_show:  # thinner locks, before the ears instead of over them
        hair.front[before:] = [
            replace(s, points=s.points * (0.83, 1, 1), width=0.65 * s.width) for s in hair.front[before:]
        ]
    FRONTS[names["front"]][0](who.rng("front hair"), hair, head, detail)
    _ahoge(who.rng("ahoge"), hair, head)
    return hair, length


def _temples(rng: np.random.Generator, hair: Hair, head: Head, bound: bool) -> None:
    """Hair from the crown over the temples, where the scalp's outline ends; bound hair is pulled back."""
    for side in (-1, 1):
        for k in range(3):
            low = uniform(rng, -0.1, 0.15) if bound else uniform(rng, 0.1, 0.65)
            x = head.hair_radii[0] - 0.16 - 0.12 * k
            pts = np.array(
                [
                    (x - 0.22, -1.25, 0.15),
                    (x, -0.75, 0.12),
                    (x + 0.03, -0.3, 0.05),
                    (x - 0.06, low, -0.1 if bound else 0.1),
                ]
            )
            hair.front.append(Strand(pts * (side, 1, 1), uniform(rng, 0.3, 0.45), root=0.5, belly=0.4, lines=0.4))


def _ahoge(rng: np.random.Generator, hair: Hair, head: Head) -> None:
    """A stray lock or two that stand up from the crown."""
    if not chance(rng, 0.28):
        return
    top = head.hair_centre[1] - head.hair_radii[1]
    for _ in range(1 if chance(rng, 0.7) else 2):
        side = 1 if chance(rng, 0.5) else -1
        h, w = uniform(rng, 0.2, 0.6), uniform(rng, 0.2, 0.7)
        x = uniform(rng, -0.2, 0.2)
        pts = np.array(
            [
                (x, top + 0.12, 0.0),
                (x + 0.1 * side * w, top - 0.6 * h, 0.0),
                (x + side * 0.6 * w, top - h, 0.0),
                (x + side * w, top - h * uniform(rng, 0.1, 0.7), 0.0),
            ]
        )
        hair.top.append(Strand(pts, uniform(rng, 0.07, 0.16), root=0.8, belly=0.3, lines=1.0))


class HairArt:
    """A character's hair placed in one picture, ready to paint and to cast its shadow."""

    def __init__(self, who: Character, head: Head, light: float) -> None:
        self.who, self.head, self.light = who, head, light
        self.hair, self.length = style(who, head)
        self.front = place(self.hair.front, head)
        self.top = place(self.hair.top, head)
        self.cap = self._cap()

    def _cap(self) -> skia.Path:
        """Scalp hair seen from the front: the dome closed by the hairline."""
        head, hair = self.head, self.hair
        dome = head.dome(48, start=np.pi * 0.97, end=np.pi * 2.03)
        u = np.linspace(1.22, -1.22, 15)
        line = hair.hairline - 0.25 + 0.62 * np.abs(u) ** 2.2 + 0.1 * np.exp(-np.square((u - hair.part) / 0.12))
        points = head.on_hair(u, np.minimum(line, 0.0))
        points[:, 2] = np.maximum(points[:, 2] - 0.12, -0.1)
        return path(np.concatenate([dome, spline(head.project(points), 40)]))

    def paint(self, tip_length: float | None = None, *, inner: bool = False, darker: float = 0.0) -> HairPaint:
        """Colours for a mass of this hair."""
        base = self.who.hair_inner if inner else self.who.hair
        return hair_paint(self.who, self.head, base, self.who.hair_tip, tip_length or self.length, darker)

    def paint_back(self, board: Board) -> None:
        """What lies behind neck and body."""
        head = self.head
        low = head.project(np.array([(x, self.hair.nape, -0.5) for x in (-0.95, -0.5, 0.5, 0.95)]))
        skull = path(np.concatenate([head.dome(40, start=np.pi * 0.98, end=np.pi * 2.02), low[::-1]]))
        drawn = place(self.hair.back, head)
        paint = self.paint(inner=True, darker=0.18 + 0.3 * self.who.style.contrast)
        bound = self.hair.names["back"] in ("twin_tails", "ponytail", "spiky")
        outer = self.paint() if bound else paint
        paint_mass(board, drawn, outer, self.who, self.light, [skull])
        if bound:
            self._inner_shadow(board)
        for x, y, z, r in self.hair.buns:
            self._bun(board, (x, y, z), r)

    def _inner_shadow(self, board: Board) -> None:
        centre = self.head.project(np.array([[0, 0.35, -0.3]]))[0]
        board.spot(centre, 1.15 * self.head.scale, self.paint().shade, 0.8)

    def _bun(self, board: Board, at: tuple[float, float, float], r: float) -> None:
        paint, head = self.paint(), self.head
        c = head.project(np.array([at]))[0]
        rng = self.who.rng("bun")
        a = np.linspace(0, 2 * np.pi, 14, endpoint=False)
        wobble = 1 + rng.normal(0, 0.03, 14)
        ring = c + r * head.scale * np.stack([np.cos(a) * wobble, np.sin(a) * wobble], 1)
        shape = path(spline(ring, 48, closed=True))
        board.stroke(shape, paint.ink, paint.line * 2)
        board.fill(shape, paint.fill)
        with board.clipped(shape):
            board.spot(
                c + r * head.scale * np.array([0.3 * np.sign(-self.light), 0.4]), r * head.scale, paint.shade, 0.7
            )
            for k in range(3):
                s = 0.25 + 0.22 * k
                arc = np.linspace(-2.2 + 0.5 * k, 0.4 + 0.6 * k, 12)
                pts = c + r * s * head.scale * np.stack([np.cos(arc), np.sin(arc)], 1)
                board.ink(pts, paint.ink, paint.line, 0.8, start=0.1, end=0.1)

    def paint_mid(self, board: Board) -> None:
        """What hangs before the body and behind the face."""
        paint_mass(board, place(self.hair.mid, self.head), self.paint(), self.who, self.light)

    def paint_front(self, board: Board) -> None:
        """Scalp, side locks, fringe and ahoge."""
        paint = self.paint()
        paint_mass(board, [*self.front], paint, self.who, self.light, [self.cap])
        self._parting(board, paint)
        self._flow(board, paint)
        gloss(board, self.head, paint, self.who, self.who.rng("gloss"))
        if self.top:
            paint_mass(board, self.top, paint, self.who, self.light)

    def _parting(self, board: Board, paint: HairPaint) -> None:
        """Ink from the crown down the parting and along the skull."""
        head, rng = self.head, self.who.rng("parting")
        part = self.hair.part
        for _ in range(int(1 + 4 * self.who.style.detail * rng.random())):
            u = part + rng.normal(0, 0.25)
            v = np.array([-1.95, -1.7, -1.45 + 0.3 * rng.random()])
            line = head.project(head.on_hair(np.array([part * 0.8, 0.5 * (part + u), u]), v))
            board.ink(spline(line, 10), paint.ink, paint.line, 0.8, start=0.4, end=0.0, belly=0.3, atop=True)

    def _flow(self, board: Board, paint: HairPaint) -> None:
        """Tone and thin lines that follow the strands from the crown."""
        rng, style = self.who.rng("flow"), self.who.style
        strength = 0.1 + 0.3 * style.contrast * rng.random()
        for d in self.front:
            if rng.random() < 0.45 * style.detail:
                side = normals(d.line) * (d.width * rng.uniform(-0.35, 0.35))[:, None]
                k = int(rng.integers(1, 5))
                line = (d.line + side)[k : k + int(rng.integers(7, 13))]
                if style.shading != "flat":
                    width = float(d.width.max()) * rng.uniform(0.1, 0.3)
                    board.ink(line, paint.shade, width, strength, start=0.0, end=0.0, atop=True)
                if rng.random() < 0.6:
                    board.ink(line, paint.ink, paint.line * 0.6, 0.75, start=0.0, end=0.0, atop=True)

    def shadow_shapes(self) -> list[skia.Path]:
        """Outlines of all that hangs before the face, for its shadow."""
        return [self.cap, *(d.shape for d in self.front)]

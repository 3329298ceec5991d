"""What every accessory is drawn with: its wearer, a board, colours, and inked and shaded shapes."""

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import skia

from cubiseg.portraits import colour as col
from cubiseg.portraits.body import Torso
from cubiseg.portraits.character import Character
from cubiseg.portraits.hair import HairArt
from cubiseg.portraits.head import Head
from cubiseg.portraits.paint import Board, Points, gradient, path, ribbon, spline
from cubiseg.portraits.rng import Rng, chance, pick, uniform

Shape: TypeAlias = np.ndarray | skia.Path


def as_path(shape: Shape, smooth: int = 0) -> skia.Path:
    """A path as it is, or through points; ``smooth`` samples of a curve, 0 straight lines."""
    if isinstance(shape, skia.Path):
        return shape
    return path(spline(shape, smooth, closed=True)) if smooth else path(shape)


@dataclass
class Wear:
    """What an accessory needs: the wearer, geometry, a board and a stream of its own.

    ``covers`` collects shapes that throw a shadow on hair and face, ``rim`` the two points (px, picture's left and
    right) above which a hat presses the hair down, but for what its ``opening`` shows. ``covered``: a hat hides the
    crown.
    """

    who: Character
    head: Head
    hair: HairArt
    torso: Torso
    board: Board
    rng: Rng
    covered: bool = False
    covers: list[skia.Path] = field(default_factory=list)
    rim: Points | None = None
    opening: skia.Path | None = None
    rear: Board | None = None

    @property
    def behind(self) -> Board:
        """A board below all hair and body, for what passes behind the head."""
        if self.rear is None:
            self.rear = self.board.another("headwear")
        return self.rear

    @property
    def line(self) -> float:
        """Ink width in px."""
        return self.who.style.line * self.head.scale

    @property
    def u(self) -> float:
        """px of a head unit."""
        return self.head.scale

    def ink(self, c: col.Colour) -> col.Colour:
        """The line colour on a part of colour ``c``."""
        return col.ink(c, self.who.style.ink)

    def dark(self, c: col.Colour, amount: float = 1.0) -> col.Colour:
        """The shadow of ``c`` in this artist's manner."""
        return col.shade(c, amount * (0.25 + 0.4 * self.who.style.contrast))

    def colour(self, *, pale: float = 1.0, dark: float = 1.0) -> col.Colour:
        """Cloth or plastic: the wearer's colours, white, black, a pastel, sometimes as the hair or the skin."""
        w, rng = self.who, self.rng
        weights = {
            "accent": 3,
            "cloth2": 2,
            "cloth": 1.5,
            "white": 1.6 * pale,
            "black": 1.6 * dark,
            "red": 0.7,
            "hair": 0.6,
            "skin": 0.35,
            "pastel": pale,
            "deep": dark,
        }
        kind = pick(rng, weights)
        shades = {
            "accent": w.accent,
            "cloth2": w.cloth2,
            "cloth": w.cloth,
            "hair": col.shade(w.hair, uniform(rng, 0.0, 0.5)),
            "skin": col.shade(w.skin, uniform(rng, 0.0, 0.3)),
            "white": col.hsv(rng.random(), 0.04, 0.97),
            "black": col.hsv(rng.random(), 0.25, uniform(rng, 0.08, 0.22)),
            "red": col.hsv(0.985, 0.8, 0.78),
            "pastel": col.hsv(rng.random(), uniform(rng, 0.15, 0.35), uniform(rng, 0.9, 1.0)),
            "deep": col.hsv(rng.random(), uniform(rng, 0.45, 0.85), uniform(rng, 0.25, 0.5)),
        }
        return shades[kind]

    def trim(self, c: col.Colour) -> col.Colour:
        """A colour that stands out from ``c``."""
        for _ in range(4):
            t = self.colour()
            if abs(col.luma(t) - col.luma(c)) > 0.22:
                return t
        return col.WHITE if col.luma(c) < 0.5 else (0.14, 0.12, 0.16)

    def metal(self) -> col.Colour:
        """Gold, silver, rose gold, dark steel, or the wearer's own."""
        usual = {(0.95, 0.8, 0.36): 2.0, (0.84, 0.86, 0.9): 2.0, (0.9, 0.66, 0.56): 0.5, (0.36, 0.36, 0.42): 0.5}
        return self.who.metal if chance(self.rng, 0.4) else pick(self.rng, usual)

    def gem_colour(self) -> col.Colour:
        """A stone."""
        return col.hsv(self.rng.random(), uniform(self.rng, 0.5, 0.9), uniform(self.rng, 0.6, 1.0))

    def patch(
        self,
        shape: Shape,
        c: col.Colour,
        smooth: int = 0,
        *,
        tone: float = 1.0,
        line: float = 1.0,
        board: Board | None = None,
    ) -> skia.Path:
        """A filled, shaded, inked shape (px); ``tone`` scales its shading, ``line`` its ink. Returns its path."""
        board, p = board or self.board, as_path(shape, smooth)
        board.fill(p, c)
        self.shading(p, c, tone, board)
        board.stroke(p, self.ink(c), line * self.line)
        return p

    def shading(self, p: skia.Path, c: col.Colour, tone: float = 1.0, board: Board | None = None) -> None:
        """The shadow along the far and lower edges of a shape, and a little light on the near one."""
        manner, board = self.who.style.shading, board or self.board
        b = p.getBounds()
        if manner == "flat" or tone <= 0 or min(b.width(), b.height()) < 3:
            return
        size = min(b.width(), b.height())
        shift = np.array([0.14 * self.hair.light * size, -0.16 * size]) * tone
        dark = self.dark(c)
        if manner == "soft":
            mid = np.array([b.centerX(), b.centerY()])
            reach = np.array([0.45 * self.hair.light * b.width(), -0.5 * b.height()])
            ramp = [(col.light(c, 0.3), 0.8), (c, 0.0), (dark, 0.85)]
            board.fill(p, gradient(mid + reach, mid - reach, ramp, [0.0, 0.35, 1.0]), min(tone, 1.0))
            return
        moved = skia.Path(p)
        moved.offset(float(shift[0]), float(shift[1]))
        with board.clipped(p), board.clipped(moved, outside=True):
            board.fill(p, dark, 0.9)

    def cut(self, points: Points) -> None:
        """Take a smooth shape out of the layer, so that the hair below covers the root of what grows from it."""
        with self.board.clipped(path(self.head.dome(48))):
            self.board.erase(path(spline(points, 16, closed=True)))

    def band(
        self, line: Points, width: float | Points, c: col.Colour, *, tone: float = 1.0, board: Board | None = None
    ) -> skia.Path:
        """An inked strip of full width ``width`` in head units along a line in px."""
        return self.patch(ribbon(line, np.asarray(width) * self.u), c, tone=tone, board=board)

    def pen(
        self,
        line: Points,
        c: col.Colour,
        width: float = 1.0,
        *,
        alpha: float = 1.0,
        smooth: int = 12,
        start: float = 0.1,
        end: float = 0.1,
    ) -> None:
        """A tapered ink line on a part of colour ``c``; ``width`` in line widths."""
        w = max(self.line, 0.012 * self.u) * width
        self.board.ink(spline(line, smooth), self.ink(c), w, 0.9 * alpha, start=start, end=end)

    def rod(self, line: Points, width: float, c: col.Colour, board: Board | None = None) -> None:
        """A round wire of ``width`` head units along a line in px, inked on both sides."""
        board, p = board or self.board, path(line, closed=False)
        board.stroke(p, self.ink(c), width * self.u + 2 * self.line)
        board.stroke(p, c, width * self.u)

    def shine(self, shape: Shape, at: Points, size: float, alpha: float = 0.75) -> None:
        """A small highlight inside of a shape; ``size`` in px."""
        with self.board.clipped(as_path(shape)):
            self.board.fill(skia.Path.Circle(float(at[0]), float(at[1]), max(size, 0.5)), col.WHITE, alpha)

    def ball(self, at: Points, r: float, c: col.Colour, *, gloss: float = 0.75) -> None:
        """A bead of radius ``r`` head units at a point in px."""
        px = r * self.u
        p = skia.Path.Circle(float(at[0]), float(at[1]), max(px, 0.6))
        self.patch(p, c, line=0.8)
        if gloss and px > 1.5:
            self.shine(p, np.asarray(at) + px * np.array([0.3 * np.sign(self.hair.light), -0.35]), 0.28 * px, gloss)

    def gem(self, at: Points, r: float, c: col.Colour, setting: col.Colour | None = None) -> None:
        """A cut stone, in a setting of metal if given."""
        if setting is not None:
            self.ball(at, 1.35 * r, setting, gloss=0.3)
        px = r * self.u
        self.ball(at, r, c, gloss=0.9)
        if px > 3:
            low = np.asarray(at) + px * np.array([(-0.7, 0.15), (0.0, 0.85), (0.7, 0.15), (0.0, 0.35)])
            self.board.fill(path(low), col.light(c, 0.5), 0.6)

    def pattern(self, p: skia.Path, c: col.Colour, kind: str, step: float, angle: float = 0.0) -> None:
        """Stripes, checks or dots of colour ``c`` inside of a shape, ``step`` head units apart."""
        b, s = p.getBounds(), max(step * self.u, 3.0)
        mid, r = np.array([b.centerX(), b.centerY()]), 0.5 * float(np.hypot(b.width(), b.height()))
        n = min(int(r / s) + 1, 40)
        k = np.arange(-n, n + 1) * s
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        with self.board.clipped(p):
            if kind == "dots":
                drawn = skia.Path()
                for i, y in enumerate(k):
                    for x, yy in np.column_stack([k + 0.5 * s * (i % 2), np.full(len(k), y)]) @ turn + mid:
                        drawn.addCircle(float(x), float(yy), 0.22 * s)
                self.board.fill(drawn, c)
                return
            for t in (0, 1) if kind == "checks" else (0,):
                for at in k:
                    ends = np.array([(at, -r), (at, r)] if not t else [(-r, at), (r, at)])
                    self.board.stroke(
                        path(ends @ turn + mid, closed=False), c, 0.42 * s, 0.9 if kind == "stripes" else 0.5
                    )


def circle(at: Points, r: float, n: int = 32, squash: float = 1.0, turn: float = 0.0) -> Points:
    """(n, 2) px points of an ellipse of half width ``r``."""
    a = np.linspace(0, 2 * np.pi, n, endpoint=False)
    p = np.stack([np.cos(a), squash * np.sin(a)], 1) * r
    c, s = np.cos(turn), np.sin(turn)
    return p @ np.array([[c, s], [-s, c]]) + np.asarray(at)


def rotated(points: Points, angle: float) -> Points:
    """(n, 2) points turned clockwise in the picture."""
    c, s = np.cos(angle), np.sin(angle)
    return np.asarray(points, float) @ np.array([[c, s], [-s, c]])

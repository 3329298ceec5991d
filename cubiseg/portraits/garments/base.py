"""What all garments share: cloth cut around a neckline, shadows and folds, pieces, stripes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

import numpy as np
import skia

from cubiseg.portraits import colour as col
from cubiseg.portraits.body import Torso, knee_round, leg_shade
from cubiseg.portraits.character import Character
from cubiseg.portraits.colour import Colour
from cubiseg.portraits.garments.sleeves import Sleeve
from cubiseg.portraits.legs import Leg
from cubiseg.portraits.paint import Board, gradient, path, ribbon, spline, taper
from cubiseg.portraits.rng import Rng, chance, uniform
from cubiseg.portraits.tables import Point, xy

P = ParamSpec("P")
R = TypeVar("R")
Weave = Callable[[Board, skia.Path], None]
"""Paints a pattern into a shape."""


@dataclass
class Tailor:
    """The tools of a garment: who wears it, the body, the board, a random stream and the light's side.

    What is not painted by a function with ``makes`` is topwear.

    A garment paints the trunk on ``board`` and leaves the rest to be painted later: ``sleeve`` (one for both arms) and
    functions for other places of the stack: ``cape`` below the back hair, ``nape`` behind the neck, ``over`` above the
    sleeves, ``wrap`` above the hair that falls on the chest, ``crown`` above all hair. ``tucked`` paints boots over
    trousers that end in them.
    """

    who: Character
    torso: Torso
    board: Board
    rng: Rng
    light: float
    sleeve: Sleeve | None = None
    tucked: Callable[["Tailor"], None] | None = None
    later: dict[str, list[Callable[["Tailor"], None]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        who, rng = self.who, self.who.rng("palette")
        self.main, self.second, self.accent = who.cloth, who.cloth2, who.accent
        draw = rng.random()
        if draw < 0.1:
            self.main = col.shade(who.hair, uniform(rng, -0.15, 0.2))
        elif draw < 0.2:
            self.main = self._like_skin(rng)
        elif draw < 0.36:
            self.main = col.mix(col.WHITE, who.cloth, uniform(rng, 0.0, 0.08))
        if chance(rng, 0.12):
            self.accent = who.hair
        if chance(rng, 0.14):
            self.second = col.mix(col.WHITE, who.cloth2, uniform(rng, 0.0, 0.12))
        elif chance(rng, 0.1):
            self.second = self._like_skin(rng)
        if abs(col.luma(self.main) - col.luma(self.second)) < 0.08:
            self.second = col.light(self.second, 0.4) if col.luma(self.main) < 0.5 else col.shade(self.second, 0.8)

    def _like_skin(self, rng: Rng) -> Colour:
        """A colour that skin could have: the character's own, or cream, beige, apricot or salmon."""
        if chance(rng, 0.4):
            return col.mix(self.who.skin, col.shade(self.who.skin, 0.3), uniform(rng, 0.0, 0.5))
        return col.hsv(uniform(rng, 0.02, 0.13), uniform(rng, 0.12, 0.5), uniform(rng, 0.78, 1.0))

    @property
    def scale(self) -> float:
        """px of a head unit."""
        return self.torso.head.scale

    @property
    def line(self) -> float:
        """Ink width in px."""
        return self.who.style.line * self.scale

    @property
    def hard(self) -> bool:
        """Whether shadows have hard edges."""
        return self.who.style.shading in ("cel", "flat")

    def px(self, points: np.ndarray, z: float = 0.0) -> np.ndarray:
        """Body coordinates to px."""
        return self.torso.px(np.asarray(points, float), z)

    def at(self, x: float, y: float) -> Point:
        """Body coordinates of x in shoulder widths and y in body units below the neck's base."""
        return x * self.torso.shoulder, self.torso.y + y * self.torso.long

    def ink(self, colour: Colour) -> Colour:
        """The line colour on cloth of ``colour``."""
        return col.ink(colour, self.who.style.ink)

    def shade(self, colour: Colour) -> Colour:
        """The shadow colour on cloth of ``colour``."""
        return col.shade(colour, 0.25 + 0.45 * self.who.style.contrast)

    def white(self, p: float = 0.5) -> Colour:
        """White with probability ``p``, else the main colour."""
        return col.mix(col.WHITE, self.main, 0.03) if chance(self.rng, p) else self.main

    def add(self, place: str, paint: Callable[["Tailor"], None]) -> None:
        """Paint something later at another place of the stack."""
        self.later.setdefault(place, []).append(paint)

    def piece(
        self,
        points: np.ndarray,
        colour: Colour,
        z: float = 0.0,
        *,
        smooth: int = 0,
        line: float = 1.0,
        form: bool = True,
    ) -> skia.Path:
        """A filled, inked patch of cloth; ``smooth``: samples of a closed spline, 0 for straight edges; ``form``: its
        side away from the light is darker."""
        p = spline(points, smooth, closed=True) if smooth else np.asarray(points, float)
        px = self.px(p, z)
        shape = path(px)
        self.board.fill(shape, colour)
        if form and self.who.style.shading != "flat":
            self.form(shape, px, colour)
        self.board.stroke(shape, self.ink(colour), self.line * line)
        return shape

    def on_leg(
        self,
        leg: Leg,
        colour: Colour,
        grow: float = 0.0,
        *,
        start: float = 0.0,
        end: float = 1.0,
        weave: Weave | None = None,
    ) -> list[skia.Path]:
        """Cloth around a leg in whatever stance: a trouser leg, a stocking, the shaft of a boot.

        Args:
            leg: one of ``torso.legs``; paint both in their order, each within ``behind(leg)``.
            colour: colour of the cloth.
            grow: head units it stands off the leg.
            start, end: shares of the leg, 0 hip, 0.5 knee, 1 ankle; ``leg.share`` tells that of a height.
            weave: paints the cloth's pattern.

        Returns:
            The shapes of its pieces in px, in painting order: thigh and shin of a bent leg are two.
        """
        shapes = []
        for piece in leg.pieces(grow, start, end):
            shape = path(self.px(piece.outline))
            self.board.fill(shape, colour)
            if weave:
                weave(self.board, shape)
            if self.who.style.shading != "flat":
                leg_shade(self.board, self.torso, leg, piece, self.shade(colour), self.light)
            top = piece.start > 0 and not (leg.bent and leg.near and piece.start == 0.5)
            for edge in piece.edge(top=top, bottom=True):
                self.board.stroke(path(self.px(edge), closed=False), self.ink(colour), self.line)
            knee_round(self.board, self.torso, leg, piece, self.ink(colour), self.line)
            shapes.append(shape)
        return shapes

    @contextmanager
    def behind(self, leg: Leg) -> Iterator[None]:
        """Within the block, paint on ``leg`` ends where the other leg passes before it."""
        front = self.torso.legs[1]
        if leg is front or not self.torso.stance.crossing:
            yield
            return
        shape = path(self.px(front.foot(0.02 * self.torso.long)))
        for piece in front.pieces(0.0):
            shape = skia.Op(shape, path(self.px(piece.outline)), skia.PathOp.kUnion_PathOp) or shape
        with self.board.clipped(shape, outside=True):
            yield

    def form(self, shape: skia.Path, px: np.ndarray, colour: Colour) -> None:
        """Shade a patch: its lower edge and the side away from the light."""
        low, high = px.min(axis=0), px.max(axis=0)
        w, h = high - low
        s = 1.0 if self.light < 0 else -1.0
        mid = 0.5 * (low + high)
        if self.hard:
            xs = (s * 0.16, s * 0.3, s * 0.2, -s * 0.3, -s * 0.6, -s * 0.6, s * 0.7, s * 0.7)
            edge = xy(xs, (-0.6, 0.0, 0.3, 0.42, 0.4, 0.7, 0.7, -0.6)) * (w, h) + mid
            with self.board.clipped(shape):
                self.board.fill(path(edge), self.shade(colour), 0.55)
        else:
            far = mid + np.array([s * 0.5 * w, 0.4 * h])
            fill_colour = gradient(mid - 0.2 * (far - mid), far, [(self.shade(colour), 0.0), (self.shade(colour), 0.8)])
            self.board.fill(shape, fill_colour)

    def cloth(
        self,
        neckline: np.ndarray,
        colour: Colour,
        *,
        grow: float = 0.05,
        cover: float = 1.0,
        hem: float | None = None,
        flare: float = 0.0,
        z: float = 0.0,
        folds: bool = True,
        top: float | None = None,
        weave: Weave | None = None,
    ) -> skia.Path:
        """A garment over the trunk.

        Args:
            neckline: (k, 2) right half, from the shoulder to the middle (x = 0).
            colour: colour of the cloth.
            grow: head units it stands off the body.
            cover: place at which the armhole starts, as a share of the shoulder's width.
            hem: absolute height of its lower edge; None: at the waist, the hips or below them, as the character has it.
            flare: width added at the hem.
            z: towards the viewer.
            folds: whether to shade it and add creases.
            top: for cloth without shoulders, the height where its side starts.
            weave: paints the cloth's pattern.
        """
        half = self.half(neckline, grow=grow, cover=cover, hem=hem, flare=flare, top=top)
        outline = np.vstack([self.px(half, z), self.px(self.torso.mirrored(half), z)])
        shape = path(outline)
        self.board.fill(shape, colour)
        if weave:
            weave(self.board, shape)
        if folds:
            self.drape(shape, colour)
        self.board.stroke(shape, self.ink(colour), self.line)
        return shape

    def half(
        self,
        neckline: np.ndarray,
        *,
        grow: float = 0.05,
        cover: float = 1.0,
        hem: float | None = None,
        flare: float = 0.0,
        top: float | None = None,
    ) -> np.ndarray:
        """(n, 2) the right half of the outline that :meth:`cloth` cuts, from the middle of the neck to the hem."""
        t = self.torso
        x0 = float(neckline[0, 0])
        if hem is None:  # what lies under other clothes ends early
            hem = self.tail if grow > 0.04 else t.waist_y + 0.6 * t.long
        flank = t.flank(grow, hem)
        flank[:, 0] += flare * np.clip((flank[:, 1] - t.waist_y) / max(flank[-1, 1] - t.waist_y, 0.1), 0, 1) ** 1.3
        if top is None:
            end = max(cover * t.shoulder, x0 + 0.02)
            shoulder = t.shoulder_line(x0, min(end, t.shoulder - 0.9 * t.arm), 0.6 * grow)
            points = np.array(
                [
                    shoulder[-1],
                    (
                        min(end, t.shoulder) - 0.12 * t.arm - 0.9 * t.arm * (cover > 0.95),
                        0.5 * (shoulder[-1, 1] + t.armpit),
                    ),
                    flank[0],
                ]
            )
            hole = spline(points, 10)
            half = np.vstack([spline(neckline[::-1], 24), shoulder[1:], hole[1:], flank[1:]])
        else:
            flank = flank[flank[:, 1] > top]
            half = np.vstack([spline(neckline[::-1], 24), flank])
        return half

    @property
    def tail(self) -> float:
        """Height at which this character's tops end: tucked in at the waist, on the hips or below them."""
        t, k = self.torso, self.who.rng("hem").random()
        return (
            t.waist_y + 0.14 * t.long if k < 0.38 else t.hip_y - 0.1 * t.long if k < 0.62 else t.crotch + 0.35 * t.long
        )

    def crease(self, points: np.ndarray, colour: Colour, width: float = 0.09, z: float = 0.1) -> None:
        """One fold: a tapered shadow with a line along it."""
        fold = spline(self.px(points, z), 12)
        if self.who.style.shading != "flat":
            shape = path(ribbon(fold + 0.25 * width * self.scale, taper(12, 0.35, 0, 0.3) * width * self.scale))
            self.board.fill(shape, self.shade(colour), 0.8, blur=0 if self.hard else 0.2 * width * self.scale)
        self.board.ink(fold, self.ink(colour), self.line * 0.85, 0.9, start=0.6, end=0.0, belly=0.2)

    def drape(self, shape: skia.Path, colour: Colour) -> None:
        """The body's shading and folds inside ``shape``: head's shadow, dark side, below the bust, from the armpits,
        at the waist."""
        t, style, rng, u, s = self.torso, self.who.style, self.rng, self.torso.long, self.torso.shoulder
        blur = 0.0 if self.hard else 0.06 * self.scale * min(u, 1.5)
        with self.board.clipped(shape):
            if style.shading != "flat":
                dark = skia.Path()
                head = self.px(np.array([(0, t.y - 0.05 * u)]))[0]
                points = head + self.scale * (
                    np.array([0.3 + t.neck, 0.25 + 0.2 * u]) * _circle(24) - (0.12 * np.sign(self.light), 0)
                )
                dark.addPath(path(points))
                side = -1 if self.light > 0 else 1
                k = uniform(rng, 0.3, 0.5)
                band = np.array(
                    [
                        *[(0.9 * s, t.y), (k * s + 0.25 * s, t.armpit), (k * s + 0.12 * s, t.bust_y)],
                        *[(k * s - 0.02 * s, t.bust_y + 0.45 * u), (k * s - 0.06 * s, t.waist_y), (k * s, t.hip_y)],
                        (k * s - 0.1 * s, t.crotch + 2 * u),
                    ]
                )
                edge = np.vstack([spline(band, 24), [(2 * s, t.crotch + 2 * u), (2 * s, t.y)]]) * (side, 1)
                dark.addPath(path(self.px(edge)))
                deep = 0.06 + 0.2 * t.bust
                for q in (-1, 1):
                    a = np.linspace(0.2, np.pi - 0.3, 12)
                    low = np.column_stack(
                        [0.37 * s - 0.3 * s * np.cos(a), t.bust_y + 0.12 * u + (0.1 + 0.12 * t.bust) * u * np.sin(a)]
                    )
                    high = low - np.column_stack([np.zeros(12), deep * u * np.sin(a)])
                    if t.bust > 0.1:
                        dark.addPath(path(self.px(np.vstack([low, high[::-1]]) * (q, 1), 0.25)))
                self.board.fill(dark, self.shade(colour), 0.8 if self.hard else 0.6, blur=blur)
            for q in (-1, 1):
                for _ in range(int(rng.integers(1, 2 + int(2.5 * style.detail)))):  # from the armpit to the bust
                    a = np.array([q * (s - 1.6 * t.arm), t.armpit + uniform(rng, -0.25, 0.12) * u])
                    b = a + np.array([-q * uniform(rng, 0.2, 0.5) * s, uniform(rng, -0.12, 0.5) * u])
                    points = np.array([a, 0.5 * (a + b) + (0, uniform(rng, -0.06, 0.1) * u), b])
                    self.crease(points, colour, 0.11 * u**0.5)
                for _ in range(int(rng.integers(1, 2 + int(2 * style.detail)))):  # at the waist
                    a = np.array([q * (t.waist + 0.06), t.waist_y + uniform(rng, -0.35, 0.3) * u])
                    b = a + np.array([-q * uniform(rng, 0.2, 0.45) * s, uniform(rng, -0.1, 0.28) * u])
                    self.crease(np.array([a, 0.5 * (a + b) + (0, 0.08 * u), b]), colour, 0.1 * u**0.5)

    def stripe(self, points: np.ndarray, colour: Colour, width: float, z: float = 0.0, *, inked: bool = False) -> None:
        """A line of trim of ``width`` head units."""
        line = path(self.px(points, z), closed=False)
        if inked and self.line:
            self.board.stroke(line, self.ink(colour), width * self.scale + 1.6 * self.line)
        self.board.stroke(line, colour, width * self.scale)

    def both(self, half: np.ndarray) -> np.ndarray:
        """A right half, from the shoulder to the middle, continued on the other side."""
        return np.vstack([half, self.torso.mirrored(half)[1:] if half[-1, 0] == 0 else self.torso.mirrored(half)])


def makes(part: str) -> Callable[[Callable[Concatenate[Tailor, P], R]], Callable[Concatenate[Tailor, P], R]]:
    """Decorator: what the function paints with its tailor belongs to ``part``, not to the garment's trunk."""

    def decorate(paint: Callable[Concatenate[Tailor, P], R]) -> Callable[Concatenate[Tailor, P], R]:
        @wraps(paint)
        def painted(tool: Tailor, *args: P.args, **kwargs: P.kwargs) -> R:
            with tool.board.on(part):
                return paint(tool, *args, **kwargs)

        return painted

    return decorate


def _circle(n: int) -> np.ndarray:
    a = np.linspace(0, 2 * np.pi, n, endpoint=False)
    return np.stack([np.cos(a), np.sin(a)], 1)


def round_neck(torso: Torso, width: float, depth: float) -> np.ndarray:
    """A round neckline's right half, from the shoulder to the middle; ``width`` in head units, ``depth`` likewise."""
    a = np.linspace(0, np.pi / 2, 7)
    y0 = torso.shoulder_line(width, width, n=1)[0, 1]
    return np.column_stack([width * np.cos(a), y0 + (torso.y + depth - y0) * np.sin(a)])


def v_neck(torso: Torso, width: float, depth: float) -> np.ndarray:
    """A V neckline's right half."""
    y0 = torso.shoulder_line(width, width, n=1)[0, 1]
    y1 = torso.y + depth
    return np.array(
        [(width, y0), (0.8 * width, 0.82 * y0 + 0.18 * y1), (0.4 * width, 0.42 * y0 + 0.58 * y1), (0.0, y1)]
    )

"""Strands: tapered clumps of hair in head units, and how a mass of them is painted."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import skia

from cubiseg.sources.synthetic import colour as col
from cubiseg.sources.synthetic.character import Character
from cubiseg.sources.synthetic.colour import Colour
from cubiseg.sources.synthetic.head import Head
from cubiseg.sources.synthetic.paint import Board, gradient, normals, path, ribbon, spline

SAMPLES = 18


@dataclass(frozen=True)
class Strand:
    """A clump of hair.

    Attributes:
        points: (k, 3) control points in head units, root to tip.
        width: widest full width in head units.
        root: width at the root, as a share of ``width``.
        tip: width at the tip, as a share of ``width``; 0 is a point, 0.6 a blunt cut.
        belly: where along the strand it is widest, 0..1.
        tone: 0 lit, 1 in the shadow of other hair.
        lines: share of the length, from the tip, along which its edges are inked.
        point: how it narrows to the tip: 1 like a thorn, 2 like a leaf.
    """

    points: np.ndarray
    width: float
    root: float = 0.6
    tip: float = 0.0
    belly: float = 0.45
    tone: float = 0.0
    lines: float = 0.55
    point: float = 1.7


@dataclass
class Hair:
    """One character's hair: strands by layer, in painting order, and places that other parts need.

    ``back`` lies behind the body, ``mid`` in front of the body and behind the face, ``front`` before the face, ``top``
    above all of it. ``buns`` and ``ties``: (x, y, z, radius or size) of rolled hair, and where hair is bound.
    ``volume``: thickness of the hair over the skull, 1 is usual; ``nape``: v where the mass behind the face ends;
    ``hairline``: v of the scalp hair's lower edge on the forehead; ``part``: u of the parting. ``names``: the kinds.
    """

    back: list[Strand] = field(default_factory=list)
    mid: list[Strand] = field(default_factory=list)
    front: list[Strand] = field(default_factory=list)
    top: list[Strand] = field(default_factory=list)
    buns: list[tuple[float, float, float, float]] = field(default_factory=list)
    ties: list[tuple[float, float, float, float]] = field(default_factory=list)
    volume: float = 1.0
    nape: float = 0.75
    hairline: float = -0.7
    part: float = 0.0
    names: dict[str, str] = field(default_factory=dict)


def profile(strand: Strand, n: int = SAMPLES) -> np.ndarray:
    """(n,) width of a strand along its length, in head units."""
    t = np.linspace(0, 1, n)
    rise = strand.root + (1 - strand.root) * np.sin(np.clip(t / strand.belly, 0, 1) * np.pi / 2)
    s = np.clip((t - strand.belly) / (1 - strand.belly), 0, 1)
    fall = strand.tip + (1 - strand.tip) * (1 - s**strand.point)
    return strand.width * np.where(t < strand.belly, rise, fall)


@dataclass(frozen=True)
class Drawn:
    """A strand in the picture: (n, 2) px middle line, (n,) px widths, its closed path and its tone."""

    line: np.ndarray
    width: np.ndarray
    shape: skia.Path
    strand: Strand


def place(strands: Sequence[Strand], head: Head) -> list[Drawn]:
    """Project strands into the picture."""
    out = []
    for s in strands:
        line = head.project(spline(s.points, SAMPLES))
        width = profile(s) * head.scale
        out.append(Drawn(line, width, path(ribbon(line, width)), s))
    return out


@dataclass(frozen=True)
class HairPaint:
    """Colours and pen of a mass of hair; ``fill`` covers the whole mass so that seams do not show."""

    fill: skia.Shader
    base: Colour
    shade: Colour
    light: Colour
    ink: Colour
    line: float  # px


def hair_paint(who: Character, head: Head, base: Colour, tip: Colour, length: float, darker: float = 0.0) -> HairPaint:
    """Colours of a mass that hangs down to ``length`` (v in head units)."""
    base, tip = col.shade(base, darker), col.shade(tip, darker)
    top = head.project(np.array([[0, -who.face.skull, 0]]))[0]
    low = head.project(np.array([[0, max(length, 0.5), 0]]))[0]
    soft = 0.25 if who.style.shading == "soft" else 0.08
    stops = [col.mix(base, col.light(base, 0.25), soft), base, col.mix(base, tip, 0.35), tip]
    return HairPaint(
        fill=gradient(top, low, [(c, 1.0) for c in stops], [0, 0.35, 0.6, 1.0]),
        base=base,
        shade=col.shade(base, 0.3 + 0.5 * who.style.contrast),
        light=col.light(base, 0.55),
        ink=col.ink(base, who.style.ink),
        line=who.style.line * head.scale,
    )


def paint_mass(board: Board, drawn: Sequence[Drawn], paint: HairPaint, who: Character, light: float,
               solid: Sequence[skia.Path] = ()) -> None:  # fmt: skip
    """Paint strands (in order, the first lowest) and ``solid`` shapes below them as one inked, shaded mass."""
    for shape in (*solid, *(d.shape for d in drawn)):
        board.stroke(shape, paint.ink, paint.line * 2)
    for shape in solid:
        board.fill(shape, paint.fill)
    cel, soft = who.style.shading == "cel", who.style.shading == "soft"
    for d in drawn:
        board.fill(d.shape, paint.fill)
        if d.strand.tone > 0.02:
            board.fill(d.shape, paint.shade, 0.75 * d.strand.tone)
        if cel or soft:
            _shade_strand(board, d, paint, light, soft)
        _ink_edges(board, d, paint, who)


def _shade_strand(board: Board, d: Drawn, paint: HairPaint, light: float, soft: bool) -> None:
    side = 1.0 if light < 0 else -1.0
    off = normals(d.line) * (d.width * 0.5)[:, None]
    if d.line[-1, 1] < d.line[0, 1]:
        side = -side
    edge = d.line - side * off
    t = np.linspace(0, 1, len(d.line))[:, None]
    reach = np.clip((t - 0.2) / 0.5, 0, 1) ** 0.8 * (
        0.75 + 0.12 * np.sin(t * 9)
    )  # from nothing at the root to most of the width
    inner = d.line - side * off * (1 - 1.3 * reach)
    k = len(d.line) // 4
    shape = path(np.concatenate([edge[k:], inner[k:][::-1]]))
    if soft:
        board.fill(shape, paint.shade, 0.4, atop=True, blur=float(d.width.max()) * 0.12)
    else:
        board.fill(shape, paint.shade, 0.85, atop=True)


def _ink_edges(board: Board, d: Drawn, paint: HairPaint, who: Character) -> None:
    if paint.line < 0.15:
        return
    n = len(d.line)
    off = normals(d.line) * (d.width * 0.5)[:, None]
    for side in (-1, 1):
        k = int(n * (1 - d.strand.lines * (1.0 if side < 0 else 0.7)))
        board.ink((d.line + side * off)[min(k, n - 3) :], paint.ink, paint.line, start=0.1, end=0.9, belly=0.7)
    if who.style.detail > 0.95 and d.width.max() > 14:
        board.ink((d.line + 0.3 * off)[n // 2 : -1], paint.ink, paint.line * 0.6, alpha=0.7, start=0.1, end=0.2)


def gloss(board: Board, head: Head, paint: HairPaint, who: Character, rng: np.random.Generator) -> None:
    """The lit band across the crown."""
    kind = who.style.gloss
    if kind == "none":
        return
    v0 = -1.05 - 0.3 * rng.random()
    reach = 0.8 + 0.3 * rng.random()
    strength = 0.35 + 0.5 * rng.random()
    if kind == "streaks":
        for u in np.linspace(-reach, reach, int(rng.integers(7, 16))):
            if rng.random() < 0.25:
                continue
            v = v0 + 0.3 * u * u + rng.normal(0, 0.05)
            length = 0.1 + 0.3 * rng.random()
            line = head.project(head.on_hair(np.array([u * 0.94, u, u * 1.03]), np.array([v - length, v, v + length])))
            width = head.scale * (0.03 + 0.05 * rng.random())
            board.ink(spline(line, 10), paint.light, width, strength, start=0, end=0, atop=True)
        return
    n = 61
    u = np.linspace(-reach, reach, n)
    v = v0 + 0.28 * u * u
    thick = 0.16 * np.sqrt(np.maximum(1 - (u / reach) ** 2, 0)) * (0.7 + 0.6 * rng.random())
    saw = np.abs(((np.arange(n) * 0.17 + rng.random()) % 1.0) * 2 - 1) if kind == "zigzag" else np.zeros(n)
    upper = head.project(head.on_hair(u, v - thick * (0.6 + saw)))
    lower = head.project(head.on_hair(u, v + thick * (0.6 + 1.1 * saw[::-1])))
    shape = path(np.concatenate([upper, lower[::-1]]))
    blur = head.scale * 0.06 if who.style.shading == "soft" else 0.0
    board.fill(shape, paint.light, strength, atop=True, blur=blur)

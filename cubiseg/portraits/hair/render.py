"""How a mass of strands is painted: outline, shading along the strands, shadows of locks on locks, inner lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import skia

from cubiseg.portraits import colour as col
from cubiseg.portraits.character import Character
from cubiseg.portraits.hair.colouring import HairPaint, Tint
from cubiseg.portraits.hair.strands import Drawn
from cubiseg.portraits.paint import Board, path, ribbon, taper
from cubiseg.portraits.rng import chance, uniform


@dataclass(frozen=True)
class StrandLook:
    """How one artist shades hair, each 0..1 or so.

    Attributes:
        soft: shadows with soft edges; else cel.
        band: depth of the shadow along the strand's far edge.
        wedge: how often a dark wedge runs up between strands.
        dip: how much strands darken towards their tips.
        cast: shadow of a lock on the hair below it.
        rim: light along the edge that faces the light.
        lines: how many thin lines run inside the strands.
        tones: how much neighbouring strands differ; stands in for lines where there are none.
        line: width of inner lines, as a share of the outline's.
    """

    soft: bool
    band: float
    wedge: float
    dip: float
    cast: float
    rim: float
    lines: float
    tones: float
    line: float


def manner(who: Character) -> StrandLook:
    """The character's artist's manner."""
    rng, style = who.rng("hair manner"), who.style
    flat, cel = style.shading == "flat", style.shading == "cel"
    bare = style.line < 0.004
    band, wedge, dip = rng.dirichlet([1.0, 1.0, 0.6]) * uniform(rng, 0.9, 2.0)
    lines = uniform(rng, 0.1, 1.0) * style.detail
    cast = uniform(rng, 0.25, 0.9)
    rim = uniform(rng, 0.3, 0.8) if chance(rng, 0.35) else 0.0
    tones = uniform(rng, 0.0, 0.25)
    if flat:
        band, wedge, dip, rim, cast, tones = 0.0, 0.4 * wedge, 0.0, 0.0, 0.0, 0.0
    if col.luma(who.hair) < 0.2 and chance(rng, 0.6):  # black hair shows its form by its lights
        rim = max(rim, uniform(rng, 0.2, 0.6))
    return StrandLook(
        soft=not flat and not cel,
        band=float(min(band, 1.0)),
        wedge=float(min(wedge, 1.0)),
        dip=float(min(dip, 1.0)),
        cast=max(cast, 0.6) if bare else cast,
        rim=max(rim, 0.4) if bare else rim,
        lines=lines,
        tones=max(tones, 0.3) if bare else tones,
        line=uniform(rng, 0.35, 0.85),
    )


def paint_mass(
    board: Board,
    drawn: Sequence[Drawn],
    paint: HairPaint,
    who: Character,
    light: float,
    solid: Sequence[skia.Path] = (),
    edges: Sequence[skia.Path] | None = None,
    *,
    part: str = "front",
    crown: skia.Path | None = None,
) -> None:
    """Paint strands (in order, the first lowest) and ``solid`` shapes below them as one inked, shaded mass.

    ``edges``: what is inked of the solid shapes, all of their outlines if not given. ``crown``: where they belong to
    the front hair.
    """
    how, rng = manner(who), who.rng(f"hair shading {part}")
    if paint.line > 0.1:
        for shape in solid if edges is None else edges:
            board.stroke(shape, paint.ink, paint.line * 2)
        for d in drawn:
            with board.on(d.strand.part):
                board.fill(_halo(d, max(paint.line, 0.4)), paint.of(d.strand).ink, min(1.0, paint.line / 0.4))
    for shape in solid:
        board.fill(shape, paint.fill)
    if crown is not None:
        board.claim("hair_front", crown)
    draws = rng.random((len(drawn), 6))
    for d, draw in zip(drawn, draws, strict=True):
        own = paint.of(d.strand)
        if how.cast > 0 and not d.strand.even and d.width.max() > 3 and (draw[1] < 0.65 or how.tones >= 0.3):
            _cast(board, d, paint, how, light)
        with board.on(d.strand.part):
            board.fill(d.shape, own.fill)
            tone = 0.75 * d.strand.tone + how.tones * draw[0] * (draw[0] > 0.35)
            if tone > 0.02:
                board.fill(d.shape, own.shade, min(tone, 1.0))
            if d.width.max() > 4 and not d.strand.even:
                _shade(board, d, own, how, light, draw)
            _ink(board, d, own, how, draw)


def _cast(board: Board, d: Drawn, paint: HairPaint, how: StrandLook, light: float) -> None:
    """The lock's shadow on what lies below: nothing at the root, offset at the tip."""
    n = len(d.line)
    k = n // 3
    w = float(d.width.max())
    t = np.linspace(0, 1, n - k)[:, None]
    reach = min(0.3 * w, 0.08 * float(np.hypot(*(d.line[-1] - d.line[0]))) + 1.0)
    line = d.line[k:] + t**0.7 * reach * np.array([-0.8 * np.sign(light), 0.6])
    shape = path(ribbon(line, d.width[k:] * np.minimum(1.0, 3 * t[:, 0] + 0.1)))
    board.fill(shape, paint.shade, how.cast, atop=True, blur=0.12 * w if how.soft else 0.0)


def _shade(board: Board, d: Drawn, paint: HairPaint, how: StrandLook, light: float, draw: np.ndarray) -> None:
    n = len(d.line)
    t = np.linspace(0, 1, n)[:, None]
    side = 1.0 if light < 0 else -1.0
    if d.line[-1, 1] < d.line[0, 1]:
        side = -side
    blur = float(d.width.max()) * 0.13 if how.soft else 0.0
    if how.band > 0.12 and draw[1] < 0.35 + how.band:
        reach = np.clip((t - 0.15) / 0.6, 0, 1) ** 0.8 * (0.55 + 0.5 * how.band * draw[2] + 0.1 * np.sin(t * 9))
        _slice(board, d, -side, -side * (1 - 1.2 * reach), paint.shade, 0.45 if how.soft else 0.9, blur, n // 5)
    if how.dip > 0.12 and draw[3] < 0.3 + how.dip:
        start = int(n * (0.62 - 0.3 * how.dip * draw[4]))
        line = d.line[start:]
        width = d.width[start:] * np.clip(np.linspace(0.0, 1.5, n - start), 0, 1)
        board.fill(path(ribbon(line, width)), paint.shade, 0.5 if how.soft else 0.85, blur=blur, atop=True)
    if draw[5] < 0.75 * how.wedge:
        a, b = int(n * (0.1 + 0.25 * draw[2])), int(n * (0.75 + 0.25 * draw[4]))
        line = (d.line + (1.2 * draw[1] - 0.6) * d.off)[a:b]
        width = d.width[a:b] * (0.12 + 0.3 * draw[0]) * taper(b - a, 0.0, 0.0, 0.65)
        shape = path(ribbon(line, width))
        board.fill(shape, paint.deep if draw[3] < 0.3 else paint.shade, 0.5 if how.soft else 0.9, blur=0.5 * blur)
    if how.rim > 0 and draw[4] < 0.7:
        reach = 0.28 * np.sin(np.pi * t) ** 0.7
        _slice(board, d, side, side * (1 - reach), paint.light, 0.7 * how.rim, 0.4 * blur, n // 6)


def _slice(
    board: Board, d: Drawn, edge: float, inner: float | np.ndarray, tint: Tint, alpha: float, blur: float, start: int
) -> None:
    """Fill from one edge (+-1) of a strand to ``inner`` (share of the half width)."""
    a, b = (d.line + edge * d.off)[start:], (d.line + inner * d.off)[start:]
    board.fill(path(np.concatenate([a, b[::-1]])), tint, alpha, atop=True, blur=blur)


@lru_cache(maxsize=512)
def _pen(n: int, start: float, end: float, belly: float) -> np.ndarray:
    return 0.5 * taper(n, start, end, belly)[:, None]


def _halo(d: Drawn, line: float) -> skia.Path:
    """A strand's shape grown by the width of the line around it; cheaper than a stroke."""
    out = d.off + d.normal * line
    tip = d.line[-1] - d.line[-2]
    tip = tip * (1.4 * line / max(float(np.hypot(*tip)), 1e-6))
    a, b = d.line + out, d.line - out
    a[-1] += tip
    b[-1] += tip
    return path(np.concatenate([a, b[::-1]]))


def _ink(board: Board, d: Drawn, paint: HairPaint, how: StrandLook, draw: np.ndarray) -> None:
    """Edges from the tip upwards and thin lines inside, all in one path."""
    if paint.line < 0.15:
        return
    n, width = len(d.line), float(d.width.max())
    pen = max(paint.line, 0.7)
    ink = skia.Path()

    def stroke(share: float, a: int, b: int, wide: float, start: float, end: float, belly: float) -> None:
        middle = d.line[a:b] + share * d.off[a:b]
        half = d.normal[a:b] * (_pen(b - a, start, end, belly) * wide)
        points = np.concatenate([middle + half, (middle - half)[::-1]])
        ink.addPoly([skia.Point(x, y) for x, y in points.tolist()], True)

    for side in (-1, 1):
        long = d.strand.lines * (1.0 if (side < 0) == (draw[0] < 0.5) else 0.55 + 0.4 * draw[1])
        stroke(side, min(int(n * (1 - long)), n - 3), n, pen, 0.1, 0.9, 0.7)
    if width > 6 * paint.line + 4:
        for i in range(int(how.lines * (1 + width / (30 * paint.line + 12)) * 1.3 * draw[2] + 0.4)):
            a = int(n * (0.1 + 0.45 * ((draw[3] + 0.38 * i) % 1.0)))
            b = min(n, a + 3 + int(n * (0.25 + 0.3 * draw[4])))
            stroke(((draw[5] + 0.62 * i) % 1.0) * 1.3 - 0.65, a, b, 0.9 * how.line * pen, 0.0, 0.1, 0.6)
    board.fill(ink, paint.ink, min(1.0, paint.line / 0.7))

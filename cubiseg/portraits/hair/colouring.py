"""Colours of hair: how a second colour is spread over it, and the paints that follow from it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import skia

from cubiseg.portraits import colour as col
from cubiseg.portraits.axes import axis
from cubiseg.portraits.character import Character
from cubiseg.portraits.colour import Colour
from cubiseg.portraits.hair.strands import Hair, Strand
from cubiseg.portraits.head import Head
from cubiseg.portraits.paint import gradient
from cubiseg.portraits.rng import Rng, chance, uniform

PATTERN = axis("""hair pattern: how a second colour lies in the hair:
    plain 10, tips 1.4, inner 0.7, streaks 0.7, split 0.15, roots 0.45""")

Tint: TypeAlias = Colour | skia.Shader


@dataclass(frozen=True)
class Colouring:
    """A character's hair colours. ``reach``: where along the hair tips or roots change colour, 0..1."""

    pattern: str
    base: Colour
    second: Colour
    reach: float
    soft: float
    part: float


@dataclass(frozen=True)
class HairPaint:
    """Tints and pen of a mass of hair. All tints run alike, so that shadow and line fit the colour below them."""

    fill: Tint
    shade: Tint
    deep: Tint
    light: Tint
    ink: Tint
    line: float  # px
    dyed: "HairPaint | None" = None

    def of(self, strand: Strand) -> "HairPaint":
        """The paint of one strand."""
        return self.dyed if strand.dyed and self.dyed is not None else self


def colouring(who: Character) -> Colouring:
    """The character's hair colours."""
    rng = who.rng("hair pattern")
    pattern = who.mix.pick(rng, PATTERN)
    other = col.hair_colour(rng, who.mix, who.skin)
    near = uniform(rng, 0.35, 1.0)
    if pattern == "roots":
        other = col.shade(who.hair, uniform(rng, 0.5, 1.0))
        near = 1.0
    elif chance(rng, 0.5):  # a bright dye rather than another natural colour
        other = col.hsv(rng.random(), uniform(rng, 0.4, 0.9), uniform(rng, 0.6, 1.0))
    second = col.mix(who.hair, other, near if pattern == "tips" else max(near, 0.8))
    return Colouring(pattern, who.hair, second, uniform(rng, 0.3, 0.75), uniform(rng, 0.05, 0.3), 0.0)


def dye(hair: Hair, rng: Rng) -> None:
    """Give some strands of streaked hair the second colour: a few at random, or a patch at one place."""
    centre, patch = uniform(rng, -1.0, 1.0), chance(rng, 0.4)
    share = uniform(rng, 0.08, 0.28)
    for name in ("back", "mid", "front"):
        strands: list[Strand] = getattr(hair, name)
        pick = [abs(s.points[-1, 0] - centre) < 0.35 if patch else chance(rng, share) for s in strands]
        strands[:] = [replace(s, dyed=True) if p else s for s, p in zip(strands, pick, strict=True)]


def hair_paint(
    who: Character, head: Head, colours: Colouring, length: float, *, inner: bool = False, darker: float = 0.0
) -> HairPaint:
    """Paints of a mass that hangs down to ``length`` (v in head units); ``inner``: the side that faces the neck."""
    base = colours.second if inner and colours.pattern == "inner" else colours.base
    paint = _paints(who, head, colours, base, length, darker)
    if colours.pattern == "streaks":
        paint = replace(paint, dyed=_paints(who, head, colours, colours.second, length, darker))
    return paint


def _paints(who: Character, head: Head, c: Colouring, base: Colour, length: float, darker: float) -> HairPaint:
    style = who.style
    depth = 0.25 + 0.55 * style.contrast
    if col.luma(base) > 0.85:  # white hair is shaded with a clear tint, else it has no form
        depth = max(depth, 0.45)
    # hair as dark as its lines has lighter ones, or none that are seen
    lighter = col.luma(base) < 0.2 and style.ink > 0.5 and chance(who.rng("dark line"), 0.5)

    def ink(x: Colour) -> Colour:
        if lighter:
            return col.light(x, 0.3)
        return col.ink(x, max(style.ink, 0.3) if col.luma(x) > 0.85 else style.ink)

    def plain(x: Colour) -> Colour:
        return x

    top = head.project(np.array([[0, -who.face.skull, 0]]))[0]
    low = head.project(np.array([[0, max(length, 0.5), 0]]))[0]
    base, second = col.shade(base, darker), col.shade(c.second, darker)

    def run(tint: Callable[[Colour], Colour]) -> Tint:
        if c.pattern == "split":
            edge = head.project(np.array([(c.part - 0.01, -1, 0.6), (c.part + 0.01, -1, 0.6)]))
            a, b = tint(base), tint(second)
            return gradient(edge[0], edge[1], [(a, 1.0), (b, 1.0)])
        if c.pattern == "tips":
            stops = [0.0, c.reach, min(c.reach + c.soft + 0.05, 1.0)]
            return gradient(top, low, [(tint(x), 1.0) for x in (base, base, second)], stops)
        if c.pattern == "roots":
            end = top + (low - top) * min(1.0, 2.0 / (max(length, 0.5) + who.face.skull))
            stops = [0.0, 0.35 * c.reach, 0.35 * c.reach + c.soft]
            return gradient(top, end, [(tint(x), 1.0) for x in (second, second, base)], stops)
        if style.shading in ("flat", "cel") or tint is not plain:
            return tint(base)
        lit = col.mix(base, col.light(base, 0.3), 0.22)
        return gradient(top, low, [(tint(x), 1.0) for x in (lit, base, base)], [0.0, 0.4, 1.0])

    fill, shade = run(plain), run(lambda x: col.shade(x, depth))
    deep, light = run(lambda x: col.shade(x, min(1.0, 1.5 * depth))), run(lambda x: col.light(x, 0.55))
    hair_paint_ink, line = run(ink), max(style.line, 0.009 * (col.luma(c.base) > 0.85)) * head.scale
    return HairPaint(fill=fill, shade=shade, deep=deep, light=light, ink=hair_paint_ink, line=line)

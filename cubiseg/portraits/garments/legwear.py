"""Socks, stockings and tights: each reaches a height of the legs, in whatever stance, and covers the feet."""

import numpy as np
import skia

from cubiseg.portraits import colour as col
from cubiseg.portraits.axes import axis
from cubiseg.portraits.body import knee_lines
from cubiseg.portraits.character import Character
from cubiseg.portraits.garments.base import Tailor, makes
from cubiseg.portraits.garments.patterns import weave
from cubiseg.portraits.legs import Leg, Stretch
from cubiseg.portraits.paint import path
from cubiseg.portraits.rng import chance, pick, uniform

LEGWEAR = axis("""legwear: socks, stockings and tights:
    none 130 185, ankle socks 6 10, crew socks 6 7, knee socks 9 2, over the knee 7 0.3, thigh highs 11 0.4,
    sheer stockings 5 0.2, tights 10 0.6, sheer tights 11 0.4, leggings 2 0.6, leg warmers 1.4 0.1, odd socks 1 0.4""")

_WITH = {
    "swimsuit": {"none": 12.0},
    "bikini": {"none": 16.0},
    "school_swimsuit": {"none": 8.0, "thigh highs": 2.0},
    "trunks": {"none": 40.0, "ankle socks": 0.1, "crew socks": 0.1},
    "full_plate": {"none": 3.0},
    "kimono": {"none": 0.3, "ankle socks": 8.0, "thigh highs": 0.2, "tights": 0.1},
    "haori": {"none": 0.3, "ankle socks": 8.0, "thigh highs": 0.2, "tights": 0.1},
    "miko": {"none": 0.3, "ankle socks": 8.0, "tights": 0.1},
    "maid": {"none": 0.3, "thigh highs": 2.5, "tights": 2.0, "sheer tights": 2.0, "leg warmers": 0.0},
    "pinafore_front": {"none": 0.4, "thigh highs": 2.0, "sheer tights": 2.0, "leg warmers": 0.0},
    "gothic": {"none": 0.3, "over the knee": 2.0, "thigh highs": 2.0, "tights": 2.0},
    "idol": {"none": 0.6, "over the knee": 2.0, "thigh highs": 2.0},
    "sailor": {"none": 0.6, "knee socks": 2.0, "tights": 1.5},
    "blazer": {"none": 0.6, "knee socks": 2.0, "tights": 1.5},
    "suit": {"tights": 2.5, "sheer tights": 3.0, "odd socks": 0.0},
}
"""By garment, factors on the weights."""


def legwear_of(who: Character, garment: str) -> str:
    """The kind of legwear that this character wears with a garment."""
    factors = _WITH.get(garment, {})
    weights = {kind: w * factors.get(kind, 1.0) for kind, w in LEGWEAR.weights(who.lean).items()}
    return who.mix.pick(who.rng("legwear"), LEGWEAR, weights=weights)


def _colour(tool: Tailor, *, sheer: bool = False) -> col.Colour:
    rng = tool.rng
    if sheer and chance(rng, 0.75):  # black, brown, navy or grey
        return col.hsv(uniform(rng, -0.4, 0.1), uniform(rng, 0.0, 0.45), uniform(rng, 0.06, 0.34))
    kind = pick(rng, {"white": 3.0, "black": 3.2, "second": 1.5, "accent": 1.2, "skinlike": 1.0, "grey": 0.6})
    return {
        "white": col.mix(col.WHITE, tool.second, uniform(rng, 0.0, 0.06)),
        "black": col.hsv(rng.random(), uniform(rng, 0.05, 0.3), uniform(rng, 0.07, 0.22)),
        "second": tool.second,
        "accent": tool.accent,
        "skinlike": col.mix(tool.who.skin, (0.35, 0.22, 0.18), uniform(rng, 0.1, 0.5)),
        "grey": col.hsv(0.6, 0.05, uniform(rng, 0.35, 0.8)),
    }[kind]


@makes("legwear")
def paint_legwear(tool: Tailor, kind: str, size: int) -> None:
    """Paint what is worn on the legs, where a picture of ``size`` px shows it.

    Args:
        tool: tailor with a random stream of the legwear's own.
        kind: a kind of ``LEGWEAR``.
        size: side of the picture in px.
    """
    if kind == "none":
        return
    t, u, rng = tool.torso, tool.torso.long, tool.rng
    shin, thigh = t.ankle - t.knee, t.knee - t.crotch
    sheer = kind.startswith("sheer") or chance(rng, 0.2 if kind in ("tights", "thigh highs") else 0.05)
    first, other = _colour(tool, sheer=sheer), _colour(tool)
    rim, core, soft = uniform(rng, 0.0, 0.3), uniform(rng, 0.05, 0.8), uniform(rng, 0.2, 0.34)
    knees = chance(rng, 0.6)
    height = {
        "ankle socks": t.ankle - uniform(rng, 0.03, 0.2) * shin,
        "crew socks": t.ankle - uniform(rng, 0.25, 0.5) * shin,
        "odd socks": t.ankle - uniform(rng, 0.3, 0.7) * shin,
        "knee socks": t.knee + uniform(rng, 0.08, 0.28) * shin,
        "over the knee": t.knee - uniform(rng, 0.12, 0.35) * thigh,
        "thigh highs": t.knee - uniform(rng, 0.4, 0.75) * thigh,
        "sheer stockings": t.knee - uniform(rng, 0.3, 0.75) * thigh,
        "tights": t.hip_y,
        "sheer tights": t.hip_y,
        "leggings": t.hip_y,
        "leg warmers": t.knee + uniform(rng, 0.1, 0.4) * shin,
    }[kind]
    pattern = weave(tool, first, {"plain": 8, "stripes": 1.3, "dots": 0.3, "argyle": 0.5, "checks": 0.3, "cable": 0.6})
    whole = kind in ("tights", "sheer tights", "leggings")
    edge = "" if whole else pick(rng, {"none": 2.0, "band": 2.0, "lace": 1.0, "stripes": 1.0})
    garter = kind in ("thigh highs", "sheer stockings") and chance(rng, 0.25)
    trim = other if chance(rng, 0.5) else tool.shade(first)
    for leg in t.legs:
        start, end = leg.share(height), {"leggings": 0.9, "leg warmers": 0.98}.get(kind, 1.0)
        if float(t.px(leg.at(start)[0])[0, 1]) > size + 0.1 * size and not leg.bent:
            continue
        c = other if kind == "odd socks" and leg.side > 0 else first
        shown, c = col.mix(c, tool.who.skin, core), col.mix(c, tool.who.skin, rim) if sheer else c
        grow = (0.07 if kind == "leg warmers" else 0.012) * u
        with tool.behind(leg):
            if end == 1.0 and not leg.hidden:
                tool.piece(leg.foot(0.012 * u), c, 0.0)
            shapes = tool.on_leg(leg, c, grow, start=start, end=end, weave=pattern)
            if sheer:
                _shine(tool, leg.pieces(grow, start, end), shapes, shown, soft)
            if knees and pattern is None and start < 0.45 and end > 0.55:
                knee_lines(tool.board, t, leg, tool.shade(c), tool.ink(c), tool.line)
            _top(tool, leg, edge, c, trim, start, grow)
            if garter:
                _garter(tool, leg, start, trim)


def _shine(tool: Tailor, pieces: list[Stretch], shapes: list[skia.Path], shown: col.Colour, soft: float) -> None:
    """Skin that shines through the middle of a leg, where thin cloth is seen straight on, and fades to its rims.

    ``soft``: width of the rim as a share of the leg's.
    """
    for piece, shape in zip(pieces, shapes, strict=True):
        a, b = tool.px(piece.outer), tool.px(piece.inner)
        wide = float(np.median(np.hypot(*(a - b).T)))
        middle = path(np.vstack([a + soft * (b - a), (b + soft * (a - b))[::-1]]))
        with tool.board.clipped(shape):
            tool.board.fill(middle, shown, 0.9, blur=0.45 * soft * wide)


def _top(tool: Tailor, leg: Leg, edge: str, c: col.Colour, trim: col.Colour, start: float, grow: float) -> None:
    """The upper edge: a band, two stripes or lace."""
    u = tool.torso.long
    if edge == "band":
        tool.on_leg(leg, trim, grow + 0.015 * u, start=start, end=start + 0.05)
    elif edge == "stripes":
        for k in (0.03, 0.075):
            tool.on_leg(leg, trim, grow + 0.002 * u, start=start + k, end=start + k + 0.025)
    elif edge == "lace":
        pieces = leg.pieces(grow + 0.02 * u, start, start + 0.05)
        if pieces:
            a, b = pieces[0].outer[0], pieces[0].inner[0]
            way = pieces[0].outer[-1] - pieces[0].outer[0]
            x = np.linspace(0, 1, 25)[:, None]
            ripple = 0.25 + 0.3 * np.abs(np.sin(np.linspace(0, 4 * np.pi, 25)))[:, None]
            rim = a + x * (b - a)
            tool.piece(np.vstack([rim - ripple * way, (rim + 0.4 * way)[::-1]]), col.light(c, 0.25), 0.0, form=False)


def _garter(tool: Tailor, leg: Leg, start: float, colour: col.Colour) -> None:
    """A strap from the stocking's edge up to the hips."""
    if leg.near:
        return
    mid, wide = leg.at(start)
    high, broad = leg.at(0.02)
    for x in (-0.45, 0.5):
        aside = leg.side * x
        points = np.array([high + np.array([aside * broad, 0.0]), mid + np.array([aside * wide, 0.0])])
        tool.stripe(points, colour, 0.06 * tool.torso.long, 0.0, inked=True)

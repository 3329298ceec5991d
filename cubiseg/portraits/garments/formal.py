"""Waistcoats without a jacket and tailcoats: butlers, waiters, conductors, gentlemen of another century."""

import numpy as np
import skia

from cubiseg.portraits import colour as col
from cubiseg.portraits.garments import bottoms, parts
from cubiseg.portraits.garments.base import Tailor, Weave, makes, v_neck
from cubiseg.portraits.garments.patterns import weave
from cubiseg.portraits.garments.sleeves import ELBOW, LONG, Sleeve
from cubiseg.portraits.paint import path, spline
from cubiseg.portraits.rng import chance, pick, uniform
from cubiseg.portraits.tables import xy

_VESTS = {"plain": 5.0, "stripes": 1.2, "argyle": 0.5, "checks": 0.4, "plaid": 0.5}


def front(tool: Tailor, colour: col.Colour, edge: np.ndarray, hem: float, grow: float, weave: Weave | None) -> None:
    """Both fronts of what is worn open, from the shoulders to ``hem`` (absolute).

    Args:
        tool: tailor.
        colour: colour of the cloth.
        edge: (k, 2) the right front's free edge from the neck to its end.
        hem: height where its side ends.
        grow: head units it stands off the body.
        weave: paints the cloth's pattern.
    """
    start = float(edge[0, 0])
    upper = tool.half(np.array([(start, tool.torso.y), (0.0, tool.torso.y)]), grow=grow, hem=hem)
    side = upper[np.flatnonzero(upper[:, 0] >= start)[0] :]
    for q in (-1, 1):
        shape = path(tool.px(np.vstack([side, edge[::-1]]) * (q, 1)))
        tool.board.fill(shape, colour)
        if weave:
            weave(tool.board, shape)
        tool.drape(shape, colour)
        tool.board.stroke(shape, tool.ink(colour), tool.line)


def _vest(tool: Tailor, c: col.Colour, depth: float, hem: float) -> skia.Path:
    """A waistcoat that closes ``depth`` below the neck and ends in two points."""
    t, u = tool.torso, tool.torso.long
    neck = v_neck(t, t.neck * 1.3 + 0.03, depth)
    half = tool.half(neck, grow=0.06 * u, cover=0.8, hem=hem)
    half = np.vstack([half, [(0.4 * half[-1, 0], hem + 0.26 * u), (0.0, hem + 0.02 * u)]])
    shape = path(np.vstack([tool.px(half), tool.px(t.mirrored(half))]))
    tool.board.fill(shape, c)
    pattern = weave(tool, c, _VESTS)
    if pattern:
        pattern(tool.board, shape)
    tool.drape(shape, c)
    tool.board.stroke(shape, tool.ink(c), tool.line)
    middle = tool.px(np.array([(0.02, t.y + depth), (0.02, t.waist_y), (0.01, hem)]), 0.3)
    tool.board.ink(middle, tool.ink(c), tool.line)
    double = chance(tool.rng, 0.25)
    xs, count = ((-0.14, 0.14), 3) if double else ((0.04,), 5)
    parts.buttons(tool, tool.who.metal, xs, t.y + depth + 0.12 * u, hem - 0.1 * u, count, 0.05)
    for q in (-1, 1):
        parts.pocket(tool, c, q, t.waist_y - 0.05 * u, 0.34, 0.24, patch=False)
    if chance(tool.rng, 0.25):  # a watch chain
        chain = np.array([(0.03, t.waist_y - 0.1 * u), (0.2 * t.shoulder, t.waist_y + 0.14 * u)])
        tool.stripe(np.vstack([chain, [(0.34 * t.shoulder, t.waist_y - 0.02 * u)]]), tool.who.metal, 0.04 * u, 0.3)
    return shape


@makes("neckwear")
def _jabot(tool: Tailor, c: col.Colour) -> None:
    """A cravat of gathered cloth with a pin."""
    t, u = tool.torso, tool.torso.long
    for k, (y, w) in enumerate(((0.9, 0.3), (0.6, 0.34), (0.3, 0.3), (0.1, 0.2))):
        edge = xy((-w * u, 0.0, w * u), [t.y + (y - 0.12 - up) * u for up in (0.0, 0.04, 0.0)])
        parts.frill(tool, edge, c, 0.36 * u, 0.3, waves=3 + k % 2)
    a = np.linspace(0, 2 * np.pi, 14)[:-1]
    pin = np.column_stack([0.09 * u * np.cos(a), t.y + 0.12 * u + 0.11 * u * np.sin(a)])
    tool.piece(pin, tool.accent, 0.32, form=False)


def _at_neck(tool: Tailor, white: col.Colour) -> None:
    """Tie, bow tie, cravat or an open collar over the shirt."""
    t, u = tool.torso, tool.torso.long
    kind = pick(tool.rng, {"tie": 4.0, "bow": 3.0, "jabot": 1.2, "none": 0.8})
    if kind == "tie":
        parts.tie(tool, tool.accent, t.y + 0.1 * u)
    elif kind == "bow":
        black = (0.12, 0.11, 0.14)
        parts.neck_bow(tool, black if chance(tool.rng, 0.5) else tool.accent, t.y + 0.16 * u, 0.3 * u)
    elif kind == "jabot":
        _jabot(tool, white)
    if kind != "jabot":
        parts.collar(tool, white, t.neck * 0.8 + 0.15, uniform(tool.rng, 0.18, 0.3) * u)


def _shirt(tool: Tailor) -> col.Colour:
    """A shirt under a waistcoat, and its colour: mostly white."""
    t, rng = tool.torso, tool.rng
    white = col.mix(col.WHITE, tool.second, uniform(rng, 0.0, 0.08)) if chance(rng, 0.75) else tool.second
    tool.cloth(v_neck(t, t.neck * 1.1, 0.05), white, grow=0.05 * t.long, hem=t.waist_y + 0.3 * t.long)
    parts.placket(tool, white, t.y, t.waist_y, 0.06)
    return white


def _apart(c: col.Colour, other: col.Colour) -> col.Colour:
    return c if abs(col.luma(c) - col.luma(other)) > 0.15 else col.shade(c, 0.9)


def waistcoat(tool: Tailor) -> None:
    """Shirt, waistcoat and tie without a jacket, over belted trousers, shorts or a skirt."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    low = tool.second if chance(rng, 0.5) else _apart(tool.main, col.WHITE)
    bottoms.usual(tool, low, formal=True)
    white = _shirt(tool)
    leather = pick(rng, {(0.15, 0.13, 0.14): 2.0, (0.36, 0.22, 0.14): 1.5, tool.accent: 0.6})
    parts.belt(tool, leather, t.waist_y + 0.2 * u, 0.2 * u, buckle=tool.who.metal)
    c = _apart(tool.main, white)
    depth, hem = uniform(rng, 0.7, 1.15) * u, t.waist_y + uniform(rng, 0.02, 0.3) * u
    _vest(tool, c, depth, hem)
    length = (LONG, ELBOW)[int(chance(rng, 0.35))]
    garter = [(0.36, tool.accent, 0.08 * u)] if chance(rng, 0.25) else []
    tool.sleeve = Sleeve(white, length, ease=0.34, cuff=(white, 0.09), stripes=garter)
    tool.add("over", lambda w: _at_neck(w, white))


def tailcoat(tool: Tailor) -> None:
    """A tailcoat, cut away at the waist, its tails behind the legs; waistcoat, tie or cravat."""
    t, rng, u, s = tool.torso, tool.rng, tool.torso.long, tool.torso.shoulder
    c = _apart(tool.main, col.WHITE) if chance(rng, 0.85) else tool.main
    trousers = pick(rng, {c: 2.0, tool.second: 1.0, (0.16, 0.15, 0.18): 1.0})
    if chance(rng, 0.85 * tool.who.lean + 0.5 * (1 - tool.who.lean)):
        bottoms.trousers(tool, trousers, ease=0.04)
    else:
        bottoms.usual(tool, trousers, formal=True)
    white = _shirt(tool)
    vest = white if chance(rng, 0.35) else _apart(tool.second, white)
    _vest(tool, vest, uniform(rng, 0.8, 1.2) * u, t.waist_y + uniform(rng, 0.1, 0.25) * u)
    low = min(t.crotch + uniform(rng, 0.6, 2.2) * u, t.stance.low - 0.3 * u)
    lining = tool.accent if chance(rng, 0.4) else tool.shade(c)
    forked, flare = chance(rng, 0.75), uniform(rng, 0.0, 0.3) * s

    def behind(w: Tailor) -> None:
        half = np.array(
            [
                *[(0.0, t.waist_y), (t.waist + 0.05 * u, t.waist_y), (t.hip + 0.1 * u, t.hip_y)],
                *[(t.hip + 0.12 * u + flare, low - 0.2 * u), (0.55 * t.hip + flare, low + 0.15 * u)],
                (0.1 * t.hip if forked else 0.0, t.crotch + 0.1 * u if forked else low + 0.1 * u),
            ]
        )
        w.piece(np.vstack([half, t.mirrored(half)]), lining, -0.3)
        for q in (-1, 1):
            w.crease(np.array([(0.5 * t.hip, low), (0.5 * t.hip, t.hip_y)]) * (q, 1), lining, 0.14)

    tool.add("cape", behind)
    gap = uniform(rng, 0.12, 0.34)
    edge = spline(
        np.array(
            [
                *[(t.neck * 1.1, t.y + 0.03 * u), (0.85 * gap * s, t.bust_y), (gap * s, t.waist_y - 0.1 * u)],
                (gap * s + 0.12 * t.waist, t.waist_y + 0.16 * u),
            ]
        ),
        20,
    )
    pattern = weave(tool, c, {"plain": 8.0, "stripes": 0.6, "plaid": 0.3})
    side = np.array([(t.waist + 0.1 * u, t.waist_y), (t.hip + 0.12 * u, t.hip_y), (t.hip + 0.14 * u + flare, low)])
    inner = np.array([(t.hip + flare - 0.02 * u, low + 0.05 * u), (0.84 * t.hip, t.hip_y), (edge[-1, 0], edge[-1, 1])])
    tail = np.vstack([spline(side, 16), spline(inner, 16)])
    for q in (-1, 1):  # what shows of the tails before the hips
        tool.piece(tail * (q, 1), c, 0.0)
    front(tool, c, edge, t.waist_y + 0.1 * u, 0.12 * u, pattern)
    metal = tool.who.metal if chance(rng, 0.7) else col.shade(c, 0.8)
    parts.buttons(tool, metal, (-gap - 0.1, gap + 0.1), t.bust_y + 0.1 * u, t.waist_y - 0.05 * u, 3, 0.06)
    cuff = pick(rng, {white: 2.0, c: 1.0, tool.accent: 0.7})
    frill = white if chance(rng, 0.15) else None
    tool.sleeve = Sleeve(c, LONG, ease=0.34, cuff=(cuff, 0.05), pattern=pattern, frill=frill)
    depth, wide = uniform(rng, 1.2, 1.6) * u, uniform(rng, 0.45, 0.62)
    silk = pick(rng, {c: 2.0, col.light(c, 0.15): 1.0, tool.accent: 0.6, col.shade(c, 0.8): 1.0})
    notch = chance(rng, 0.6)

    def over(w: Tailor) -> None:
        _at_neck(w, white)
        parts.lapels(w, silk, depth, wide, notch=notch)

    tool.add("over", over)

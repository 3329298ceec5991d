"""Swimwear that leaves much skin bare: bikinis, school and racing swimsuits, trunks."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.garments import bottoms, parts
from cubiseg.portraits.garments.bare import bust_edge, straps
from cubiseg.portraits.garments.base import Tailor, makes, round_neck
from cubiseg.portraits.garments.formal import front
from cubiseg.portraits.garments.patterns import weave
from cubiseg.portraits.garments.sleeves import ELBOW, LONG, SHORT, Sleeve
from cubiseg.portraits.paint import path, spline
from cubiseg.portraits.rng import chance, pick, uniform
from cubiseg.portraits.tables import xy

_PRINTS = {"plain": 4.0, "stripes": 1.2, "dots": 0.8, "checks": 0.5, "blossoms": 1.0, "plaid": 0.2}


def _leg_line(tool: Tailor, cut: float) -> np.ndarray:
    """(k, 2) the right edge around the leg, from the hip to the middle; ``cut``: 0 low to 1 high on the hip."""
    t, u = tool.torso, tool.torso.long
    y = t.hip_y + 0.1 * u - cut * 0.6 * u
    x = float(np.interp(y, *t.flank(0.015)[:, ::-1].T))
    mid = 0.5 * (y + t.crotch) + 0.02 * u
    return spline(xy((x, 0.66 * t.hip, 0.24 * t.hip, 0.0), (y, mid, t.crotch + 0.02 * u, t.crotch + 0.08 * u)), 16)


def _open_shirt(tool: Tailor) -> None:
    """A shirt, a jacket or a hoodie worn open over swimwear."""
    t, rng, u, s = tool.torso, tool.rng, tool.torso.long, tool.torso.shoulder
    c = col.mix(col.WHITE, tool.second, uniform(rng, 0.0, 0.1)) if chance(rng, 0.5) else tool.second
    pattern = weave(tool, c, {"plain": 3.0, "blossoms": 1.5, "stripes": 0.8, "checks": 0.5})
    gap, hem = uniform(rng, 0.3, 0.55) * s, t.hip_y + uniform(rng, -0.4, 0.6) * u
    edge = xy((t.neck * 1.25, 0.85 * gap, gap, 1.1 * gap), (t.y, t.bust_y, t.waist_y, hem + 0.06 * u))
    front(tool, c, spline(edge, 20), hem, 0.1 * u, pattern)
    length = pick(rng, {LONG: 1.0, ELBOW: 1.0, SHORT: 1.0})
    tool.sleeve = Sleeve(c, length, ease=0.5, pattern=pattern, cuff=(tool.shade(c), 0.03))


def _sarong(tool: Tailor) -> None:
    """Now and then a cloth around the hips."""
    rng = tool.who.rng("pareo")
    if chance(rng, 0.16):
        cloth = tool.second if chance(rng, 0.6) else tool.accent
        pattern = weave(tool, cloth, {"plain": 2.0, "blossoms": 2.0, "stripes": 0.5})
        long = uniform(rng, 1.2, 3.4)
        bottoms.skirt(tool, cloth, long, flare=0.08, waist=0.45 * tool.torso.long, weave=pattern)


@makes("bottomwear")
def _briefs(tool: Tailor, c: col.Colour, trim: col.Colour) -> None:
    """The lower half of a bikini: a triangle with strings, briefs, or with a frill."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    kind = pick(rng, {"ties": 2.0, "briefs": 1.5, "frill": 1.0, "high waist": 0.4})
    cut = uniform(rng, 0.1, 0.5) if kind != "high waist" else 0.5
    low = _leg_line(tool, cut)
    rise = {"high waist": 1.0, "briefs": 0.42}.get(kind, 0.2) * u
    top_y = max(t.hip_y - rise, t.waist_y + 0.1 * u)
    side = t.flank(0.015, low[0, 1] - 0.005)
    side = side[side[:, 1] > min(top_y - 0.04 * u, low[0, 1] - 0.1 * u)]
    half = np.vstack([[(0.0, max(float(side[0, 1]), top_y) + 0.06 * u)], side, low])
    shape = tool.piece(np.vstack([half, t.mirrored(half)]), c, 0.0, form=False)
    pattern = weave(tool, c, _PRINTS)
    if pattern:
        pattern(tool.board, shape)
    edge = half[1::-1]
    if kind == "ties":
        for q in (-1, 1):
            parts.bow(tool, trim, float(side[0, 1]) + 0.06 * u, 0.26 * u, 0.1, q * float(side[0, 0]))
    elif kind == "frill":
        parts.frill(tool, tool.both(edge), c, uniform(rng, 0.2, 0.5) * u, 0.05)
    elif chance(rng, 0.5):
        tool.stripe(tool.both(edge), trim, 0.06 * u)


def _cups(tool: Tailor, c: col.Colour, trim: col.Colour) -> None:
    """Two triangles with strings around neck and back."""
    t, rng, u, s = tool.torso, tool.rng, tool.torso.long, tool.torso.shoulder
    low = t.bust_y + uniform(rng, 0.22, 0.36) * u
    out = float(np.interp(low, *t.flank(0.015)[:, ::-1].T))
    apex = np.array([uniform(rng, 0.38, 0.46) * s, t.y + uniform(rng, 0.62, 0.8) * u])
    pattern = weave(tool, c, _PRINTS)
    halter = chance(rng, 0.6)
    tool.stripe(xy((-out, 0.0, out), (low, low + 0.04 * u, low)), trim, 0.06 * u, 0.1, inked=True)
    for q in (-1, 1):
        x1 = t.neck * 1.0 if halter else t.neck + 0.5 * (s - t.neck)
        y1 = float(t.shoulder_line(x1, x1, n=1)[0, 1])
        tool.stripe(np.array([apex, (x1, y1)]) * (q, 1), trim, 0.06 * u, 0.12, inked=True)
        cup = np.array(
            [
                *[apex, (0.24 * s, apex[1] + 0.4 * u), (0.07 * s, low), (0.3 * s, low + 0.06 * u)],
                *[(0.92 * out, low - 0.02 * u), (0.86 * out, t.bust_y - 0.2 * u)],
            ]
        )
        shape = tool.piece(cup * (q, 1), c, 0.2)
        if pattern:
            pattern(tool.board, shape)
        tool.board.stroke(shape, tool.ink(c), tool.line)
    if chance(rng, 0.4):
        parts.bow(tool, trim, low, 0.16 * u)


def bikini(tool: Tailor) -> None:
    """Two pieces: triangles with strings, bandeau, frilled or sporty; briefs or side ties; at times a shirt over it."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    c, trim = tool.white(0.15), tool.second if chance(rng, 0.4) else tool.main
    _briefs(tool, c, trim)
    kind = pick(rng, {"triangle": 2.0, "bandeau": 1.0, "frill": 1.2, "sporty": 0.8})
    if kind == "triangle":
        _cups(tool, c, trim)
    elif kind == "sporty":
        neck = round_neck(t, t.neck * 1.5, uniform(rng, 0.45, 0.7) * u)
        tool.cloth(neck, c, grow=0.015, cover=0.6, hem=t.bust_y + 0.4 * u, weave=weave(tool, c, _PRINTS))
        tool.stripe(tool.both(neck), trim, 0.07 * u)
    else:
        edge = bust_edge(tool, t.y + uniform(rng, 0.8, 1.0) * u, uniform(rng, 0.05, 0.3) * u, 0.05 * u)
        if kind == "frill" or chance(rng, 0.4):
            straps(tool, edge, trim, uniform(rng, 0.04, 0.1) * u**0.5, halter=chance(rng, 0.4))
        hem = t.bust_y + uniform(rng, 0.3, 0.42) * u
        tool.cloth(edge, c, grow=0.015, top=edge[0, 1], hem=hem, weave=weave(tool, c, _PRINTS))
        if kind == "frill":
            parts.frill(tool, tool.both(edge) + np.array([0, 0.1 * u]), c if chance(rng, 0.5) else trim, 0.45 * u)
        if chance(rng, 0.5):
            parts.bow(tool, tool.accent, edge[-1, 1] + 0.12 * u, 0.22 * u)
    _sarong(tool)
    if chance(rng, 0.14):
        _open_shirt(tool)


def school_swimsuit(tool: Tailor) -> None:
    """One piece with broad straps: of a school, navy with a name on the chest, or for racing, cut high."""
    t, rng, u, s = tool.torso, tool.rng, tool.torso.long, tool.torso.shoulder
    racing = chance(rng, 0.4)
    navy = col.hsv(uniform(rng, 0.58, 0.68), uniform(rng, 0.35, 0.75), uniform(rng, 0.15, 0.4))
    white = col.mix(col.WHITE, tool.second, 0.04)
    c = tool.main if racing else pick(rng, {navy: 4.0, white: 0.8, (0.14, 0.14, 0.17): 0.8})
    neck = round_neck(t, t.neck * uniform(rng, 1.25, 1.5), uniform(rng, 0.35, 0.75) * u)
    low = _leg_line(tool, uniform(rng, 0.4, 0.9) if racing else uniform(rng, 0.0, 0.25))
    upper = tool.half(neck, grow=0.015, cover=uniform(rng, 0.55, 0.68), hem=float(low[0, 1]))
    half = np.vstack([upper, low])
    shape = path(np.vstack([tool.px(half), tool.px(t.mirrored(half))]))
    tool.board.fill(shape, c)
    panel = tool.second if racing else tool.shade(c)
    with tool.board.clipped(shape):
        if racing and chance(rng, 0.7):
            for q in (-1, 1):
                side = t.flank(0.05, t.crotch)
                tool.piece(np.vstack([side, (side * (uniform(rng, 0.55, 0.75), 1))[::-1]]) * (q, 1), panel, 0.0)
        elif not racing and chance(rng, 0.6):  # the hem of its front panel
            tool.stripe(xy((-t.hip, 0, t.hip), (t.hip_y, t.hip_y + 0.12 * u, t.hip_y)), panel, 0.05 * u)
    tool.drape(shape, c)
    trim = white if col.luma(c) < 0.6 else tool.accent
    if chance(rng, 0.45):
        tool.stripe(tool.both(neck), trim, 0.07 * u)
    tool.board.stroke(shape, tool.ink(c), tool.line)
    if not racing and chance(rng, 0.6):
        w, y = 0.3 * s, t.bust_y - 0.15 * u
        tool.piece(np.array([(-w, y), (w, y), (w, y + 0.4 * u), (-w, y + 0.4 * u)]), white, 0.3, form=False)
        for x in (-0.5, 0.0, 0.5):
            for k in (0.1, 0.2, 0.3):
                a = uniform(rng, 0.03, 0.12) * u
                tool.stripe(xy((x * w - a, x * w + a), (y + k * u, y + k * u)), (0.1, 0.1, 0.15), 0.03 * u, 0.3)
    if chance(rng, 0.12):
        _open_shirt(tool)


def trunks(tool: Tailor) -> None:
    """Swimming trunks and a bare chest, often under an open shirt; a towel or a whistle around the neck."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    c = tool.white(0.12)
    hem = t.crotch + uniform(rng, 0.15, 1.5) * u
    pattern = weave(tool, c, {"plain": 2.5, "stripes": 1.0, "blossoms": 1.3, "checks": 0.5, "plaid": 0.4})
    bottoms.trousers(tool, c, hem, ease=uniform(rng, 0.03, 0.14), weave=pattern)
    with tool.board.on("bottomwear"):
        parts.belt(tool, tool.shade(c) if chance(rng, 0.5) else tool.second, t.waist_y, 0.18 * u)
        for q in (-1, 1):
            cord = xy((0.02 * q, 0.1 * q * u, 0.07 * q * u), (t.waist_y + 0.15 * u, t.waist_y + 0.35 * u, t.hip_y))
            tool.stripe(spline(cord, 8), col.light(c, 0.8), 0.04 * u, 0.2, inked=True)
    if chance(rng, 0.35):
        _open_shirt(tool)

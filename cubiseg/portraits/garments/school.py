"""School and office: sailor uniforms, blazers, gakuran, suits, shirts."""

from dataclasses import replace

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.garments import bottoms, parts
from cubiseg.portraits.garments.base import Tailor, makes, round_neck, v_neck
from cubiseg.portraits.garments.formal import front
from cubiseg.portraits.garments.patterns import emblem, weave
from cubiseg.portraits.garments.sleeves import ELBOW, LONG, SHORT, Sleeve
from cubiseg.portraits.paint import spline
from cubiseg.portraits.rng import chance, pick, uniform
from cubiseg.portraits.tables import xy


def skirt_or_trousers(tool: Tailor, colour: col.Colour) -> None:
    """A pleated skirt, often plaid, or trousers for the angular."""
    bottoms.usual(tool, colour, formal=True)


@makes("neckwear")
def neckwear(tool: Tailor, y: float, z: float = 0.3) -> None:
    """A tie, a bow, a thin ribbon or nothing."""
    kind, rng, u = tool.rng.random(), tool.rng, tool.torso.long
    if kind < 0.4 + 0.25 * tool.who.lean:
        parts.tie(tool, tool.accent, y, z)
    elif kind < 0.85:
        parts.bow(tool, tool.accent, y + 0.08 * u, uniform(rng, 0.2, 0.5) * u, z)
    elif kind < 0.95:
        for s in (-1, 1):
            end = np.array([(0, y), (s * 0.12 * u, y + 0.3 * u), (s * 0.16 * u, y + 0.9 * u)])
            tool.stripe(spline(end, 10), tool.accent, 0.05 * u, z, inked=True)
        parts.bow(tool, tool.accent, y + 0.04 * u, 0.16 * u, z)


def sailor(tool: Tailor) -> None:
    """Sailor uniform: wide collar with stripes, scarf, bow or tie; long or short sleeves."""
    t, rng, n, u = tool.torso, tool.rng, tool.torso.neck, tool.torso.long
    dark = (
        tool.main
        if col.luma(tool.main) < 0.6
        else col.hsv(uniform(rng, 0.58, 0.68), uniform(rng, 0.3, 0.7), uniform(rng, 0.15, 0.4))
    )
    body = col.WHITE if chance(rng, 0.55) else dark
    collar = dark if body == col.WHITE else (dark if chance(rng, 0.5) else col.shade(dark, 0.4))
    if chance(rng, 0.15):
        collar = tool.accent
    depth = uniform(rng, 0.75, 1.25) * u
    skirt_or_trousers(tool, dark)
    hem = t.waist_y + uniform(rng, 0.25, 0.7) * u
    tool.cloth(v_neck(t, n * 1.2, depth), body, grow=0.08 * u, hem=hem)
    dickey = chance(rng, 0.6)
    if dickey:
        half = v_neck(t, n * 0.95, depth)
        cut = half[half[:, 1] > t.y + 0.2 * u]
        cut = np.vstack([[(np.interp(t.y + 0.2 * u, half[:, 1], half[:, 0]), t.y + 0.2 * u)], cut])
        tool.piece(tool.both(cut), body if chance(rng, 0.5) else collar, 0.1, form=False)
    stripe = col.WHITE if col.luma(collar) < 0.75 else tool.second
    count = int(rng.integers(1, 4))
    wide = uniform(rng, 0.62, 0.85) * (t.shoulder - 0.3 * t.arm)

    @makes("neckwear")
    def rear(w: Tailor) -> None:
        xs = (-n * 1.25, n * 1.25, n * 1.4, -n * 1.4)
        w.piece(xy(xs, (t.y - 0.3 * u * 0.5, t.y - 0.15 * u, t.y + 0.2 * u, t.y + 0.2 * u)), w.shade(collar))

    tool.add("nape", rear)

    @makes("neckwear")
    def flaps(w: Tailor) -> None:
        rise = 0.3 * min(w.who.face.neck_length, 0.6) + 0.03
        for s in (-1, 1):
            y0 = float(t.shoulder_line(wide, wide, n=1)[0, 1])
            flap = np.array(
                [
                    (n * 1.03, t.y - rise),
                    (n * 1.2 + 0.04, t.y - rise - 0.03),
                    (n + 0.5 * (wide - n), float(t.shoulder_line(n + 0.5 * (wide - n), 1, n=1)[0, 1]) - 0.05),
                    (wide, y0 + 0.02 * u),
                    (1.0 * wide, y0 + 0.3 * u),
                    (0.9 * wide, y0 + 0.52 * u),
                    (0.42 * wide, t.y + 0.85 * depth + 0.05 * u),
                    (0, t.y + depth + 0.14 * u),
                    (0.35 * n, t.y + 0.6 * depth),
                    (0.85 * n, t.y + 0.1 * depth),
                ]
            )
            flap[:, 0] *= s
            shape = w.piece(flap, collar, 0.12)
            with w.board.clipped(shape):
                middle = np.array([0.45 * s * wide, t.y + 0.1 * u])
                for k in range(count):
                    inset = flap[3:8] + (middle - flap[3:8]) * (
                        (0.16 + 0.11 * k) * np.array([1, 1, 1, 1, 0.8])[:, None]
                    )
                    w.stripe(inset, stripe, 0.035 * u**0.6, 0.12)
        kind = rng.random()
        if kind < 0.4:
            parts.neckerchief(w, w.accent, t.y + depth)
        elif kind < 0.85:
            parts.bow(w, w.accent, t.y + depth, uniform(rng, 0.3, 0.55) * u)
        else:
            parts.tie(w, w.accent, t.y + depth - 0.1)

    tool.add("over", flaps)
    knitted = _knitted(tool, body)
    cuff = (collar, 0.1)
    tool.sleeve = knitted or (
        Sleeve(
            body,
            SHORT + uniform(rng, -0.04, 0.08),
            ease=0.3,
            flare=0.2,
            stripes=[],
            cuff=(collar, 0.05) if chance(rng, 0.5) else None,
        )
        if chance(rng, 0.45)
        else Sleeve(body, LONG, ease=0.26, cuff=cuff, stripes=[(0.84, stripe, 0.03)])
    )


def _knitted(tool: Tailor, under: col.Colour) -> Sleeve | None:
    """Now and then an open cardigan between a sailor's blouse and its collar; its sleeve, if there is one."""
    t, u = tool.torso, tool.torso.long
    tool = replace(tool, rng=tool.who.rng("sailor cardigan"))
    rng = tool.rng
    if not chance(rng, 0.25):
        return None
    beige = col.hsv(uniform(rng, 0.07, 0.13), uniform(rng, 0.1, 0.4), uniform(rng, 0.7, 0.98))
    grey = col.hsv(0.62, uniform(rng, 0.0, 0.3), uniform(rng, 0.25, 0.7))
    c = pick(rng, {beige: 2.0, grey: 1.5, tool.accent: 1.0, col.mix(col.WHITE, tool.second, 0.2): 1.0})
    c = c if abs(col.luma(c) - col.luma(under)) > 0.08 else col.shade(c, 0.4)
    gap, hem = uniform(rng, 0.12, 0.4) * t.shoulder, t.hip_y + uniform(rng, -0.2, 0.5) * u
    edge = xy((t.neck * 1.3, 0.9 * gap, gap, 1.1 * gap), (t.y, t.bust_y, t.waist_y, hem + 0.05 * u))
    knit = weave(tool, c, {"plain": 2.0, "cable": 2.0})
    front(tool, c, spline(edge, 20), hem, 0.12 * u, knit)
    for q in (-1, 1):
        tool.stripe(spline(edge, 20) * (q, 1), tool.shade(c), 0.08 * u, 0.1)
    return Sleeve(c, LONG, ease=0.34, pattern=knit, cuff=(tool.shade(c), 0.06))


def shirt(tool: Tailor) -> None:
    """Collared shirt, buttoned, sleeves long, rolled or short; often with a tie, sometimes open at the neck."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    colour = tool.white(0.5)
    skirt_or_trousers(tool, tool.second)
    open_neck = chance(rng, 0.35)
    depth = uniform(rng, 0.25, 0.7) * u if open_neck else 0.06 * u
    pattern = weave(tool, colour, {"plain": 5, "stripes": 1, "checks": 0.6, "plaid": 0.8, "dots": 0.3, "blossoms": 0.4})
    tool.cloth(v_neck(t, t.neck * 1.12, depth), colour, grow=0.07 * u, weave=pattern)
    low = min(t.hip_y, tool.tail)
    parts.placket(tool, colour, t.y + depth, low)
    buttons_colour = col.light(colour, 0.5) if col.luma(colour) < 0.7 else col.shade(colour, 0.4)
    parts.buttons(tool, buttons_colour, (0.0,), t.y + depth + 0.3 * u, low - 0.08 * u, 6, 0.045)
    if chance(rng, 0.4):
        parts.pocket(tool, colour, 1, t.bust_y - 0.1 * u)
    length = (LONG, ELBOW, SHORT)[int(rng.choice(3, p=[0.55, 0.2, 0.25]))]
    tool.sleeve = Sleeve(colour, length, ease=0.3, pattern=pattern, cuff=(colour, 0.08) if length > SHORT else None)
    spread, long = uniform(rng, 0.75, 1.15) * t.neck + 0.1, uniform(rng, 0.18, 0.36) * u

    if tool.who.lean > 0.5 and chance(rng, 0.15):
        for q in (-1, 1):  # braces
            line = np.array([(0.55 * t.shoulder, t.y + 0.5 * t.drop), (0.5 * t.shoulder, t.waist_y)]) * (q, 1)
            tool.stripe(line, tool.second, 0.13 * u, 0.2, inked=True)

    def neck(w: Tailor) -> None:
        if not open_neck and chance(rng, 0.8):
            neckwear(w, t.y + 0.1 * u)
        collar_spread = spread + (0.3 * depth if open_neck else 0)
        parts.collar(w, colour, collar_spread, long, open_=0.5 * depth if open_neck else 0.0)

    tool.add("over", neck)


def _jacket(
    tool: Tailor,
    jacket: col.Colour,
    under: col.Colour,
    *,
    depth: float,
    badge: bool = False,
    trim: col.Colour | None = None,
    double: bool = False,
    notch: bool = True,
) -> None:
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    wide = uniform(rng, 0.42, 0.62)
    pattern = weave(tool, jacket, {"plain": 6, "stripes": 0.6, "plaid": 0.4})
    half = np.array(
        [(t.neck * 1.3 + 0.04, t.y - 0.02), (0.6 * wide * t.shoulder, t.y + 0.45 * depth), (0.0, t.y + depth)]
    )
    tool.cloth(half, jacket, grow=0.12 * u, hem=t.hip_y + 0.3 * u, weave=pattern)
    if trim:
        tool.stripe(tool.both(half), trim, 0.06 * u)
    line = tool.px(np.array([(0, t.y + depth), (0.02, t.waist_y), (0.05, t.hip_y + 0.3 * u)]), 0.25)
    tool.board.ink(line, tool.ink(jacket), tool.line)
    gold = tool.who.metal if chance(rng, 0.6) else col.shade(jacket, 0.7)
    xs = (-0.16, 0.16) if double else (0.03,)
    parts.buttons(tool, gold, xs, t.y + depth + 0.1 * u, t.waist_y + 0.35 * u, 2 if depth > 1.2 * u else 3, 0.055)
    parts.pocket(tool, jacket, 1, t.bust_y - 0.05 * u, 0.45, 0.3, patch=False)
    if badge:
        emblem(tool, 0.45 * t.shoulder, t.bust_y - 0.05 * u, 0.12 * u, tool.who.metal, kind="shield")
    stripes = [(0.88, trim, 0.05)] if trim else []
    tool.sleeve = Sleeve(jacket, LONG, ease=0.36, cuff=None, stripes=stripes, pattern=pattern, frill=None)
    tool.add(
        "over",
        lambda w: parts.lapels(
            w, col.light(jacket, 0.12) if chance(rng, 0.3) else jacket, depth, wide, notch=notch, trim=trim
        ),
    )


def suit(tool: Tailor) -> None:
    """Jacket with lapels over a shirt with tie, bow, waistcoat or turtleneck."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    under = col.WHITE if chance(rng, 0.55) else tool.second
    jacket = tool.main if abs(col.luma(tool.main) - col.luma(under)) > 0.15 else col.shade(tool.main, 0.9)
    bottoms.trousers(tool, jacket) if chance(rng, 0.4 + 0.6 * tool.who.lean) else bottoms.skirt(
        tool, jacket, 2.0, flare=0.05
    )
    tool.cloth(v_neck(t, t.neck * 1.1, 0.05), under, grow=0.03)
    parts.placket(tool, under, t.y, t.waist_y, 0.06)
    if chance(rng, 0.3):
        vest = tool.second if under == col.WHITE else tool.accent
        neckline = v_neck(t, t.neck * 1.3, uniform(rng, 0.7, 1.0) * u)
        tool.cloth(neckline, vest, grow=0.05, cover=0.8, hem=t.waist_y + 0.4 * u)
        parts.buttons(tool, tool.who.metal, (0.0,), t.bust_y, t.waist_y + 0.2 * u, 4, 0.045)
    if chance(rng, 0.8):
        neckwear(tool, t.y + 0.1 * u)
    parts.collar(tool, under, t.neck * 0.8 + 0.15, uniform(rng, 0.18, 0.3) * u)
    depth, trim = uniform(rng, 1.0, 1.9) * u, tool.accent if chance(rng, 0.25) else None
    _jacket(tool, jacket, under, depth=depth, trim=trim, double=chance(rng, 0.25), notch=chance(rng, 0.75))


def blazer(tool: Tailor) -> None:
    """School blazer with an emblem, over a shirt with ribbon, tie or knitted vest."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    jacket = tool.main if col.luma(tool.main) < 0.8 else col.shade(tool.accent, 0.6)
    skirt_or_trousers(tool, tool.second)
    tool.cloth(v_neck(t, t.neck * 1.1, 0.05), col.WHITE, grow=0.03)
    if chance(rng, 0.4):
        half = v_neck(t, t.neck * 1.3, uniform(rng, 0.6, 0.9) * u)
        tool.cloth(half, tool.second, grow=0.05, cover=0.8, hem=t.waist_y + 0.5 * u)
        tool.stripe(tool.both(half), col.light(tool.second, 0.4), 0.09 * u)
    neckwear(tool, t.y + 0.1 * u)
    parts.collar(tool, col.WHITE, t.neck * 0.8 + 0.15, uniform(rng, 0.18, 0.3) * u)
    depth, badge = uniform(rng, 0.9, 1.5) * u, chance(rng, 0.7)
    trim = (col.WHITE if chance(rng, 0.5) else tool.accent) if chance(rng, 0.5) else None
    _jacket(tool, jacket, col.WHITE, depth=depth, badge=badge, trim=trim, double=chance(rng, 0.2))


def gakuran(tool: Tailor) -> None:
    """Black school jacket with a standing collar and one row of metal buttons."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    c = (
        col.hsv(uniform(rng, 0.6, 0.75), uniform(rng, 0.05, 0.45), uniform(rng, 0.1, 0.26))
        if chance(rng, 0.75)
        else tool.main
    )
    bottoms.trousers(tool, c)
    opened = chance(rng, 0.25)
    if opened:
        tool.cloth(round_neck(t, t.neck * 1.1, 0.1 * u), tool.white(0.7), grow=0.03)
        tool.cloth(v_neck(t, t.neck * 1.3, 2.4 * u), c, grow=0.12 * u, hem=t.hip_y + 0.4 * u)
    else:
        tool.cloth(round_neck(t, t.neck * 1.12, 0.06 * u), c, grow=0.12 * u, hem=t.hip_y + 0.4 * u)
        line = tool.px(np.array([(0.03, t.y), (0.03, t.waist_y), (0.03, t.hip_y)]), 0.3)
        tool.board.ink(line, tool.ink(c), tool.line)
        gold = (0.9, 0.75, 0.35) if chance(rng, 0.8) else (0.82, 0.84, 0.88)
        parts.buttons(tool, gold, (0.0,), t.y + 0.35 * u, t.hip_y, 5, 0.075)
    if chance(rng, 0.4):
        parts.pocket(tool, c, 1, t.bust_y, patch=False)
    gap = 0.06 * u if not opened else 0.6 * t.neck
    trim = col.WHITE if chance(rng, 0.3) else None
    tool.add("over", lambda w: parts.stand_collar(w, c, uniform(rng, 0.5, 0.8), gap=gap, trim=trim))
    parts.stand_collar(tool, c, 0.6, gap=gap)
    tool.sleeve = Sleeve(c, LONG, ease=0.36)

"""Dresses and clothes that leave the shoulders bare: camisoles, off-shoulder tops, swimsuits, bodysuits."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.garments import bottoms, parts
from cubiseg.portraits.garments.base import Tailor, round_neck
from cubiseg.portraits.garments.gowns import gown
from cubiseg.portraits.garments.patterns import weave
from cubiseg.portraits.garments.sleeves import ELBOW, LONG, Sleeve
from cubiseg.portraits.paint import spline
from cubiseg.portraits.rng import chance, uniform
from cubiseg.portraits.tables import xy


def bust_edge(tool: Tailor, top: float, dip: float, heart: float) -> np.ndarray:
    """The upper edge's right half of a strapless bodice, from the side to the middle; ``heart``: sweetheart curve."""
    t, u = tool.torso, tool.torso.long
    w = float(np.interp(top + 0.12 * u, *t.flank(0.03)[:, ::-1].T))
    w = min(w, t.shoulder - 1.45 * t.arm)
    xs = (w, 0.75 * w, 0.36 * w, 0.0)
    return xy(xs, (top + 0.12 * u, top - 0.03 * u - heart, top - 0.02 * u - 0.8 * heart, top + dip))


def straps(tool: Tailor, edge: np.ndarray, colour: col.Colour, width: float, *, halter: bool = False) -> None:
    """Two straps from the bodice over the shoulders, or to the nape."""
    t = tool.torso
    x0, y0 = 0.72 * edge[0, 0], float(edge[1, 1]) + 0.1 * t.long
    for s in (-1, 1):
        x1 = t.neck * 1.02 if halter else t.neck + 0.5 * (t.shoulder - t.neck)
        y1 = float(t.shoulder_line(x1, x1, n=1)[0, 1])
        line = spline(np.array([(x0, y0), (0.6 * x0 + 0.4 * x1, 0.5 * (y0 + y1)), (x1, y1)]) * (s, 1), 12)
        tool.stripe(line, colour, width, 0.1, inked=True)


def camisole(tool: Tailor) -> None:
    """Camisole or summer dress with thin straps, lace or a frill at the edge."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    c = tool.white(0.25)
    bottoms.skirt(tool, c, uniform(rng, 1.8, 3.2), flare=uniform(rng, 0.25, 0.6))
    edge = bust_edge(tool, t.y + uniform(rng, 0.75, 1.05) * u, uniform(rng, 0.0, 0.15) * u, uniform(rng, 0, 0.06) * u)
    colour = tool.second if chance(rng, 0.3) else c
    straps(tool, edge, colour, uniform(rng, 0.035, 0.16) * u**0.5, halter=chance(rng, 0.15))
    pattern = weave(tool, c, {"plain": 3, "dots": 0.6, "checks": 0.6, "blossoms": 1, "stripes": 0.5})
    tool.cloth(edge, c, grow=0.03, top=edge[0, 1], hem=t.waist_y + 0.15 * u, weave=pattern)
    full = tool.both(edge)
    if chance(rng, 0.55):
        parts.frill(tool, full, col.WHITE if chance(rng, 0.5) else tool.second, uniform(rng, 0.12, 0.3) * u)
    else:
        tool.stripe(full, tool.second, 0.07 * u, inked=True)
    if chance(rng, 0.5):
        parts.bow(tool, tool.accent, edge[-1, 1] + 0.08 * u, uniform(rng, 0.1, 0.32) * u)
    if chance(rng, 0.4):
        parts.belt(tool, tool.accent, t.waist_y - 0.1 * u, 0.18 * u)
    if chance(rng, 0.2):
        tool.sleeve = Sleeve(c, LONG, start=0.42, ease=0.25, flare=0.35, frill=col.WHITE if chance(rng, 0.5) else None)


def frilled_top(tool: Tailor) -> None:
    """A camisole as a top, bare shoulders, its hem and edge frilled, over a short skirt, shorts or jeans."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    bottoms.usual(tool, tool.second)
    c = tool.white(0.4)
    trim = c if chance(rng, 0.5) else col.WHITE if chance(rng, 0.6) else tool.second
    edge = bust_edge(tool, t.y + uniform(rng, 0.7, 1.0) * u, uniform(rng, 0.0, 0.25) * u, uniform(rng, 0, 0.08) * u)
    straps(tool, edge, trim, uniform(rng, 0.03, 0.14) * u**0.5, halter=chance(rng, 0.2))
    hem, flare = t.waist_y + uniform(rng, -0.35, 0.9) * u, uniform(rng, 0.0, 0.3) * t.shoulder
    flare = flare if hem > t.waist_y else 0.0
    pattern = weave(tool, c, {"plain": 3, "stripes": 0.8, "checks": 0.6, "dots": 0.6, "blossoms": 1.2})
    low = tool.half(edge, grow=0.05 * u, hem=hem, flare=flare, top=edge[0, 1])[-1]
    if chance(rng, 0.75):
        parts.frill(tool, xy((-low[0], 0.0, low[0]), (hem, hem + 0.04 * u, hem)), trim, uniform(rng, 0.15, 0.35) * u)
    tool.cloth(edge, c, grow=0.05 * u, top=edge[0, 1], hem=hem, flare=flare, weave=pattern)
    if chance(rng, 0.6):
        parts.frill(tool, tool.both(edge), trim, uniform(rng, 0.14, 0.5) * u)
    else:
        tool.stripe(tool.both(edge), trim, 0.07 * u, inked=True)
    if chance(rng, 0.35):  # gathered below the bust
        y = t.bust_y + 0.38 * u
        x = float(np.interp(y, *t.flank(0.05 * u)[:, ::-1].T))
        tool.stripe(xy((-x, 0, x), (y, y + 0.05 * u, y)), trim, 0.08 * u, inked=True)
    if chance(rng, 0.4):
        parts.bow(tool, tool.accent, edge[-1, 1] + 0.1 * u, uniform(rng, 0.14, 0.3) * u)
    if chance(rng, 0.15):
        tool.sleeve = Sleeve(trim, ELBOW, start=0.22, ease=0.35, puff=0.4, frill=trim)


def off_shoulder(tool: Tailor) -> None:
    """A wide neckline that lies below the shoulders, with sleeves or a broad frill."""
    t, rng, u, s = tool.torso, tool.rng, tool.torso.long, tool.torso.shoulder
    bottoms.usual(tool, tool.second)
    c = tool.white(0.2)
    y = t.top + uniform(rng, 0.4, 0.75) * u
    edge = np.array(
        [(s - 1.45 * t.arm, y - 0.02), (0.5 * s, y + 0.16 * u), (0.25 * s, y + 0.2 * u), (0.0, y + 0.22 * u)]
    )
    pattern = weave(tool, c, {"plain": 3, "stripes": 1, "blossoms": 0.5, "cable": 0.8})
    tool.cloth(edge, c, grow=0.06 * u, top=y, weave=pattern)
    length, puff, flare = (ELBOW, LONG)[int(chance(rng, 0.6))], 0.3 if chance(rng, 0.5) else 0.0, uniform(rng, 0, 0.4)
    tool.sleeve = Sleeve(c, length, start=0.22, ease=0.35, puff=puff, flare=flare, cuff=(c, 0.05), pattern=pattern)
    frilled, depth = chance(rng, 0.6), uniform(rng, 0.25, 0.5) * u

    def rim(w: Tailor) -> None:
        out = np.array([(s + 0.22 * t.arm, y + 0.02 * u), (s - 0.8 * t.arm, y + 0.04 * u), *edge[1:]])
        full = w.both(out)
        if frilled:
            parts.frill(w, full, col.WHITE if chance(rng, 0.3) else c, depth)
        else:
            w.stripe(spline(full, 40), c, 0.22 * u, 0.05, inked=True)
        if chance(rng, 0.3):
            parts.bow(w, w.accent, y + 0.3 * u, 0.28 * u)

    tool.add("over", rim)
    if chance(rng, 0.4):
        straps(tool, edge, c, 0.06 * u**0.5)


def dress(tool: Tailor) -> None:
    """Dress with puffed or long sleeves, a collar or frills, a sash with a bow."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    c, trim = tool.white(0.1), col.WHITE if chance(rng, 0.6) else tool.second
    pattern = weave(tool, c, {"plain": 3, "dots": 0.6, "blossoms": 0.8, "plaid": 0.5, "stripes": 0.4})
    length = uniform(rng, 1.8, 3.4)
    bottoms.skirt(tool, c, length, flare=uniform(rng, 0.3, 0.7), weave=pattern, trim=trim if chance(rng, 0.5) else None)
    neck = round_neck(t, t.neck * uniform(rng, 1.15, 2.0), uniform(rng, 0.08, 0.5) * u)
    tool.cloth(neck, c, grow=0.04 * u, hem=t.waist_y + 0.12 * u, weave=pattern)
    if chance(rng, 0.35):
        for k in range(3):
            x = (0.16 + 0.12 * k) * t.shoulder
            for q in (-1, 1):
                points = np.array([(q * x, t.bust_y - 0.4 * u), (q * 0.8 * x, t.waist_y)])
                tool.stripe(points, tool.shade(c), 0.03 * u, 0.25)
    parts.buttons(tool, trim, (0.0,), t.y + 0.55 * u, t.waist_y - 0.1 * u, 4, 0.05)
    parts.belt(tool, tool.accent if chance(rng, 0.6) else trim, t.waist_y - 0.1 * u, 0.22 * u)
    if chance(rng, 0.4):
        parts.bow(tool, tool.accent, t.waist_y, 0.4 * u)
    short = chance(rng, 0.55)
    length, puff = 0.3 if short else LONG, uniform(rng, 0.3, 0.75) if short else 0.15
    frill = trim if chance(rng, 0.4) else None
    tool.sleeve = Sleeve(c, length, ease=0.3, puff=puff, cuff=(trim, 0.06), frill=frill, pattern=pattern)
    kind = rng.random()

    def top(w: Tailor) -> None:
        if kind < 0.4:
            parts.frill(w, w.both(neck), trim, uniform(rng, 0.15, 0.3) * u)
        elif kind < 0.75:
            for s in (-1, 1):  # a round Peter Pan collar
                xs = (t.neck * 1.02, t.neck * 1.3 + 0.1, t.neck * 1.4 + 0.16 * u, t.neck + 0.05, 0.02, 0.0)
                flap = xy(xs, (t.y - 0.12, t.y, t.y + 0.3 * u, t.y + 0.48 * u, t.y + 0.26 * u, t.y + 0.1 * u))
                with w.board.on("neckwear"):
                    w.piece(flap * (s, 1), trim, 0.15, smooth=40)
        if chance(rng, 0.6):
            parts.neck_bow(w, w.accent, t.y + 0.3 * u, uniform(rng, 0.16, 0.4) * u)

    tool.add("over", top)


def halter(tool: Tailor) -> None:
    """A sleeveless top or dress with a high collar and bare shoulders, often with sleeves worn apart from it."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    c = tool.white(0.4)
    pattern = weave(tool, c, {"plain": 4, "stripes": 0.6, "dots": 0.4, "checks": 0.3, "blossoms": 0.4})
    neck, cover = round_neck(t, t.neck * 1.1, 0.05 * u), uniform(rng, 0.45, 0.75)
    trim = tool.accent if chance(rng, 0.5) else tool.second
    if chance(rng, 0.5):
        gown(tool, neck, c, uniform(rng, 1.4, 3.2), grow=0.03, cover=cover, flare=uniform(rng, 0.0, 0.5), weave=pattern)
    else:
        bottoms.usual(tool, tool.second)
        hem = t.waist_y + uniform(rng, -0.3, 0.6) * u
        tool.cloth(neck, c, grow=0.02, cover=cover, hem=hem, weave=pattern)
    if chance(rng, 0.6):
        cloth = c if chance(rng, 0.6) else trim
        length, flare, drop = (LONG, ELBOW + 0.2)[int(chance(rng, 0.2))], uniform(rng, 0.0, 1.3), uniform(rng, 0.3, 1.2)
        tool.sleeve = Sleeve(
            cloth,
            length,
            start=uniform(rng, 0.26, 0.46),
            ease=uniform(rng, 0.15, 0.45),
            flare=flare,
            drop=drop * u if chance(rng, 0.25) else 0.0,
            cuff=(trim, 0.05) if flare < 0.4 else None,
            stripes=[(0.5, trim, 0.06 * u)],
            pattern=pattern if cloth == c else None,
        )
    kind = rng.random()

    def top(w: Tailor) -> None:
        parts.stand_collar(w, c if kind < 0.5 else trim, uniform(rng, 0.4, 0.85), trim=trim if kind < 0.7 else None)
        if kind > 0.6:
            parts.neck_bow(w, trim, t.y + 0.2 * u, uniform(rng, 0.15, 0.35) * u)
        elif kind > 0.35:
            parts.tie(w, trim, t.y + 0.1 * u)

    tool.add("over", top)


def sundress(tool: Tailor) -> None:
    """A dress in one piece without sleeves: straps, strapless or a wide neck, to the thighs or the floor."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    c = tool.white(0.4)
    pattern = weave(tool, c, {"plain": 2, "dots": 0.7, "checks": 0.6, "blossoms": 1.4, "stripes": 0.7})
    length, flare = uniform(rng, 1.3, 5.0), uniform(rng, 0.0, 0.6)
    trim = tool.second if chance(rng, 0.4) else None
    if chance(rng, 0.35):
        neck = round_neck(t, t.neck * uniform(rng, 1.3, 2.0), uniform(rng, 0.3, 0.7) * u)
        gown(tool, neck, c, length, grow=0.05, cover=0.78, flare=flare, weave=pattern, trim=trim)
        return
    edge = bust_edge(tool, t.y + uniform(rng, 0.75, 1.05) * u, uniform(rng, 0.0, 0.2) * u, uniform(rng, 0, 0.06) * u)
    if chance(rng, 0.8):
        straps(tool, edge, c, uniform(rng, 0.04, 0.16) * u**0.5, halter=chance(rng, 0.25))
    gown(tool, edge, c, length, grow=0.03, top=edge[0, 1], flare=flare, weave=pattern, trim=trim)
    if chance(rng, 0.4):
        parts.frill(tool, tool.both(edge), trim or col.WHITE, uniform(rng, 0.14, 0.3) * u)


def swimsuit(tool: Tailor) -> None:
    """One-piece or two-piece swimsuit, plain, striped or frilled."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    c = tool.main
    two = chance(rng, 0.4)
    edge = bust_edge(tool, t.y + uniform(rng, 0.8, 1.0) * u, uniform(rng, 0.1, 0.35) * u, 0.05 * u)
    straps(tool, edge, c, uniform(rng, 0.05, 0.2) * u**0.5, halter=chance(rng, 0.4))
    xs = (t.hip + 0.01, 0.6 * t.hip, 0.2 * t.hip, 0)
    low = xy(xs, (t.hip_y + 0.02 * u, t.crotch - 0.12 * u, t.crotch + 0.05 * u, t.crotch + 0.08 * u))
    pattern = weave(tool, c, {"plain": 4, "stripes": 1, "dots": 0.6, "blossoms": 0.6})
    if two:
        top = np.array([(t.hip, t.hip_y - 0.16 * u), (0, t.hip_y - 0.05 * u)])
        with tool.board.on("bottomwear"):
            tool.piece(tool.both(np.vstack([top[::-1], low])[:-1]), c, 0.0)
        tool.cloth(edge, c, grow=0.015, top=edge[0, 1], hem=t.bust_y + 0.35 * u, weave=pattern)
        if chance(rng, 0.5):
            parts.frill(tool, tool.both(edge) + np.array([0, 0.05 * u]), tool.second, 0.3 * u)
    else:
        side = t.flank(0.015, t.hip_y)
        side = side[side[:, 1] > edge[0, 1]]
        half = np.vstack([spline(edge[::-1], 16), side, low])
        shape = tool.piece(np.vstack([half, t.mirrored(half)]), c, 0.0)
        if pattern:
            pattern(tool.board, shape)
        tool.drape(shape, c)
    tool.stripe(tool.both(edge), tool.second, 0.06 * u**0.5)
    if chance(rng, 0.3):
        parts.bow(tool, tool.accent, edge[-1, 1] + 0.05 * u, 0.2 * u)
    if chance(tool.who.rng("pareo"), 0.2):
        cloth = tool.second if chance(tool.who.rng("pareo"), 0.6) else tool.accent
        bottoms.skirt(tool, cloth, uniform(tool.who.rng("pareo length"), 1.4, 3.4), flare=0.08, waist=0.45 * u)


def bodysuit(tool: Tailor) -> None:
    """Tight suit with seams, panels and lights, as pilots wear it."""
    t, rng, u, s = tool.torso, tool.rng, tool.torso.long, tool.torso.shoulder
    c, panel, glow = tool.main, tool.second, col.light(tool.accent, 0.3)
    bottoms.trousers(tool, c)
    tool.cloth(round_neck(t, t.neck * 1.1, 0.05 * u), c, grow=0.015, hem=t.hip_y + 0.15 * u)
    for q in (-1, 1):
        side = t.flank(0.0, t.hip_y)
        inner = side * (0.72, 1)
        tool.piece(np.vstack([side, inner[::-1]]) * (q, 1), panel, 0.0)
        xs = (t.neck * 1.2, 0.62 * s, 0.6 * s, 0.1 * s, 0.1 * s)
        ys = (t.y + 0.02, t.y + 0.75 * t.drop, t.bust_y - 0.25 * u, t.bust_y + 0.1 * u, t.y + 0.5 * u)
        points = xy(xs, ys) * (q, 1)
        tool.piece(points, panel if chance(rng, 0.5) else c, 0.15)
        seam = np.array(
            [(0.12 * s, t.y + 0.4 * u), (0.3 * s, t.bust_y + 0.3 * u), (0.2 * s, t.waist_y), (0.4 * s, t.crotch)]
        ) * (q, 1)
        tool.board.ink(spline(tool.px(seam, 0.2), 24), tool.ink(c), tool.line)
        if chance(rng, 0.6):
            tool.stripe(spline(seam * (0.75, 1), 20), glow, 0.05 * u, 0.2)
    if chance(rng, 0.6):
        parts.zip_(tool, tool.who.metal, t.y + 0.1 * u, t.waist_y)
    tool.piece(np.array([(-0.16, 0), (0, -0.13), (0.16, 0), (0, 0.16)]) * u + (0, t.y + 0.75 * u), glow, 0.35)
    stripes = [(0.25, panel, 0.16 * u), (0.6, glow, 0.05 * u), (0.85, panel, 0.12 * u)]
    tool.sleeve = Sleeve(c, LONG, ease=0.06, stripes=stripes, edge=glow if chance(rng, 0.4) else None)
    high = uniform(rng, 0.5, 0.9)
    tool.add("over", lambda w: parts.stand_collar(w, panel, high, trim=glow if chance(rng, 0.4) else None))

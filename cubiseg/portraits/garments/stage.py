"""Maid's and gothic dresses, idols' stage dresses."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.garments import bottoms, parts
from cubiseg.portraits.garments.bare import bust_edge, straps
from cubiseg.portraits.garments.base import Tailor, round_neck
from cubiseg.portraits.garments.patterns import emblem, weave
from cubiseg.portraits.garments.sleeves import LONG, Sleeve
from cubiseg.portraits.paint import spline
from cubiseg.portraits.rng import chance, uniform
from cubiseg.portraits.tables import xy


def maid(tool: Tailor) -> None:
    """Dark dress, white apron with frilled straps, collar with a bow."""
    t, rng, u, s = tool.torso, tool.rng, tool.torso.long, tool.torso.shoulder
    c = col.shade(tool.main, 0.8) if col.luma(tool.main) > 0.35 and chance(rng, 0.6) else tool.main
    white = col.WHITE if col.luma(c) < 0.8 else tool.second
    bottoms.skirt(tool, c, uniform(rng, 1.8, 3.6), flare=0.6, trim=white)
    tool.cloth(round_neck(t, t.neck * 1.15, 0.08 * u), c, grow=0.04 * u, hem=t.waist_y + 0.1 * u)
    short = chance(rng, 0.5)
    puff = uniform(rng, 0.4, 0.8) if short else 0.2
    tool.sleeve = Sleeve(c, 0.32 if short else LONG, ease=0.3, puff=puff, cuff=(white, 0.06), frill=white)
    top = t.y + uniform(rng, 0.8, 1.1) * u
    w = uniform(rng, 0.36, 0.48) * s
    low = t.waist_y + 1.5 * u
    xs = (0, 0.6 * w, w, w * 1.02, t.waist * 0.8, t.waist * 1.1, 0.7 * t.waist, 0)
    bib = xy(xs, (top, top - 0.02, top + 0.02, t.waist_y - 0.3 * u, t.waist_y, t.waist_y + 0.7 * u, low, low + 0.1 * u))
    tool.piece(np.vstack([bib, t.mirrored(bib)]), white, 0.2)
    parts.frill(tool, np.array([(w, top + 0.02), (0, top - 0.02), (-w, top + 0.02)]), white, 0.18 * u, 0.2)
    parts.belt(tool, white, t.waist_y - 0.12 * u, 0.22 * u)

    def over(x: Tailor) -> None:
        for q in (-1, 1):
            x0 = t.neck + 0.55 * (s - t.neck)
            line = np.array(
                [
                    (w, top + 0.15 * u),
                    (0.5 * (w + x0) + 0.02, 0.5 * (top + t.y + 0.6 * t.drop)),
                    (x0, t.y + 0.6 * t.drop - 0.05),
                ]
            ) * (q, 1)
            wing = spline(np.array([line[2] + (q * 0.1 * u, 0.06 * u), line[1] + (q * 0.1 * u, 0), line[0]]), 20)
            parts.frill(x, wing + np.array([q * 0.12 * u, 0.0]), white, 0.34 * u, 0.1, waves=7)
            x.stripe(spline(line, 12), white, 0.2 * u, 0.12, inked=True)
        if chance(rng, 0.5):
            parts.collar(x, white, t.neck + 0.1, 0.2 * u)
        else:
            parts.frill(x, x.both(round_neck(t, t.neck * 1.12, 0.04 * u)), white, 0.2 * u)
        if chance(rng, 0.85):
            parts.neck_bow(x, x.accent, t.y + 0.25 * u, uniform(rng, 0.22, 0.45) * u)

    tool.add("over", over)


def gothic(tool: Tailor) -> None:
    """Lolita or gothic dress: frills in tiers, lacing, a big bow."""
    t, rng, u, s = tool.torso, tool.rng, tool.torso.long, tool.torso.shoulder
    c, lace = (
        tool.main,
        (col.WHITE if col.luma(tool.main) < 0.7 else (0.12, 0.1, 0.14)) if chance(rng, 0.7) else tool.second,
    )
    pattern = weave(tool, c, {"plain": 3, "plaid": 0.6, "stripes": 0.6, "dots": 0.4})
    bottoms.skirt(tool, c, uniform(rng, 1.6, 2.4), flare=0.75, trim=lace, weave=pattern)
    tool.cloth(round_neck(t, t.neck * 1.2, 0.08 * u), c, grow=0.03 * u, hem=t.waist_y + 0.12 * u, weave=pattern)
    w = 0.26 * s
    xs = (0, 0.9 * w, w, 0.7 * w, 0)
    panel = xy(xs, (t.y + 0.1 * u, t.y + 0.12 * u, t.bust_y, t.waist_y + 0.05 * u, t.waist_y + 0.1 * u))
    tool.piece(np.vstack([panel, t.mirrored(panel)]), lace, 0.25)
    for k in range(3):
        edge = np.array(
            [(w, t.y + (0.35 + 0.36 * k) * u), (0, t.y + (0.42 + 0.36 * k) * u), (-w, t.y + (0.35 + 0.36 * k) * u)]
        )
        parts.frill(tool, edge, lace, 0.2 * u, 0.27, waves=6)
    for k in range(4):  # lacing at the waist
        y = t.bust_y + (0.3 + 0.12 * k) * u
        tool.stripe(np.array([(-0.6 * w, y), (0.6 * w, y + 0.1 * u)]), tool.accent, 0.03 * u, 0.28)
        tool.stripe(np.array([(0.6 * w, y), (-0.6 * w, y + 0.1 * u)]), tool.accent, 0.03 * u, 0.28)
    puff = chance(rng, 0.6)
    length, sleeve_puff = 0.34 if puff and chance(rng, 0.4) else 0.95, 0.6 if puff else 0.1
    flare, cuff = 0.0 if puff else 0.7, (tool.accent, 0.03)
    tool.sleeve = Sleeve(c, length, ease=0.3, puff=sleeve_puff, flare=flare, frill=lace, cuff=cuff, pattern=pattern)

    def neck(x: Tailor) -> None:
        parts.stand_collar(x, lace, 0.6)
        parts.frill(x, x.both(round_neck(t, t.neck * 1.2, 0.1 * u)), lace, 0.26 * u)
        parts.neck_bow(x, x.accent, t.y + 0.3 * u, uniform(rng, 0.3, 0.6) * u)

    tool.add("over", neck)


def idol(tool: Tailor) -> None:
    """Stage dress: strapless or short-sleeved bodice with sequins, big bow, tiered frills, detached sleeves."""
    t, rng, u, s = tool.torso, tool.rng, tool.torso.long, tool.torso.shoulder
    c, trim = tool.main, col.WHITE if chance(rng, 0.5) else tool.second
    bottoms.skirt(tool, trim, 2.2, flare=0.8)
    bottoms.skirt(tool, c, 1.7, flare=0.75, pleats=9, trim=tool.who.metal)
    edge = bust_edge(tool, t.y + uniform(rng, 0.7, 0.95) * u, 0.08 * u, 0.07 * u)
    if chance(rng, 0.6):
        straps(tool, edge, trim, 0.1 * u**0.5, halter=chance(rng, 0.4))
    shape = tool.cloth(edge, c, grow=0.02, top=edge[0, 1], hem=t.waist_y + 0.1 * u)
    with tool.board.clipped(shape):
        centre = np.array([(0.2 * s, t.y), (0.12 * s, t.waist_y), (-0.12 * s, t.waist_y), (-0.2 * s, t.y)])
        tool.piece(centre, trim, 0.2)
        for q in (-1, 1):
            tool.stripe(np.array([(q * 0.2 * s, t.y), (q * 0.12 * s, t.waist_y)]), tool.who.metal, 0.06 * u, 0.2)
    parts.buttons(tool, tool.who.metal, (0.0,), t.bust_y, t.waist_y - 0.2 * u, 3, 0.06)
    parts.frill(tool, tool.both(edge), trim, uniform(rng, 0.2, 0.35) * u)
    parts.belt(tool, tool.accent, t.waist_y - 0.1 * u, 0.2 * u)
    parts.bow(tool, tool.accent, edge[-1, 1] + 0.12 * u, uniform(rng, 0.35, 0.65) * u)
    emblem(tool, 0.0, edge[-1, 1] + 0.12 * u, 0.1 * u, tool.who.metal, 0.35, kind="star")
    start = 0.5 if chance(rng, 0.4) else 0.25
    length, puff, flare = 0.42 if start < 0.4 else 1.0, 0.5 if start < 0.4 else 0.0, 0.4 if start > 0.4 else 0.0
    tool.sleeve = Sleeve(c, length, start=start, ease=0.3, puff=puff, flare=flare, frill=trim, cuff=(trim, 0.04))

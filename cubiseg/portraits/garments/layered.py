"""Cardigans, vests, pinafores and dungarees over a shirt."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.garments import bottoms, parts
from cubiseg.portraits.garments.base import Tailor, round_neck, v_neck
from cubiseg.portraits.garments.patterns import weave
from cubiseg.portraits.garments.school import neckwear, skirt_or_trousers
from cubiseg.portraits.garments.sleeves import LONG, SHORT, Sleeve
from cubiseg.portraits.paint import spline
from cubiseg.portraits.rng import chance, uniform


def cardigan(tool: Tailor) -> None:
    """Knitted cardigan or vest over a shirt or a dress, with a bow or a tie."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    skirt_or_trousers(tool, tool.second)
    tool.cloth(v_neck(t, t.neck * 1.1, 0.05), col.WHITE, grow=0.03)
    vest = chance(rng, 0.4)
    half = v_neck(t, t.neck * 1.3 + 0.05, uniform(rng, 0.8, 1.6) * u)
    hem = t.hip_y + uniform(rng, 0.0, 0.5) * u
    knit = weave(tool, tool.main, {"cable": 2, "plain": 2, "argyle": 0.7 * vest + 0.01})
    tool.cloth(half, tool.main, grow=0.1 * u, cover=0.82 if vest else 1.0, hem=hem, weave=knit)
    rim = tool.shade(tool.main) if chance(rng, 0.5) else tool.second
    tool.stripe(tool.both(half), rim, 0.1 * u**0.5)
    if not vest:
        line = tool.px(np.array([(0.04, half[-1, 1]), (0.04, t.waist_y), (0.05, hem)]), 0.3)
        tool.board.ink(line, tool.ink(tool.main), tool.line)
        parts.buttons(tool, col.light(rim, 0.4), (0.0,), half[-1, 1] + 0.12 * u, hem - 0.1 * u, 4, 0.055)
    colour, length = col.WHITE if vest else tool.main, LONG if not vest or chance(rng, 0.6) else SHORT
    cuff = (col.WHITE if vest else rim, 0.08)
    tool.sleeve = Sleeve(colour, length, ease=0.3, cuff=cuff, pattern=None if vest else knit)
    if not vest and chance(rng, 0.3):
        tool.sleeve.length = 1.0
        tool.sleeve.flare = 0.25
    long = uniform(rng, 0.18, 0.34) * u

    def neck(w: Tailor) -> None:
        neckwear(w, t.y + 0.12 * u)
        parts.collar(w, col.WHITE, t.neck * 0.8 + 0.15, long)

    tool.add("over", neck)


def pinafore(tool: Tailor) -> None:
    """Pinafore dress or dungarees over a blouse or T-shirt."""
    t, rng, u, s = tool.torso, tool.rng, tool.torso.long, tool.torso.shoulder
    under = tool.white(0.0) if chance(rng, 0.2) else col.mix(col.WHITE, tool.second, uniform(rng, 0, 0.4))
    over = tool.main if abs(col.luma(tool.main) - col.luma(under)) > 0.12 else col.shade(tool.accent, 0.5)
    jeans = chance(rng, 0.45)
    if jeans:
        over = col.hsv(uniform(rng, 0.57, 0.64), uniform(rng, 0.3, 0.65), uniform(rng, 0.35, 0.75))
        bottoms.trousers(tool, over)
    else:
        length = uniform(rng, 1.8, 2.8)
        bottoms.skirt(tool, over, length, flare=uniform(rng, 0.15, 0.4), pleats=8 if chance(rng, 0.5) else 0)
    pattern = weave(tool, under, {"plain": 2, "stripes": 2, "dots": 0.5})
    tool.cloth(round_neck(t, t.neck * 1.15, 0.12 * u), under, grow=0.06 * u, weave=pattern)
    length, puff = (SHORT, LONG)[int(chance(rng, 0.5))], 0.25 if chance(rng, 0.4) else 0.0
    tool.sleeve = Sleeve(under, length, ease=0.32, puff=puff, cuff=(under, 0.06), pattern=pattern)
    top = t.y + uniform(rng, 0.85, 1.25) * u
    w = uniform(rng, 0.36, 0.5) * s
    half = np.array([(w, top), (0.5 * w, top + 0.02), (0, top + 0.03)])
    bib = np.vstack(
        [
            half[::-1],
            [
                (w + 0.03, t.waist_y - 0.4 * u),
                (t.waist + 0.04, t.waist_y - 0.1 * u),
                (t.waist + 0.04, t.waist_y + 0.3 * u),
            ],
        ]
    )
    tool.piece(np.vstack([bib, t.mirrored(bib)]), over, 0.2)

    def straps(x: Tailor) -> None:
        for q in (-1, 1):
            strap = np.array(
                [
                    (q * 0.85 * w, top + 0.1 * u),
                    (q * 0.95 * w, t.y + 0.55 * t.drop + 0.1 * u),
                    (q * (t.neck + 0.5 * (s - t.neck)), t.y + 0.55 * t.drop),
                ]
            )
            x.stripe(spline(strap, 10), over, 0.16 * u, 0.15, inked=True)
        if not jeans and chance(rng, 0.5):
            neckwear(x, t.y + 0.1 * u)
        parts.collar(x, under, t.neck * 0.9 + 0.12, 0.2 * u)
        parts.buttons(x, x.who.metal, (-0.85 * w / s, 0.85 * w / s), top + 0.12 * u, top + 0.12 * u, 1, 0.07, 0.25)

    if jeans:
        parts.pocket(tool, over, 1, top + 0.25 * u, 0.0, 0.4)
    tool.add("over", straps)

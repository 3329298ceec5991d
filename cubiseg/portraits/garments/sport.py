"""Sports wear: tracksuits, tank tops, team shirts."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.garments import bottoms, parts
from cubiseg.portraits.garments.base import Tailor, round_neck, v_neck
from cubiseg.portraits.garments.patterns import emblem, weave
from cubiseg.portraits.garments.sleeves import LONG, SHORT, Sleeve
from cubiseg.portraits.rng import chance, uniform


def tracksuit(tool: Tailor) -> None:
    """Zipped sports jacket with stripes along the sleeves."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    c, stripe = tool.main, col.WHITE if col.luma(tool.main) < 0.75 else tool.accent
    bottoms.trousers(tool, c)
    opened = uniform(rng, 0.0, 1.2) * u
    tool.cloth(round_neck(t, t.neck * 1.15, 0.1 * u), tool.white(0.9), grow=0.03)
    shape = tool.cloth(v_neck(t, t.neck * 1.18, max(opened, 0.08 * u)), c, grow=0.12 * u, hem=t.hip_y + 0.3 * u)
    parts.zip_(tool, tool.who.metal, t.y + max(opened, 0.1 * u), t.hip_y + 0.3 * u)
    if chance(rng, 0.5):
        with tool.board.clipped(shape):
            for k in range(2):
                points = np.array(
                    [
                        (-1.2 * t.shoulder, t.bust_y - 0.15 * u + 0.16 * k * u),
                        (0, t.bust_y + 0.16 * k * u),
                        (1.2 * t.shoulder, t.bust_y - 0.15 * u + 0.16 * k * u),
                    ]
                )
                tool.stripe(points, stripe, 0.08 * u)
    emblem(tool, 0.42 * t.shoulder, t.bust_y - 0.2 * u, 0.12 * u, stripe)
    tool.sleeve = Sleeve(c, LONG, ease=0.4, edge=stripe, cuff=(stripe if chance(rng, 0.3) else c, 0.06))
    if opened > 0.4 * u:
        tool.add("over", lambda w: parts.collar(w, c, t.neck * 1.2 + 0.15, 0.3 * u, open_=0.3 * opened, trim=stripe))
    else:
        tool.add("over", lambda w: parts.stand_collar(w, c, 0.6, gap=0.03 * u, trim=stripe))


def tank(tool: Tailor) -> None:
    """Tank top, camisole or sports top with straps."""
    t, rng, u, s = tool.torso, tool.rng, tool.torso.long, tool.torso.shoulder
    bottoms.usual(tool, tool.second)
    c = tool.white(0.2)
    wide = t.neck + uniform(rng, 0.12, 0.32) * (s - t.neck)
    neck = round_neck(t, wide, uniform(rng, 0.4, 0.8) * u)
    cover = (wide + uniform(rng, 0.08, 0.28) * u**0.5) / s
    crop = chance(rng, 0.25)
    pattern = weave(tool, c, {"plain": 3, "stripes": 0.8, "dots": 0.3, "blossoms": 0.3})
    tool.cloth(neck, c, grow=0.02 * u, cover=min(cover, 0.86), hem=t.bust_y + 0.5 * u if crop else None, weave=pattern)
    if not pattern and chance(rng, 0.35):
        emblem(tool, 0.0, t.bust_y + 0.15 * u, 0.3 * u, tool.accent)
    tool.stripe(tool.both(neck), tool.second if chance(rng, 0.4) else tool.shade(c), 0.05 * u**0.5)


def sports(tool: Tailor) -> None:
    """Sleeveless sports shirt with a number and piping, or a team's shirt."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    c, trim = tool.main, col.WHITE if col.luma(tool.main) < 0.7 else tool.accent
    bottoms.trousers(tool, c, t.crotch + uniform(rng, 0.5, 1.4) * u)
    sleeveless = chance(rng, 0.55)
    neck = v_neck(t, t.neck * 1.35 + 0.05, uniform(rng, 0.35, 0.6) * u)
    tool.cloth(neck, c, grow=0.1 * u, cover=0.8 if sleeveless else 1.0)
    tool.stripe(tool.both(neck), trim, 0.09 * u**0.5, inked=True)
    emblem(tool, 0.0, t.bust_y + 0.2 * u, 0.3 * u, trim, kind="number")
    for q in (-1, 1):
        flank = t.flank(0.0, min(t.hip_y + 0.4 * u, tool.tail)) * (q, 1)
        tool.stripe(flank - (q * 0.05 * u, 0), trim, 0.09 * u)
    if not sleeveless:
        tool.sleeve = Sleeve(c, SHORT + 0.05, ease=0.35, flare=0.2, edge=trim, cuff=(trim, 0.03))

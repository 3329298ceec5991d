"""Sailor uniform, shirt and tie, suit, blazer."""

import numpy as np

from cubiseg.sources.synthetic import colour as col
from cubiseg.sources.synthetic.garments.base import Tailor, v_neck
from cubiseg.sources.synthetic.rng import chance, uniform


def sailor(tool: Tailor) -> None:
    """Sailor blouse: wide collar with stripes, scarf or bow."""
    who, t, rng = tool.who, tool.torso, tool.rng
    body = col.WHITE if chance(rng, 0.55) else who.cloth
    collar = who.cloth2 if col.luma(who.cloth2) < 0.7 or body != col.WHITE else col.shade(who.accent, 0.6)
    depth, n = uniform(rng, 0.75, 1.25), t.neck
    tool.cloth(v_neck(t, n * 1.2, depth), body)
    if chance(rng, 0.6):
        tool.piece(
            np.array([(-0.4 * n, t.y + 0.35 * depth), (0.4 * n, t.y + 0.35 * depth), (0, t.y + depth)]), collar, 0.1
        )
    stripe = col.WHITE if col.luma(collar) < 0.75 else who.accent
    wide = uniform(rng, 0.62, 0.88) * t.shoulder
    for s in (-1, 1):
        flap = np.array([(s * n * 1.1, t.y - 0.28), (s * (n + 0.55 * (wide - n)), t.y - 0.04), (s * wide, t.y + 0.34),
                         (s * 0.9 * wide, t.y + 0.75), (s * 0.35 * wide, t.y + 0.9 * depth), (0, t.y + depth + 0.12),
                         (s * 0.55 * n, t.y + 0.45 * depth)])  # fmt: skip
        shape = tool.piece(flap, collar, 0.12)
        with tool.board.clipped(shape):
            for k in (0.1, 0.19)[: 1 + int(chance(rng, 0.6))]:
                edge = np.array(
                    [
                        (s * (wide - k), t.y + 0.2),
                        (s * (0.9 * wide - k), t.y + 0.72 - k),
                        (s * 0.35 * wide, t.y + 0.9 * depth - k * 1.2),
                        (0, t.y + depth + 0.1 - 1.1 * k),
                    ]
                )
                tool.stripe(edge, stripe, 0.035, 0.12)
    if chance(rng, 0.5):
        tool.bow(who.accent, t.y + depth, uniform(rng, 0.3, 0.6))
    else:
        tool.tie(who.accent, t.y + depth - 0.1)


def shirt(tool: Tailor) -> None:
    """Collared shirt, buttoned, often with a tie."""
    who, t, rng = tool.who, tool.torso, tool.rng
    colour = col.WHITE if chance(rng, 0.5) else who.cloth
    open_neck = chance(rng, 0.35)
    depth = uniform(rng, 0.3, 0.7) if open_neck else 0.05
    tool.cloth(v_neck(t, t.neck * 1.1, depth), colour)
    tool.stripe(np.array([(0.08, t.y + depth), (0.08, t.y + 6)]), tool.ink(colour), who.style.line * 0.8, 0.1)
    for k in range(5):
        c = tool.px(np.array([(0, t.y + depth + 0.3 + 0.5 * k)]), 0.1)[0]
        tool.board.spot(c, 0.05 * tool.scale, tool.ink(colour), 1.0, atop=False)
    if not open_neck and chance(rng, 0.75):
        if chance(rng, 0.65):
            tool.tie(who.accent, t.y + 0.06, 0.2)
        else:
            tool.bow(who.accent, t.y + 0.16, uniform(rng, 0.22, 0.5), 0.2)
    tool.collar(colour, uniform(rng, 0.3, 0.6) * max(t.neck * 2, 0.7), uniform(rng, 0.25, 0.5))


def suit(tool: Tailor) -> None:
    """Jacket with lapels over a shirt, tie or bow."""
    who, t, rng = tool.who, tool.torso, tool.rng
    shirt_colour = col.WHITE if chance(rng, 0.6) else who.cloth2
    jacket = who.cloth if abs(col.luma(who.cloth) - col.luma(shirt_colour)) > 0.15 else col.shade(who.cloth, 0.9)
    tool.cloth(v_neck(t, t.neck * 1.1, 0.05), shirt_colour, grow=0.04)
    if chance(rng, 0.8):
        tool.tie(who.accent, t.y + 0.06, 0.2)
    tool.collar(shirt_colour, 0.35 + 0.2 * t.neck, uniform(rng, 0.25, 0.4))
    depth = uniform(rng, 1.3, 2.4)
    wide = uniform(rng, 0.45, 0.7) * t.shoulder
    tool.cloth(
        np.array([(t.neck * 1.35, t.y - 0.12), (0.75 * wide, t.y + 0.45 * depth), (0.0, t.y + depth)]),
        jacket,
        grow=0.12,
    )
    trim = who.accent if chance(rng, 0.3) else None
    lapel_colour = col.light(jacket, 0.15) if chance(rng, 0.5) else jacket
    for s in (-1, 1):
        notch = t.y + 0.35 * depth
        lapel = np.array(
            [
                (s * t.neck * 1.3, t.y - 0.2),
                (s * wide, notch - 0.05),
                (s * 0.82 * wide, notch + 0.1),
                (s * 0.98 * wide, notch + 0.18),
                (0, t.y + depth + 0.15),
                (s * 0.55 * wide, notch),
            ]
        )
        tool.piece(lapel, lapel_colour, 0.15)
        if trim:
            tool.stripe(lapel[1:5], trim, 0.04, 0.15)


def cardigan(tool: Tailor) -> None:
    """Knitted cardigan or vest over a shirt, with a bow."""
    who, t, rng = tool.who, tool.torso, tool.rng
    tool.cloth(v_neck(t, t.neck * 1.1, 0.05), col.WHITE, grow=0.04)
    depth = uniform(rng, 0.9, 1.8)
    neck = v_neck(t, t.neck * 1.5, depth)
    tool.cloth(neck, who.cloth, grow=0.1)
    edge = np.vstack([neck, (neck * (-1, 1))[::-1]])
    tool.stripe(edge, tool.shade(who.cloth) if chance(rng, 0.6) else who.cloth2, 0.09, 0.0)
    tool.collar(col.WHITE, 0.3 + 0.3 * t.neck, uniform(rng, 0.2, 0.4))
    if chance(rng, 0.7):
        tool.bow(who.accent, t.y + 0.2, uniform(rng, 0.25, 0.5), 0.2)
    else:
        tool.tie(who.accent, t.y + 0.08, 0.2)

"""Skirts, trousers and stockings: what the far crop shows below the waist."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.colour import Colour
from cubiseg.portraits.garments.base import Tailor, Weave, makes
from cubiseg.portraits.paint import path, spline
from cubiseg.portraits.rng import chance, uniform


@makes("bottomwear")
def trousers(tool: Tailor, colour: Colour, hem: float | None = None) -> None:
    """Trousers, or shorts that end at ``hem`` (absolute)."""
    t, u = tool.torso, tool.torso.long
    for side in (-1, 1):
        leg = t.leg_side(side, 0.06 * u, hem)
        shape = tool.piece(leg, colour, 0.0)
        with tool.board.clipped(shape):
            for _ in range(3):
                a = np.array([side * 0.08 * u, t.crotch + uniform(tool.rng, 0.0, 0.25) * u])
                b = a + np.array([side * uniform(tool.rng, 0.3, 0.6), uniform(tool.rng, -0.1, 0.25)]) * u
                tool.crease(np.array([a, 0.5 * (a + b), b]), colour, 0.1)
    low = t.crotch + 0.1 * u
    edge = t.flank(0.05 * u, low)
    edge = edge[edge[:, 1] > t.waist_y - 0.05 * u]
    half = np.vstack([[(0, edge[0, 1])], edge, [(0, low + 0.12 * u)]])
    tool.piece(np.vstack([half, t.mirrored(half)]), colour, 0.0, line=0.0)
    line = tool.px(np.array([(0, t.hip_y - 0.2 * u), (0.01, t.hip_y), (0, low + 0.1 * u)]), 0.1)
    tool.board.ink(line, tool.ink(colour), tool.line)


@makes("bottomwear")
def skirt(
    tool: Tailor,
    colour: Colour,
    length: float,
    *,
    pleats: int = 0,
    flare: float = 0.3,
    weave: Weave | None = None,
    trim: Colour | None = None,
    waist: float = 0.0,
) -> None:
    """A skirt; ``length`` below the waist in body units, ``flare``: width added at the hem in shoulder widths."""
    t, u, s = tool.torso, tool.torso.long, tool.torso.shoulder
    top, hem = t.waist_y + waist, min(t.waist_y + length * u, t.sole - 0.25 * u)
    side = t.flank(0.05, max(hem, t.waist_y + 0.2 * u))
    side = side[side[:, 1] >= top - 0.02]
    k = np.clip((side[:, 1] - top) / max(hem - top, 0.1), 0, 1)
    side[:, 0] += flare * s * k**0.8
    wide = side[-1, 0]
    m = 60
    x = np.linspace(1, -1, m)
    count = pleats or int(tool.rng.integers(4, 8))
    saw = (x * count / 2 + 0.5) % 1.0 if pleats else 0.5 + 0.5 * np.sin(x * count * np.pi)
    low = np.column_stack([wide * x, side[-1, 1] + 0.12 * u * (1 - x * x) + 0.06 * u * saw])
    outline = np.vstack([side, low, t.mirrored(side)])
    shape = path(tool.px(outline))
    tool.board.fill(shape, colour)
    with tool.board.clipped(shape):
        if weave:
            weave(tool.board, shape)
        if trim:
            tool.stripe(low - (0, 0.16 * u), trim, 0.06 * u)
        for j in range(1, count):
            f = 2 * j / count - 1
            a = np.array([f * 0.92 * (t.waist + 0.05), top + 0.1 * u])
            b = np.array([f * wide, low[-1, 1] + 0.2 * u])
            if tool.who.style.shading != "flat":
                w = wide / count
                wedge = np.array([a, b, b + np.array([0.8 * w * (1 if tool.light < 0 else -1), 0])])
                fill_shape = path(tool.px(wedge))
                tool.board.fill(fill_shape, tool.shade(colour), 0.6, blur=0 if tool.hard else 0.03 * tool.scale)
            curve = spline(tool.px(np.array([a, 0.5 * (a + b) + (0.03 * f, 0), b])), 10)
            ink_colour = tool.ink(colour)
            tool.board.ink(curve, ink_colour, tool.line, 0.9, start=0.2 if not pleats else 0.6, end=0.9, belly=0.8)
    tool.board.stroke(shape, tool.ink(colour), tool.line)


@makes("legwear")
def legs(tool: Tailor, colour: Colour, top: float, *, frill: bool = False) -> None:
    """Stockings from ``top`` (absolute) downwards."""
    t = tool.torso
    for side in (-1, 1):
        leg = t.leg_side(side, 0.015)
        n = len(leg) // 2
        y = np.maximum(leg[:, 1], top)
        keep = (
            np.interp(y[:n], leg[:n, 1], leg[:n, 0] * side),
            np.interp(y[n:], leg[n:, 1][::-1], leg[n:, 0][::-1] * side),
        )
        tool.piece(np.column_stack([side * np.concatenate(keep), y]), colour, 0.0)


def usual(tool: Tailor, colour: Colour) -> None:
    """Whatever goes with a top: skirt, trousers or shorts, stockings or bare legs."""
    rng, t, u = tool.rng, tool.torso, tool.torso.long
    if chance(rng, 0.3 * (1 - tool.who.lean)):
        legs(tool, col.WHITE if chance(rng, 0.4) else (0.12, 0.11, 0.15), t.crotch + uniform(rng, 0.4, 1.6) * u)
    if chance(rng, 0.25 + 0.65 * tool.who.lean):
        trousers(tool, colour, None if chance(rng, 0.75) else t.crotch + uniform(rng, 0.3, 1.2) * u)
    else:
        length, pleats = uniform(rng, 1.5, 2.6), int(rng.integers(7, 13)) if chance(rng, 0.6) else 0
        flare = uniform(rng, 0.15, 0.45)
        skirt(tool, colour, length, pleats=pleats, flare=flare, trim=tool.accent if chance(rng, 0.2) else None)


@makes("footwear")
def shoes(tool: Tailor, size: int) -> None:
    """Shoes, sneakers or boots, where the picture shows the feet."""
    t, u, rng = tool.torso, tool.torso.long, tool.who.rng("shoes")
    c = (0.16, 0.12, 0.12) if chance(rng, 0.4) else (tool.second, tool.accent, (0.42, 0.25, 0.16))[int(rng.integers(3))]
    boots, trim = chance(rng, 0.35), chance(rng, 0.4)
    if float(t.px(np.array([(0.0, t.knee)]))[0, 1]) > size:
        return
    for side in (-1, 1):
        if boots:
            legs_top = t.knee + uniform(rng, 0.1, 0.6) * (t.ankle - t.knee)
            shaft = t.leg_side(side, 0.05 * u)
            tool.piece(shaft[shaft[:, 1] >= legs_top], c, 0.0)
        shape = tool.piece(t.foot(side, 0.03 * u), c, 0.1)
        if trim:
            with tool.board.clipped(shape):
                y = t.sole - 0.02 * u
                tool.stripe(np.array([(-2 * t.hip, y), (2 * t.hip, y)]), col.WHITE, 0.12 * u, 0.1)

"""Skirts, trousers and stockings: what the far crop shows below the waist."""

import numpy as np

from cubiseg.portraits.colour import Colour
from cubiseg.portraits.garments.base import Tailor, Weave, makes
from cubiseg.portraits.paint import path, spline
from cubiseg.portraits.rng import chance, uniform


@makes("bottomwear")
def trousers(tool: Tailor, colour: Colour, hem: float | None = None) -> None:
    """Trousers, or shorts that end at ``hem`` (absolute, of a body that stands straight)."""
    t, u = tool.torso, tool.torso.long
    folds = tool.who.rng("trouser folds")  # their number is the stance's, and other clothes must not follow from it
    for leg in t.legs:
        if leg.near:
            _seat(tool, colour)
            break
    for leg in t.legs:
        end = 1.0 if hem is None else leg.share(hem)
        with tool.behind(leg):
            for shape in tool.on_leg(leg, colour, 0.06 * u, end=end):
                with tool.board.clipped(shape):
                    for _ in range(2):
                        place = uniform(folds, 0.02, 0.2) if chance(folds, 0.6) else uniform(folds, 0.42, 0.56)
                        mid, wide = leg.at(place)
                        a = mid + np.array([-leg.side * wide, uniform(folds, -0.2, 0.1) * u])
                        b = mid + np.array([leg.side * uniform(folds, 0.0, 0.7) * wide, uniform(folds, 0.0, 0.3) * u])
                        tool.crease(np.array([a, 0.5 * (a + b) + (0, 0.04 * u), b]), colour, 0.1)
    if not any(leg.near for leg in t.legs):
        _seat(tool, colour)
    if tool.tucked and hem is None:
        tool.tucked(tool)
    line = tool.px(np.array([(0, t.hip_y - 0.2 * u), (0.01, t.hip_y), (0, t.crotch)]), 0.1)
    tool.board.ink(line, tool.ink(colour), tool.line)


def _seat(tool: Tailor, colour: Colour) -> None:
    """The part of trousers above the legs."""
    t, u = tool.torso, tool.torso.long
    edge = t.flank(0.05 * u, t.hip_y)
    edge = edge[edge[:, 1] > t.waist_y - 0.05 * u]
    half = np.vstack([[(0, edge[0, 1])], edge, [(0.3 * t.hip, t.crotch - 0.02 * u), (0, t.crotch + 0.1 * u)]])
    tool.piece(np.vstack([half, t.mirrored(half)]), colour, 0.0, line=0.0, form=False)


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
    top, hem = t.waist_y + waist, min(t.waist_y + length * u, t.sole - 0.25 * (t.sole - t.ankle))
    left, right = _sides(tool, top, hem, flare * s)
    m = 60
    x = np.linspace(1, 0, m)[:, None]
    count = pleats or int(tool.rng.integers(4, 8))
    f = 2 * x[:, 0] - 1
    saw = (f * count / 2 + 0.5) % 1.0 if pleats else 0.5 + 0.5 * np.sin(f * count * np.pi)
    low = right[-1] * x + left[-1] * (1 - x)
    low[:, 1] += 0.12 * u * (1 - f * f) + 0.06 * u * saw
    outline = np.vstack([right, low, left[::-1]])
    shape = path(tool.px(outline))
    tool.board.fill(shape, colour)
    with tool.board.clipped(shape):
        if weave:
            weave(tool.board, shape)
        if trim:
            tool.stripe(low - (0, 0.16 * u), trim, 0.06 * u)
        for j in range(1, count):
            k = 2 * j / count - 1
            a = np.array([k * 0.92 * (t.waist + 0.05), top + 0.1 * u])
            b = 0.5 * (1 + k) * right[-1] + 0.5 * (1 - k) * left[-1] + (0, 0.2 * u)
            if tool.who.style.shading != "flat":
                w = 0.5 * (right[-1, 0] - left[-1, 0]) / count
                wedge = np.array([a, b, b + np.array([0.8 * w * (1 if tool.light < 0 else -1), 0])])
                fill_shape = path(tool.px(wedge))
                tool.board.fill(fill_shape, tool.shade(colour), 0.6, blur=0 if tool.hard else 0.03 * tool.scale)
            curve = spline(tool.px(np.array([a, 0.5 * (a + b) + (0.03 * k, 0), b])), 10)
            ink_colour = tool.ink(colour)
            tool.board.ink(curve, ink_colour, tool.line, 0.9, start=0.2 if not pleats else 0.6, end=0.9, belly=0.8)
    tool.board.stroke(shape, tool.ink(colour), tool.line)


def _sides(tool: Tailor, top: float, hem: float, flare: float) -> tuple[np.ndarray, np.ndarray]:
    """The left and the right edge of a skirt from the waist to the hem: around the hips and whatever the legs do."""
    t, u = tool.torso, tool.torso.long
    hips = t.flank(0.05, max(min(hem, t.hip_y), t.waist_y + 0.2 * u))
    hips = hips[hips[:, 1] >= top - 0.02]
    ends = [leg.share(hem) for leg in t.legs]
    edges = []
    for side in (-1, 1):
        edge = hips * (side, 1)
        if hem > t.hip_y:
            reach = []
            for place in np.linspace(0.06, 1, 14):
                points = []
                for leg, end in zip(t.legs, ends, strict=True):
                    mid, wide = leg.at(place * (min(end, 0.5) if leg.tucked or leg.hidden else end))
                    points.append((side * mid[0] + wide + 0.05 * u, mid[1]))
                out = max(points)
                reach.append((out[0], out[1] if flare < 0.1 * t.shoulder else max(y for _, y in points)))
            down = np.array(reach)
            ease = np.clip(np.linspace(0.06, 1, 14) / 0.35, 0, 1) ** 0.7  # from the hips to the thighs without a step
            down[:, 0] = hips[-1, 0] + ease * np.maximum(down[:, 0] - hips[-1, 0], 0)
            if flare > 0.05 * t.shoulder:  # loose cloth falls straight from where it is widest
                down[:, 0] = np.maximum.accumulate(down[:, 0])
            down[:, 1] = np.maximum(np.maximum.accumulate(down[:, 1]), hips[-1, 1] + 0.01 * np.arange(len(down)))
            edge = np.vstack([edge, down * (side, 1)])
        k = np.clip((edge[:, 1] - top) / max(edge[-1, 1] - top, 0.1), 0, 1)
        edges.append(edge + np.column_stack([side * flare * k**0.8, np.zeros(len(k))]))
    return edges[0], edges[1]


def usual(tool: Tailor, colour: Colour) -> None:
    """Whatever goes with a top: skirt, trousers or shorts."""
    rng, t, u = tool.rng, tool.torso, tool.torso.long
    if chance(rng, 0.25 + 0.65 * tool.who.lean):
        trousers(tool, colour, None if chance(rng, 0.75) else t.crotch + uniform(rng, 0.3, 1.2) * u)
    else:
        length, pleats = uniform(rng, 1.5, 2.6), int(rng.integers(7, 13)) if chance(rng, 0.6) else 0
        flare = uniform(rng, 0.15, 0.45)
        skirt(tool, colour, length, pleats=pleats, flare=flare, trim=tool.accent if chance(rng, 0.2) else None)

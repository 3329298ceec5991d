"""Skirts, trousers and shorts: what the farther crops show below the waist."""

from dataclasses import replace

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.axes import axis
from cubiseg.portraits.colour import Colour
from cubiseg.portraits.garments.base import Tailor, Weave, makes
from cubiseg.portraits.garments.parts import frill
from cubiseg.portraits.garments.patterns import weave
from cubiseg.portraits.paint import path, spline
from cubiseg.portraits.rng import chance, uniform


@makes("bottomwear")
def trousers(
    tool: Tailor, colour: Colour, hem: float | None = None, *, ease: float = 0.06, weave: Weave | None = None
) -> None:
    """Trousers, or shorts that end at ``hem`` (absolute, of a body that stands straight).

    ``ease``: body units that they stand off the legs.
    """
    t, u = tool.torso, tool.torso.long
    folds = tool.who.rng("trouser folds")  # their number is the stance's, and other clothes must not follow from it
    for leg in t.legs:
        if leg.near:
            _seat(tool, colour)
            break
    for leg in t.legs:
        end = 1.0 if hem is None else leg.share(hem)
        with tool.behind(leg):
            for shape in tool.on_leg(leg, colour, ease * u, end=end, weave=weave):
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


def hem_line(left: np.ndarray, right: np.ndarray, u: float, wave: np.ndarray | float = 0.0) -> np.ndarray:
    """(60, 2) a hem from the right edge's end to the left one's; it sags in the middle, and by ``wave`` body units."""
    x = np.linspace(1, 0, 60)[:, None]
    low = right[-1] * x + left[-1] * (1 - x)
    low[:, 1] += 0.12 * u * (1 - (2 * x[:, 0] - 1) ** 2) + wave * u
    return low


def hem_height(tool: Tailor, length: float) -> float:
    """Height of a hem ``length`` body units below the waist; the longest ends a little above the soles."""
    t = tool.torso
    return min(t.waist_y + length * t.long, t.sole - 0.25 * (t.sole - t.ankle))


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
    ruffle: Colour | None = None,
) -> None:
    """A skirt; ``length`` below the waist in body units, ``flare``: width added at the hem in shoulder widths;
    ``ruffle``: colour of frills at the hem and above it."""
    t, u, s = tool.torso, tool.torso.long, tool.torso.shoulder
    top, hem = t.waist_y + waist, hem_height(tool, length)
    left, right = sides(tool, top, hem, flare * s)
    count = pleats or int(tool.rng.integers(4, 8))
    f = np.linspace(1, -1, 60)
    saw = (f * count / 2 + 0.5) % 1.0 if pleats else 0.5 + 0.5 * np.sin(f * count * np.pi)
    low = hem_line(left, right, u, 0.06 * saw)
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
    if ruffle:
        for k in (1.0, 0.55):
            row = (1 - k) * np.array([(0.0, top + 0.2 * u)]) + k * low[::6] * (1 - 0.12 * (1 - k), 1)
            frill(tool, row - (0, 0.1 * u), ruffle, 0.24 * u, 0.0)


def sides(tool: Tailor, top: float, hem: float, flare: float) -> tuple[np.ndarray, np.ndarray]:
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


BOTTOM = axis("""bottom: what is worn below a top:
    pleated skirt 4 0.2, flared skirt 3 0.1, mini skirt 2 0.1, tight skirt 1.4 0.1, long skirt 1.8 0.2,
    frilled skirt 1.6 0, trousers 2 5, slim trousers 1.6 2, wide trousers 1.2 1.4, shorts 1.6 1.6, hot pants 1 0.1""")

_FORMAL = {"pleated skirt": 5.0, "frilled skirt": 0.1, "wide trousers": 0.2, "hot pants": 0.0, "slim trousers": 0.4}
"""Factors on the weights with a uniform."""


def usual(tool: Tailor, colour: Colour, *, formal: bool = False) -> None:
    """Whatever goes with a top: a skirt, trousers or shorts; ``formal``: as with a uniform."""
    who = tool.who
    tool = replace(tool, rng=who.rng("bottom look"))
    rng, t, u = tool.rng, tool.torso, tool.torso.long
    weights = {k: w * (_FORMAL.get(k, 1.0) if formal else 1.0) for k, w in BOTTOM.weights(who.lean).items()}
    if formal:
        weights["trousers"] *= 0.1 + 4 * who.lean
        weights["shorts"] *= 0.25
    kind = who.mix.pick(who.rng("bottom"), BOTTOM, weights=weights)
    patterns = {"plain": 2.0, "plaid": 1.5, "stripes": 0.5, "checks": 0.5, "dots": 0.4, "blossoms": 0.5}
    jeans = not formal and chance(rng, 0.3)
    if kind.endswith("skirt"):
        low, high, flare = {
            "pleated skirt": (1.4, 2.3, 0.35),
            "flared skirt": (1.5, 2.7, 0.5),
            "mini skirt": (1.15, 1.5, 0.3),
            "tight skirt": (1.4, 2.8, 0.0),
            "long skirt": (3.0, 5.2, 0.4),
            "frilled skirt": (1.4, 2.6, 0.5),
        }[kind]
        skirt(
            tool,
            colour,
            uniform(rng, low, high),
            pleats=int(rng.integers(7, 14)) if kind == "pleated skirt" or chance(rng, 0.2) else 0,
            flare=flare * uniform(rng, 0.6, 1.2),
            weave=weave(tool, colour, patterns),
            trim=tool.accent if chance(rng, 0.2) else None,
            ruffle=(col.WHITE if chance(rng, 0.5) else tool.second) if kind == "frilled skirt" else None,
        )
        return
    if jeans:
        colour = col.hsv(uniform(rng, 0.57, 0.64), uniform(rng, 0.25, 0.65), uniform(rng, 0.25, 0.8))
    hem = None
    if kind in ("shorts", "hot pants"):
        hem = t.crotch + (uniform(rng, 0.3, 1.2) if kind == "shorts" else uniform(rng, 0.08, 0.2)) * u
    ease = {"slim trousers": 0.02, "wide trousers": uniform(rng, 0.16, 0.3), "hot pants": 0.03}.get(kind, 0.07)
    trousers(tool, colour, hem, ease=ease, weave=None if jeans else weave(tool, colour, {**patterns, "plain": 8.0}))

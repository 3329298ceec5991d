"""Maid's and gothic dresses, idols' stage dresses."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.garments import bottoms, parts
from cubiseg.portraits.garments.bare import bust_edge, straps
from cubiseg.portraits.garments.base import Tailor, Weave, makes, round_neck
from cubiseg.portraits.garments.patterns import emblem, weave
from cubiseg.portraits.garments.sleeves import LONG, Sleeve
from cubiseg.portraits.paint import spline
from cubiseg.portraits.rng import chance, pick, uniform
from cubiseg.portraits.tables import xy


def maid(tool: Tailor) -> None:
    """A maid's dress in one piece with a white apron, its bib, straps and hem frilled; to the thighs or the ankles."""
    t, rng, u, s = tool.torso, tool.rng, tool.torso.long, tool.torso.shoulder
    black = col.hsv(rng.random(), uniform(rng, 0.0, 0.35), uniform(rng, 0.08, 0.3))
    c = pick(rng, {black: 3.0, tool.main: 2.0, col.mix(tool.accent, col.WHITE, 0.3): 0.8})
    white = col.mix(col.WHITE, c, uniform(rng, 0.0, 0.05)) if col.luma(c) < 0.82 else tool.second
    length = uniform(rng, 3.4, 5.2) if chance(rng, 0.3) else uniform(rng, 1.5, 2.6)
    flare = uniform(rng, 0.35, 0.8)
    band = white if chance(rng, 0.4) else None
    bottoms.skirt(tool, c, length, flare=flare, trim=band)
    if chance(rng, 0.6):
        _hem_frill(tool, white, length, flare, uniform(rng, 0.2, 0.34))
    neck = round_neck(t, t.neck * 1.15, 0.08 * u)
    low_neck = chance(rng, 0.2)
    if low_neck:  # a square neck with bare collar bones
        neck = xy((0.5 * s, 0.46 * s, 0.3 * s, 0.0), (t.y + 0.4 * u, t.y + 0.62 * u, t.y + 0.7 * u, t.y + 0.72 * u))
        neck[0, 1] = float(t.shoulder_line(0.5 * s, 0.5 * s, n=1)[0, 1])
    tool.cloth(neck, c, grow=0.04 * u, hem=t.waist_y + 0.1 * u)
    kind = pick(rng, {"puff": 2.0, "long": 1.6, "short": 0.6})
    puff = {"puff": uniform(rng, 0.5, 0.95), "long": uniform(rng, 0.15, 0.45), "short": 0.1}[kind]
    arm = {"puff": uniform(rng, 0.26, 0.38), "long": LONG, "short": 0.28}[kind]
    sleeve = white if chance(rng, 0.15) else c
    frill = white if chance(rng, 0.6) else None
    tool.sleeve = Sleeve(sleeve, arm, ease=0.3, puff=puff, cuff=(white, 0.06), frill=frill)
    top = t.y + uniform(rng, 0.8, 1.1) * u
    w = uniform(rng, 0.36, 0.5) * s
    _apron(tool, white, length, flare)
    bibbed = chance(rng, 0.85)
    if bibbed:
        ys = (top, top - 0.02, top + 0.02, t.bust_y, t.waist_y, t.waist_y)
        bib = xy((0, 0.6 * w, w, 1.02 * w, 0.85 * t.waist, 0), ys)
        tool.piece(np.vstack([bib, t.mirrored(bib)]), white, 0.2)
        parts.frill(tool, np.array([(w, top + 0.02), (0, top - 0.02), (-w, top + 0.02)]), white, 0.18 * u, 0.2)
    belt = white if chance(rng, 0.6) else tool.accent
    parts.belt(tool, belt, t.waist_y - 0.12 * u, uniform(rng, 0.18, 0.4) * u)
    if chance(rng, 0.2):  # a corset's lacing below the bust
        for k in range(3):
            y = t.bust_y + (0.28 + 0.13 * k) * u
            tool.stripe(xy((-0.14 * u, 0.14 * u), (y, y + 0.1 * u)), tool.accent, 0.03 * u, 0.28)
            tool.stripe(xy((0.14 * u, -0.14 * u), (y, y + 0.1 * u)), tool.accent, 0.03 * u, 0.28)
    winged, collared = chance(rng, 0.75), chance(rng, 0.5)

    def over(x: Tailor) -> None:
        for q in (-1, 1) if bibbed else ():
            x0 = t.neck + 0.55 * (s - t.neck)
            y0 = t.y + 0.6 * t.drop
            middle = (0.5 * (w + x0) + 0.02, 0.5 * (top + y0))
            line = np.array([(w, top + 0.15 * u), middle, (x0, y0 - 0.05)]) * (q, 1)
            wing = spline(np.array([line[2] + (q * 0.1 * u, 0.06 * u), line[1] + (q * 0.1 * u, 0), line[0]]), 20)
            if winged:
                parts.frill(x, wing + np.array([q * 0.12 * u, 0.0]), white, 0.34 * u, 0.1, waves=7)
            x.stripe(spline(line, 12), white, 0.2 * u, 0.12, inked=True)
        if low_neck:
            parts.frill(x, x.both(neck), white, 0.16 * u)
        elif collared:
            parts.collar(x, white, t.neck + 0.1, 0.2 * u)
        else:
            parts.frill(x, x.both(round_neck(t, t.neck * 1.12, 0.04 * u)), white, 0.2 * u)
        if chance(rng, 0.85):
            parts.neck_bow(x, x.accent, neck[-1, 1] + 0.17 * u, uniform(rng, 0.22, 0.45) * u)

    tool.add("over", over)


@makes("bottomwear")
def _hem_frill(tool: Tailor, c: col.Colour, length: float, flare: float, deep: float) -> None:
    """A frill along the hem of a skirt that :func:`bottoms.skirt` paints with the same ``length`` and ``flare``."""
    t, u = tool.torso, tool.torso.long
    hem = bottoms.hem_height(tool, length)
    left, right = bottoms.sides(tool, t.waist_y, hem, flare * t.shoulder)
    parts.frill(tool, bottoms.hem_line(left, right, u)[::4] - (0, 0.12 * u), c, deep * u, 0.0)


@makes("bottomwear")
def _apron(tool: Tailor, c: col.Colour, length: float, flare: float) -> None:
    """An apron over a skirt, following the legs beneath it, its edge frilled."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    full = min(length, (t.sole - t.ankle) / u * -0.25 + (t.sole - t.waist_y) / u)
    low, wide = uniform(rng, 0.6, 0.9) * full, uniform(rng, 0.6, 0.88)
    left, right = bottoms.sides(tool, t.waist_y, t.waist_y + low * u, 0.8 * flare * t.shoulder * low / length)
    middle = 0.5 * (left[-1, 0] + right[-1, 0])
    k = np.linspace(0.0, 1.0, len(right))[:, None]

    def narrow(edge: np.ndarray) -> np.ndarray:
        return np.column_stack([wide * edge[:, 0] + (1 - wide) * middle * k[:, 0], edge[:, 1]])

    left, right = narrow(left), narrow(right)
    round_ = chance(rng, 0.5)
    hem = bottoms.hem_line(left, right, u)
    if round_:  # the corners rounded
        x = np.linspace(-1, 1, len(hem))
        hem[:, 1] -= 0.6 * u * np.minimum(1.0, low / 2) * np.abs(x) ** 3
        left, right = (edge[edge[:, 1] < hem[0, 1]] for edge in (left, right))
    outline = np.vstack([right, hem, left[::-1]])
    if chance(rng, 0.7):
        around = np.vstack([right[len(right) // 2 :], hem[::4], left[: len(left) // 2 : -1]])
        parts.frill(tool, around, c, uniform(rng, 0.16, 0.32) * u, 0.02)
    shape = tool.piece(outline, c, 0.02)
    with tool.board.clipped(shape):
        for place in (-0.5, 0.1, 0.55):
            foot = 0.5 * (1 + place) * right[-1] + 0.5 * (1 - place) * left[-1] + (0, 0.1 * u)
            head = np.array([0.5 * place * t.waist, t.waist_y])
            tool.crease(np.array([foot, 0.5 * (foot + head), head]), c, 0.1)
        if chance(rng, 0.3):
            tool.stripe(hem - (0, 0.15 * u), tool.shade(c), 0.04 * u, 0.02)
    if chance(rng, 0.35):
        for q in (-1, 1):
            parts.pocket(tool, c, q, t.waist_y + 0.4 * low * u, 0.22, 0.22)


def gothic(tool: Tailor) -> None:
    """Lolita or gothic dress: frills in tiers, lacing, a big bow."""
    t, rng, u, s = tool.torso, tool.rng, tool.torso.long, tool.torso.shoulder
    c, lace = (
        tool.main,
        (col.WHITE if col.luma(tool.main) < 0.7 else (0.12, 0.1, 0.14)) if chance(rng, 0.7) else tool.second,
    )
    pattern = weave(tool, c, {"plain": 3, "plaid": 0.6, "stripes": 0.6, "dots": 0.4})
    _tiers(tool, c, lace, pattern)
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


def _tiers(tool: Tailor, c: col.Colour, lace: col.Colour, pattern: Weave | None) -> None:
    """A gothic dress' skirt: a petticoat's lace below it, frills in tiers, or open in front over an underskirt."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    length = uniform(rng, 3.2, 5.0) if chance(rng, 0.2) else uniform(rng, 1.5, 2.6)
    flare, kind = uniform(rng, 0.5, 1.0), pick(rng, {"petticoat": 1.5, "tiers": 1.5, "open": 1.3})
    if kind == "tiers":
        bottoms.skirt(tool, c, length, flare=flare, weave=pattern, ruffle=lace)
    elif kind == "petticoat":
        _hem_frill(tool, lace, length + 0.12, 0.95 * flare, 0.36)
        bottoms.skirt(tool, c, length, flare=flare, trim=lace, weave=pattern)
    else:
        under = lace if chance(rng, 0.6) else tool.accent
        bottoms.skirt(tool, under, length, flare=0.9 * flare, ruffle=lace if chance(rng, 0.5) else None)
        _overskirt(tool, c, lace, length, flare, pattern)
    if chance(rng, 0.45):
        with tool.board.on("bottomwear"):
            for q in (-1, 1):
                y, x = t.waist_y + 0.55 * min(length, 3.0) * u, 0.6 * t.hip + 0.3 * flare * t.shoulder
                parts.bow(tool, tool.accent, y, uniform(rng, 0.18, 0.32) * u, 0.05, q * x)


@makes("bottomwear")
def _overskirt(
    tool: Tailor, c: col.Colour, lace: col.Colour, length: float, flare: float, pattern: Weave | None
) -> None:
    """An outer skirt that opens from the waist to the hem in front."""
    t, u = tool.torso, tool.torso.long
    hem = bottoms.hem_height(tool, length) - 0.15 * u
    edges = bottoms.sides(tool, t.waist_y, hem, flare * t.shoulder)
    middle = 0.5 * (edges[0][-1] + edges[1][-1])
    for q, side in zip((-1, 1), edges, strict=True):
        near = middle + 0.3 * (side[-1] - middle) + (0, 0.1 * u)
        start = np.array([0.04 * q, t.waist_y])
        inner = spline(np.array([start, 0.5 * (near + start) - np.array([0.07 * q, 0]), near]), 14)
        shape = tool.piece(np.vstack([side, inner[::-1]]), c, 0.0)
        if pattern:
            pattern(tool.board, shape)
        for k in (0.35, 0.7):
            foot = near + k * (side[-1] - near)
            head = np.array([q * k * t.waist, t.waist_y + 0.1 * u])
            tool.crease(np.array([foot, 0.5 * (foot + head), head]), c, 0.1, 0.0)
        parts.frill(tool, np.vstack([inner[4:], side[-1:]])[::2] - (0, 0.04 * u), lace, 0.2 * u, 0.0)
        tool.board.stroke(shape, tool.ink(c), tool.line)


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

"""Kimono, yukata, haori, shrine maiden's robe, cheongsam."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.garments import bottoms, parts
from cubiseg.portraits.garments.base import Tailor, round_neck, v_neck
from cubiseg.portraits.garments.gowns import gown
from cubiseg.portraits.garments.patterns import weave
from cubiseg.portraits.garments.sleeves import SHORT, Sleeve
from cubiseg.portraits.paint import ribbon, spline
from cubiseg.portraits.rng import chance, uniform
from cubiseg.portraits.tables import xy

_PRINTS = {"blossoms": 3, "plain": 2, "seigaiha": 0.8, "stripes": 0.6, "checks": 0.6, "dots": 0.4}


def _crossed(tool: Tailor, bands: list[tuple[col.Colour, float]], depth: float) -> None:
    """Collars that cross in front, the character's left over the right, from the innermost band outwards."""
    t, u = tool.torso, tool.torso.long
    inset = 0.0
    rise = 0.32 * tool.who.face.neck_length + 0.02
    for colour, w in bands:
        for s in (-1, 1):  # the picture's right half ends on top
            x = t.neck * 1.06 + inset
            line = np.array(
                [
                    (s * x, t.y - rise),
                    (s * (x + 0.1 * u), t.y + 0.08 * u),
                    (s * 0.42 * t.neck + s * 0.6 * inset, t.y + 0.6 * depth),
                    (-s * 0.22 * t.neck - s * 0.1 * inset, t.y + depth + inset),
                    (-s * 0.42 * t.shoulder, t.waist_y - 0.15 * u),
                ]
            )
            line = line if s > 0 else line[:-1]
            curve = spline(line, 24)
            tool.piece(ribbon(curve, w * u), colour, 0.12, form=False)
        inset += 0.8 * w * u


def _sash(tool: Tailor, c: col.Colour, cord: col.Colour | None) -> None:
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    top, low = t.bust_y + uniform(rng, 0.3, 0.5) * u, t.waist_y + 0.3 * u
    side = t.flank(0.1 * u, low)
    side = side[side[:, 1] > top]
    half = np.vstack([[(0, top + 0.05 * u)], side, [(0, low + 0.08 * u)]])
    shape = tool.piece(np.vstack([half, t.mirrored(half)]), c, 0.05)
    pattern = weave(tool, c, {"plain": 2, "stripes": 1, "blossoms": 1, "seigaiha": 0.5})
    if pattern:
        pattern(tool.board, shape)
    if cord:
        y = 0.5 * (top + low)
        points = np.array([(-2, y), (0, y + 0.06 * u), (2, y)]) * (0.5 * t.waist + 0.02, 1)
        tool.stripe(points, cord, 0.1 * u, 0.1, inked=True)
        parts.bow(tool, cord, y + 0.05 * u, 0.18 * u)


def kimono(tool: Tailor) -> None:
    """Kimono or yukata: crossed collars, obi, wide sleeves, patterned cloth."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    c = tool.main
    pattern = weave(tool, c, _PRINTS)
    bottoms.skirt(tool, c, 4.6, flare=0.12, weave=pattern)
    depth = uniform(rng, 0.75, 1.2) * u
    tool.cloth(v_neck(t, t.neck * 1.3, depth), c, grow=0.14 * u, weave=pattern)
    inner = col.WHITE if chance(rng, 0.7) else tool.accent
    bands = [(inner, 0.2), (tool.second if chance(rng, 0.5) else c, 0.3)]
    _crossed(tool, bands, depth)
    _sash(tool, tool.second if chance(rng, 0.6) else tool.accent, tool.accent if chance(rng, 0.6) else None)
    drop = uniform(rng, 0.5, 2.2) * u if chance(rng, 0.8) else 0.0
    tool.sleeve = Sleeve(c, 0.92, ease=0.5, flare=uniform(rng, 0.6, 1.4), drop=drop, pattern=pattern)


def haori(tool: Tailor) -> None:
    """An open haori over a kimono, or the short jacket of a samurai."""
    t, rng, u, s = tool.torso, tool.rng, tool.torso.long, tool.torso.shoulder
    under, over = tool.second, tool.main
    bottoms.skirt(tool, tool.shade(under), 4.0, pleats=7, flare=0.25)
    depth = uniform(rng, 0.9, 1.5) * u
    tool.cloth(v_neck(t, t.neck * 1.3, depth), under, grow=0.05 * u)
    _crossed(tool, [(col.WHITE, 0.16), (under, 0.24)], depth)
    parts.belt(tool, tool.accent, t.waist_y - 0.1 * u, 0.35 * u)
    pattern = weave(tool, over, {"plain": 2, "blossoms": 1, "checks": 0.8, "seigaiha": 0.8, "stripes": 0.5})
    gap = uniform(rng, 0.16, 0.36) * s
    rim = col.WHITE if chance(rng, 0.4) else tool.accent
    for q in (-1, 1):
        flank = t.flank(0.18 * u, t.crotch + 0.5 * u)
        xs = (t.neck * 1.1, t.neck * 1.15 + 0.1 * u, gap, gap * 1.1)
        front = xy(xs, (t.y - 0.12, t.y + 0.2 * u, t.bust_y, t.crotch + 0.5 * u))
        panel = np.vstack(
            [t.shoulder_line(t.neck * 1.15, s - 0.9 * t.arm, 0.06), [(s - 0.8 * t.arm, t.armpit)], flank, front[::-1]]
        )
        shape = tool.piece(panel * (q, 1), over, 0.05, form=False)
        if pattern:
            pattern(tool.board, shape)
        tool.drape(shape, over)
        tool.piece(ribbon(spline(front, 20), 0.2 * u) * (q, 1), rim, 0.1, form=False)
    flare, stripes = uniform(rng, 0.8, 1.6), [(0.8, rim, 0.1)] if chance(rng, 0.4) else []
    drop = uniform(rng, 0.4, 1.2) * u
    tool.sleeve = Sleeve(over, 0.85, ease=0.55, flare=flare, drop=drop, pattern=pattern, stripes=stripes)


def miko(tool: Tailor) -> None:
    """Shrine maiden: white robe with red strings, red skirt."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    red = (
        col.hsv(uniform(rng, -0.02, 0.02), uniform(rng, 0.7, 0.9), uniform(rng, 0.7, 0.9))
        if chance(rng, 0.75)
        else tool.accent
    )
    white = col.mix(col.WHITE, (0.95, 0.93, 0.97), rng.random())
    depth = uniform(rng, 0.7, 1.0) * u
    tool.cloth(v_neck(t, t.neck * 1.3, depth), white, grow=0.12 * u)
    _crossed(tool, [(red, 0.1), (white, 0.3)], depth)
    bottoms.skirt(tool, red, 4.2, pleats=8, flare=0.4, waist=-0.15 * u)
    parts.belt(tool, red, t.waist_y - 0.25 * u, 0.28 * u)
    parts.bow(tool, red, t.waist_y - 0.1 * u, 0.45 * u)
    bare = chance(rng, 0.25)
    start, flare = 0.3 if bare else 0.0, uniform(rng, 0.9, 1.6)
    stripes, drop = [(0.88, red, 0.07 * u)], uniform(rng, 0.5, 1.8) * u
    tool.sleeve = Sleeve(white, 0.95, start=start, ease=0.55, flare=flare, drop=drop, stripes=stripes)


def hakama(tool: Tailor) -> None:
    """A kimono tucked into hakama: pleated, tied high with cords, over boots or sandals; of scholars and swordsmen."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    c, low = tool.main, tool.second if chance(rng, 0.6) else col.shade(tool.main, 0.7)
    pattern = weave(tool, c, {**_PRINTS, "plain": 1.2})
    depth = uniform(rng, 0.7, 1.1) * u
    tool.cloth(v_neck(t, t.neck * 1.3, depth), c, grow=0.13 * u, weave=pattern)
    _crossed(tool, [(col.WHITE if chance(rng, 0.6) else tool.accent, 0.14), (c, 0.28)], depth)
    high = -uniform(rng, 0.1, 0.45) * u
    print_ = weave(tool, low, {"plain": 5, "stripes": 1, "blossoms": 0.4})
    pleats, flare = int(rng.integers(6, 10)), uniform(rng, 0.3, 0.6)
    bottoms.skirt(tool, low, uniform(rng, 3.6, 5.0), pleats=pleats, flare=flare, waist=high, weave=print_)
    with tool.board.on("bottomwear"):
        y = t.waist_y + high
        parts.belt(tool, low if chance(rng, 0.6) else tool.accent, y, 0.26 * u)
        parts.bow(tool, low if chance(rng, 0.6) else tool.accent, y + 0.15 * u, uniform(rng, 0.25, 0.5) * u)
    drop = uniform(rng, 0.4, 2.0) * u
    tool.sleeve = Sleeve(c, 0.92, ease=0.5, flare=uniform(rng, 0.6, 1.4), drop=drop, pattern=pattern)


def cheongsam(tool: Tailor) -> None:
    """Cheongsam: standing collar, slanted opening with knots, short or no sleeves."""
    t, rng, u, s = tool.torso, tool.rng, tool.torso.long, tool.torso.shoulder
    c, trim = tool.main, tool.who.metal if chance(rng, 0.5) else tool.accent
    pattern = weave(tool, c, {"plain": 2, "blossoms": 1.5, "seigaiha": 0.4})
    length, sleeveless = uniform(rng, 1.6, 4.0), chance(rng, 0.5)
    neckline = round_neck(t, t.neck * 1.1, 0.05 * u)
    cover = 0.8 if sleeveless else 1.0
    gown(tool, neckline, c, length, grow=0.05, cover=cover, flare=0.02, weave=pattern, trim=trim)
    points = np.array(
        [(0.0, t.y + 0.12 * u), (-0.12 * s, t.y + 0.5 * u), (-0.4 * s, t.y + 0.75 * u), (-t.rib, t.armpit + 0.2 * u)]
    )
    seam = spline(points, 20)
    tool.stripe(seam, trim, 0.07 * u, 0.15, inked=True)
    for k in (2, 9, 15):
        x, y = seam[k]
        tool.stripe(np.array([(x - 0.14 * u, y - 0.03), (x + 0.14 * u, y + 0.03)]), trim, 0.06 * u, 0.15, inked=True)
    if not sleeveless:
        tool.sleeve = Sleeve(c, SHORT, ease=0.18, cuff=(trim, 0.03), pattern=pattern)
    tool.add("over", lambda w: parts.stand_collar(w, c, 0.7, gap=0.03 * u, trim=trim))

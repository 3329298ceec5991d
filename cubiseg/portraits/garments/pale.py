"""Bodices whose large middle is as pale as skin, told from it by trims alone: yokes, bands, straps, pinafore fronts."""

import numpy as np
import skia

from cubiseg.portraits import colour as col
from cubiseg.portraits.garments import bottoms, parts
from cubiseg.portraits.garments.bare import bust_edge, straps
from cubiseg.portraits.garments.base import Tailor, round_neck
from cubiseg.portraits.garments.gowns import gown
from cubiseg.portraits.garments.sleeves import ELBOW, LONG, SHORT, Sleeve
from cubiseg.portraits.paint import spline
from cubiseg.portraits.rng import chance, pick, uniform
from cubiseg.portraits.tables import xy


def pale_colour(tool: Tailor) -> col.Colour:
    """White, cream, pale yellow, pale pink, or the wearer's skin a little lighter."""
    rng = tool.rng
    kind = pick(rng, {"white": 3.0, "cream": 2.0, "yellow": 1.5, "pink": 2.0, "skin": 1.5})
    if kind == "white":
        return col.mix(col.WHITE, tool.who.cloth2, uniform(rng, 0.0, 0.08))
    if kind == "skin":
        return col.light(tool.who.skin, uniform(rng, 0.0, 0.5))
    hue, most = {"cream": (0.11, 0.14), "yellow": (0.15, 0.38), "pink": (0.98, 0.2)}[kind]
    return col.hsv(hue + rng.normal(0, 0.015), uniform(rng, 0.05, most), uniform(rng, 0.93, 1.0))


def _trim_colour(tool: Tailor) -> col.Colour:
    """What stands out from the pale middle: most often dark."""
    dark = col.hsv(tool.rng.random(), uniform(tool.rng, 0.1, 0.6), uniform(tool.rng, 0.1, 0.45))
    c = pick(tool.rng, {dark: 4.0, tool.accent: 2.0, tool.second: 1.0})
    return c if col.luma(c) < 0.7 else col.shade(c, 0.8)


def _soften(tool: Tailor, shape: skia.Path, colour: col.Colour) -> None:
    """Airbrushed form on pale cloth: its sides and what is below the bust in a warm shadow, its middle lit."""
    t, u, rng = tool.torso, tool.torso.long, tool.rng
    if tool.who.style.shading == "flat" or chance(rng, 0.25):
        return
    warm = col.shade(colour, uniform(rng, 0.2, 0.5), towards=uniform(rng, 0.0, 0.12))
    strength = uniform(rng, 0.3, 0.75)
    with tool.board.clipped(shape):
        for q in (-1, 1):
            for x, y, r in ((1.0, t.bust_y + 0.1 * u, 0.75), (1.05, t.waist_y, 0.7), (0.5, t.bust_y + 0.55 * u, 0.5)):
                at = tool.px(np.array([(q * x * t.waist, y)]))[0]
                tool.board.spot(at, r * u * tool.scale, warm, strength)


def _wavy(tool: Tailor, line: np.ndarray, deep: float, waves: int) -> np.ndarray:
    """A line with ``waves`` scallops that hang ``deep`` below it."""
    out = spline(line, 6 * waves + 1)
    out[:, 1] += deep * np.abs(np.sin(np.linspace(0, waves * np.pi, len(out))))
    return out


def _yoke(tool: Tailor, edge: np.ndarray, deep: float, trim: col.Colour, shape: skia.Path) -> None:
    """A dark band over the bust along the upper edge, its lower side straight or scalloped."""
    full = tool.both(edge)
    low = full + np.array([0.0, deep])
    if chance(tool.rng, 0.6):
        low = _wavy(tool, low, uniform(tool.rng, 0.2, 0.5) * deep, int(tool.rng.integers(3, 9)))
    with tool.board.clipped(shape):
        tool.piece(np.vstack([full - (0, deep), low[::-1]]), trim, 0.1, form=False)


def _lattice(tool: Tailor, edge: np.ndarray, trim: col.Colour, width: float) -> None:
    """Straps of crossed ribbons: a chain of small lozenges over each shoulder."""
    t = tool.torso
    x0, y0 = 0.72 * edge[0, 0], float(edge[1, 1]) + 0.05 * t.long
    x1 = t.neck + 0.5 * (t.shoulder - t.neck)
    y1 = float(t.shoulder_line(x1, x1, n=1)[0, 1])
    for q in (-1, 1):
        line = spline(np.array([(x0, y0), (0.6 * x0 + 0.4 * x1, 0.5 * (y0 + y1)), (x1, y1)]) * (q, 1), 25)
        for phase in (0.0, np.pi):
            weave = line + np.column_stack([width * np.sin(np.linspace(0, 3 * np.pi, 25) + phase), np.zeros(25)])
            tool.stripe(weave, trim, 0.5 * width, 0.1, inked=True)


def yoked(tool: Tailor) -> None:
    """A pale camisole or sundress with a dark yoke or band over the bust, straps and a hem in the same colour."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    c, trim = pale_colour(tool), _trim_colour(tool)
    edge = bust_edge(tool, t.y + uniform(rng, 0.7, 1.0) * u, uniform(rng, 0.0, 0.2) * u, uniform(rng, 0, 0.06) * u)
    kind = pick(rng, {"straps": 3.0, "lattice": 1.2, "halter": 0.7, "none": 0.5})
    if kind == "lattice":
        _lattice(tool, edge, trim, uniform(rng, 0.06, 0.11) * u**0.5)
    elif kind != "none":
        straps(tool, edge, trim, uniform(rng, 0.05, 0.2) * u**0.5, halter=kind == "halter")
    if chance(rng, 0.4):
        length, flare = uniform(rng, 1.2, 4.5), uniform(rng, 0.0, 0.6)
        shape = gown(tool, edge, c, length, grow=0.04, top=edge[0, 1], flare=flare, trim=trim if flare > 0.3 else None)
    else:
        bottoms.usual(tool, trim if chance(rng, 0.6) else tool.second)
        hem, flare = t.waist_y + uniform(rng, 0.1, 1.3) * u, uniform(rng, 0.05, 0.35) * t.shoulder
        low = tool.half(edge, grow=0.05 * u, hem=hem, flare=flare, top=edge[0, 1])[-1]
        if chance(rng, 0.7):
            parts.frill(tool, xy((-low[0], 0.0, low[0]), (hem, hem + 0.05 * u, hem)), c, uniform(rng, 0.12, 0.3) * u)
        shape = tool.cloth(edge, c, grow=0.05 * u, top=edge[0, 1], hem=hem, flare=flare)
    _soften(tool, shape, c)
    _yoke(tool, edge, uniform(rng, 0.12, 0.45) * u, trim, shape)
    if chance(rng, 0.3):
        parts.bow(tool, trim, edge[-1, 1] + 0.1 * u, uniform(rng, 0.12, 0.28) * u)
    if chance(rng, 0.2):
        parts.belt(tool, trim, t.waist_y - 0.1 * u, uniform(rng, 0.08, 0.2) * u)


def pinafore_front(tool: Tailor) -> None:
    """A dark dress with puffed sleeves under a pale pinafore: a wide bib with a frilled edge and a thin ribbon bow."""
    t, rng, u, s = tool.torso, tool.rng, tool.torso.long, tool.torso.shoulder
    c, trim = pale_colour(tool), _trim_colour(tool)
    length, flare = uniform(rng, 1.4, 4.0), uniform(rng, 0.3, 0.75)
    under = length * uniform(rng, 0.85, 1.1)
    bottoms.skirt(tool, trim, under, flare=flare)
    bottoms.skirt(tool, c, length, flare=flare, trim=trim if chance(rng, 0.6) else None)
    wide, deep = uniform(rng, 1.15, 2.4), uniform(rng, 0.1, 0.7) * u
    neck = round_neck(t, min(t.neck * wide, 0.7 * s), deep)
    tool.cloth(neck, trim, grow=0.04 * u, hem=t.waist_y + 0.1 * u)
    top, w = t.y + max(deep, 0.3 * u) + uniform(rng, 0.1, 0.45) * u, uniform(rng, 0.5, 0.85) * s
    side = t.flank(0.05 * u, t.waist_y)
    w = min(w, float(side[:, 0].max()))
    x = np.minimum(w, side[:, 0])
    keep = side[:, 1] > top + 0.15 * u
    upper = xy((0.0, 0.55 * w, w), (top + 0.06 * u, top + 0.03 * u, top))
    lower = xy((x[-1], 0.0), (t.waist_y + 0.12 * u, t.waist_y + 0.16 * u))
    bib = np.vstack([upper, np.column_stack([x, side[:, 1]])[keep], lower])
    shape = tool.piece(np.vstack([bib, t.mirrored(bib)]), c, 0.1, form=False)
    if chance(rng, 0.4):
        tool.drape(shape, c)
    else:
        _soften(tool, shape, c)
    parts.frill(tool, tool.both(bib[2::-1]), c, uniform(rng, 0.12, 0.28) * u, 0.14)
    band = trim if chance(rng, 0.6) else c
    parts.belt(tool, band, t.waist_y - uniform(rng, 0.0, 0.3) * u, uniform(rng, 0.08, 0.2) * u)
    if chance(rng, 0.4):  # seams of a bodice
        for q in (-1, 1):
            line = np.array([(0.4 * w, top + 0.1 * u), (0.45 * w, t.bust_y + 0.2 * u), (0.35 * w, t.waist_y)]) * (q, 1)
            tool.board.ink(spline(tool.px(line, 0.2), 16), tool.ink(c), tool.line, 0.8)
    puffed, strapped = chance(rng, 0.75), chance(rng, 0.5)
    length, puff = (uniform(rng, 0.26, 0.4), uniform(rng, 0.4, 0.95)) if puffed else (LONG, uniform(rng, 0.1, 0.4))
    tool.sleeve = Sleeve(trim, length, ease=0.3, puff=puff, cuff=(c if chance(rng, 0.5) else trim, 0.05))
    ribbon = tool.accent if chance(rng, 0.5) else col.shade(trim, 0.4)

    def over(x: Tailor) -> None:
        for q in (-1, 1) if strapped else ():
            x0 = t.neck + 0.55 * (s - t.neck)
            strap = np.array([(0.8 * w, top + 0.1 * u), (x0, t.y + 0.6 * t.drop)]) * (q, 1)
            x.stripe(strap, c, 0.16 * u, 0.12, inked=True)
        if chance(rng, 0.5):
            parts.frill(x, x.both(neck), c, uniform(rng, 0.1, 0.2) * u)
        else:
            x.stripe(x.both(neck), c if chance(rng, 0.4) else ribbon, 0.06 * u, inked=True)
        _thin_bow(x, ribbon, top + uniform(rng, -0.1, 0.1) * u)

    tool.add("over", over)


def _thin_bow(tool: Tailor, colour: col.Colour, y: float) -> None:
    """A bow of narrow ribbon: two open loops and two ends."""
    u, rng = tool.torso.long, tool.rng
    size, width = uniform(rng, 0.16, 0.34) * u, uniform(rng, 0.03, 0.07) * u
    with tool.board.on("neckwear"):
        for q in (-1, 1):
            loop = xy((0, 0.5 * q, q, 0.8 * q, 0), (0, -0.42, -0.1, 0.25, 0)) * size + (0, y)
            end = xy((0, 0.25 * q, uniform(rng, 0.2, 0.6) * q), (0, 0.7, uniform(rng, 1.3, 2.4))) * size + (0, y)
            tool.stripe(spline(end, 12), colour, width, 0.3, inked=True)
            tool.stripe(spline(loop, 20), colour, width, 0.3, inked=True)


def trimmed(tool: Tailor) -> None:
    """A pale blouse or dress with a contrasting neckline, a band below the bust, cuffs and hem."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    c, trim = pale_colour(tool), _trim_colour(tool)
    neck = round_neck(t, t.neck * uniform(rng, 1.15, 2.2), uniform(rng, 0.1, 0.6) * u)
    cover = 0.75 if chance(rng, 0.35) else 1.0
    if chance(rng, 0.55):
        band = trim if chance(rng, 0.6) else None
        flare = uniform(rng, 0.0, 0.6)
        shape = gown(tool, neck, c, uniform(rng, 1.3, 4.5), grow=0.05, cover=cover, flare=flare, trim=band)
    else:
        bottoms.usual(tool, trim if chance(rng, 0.5) else tool.second)
        shape = tool.cloth(neck, c, grow=0.06 * u, cover=cover)
    _soften(tool, shape, c)
    full, wide = tool.both(neck), uniform(rng, 0.06, 0.2) * u
    if chance(rng, 0.6):
        y = t.bust_y + uniform(rng, 0.25, 0.5) * u
        parts.belt(tool, trim, y, uniform(rng, 0.05, 0.16) * u)
        if chance(rng, 0.4):
            parts.bow(tool, trim, y + 0.08 * u, uniform(rng, 0.15, 0.35) * u)
    if cover == 1.0:
        length = pick(rng, {SHORT: 3.0, ELBOW: 1.0, LONG: 1.5})
        cuff = (trim if chance(rng, 0.7) else c, 0.06)
        tool.sleeve = Sleeve(c, length, ease=0.3, puff=uniform(rng, 0.0, 0.6) * (length < LONG), cuff=cuff)
    bowed = chance(rng, 0.5)

    def top(w: Tailor) -> None:
        w.stripe(full + np.array([0.0, 0.4 * wide]), trim, wide, 0.05, inked=True)
        if bowed:
            _thin_bow(w, trim, neck[-1, 1] + wide)

    tool.add("over", top)

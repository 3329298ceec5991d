"""Clothes in one piece from the shoulders to the hem: gowns, long coats, open or closed; sashes, belts and aprons."""

import numpy as np
import skia

from cubiseg.portraits import colour as col
from cubiseg.portraits.axes import axis
from cubiseg.portraits.character import Character
from cubiseg.portraits.garments import parts
from cubiseg.portraits.garments.base import Tailor, Weave, makes
from cubiseg.portraits.garments.bottoms import hem_height, hem_line, sides
from cubiseg.portraits.paint import path, spline
from cubiseg.portraits.rng import chance, pick, uniform

WAIST = axis("""worn at the waist: over the garment:
    none 80 84, belt 5 8, two belts 1.5 2.5, sash 3.5 2, cord 1.5 1, apron 4 0.6, corset 1.6 0.1, pouches 1.4 2,
    watch chain 0.6 3""")

SWIMWEAR = frozenset({"swimsuit", "bikini", "school_swimsuit", "trunks"})
"""Garments over which nothing else is worn at waist and legs."""
_OWN_BELT = frozenset({"tailcoat", "waistcoat"})
"""Garments that bring a belt, and go with a watch chain."""


def gown(
    tool: Tailor,
    neckline: np.ndarray,
    colour: col.Colour,
    length: float,
    *,
    grow: float = 0.05,
    cover: float = 1.0,
    flare: float = 0.3,
    top: float | None = None,
    weave: Weave | None = None,
    trim: col.Colour | None = None,
    coat: bool = False,
) -> skia.Path:
    """Cloth in one piece from the shoulders to a hem ``length`` below the waist in body units, whatever the legs do.

    Args:
        tool: tailor.
        neckline: as for ``Tailor.cloth``, which also explains ``grow``, ``cover``, ``top`` and ``weave``.
        colour: colour of the cloth.
        length: body units from the waist to the hem.
        flare: width added at the hem in shoulder widths.
        trim: colour of a band at the hem, or None.
        coat: a coat is topwear down to its hem; a gown is bottomwear from the waist down.
    """
    t, u, s = tool.torso, tool.torso.long, tool.torso.shoulder
    hem = hem_height(tool, length)
    upper = tool.half(neckline, grow=grow, cover=cover, hem=t.waist_y, top=top)
    left, right = sides(tool, t.waist_y, hem, flare * s)
    out = np.array([grow - 0.05, 0.0]) * np.linspace(1.0, 0.3, len(right))[:, None]
    left, right = left - out, right + out
    low = hem_line(left, right, u)
    outline = np.vstack([upper, right, low, left[::-1], t.mirrored(upper)])
    shape = path(tool.px(outline))
    tool.board.fill(shape, colour)
    if weave:
        weave(tool.board, shape)
    tool.drape(shape, colour)
    with tool.board.clipped(shape):
        if trim:
            tool.stripe(low - (0, 0.1 * u), trim, 0.12 * u)
        _falls(tool, colour, left, right)
    tool.board.stroke(shape, tool.ink(colour), tool.line)
    if not coat:
        below = np.array([(-9.0, t.waist_y), (9.0, t.waist_y), (9.0, t.sole + 9.0), (-9.0, t.sole + 9.0)])
        tool.board.claim("bottomwear", skia.Op(shape, path(tool.px(below)), skia.PathOp.kIntersect_PathOp) or shape)
    return shape


def _falls(tool: Tailor, colour: col.Colour, left: np.ndarray, right: np.ndarray) -> None:
    """Folds that fall from the hips to the hem."""
    t, u, rng = tool.torso, tool.torso.long, tool.who.rng("gown folds")
    for k in np.sort(rng.uniform(-0.9, 0.9, 6)):
        a = np.array([k * t.hip, t.waist_y + uniform(rng, 0.2, 1.0) * u])
        b = 0.5 * (1 + k) * right[-1] + 0.5 * (1 - k) * left[-1] + (0, 0.15 * u)
        tool.crease(np.array([b, 0.5 * (a + b), a]), colour, 0.12)


def open_coat(
    tool: Tailor, colour: col.Colour, length: float, *, gap: float, flare: float = 0.25, weave: Weave | None = None
) -> None:
    """A coat worn open: a front on either side from shoulder to hem, its lining behind the legs.

    ``gap``: half the opening at the waist in shoulder widths; it widens to the hem.
    """
    t, u, s = tool.torso, tool.torso.long, tool.torso.shoulder
    hem = min(t.waist_y + length * u, t.sole - 0.2 * (t.sole - t.ankle))
    upper = tool.half(np.array([(t.neck * 1.2, t.y), (0.0, t.y)]), grow=0.14 * u, hem=t.waist_y)
    shoulder = upper[np.flatnonzero(upper[:, 0] >= t.neck * 1.2)[0] :]
    edges = sides(tool, t.waist_y, hem, flare * s)
    lining = tool.second if chance(tool.who.rng("lining"), 0.5) else tool.shade(tool.shade(colour))

    def behind(w: Tailor) -> None:
        left, right = edges
        tail = np.vstack([right, hem_line(left, right, u) - (0, 0.08 * u), left[::-1]])
        w.piece(tail, lining, -0.3)

    if length > 1.2:
        tool.add("cape", behind)
    for q, edge in zip((-1, 1), edges, strict=True):
        side = edge * (q, 1) + np.array([0.1 * u, 0.0])
        wide = float(side[-1, 0])
        front = spline(
            np.array(
                [
                    (t.neck * 1.05, t.y + 0.05 * u),
                    (0.8 * gap * s, t.bust_y),
                    (gap * s, t.waist_y),
                    (min(1.25 * gap * s + 0.1 * wide, 0.8 * wide), side[-1, 1] + 0.1 * u),
                ]
            ),
            24,
        )
        panel = np.vstack([shoulder, side, front[::-1]]) * (q, 1)
        shape = path(tool.px(panel))
        tool.board.fill(shape, colour)
        if weave:
            weave(tool.board, shape)
        tool.drape(shape, colour)
        tool.board.stroke(shape, tool.ink(colour), tool.line)


def waist_of(who: Character, garment: str) -> str:
    """What this character wears at the waist over a garment."""
    bare = {
        *SWIMWEAR,
        *_OWN_BELT,
        "kimono",
        "haori",
        "miko",
        "maid",
        "pinafore_front",
        "armour",
        "full_plate",
        "hakama",
    }
    weights = WAIST.weights(who.lean)
    if garment in bare:
        worn = {"none", "cord", "watch chain"} if garment in _OWN_BELT else {"none", "cord"}
        weights = {kind: w for kind, w in weights.items() if kind in worn}
    return who.mix.pick(who.rng("waist"), WAIST, weights=weights)


def paint_waist(tool: Tailor, kind: str) -> None:
    """Paint what is worn at the waist; ``tool`` has a random stream of its own."""
    if kind == "none":
        return
    t, u, rng = tool.torso, tool.torso.long, tool.rng
    leather = col.hsv(uniform(rng, 0.03, 0.09), uniform(rng, 0.3, 0.65), uniform(rng, 0.2, 0.55))
    white = col.mix(col.WHITE, tool.second, uniform(rng, 0.0, 0.06))
    c = pick(rng, {leather: 2.0, tool.accent: 1.5, white: 1.2, tool.second: 1.0, (0.13, 0.12, 0.14): 1.4})
    y = t.waist_y + uniform(rng, -0.15, 0.35) * u
    metal = tool.who.metal
    if kind in ("belt", "two belts", "pouches"):
        parts.belt(tool, c, y, uniform(rng, 0.14, 0.3) * u, buckle=metal if chance(rng, 0.7) else None)
        if kind == "two belts":
            _slung(tool, c if chance(rng, 0.5) else leather, 1 if chance(rng, 0.5) else -1)
        if kind == "pouches":
            for x in (-0.75, 0.6):
                _pouch(tool, leather, x, y + 0.12 * u)
    elif kind == "sash":
        _sash(tool, c, y)
    elif kind == "cord":
        parts.belt(tool, c, y, 0.09 * u)
        parts.bow(tool, c, y + 0.08 * u, 0.25 * u)
    elif kind == "watch chain":
        _watch_chain(tool)
    elif kind == "apron":
        _apron(tool, white if chance(rng, 0.6) else tool.second)
    else:
        _corset(tool, c)


def _watch_chain(tool: Tailor) -> None:
    """A chain or a white cord in loops from the waist to a hip, a watch or a tassel at its end."""
    t, u, rng = tool.torso, tool.torso.long, tool.rng
    q, c = 1 if chance(rng, 0.5) else -1, tool.who.metal if chance(rng, 0.7) else col.WHITE
    start = np.array([uniform(rng, -0.3, 0.3) * t.waist, t.waist_y + uniform(rng, -0.2, 0.3) * u])
    end = np.array([q * uniform(rng, 0.6, 0.95) * t.hip, t.hip_y + uniform(rng, -0.3, 0.2) * u])
    width = uniform(rng, 0.03, 0.06) * u
    for k in range(1 + chance(rng, 0.4)):
        sag = 0.5 * (start + end) + (0, (0.3 + 0.25 * k + 0.2 * rng.random()) * u)
        tool.stripe(spline(np.array([start, sag, end]), 24), c, width, 0.2, inked=True)
    a = np.linspace(0, 2 * np.pi, 16)[:-1]
    drop = uniform(rng, 0.05, 0.4) * u
    low = end + np.array([0.0, drop])
    tool.stripe(np.array([end, low]), c, width, 0.2, inked=True)
    tool.piece(low + uniform(rng, 0.08, 0.15) * u * np.column_stack([np.cos(a), np.sin(a)]), c, 0.2)


def _slung(tool: Tailor, c: col.Colour, side: int) -> None:
    t, u = tool.torso, tool.torso.long
    a = np.linspace(-1, 1, 13)
    x = (0.5 * t.waist + 0.5 * t.hip + 0.08) * a
    top = np.column_stack([x, t.waist_y + (0.45 + 0.25 * side * a + 0.1 * (1 - a * a)) * u])
    tool.piece(np.vstack([top, (top + np.array([0, 0.16 * u]))[::-1]]), c, 0.1)
    at = top[6] + (0, 0.08 * u)
    tool.piece(at + np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * 0.12 * u, tool.who.metal, 0.2, form=False)


def _pouch(tool: Tailor, c: col.Colour, x: float, y: float) -> None:
    u, s = tool.torso.long, 0.26 * tool.torso.long
    at = np.array([x * tool.torso.waist, y])
    tool.piece(at + np.array([(-s, 0), (s, 0), (1.1 * s, 2 * s), (-1.1 * s, 2 * s)]), c, 0.2)
    tool.piece(
        at + np.array([(-1.1 * s, 0), (1.1 * s, 0), (0.9 * s, 0.9 * s), (-0.9 * s, 0.9 * s)]), c, 0.2, form=False
    )
    tool.piece(
        at + np.array([(-0.05, 0.2), (0.05, 0.2), (0.05, 0.3), (-0.05, 0.3)]) * u, tool.who.metal, 0.2, form=False
    )


def _sash(tool: Tailor, c: col.Colour, y: float) -> None:
    """A broad sash, knotted at one side, its ends hanging."""
    t, u, rng = tool.torso, tool.torso.long, tool.rng
    wide, q = uniform(rng, 0.3, 0.6) * u, 1 if chance(rng, 0.5) else -1
    knot = np.array([q * uniform(rng, 0.3, 0.8) * t.waist, y + 0.5 * wide])
    for k in (0.0, 1.0):
        long, out = uniform(rng, 1.0, 2.4) * u, q * uniform(rng, 0.0, 0.4) * u
        end = np.array([(-0.07 * u, 0), (0.07 * u, 0), (0.2 * u + out, long), (-0.16 * u + out, long - 0.1 * u)])
        tool.piece(knot + end + (k * 0.08 * u, 0), col.shade(c, 0.15 * (1 - k)), 0.12)
    parts.belt(tool, c, y, wide)
    for k in (0.3, 0.62):
        a = np.array([(-0.9 * t.waist, y + k * wide), (0, y + k * wide + 0.08 * u), (0.9 * t.waist, y + k * wide)])
        tool.crease(a, c, 0.05)
    a = np.linspace(0, 2 * np.pi, 10)[:-1]
    tool.piece(knot + 0.16 * u * np.column_stack([np.cos(a), np.sin(a)]), c, 0.2, smooth=24)


@makes("bottomwear")
def _skirted(tool: Tailor, c: col.Colour, half: np.ndarray, edge: np.ndarray | None) -> None:
    tool.piece(np.vstack([half, tool.torso.mirrored(half)]), c, 0.2)
    if edge is not None:
        parts.frill(tool, edge, c, 0.24 * tool.torso.long, 0.2)


def _apron(tool: Tailor, c: col.Colour) -> None:
    """An apron from the waist, or with a bib and straps, plain or frilled, a pocket on it."""
    t, u, rng = tool.torso, tool.torso.long, tool.rng
    low, wide = t.waist_y + uniform(rng, 1.1, 2.4) * u, uniform(rng, 0.75, 1.05)
    half = np.array(
        [(0.0, t.waist_y), (0.95 * t.waist, t.waist_y), (wide * t.hip, t.hip_y), (1.05 * wide * t.hip, low)]
    )
    half = np.vstack([half, [(0.0, low + 0.12 * u)]])
    edge = np.array([(-1.05 * wide * t.hip, low), (0.0, low + 0.12 * u), (1.05 * wide * t.hip, low)])
    _skirted(tool, c, half, edge if chance(rng, 0.45) else None)
    if chance(rng, 0.5):
        x, top = uniform(rng, 0.4, 0.6) * t.shoulder, t.y + uniform(rng, 0.8, 1.15) * u
        bib = np.array([(0.0, top), (x, top), (x, t.bust_y + 0.3 * u), (0.9 * t.waist, t.waist_y), (0.0, t.waist_y)])
        tool.piece(np.vstack([bib, t.mirrored(bib)]), c, 0.2)
        for q in (-1, 1):
            x1 = t.neck + 0.35 * (t.shoulder - t.neck)
            y1 = float(t.shoulder_line(x1, x1, n=1)[0, 1])
            tool.stripe(np.array([(0.92 * x, top + 0.05 * u), (x1, y1)]) * (q, 1), c, 0.16 * u, 0.15, inked=True)
    parts.belt(tool, c, t.waist_y - 0.06 * u, 0.16 * u)
    if chance(rng, 0.5):
        with tool.board.on("bottomwear"):
            parts.pocket(tool, c, 1 if chance(rng, 0.5) else -1, t.waist_y + 0.45 * u, 0.3, 0.4)


def _corset(tool: Tailor, c: col.Colour) -> None:
    """A laced corset around the waist."""
    t, u = tool.torso, tool.torso.long
    top, low = t.bust_y + 0.3 * u, t.waist_y + 0.5 * u
    side = t.flank(0.07 * u, low)
    side = side[side[:, 1] > top]
    half = np.vstack([[(0, top + 0.14 * u)], side, [(0, low + 0.2 * u)]])
    tool.piece(np.vstack([half, t.mirrored(half)]), c, 0.1)
    lace = tool.accent if abs(col.luma(tool.accent) - col.luma(c)) > 0.15 else col.light(c, 0.6)
    for k in range(4):
        y, w = top + (0.25 + 0.24 * k) * u, 0.14 * u
        tool.stripe(np.array([(-w, y), (w, y + 0.16 * u)]), lace, 0.035 * u, 0.25)
        tool.stripe(np.array([(w, y), (-w, y + 0.16 * u)]), lace, 0.035 * u, 0.25)

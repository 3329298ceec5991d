"""Parts that garments are trimmed with: collars, lapels, ties, bows, buttons, zips, pockets, belts, frills, fur."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.colour import Colour
from cubiseg.portraits.garments.base import Tailor, makes
from cubiseg.portraits.paint import path, ribbon, spline
from cubiseg.portraits.rng import chance, uniform
from cubiseg.portraits.tables import xy


@makes("neckwear")
def tie(tool: Tailor, colour: Colour, y: float, z: float = 0.3) -> None:
    """A necktie whose knot sits at ``y`` (absolute)."""
    u, rng = tool.torso.long, tool.rng
    w = (0.1 + 0.05 * rng.random()) * u**0.7
    long = uniform(rng, 1.3, 1.9) * u
    xs = (-0.55 * w, 0.55 * w, 1.2 * w, 0, -1.2 * w)
    blade = xy(xs, (y + 0.1 * u, y + 0.1 * u, y + 0.85 * long, y + long, y + 0.85 * long))
    shape = tool.piece(blade, colour, z)
    kind = rng.random()
    with tool.board.clipped(shape):
        if kind < 0.35:
            c = col.light(colour, 0.6) if col.luma(colour) < 0.7 else col.shade(colour, 0.6)
            step = uniform(rng, 0.16, 0.3) * u
            for k in range(int(long / step) + 1):
                tool.stripe(np.array([(-3 * w, y + step * k), (3 * w, y + step * k + 2.4 * w)]), c, 0.3 * step, z)
        crease = np.array([(-0.1 * w, y + 0.2 * u), (0.05 * w, y + 0.4 * u), (0.25 * w, y + 0.62 * long)])
        tool.board.ink(spline(tool.px(crease, z), 8), tool.ink(colour), tool.line * 0.8, 0.7, start=0.6, end=0)
        fill_shape = path(tool.px(np.array([(-w, y), (w, y), (w, y + 0.28 * u), (-w, y + 0.22 * u)]), z))
        tool.board.fill(fill_shape, tool.shade(colour), 0.6)
    points = np.array([(-w, y - 0.02), (w, y - 0.02), (0.62 * w, y + 0.17 * u), (-0.62 * w, y + 0.17 * u)])
    tool.piece(points, colour, z)


def bow(tool: Tailor, colour: Colour, y: float, size: float, z: float = 0.3, x: float = 0.0) -> None:
    """A ribbon tied to a bow at ``y`` (absolute), ``size``: half its width in head units."""
    rng = tool.rng
    long, droop = uniform(rng, 0.9, 1.9), uniform(rng, -0.1, 0.25)
    at = np.array([x, y])
    for s in (-1, 1):
        xs = (0, s * 0.3, s * 0.62, s * 0.42, s * 0.22, s * 0.05)
        end = xy(xs, (0, 0.35 * long, long, 0.93 * long, 1.02 * long, 0.4 * long))
        tool.piece(at + size * end, col.shade(colour, 0.12), z)
    for s in (-1, 1):
        xs = (0, s * 0.45, s * 0.92, s * 1.04, s * 0.95, s * 0.5)
        loop = xy(xs, (0, -0.36 + droop / 2, -0.38 + droop, -0.05 + droop, 0.3 + droop, 0.28 + droop / 2))
        shape = tool.piece(at + size * loop, colour, z, smooth=36)
        with tool.board.clipped(shape):
            hole = np.array([(s * 1.1, -0.3 + droop), (s * 0.82, -0.02 + droop), (s * 1.1, 0.2 + droop)])
            tool.board.fill(path(tool.px(at + size * hole, z)), tool.shade(colour), 0.7)
            for dy in (-0.13, 0.08):
                fold = np.array([(s * 0.1, dy / 3), (s * 0.35, dy), (s * 0.6, dy * 1.4 + droop / 2)])
                tool.board.ink(tool.px(at + size * fold, z), tool.ink(colour), tool.line, start=0.9, end=0.0, belly=0.1)
    knot = np.array([(-0.15, -0.16), (0.15, -0.16), (0.17, 0.17), (-0.17, 0.17)]) * size + at
    tool.piece(knot, colour, z, smooth=20)


neck_bow = makes("neckwear")(bow)
"""A bow at the collar; others belong to what they are sewn on."""


@makes("neckwear")
def neckerchief(tool: Tailor, colour: Colour, y: float, z: float = 0.3) -> None:
    """A sailor's scarf: two broad ends through a loop."""
    u, rng = tool.torso.long, tool.rng
    w, long = uniform(rng, 0.3, 0.45) * u, uniform(rng, 0.6, 1.1) * u
    for s in (-1, 1):
        xs = (0, s * 0.4 * w, s * w, s * 0.55 * w, s * 0.08 * w)
        end = xy(xs, (y, y + 0.1 * u, y + 0.9 * long, y + long, y + 0.7 * long))
        shape = tool.piece(end, colour, z)
        with tool.board.clipped(shape):
            points = np.array(
                [(s * 0.05 * w, y + 0.06 * u), (s * 0.3 * w, y + 0.4 * long), (s * 0.55 * w, y + 0.8 * long)]
            )
            tool.crease(points, colour, 0.07, z)
    tool.piece(np.array([(-0.13, 0), (0.13, 0), (0.1, 0.2), (-0.1, 0.2)]) * u + (0, y - 0.04 * u), colour, z, smooth=18)


@makes("neckwear")
def collar(
    tool: Tailor,
    colour: Colour,
    spread: float,
    length: float,
    *,
    stand: float = 0.6,
    open_: float = 0.0,
    trim: Colour | None = None,
) -> None:
    """Two turned-down collar points; ``spread`` and ``length`` in head units; ``stand``: how much of the neck it
    covers; ``open_``: how far the points are apart in the middle."""
    t = tool.torso
    n, u = t.neck, t.long
    high = t.y - stand * 0.55 * tool.who.face.neck_length - 0.04
    for s in (-1, 1):
        xs = (s * n * 1.0, s * (n * 1.1 + 0.03), s * (n * 1.25 + 0.05), s * n * 0.9)
        back = xy(xs, (high, high - 0.02, t.y + 0.02, t.y + 0.1 * u))
        tool.piece(back, tool.shade(colour), 0.0, form=False)
        flap = np.array(
            [
                *[(s * (n * 1.02), high), (s * (n * 1.16 + 0.04), high + 0.02), (s * (n * 1.3 + 0.06), t.y + 0.08 * u)],
                *[(s * spread, t.y + 0.12 * u + length), (s * (0.02 + open_), t.y + 0.12 * u + 0.15 * open_)],
                (s * (0.55 * n + 0.4 * open_), t.y - 0.02),
            ]
        )
        shape = tool.piece(flap, colour, 0.15)
        if trim:
            with tool.board.clipped(shape):
                tool.stripe(flap[2:5], trim, 0.07, 0.15)


@makes("neckwear")
def stand_collar(
    tool: Tailor, colour: Colour, high: float, *, gap: float = 0.0, trim: Colour | None = None, flare: float = 0.0
) -> None:
    """A collar that stands around the neck; ``high``: share of the neck; ``gap``: opening in front, head units."""
    t = tool.torso
    n = t.neck
    top = t.y - high * (t.y - 0.8 * tool.who.face.chin) * 0.62
    a = np.linspace(-1, 1, 17)
    wide = n * 1.08 + 0.03 + flare
    dip = 0.1 * n + 0.02
    back = np.column_stack([wide * a, top + 0.0 - 0.05 * (1 - a * a)])
    low = np.column_stack([(n * 1.18 + 0.05) * a, t.y + 0.02 + 2.2 * dip * (1 - a * a)])
    front = np.column_stack([wide * a, top + dip * (1 - a * a)])

    @makes("neckwear")
    def rear(w: Tailor) -> None:
        w.piece(np.vstack([back, low[::-1]]), w.shade(colour), form=False)

    tool.add("nape", rear)
    if not gap:
        tool.piece(np.vstack([front, low[::-1]]), colour, 0.05)
        if trim:
            tool.stripe(front, trim, 0.06, 0.05)
        return
    for s in (-1, 1):
        keep = s * a >= 0
        f, q = front[keep], low[keep]
        f, q = np.copy(f), np.copy(q)
        f[:, 0] = s * np.maximum(np.abs(f[:, 0]), gap)
        tool.piece(np.vstack([f, q[::-1]]), colour, 0.05)
        if trim:
            tool.stripe(f, trim, 0.06, 0.05)


def lapels(
    tool: Tailor, colour: Colour, depth: float, wide: float, *, notch: bool = True, trim: Colour | None = None
) -> None:
    """The turned-back fronts of a jacket that closes ``depth`` below the neck; ``wide``: of the shoulder's width."""
    t = tool.torso
    n, w, y = t.neck, wide * t.shoulder, t.y
    for s in (-1, 1):
        k = y + 0.34 * depth
        if notch:
            xs = (n * 1.08, n * 1.3 + 0.08, 0.86 * w, 0.66 * w, n * 1.0)
            ys = (y - 0.3 * tool.who.face.neck_length - 0.03, y - 0.02, k - 0.12 * depth, k, y + 0.12 * depth)
            collar_ = xy(xs, ys)
            lapel_xs = (n * 0.98, 0.62 * w, w, 0.96 * w, 0.02, 0.45 * n)
            lapel_ys = (
                y + 0.1 * depth,
                k - 0.02,
                k - 0.06 * depth,
                k + 0.08 * depth,
                y + depth + 0.05,
                y + 0.55 * depth,
            )
            lapel = xy(lapel_xs, lapel_ys)
        else:
            collar_ = np.array(
                [
                    *[(n * 1.08, y - 0.3 * tool.who.face.neck_length - 0.03), (n * 1.3 + 0.08, y), (0.8 * w, k)],
                    *[(w, k + 0.16 * depth), (0.4 * w, y + 0.8 * depth), (0.02, y + depth + 0.05)],
                    *[(0.45 * n, y + 0.5 * depth), (n, y + 0.08 * depth)],
                ]
            )
            lapel = None
        for part in (lapel, collar_):
            if part is None:
                continue
            tool.piece(part * (s, 1), colour, 0.15, smooth=0 if notch else 40)
            if trim:
                tool.stripe((part[1:5] if part is lapel else part[1:4]) * (s, 1), trim, 0.045, 0.15)


def buttons(
    tool: Tailor,
    colour: Colour,
    xs: tuple[float, ...],
    start: float,
    end: float,
    count: int,
    size: float = 0.06,
    z: float = 0.3,
) -> None:
    """Rows of round buttons at each x (shoulder widths), from ``start`` to ``end`` (absolute)."""
    r = size * tool.torso.long**0.7 * tool.scale
    a = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    ring = np.stack([np.cos(a), np.sin(a)], 1)
    for x in xs:
        for y in np.linspace(start, end, count):
            c = tool.px(np.array([(x * tool.torso.shoulder, y)]), z)[0]
            tool.board.outline(path(c + r * ring), colour, tool.ink(colour), tool.line * 0.8)
            if r > 2.5:
                tool.board.fill(path(c + r * (0.45 * ring - (0.25, 0.3))), col.light(colour, 0.6))


def placket(tool: Tailor, colour: Colour, start: float, end: float, width: float = 0.09) -> None:
    """The buttoned strip of a shirt."""
    x = width * tool.torso.long**0.5
    for s in (-1, 1):
        line = tool.px(np.array([(s * x, start), (s * x, 0.5 * (start + end)), (s * x, end)]), 0.3)
        tool.board.ink(line, tool.ink(colour), tool.line * 0.8, 0.8)


def zip_(tool: Tailor, metal: Colour, start: float, end: float, z: float = 0.3) -> None:
    """A zip with its pull."""
    u = tool.torso.long
    tool.stripe(np.array([(0, start), (0, end)]), tool.ink(metal), 0.06 * u**0.5, z)
    tool.stripe(np.array([(0, start), (0, end)]), metal, 0.03 * u**0.5, z)
    tool.piece(np.array([(-0.04, 0), (0.04, 0), (0.05, 0.2), (-0.05, 0.2)]) * u + (0, start), metal, z)


def pocket(
    tool: Tailor, colour: Colour, side: int, y: float, x: float = 0.42, width: float = 0.42, *, patch: bool = True
) -> None:
    """A breast pocket; a patch, or a slit with a handkerchief."""
    s, u = tool.torso.shoulder, tool.torso.long
    w = width * s
    x0 = side * x * s
    if patch:
        p = np.array([(-0.5, 0), (0.5, 0), (0.5, 0.75), (0, 0.95), (-0.5, 0.75)]) * (w, 0.8 * w) + (x0, y)
        tool.piece(p, colour, 0.25, form=False)
        points = np.array([(-0.5, 0), (0.5, 0), (0.5, 0.16), (-0.5, 0.16)]) * (w, 0.8 * w) + (x0, y)
        tool.piece(points, colour, 0.25, form=False)
    else:
        if chance(tool.rng, 0.4):
            points = np.array([(-0.3, 0), (-0.1, -0.35), (0.05, -0.1), (0.25, -0.3), (0.3, 0)]) * w + (x0, y)
            tool.piece(points, col.WHITE, 0.25)
        points = np.array([(-0.5, 0.04), (0.5, -0.04), (0.5, 0.1), (-0.5, 0.18)]) * (w, 0.6 * u) + (x0, y)
        tool.piece(points, colour, 0.25, form=False)


def belt(tool: Tailor, colour: Colour, y: float, width: float, *, buckle: Colour | None = None) -> None:
    """A belt around the waist."""
    t = tool.torso
    x = float(np.interp(y, *t.flank(0.08)[:, ::-1].T)) + 0.02
    a = np.linspace(-1, 1, 13)
    top = np.column_stack([x * a, y + 0.06 * t.long * (1 - a * a)])
    tool.piece(np.vstack([top, (top + np.array([0, width]))[::-1]]), colour, 0.1)
    if buckle:
        w = 0.75 * width
        at = np.array([0, y + 0.06 * t.long + 0.5 * width])
        tool.piece(at + np.array([(-w, -w), (w, -w), (w, w), (-w, w)]) * (1, 0.85), buckle, 0.3)
        tool.piece(at + np.array([(-w, -w), (w, -w), (w, w), (-w, w)]) * (0.55, 0.45), colour, 0.3, form=False)


def frill(
    tool: Tailor, edge: np.ndarray, colour: Colour, depth: float, z: float = 0.12, *, waves: int | None = None
) -> None:
    """A gathered strip hanging from a line (body coordinates, left to right or right to left)."""
    n = 90
    line = spline(edge, n)
    length = float(np.hypot(*np.diff(line, axis=0).T).sum())
    waves = waves or max(5, int(length / max(depth, 0.05) * 0.9))
    phase = np.linspace(0, waves * np.pi, n)
    low = line + np.column_stack([0.12 * depth * np.sin(2 * phase), depth * (0.82 + 0.18 * np.abs(np.sin(phase)))])
    high = line - (0, 0.12 * depth)
    tool.piece(np.vstack([high, low[::-1]]), colour, z, form=False)
    ink = tool.ink(colour)
    for k in np.linspace(2, n - 3, waves).astype(int):
        fold = np.array([line[k] + (0, 0.05 * depth), low[k] - (0, 0.25 * depth)])
        tool.board.ink(spline(tool.px(fold, z), 6), ink, tool.line * 0.8, 0.8, start=0.8, end=0.0, belly=0.1)


def fur(tool: Tailor, centre: np.ndarray, width: np.ndarray | float, colour: Colour, z: float = 0.1) -> None:
    """A ruff of fur or feathers along a line (body coordinates)."""
    n = 64
    line = tool.px(spline(centre, n), z)
    w = np.broadcast_to(np.asarray(width, float), (len(centre),))
    w = np.interp(np.linspace(0, 1, n), np.linspace(0, 1, len(w)), w) * tool.scale
    jag = 1 + 0.22 * np.abs(np.sin(np.arange(n) * 1.9)) - 0.12 * (np.arange(n) % 3 == 0)
    shape = path(ribbon(line, w * jag))
    tool.board.outline(shape, colour, tool.ink(colour), tool.line)
    with tool.board.clipped(shape):
        if tool.who.style.shading != "flat":
            fill_shape = path(ribbon(line + np.column_stack([0 * w, 0.4 * w]), 0.5 * w * jag))
            tool.board.fill(fill_shape, tool.shade(colour), 0.6, blur=0 if tool.hard else 0.1 * float(w.mean()))
        for k in range(3, n - 3, 4):
            tuft = line[k] + np.array([(-0.1, -0.15), (0.02, 0.05), (0.0, 0.22)]) * w[k]
            tool.board.ink(tuft, tool.ink(colour), tool.line * 0.8, 0.7, start=0.8, end=0.0, belly=0.2)

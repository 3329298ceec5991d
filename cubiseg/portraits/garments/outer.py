"""Coats, capes and scarves: what is worn over other clothes."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.garments import bottoms, parts
from cubiseg.portraits.garments.base import Tailor, makes, round_neck, v_neck
from cubiseg.portraits.garments.gowns import gown, open_coat
from cubiseg.portraits.garments.patterns import weave
from cubiseg.portraits.garments.sleeves import LONG, Sleeve
from cubiseg.portraits.paint import ribbon, spline
from cubiseg.portraits.rng import chance, uniform
from cubiseg.portraits.tables import xy

_TOPS = {"plain": 3.0, "stripes": 1.0, "dots": 0.4, "checks": 0.4}


def trench(tool: Tailor) -> None:
    """Trench coat: big lapels, two rows of buttons, belt, flaps on the shoulders."""
    t, rng, u, s = tool.torso, tool.rng, tool.torso.long, tool.torso.shoulder
    c = (
        tool.main
        if chance(rng, 0.6)
        else col.hsv(uniform(rng, 0.07, 0.12), uniform(rng, 0.2, 0.45), uniform(rng, 0.55, 0.85))
    )
    bottoms.trousers(tool, tool.second)
    tool.cloth(round_neck(t, t.neck * 1.15, 0.08 * u), tool.white(0.5), grow=0.02)
    if chance(rng, 0.4):
        parts.collar(tool, col.WHITE, t.neck + 0.1, 0.2 * u)
        parts.tie(tool, tool.accent, t.y + 0.1 * u)
    depth = uniform(rng, 0.8, 1.3) * u
    neckline = v_neck(t, t.neck * 1.3 + 0.04, depth)
    gown(tool, neckline, c, uniform(rng, 2.0, 3.8), grow=0.14 * u, flare=0.25, coat=True)
    parts.buttons(tool, col.shade(c, 0.8), (-0.3, 0.3), t.y + depth, t.waist_y + 0.8 * u, 4, 0.075)
    parts.belt(tool, c, t.waist_y - 0.1 * u, 0.26 * u, buckle=tool.who.metal)
    tool.sleeve = Sleeve(c, LONG, ease=0.46, stripes=[(0.86, col.shade(c, 0.3), 0.12 * u)])
    epaulettes = chance(rng, 0.6)

    def top(w: Tailor) -> None:
        if epaulettes:
            for q in (-1, 1):
                p = t.shoulder_line(t.neck + 0.4 * (s - t.neck), s - 0.5 * t.arm, 0.06, 6)
                w.piece(np.vstack([p, (p + np.array([0, 0.2 * u]))[::-1]]) * (q, 1), c, 0.0)
        parts.lapels(w, c, depth, uniform(rng, 0.6, 0.78))

    tool.add("over", top)


def winter_coat(tool: Tailor) -> None:
    """Duffle coat, down jacket or cape-like coat with a fur collar."""
    t, rng, u, s = tool.torso, tool.rng, tool.torso.long, tool.torso.shoulder
    c = tool.main
    bottoms.usual(tool, tool.second)
    neckline = round_neck(t, t.neck * 1.25, 0.15 * u)
    shape = gown(tool, neckline, c, uniform(rng, 1.5, 3.4), grow=0.2 * u, flare=0.2, coat=True)
    kind = rng.random()
    tool.board.ink(tool.px(np.array([(0.05, t.y), (0.05, t.waist_y), (0.05, t.crotch)]), 0.25), tool.ink(c), tool.line)
    stripes = []
    if kind < 0.35:
        for k in range(3):  # toggles
            y = t.y + (0.75 + 0.6 * k) * u
            tool.stripe(np.array([(-0.26 * u, y), (0.3 * u, y)]), col.shade(c, 0.9), 0.045 * u, 0.25)
            points = np.array([(-0.14, -0.05), (0.1, -0.05), (0.1, 0.05), (-0.14, 0.05)]) * u + (0, y)
            tool.piece(points, (0.75, 0.55, 0.33), 0.3)
    elif kind < 0.65:
        with tool.board.clipped(shape):
            for k in range(7):  # quilting
                y = t.y + (0.45 + 0.42 * k) * u
                xs = (-1.2 * s, -0.5 * s, 0, 0.5 * s, 1.2 * s)
                points = xy(xs, (y - 0.05 * u, y + 0.05 * u, y, y + 0.05 * u, y - 0.05 * u))
                seam = spline(points, 24)
                tool.crease(seam, c, 0.12, 0.1)
        stripes = [(0.1 + 0.13 * k, tool.shade(c), 0.05 * u) for k in range(7)]
        parts.zip_(tool, tool.who.metal, t.y + 0.4 * u, t.crotch)
    else:
        rows = (0.0,) if chance(rng, 0.5) else (-0.2, 0.2)
        parts.buttons(tool, tool.who.metal, rows, t.y + 0.6 * u, t.crotch, 4, 0.085)
    white_fur = col.mix(col.WHITE, tool.second, 0.15) if chance(rng, 0.7) else col.light(c, 0.3)
    furry = chance(rng, 0.7)
    tool.sleeve = Sleeve(c, LONG, ease=0.62, stripes=stripes, cuff=(white_fur if furry else c, 0.09))
    w = uniform(rng, 0.3, 0.5) * u

    @makes("neckwear")
    def neck(x: Tailor) -> None:
        if furry:
            xs = (t.neck + 0.3 * u, t.neck + 0.42 * u, 0.6 * t.neck + 0.1 * u, 0.05)
            line = xy(xs, (t.y - 0.25 * u, t.y + 0.05 * u, t.y + 0.34 * u, t.y + 0.52 * u))
            for q in (-1, 1):
                parts.fur(x, line * (q, 1), np.array([0.7, 1.0, 1.0, 0.8]) * w, white_fur)
        else:
            parts.collar(x, c, t.neck + 0.3 * u, 0.35 * u, open_=0.05, stand=0.9)

    @makes("neckwear")
    def nape(x: Tailor) -> None:
        xs = (-t.neck - 0.3 * u, 0, t.neck + 0.3 * u)
        parts.fur(x, xy(xs, (t.y - 0.2 * u, t.y - 0.5 * u, t.y - 0.2 * u)), w, white_fur)

    if furry:
        tool.add("nape", nape)
    tool.add("over", neck)


def long_coat(tool: Tailor) -> None:
    """A long coat worn open over a shirt or a top, with lapels, a standing collar or none."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    under = tool.white(0.5)
    bottoms.usual(tool, tool.second)
    tool.cloth(v_neck(t, t.neck * 1.15, uniform(rng, 0.1, 0.5) * u), under, grow=0.04, weave=weave(tool, under, _TOPS))
    if chance(rng, 0.4):
        parts.collar(tool, under, t.neck + 0.1, 0.2 * u)
        parts.tie(tool, tool.accent, t.y + 0.1 * u)
    c = tool.main if abs(col.luma(tool.main) - col.luma(under)) > 0.12 else col.shade(tool.main, 0.9)
    pattern = weave(tool, c, {"plain": 6, "checks": 0.5, "plaid": 0.8, "stripes": 0.5})
    open_coat(
        tool, c, uniform(rng, 1.2, 4.6), gap=uniform(rng, 0.15, 0.45), flare=uniform(rng, 0.1, 0.45), weave=pattern
    )
    tool.sleeve = Sleeve(c, LONG, ease=0.42, pattern=pattern, cuff=(tool.accent, 0.06) if chance(rng, 0.3) else None)
    kind, depth = rng.random(), uniform(rng, 0.8, 1.6) * u

    def top(w: Tailor) -> None:
        if kind < 0.6:
            parts.lapels(w, c, depth, uniform(rng, 0.45, 0.65), notch=kind < 0.4)
        elif kind < 0.85:
            parts.stand_collar(w, c, 0.6, gap=0.7 * t.neck, trim=w.accent if kind < 0.7 else None)

    tool.add("over", top)


def cloak(tool: Tailor, c: col.Colour | None = None) -> None:
    """A cape over the shoulders, clasped at the neck; hangs behind, or closed in front."""
    t, rng, u, s = tool.torso, tool.rng, tool.torso.long, tool.torso.shoulder
    c = tool.second if c is None else c
    lining = tool.accent if chance(rng, 0.6) else tool.shade(c)
    low = min(t.crotch + uniform(rng, 0.5, 3.0) * u, t.stance.low - 0.2 * u)
    gap = uniform(rng, 0.25, 0.7)
    high = chance(rng, 0.4)

    def back(w: Tailor) -> None:
        xs = (t.neck * 1.2, s * 1.0, 1.25 * s, 1.45 * s, 1.55 * s)
        half = xy(xs, (t.y - (0.5 if high else 0.1) * u, t.top, t.bust_y, t.hip_y, low))
        w.piece(np.vstack([half, t.mirrored(half)]), w.shade(lining), form=False)

    def front(w: Tailor) -> None:
        for q in (-1, 1):
            shoulder = t.shoulder_line(t.neck * 1.08, s - 0.9 * t.arm, 0.1 * u, 8)
            points = np.array(
                [
                    *[shoulder[-1], (s + 0.12 * u, t.top + 0.3 * u), (s + 0.26 * u, t.bust_y)],
                    *[(1.3 * s, t.hip_y), (1.4 * s, low)],
                ]
            )
            outer = spline(points, 24)
            points = np.array(
                [(0.04, t.y + 0.2 * u), (0.3 * gap * s, t.y + 0.7 * u), (gap * s, t.waist_y), (1.05 * gap * s, low)]
            )
            inner = spline(points, 20)
            shape = w.piece(np.vstack([shoulder, outer[1:], inner[::-1]]) * (q, 1), c, 0.1, form=False)
            with w.board.clipped(shape):
                for _ in range(int(rng.integers(2, 5))):
                    x = uniform(rng, 0.3, 0.95) * s
                    points = np.array(
                        [
                            (q * 0.7 * x, t.y + 0.7 * t.drop + 0.1 * u),
                            (q * x, t.bust_y),
                            (q * 1.15 * x, t.waist_y + 0.4 * u),
                        ]
                    )
                    w.crease(points, c, 0.2)
                if w.who.style.shading != "flat" and q * w.light < 0:
                    w.board.fill(shape, w.shade(c), 0.5)
            w.stripe(inner * (q, 1), w.accent if lining != w.accent else w.who.metal, 0.09 * u, 0.1)
        if high:
            parts.stand_collar(w, c, 0.95, gap=0.8 * t.neck, flare=0.2 * u)
        points = np.array([(-0.13, -0.13), (0.13, -0.13), (0.16, 0.08), (0, 0.2), (-0.16, 0.08)]) * u + (
            0,
            t.y + 0.2 * u,
        )
        w.piece(points, w.who.metal, 0.3, smooth=24)

    tool.add("cape", back)
    tool.add("over", front)


def scarf(tool: Tailor) -> None:
    """A muffler wound around the neck, its ends in front or behind."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    c = tool.accent if chance(rng, 0.5) else tool.second
    pattern = weave(tool, c, {"plain": 3, "plaid": 1, "stripes": 1, "cable": 1})
    n, fat = t.neck * 1.15 + 0.1 * u, uniform(rng, 0.32, 0.55) * u**0.8
    chin = tool.who.face.chin
    top = max(t.y - 0.75 * fat, chin * 0.9)
    side = 1 if chance(rng, 0.5) else -1

    @makes("neckwear")
    def wound(w: Tailor) -> None:
        if chance(rng, 0.7):
            long = uniform(rng, 1.4, 2.8) * u
            x = side * uniform(rng, 0.3, 0.6) * n
            xs = (x - 0.2 * u, x + 0.24 * u, x + 0.3 * u + side * 0.15 * u, x - 0.2 * u + side * 0.15 * u)
            end = xy(xs, (t.y, t.y, t.y + long, t.y + long))
            shape = w.piece(end, c, 0.3)
            if pattern:
                pattern(w.board, shape)
            if chance(rng, 0.6):
                for k in np.linspace(0, 1, 8):
                    p = end[3] + k * (end[2] - end[3])
                    w.stripe(np.array([p, p + np.array([0, 0.16 * u])]), c, 0.035 * u, 0.3)
        a = np.linspace(-1, 1, 17)
        for k, (y, wide) in enumerate(((top, 1.0), (top + 0.55 * fat, 1.13))):
            sag = 0.22 * n + 0.12 * k * u
            hi = np.column_stack([n * wide * a, y + sag * (1 - a * a)])
            lo = np.column_stack([n * (wide + 0.02) * a, y + 0.5 * fat + (sag + 0.36 * fat) * (1 - a**2)])
            caps = np.array([(n * (wide + 0.12), y + 0.28 * fat)])
            shape = w.piece(spline(np.vstack([hi, caps, lo[::-1], caps * (-1, 1)]), 80, closed=True), c, 0.15)
            if pattern:
                pattern(w.board, shape)
            with w.board.clipped(shape):
                for _ in range(4):
                    x = uniform(rng, -0.8, 0.8) * n
                    points = np.array(
                        [(x, y + 0.2 * u), (x + 0.2 * n, y + sag + 0.2 * fat), (x + 0.5 * n, y + sag + 0.3 * fat)]
                    )
                    w.crease(points, c, 0.08, 0.15)
            w.board.stroke(shape, w.ink(c), w.line)

    @makes("neckwear")
    def behind(w: Tailor) -> None:
        a = np.linspace(-1, 1, 13)
        hi = np.column_stack([n * 1.05 * a, top - 0.3 * fat * (1 - a * a)])
        w.piece(np.vstack([hi, [(n, t.y + 0.2 * u), (-n, t.y + 0.2 * u)]]), w.shade(c), form=False)

    tool.add("nape", behind)
    tool.add("wrap", wound)


def stole(tool: Tailor) -> None:
    """A shawl or a fur stole around the upper arms."""
    t, rng, u, s = tool.torso, tool.rng, tool.torso.long, tool.torso.shoulder
    c = tool.second
    furry = chance(rng, 0.5)

    def front(w: Tailor) -> None:
        for q in (-1, 1):
            xs = (0.9 * s, 1.02 * s, 0.62 * s, 0.12 * s)
            line = xy(xs, (t.top + 0.15 * u, t.armpit - 0.1 * u, t.bust_y + 0.3 * u, t.waist_y)) * (q, 1)
            if furry:
                parts.fur(w, line, np.array([0.5, 0.6, 0.55, 0.4]) * u, c)
            else:
                shape = w.piece(ribbon(spline(line, 24), 0.55 * u), c, 0.1, form=False)
                with w.board.clipped(shape):
                    for k in (-0.12, 0.1):
                        w.crease(spline(line + np.array([k * u, 0]), 10), c, 0.1)
        if not furry:
            points = np.array([(-0.12, -0.12), (0.12, -0.12), (0.12, 0.12), (-0.12, 0.12)]) * u + (0, t.waist_y)
            w.piece(points, w.who.metal, 0.3, smooth=20)

    tool.add("over", front)


__all__ = ["cloak", "long_coat", "scarf", "stole", "trench", "winter_coat"]

"""Everyday clothes: T-shirts, hoodies, sweaters, turtlenecks, leather jackets."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.garments import bottoms, parts
from cubiseg.portraits.garments.base import Tailor, round_neck, v_neck
from cubiseg.portraits.garments.gowns import open_coat
from cubiseg.portraits.garments.patterns import emblem, weave
from cubiseg.portraits.garments.sleeves import ELBOW, LONG, SHORT, Sleeve
from cubiseg.portraits.paint import path, spline
from cubiseg.portraits.rng import chance, uniform
from cubiseg.portraits.tables import xy


def tee(tool: Tailor) -> None:
    """T-shirt with a round or V neck, plain, striped or printed; or with sleeves of another colour."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    bottoms.usual(tool, tool.second)
    wide = t.neck * uniform(rng, 1.15, 1.7) + 0.03
    neck = (
        round_neck(t, wide, uniform(rng, 0.15, 0.5) * u)
        if chance(rng, 0.75)
        else v_neck(t, wide, uniform(rng, 0.3, 0.8) * u)
    )
    c = tool.white(0.25)
    pattern = weave(tool, c, {"plain": 4, "stripes": 2, "dots": 0.3, "checks": 0.2, "plaid": 0.3})
    tool.cloth(neck, c, grow=0.08 * u, weave=pattern)
    if not pattern and chance(rng, 0.6):
        emblem(tool, 0.0, t.bust_y + uniform(rng, -0.2, 0.3) * u, uniform(rng, 0.25, 0.5) * u, tool.accent)
    raglan = chance(rng, 0.2)
    rim = tool.second if raglan or chance(rng, 0.3) else tool.shade(c)
    tool.stripe(tool.both(neck), rim, 0.08 * u**0.5, inked=True)
    length = (SHORT + 0.06, ELBOW, LONG)[int(rng.choice(3, p=[0.75, 0.12, 0.13]))]
    colour = tool.second if raglan else c
    tool.sleeve = Sleeve(colour, length, ease=0.3, flare=0.18 * (length < 0.5), pattern=None if raglan else pattern)


def _hood_down(tool: Tailor, c: col.Colour, lining: col.Colour) -> None:
    """A hood that lies around the neck and on the back."""
    t, rng, n, u = tool.torso, tool.rng, tool.torso.neck, tool.torso.long
    w, high = n + uniform(rng, 0.32, 0.5) * u, uniform(rng, 0.3, 0.55) * u

    def back(x: Tailor) -> None:
        a = np.linspace(-1, 1, 9)
        rim = np.column_stack([w * 1.06 * a, t.y - high * (0.35 + 0.65 * np.cos(a * 1.2)) + 0.1 * u])
        x.piece(np.vstack([spline(rim, 30), [(w, t.y + 0.6 * u), (-w, t.y + 0.6 * u)]]), c)
        points = np.vstack(
            [spline(rim * (0.86, 1) + (0, 0.1 * u), 30), [(0.8 * w, t.y + 0.6 * u), (-0.8 * w, t.y + 0.6 * u)]]
        )
        x.piece(points, x.shade(lining), form=False)

    def front(x: Tailor) -> None:
        for s in (-1, 1):
            roll = np.array(
                [
                    *[(n * 1.0, t.y - 0.32 * high - 0.05), (n * 1.25 + 0.06, t.y - 0.55 * high)],
                    *[(w, t.y - 0.35 * high), (w * 1.04, t.y + 0.02 * u), (0.72 * w, t.y + 0.36 * u)],
                    *[(0.02, t.y + 0.62 * u), (0.02, t.y + 0.42 * u), (0.5 * n, t.y + 0.22 * u)],
                    (0.95 * n, t.y + 0.02),
                ]
            )
            shape = x.piece(roll * (s, 1), c, 0.1, smooth=50)
            with x.board.clipped(shape):
                xs = (n * 0.98, n * 1.2, 0.75 * n, 0.0, 0, 0.8 * n)
                lip = xy(xs, (t.y - 0.35 * high, t.y - 0.1 * u, t.y + 0.25 * u, t.y + 0.55 * u, t.y + 0.3 * u, t.y))
                x.board.fill(path(spline(x.px(lip * (s, 1), 0.1), 30, closed=True)), x.shade(lining), 0.9)
                points = np.array(
                    [(s * 0.9 * w, t.y - 0.2 * high), (s * 0.75 * w, t.y + 0.1 * u), (s * 0.4 * w, t.y + 0.32 * u)]
                )
                x.crease(points, c, 0.1)
        if chance(rng, 0.8):
            cord = col.WHITE if chance(rng, 0.6) else x.accent
            for s in (-1, 1):
                line = np.array(
                    [
                        (s * 0.2 * u, t.y + 0.5 * u),
                        (s * 0.22 * u, t.y + 0.8 * u),
                        (s * 0.19 * u, t.y + uniform(rng, 0.95, 1.35) * u),
                    ]
                )
                x.stripe(spline(line, 10), cord, 0.05 * u**0.5, 0.2, inked=True)
                points = line[-1] + np.array([(-0.035, 0), (0.035, 0), (0.03, 0.12), (-0.03, 0.12)]) * u
                x.piece(points, x.who.metal, 0.2)

    tool.add("cape", back)
    tool.add("over", front)


def hoodie(tool: Tailor) -> None:
    """Hooded pullover or zipped jacket; rarely the hood is up."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    bottoms.usual(tool, tool.second)
    c = tool.white(0.12)
    zipped = chance(rng, 0.4)
    if zipped:
        tool.cloth(round_neck(t, t.neck * 1.2, 0.3 * u), tool.white(0.6), grow=0.04)
    neckline = (
        round_neck(t, t.neck * 1.3, 0.3 * u) if not zipped else v_neck(t, t.neck * 1.3, uniform(rng, 0.5, 1.6) * u)
    )
    shape = tool.cloth(neckline, c, grow=0.16 * u, hem=t.hip_y + 0.3 * u)
    if zipped:
        parts.zip_(tool, tool.who.metal, t.y + 0.8 * u, t.hip_y + 0.3 * u)
    elif chance(rng, 0.5):
        emblem(tool, 0.0, t.bust_y + 0.25 * u, uniform(rng, 0.25, 0.5) * u, tool.second)
    with tool.board.clipped(shape):
        xs = (0.36 * t.shoulder, 0.62 * t.shoulder, 0.62 * t.shoulder, 0, 0)
        ys = (t.waist_y - 0.1 * u, t.waist_y + 0.55 * u, t.hip_y + 0.2 * u, t.hip_y + 0.2 * u, t.waist_y - 0.1 * u)
        pouch = xy(xs, ys)
        tool.piece(tool.both(pouch[:-1]), c, 0.2, form=False)
    two = chance(rng, 0.2)
    sleeve = tool.second if two else c
    stripes = [(0.6, tool.accent, 0.12), (0.68, tool.accent, 0.05)] if chance(rng, 0.2) else []
    tool.sleeve = Sleeve(sleeve, 1.0, ease=0.5, cuff=(tool.shade(sleeve), 0.07), stripes=stripes)
    if chance(rng, 0.12):
        _hood_up(tool, c)
    else:
        _hood_down(tool, c, tool.second if two else c)


def open_hoodie(tool: Tailor) -> None:
    """A hooded jacket worn open over a T-shirt or a top, short or to the knees; rarely the hood is up."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    bottoms.usual(tool, tool.second)
    under, c = tool.white(0.5), tool.main
    c = c if abs(col.luma(c) - col.luma(under)) > 0.12 else col.shade(c, 0.8)
    shirt = weave(tool, under, {"plain": 2, "stripes": 1.5, "dots": 0.4, "checks": 0.4})
    neck = round_neck(t, t.neck * uniform(rng, 1.2, 1.7), uniform(rng, 0.15, 0.6) * u)
    crop = chance(rng, 0.2)
    tool.cloth(neck, under, grow=0.04, hem=t.bust_y + 0.45 * u if crop else None, weave=shirt)
    if not shirt and chance(rng, 0.5):
        emblem(tool, 0.0, t.bust_y + 0.15 * u, 0.3 * u, tool.accent)
    pattern = weave(tool, c, {"plain": 5, "stripes": 0.6, "checks": 0.4})
    open_coat(tool, c, uniform(rng, 0.5, 2.2), gap=uniform(rng, 0.12, 0.5), flare=0.12, weave=pattern)
    stripes = [(0.6, tool.accent, 0.12)] if chance(rng, 0.25) else []
    tool.sleeve = Sleeve(c, 1.0, ease=0.5, cuff=(tool.shade(c), 0.07), stripes=stripes, pattern=pattern)
    if chance(rng, 0.2):
        _hood_up(tool, c)
    else:
        _hood_down(tool, c, tool.second if chance(rng, 0.5) else c)


def _hood_up(tool: Tailor, c: col.Colour) -> None:
    """A hood over the head, with animal's ears now and then."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    ears = chance(rng, 0.3)

    def rim(x: Tailor) -> tuple[np.ndarray, np.ndarray]:
        head = t.head
        outer = head.dome(60, 0.2, -1.12 * np.pi, 0.12 * np.pi)
        inner = head.dome(60, -0.16, -1.12 * np.pi, 0.12 * np.pi)
        centre = head.project(head.hair_centre[None])[0]
        inner = centre + (inner - centre) * (0.9, 0.92) + (0, 0.1 * x.scale)
        return outer, inner

    def low(x: Tailor) -> np.ndarray:
        return x.px(
            np.array([(t.neck + 0.5 * u, t.y + 0.12 * u), (0.0, t.y + 0.55 * u), (-t.neck - 0.5 * u, t.y + 0.12 * u)])
        )

    def back(x: Tailor) -> None:
        outer, _ = rim(x)
        shape = path(np.vstack([outer, low(x)]))
        x.board.outline(shape, x.shade(x.shade(c)), x.ink(c), x.line)

    def front(x: Tailor) -> None:
        outer, inner = rim(x)
        p = x.px(np.array([(0.62 * t.neck, t.y + 0.1), (-0.62 * t.neck, t.y + 0.1)]))
        shape = path(np.vstack([outer, low(x)[:2], p[:1], inner[::-1], p[1:], low(x)[1:]]))
        if ears:
            for k in (18, 41):
                d = outer[k] - inner[k]
                d = d / max(float(np.hypot(*d)), 1e-6) * x.scale
                q = np.array([-d[1], d[0]])
                points = np.array([outer[k] - 0.38 * q - 0.1 * d, outer[k] + 0.62 * d, outer[k] + 0.38 * q - 0.1 * d])
                outline_shape = path(points)
                x.board.outline(outline_shape, c, x.ink(c), x.line)
                x.board.fill(path(np.array([outer[k] - 0.2 * q, outer[k] + 0.4 * d, outer[k] + 0.2 * q])), x.second)
        x.board.fill(shape, c)
        if x.who.style.shading != "flat":
            s = -1 if x.light > 0 else 1
            with x.board.clipped(shape):
                fill_shape = path(
                    np.vstack([outer[::-1] if s > 0 else outer, inner + np.array([s * 0.2 * x.scale, 0.1 * x.scale])])
                )
                x.board.fill(fill_shape, x.shade(c), 0.35, blur=0 if x.hard else 0.05 * x.scale)
        x.board.stroke(shape, x.ink(c), x.line)

    tool.add("cape", back)
    tool.add("crown", front)


def sweater(tool: Tailor) -> None:
    """Knitted pullover, often too big, ribbed or patterned; round, V or boat neck."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    bottoms.usual(tool, tool.second)
    c, big = tool.main, uniform(rng, 0.08, 0.22) * u
    kind = rng.random()
    neck = (
        round_neck(t, t.neck * 1.25, 0.22 * u)
        if kind < 0.5
        else v_neck(t, t.neck * 1.35, uniform(rng, 0.5, 0.9) * u)
        if kind < 0.75
        else round_neck(t, t.neck + 0.4 * (t.shoulder - t.neck), 0.35 * u)
    )
    if kind < 0.75 and chance(rng, 0.4):
        tool.cloth(v_neck(t, t.neck * 1.1, 0.06), col.WHITE, grow=0.02, folds=False)
        tool.add("over", lambda w: parts.collar(w, col.WHITE, t.neck + 0.12, 0.22 * u))
    knit = weave(tool, c, {"cable": 3, "argyle": 0.6, "stripes": 1, "plain": 1, "dots": 0.2})
    tool.cloth(neck, c, grow=big, hem=t.hip_y + uniform(rng, 0.1, 0.6) * u, weave=knit)
    tool.stripe(tool.both(neck), c if chance(rng, 0.6) else tool.second, 0.14 * u**0.5, inked=True)
    flare = 0.2 * float(chance(rng, 0.3))
    tool.sleeve = Sleeve(c, LONG, ease=0.3 + big, flare=flare, cuff=(tool.shade(c), 0.07), pattern=knit)


def turtleneck(tool: Tailor) -> None:
    """High ribbed collar; long sleeves or bare shoulders."""
    t, rng, u = tool.torso, tool.rng, tool.torso.long
    bottoms.usual(tool, tool.second)
    bare = chance(rng, 0.4)
    c = tool.main
    knit = weave(tool, c, {"cable": 2, "plain": 3, "stripes": 0.6})
    neckline = round_neck(t, t.neck * 1.1, 0.06 * u)
    tool.cloth(neckline, c, grow=0.05 * u, cover=uniform(rng, 0.55, 0.84) if bare else 1.0, weave=knit)
    high = t.y - uniform(rng, 0.5, 0.95) * (t.y - 0.82 * tool.who.face.chin)
    n = t.neck
    fat = uniform(rng, 1.06, 1.25)
    a = np.linspace(-1, 1, 15)

    def tube(w: Tailor) -> None:
        top = np.column_stack([n * fat * a, high + 0.13 * (1 - a * a)])
        low = np.column_stack([n * (fat + 0.1) * a, t.y + 0.03 * u + 0.16 * u * (1 - a * a)])
        shape = w.piece(np.vstack([top, low[::-1]]), c, 0.05)
        with w.board.clipped(shape):
            fold = 0.5 * (top + low)
            if chance(rng, 0.6):
                w.crease(fold + np.array([0, 0.03]), c, 0.09)
            for x in range(1, 14):
                line = w.px(np.array([top[x], 0.5 * (top[x] + low[x]), low[x]]), 0.05)
                w.board.ink(line, w.ink(c), w.line * 0.5, 0.5)

    tool.add("over", tube)
    if not bare:
        tool.sleeve = Sleeve(c, LONG, ease=0.2, cuff=(tool.shade(c), 0.06), pattern=knit)
    elif chance(rng, 0.3):
        tool.sleeve = Sleeve(c, LONG, start=0.36, ease=0.25, flare=0.3)


def leather_jacket(tool: Tailor) -> None:
    """Biker's or bomber jacket, open over a T-shirt or a top."""
    t, rng, u, s = tool.torso, tool.rng, tool.torso.long, tool.torso.shoulder
    bottoms.usual(tool, (0.15, 0.16, 0.22))
    leather = chance(rng, 0.6)
    c = col.hsv(uniform(rng, 0.0, 0.1), uniform(rng, 0.1, 0.6), uniform(rng, 0.1, 0.4)) if leather else tool.main
    under = tool.white(0.5) if col.luma(c) < 0.6 else tool.second
    shape = tool.cloth(round_neck(t, t.neck * 1.3, uniform(rng, 0.15, 0.5) * u), under, grow=0.03)
    if chance(rng, 0.4):
        with tool.board.clipped(shape):
            emblem(tool, 0.0, t.bust_y + 0.1 * u, 0.3 * u, tool.accent)
    gap = uniform(rng, 0.14, 0.4) * s
    for q in (-1, 1):
        flank = t.flank(0.12 * u, t.hip_y)
        shoulder = t.shoulder_line(t.neck * 1.25, s - 0.9 * t.arm, 0.05)
        panel = np.vstack(
            [
                shoulder,
                [(s - 0.9 * t.arm, t.armpit)],
                flank,
                [(gap, t.hip_y + 0.05 * u), (gap, t.bust_y), (t.neck * 1.0, t.y + 0.25 * u)],
            ]
        )
        p = tool.px(panel * (q, 1))
        shape = path(p)
        tool.board.fill(shape, c)
        tool.drape(shape, c)
        tool.board.stroke(shape, tool.ink(c), tool.line)
        tool.stripe(np.array([(q * gap, t.bust_y), (q * gap, t.hip_y)]), tool.who.metal, 0.05 * u, 0.05)
        points = np.array([(0.5, 0.0), (0.62, 0.02), (0.6, 0.06), (0.46, 0.04)]) * (q * s * 1.1, u * 4) + (
            0,
            t.waist_y - 0.3 * u,
        )
        tool.piece(points, tool.who.metal, 0.1)
    cuff = (tool.shade(c), 0.06)
    tool.sleeve = Sleeve(c, LONG, ease=0.42, cuff=cuff, stripes=[] if leather else [(0.9, tool.accent, 0.05)])

    def neck(w: Tailor) -> None:
        if leather:
            parts.lapels(w, col.light(c, 0.12), uniform(rng, 0.8, 1.1) * u, uniform(rng, 0.5, 0.62))
        else:
            parts.stand_collar(w, w.shade(c), 0.5, gap=0.7 * t.neck, trim=w.accent)

    tool.add("over", neck)

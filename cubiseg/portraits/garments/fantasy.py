"""Armour, military coats, mages' robes, adventurers' tunics."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.garments import bottoms, parts
from cubiseg.portraits.garments.base import Tailor, makes, round_neck, v_neck
from cubiseg.portraits.garments.gowns import gown
from cubiseg.portraits.garments.outer import cloak
from cubiseg.portraits.garments.patterns import SIGNS, emblem
from cubiseg.portraits.garments.sleeves import LONG, SHORT, Sleeve
from cubiseg.portraits.paint import path, spline
from cubiseg.portraits.rng import chance, pick, uniform
from cubiseg.portraits.tables import pairs, xy


def _sign(tool: Tailor) -> str:
    return SIGNS[int(tool.rng.integers(len(SIGNS)))]


def _plate(
    tool: Tailor, points: np.ndarray, c: col.Colour, z: float = 0.2, *, smooth: int = 0, rim: col.Colour | None = None
) -> None:
    """A piece of metal: dark and light reflections, a rim."""
    p = spline(points, smooth, closed=True) if smooth else points
    shape = tool.piece(p, c, z)
    px = tool.px(p, z)
    low, high = px.min(axis=0), px.max(axis=0)
    w, h = high - low
    s = 1 if tool.light > 0 else -1
    mid = 0.5 * (low + high)
    with tool.board.clipped(shape):
        shine = np.array([(s * 0.12, -0.6), (s * 0.34, -0.6), (s * 0.2, 0.6), (-s * 0.02, 0.6)]) * (w, h) + mid
        tool.board.fill(path(shine), col.light(c, 0.75), 0.6, blur=0 if tool.hard else 0.02 * tool.scale)
        if rim:
            tool.board.stroke(shape, rim, 0.12 * tool.torso.long * tool.scale)
            tool.board.stroke(shape, tool.ink(c), tool.line)
            inner = mid + (px - mid) * 0.88
            tool.board.stroke(path(inner), tool.ink(c), 0.6 * tool.line, 0.6)


def armour(tool: Tailor) -> None:
    """Breastplate, gorget and pauldrons over cloth or mail, often with a cape."""
    t, rng, u, s = tool.torso, tool.rng, tool.torso.long, tool.torso.shoulder
    steel = (uniform(rng, 0.6, 0.8),) * 2 + (uniform(rng, 0.68, 0.88),) if chance(rng, 0.6) else tool.main
    if chance(rng, 0.2):
        steel = (0.25, 0.25, 0.32)
    rim = tool.who.metal if chance(rng, 0.7) else None
    under = tool.second
    bottoms.skirt(tool, under, uniform(rng, 1.6, 3.0), flare=0.3) if tool.who.lean < 0.6 else bottoms.trousers(
        tool, under
    )
    tool.cloth(round_neck(t, t.neck * 1.15, 0.05 * u), under, grow=0.04 * u)
    side = t.flank(0.06 * u, t.waist_y)
    plate = np.vstack(
        [
            [(0, t.y + 0.22 * u), (0.4 * s, t.y + 0.3 * u), (0.66 * s, t.y + 0.45 * u + 0.4 * t.drop)],
            side[::4],
            [(0, t.waist_y + 0.2 * u)],
        ]
    )
    _plate(tool, np.vstack([plate, t.mirrored(plate)]), steel, 0.15, rim=rim)
    line = spline(tool.px(np.array([(0, t.y + 0.25 * u), (0.01, t.bust_y), (0, t.waist_y + 0.15 * u)]), 0.35), 16)
    tool.board.ink(line, tool.ink(steel), tool.line)
    for q in (-1, 1):
        a = np.linspace(0.1, np.pi - 0.1, 14)
        curve = np.column_stack([q * (0.36 * s - 0.3 * s * np.cos(a)), t.bust_y + 0.05 * u + 0.24 * u * np.sin(a)])
        tool.board.ink(tool.px(curve, 0.3), tool.ink(steel), tool.line, start=0.2, end=0.2)
    if chance(rng, 0.5):
        emblem(tool, 0.0, t.bust_y - 0.2 * u, 0.18 * u, tool.accent, 0.4, _sign(tool))
    parts.belt(tool, (0.4, 0.26, 0.17), t.waist_y + 0.12 * u, 0.2 * u, buckle=tool.who.metal)
    for q in (-1, 1):
        xs = (0.12 * s, t.waist + 0.12 * u, t.hip + 0.12 * u, 0.2 * s)
        tasset = xy(xs, (t.waist_y + 0.3 * u, t.waist_y + 0.26 * u, t.hip_y + 0.2 * u, t.hip_y + 0.3 * u))
        with tool.board.on("bottomwear"):
            _plate(tool, tasset * (q, 1), steel, 0.1, rim=rim)
    if chance(rng, 0.5 + 0.4 * tool.who.lean):
        _leg_plates(tool, steel, rim)
    colour = steel if chance(rng, 0.5) else under
    stripes = [(0.42, tool.shade(steel), 0.05), (0.58, tool.shade(steel), 0.05)]
    tool.sleeve = Sleeve(colour, LONG, ease=0.22, stripes=stripes, cuff=(steel, 0.3))
    if chance(rng, 0.4):
        cloak(tool, tool.accent)
    _pauldrons(tool, steel, rim)


def full_plate(tool: Tailor) -> None:
    """A knight's harness from the gorget to the knees: plates on trunk, arms, hips and thighs over mail."""
    t, rng, u, s = tool.torso, tool.rng, tool.torso.long, tool.torso.shoulder
    grey, tint = uniform(rng, 0.55, 0.85), uniform(rng, 0.0, 0.08)
    steel = pick(
        rng,
        {
            (grey, grey, grey + tint): 4.0,
            (0.22, 0.22, 0.28): 1.5,
            (0.95, 0.95, 0.97): 1.5,
            (0.86, 0.7, 0.38): 0.7,
            col.shade(tool.main, 0.2): 1.5,
        },
    )
    rim = tool.who.metal if chance(rng, 0.55) else None
    mail = (0.32, 0.32, 0.36) if chance(rng, 0.6) else tool.second
    bottoms.trousers(tool, mail, ease=0.02)
    _leg_plates(tool, steel, rim)
    tool.cloth(round_neck(t, t.neck * 1.1, 0.05 * u), mail, grow=0.03 * u, hem=t.crotch)
    with tool.board.on("bottomwear"):  # a skirt of lames around the hips
        for k in range(3)[::-1]:
            y = t.waist_y + (0.1 + 0.26 * k) * u
            a, b = (float(np.interp(v, *t.flank(0.08 * u, t.crotch + u)[:, ::-1].T)) for v in (y, y + 0.36 * u))
            lame = xy((0.0, a, b + 0.05 * u, 0.4 * b, 0.0), (y, y, y + 0.34 * u, y + 0.44 * u, y + 0.36 * u))
            _plate(tool, np.vstack([lame, t.mirrored(lame)]), steel, 0.1, rim=rim)
        if chance(rng, 0.45):  # a loincloth with a sign
            w = uniform(rng, 0.2, 0.34) * s
            low = t.crotch + uniform(rng, 0.5, 2.0) * u
            flap = xy((-w, w, 1.1 * w, 0.0, -1.1 * w), (t.waist_y + 0.5 * u,) * 2 + (low, low + 0.2 * u, low))
            tool.piece(flap, tool.accent, 0.2)
            if low > t.hip_y + 0.8 * u:
                emblem(tool, 0.0, t.crotch + 0.2 * u, 0.2 * u, tool.who.metal, 0.25, _sign(tool))
    side = t.flank(0.08 * u, t.waist_y + 0.1 * u)[::4]
    chest = np.vstack(
        [[(0.0, t.y + 0.12 * u), (0.7 * s, t.y + 0.3 * u + 0.4 * t.drop)], side, [(0.0, t.waist_y + 0.3 * u)]]
    )
    _plate(tool, np.vstack([chest, t.mirrored(chest)]), steel, 0.15, rim=rim)
    keel = spline(tool.px(np.array([(0, t.y + 0.2 * u), (0.01, t.bust_y), (0, t.waist_y + 0.25 * u)]), 0.35), 16)
    tool.board.ink(keel, tool.ink(steel), tool.line)
    for q in (-1, 1):
        groove = xy((0.2 * s, 0.45 * s, 0.3 * s), (t.y + 0.5 * u, t.bust_y, t.waist_y)) * (q, 1)
        tool.board.ink(spline(tool.px(groove, 0.3), 16), tool.ink(steel), tool.line, 0.8)
    if chance(rng, 0.35):
        emblem(tool, 0.0, t.bust_y - 0.1 * u, 0.24 * u, tool.accent, 0.4, _sign(tool))
    dark = tool.shade(steel)
    joints = [(k, dark, 0.05) for k in (0.2, 0.44, 0.5, 0.56)]
    tool.sleeve = Sleeve(steel, LONG, ease=0.24, stripes=joints, cuff=(steel, 0.34), edge=rim)
    if chance(rng, 0.35):
        cloak(tool, tool.accent)
    _pauldrons(tool, steel, rim)


@makes("bottomwear")
def _leg_plates(tool: Tailor, steel: col.Colour, rim: col.Colour | None) -> None:
    """Plates around the thighs and caps on the knees."""
    t, u = tool.torso, tool.torso.long
    for leg in t.legs:
        with tool.behind(leg):
            for start, end, grow in ((0.1, 0.4, 0.07), (0.36, 0.43, 0.09)):
                for shape in tool.on_leg(leg, steel, grow * u, start=start, end=end):
                    box = shape.getBounds()
                    x = box.centerX() + (0.12 if tool.light > 0 else -0.12) * box.width()
                    w = 0.1 * box.width()
                    shine = np.array([(x - w, box.top()), (x + w, box.top()), (x, box.bottom())])
                    with tool.board.clipped(shape):
                        tool.board.fill(path(shine), col.light(steel, 0.75), 0.6)
                        if rim:
                            tool.board.stroke(shape, rim, 0.1 * u * tool.scale)
                            tool.board.stroke(shape, tool.ink(steel), tool.line)
            if not (leg.hidden and leg.bent and not leg.near):
                mid, wide = leg.at(0.5)
                a = np.linspace(0, 2 * np.pi, 24)[:-1]
                cap = mid + np.column_stack(
                    [1.15 * wide * np.cos(a), 0.9 * wide * np.sin(a) - 0.15 * wide * np.cos(2 * a)]
                )
                _plate(tool, cap, steel, 0.0, rim=rim)


def _pauldrons(tool: Tailor, steel: col.Colour, rim: col.Colour | None) -> None:
    """Plates over the shoulders in one to three layers, and a gorget."""
    t, rng, s = tool.torso, tool.rng, tool.torso.shoulder
    layers, big = int(rng.integers(1, 4)), uniform(rng, 0.9, 1.35)

    def over(w: Tailor) -> None:
        for q in (-1, 1):
            x, y, r = s - 0.75 * t.arm, t.top + 0.5 * t.arm, big * 1.7 * t.arm
            for k in range(layers)[::-1]:
                o = 0.62 * k * t.arm
                pad = np.array(
                    [
                        *[(x - 0.95 * r, y - 0.5 * r + 0.3 * o), (x - 0.2 * r, y - 0.98 * r + 0.6 * o)],
                        *[(x + 0.6 * r, y - 0.6 * r + 0.8 * o), (x + 0.95 * r, y + 0.2 * r + o)],
                        *[(x + 0.8 * r, y + 0.7 * r + o), (x - 0.1 * r, y + 0.55 * r + o)],
                        (x - 0.75 * r, y + 0.1 * r + 0.7 * o),
                    ]
                )
                _plate(w, pad * (q, 1), steel, 0.0, smooth=44, rim=rim)
        if w.who.face.neck_length > 0.2:
            parts.stand_collar(w, steel, uniform(rng, 0.4, 0.8), trim=rim)

    tool.add("over", over)


def military(tool: Tailor) -> None:
    """Dress uniform: standing collar, rows of buttons, epaulettes, cords, belt across the chest."""
    t, rng, u, s = tool.torso, tool.rng, tool.torso.long, tool.torso.shoulder
    c, gold = tool.white(0.2), tool.who.metal if col.luma(tool.who.metal) > 0.4 else (0.92, 0.77, 0.35)
    bottoms.trousers(tool, tool.second) if chance(rng, 0.5 + 0.5 * tool.who.lean) else bottoms.skirt(
        tool, c, 2.0, pleats=8
    )
    hem = t.hip_y + 0.5 * u
    tool.cloth(round_neck(t, t.neck * 1.15, 0.05 * u), c, grow=0.1 * u, hem=hem, flare=0.1 * u)
    kind = rng.random()
    x = uniform(rng, 0.14, 0.3)
    if kind < 0.35:  # plastron
        xs = (0, 1.15 * x * s, 1.3 * x * s, 0.9 * x * s, 0)
        flap = xy(xs, (t.y + 0.15 * u, t.y + 0.2 * u, t.bust_y, t.waist_y, t.waist_y))
        tool.piece(np.vstack([flap, t.mirrored(flap)]), tool.second, 0.2)
    elif kind < 0.65:  # frogging
        for k in range(5):
            y = t.y + (0.45 + 0.32 * k) * u
            points = np.array([(-x * s * 1.3, y - 0.05 * u), (0, y), (x * s * 1.3, y - 0.05 * u)])
            tool.stripe(points, gold, 0.06 * u, 0.25, inked=True)
    else:
        tool.stripe(np.array([(0, t.y), (0, hem)]), gold, 0.05 * u, 0.3)
    parts.buttons(tool, gold, (-x, x), t.y + 0.45 * u, t.waist_y - 0.1 * u, 4, 0.07)
    colour = (0.35, 0.22, 0.15) if chance(rng, 0.5) else tool.second
    parts.belt(tool, colour, t.waist_y - 0.08 * u, 0.22 * u, buckle=gold)
    if chance(rng, 0.3):
        points = np.array([(-0.7 * s, t.y + 0.6 * t.drop), (0.1 * s, t.bust_y + 0.3 * u), (t.waist, t.waist_y)])
        tool.stripe(points, tool.accent if chance(rng, 0.5) else (0.35, 0.22, 0.15), 0.2 * u, 0.15, inked=True)
    cuff = (tool.second, 0.12)
    tool.sleeve = Sleeve(c, LONG, ease=0.32, cuff=cuff, stripes=[(0.84, gold, 0.04 * u), (0.8, gold, 0.03 * u)])
    fringe, cord = chance(rng, 0.6), chance(rng, 0.5)
    cape = chance(rng, 0.2)

    def over(w: Tailor) -> None:
        for q in (-1, 1):
            p = t.shoulder_line(t.neck + 0.3 * (s - t.neck), s - 0.75 * t.arm, 0.08, 6)
            tip = np.array(
                [
                    (s + 0.12 * u, t.top + 0.35 * t.arm),
                    (s + 0.1 * u, t.top + 0.9 * t.arm),
                    (s - 0.9 * t.arm, t.top + 0.6 * t.arm),
                ]
            )
            points = np.vstack([p, tip, (p[:-1] + np.array([0, 0.22 * u]))[::-1]]) * (q, 1)
            w.piece(points, gold if fringe else w.second, 0.0)
            if fringe:
                for k in np.linspace(0, 1, 9):
                    a = tip[2] + k * (tip[1] - tip[2])
                    points = np.array([a, a + np.array([0.03 * u * k, 0.3 * u])]) * (q, 1)
                    w.stripe(points, gold, 0.06 * u, 0.0, inked=True)
        if cord:
            q = -1
            for k in (0.0, 0.18):
                xs = (0.8 * s, 0.66 * s, 0.3 * s, x * s)
                rope = xy(xs, (t.top, t.bust_y - 0.1 * u + k * u, t.bust_y - 0.2 * u + k * u, t.y + 0.45 * u)) * (q, 1)
                w.stripe(spline(rope, 20), gold, 0.06 * u, 0.25, inked=True)
        parts.stand_collar(w, w.second if chance(rng, 0.6) else c, uniform(rng, 0.5, 0.85), gap=0.04 * u, trim=gold)

    if cape:
        cloak(tool, tool.second)
    tool.add("over", over)


def robe(tool: Tailor) -> None:
    """A mage's or priest's robe: wide sleeves, a stole with signs, a capelet or a high collar."""
    t, rng, u, s = tool.torso, tool.rng, tool.torso.long, tool.torso.shoulder
    c, trim = tool.main, tool.who.metal if chance(rng, 0.6) else tool.accent
    half = v_neck(t, t.neck * 1.2, uniform(rng, 0.15, 0.8) * u)
    tool.cloth(round_neck(t, t.neck * 1.1, 0.05), tool.second, grow=0.02)
    gown(tool, half, c, uniform(rng, 3.0, 5.2), grow=0.1 * u, flare=uniform(rng, 0.1, 0.5), trim=trim)
    if chance(rng, 0.6):
        w, sign = uniform(rng, 0.13, 0.2) * s, _sign(tool)
        for q in (-1, 1):
            xs = (t.neck * 1.15, t.neck * 1.15 + 2 * w, 0.16 * s + 2 * w, 0.14 * s + 2 * w, 0.14 * s, 0.14 * s)
            strip = xy(xs, (t.y - 0.1, t.y + 0.1 * u, t.bust_y, t.crotch + 2 * u, t.crotch + 2 * u, t.bust_y))
            tool.piece(strip * (q, 1), tool.second, 0.15)
            tool.stripe(strip[2:4] * (q, 1) - (q * 0.06 * u, 0), trim, 0.05 * u, 0.15)
            emblem(tool, q * (0.14 * s + w), t.bust_y + 0.4 * u, 0.13 * u, trim, 0.2, sign)
    tool.stripe(tool.both(half), trim, 0.1 * u, 0.1, inked=True)
    parts.belt(tool, tool.accent, t.waist_y - 0.1 * u, 0.22 * u, buckle=trim if chance(rng, 0.5) else None)
    tool.sleeve = Sleeve(c, 0.97, ease=0.4, flare=uniform(rng, 0.6, 1.5), stripes=[(0.9, trim, 0.08 * u)])
    if chance(rng, 0.45):
        wide = uniform(rng, 0.95, 1.1) * s

        def capelet(w: Tailor) -> None:
            low = t.bust_y - 0.15 * u
            half = np.vstack(
                [
                    t.shoulder_line(t.neck * 1.1, s - 0.9 * t.arm, 0.12 * u, 8),
                    pairs(
                        (wide + 0.1 * u, wide + 0.16 * u, 0.5 * s, 0),
                        (t.top + 0.5 * u, low - 0.1 * u, low + 0.12 * u, low + 0.16 * u),
                    ),
                ]
            )
            inner = np.array([(0.0, t.y + 0.25 * u)])
            w.piece(np.vstack([half, t.mirrored(half)[1:], inner]), w.second, 0.05)
            w.stripe(w.both(half[-3:]) - (0, 0.09 * u), trim, 0.06 * u, 0.05)
            w.piece(np.array([(-0.14, 0), (0, -0.14), (0.14, 0), (0, 0.2)]) * u + (0, t.y + 0.28 * u), w.accent, 0.3)

        tool.add("over", capelet)
    elif chance(rng, 0.6):
        tool.add("over", lambda w: parts.stand_collar(w, w.second, 0.7, gap=0.5 * t.neck, trim=trim, flare=0.08 * u))


def tunic(tool: Tailor) -> None:
    """An adventurer's or elf's tunic: vest with lacing over a shirt, straps and belts."""
    t, rng, u, s = tool.torso, tool.rng, tool.torso.long, tool.torso.shoulder
    under, c = tool.white(0.5), tool.main
    leather = col.hsv(uniform(rng, 0.04, 0.09), uniform(rng, 0.4, 0.65), uniform(rng, 0.3, 0.55))
    bottoms.usual(tool, leather if chance(rng, 0.4) else tool.second)
    neck = v_neck(t, t.neck * 1.25, uniform(rng, 0.4, 0.8) * u)
    tool.cloth(neck, under, grow=0.06 * u)
    vest = v_neck(t, t.neck + 0.35 * (s - t.neck), uniform(rng, 1.0, 1.5) * u)
    tool.cloth(vest, c, grow=0.08 * u, cover=0.8, hem=t.hip_y + uniform(rng, 0.0, 0.6) * u)
    tool.stripe(tool.both(vest), tool.accent if chance(rng, 0.5) else leather, 0.09 * u)
    for k in range(3):
        y, w = neck[-1, 1] - 0.1 * u + 0.2 * k * u, 0.1 * u
        tool.stripe(np.array([(-w, y), (w, y + 0.14 * u)]), leather, 0.03 * u, 0.25)
        tool.stripe(np.array([(w, y), (-w, y + 0.14 * u)]), leather, 0.03 * u, 0.25)
    if chance(rng, 0.6):
        q = 1 if chance(rng, 0.5) else -1
        points = np.array([(-0.66 * s, t.y + 0.6 * t.drop), (0, t.bust_y + 0.1 * u), (t.waist, t.waist_y)]) * (q, 1)
        tool.stripe(points, leather, 0.16 * u, 0.15, inked=True)
    parts.belt(tool, leather, t.waist_y - 0.02 * u, 0.24 * u, buckle=tool.who.metal)
    tool.sleeve = Sleeve(under, LONG if chance(rng, 0.6) else SHORT, ease=0.36, puff=0.25, cuff=(leather, 0.22))
    if chance(rng, 0.4):
        cloak(tool)

"""Hoodie, T-shirt, turtleneck, dress with bare shoulders, tank top, kimono, armour-like coat."""

import numpy as np

from cubiseg.sources.synthetic import colour as col
from cubiseg.sources.synthetic.garments.base import Tailor, round_neck, v_neck
from cubiseg.sources.synthetic.paint import path, spline
from cubiseg.sources.synthetic.rng import chance, uniform


def hoodie(tool: Tailor) -> None:
    """Hooded pullover: the hood lies around the neck, cords hang from it."""
    who, t, rng = tool.who, tool.torso, tool.rng
    tool.cloth(round_neck(t, t.neck * 1.3, 0.3), who.cloth, grow=0.16)
    wide = min(uniform(rng, 0.6, 0.9) * t.shoulder, t.neck + 0.75)
    for s in (-1, 1):
        hood = np.array(
            [
                (s * t.neck * 1.0, t.y - 0.42),
                (s * (t.neck + 0.3), t.y - 0.5),
                (s * wide, t.y - 0.05),
                (s * 0.72 * wide, t.y + 0.45),
                (0, t.y + 0.75),
                (0, t.y + 0.32),
                (s * 0.8 * t.neck, t.y + 0.05),
            ]
        )
        shape = tool.piece(hood, who.cloth, 0.1, smooth=40)
        with tool.board.clipped(shape):
            inner = np.array(
                [(s * t.neck * 1.0, t.y - 0.4), (s * (t.neck + 0.18), t.y - 0.1), (0, t.y + 0.5), (0, t.y + 0.2)]
            )
            tool.board.fill(path(spline(tool.px(inner, 0.1), 24, closed=True)), tool.shade(who.cloth), 0.8)
    for s in (-1, 1):
        cord = np.array([(s * 0.28, t.y + 0.5), (s * 0.3, t.y + 0.9), (s * 0.26, t.y + 1.3)])
        tool.stripe(spline(cord, 10), tool.ink(who.cloth), 0.075, 0.2)
        tool.stripe(spline(cord, 10), col.WHITE if chance(rng, 0.6) else who.accent, 0.05, 0.2)


def tee(tool: Tailor) -> None:
    """T-shirt with a round or V neck, sometimes printed."""
    who, t, rng = tool.who, tool.torso, tool.rng
    wide = t.neck * uniform(rng, 1.1, 1.7)
    neck = round_neck(t, wide, uniform(rng, 0.1, 0.6)) if chance(rng, 0.7) else v_neck(t, wide, uniform(rng, 0.3, 0.9))
    shape = tool.cloth(neck, who.cloth)
    tool.stripe(
        np.vstack([neck, (neck * (-1, 1))[::-1]]), who.cloth2 if chance(rng, 0.3) else tool.shade(who.cloth), 0.06
    )
    if chance(rng, 0.35):
        with tool.board.clipped(shape):
            for k in range(9):
                tool.stripe(
                    np.array([(-4, t.y + 0.7 + 0.36 * k), (0, t.y + 0.78 + 0.36 * k), (4, t.y + 0.7 + 0.36 * k)]),
                    who.cloth2,
                    0.15,
                )


def turtleneck(tool: Tailor) -> None:
    """High collar, long sleeves or bare shoulders."""
    who, t, rng = tool.who, tool.torso, tool.rng
    sleeveless = chance(rng, 0.4)
    high = t.y - uniform(rng, 0.55, 0.95) * (t.y - 0.82 * who.face.chin)
    if sleeveless:
        cut = uniform(rng, 0.62, 0.85) * t.shoulder
        half = np.array(
            [
                (0, t.y - 0.1),
                (t.neck, t.y - 0.16),
                (cut, t.y + 0.3),
                (cut, t.y + 0.9),
                (t.shoulder - 0.26, t.y + 1.5),
                (t.waist * t.shoulder, t.y + 3.5),
                (t.waist * t.shoulder, 9),
            ]
        )
        outline = np.vstack([half, t.mirrored(half)])
        shape = path(tool.px(outline))
        tool.board.outline(shape, who.cloth, tool.ink(who.cloth), tool.line)
    else:
        tool.cloth(round_neck(t, t.neck * 1.1, 0.05), who.cloth)
    tube = np.array(
        [(t.neck * 1.07, high), (t.neck * 1.1, 0.5 * (high + t.y)), (t.neck * 1.2, t.y + 0.02), (0, t.y + 0.18)]
    )
    top = np.array([(0.5 * t.neck, high + 0.1), (-0.5 * t.neck, high + 0.1)])
    tool.piece(np.vstack([tube, (tube[:-1] * (-1, 1))[::-1], top[::-1]]), who.cloth, 0.05)
    with tool.board.clipped(path(tool.px(np.vstack([tube, (tube[:-1] * (-1, 1))[::-1]]), 0.05))):
        for k in range(4):
            y = high + (0.25 + 0.22 * k) * (t.y - high)
            tool.board.ink(
                spline(
                    tool.px(np.array([(-0.8 * t.neck, y - 0.04), (0, y + 0.06), (0.8 * t.neck, y - 0.04)]), 0.1), 12
                ),
                tool.ink(who.cloth),
                tool.line * 0.6,
                0.6,
            )


def dress(tool: Tailor) -> None:
    """Dress or top that leaves the shoulders bare, with straps, frills or none."""
    who, t, rng = tool.who, tool.torso, tool.rng
    top = t.y + uniform(rng, 0.55, 1.05)
    cut = t.shoulder - 0.34
    dip = uniform(rng, -0.1, 0.35)
    half = np.array(
        [
            (0, top + dip),
            (0.45 * cut, top + 0.02),
            (0.9 * cut, top - 0.1),
            (cut, top + 0.25),
            (t.waist * t.shoulder, t.y + 3.0),
            (t.waist * t.shoulder, 9),
        ]
    )
    edge = spline(half[:3], 16)
    outline = np.vstack([edge, half[3:], t.mirrored(np.vstack([edge, half[3:]]))])
    strap = uniform(rng, 0.05, 0.22) if chance(rng, 0.7) else 0.0
    if strap:
        for s in (-1, 1):
            x0, x1 = s * 0.62 * cut, s * (t.neck + 0.42 * (t.shoulder - t.neck))
            band = np.array(
                [
                    (x0 - strap / 2, top + 0.2),
                    (x0 + strap / 2, top + 0.2),
                    (x1 + strap / 2, t.y + 0.02),
                    (x1 - strap / 2, t.y),
                ]
            )
            tool.piece(band, who.cloth2 if chance(rng, 0.3) else who.cloth, 0.1)
    shape = path(tool.px(outline))
    tool.board.outline(shape, who.cloth, tool.ink(who.cloth), tool.line)
    tool.folds(shape, who.cloth)
    full = np.vstack([edge, (edge * (-1, 1))[::-1]])
    full = full[np.argsort(full[:, 0])]
    if chance(rng, 0.45):
        frill = np.column_stack([full[:, 0], full[:, 1]])
        wave = 0.05 * np.sin(np.linspace(0, 40, len(frill)))
        low = frill + np.column_stack([np.zeros(len(frill)), 0.18 + wave])
        tool.piece(np.vstack([frill - (0, 0.05), low[::-1]]), who.cloth2, 0.05)
    if chance(rng, 0.4):
        tool.bow(who.accent, top + dip + 0.15, uniform(rng, 0.2, 0.4))


def off_shoulder(tool: Tailor) -> None:
    """A wide neckline that lies below the shoulders, with sleeves."""
    who, t, rng = tool.who, tool.torso, tool.rng
    y = t.y + uniform(rng, 0.3, 0.6)
    neck = np.array([(t.shoulder * 0.92, y - 0.05), (0.5 * t.shoulder, y + 0.22), (0, y + 0.3)])
    tool.cloth(neck, who.cloth, grow=0.1, start=4)
    full = spline(np.vstack([neck, (neck * (-1, 1))[::-1][1:]]), 40)
    wave = 0.05 * np.sin(np.linspace(0, 45, 40)) * chance(rng, 0.6)
    tool.piece(np.vstack([full, (full + np.column_stack([np.zeros(40), 0.3 + wave]))[::-1]]), who.cloth2, 0.05)


def kimono(tool: Tailor) -> None:
    """Crossed collars, patterned cloth."""
    who, t, rng = tool.who, tool.torso, tool.rng
    depth = uniform(rng, 1.0, 1.7)
    shape = tool.cloth(v_neck(t, t.neck * 1.45, depth), who.cloth, grow=0.2)
    with tool.board.clipped(shape):
        for _ in range(int(rng.integers(0, 14))):
            c = tool.px(np.array([(rng.normal(0, t.shoulder * 0.8), t.y + 0.5 + 3 * rng.random())]))[0]
            r = tool.scale * uniform(rng, 0.1, 0.25)
            a = np.linspace(0, 2 * np.pi, 40)
            petals = c + r * (0.65 + 0.35 * np.cos(5 * a))[:, None] * np.stack([np.cos(a), np.sin(a)], 1)
            tool.board.fill(path(petals), who.cloth2, 0.9)
    for colour, w, inset in ((col.WHITE, 0.2, 0.0), (who.accent, 0.3, 0.12)):
        for s in (1, -1):
            x = t.neck * 1.15 + inset
            band = np.array([(s * x, t.y - 0.4), (s * (x + w), t.y - 0.22), (-s * 0.2, t.y + depth + 0.35 + inset),
                             (-s * (0.2 + w), t.y + depth + 0.2 + inset)])  # fmt: skip
            tool.piece(band, colour, 0.1)
    sash = t.y + depth + uniform(rng, 0.9, 1.4)
    with tool.board.clipped(shape):
        tool.piece(np.array([(-3, sash), (3, sash), (3, sash + 1.2), (-3, sash + 1.2)]), who.cloth2, 0.1)


def coat(tool: Tailor) -> None:
    """A military or fantasy coat: standing collar, double buttons, shoulder pieces."""
    who, t, rng = tool.who, tool.torso, tool.rng
    tool.cloth(round_neck(t, t.neck * 1.15, 0.05), who.cloth, grow=0.14)
    high = t.y - 0.5 * who.face.neck_length - 0.05
    tool.stripe(np.array([(0.0, t.y), (0.0, 9)]), who.metal, 0.05, 0.2)
    for k in range(4):
        for s in (-1, 1):
            c = tool.px(np.array([(s * 0.32, t.y + 0.4 + 0.55 * k)]), 0.2)[0]
            tool.board.outline(
                path(
                    c
                    + 0.075
                    * tool.scale
                    * np.stack([np.cos(np.linspace(0, 6.28, 16)), np.sin(np.linspace(0, 6.28, 16))], 1)
                ),
                who.metal,
                tool.ink(who.metal),
                tool.line * 0.7,
            )
    for s in (-1, 1):
        flap = np.array(
            [
                (s * t.neck * 1.1, high),
                (s * t.neck * 1.35, high + 0.05),
                (s * t.neck * 1.4, t.y + 0.1),
                (s * 0.04, t.y + 0.25),
                (s * 0.08, high + 0.3),
            ]
        )
        tool.piece(flap, who.cloth2, 0.12)
        if chance(rng, 0.6):
            pad = np.array(
                [
                    (s * 0.62 * t.shoulder, t.y + 0.02),
                    (s * (t.shoulder + 0.22), t.y + 0.3),
                    (s * (t.shoulder + 0.2), t.y + 0.72),
                    (s * 0.68 * t.shoulder, t.y + 0.42),
                ]
            )
            tool.piece(pad, who.metal if chance(rng, 0.5) else who.cloth2, 0.1, smooth=32)

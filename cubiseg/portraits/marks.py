"""Blush, freckles, moles, scars, paint, tears and sweat: all painted into the face's own layer."""

from collections.abc import Callable

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.character import Character
from cubiseg.portraits.head import Head
from cubiseg.portraits.paint import Board, path, ribbon, spline
from cubiseg.portraits.rng import Rng
from cubiseg.portraits.scene import Scene

Points = np.ndarray


def _oval(head: Head, u: float, v: float, rx: float, ry: float) -> Points:
    a = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    return head.on_face(np.column_stack([u + rx * np.cos(a), v + ry * np.sin(a)]))


def paint_blush(board: Board, who: Character, head: Head, scene: Scene) -> None:
    """Redness of the cheeks as the character's artist draws it, as strong as the expression asks."""
    amount, kind = scene.expression.blush, who.manner.blush
    rng = who.rng("blush")
    depth = 0.25 + 0.75 * col.luma(who.skin)  # no lamps on dark skin
    red = (0.97 * depth, rng.uniform(0.25, 0.45) * depth, rng.uniform(0.25, 0.42) * depth)
    tint = col.mix(who.skin, red, rng.uniform(0.5, 0.8))
    if who.manner.nose_tint:
        tip = head.on_face(np.array([[0.0, who.face.nose * who.face.chin]]), 0.12)[0]
        board.spot(tip, 0.2 * head.scale, tint, 0.5 * who.manner.nose_tint)
    if amount <= 0:
        return
    size = rng.uniform(0.8, 1.25)
    y = who.eyes.height * 0.5 + rng.uniform(0.07, 0.2)
    x = who.eyes.x * rng.uniform(1.0, 1.18)
    if kind in ("soft", "soft strokes", "across"):
        for s in (-1, 1):
            board.spot(head.on_face(np.array([[s * x, y]]))[0], 0.36 * size * head.scale, tint, 0.6 * amount)
    if kind == "across":
        band = head.on_face(np.column_stack([np.linspace(-x, x, 16), np.full(16, y - 0.02)]), 0.04)
        board.fill(path(ribbon(band, 0.2 * size * head.scale)), tint, 0.5 * amount, atop=True, blur=0.07 * head.scale)
    if kind == "oval":
        for s in (-1, 1):
            shape = path(_oval(head, s * x, y, 0.2 * size, 0.11 * size))
            board.fill(shape, tint, 0.35 + 0.5 * amount, atop=True, blur=rng.choice([0.0, 0.015]) * head.scale)
    if kind == "under eyes":
        for s in (-1, 1):
            arc = np.linspace(-0.5, 0.5, 10)
            line = np.column_stack(
                [s * (who.eyes.x + arc * who.eyes.width), 0.5 * who.eyes.height + 0.03 - 0.2 * arc**2]
            )
            board.ink(head.on_face(line), tint, 0.13 * head.scale, 0.4 * amount + 0.15, start=0, end=0, atop=True)
    if kind in ("strokes", "soft strokes"):
        count, lean = int(rng.integers(2, 6)), rng.uniform(0.02, 0.06)
        for s in (-1, 1):
            for k in np.arange(count) - (count - 1) / 2:
                c = s * x + 0.085 * k
                line = head.on_face(np.array([(c + lean, y - 0.06), (c, y), (c - lean, y + 0.06)]))
                board.ink(line, col.shade(tint, 0.35), 0.02 * head.scale, 0.5 + 0.4 * amount, atop=True)


def _freckles(board: Board, who: Character, head: Head, ink: col.Colour, rng: Rng) -> None:
    n = int(rng.integers(10, 28))
    u = rng.normal(0, 0.42, n)
    v = 0.5 * who.eyes.height + 0.14 + rng.normal(0, 0.055, n)
    spots = head.on_face(np.column_stack([u, v]), 0.02)
    for c, r in zip(spots, rng.uniform(0.008, 0.018, n), strict=True):
        board.spot(c, 1.6 * r * head.scale, ink, 0.75)


def _mole(board: Board, who: Character, head: Head, ink: col.Colour, rng: Rng) -> None:
    side = 1 if rng.random() < 0.5 else -1
    mouth = who.face.mouth * who.face.chin
    places = [
        (who.eyes.x * rng.uniform(0.75, 1.2), 0.5 * who.eyes.height + rng.uniform(0.08, 0.16)),
        (who.face.mouth_width + 0.1, mouth + rng.uniform(0.0, 0.1)),
    ]
    u, v = places[int(rng.random() < 0.35)]
    board.fill(path(_oval(head, side * u, v, 0.017, 0.017)), col.mix(ink, (0.1, 0.05, 0.05), 0.6), atop=True)


def _scar(board: Board, who: Character, head: Head, ink: col.Colour, rng: Rng) -> None:
    side = 1 if rng.random() < 0.5 else -1
    u, v = side * rng.uniform(0.3, 0.75), rng.uniform(0.1, 0.7) * who.face.chin * 0.8
    way = np.array([rng.uniform(-0.25, 0.25), rng.uniform(0.15, 0.4)])
    c = np.array([u, v])
    line = head.on_face(np.array([c - way, (u + 0.02, v), c + way]))
    pale = col.shade(who.skin, 0.4, towards=0.97)
    board.ink(spline(line, 16), pale, 0.035 * head.scale, start=0.1, end=0.0, atop=True)
    if rng.random() < 0.5:
        for t in (0.25, 0.5, 0.75):
            mid = line[0] + (line[-1] - line[0]) * t
            across = 0.06 * head.scale * np.array([1.0, rng.uniform(-0.3, 0.3)])
            board.ink(np.stack([mid - across, mid, mid + across]), pale, 0.02 * head.scale, atop=True)


def _stripes(board: Board, who: Character, head: Head, ink: col.Colour, rng: Rng) -> None:
    """Two or three strokes on each cheek, as whiskers or war paint."""
    n, slope = int(rng.integers(2, 4)), rng.uniform(-0.1, 0.15)
    for s in (-1, 1):
        for k in range(n):
            v = 0.5 * who.eyes.height + 0.14 + 0.1 * k
            line = head.on_face(np.array([(s * 0.5, v), (s * 0.68, v - 0.4 * slope), (s * 0.85, v - slope)]))
            board.ink(line, ink, 0.032 * head.scale, start=0.0, end=0.5, atop=True)


def _paint(board: Board, who: Character, head: Head, ink: col.Colour, rng: Rng) -> None:
    """A sign of paint under one or both eyes: a drop, a diamond or a band."""
    c, kind = who.accent, int(rng.integers(0, 3))
    for s in (-1, 1) if rng.random() < 0.6 else (1,):
        u, v = s * who.eyes.x, 0.5 * who.eyes.height + 0.13
        if kind == 0:
            shape = np.array([(u, v - 0.06), (u + 0.04, v), (u, v + 0.14), (u - 0.04, v)])
        elif kind == 1:
            shape = np.array([(u - 0.16, v - 0.02), (u + 0.16, v - 0.05), (u + 0.15, v + 0.04), (u - 0.15, v + 0.06)])
        else:
            shape = np.array([(u - 0.07, v - 0.04), (u + 0.07, v - 0.04), (u, v + 0.2)])
        board.fill(path(head.on_face(shape)), c, 0.9, atop=True)


_MARKS: dict[str, Callable[[Board, Character, Head, col.Colour, Rng], None]] = {
    "freckles": _freckles,
    "mole": _mole,
    "scar": _scar,
    "stripes": _stripes,
    "paint": _paint,
}


def paint_marks(board: Board, who: Character, head: Head) -> None:
    """What is always on this character's face."""
    mark = _MARKS.get(who.manner.mark)
    if mark:
        rng = who.rng("face mark")
        ink = col.shade(who.skin, 0.75, towards=0.97)
        mark(board, who, head, who.accent if who.manner.mark == "stripes" and rng.random() < 0.6 else ink, rng)


_WATER: col.Colour = (0.83, 0.93, 1.0)


def _drop(board: Board, at: Points, size: float, ink: col.Colour, line: float) -> None:
    a = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    shape = np.column_stack([0.62 * np.sin(a) * np.sin(0.5 * a), -np.cos(a)]) * size + at
    board.fill(path(shape), _WATER, 0.85, atop=True)
    board.stroke(path(shape), ink, line, 0.8, atop=True)
    board.spot(at + size * np.array([-0.15, 0.35]), 0.3 * size, col.WHITE, 0.9)


def paint_tears(board: Board, who: Character, head: Head, scene: Scene, ink: col.Colour) -> None:
    """Tears that run down the cheeks, and drops of sweat on brow or cheek."""
    kind, e = scene.expression.tears, who.eyes
    rng, line = scene.rng("tears"), max(who.style.line, 0.008) * head.scale * 0.8
    soft = col.mix(ink, (0.35, 0.55, 0.75), 0.7)
    if kind == "streams":
        for s in (-1, 1):
            v = np.linspace(0.3 * e.height, who.face.chin, 12)
            u = s * (e.x + 0.03 * np.sin(4 * v) + 0.1 * (1 - v / who.face.chin))
            band = ribbon(head.on_face(np.column_stack([u, v]), 0.01), 0.16 * head.scale)
            board.fill(path(band), _WATER, 0.7, atop=True)
            board.stroke(path(band), soft, line, 0.7, atop=True)
    elif kind == "drops":
        for s in (-1, 1):
            for _ in range(int(rng.integers(0, 3))):
                uv = np.array([[s * e.x * rng.uniform(0.8, 1.2), 0.5 * e.height + rng.uniform(0.08, 0.4)]])
                at = head.on_face(uv)
                _drop(board, at[0], rng.uniform(0.05, 0.09) * head.scale, soft, line)
    elif kind == "sweat":
        s = 1 if rng.random() < 0.5 else -1
        at = head.on_face(np.array([[s * rng.uniform(0.6, 0.82), rng.uniform(-0.5, 0.45)]]))
        _drop(board, at[0], rng.uniform(0.09, 0.15) * head.scale, soft, line)

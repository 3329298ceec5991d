"""Brows, nose and mouth on the face plate."""

from collections.abc import Callable

import numpy as np

from cubiseg.sources.synthetic import colour as col
from cubiseg.sources.synthetic.character import Character
from cubiseg.sources.synthetic.face import skin_ink, skin_shade
from cubiseg.sources.synthetic.head import Head
from cubiseg.sources.synthetic.paint import Board, blob, path, ribbon, spline
from cubiseg.sources.synthetic.scene import Scene

Place = Callable[[np.ndarray, np.ndarray], np.ndarray]


def paint_brow(board: Board, who: Character, head: Head, scene: Scene, side: int) -> None:
    """One brow; ``side`` +1 is the character's left."""
    b, e = who.brows, scene.expression
    rng = scene.rng("brow lift")
    lift = 0.1 * e.brow_raise + (0.05 * rng.random() if side > 0 else 0.0)
    half = 0.5 * b.length
    angle = 0.16 * e.brow_angle
    x = np.array([-half, -0.3 * half, 0.3 * half, half])
    y = -b.y - lift + np.array([0.3 * b.arch, -0.6 * b.arch, -b.arch, 0.2 * b.arch])
    y = y + angle * np.array([1.0, 0.4, -0.2, -0.5])
    cx = who.eyes.x * 0.98
    if b.shape == "dot":
        x, y = x * 0.35, y * 1.05
    line = spline(head.on_face(np.column_stack([side * (cx + x), y])), 20)
    t = np.linspace(0, 1, 20)
    width = {
        "taper": 0.35 + 0.75 * np.sin(np.pi * np.clip(0.12 + 0.88 * t, 0, 1)),
        "even": 0.8 + 0.2 * np.sin(np.pi * t),
        "dot": 1.6 * np.sqrt(np.sin(np.pi * np.clip(t, 0.02, 0.98))),
        "wedge": 1.25 * (1 - t) ** 0.8 + 0.1,
    }[b.shape]
    thick = np.maximum(width * b.thickness * head.scale, 0.9)
    board.fill(path(ribbon(line, thick)), b.colour)


def paint_nose(board: Board, who: Character, head: Head, scene: Scene) -> bool:
    """The nose; False when this character has none."""
    kind, v = who.nose, who.face.nose * who.face.chin
    if kind == "none":
        return False
    ink, line = skin_ink(who), max(who.style.line, 0.012) * head.scale
    facing = np.sign(scene.pose.yaw) if abs(scene.pose.yaw) > 0.06 else (1.0 if scene.light < 0 else -1.0)

    def at(points: list[tuple[float, float]], lift: float = 0.12) -> np.ndarray:
        return head.on_face(np.array(points) * (facing, 1), lift)

    if kind == "dot":
        c = at([(0.0, v)])[0]
        board.fill(path(c + 0.027 * head.scale * np.array([(-1, 0), (0, -0.7), (1, 0), (0, 0.7)])), ink)
    elif kind == "tick":
        board.ink(spline(at([(0.0, v - 0.07), (0.03, v - 0.01), (-0.02, v + 0.02)]), 10), ink, line * 1.5)
    elif kind == "line":
        pts = at([(0.02, v - 0.3), (0.035, v - 0.12), (0.06, v - 0.02), (0.0, v + 0.03)])
        board.ink(spline(pts, 16), ink, line, start=0.0, end=0.4, belly=0.75)
    elif kind == "wedge":
        board.fill(path(at([(0.0, v - 0.09), (0.06, v + 0.01), (-0.02, v + 0.025)])), skin_shade(who))
        board.ink(at([(0.06, v + 0.01), (0.02, v + 0.02), (-0.02, v + 0.025)]), ink, line * 0.9)
    elif kind == "nostrils":
        for s in (-1, 1):
            c = [(0.055 * s - 0.025, v + 0.005), (0.055 * s, v - 0.012), (0.055 * s + 0.03, v + 0.008)]
            board.ink(spline(at(c, 0.08), 8), ink, line * 1.3)
        board.ink(at([(0.03, v - 0.06), (0.06, v - 0.03), (0.07, v)]), ink, line * 0.7)
    else:
        shade = skin_shade(who)
        wing = blob(
            at(
                [
                    (0.0, v - 0.16),
                    (0.09, v - 0.03),
                    (0.1, v + 0.03),
                    (0.0, v + 0.055),
                    (-0.06, v + 0.03),
                    (0.02, v - 0.03),
                ]
            )
        )
        board.fill(wing, shade, 0.85, blur=0.012 * head.scale)
        board.ink(spline(at([(-0.06, v + 0.02), (0.0, v + 0.045), (0.07, v + 0.025)]), 10), ink, line)
        c = at([(-0.015, v - 0.05)], 0.16)[0]
        board.fill(path(c + 0.025 * head.scale * np.array([(-1, 0), (0, -1.6), (1, 0), (0, 1)])), col.WHITE, 0.7)
    return True


def paint_mouth(board: Board, who: Character, head: Head, scene: Scene) -> None:
    """Lips, teeth, tongue or a line."""
    e, f = scene.expression, who.face
    v = f.mouth * f.chin
    width = (0.17 + 0.13 * who.maturity + 0.07 * who.masculine + 0.08 * scene.rng("mouth").random()) * (
        1 + 0.25 * max(e.smile, 0)
    )
    scale, line = head.scale, max(who.style.line, 0.012) * head.scale
    ink = col.mix(skin_ink(who), (0.35, 0.08, 0.08), 0.35)

    def at(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return head.on_face(np.column_stack([x, v + y]), 0.02)

    t = np.linspace(-1, 1, 25)
    x = width * t
    if e.mouth in ("line", "cat", "wave"):
        if e.mouth == "cat":
            y = -0.09 * np.abs(np.sin(np.pi * t)) + 0.03
            x = x * 0.85
            y = -y
        elif e.mouth == "wave":
            y = 0.025 * np.sin(2.5 * np.pi * t)
        else:
            y = -0.13 * e.smile * (t * t - 0.4)
            x = x * 0.85
        if who.lips != "plain":
            _lips(board, who, at, x, y, scale, 0.4 if who.lips == "tint" else 0.85)
        board.ink(at(x, y), ink, line * 1.3, start=0.35, end=0.35)
        if e.mouth == "line" and who.lips == "plain" and who.maturity > 0.4:
            low = at(np.linspace(-0.09, 0.09, 8), np.full(8, 0.1))
            board.ink(low, skin_ink(who), line * 0.8, 0.7, start=0.0, end=0.0)
        return
    depth = 0.08 + 0.34 * e.open * (0.75 + 0.25 * f.chin)
    depth = min(depth, 0.8 * (f.chin - v))
    if e.mouth == "round":
        w, depth = width * (0.25 + 0.3 * e.open), depth * 0.8
        a = np.linspace(0, 2 * np.pi, 28, endpoint=False)
        upper, lower = (
            at(w * np.cos(a[14:]), 0.5 * depth * np.sin(a[14:])),
            at(w * np.cos(a[:14]), 0.5 * depth * np.sin(a[:14])),
        )
        outline = np.vstack([upper, lower])
    else:
        if e.mouth == "grin":
            depth *= 0.55
        top = -0.1 * max(e.smile, 0.15) * (t * t - 0.5) - 0.02
        bottom = top + depth * (1 - np.abs(t) ** 2.4) ** (0.55 if e.mouth == "open" else 0.7)
        upper, lower = at(x * 0.92, top), at(x * 0.92, bottom)[::-1]
        outline = np.vstack([upper, lower])
    shape = path(outline)
    if who.lips == "full":
        board.stroke(shape, col.mix(who.skin, (0.85, 0.25, 0.3), 0.6), 0.075 * scale)
    inside = col.hsv(0.99, 0.6, 0.35 + 0.3 * who.style.contrast)
    if who.rng("mouth inside").random() < 0.33:
        inside = col.mix(who.skin, (0.9, 0.3, 0.3), 0.6)
    board.fill(shape, inside)
    with board.clipped(shape):
        c = at(np.array([0.0]), np.array([depth * 0.95]))[0]
        a = np.linspace(0, 2 * np.pi, 24)
        tongue = c + scale * np.column_stack([width * 0.62 * np.cos(a), 0.42 * depth * np.sin(a)])
        if e.mouth != "grin":
            board.fill(path(tongue), col.mix(inside, (0.98, 0.55, 0.52), 0.7))
        teeth = scene.rng("teeth").random()
        if e.mouth == "grin":
            board.fill(shape, (0.98, 0.97, 0.95))
            mid = at(x, top + 0.5 * depth)
            board.ink(mid, ink, line * 0.6, 0.6)
        elif e.mouth == "open" and teeth < 0.6:
            strip = np.vstack([at(x, top - 0.02), at(x, top + min(0.28 * depth, 0.07))[::-1]])
            board.fill(path(strip), (0.99, 0.98, 0.96))
        if teeth < 0.15 and e.mouth == "open":
            fang = at(np.array([0.5, 0.6, 0.68]) * width, np.array([-0.02, 0.08, -0.02]))
            board.fill(path(fang), col.WHITE)
    board.stroke(shape, ink, line)


def _lips(board: Board, who: Character, at: Place, x: np.ndarray, y: np.ndarray, scale: float, strength: float) -> None:
    tint = col.mix(who.skin, (0.85, 0.25, 0.32), strength)
    t = np.linspace(-1, 1, len(x))
    bow = np.sqrt(np.maximum(1 - t * t, 0))
    upper = at(x * 0.85, y - 0.055 * bow * (1 - 0.35 * np.exp(-((t / 0.2) ** 2))))
    lower = at(x * 0.85, y + 0.085 * bow)
    board.fill(path(np.vstack([upper, lower[::-1]])), tint, 0.55 + 0.4 * strength)
    gloss = at(np.array([-0.05, 0.0, 0.05]), np.array([0.045, 0.05, 0.045]) + float(y[len(y) // 2]))
    board.ink(gloss, col.WHITE, 0.02 * scale, 0.6 * strength)

"""Woven and printed patterns, and prints and emblems, painted inside the shape of a piece of cloth."""

import numpy as np
import skia

from cubiseg.portraits import colour as col
from cubiseg.portraits.colour import Colour
from cubiseg.portraits.garments.base import Tailor, Weave
from cubiseg.portraits.paint import Board, path
from cubiseg.portraits.rng import Rng, pick, uniform
from cubiseg.portraits.tables import weights


def _contrast(tool: Tailor, ground: Colour) -> Colour:
    for c in (tool.second, tool.accent):
        if abs(col.luma(c) - col.luma(ground)) > 0.15:
            return c
    return col.light(ground, 0.7) if col.luma(ground) < 0.55 else col.shade(ground, 0.9)


def weave(tool: Tailor, ground: Colour, kinds: dict[str, float]) -> Weave | None:
    """A pattern for cloth of ``ground``, or None for plain cloth (kind "plain")."""
    rng = tool.rng
    kind = pick(rng, {name: w * (0.55 if name == "plain" else 1.0) for name, w in kinds.items()})
    c, c2 = _contrast(tool, ground), tool.accent
    step = uniform(rng, 0.16, 0.42) * max(tool.torso.long, 0.8) ** 0.6 * tool.scale
    turn, seed = uniform(rng, -12, 12), int(rng.integers(0, 2**31))
    if kind == "plain" or step < 2:
        return None

    def paint(board: Board, shape: skia.Path) -> None:
        box = shape.getBounds()
        x0, y0 = max(box.left(), -step), max(box.top(), -step)
        x1, y1 = min(box.right(), board.size + step), min(box.bottom(), board.size + step)
        if x1 <= x0 or y1 <= y0:
            return
        with board.clipped(shape):
            _PAINT[kind](board, np.array([x0, y0, x1, y1]), step, c, c2, turn, np.random.default_rng(seed))

    return paint


def _rules(
    board: Board, lines: list[tuple[float, float, float, float]], c: Colour, width: float, alpha: float = 1.0
) -> None:
    p = skia.Path()
    for x0, y0, x1, y1 in lines:
        p.moveTo(x0, y0)
        p.lineTo(x1, y1)
    board.stroke(p, c, width, alpha)


def _stripes(board: Board, box: np.ndarray, step: float, c: Colour, c2: Colour, turn: float, rng: Rng) -> None:
    x0, y0, x1, y1 = box
    w = step * uniform(rng, 0.25, 0.55)
    if turn > 4:  # upright pinstripes
        _rules(board, [(x, y0, x, y1) for x in np.arange(x0, x1 + step, 0.7 * step)], c, 0.25 * w, 0.8)
    else:
        _rules(board, [(x0, y, x1, y) for y in np.arange(y0, y1 + step, step)], c, w)


def _plaid(board: Board, box: np.ndarray, step: float, c: Colour, c2: Colour, turn: float, rng: Rng) -> None:
    x0, y0, x1, y1 = box
    for k, (colour, w, a) in enumerate(((c, 0.55, 0.4), (c2, 0.1, 0.8), (c, 0.08, 0.7))):
        off = (0.0, 0.55, 0.75)[k] * step * 1.6
        _rules(board, [(x, y0, x, y1) for x in np.arange(x0 + off, x1 + step, 1.6 * step)], colour, w * step, a)
        _rules(board, [(x0, y, x1, y) for y in np.arange(y0 + off, y1 + step, 1.6 * step)], colour, w * step, a)


def _dots(board: Board, box: np.ndarray, step: float, c: Colour, c2: Colour, turn: float, rng: Rng) -> None:
    p, r = skia.Path(), step * uniform(rng, 0.16, 0.3)
    for j, y in enumerate(np.arange(box[1], box[3] + step, 0.87 * step)):
        for x in np.arange(box[0] + 0.5 * step * (j % 2), box[2] + step, step):
            p.addCircle(float(x), float(y), r)
    board.fill(p, c)


def _checks(board: Board, box: np.ndarray, step: float, c: Colour, c2: Colour, turn: float, rng: Rng) -> None:
    p, h = skia.Path(), 0.5 * step
    for j, y in enumerate(np.arange(box[1], box[3] + step, h)):
        for x in np.arange(box[0] + h * (j % 2), box[2] + step, step):
            p.addRect(skia.Rect.MakeXYWH(float(x), float(y), h, h))
    board.fill(p, c, 0.85)


def _argyle(board: Board, box: np.ndarray, step: float, c: Colour, c2: Colour, turn: float, rng: Rng) -> None:
    p, w, h = skia.Path(), 0.8 * step, 1.2 * step
    for j, y in enumerate(np.arange(box[1], box[3] + h, h)):
        for x in np.arange(box[0] + w * (j % 2), box[2] + w, 2 * w):
            p.addPath(path(np.array([(x, y - h), (x + w, y), (x, y + h), (x - w, y)])))
    board.fill(p, c, 0.7)
    board.stroke(p, c2, 0.06 * step, 0.8)


def _blossoms(board: Board, box: np.ndarray, step: float, c: Colour, c2: Colour, turn: float, rng: Rng) -> None:
    a = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    size = box[2:] - box[:2]
    for _ in range(int(np.clip(size.prod() / (10 * step * step), 3, 60))):
        at, r = box[:2] + rng.random(2) * size, step * uniform(rng, 0.4, 1.0)
        petals = at + (r * (0.62 + 0.38 * np.abs(np.cos(2.5 * (a + turn)))))[:, None] * np.stack(
            [np.cos(a), np.sin(a)], 1
        )
        board.fill(path(petals), c if rng.random() < 0.6 else c2, 0.92)
        board.fill(path(at + 0.22 * r * np.stack([np.cos(a), np.sin(a)], 1)), col.light(c, 0.7))


def _cable(board: Board, box: np.ndarray, step: float, c: Colour, c2: Colour, turn: float, rng: Rng) -> None:
    """Ribs of a knit, faint."""
    p = skia.Path()
    for x in np.arange(box[0], box[2] + step, 0.5 * step):
        y = np.arange(box[1], box[3] + step, 0.35 * step)
        p.addPath(path(np.column_stack([x + 0.09 * step * (-1) ** np.arange(len(y)), y]), closed=False))
    board.stroke(p, (0.1, 0.08, 0.1), 0.07 * step, 0.22)


def _seigaiha(board: Board, box: np.ndarray, step: float, c: Colour, c2: Colour, turn: float, rng: Rng) -> None:
    """Waves of overlapping circles, as on kimono."""
    p = skia.Path()
    for j, y in enumerate(np.arange(box[1], box[3] + step, 0.5 * step)):
        for x in np.arange(box[0] + step * (j % 2), box[2] + step, 2 * step):
            for r in (0.95, 0.6, 0.28):
                p.addArc(skia.Rect.MakeLTRB(x - r * step, y - r * step, x + r * step, y + r * step), 180, 180)
    board.stroke(p, c, 0.09 * step, 0.8)


_PAINT = {
    "stripes": _stripes,
    "plaid": _plaid,
    "dots": _dots,
    "checks": _checks,
    "argyle": _argyle,
    "blossoms": _blossoms,
    "cable": _cable,
    "seigaiha": _seigaiha,
}


# strokes of letters and figures in a unit square
_GLYPHS = (
    ((0, 1), (0.5, 0), (1, 1)),
    ((0, 0), (0, 1), (1, 1)),
    ((1, 0), (0, 0), (0, 0.5), (0.8, 0.5), (0, 0.5), (0, 1), (1, 1)),
    ((0, 0), (1, 0), (0.5, 0), (0.5, 1)),
    ((1, 0), (0, 0), (0, 1), (1, 1)),
    ((0, 1), (0, 0), (1, 1), (1, 0)),
    ((0, 0), (0.5, 1), (1, 0)),
    ((1, 0), (0, 0), (0, 0.5), (1, 0.5), (1, 1), (0, 1)),
    ((0, 0), (1, 0), (0.3, 1)),
    ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0)),
    ((0, 0), (0, 1), (0.5, 0.5), (1, 1), (1, 0)),
    ((0, 0), (1, 0), (0, 1), (1, 1)),
)


SIGNS = ("star", "cross", "moon", "shield", "circle")
"""Emblems that fit any time and place."""


def emblem(tool: Tailor, x: float, y: float, size: float, colour: Colour, z: float = 0.3, kind: str = "") -> None:
    """A print or badge centred on (x, y) in body coordinates; ``size``: half its width in head units."""
    rng = tool.rng
    kind = kind or pick(
        rng,
        weights(
            "star 1, heart 1, letters 2, cross 0.5, face 0.8, circle 1, bolt 0.6, shield 0.6, number 0.8, moon 0.5"
        ),
    )
    at, r = tool.px(np.array([(x, y)]), z)[0], size * tool.scale
    a = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    ring = np.stack([np.cos(a), np.sin(a)], 1)
    b = tool.board
    if kind == "star":
        k = np.arange(10) * np.pi / 5 - np.pi / 2
        rr = np.where(np.arange(10) % 2 == 0, 1.0, 0.42)[:, None]
        b.fill(path(at + r * rr * np.stack([np.cos(k), np.sin(k)], 1)), colour)
    elif kind == "heart":
        heart = np.column_stack(
            [np.sin(a) ** 3, -(0.81 * np.cos(a) - 0.31 * np.cos(2 * a) - 0.12 * np.cos(3 * a) - 0.06 * np.cos(4 * a))]
        )
        b.fill(path(at + r * heart), colour)
    elif kind in ("letters", "number"):
        count = int(rng.integers(3, 6)) if kind == "letters" else 2
        w = r * (1.5 / count if kind == "letters" else 0.62)
        for j in range(count):
            glyph = np.array(_GLYPHS[int(rng.integers(0, len(_GLYPHS)))], float)
            o = at + np.array([(j - 0.5 * (count - 1)) * 1.35 * w, 0])
            b.stroke(path(o + (glyph - 0.5) * (w, 1.6 * w), closed=False), colour, 0.26 * w)
    elif kind == "cross":
        b.stroke(path(at + np.array([(0, -r), (0, r)]), closed=False), colour, 0.3 * r)
        b.stroke(path(at + np.array([(-0.7 * r, -0.2 * r), (0.7 * r, -0.2 * r)]), closed=False), colour, 0.3 * r)
    elif kind == "face":
        b.fill(path(at + r * ring), colour)
        for s in (-1, 1):
            b.fill(path(at + r * np.array([(s * 0.95, -0.2), (s * 0.8, -1.2), (s * 0.2, -0.9)])), colour)
            b.fill(path(at + r * (0.12 * ring + (s * 0.4, -0.1))), col.shade(colour, 1.2))
        b.stroke(
            path(at + r * np.array([(-0.3, 0.35), (0, 0.5), (0.3, 0.35)]), closed=False),
            col.shade(colour, 1.2),
            0.08 * r,
        )
    elif kind == "bolt":
        shape = path(at + r * np.array([(0.2, -1), (-0.5, 0.15), (-0.05, 0.15), (-0.2, 1), (0.5, -0.2), (0.05, -0.2)]))
        b.fill(shape, colour)
    elif kind == "shield":
        b.fill(path(at + r * np.array([(-0.75, -0.9), (0.75, -0.9), (0.75, 0.1), (0, 1), (-0.75, 0.1)])), colour)
        b.stroke(
            path(at + 0.7 * r * np.array([(-0.75, -0.9), (0.75, -0.9), (0.75, 0.1), (0, 1), (-0.75, 0.1)])),
            col.light(colour, 0.6),
            0.12 * r,
        )
    elif kind == "moon":
        b.fill(path(at + r * np.vstack([ring[4:30], (0.75 * ring[4:30] + (0.12, -0.28))[::-1]])), colour)
    else:
        b.fill(path(at + r * ring), colour)
        b.fill(path(at + 0.6 * r * ring), col.light(colour, 0.7))

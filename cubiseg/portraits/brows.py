"""Brows on the face plate: a tapered band along an arch, in one of several manners."""

from collections.abc import Callable

import numpy as np
import skia

from cubiseg.portraits import colour as col
from cubiseg.portraits.character import Character
from cubiseg.portraits.head import Head
from cubiseg.portraits.paint import Board, gradient, path, ribbon
from cubiseg.portraits.scene import Scene

_N = 28
_T = np.linspace(0, 1, _N)
_PROFILES: dict[str, np.ndarray] = {
    "line": 0.5 + 0.5 * np.sin(np.pi * _T),
    "taper": np.sin(np.pi * np.clip(0.14 + 0.84 * _T, 0, 1)) + 0.12,
    "even": np.minimum(0.9, 0.6 + 3 * np.minimum(_T, 1 - _T)),
    "wedge": 1.2 * (1 - _T) ** 0.75 + 0.06,
    "natural": np.clip(1.05 * np.minimum(1, 0.55 + 2.6 * _T) * (1 - _T**3.0), 0.05, 2),
    "angled": np.clip(1.0 * np.minimum(1, 0.7 + 2 * _T) * (1 - _T**4.0), 0.05, 2),
    "flat": np.clip(1.1 * (1 - np.abs(2 * _T - 0.9) ** 6), 0.35, 2),
    "arched": np.sin(np.pi * np.clip(0.1 + 0.88 * _T, 0, 1)) + 0.1,
    "short": np.sqrt(np.sin(np.pi * np.clip(0.04 + 0.9 * _T, 0, 1))),
    "dot": np.sqrt(np.sin(np.pi * np.clip(_T, 0.02, 0.98))),
    "fading": np.minimum(1.0, 1.6 * (1.02 - _T)),
    "outlined": np.sqrt(np.sin(np.pi * np.clip(0.03 + 0.93 * _T, 0, 1))),
    "split": 1.2 * (1 - _T) ** 0.75 + 0.1,
}
"""Thickness from the inner to the outer end."""


def brow_line(who: Character, scene: Scene, side: int) -> np.ndarray:
    """(_N, 2) the middle of a brow in face coordinates, from its inner end; ``side`` +1 is the character's left."""
    b, e = who.brows, scene.expression
    lift = 0.11 * e.brow_raise + 0.1 * max(0.0, side * e.brow_skew) + 0.015 * scene.rng("brow lift").normal() * side
    angle = (0.15 if b.shape not in ("dot", "short") else 0.1) * (e.brow_angle - 0.5 * max(0.0, side * e.brow_skew))
    lift = max(lift, 0.07 - b.y + 0.45 * who.eyes.height)  # a frown never lies on the eye
    x = b.length * (_T - 0.5)
    bend = np.where(b.bend > _T, 1 - np.abs((b.bend - _T) / b.bend) ** 2, 1 - np.abs((_T - b.bend) / (1 - b.bend)) ** 2)
    if b.shape == "angled":  # rises straight and breaks
        bend = np.where(b.bend > _T, _T / b.bend, (1 - _T) / (1 - b.bend) * 0.9)
    y = -b.y - lift - b.arch * bend - b.slant * (2 * _T - 1)
    y = y + angle * (1.0 - 1.5 * _T - 0.35 * np.sin(np.pi * _T))
    u = b.x + x * (1 - 0.06 * max(e.brow_angle, 0))
    return np.column_stack([side * u, np.maximum(y, -1.0)])


def paint_brow(board: Board, who: Character, head: Head, scene: Scene, side: int) -> None:
    """One brow."""
    b = who.brows
    line = head.on_face(brow_line(who, scene, side))
    thick = np.maximum(_PROFILES[b.shape] * b.thickness * head.scale, 0.9)
    shape = path(ribbon(line, thick))
    _MANNERS.get(b.shape, _filled)(board, who, head, line, shape)


def _filled(board: Board, who: Character, head: Head, line: np.ndarray, shape: skia.Path) -> None:
    board.fill(shape, who.brows.colour)


def _natural(board: Board, who: Character, head: Head, line: np.ndarray, shape: skia.Path) -> None:
    """A soft body with hairs that stand up from its inner half."""
    b, rng = who.brows, who.rng("brow hairs")
    board.fill(shape, b.colour, 0.85, blur=0.006 * head.scale)
    size = b.thickness * head.scale
    for k in range(2, 20, 2):
        root = line[k] + (0, 0.3 * size)
        way = np.array([np.sign(line[-1, 0] - line[0, 0]) * (0.3 + 0.05 * k), -0.9 + 0.02 * k]) * size
        stroke = np.stack([root, root + 0.5 * way, root + way * rng.uniform(0.8, 1.15)])
        board.ink(stroke, col.shade(b.colour, 0.2), 0.3 * size, start=1.0, end=0.0, belly=0.1)


def _fading(board: Board, who: Character, head: Head, line: np.ndarray, shape: skia.Path) -> None:
    """The inner end melts into the skin."""
    c = who.brows.colour
    board.fill(shape, gradient(line[0], line[-1], [(c, 0.25), (c, 1.0), (c, 1.0)], [0.0, 0.45, 1.0]))


def _outlined(board: Board, who: Character, head: Head, line: np.ndarray, shape: skia.Path) -> None:
    """The colour of the hair within an ink line."""
    board.outline(shape, who.hair, col.ink(who.hair, who.style.ink), max(who.style.line, 0.01) * head.scale)


def _split(board: Board, who: Character, head: Head, line: np.ndarray, shape: skia.Path) -> None:
    """A shaved slit near the outer end."""
    way = line[19] - line[18]
    across = 3 * np.array([-way[1], way[0]])
    cut = np.stack([line[19] + across, line[19] - across])
    slit = path(ribbon(cut, 0.022 * head.scale))
    with board.clipped(slit, outside=True):
        board.fill(shape, who.brows.colour)


_MANNERS: dict[str, Callable[[Board, Character, Head, np.ndarray, skia.Path], None]] = {
    "natural": _natural,
    "fading": _fading,
    "outlined": _outlined,
    "split": _split,
}

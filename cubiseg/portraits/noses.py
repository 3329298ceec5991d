"""Noses, from nothing over a dot to a shaded nose."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.character import Character
from cubiseg.portraits.head import Head
from cubiseg.portraits.paint import Board, blob, path, spline
from cubiseg.portraits.scene import Scene
from cubiseg.portraits.skin import skin_ink, skin_shade
from cubiseg.portraits.tables import Point

TIP = 0.13
"""How far the tip of the nose stands before the face, head units."""


@dataclass(frozen=True)
class Nose:
    """What painting a nose needs. ``size``: 1 as usual; coordinates from the tip, x to where the head turns."""

    board: Board
    who: Character
    head: Head
    facing: float
    v: float
    size: float
    ink: col.Colour
    line: float

    def at(self, points: list[Point], lift: float = TIP) -> np.ndarray:
        """Nose coordinates to px."""
        p = np.array(points) * self.size
        return self.head.on_face(np.column_stack([self.facing * p[:, 0], self.v + p[:, 1]]), lift)

    def stroke(
        self,
        points: list[Point],
        width: float = 1.0,
        start: float = 0.2,
        end: float = 0.2,
        belly: float = 0.5,
        lift: float = TIP,
    ) -> None:
        """A tapered curve."""
        line = spline(self.at(points, lift), 14)
        self.board.ink(line, self.ink, self.line * width, start=start, end=end, belly=belly)

    @property
    def shade(self) -> col.Colour:
        """The shadow that the nose casts."""
        return skin_shade(self.who)


def _dot(n: Nose) -> None:
    c, r = n.at([(0.0, 0.0)])[0], 0.026 * n.size * n.head.scale
    n.board.fill(path(c + r * np.array([(-1, 0), (0, -0.7), (1, 0), (0, 0.7)])), n.ink)


def _short(n: Nose) -> None:
    n.stroke([(-0.035, 0.0), (0.0, 0.014), (0.035, 0.0)], 1.6)


def _tick(n: Nose) -> None:
    n.stroke([(0.0, -0.07), (0.03, -0.01), (-0.02, 0.02)], 1.4)


def _wedge(n: Nose) -> None:
    n.board.fill(path(n.at([(0.0, -0.09), (0.06, 0.01), (-0.03, 0.03)])), n.shade)
    n.stroke([(0.06, 0.01), (0.02, 0.02), (-0.03, 0.025)], 0.9)


def _line(n: Nose) -> None:
    n.stroke([(0.02, -0.3), (0.035, -0.12), (0.06, -0.02), (0.0, 0.03)], 1.0, 0.0, 0.4, 0.75)


def _under(n: Nose) -> None:
    """Nothing but the shadow under the tip."""
    shape = blob(n.at([(-0.06, 0.0), (0.0, 0.012), (0.06, 0.0), (0.04, 0.045), (0.0, 0.065), (-0.03, 0.04)]))
    n.board.fill(shape, n.shade)


def _light(n: Nose) -> None:
    """A light on the tip above a faint stroke."""
    c = n.at([(-0.01, -0.035)])[0]
    n.board.fill(path(c + 0.022 * n.head.scale * np.array([(-1, 0), (0, -1.3), (1, 0), (0, 1)])), col.WHITE, 0.9)
    n.stroke([(-0.035, 0.015), (0.0, 0.025), (0.035, 0.012)], 1.0)


def _nostrils(n: Nose) -> None:
    for s in (-1, 1):
        n.stroke([(0.05 * s - 0.02, 0.004), (0.05 * s, -0.006), (0.05 * s + 0.02, 0.006)], 1.0, lift=0.09)
    n.stroke([(0.03, -0.06), (0.06, -0.03), (0.07, 0.0)], 0.7)


def _shaded(n: Nose) -> None:
    wing = [(0.0, -0.16), (0.09, -0.03), (0.1, 0.03), (0.0, 0.055), (-0.06, 0.03), (0.02, -0.03)]
    blur = 0.012 * n.head.scale if n.who.style.shading == "soft" else 0.0
    n.board.fill(blob(n.at(wing)), n.shade, 0.85, blur=blur)
    n.stroke([(-0.06, 0.02), (0.0, 0.045), (0.07, 0.025)])
    _gleam(n, (-0.015, -0.05))


def _gleam(n: Nose, at: Point) -> None:
    c = n.at([at], 0.16)[0]
    n.board.fill(path(c + 0.022 * n.head.scale * np.array([(-1, 0), (0, -1.6), (1, 0), (0, 1)])), col.WHITE, 0.7)


def _full(n: Nose) -> None:
    """Bridge, wings, nostrils and the shadow under the tip."""
    soft = 0.014 * n.head.scale
    side = [(0.015, -0.3), (0.06, -0.12), (0.105, 0.0), (0.09, 0.03), (0.03, 0.03), (0.045, -0.06)]
    n.board.fill(blob(n.at(side)), n.shade, 0.6, blur=soft)
    low = [(-0.07, 0.015), (0.0, 0.03), (0.08, 0.01), (0.06, 0.05), (0.0, 0.075), (-0.05, 0.05)]
    n.board.fill(blob(n.at(low)), n.shade, 0.85, blur=0.6 * soft)
    for s in (-1, 1):
        n.stroke([(0.05 * s - 0.018, 0.022), (0.05 * s, 0.014), (0.05 * s + 0.018, 0.024)], 1.0, lift=0.1)
        n.stroke([(0.1 * s, -0.025), (0.115 * s, 0.005), (0.09 * s, 0.03)], 0.8, lift=0.06)
    n.stroke([(-0.03, 0.035), (0.0, 0.045), (0.03, 0.033)], 0.8)
    _gleam(n, (-0.02, -0.04))


NOSES: dict[str, Callable[[Nose], None]] = {
    "dot": _dot,
    "short": _short,
    "tick": _tick,
    "wedge": _wedge,
    "line": _line,
    "under": _under,
    "light": _light,
    "nostrils": _nostrils,
    "shaded": _shaded,
    "full": _full,
}


def paint_nose(board: Board, who: Character, head: Head, scene: Scene) -> bool:
    """The nose; False when this character has none."""
    if who.manner.nose == "none":
        return False
    turned = abs(scene.pose.yaw) > 0.06
    facing = float(np.sign(scene.pose.yaw)) if turned else 1.0 if scene.light < 0 else -1.0
    size = float(np.clip(0.85 + 0.35 * who.maturity + 0.1 * who.rng("nose").normal(), 0.6, 1.5))
    line = max(who.style.line, 0.012) * head.scale
    NOSES[who.manner.nose](Nose(board, who, head, facing, who.face.nose * who.face.chin, size, skin_ink(who), line))
    return True

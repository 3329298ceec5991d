"""Things that a hand holds: painted in the hand's units around the middle of its grip."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.character import Character
from cubiseg.portraits.hands import Hand
from cubiseg.portraits.paint import Board, path, ribbon, spline
from cubiseg.portraits.rng import Rng, chance, uniform
from cubiseg.portraits.tables import Point, xy

GRIP = np.array([0.05, 0.28])
"""The middle of the grip in hand units."""


@dataclass
class Grip:
    """What a thing is painted with: upright in the picture unless it turns with the hand."""

    board: Board
    hand: Hand
    size: float
    line: float
    rng: Rng

    @property
    def who(self) -> Character:
        """Who holds it."""
        return self.hand.who

    def patch(
        self, points: np.ndarray, c: col.Colour, *, smooth: int = 0, tilt: bool = True, shine: bool = True
    ) -> None:
        """A filled, inked shape; points in hand units around the grip, y up; ``tilt``: it turns with the hand."""
        p = np.asarray(points, float) * self.size
        p = spline(p, smooth, closed=True) if smooth else p
        centre = self.hand.px(GRIP)[0]
        px = self.hand.px(p + GRIP) if tilt else centre + self.hand.size * p * (1, -1)
        shape = path(px)
        self.board.outline(shape, c, col.ink(c, self.who.style.ink), self.line)
        if shine and self.who.style.shading != "flat":
            with self.board.clipped(shape):
                low, high = px.min(axis=0), px.max(axis=0)
                edge = np.array(
                    [
                        (low[0] + 0.68 * (high[0] - low[0]), low[1] - 1),
                        (high[0] + 1, low[1] - 1),
                        high + 1,
                        (low[0] + 0.78 * (high[0] - low[0]), high[1] + 1),
                    ]
                )
                self.board.fill(path(edge), col.shade(c, 0.45), 0.7)

    def colour(self) -> col.Colour:
        """The character's accent, or any colour."""
        if chance(self.rng, 0.4):
            return self.who.accent
        return col.hsv(self.rng.random(), uniform(self.rng, 0.0, 0.8), uniform(self.rng, 0.3, 1.0))


def _disc(x: float, y: float, rx: float, ry: float, n: int = 28) -> np.ndarray:
    a = np.linspace(0, 2 * np.pi, n, endpoint=False)
    return np.column_stack([x + rx * np.cos(a), y + ry * np.sin(a)])


def cup(g: Grip) -> None:
    """A mug, a glass or a paper cup with a lid."""
    c, w, h = g.colour(), 0.24, 0.42
    kind = int(g.rng.integers(0, 3))
    if kind == 0:
        g.patch(_disc(w + 0.08, 0.0, 0.16, 0.2), c, tilt=False)
        g.patch(_disc(w + 0.08, 0.0, 0.1, 0.13), col.shade(c, 0.8), tilt=False, shine=False)
    low = w * (1.0 if kind == 0 else 0.78)
    g.patch(np.array([(-w, h), (w, h), (low, -h), (-low, -h)]), c, tilt=False)
    g.patch(_disc(0, h, w, 0.07), col.hsv(0.08, 0.6, 0.3) if kind < 2 else col.WHITE, tilt=False, shine=False)
    if kind == 2:
        g.patch(
            np.array([(-0.9 * w, 0.12), (0.9 * w, 0.12), (0.84 * w, -0.22), (-0.84 * w, -0.22)]), col.WHITE, tilt=False
        )
        colour = g.colour()
        g.patch(np.array([(0.02, h), (0.14, h + 0.5), (0.18, h + 0.49), (0.07, h)]), colour, tilt=False, shine=False)


def book(g: Grip) -> None:
    """A closed book."""
    c = g.colour()
    w, h = uniform(g.rng, 0.42, 0.6), uniform(g.rng, 0.6, 0.8)
    g.patch(
        np.array([(-0.1, h), (2 * w - 0.1, h * 0.97), (2 * w - 0.1, -h), (-0.1, -h)]) + np.array([0.04, -0.04]),
        (0.95, 0.93, 0.86),
    )
    g.patch(np.array([(-0.12, h), (2 * w - 0.15, h * 0.97), (2 * w - 0.15, -h), (-0.12, -h)]), c)
    g.patch(
        np.array([(0.15, 0.6 * h), (2 * w - 0.4, 0.58 * h), (2 * w - 0.4, 0.3 * h), (0.15, 0.3 * h)]),
        col.light(c, 0.6),
        shine=False,
    )


def phone(g: Grip) -> None:
    """A smartphone seen from behind."""
    c = g.colour()
    g.patch(xy((-0.2, 0.2, 0.22, 0.22, 0.2, -0.2, -0.22, -0.22), (0.52, 0.52, 0.5, -0.36, -0.38, -0.38, -0.36, 0.5)), c)
    g.patch(np.array([(0.04, 0.47), (0.17, 0.47), (0.17, 0.3), (0.04, 0.3)]), col.shade(c, 0.9), shine=False)
    g.patch(_disc(0.105, 0.42, 0.035, 0.035, 12), (0.15, 0.16, 0.2), shine=False)


def sword(g: Grip) -> None:
    """A sword: hilt in the hand, the blade up."""
    metal = (0.86, 0.88, 0.93)
    long, w = uniform(g.rng, 2.4, 4.0), uniform(g.rng, 0.09, 0.17)
    g.patch(np.array([(-w, 0.4), (w, 0.4), (0.85 * w, long - 0.3), (0, long), (-0.85 * w, long - 0.3)]), metal)
    g.patch(
        np.array([(-0.02, 0.4), (0.02, 0.4), (0.015, 0.85 * long), (-0.015, 0.85 * long)]),
        col.shade(metal, 0.5),
        shine=False,
    )
    g.patch(np.array([(-0.07, -0.5), (0.07, -0.5), (0.08, 0.36), (-0.08, 0.36)]), g.colour())
    guard = np.array([(-0.4, 0.42), (0.4, 0.42), (0.44, 0.5), (0.36, 0.34), (0, 0.3), (-0.36, 0.34), (-0.44, 0.5)])
    g.patch(guard, g.who.metal)
    g.patch(_disc(0, -0.55, 0.1, 0.1, 16), g.who.metal)


def staff(g: Grip) -> None:
    """A staff or a wand with a star, a jewel or a crescent on top."""
    c = g.who.metal if chance(g.rng, 0.5) else (0.5, 0.33, 0.2)
    top = uniform(g.rng, 0.7, 2.2)
    g.patch(
        np.array(
            [(-0.06, -3.5 if top > 1.3 else -0.6), (0.06, -3.5 if top > 1.3 else -0.6), (0.055, top), (-0.055, top)]
        ),
        c,
    )
    if chance(g.rng, 0.5):
        a = np.arange(10) * np.pi / 5 + np.pi / 2
        r = 0.36 * np.where(np.arange(10) % 2 == 0, 1.0, 0.48)
        g.patch(np.column_stack([r * np.cos(a), top + 0.2 + r * np.sin(a)]), (1.0, 0.85, 0.3))
    else:
        g.patch(_disc(0, top + 0.2, 0.32, 0.32), c)
        g.patch(_disc(0, top + 0.2, 0.22, 0.22), g.who.accent)


def microphone(g: Grip) -> None:
    """A hand microphone."""
    c = (0.13, 0.13, 0.16) if chance(g.rng, 0.6) else g.who.accent
    g.patch(np.array([(-0.07, -0.6), (0.07, -0.6), (0.11, 0.5), (-0.11, 0.5)]), c)
    g.patch(_disc(0, 0.62, 0.19, 0.2), (0.72, 0.73, 0.77))
    g.patch(np.array([(-0.19, 0.56), (0.19, 0.56), (0.19, 0.63), (-0.19, 0.63)]), g.who.metal, shine=False)


def lolly(g: Grip) -> None:
    """A lollipop, an ice cream or a skewer of dumplings."""
    kind = int(g.rng.integers(0, 3))
    if kind == 1:
        g.patch(np.array([(-0.06, -0.42), (0.2, 0.5), (-0.2, 0.5)]), (0.85, 0.62, 0.35), tilt=False)
        g.patch(_disc(0, 0.66, 0.25, 0.24), g.colour(), tilt=False)
        return
    g.patch(np.array([(-0.022, -0.5), (0.022, -0.5), (0.022, 0.8), (-0.022, 0.8)]), (0.96, 0.94, 0.88), shine=False)
    if kind == 0:
        c = g.colour()
        g.patch(_disc(0, 0.85, 0.22, 0.22), c)
        a = np.linspace(0, 4 * np.pi, 40)
        swirl = np.column_stack([0.0145 * a * np.cos(a), 0.85 + 0.0145 * a * np.sin(a)])
        g.board.fill(path(g.hand.px(ribbon(swirl, 0.03) * g.size + GRIP)), col.WHITE, 0.8)
    else:
        for k, c in enumerate(((0.6, 0.75, 0.4), (0.97, 0.95, 0.9), (0.97, 0.68, 0.72))):
            g.patch(_disc(0, 0.55 + 0.24 * k, 0.15, 0.135), c)


def fan(g: Grip) -> None:
    """A folding fan or a round one."""
    c = g.colour()
    if chance(g.rng, 0.5):
        a = np.linspace(0.35, np.pi - 0.35, 14)
        rim = np.column_stack([1.25 * np.cos(a), 0.2 + 1.25 * np.sin(a)])
        rim[1::2] *= 0.985
        g.patch(np.vstack([rim, np.column_stack([0.3 * np.cos(a), 0.2 + 0.3 * np.sin(a)])[::-1]]), c)
        for k in range(1, 13):
            rib = np.vstack([rim[k] * (0.3, 0.3) + (0, 0.14), rim[k]]) * g.size + GRIP
            g.board.stroke(path(g.hand.px(rib), closed=False), col.ink(c, 0.3), 0.6 * g.line, 0.6)
    else:
        g.patch(np.array([(-0.04, -0.5), (0.04, -0.5), (0.04, 0.5), (-0.04, 0.5)]), (0.75, 0.6, 0.4), shine=False)
        g.patch(_disc(0, 1.05, 0.62, 0.58, 40), c)
        g.patch(_disc(0.05, 1.1, 0.28, 0.28, 20), col.light(c, 0.6), shine=False)


def flower(g: Grip) -> None:
    """A flower on its stem, or a small bunch."""
    for k in range(1 if chance(g.rng, 0.5) else 3):
        x, y = (0.0, 0.95) if k == 0 else (uniform(g.rng, -0.35, 0.35), uniform(g.rng, 0.65, 0.95))
        stem = spline(np.array([(0, -0.6), (0.02, 0.2), (x, y)]), 10)
        g.patch(ribbon(stem, 0.045), (0.3, 0.55, 0.3), shine=False)
        c = g.colour()
        a = np.linspace(0, 2 * np.pi, 50, endpoint=False)
        r = 0.26 * (0.7 + 0.3 * np.abs(np.cos(2.5 * a)))
        g.patch(np.column_stack([x + r * np.cos(a), y + r * np.sin(a)]), c)
        g.patch(_disc(x, y, 0.08, 0.08, 14), (1.0, 0.85, 0.35), shine=False)


THINGS: dict[str, tuple[Callable[[Grip], None], float, Point]] = {
    "cup": (cup, 2.0, (0.35, 0.7)),
    "book": (book, 1.2, (0.3, 0.9)),
    "phone": (phone, 1.4, (0.6, 0.4)),
    "sword": (sword, 1.4, (0.75, 0.9)),
    "staff": (staff, 1.2, (0.8, 0.8)),
    "microphone": (microphone, 1.2, (0.3, -1.0)),
    "lolly": (lolly, 1.2, (0.4, -1.0)),
    "fan": (fan, 0.9, (0.4, 0.6)),
    "flower": (flower, 0.9, (0.4, 0.6)),
}
"""Kind: (function, weight, place before the chest; a negative y: near the mouth)."""


@dataclass(frozen=True)
class Thing:
    """One thing in one hand."""

    draw: Callable[[Grip], None]
    size: float
    seed: int

    def paint(self, board: Board, hand: Hand, line_px: float) -> None:
        """Paint it around the hand's grip."""
        self.draw(Grip(board, hand, self.size, line_px, np.random.default_rng(self.seed)))

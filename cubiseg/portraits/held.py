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
    """What a thing is painted with: upright unless it turns with the hand; ``ground``: px row of the floor."""

    board: Board
    hand: Hand
    size: float
    line: float
    rng: Rng
    ground: float

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
    """A sword: hilt in the hand, the blade up; straight, curved, thin or huge."""
    metal = (0.86, 0.88, 0.93) if chance(g.rng, 0.8) else g.colour()
    kind = int(g.rng.choice(4, p=(0.4, 0.25, 0.15, 0.2)))
    long = uniform(g.rng, *((2.4, 4.0), (2.8, 4.2), (2.6, 3.8), (4.0, 6.0))[kind])
    w, bend = uniform(g.rng, *((0.09, 0.17), (0.07, 0.11), (0.035, 0.06), (0.25, 0.5))[kind]), 0.0
    if kind == 1:  # a single edge, bent back
        bend = uniform(g.rng, 0.15, 0.4)
    line = np.column_stack([bend * np.linspace(0, 1, 12) ** 2, np.linspace(0.4, long, 12)])
    blade = ribbon(line, 2 * w * np.append(np.linspace(1, 0.9, 11), 0.05))
    g.patch(blade, metal)
    ridge = ribbon(line[:-1] + np.array([0.35 * w * (kind == 1), 0.0]), 0.3 * w)
    g.patch(ridge, col.shade(metal, 0.5), shine=False)
    grip = -0.5 if kind != 3 else -0.9
    g.patch(np.array([(-0.07, grip), (0.07, grip), (0.08, 0.36), (-0.08, 0.36)]), g.colour())
    if kind == 1:
        g.patch(_disc(0, 0.4, 0.24, 0.09, 18), g.who.metal)
        return
    guard = np.array([(-0.4, 0.42), (0.4, 0.42), (0.44, 0.5), (0.36, 0.34), (0, 0.3), (-0.36, 0.34), (-0.44, 0.5)])
    g.patch(guard * ((1.0 + 1.2 * (kind == 3)), 1), g.who.metal)
    g.patch(_disc(0, grip - 0.05, 0.1, 0.1, 16), g.who.metal)


def dagger(g: Grip) -> None:
    """A dagger or a kitchen knife."""
    w = uniform(g.rng, 0.08, 0.16)
    g.patch(np.array([(-w, 0.4), (w, 0.4), (w, 1.0), (-0.2 * w, 1.45), (-w, 1.2)]), (0.86, 0.88, 0.93))
    g.patch(np.array([(-0.08, -0.45), (0.08, -0.45), (0.09, 0.4), (-0.09, 0.4)]), g.colour())


def floor(g: Grip) -> float:
    """How far below the grip the floor is along what the hand holds, in the thing's units."""
    grip, above = g.hand.px(np.array([GRIP, GRIP + np.array([0.0, g.size])]))
    rise = max(float(grip[1] - above[1]), 0.5 * g.size * g.hand.size)  # px by which a unit of the thing goes up
    return max((g.ground - float(grip[1])) / rise, 0.6)


def _pole(g: Grip, low: float, top: float, c: col.Colour, w: float = 0.055) -> None:
    g.patch(np.array([(-w, -low), (w, -low), (0.9 * w, top), (-0.9 * w, top)]), c)


def staff(g: Grip) -> None:
    """A wand, or a staff from the floor to above the head, with a star, a jewel, a ring or a crescent on top."""
    c = g.who.metal if chance(g.rng, 0.5) else (0.5, 0.33, 0.2)
    tall = chance(g.rng, 0.65)
    top, low = (uniform(g.rng, 1.6, 4.0), floor(g)) if tall else (uniform(g.rng, 0.6, 1.3), 0.6)
    _pole(g, low, top, c, uniform(g.rng, 0.05, 0.09))
    big, kind = uniform(g.rng, 0.8, 2.0 if tall else 1.1), int(g.rng.integers(0, 4))
    y = top + 0.2 * big
    if kind == 0:
        a = np.arange(10) * np.pi / 5 + np.pi / 2
        r = 0.36 * big * np.where(np.arange(10) % 2 == 0, 1.0, 0.48)
        g.patch(np.column_stack([r * np.cos(a), y + r * np.sin(a)]), (1.0, 0.85, 0.3))
    elif kind == 1:
        g.patch(_disc(0, y, 0.32 * big, 0.32 * big), c)
        g.patch(_disc(0, y, 0.22 * big, 0.22 * big), g.who.accent)
    elif kind == 2:  # a crescent around a stone
        a = np.linspace(-0.6, np.pi + 0.6, 24) + np.pi
        outer = np.column_stack([0.42 * big * np.cos(a), y + 0.42 * big * np.sin(a)])
        inner = np.column_stack([0.3 * big * np.cos(a), y + 0.08 * big + 0.3 * big * np.sin(a)])
        g.patch(np.vstack([outer, inner[::-1]]), g.who.metal)
        g.patch(_disc(0, y + 0.1 * big, 0.14 * big, 0.16 * big, 18), g.who.accent)
    else:  # gnarled wood
        a = np.linspace(-0.5 * np.pi, 1.2 * np.pi, 24)
        curl = np.column_stack([0.3 * big * np.cos(a) * (1 - 0.06 * a), y + 0.3 * big * np.sin(a) * (1 - 0.06 * a)])
        g.patch(ribbon(curl, np.linspace(0.16, 0.06, 24) * big), c)


def spear(g: Grip) -> None:
    """A spear, a halberd, a scythe or a broom."""
    wood, metal = ((0.45, 0.3, 0.2), (0.86, 0.88, 0.93)) if chance(g.rng, 0.6) else (g.colour(), g.who.metal)
    top, kind = uniform(g.rng, 2.0, 4.5), int(g.rng.integers(0, 4))
    _pole(g, floor(g), top, wood, 0.06)
    if kind == 0:
        g.patch(np.array([(-0.14, top), (0, top - 0.1), (0.14, top), (0.16, top + 0.3), (0, top + 1.0)]), metal)
    elif kind == 1:
        g.patch(np.array([(-0.06, top - 0.2), (0.06, top - 0.2), (0.05, top + 0.9)]), metal)
        g.patch(np.array([(0.05, top - 0.1), (0.75, top + 0.25), (0.8, top - 0.5), (0.05, top - 0.4)]), metal)
    elif kind == 2:
        a = np.linspace(0.15, 1.5, 16)
        outer = np.column_stack([-1.9 * np.sin(a) * 1.1, top - 1.9 + 1.9 * np.cos(a)])
        inner = np.column_stack([-1.7 * np.sin(a) * 1.1, top - 2.1 + 1.85 * np.cos(a)])
        g.patch(np.vstack([(0.05, top), outer, inner[::-1], (0.05, top - 0.3)]), metal)
    else:
        straw = np.array([(-0.12, top), (0.12, top), (0.42, top + 1.0), (0, top + 1.1), (-0.42, top + 1.0)])
        g.patch(straw, (0.85, 0.68, 0.35))


def gun(g: Grip) -> None:
    """A pistol, or a rifle seen from its side."""
    c = col.hsv(g.rng.random(), uniform(g.rng, 0, 0.3), uniform(g.rng, 0.12, 0.5))
    other = c if chance(g.rng, 0.5) else g.colour()
    long = uniform(g.rng, 0.7, 1.1) if chance(g.rng, 0.6) else uniform(g.rng, 2.2, 3.6)
    g.patch(np.array([(-0.1, -0.3), (0.12, -0.3), (0.1, 0.36), (-0.08, 0.36)]), other)
    g.patch(np.array([(-0.2, 0.34), (0.16, 0.34), (0.14, long), (-0.02, long), (-0.04, 0.9 * long), (-0.2, 0.8)]), c)
    if long > 2:
        g.patch(np.array([(-0.1, -0.2), (0.14, 0.34), (0.2, -0.3), (0.16, -1.3), (-0.16, -1.2)]), other)
        g.patch(np.array([(-0.28, 0.8), (-0.16, 0.8), (-0.16, 1.5), (-0.28, 1.5)]), c)


def bow(g: Grip) -> None:
    """A bow for arrows with its string, sometimes with an arrow."""
    c = g.who.metal if chance(g.rng, 0.4) else (0.5, 0.33, 0.2)
    long, deep = uniform(g.rng, 1.8, 3.4), uniform(g.rng, 0.5, 1.0)
    line = xy((-deep, -0.7 * deep, 0, 0, -0.7 * deep, -deep), (long, 0.75 * long, 0.2, -0.2, -0.75 * long, -long))
    g.patch(ribbon(spline(line, 40), 0.03 + 0.1 * np.sin(np.linspace(0, np.pi, 40))), c)
    g.patch(ribbon(np.array([(-deep, -long), (-deep, long)]), 0.03), (0.9, 0.9, 0.88), shine=False)


def umbrella(g: Grip) -> None:
    """A closed umbrella or a cane, its handle in the hand and the rest below."""
    c = g.colour()
    hook = spline(xy((0, 0.0, 0.1, 0.25, 0.3), (-0.2, 0.5, 0.68, 0.62, 0.45)), 18)
    g.patch(ribbon(hook, 0.1), (0.45, 0.3, 0.2), tilt=False)
    if chance(g.rng, 0.75):
        folds = xy(
            (-0.06, 0.06, 0.22, 0.12, 0.03, -0.03, -0.14, -0.2), (-0.3, -0.3, -0.6, -2.4, -2.9, -2.9, -2.4, -0.6)
        )
        g.patch(folds, c, tilt=False)
    else:
        g.patch(np.array([(-0.05, -0.2), (0.05, -0.2), (0.04, -3.2), (-0.04, -3.2)]), c, tilt=False)


def bag(g: Grip) -> None:
    """A handbag, a shopping bag, a case or a basket that hangs from the hand."""
    c, kind = g.colour(), int(g.rng.integers(0, 4))
    w, h = uniform(g.rng, 0.45, 0.9), uniform(g.rng, 0.6, 1.2)
    a = np.linspace(0, np.pi, 20)
    loop = np.column_stack([0.6 * w * np.cos(a), -0.55 + 0.6 * np.sin(a)])
    g.patch(ribbon(loop, 0.08), col.shade(c, 0.6), tilt=False, shine=False)
    top = -0.5
    slant = (0.0, -0.15, 0.0, 0.2)[kind] * w
    body = np.array([(-w + slant, top), (w - slant, top), (w, top - h), (-w, top - h)])
    g.patch(body, c, tilt=False)
    if kind == 2:
        for x in (-0.6, 0.6):
            strap = np.array(
                [(x * w - 0.06, top), (x * w + 0.06, top), (x * w + 0.06, top - h), (x * w - 0.06, top - h)]
            )
            g.patch(strap, col.shade(c, 0.7), tilt=False, shine=False)
    else:
        flap = np.array([(-w + slant, top), (w - slant, top), (0.9 * w, top - 0.45 * h), (-0.9 * w, top - 0.45 * h)])
        g.patch(flap, col.light(c, 0.25), tilt=False, shine=False)
        g.patch(_disc(0, top - 0.45 * h, 0.09, 0.09, 12), g.who.metal, tilt=False, shine=False)


def lantern(g: Grip) -> None:
    """A lantern on a ring."""
    c = g.colour() if chance(g.rng, 0.4) else (0.25, 0.22, 0.2)
    g.patch(_disc(0, -0.35, 0.16, 0.22), c, tilt=False, shine=False)
    g.patch(np.array([(-0.3, -0.6), (0.3, -0.6), (0.36, -1.4), (-0.36, -1.4)]), (1.0, 0.86, 0.45), tilt=False)
    for y, w in ((-0.55, 0.4), (-1.4, 0.44)):
        g.patch(np.array([(-w, y + 0.08), (w, y + 0.08), (w, y - 0.08), (-w, y - 0.08)]), c, tilt=False, shine=False)


def plush(g: Grip) -> None:
    """A soft toy, upright, held at its middle."""
    c = g.colour()
    for s in (-1, 1):
        g.patch(_disc(0.35 * s, 1.15, 0.16, 0.3 if chance(g.rng, 0.5) else 0.18), c, tilt=False)
        g.patch(_disc(0.42 * s, -0.55, 0.2, 0.28), c, tilt=False)
        g.patch(_disc(0.5 * s, 0.05, 0.22, 0.14), c, tilt=False)
    g.patch(_disc(0, -0.1, 0.45, 0.55), c, tilt=False)
    g.patch(_disc(0, 0.7, 0.5, 0.44), c, tilt=False)
    g.patch(_disc(0, 0.56, 0.2, 0.15), col.light(c, 0.6), tilt=False, shine=False)
    for x in (-0.2, 0.2):
        g.patch(_disc(x, 0.78, 0.06, 0.08, 14), (0.08, 0.06, 0.07), tilt=False, shine=False)


def food(g: Grip) -> None:
    """Bread, an apple, a rice ball, a crepe, a burger."""
    kind = int(g.rng.integers(0, 5))
    if kind == 0:
        g.patch(_disc(0, 0.75, 0.2, 0.75), (0.85, 0.6, 0.32))
    elif kind == 1:
        g.patch(_disc(0, 0.5, 0.3, 0.28), (0.85, 0.15, 0.15), tilt=False)
        g.patch(np.array([(0, 0.75), (0.22, 0.98), (0.1, 0.74)]), (0.35, 0.6, 0.25), tilt=False, shine=False)
    elif kind == 2:
        g.patch(xy((-0.35, 0.35, 0.12, -0.12), (0.25, 0.25, 0.85, 0.85)), (0.97, 0.97, 0.95), smooth=30, tilt=False)
        g.patch(np.array([(-0.14, 0.2), (0.14, 0.2), (0.14, 0.5), (-0.14, 0.5)]), (0.12, 0.16, 0.14), tilt=False)
    elif kind == 3:
        g.patch(np.array([(0, -0.5), (0.3, 0.7), (-0.3, 0.7)]), (0.92, 0.78, 0.5), tilt=False)
        g.patch(_disc(0, 0.75, 0.32, 0.2), (1.0, 0.97, 0.92), tilt=False)
        g.patch(_disc(0.1, 0.88, 0.1, 0.1, 14), (0.85, 0.15, 0.2), tilt=False)
    else:
        for y, c in (
            (0.3, (0.8, 0.55, 0.28)),
            (0.42, (0.4, 0.22, 0.14)),
            (0.5, (0.45, 0.7, 0.3)),
            (0.62, (0.86, 0.6, 0.3)),
        ):
            g.patch(_disc(0, y, 0.38, 0.12 if y < 0.6 else 0.2), c, tilt=False)


def flute(g: Grip) -> None:
    """A flute, a baton or drum sticks: a thin bar."""
    c = g.who.metal if chance(g.rng, 0.6) else (0.5, 0.33, 0.2)
    long = uniform(g.rng, 1.2, 2.6)
    g.patch(np.array([(-0.05, -0.5 * long), (0.05, -0.5 * long), (0.05, long), (-0.05, long)]), c)


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
    "sword": (sword, 1.4, (1.2, 1.0)),
    "dagger": (dagger, 0.4, (0.95, 0.7)),
    "staff": (staff, 1.4, (1.2, 0.9)),
    "spear": (spear, 0.8, (1.2, 0.9)),
    "gun": (gun, 0.8, (1.0, 0.5)),
    "bow": (bow, 0.5, (1.15, 0.9)),
    "umbrella": (umbrella, 0.5, (0.7, 1.2)),
    "bag": (bag, 0.6, (0.6, 1.2)),
    "lantern": (lantern, 0.4, (0.8, 0.6)),
    "plush": (plush, 0.6, (0.4, 1.0)),
    "food": (food, 1.0, (0.3, -1.0)),
    "flute": (flute, 0.4, (0.8, 0.7)),
    "microphone": (microphone, 1.2, (0.3, -1.0)),
    "lolly": (lolly, 1.2, (0.4, -1.0)),
    "fan": (fan, 0.9, (0.4, 0.6)),
    "flower": (flower, 0.9, (0.4, 0.6)),
}
"""Kind: (function, weight, place before the chest; a negative y: near the mouth)."""


@dataclass(frozen=True)
class Thing:
    """One thing in one hand; ``ground``: row of the floor in px, which a staff reaches."""

    draw: Callable[[Grip], None]
    size: float
    seed: int
    ground: float = 0.0

    def paint(self, board: Board, hand: Hand, line_px: float) -> None:
        """Paint it around the hand's grip."""
        self.draw(Grip(board, hand, self.size, line_px, np.random.default_rng(self.seed), self.ground))

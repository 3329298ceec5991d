"""The iris: its colours, pupil and lights, painted within the opening of the lids."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import skia

from cubiseg.portraits import colour as col
from cubiseg.portraits.paint import Board, gradient, path
from cubiseg.portraits.tables import Point
from cubiseg.portraits.traits.eyes import EyeStyle

Points = np.ndarray


@dataclass(frozen=True)
class Iris:
    """One iris in one picture: a disc in eye coordinates, and how these get to px.

    ``left``: +1 if the light comes from the eye's outer side, else -1.
    """

    style: EyeStyle
    base: col.Colour
    centre: Point
    rx: float
    ry: float
    local: Callable[[Points], Points]
    scale: float
    line: float
    cel: bool
    left: float

    def px(self, points: Points) -> Points:
        """Coordinates in radii of the iris to px."""
        return self.local(np.atleast_2d(points) * (self.rx, self.ry) + self.centre)

    def oval(self, x: float, y: float, rx: float, ry: float, power: float = 2.0, n: int = 36) -> skia.Path:
        """An ellipse (a box with round corners at a high ``power``) in radii of the iris."""
        a = np.linspace(0, 2 * np.pi, n, endpoint=False)
        c, s = np.cos(a), np.sin(a)
        if power != 2.0:
            c, s = np.sign(c) * np.abs(c) ** (2 / power), np.sign(s) * np.abs(s) ** (2 / power)
        return path(self.px(np.column_stack([x + rx * c, y + ry * s])))

    @property
    def dark(self) -> col.Colour:
        """The iris in the shadow of the lid."""
        return col.shade(self.base, 0.8)

    @property
    def bright(self) -> col.Colour:
        """The iris where light falls through it."""
        second = self.style.iris_second
        return col.light(self.base if second == self.style.iris else col.mix(self.base, second, 0.7), 0.45)


def paint_iris(board: Board, iris: Iris) -> None:
    """Disc, pattern, pupil, rim and lights; the caller clips to the opening of the lids."""
    s = iris.style
    disc = iris.oval(0, 0, 1, 1)
    top, low = iris.px(np.array([(0, -1), (0, 1)]))
    upper = col.mix(iris.base, col.shade(iris.dark, 0.5), s.top_dark)
    colours = {
        "flat": [(iris.base, 1), (iris.base, 1), (iris.base, 1)],
        "empty": [(iris.dark, 1), (col.mix(iris.base, iris.dark, 0.5), 1), (iris.base, 1)],
        "two tone": [(iris.base, 1), (iris.base, 1), (col.mix(iris.base, iris.bright, 0.4), 1)],
    }.get(s.iris_kind, [(upper, 1), (iris.base, 1), (iris.bright, 1)])
    board.fill(disc, gradient(top, low, colours, [0.12, 0.55, 1.0]))
    with board.clipped(disc):
        _PATTERNS.get(s.iris_kind, _plain)(board, iris)
        if s.rim > 0.15:
            width = (0.06 + 0.13 * s.rim) * iris.rx * iris.scale
            rim = gradient(top, low, [(col.shade(iris.dark, 0.5), 1), (col.mix(iris.dark, iris.base, 0.25), 1)])
            board.stroke(disc, rim, 2 * width)
    _paint_pupil(board, iris)
    if s.rim <= 0.6:
        board.stroke(disc, col.shade(iris.dark, 0.5), max(iris.line * 0.8, 0.04 * iris.rx * iris.scale))
    _LIGHTS[s.highlights](board, iris)


def _plain(board: Board, iris: Iris) -> None:
    pass


def _two_tone(board: Board, iris: Iris) -> None:
    """The upper part dark with a hard edge, as in cel animation."""
    edge = -0.05 + 0.5 * (iris.style.top_dark - 0.5)
    board.fill(iris.oval(0, edge - 1.3, 1.5, 1.3), iris.dark)


def _gradient(board: Board, iris: Iris) -> None:
    if iris.cel:
        board.fill(iris.oval(0, -0.95, 1.25, 0.7), iris.dark, 0.6)


def _ring(board: Board, iris: Iris) -> None:
    """A paler ring around the pupil."""
    board.stroke(iris.oval(0, 0.08, 0.62, 0.62), iris.bright, 0.16 * iris.rx * iris.scale, 0.75)
    board.stroke(iris.oval(0, 0, 0.86, 0.86), iris.dark, 0.08 * iris.rx * iris.scale, 0.6)


def _spokes(n: int, inner: float, outer: float, width: float, low: float = 0.0) -> list[Points]:
    a = np.linspace(0, 2 * np.pi, n, endpoint=False) + 0.3
    if low:
        a = np.linspace(low, np.pi - low, n)
    u, v = np.column_stack([np.cos(a), np.sin(a)]), np.column_stack([-np.sin(a), np.cos(a)])
    return [np.array([inner * p - width * q, inner * p + width * q, outer * p]) for p, q in zip(u, v, strict=True)]


def _wedges(board: Board, iris: Iris, wedges: list[Points], colour: col.Colour, alpha: float) -> None:
    shape = skia.Path()
    for wedge in wedges:
        shape.addPath(path(iris.px(wedge)))
    board.fill(shape, colour, alpha)


def _rays(board: Board, iris: Iris) -> None:
    """Streaks from the pupil outwards."""
    _wedges(board, iris, _spokes(18, 0.95, 0.3, 0.07), iris.dark, 0.55)
    _wedges(board, iris, _spokes(9, 0.35, 0.9, 0.06, low=0.25), iris.bright, 0.8)


def _jewel(board: Board, iris: Iris) -> None:
    """Facets of light in the lower half."""
    for k, (x, y) in enumerate(((-0.5, 0.45), (0.0, 0.68), (0.5, 0.45), (-0.25, 0.25), (0.28, 0.22))):
        r = 0.2 if k < 3 else 0.13
        facet = np.array([(x, y - r), (x + 0.8 * r, y), (x, y + r), (x - 0.8 * r, y)])
        board.fill(path(iris.px(facet)), col.light(iris.bright, 0.4), 0.7)


def _crescent(board: Board, iris: Iris) -> None:
    """A crescent of light at the bottom."""
    with board.clipped(iris.oval(0, -0.28, 0.95, 0.95), outside=True):
        board.fill(iris.oval(0, 0, 0.88, 0.88), col.light(iris.bright, 0.35), 0.9)
    board.fill(iris.oval(0, -1.0, 1.3, 0.75), iris.dark, 0.7, blur=0.0 if iris.cel else 0.1 * iris.rx * iris.scale)


def _pattern(board: Board, iris: Iris) -> None:
    """Rings or petals, as enchanted eyes have."""
    if iris.style.top_dark > 0.6:
        for r in (0.8, 0.55, 0.3):
            board.stroke(iris.oval(0, 0, r, r), iris.dark, 0.08 * iris.rx * iris.scale)
    else:
        petals = [0.5 * w + 0.08 for w in _spokes(6, 0.2, 1.7, 0.42)]
        _wedges(board, iris, petals, iris.bright, 0.9)


_PATTERNS: dict[str, Callable[[Board, Iris], None]] = {
    "gradient": _gradient,
    "two tone": _two_tone,
    "ring": _ring,
    "rays": _rays,
    "jewel": _jewel,
    "crescent": _crescent,
    "pattern": _pattern,
}


def _star(points: int, inner: float, turn: float = -np.pi / 2) -> Points:
    a = np.arange(2 * points) * np.pi / points + turn
    r = np.where(np.arange(2 * points) % 2 == 0, 1.0, inner)
    return np.column_stack([r * np.cos(a), r * np.sin(a)])


def _heart() -> Points:
    a = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    y = -(13 * np.cos(a) - 5 * np.cos(2 * a) - 2 * np.cos(3 * a) - np.cos(4 * a)) / 16
    return np.column_stack([np.sin(a) ** 3, y])


def _paint_pupil(board: Board, iris: Iris) -> None:
    s, r = iris.style, iris.style.pupil_size
    ink = col.shade(iris.dark, 0.9)
    pale = col.light(iris.base, 0.75)
    if s.pupil == "round":
        board.fill(iris.oval(0, -0.04, r, 1.1 * r), ink, 0.95)
    elif s.pupil == "light":
        board.fill(iris.oval(0, -0.04, r, 1.1 * r), pale, 0.9)
    elif s.pupil == "slit":
        a = np.array([(0, -0.72), (0.32 * r, -0.25), (0.36 * r, 0.1), (0, 0.66), (-0.36 * r, 0.1), (-0.32 * r, -0.25)])
        board.fill(path(iris.px(a)), ink, 0.95)
    elif s.pupil == "ring":
        board.stroke(iris.oval(0, 0, r, r), ink, 0.1 * iris.rx * iris.scale)
    elif s.pupil in ("star", "heart", "cross"):
        outline = {"star": _star(5, 0.42), "heart": _heart(), "cross": _star(4, 0.28)}[s.pupil]
        board.fill(path(iris.px(outline * max(r, 0.45))), pale if s.top_dark > 0.4 else ink, 0.95)


def _spot(
    board: Board,
    iris: Iris,
    x: float,
    y: float,
    r: float,
    alpha: float = 0.96,
    *,
    tall: float = 1.0,
    colour: col.Colour | None = None,
    blur: float = 0.0,
    power: float = 2.0,
) -> None:
    aspect = iris.rx / iris.ry  # round in the picture, whatever the iris
    shape = iris.oval(x * iris.left, y, r, r * aspect * tall, power, 20)
    board.fill(shape, colour or iris.style.light, alpha, blur=blur)


def _none(board: Board, iris: Iris) -> None:
    pass


def _one(board: Board, iris: Iris) -> None:
    _spot(board, iris, 0.36, -0.42, 0.3 * iris.style.light_size, tall=1.15)


def _two(board: Board, iris: Iris) -> None:
    _one(board, iris)
    _spot(board, iris, -0.42, 0.5, 0.16 * iris.style.light_size, 0.9)


def _many(board: Board, iris: Iris) -> None:
    _two(board, iris)
    for x, y, r in ((0.5, 0.22, 0.1), (0.1, 0.68, 0.11), (-0.52, -0.12, 0.09), (-0.2, -0.62, 0.07)):
        _spot(board, iris, x, y, r, 0.85)


def _soft(board: Board, iris: Iris) -> None:
    _spot(board, iris, 0.3, -0.4, 0.34 * iris.style.light_size, 0.6, blur=0.06 * iris.rx * iris.scale)
    _spot(board, iris, 0.0, 0.62, 0.35, 0.35, tall=0.6, blur=0.08 * iris.rx * iris.scale)


def _window(board: Board, iris: Iris) -> None:
    _spot(board, iris, 0.38, -0.4, 0.3 * iris.style.light_size, tall=1.2, power=6)


def _bar(board: Board, iris: Iris) -> None:
    """A broad light along the upper edge."""
    arc = np.linspace(-2.5, -1.1, 10) if iris.left > 0 else np.linspace(-2.05, -0.65, 10)
    ring = np.column_stack([np.cos(arc), np.sin(arc)])
    board.fill(path(iris.px(np.vstack([0.82 * ring, 0.5 * ring[::-1]]))), iris.style.light, 0.85)


def _coloured(board: Board, iris: Iris) -> None:
    _one(board, iris)
    other = col.light(iris.style.iris_second, 0.55)
    _spot(board, iris, -0.45, 0.42, 0.22, 0.9, colour=other)
    _spot(board, iris, 0.45, 0.45, 0.13, 0.8, colour=col.mix(other, (1.0, 0.75, 0.85), 0.6))


_LIGHTS: dict[str, Callable[[Board, Iris], None]] = {
    "none": _none,
    "one": _one,
    "two": _two,
    "many": _many,
    "soft": _soft,
    "window": _window,
    "bar": _bar,
    "coloured": _coloured,
}

"""What all garments share: the cloth's outline around a neckline, folds, collars, bows and ties."""

from dataclasses import dataclass

import numpy as np
import skia

from cubiseg.sources.synthetic import colour as col
from cubiseg.sources.synthetic.body import LOW, Torso
from cubiseg.sources.synthetic.character import Character
from cubiseg.sources.synthetic.colour import Colour
from cubiseg.sources.synthetic.paint import Board, path, spline


@dataclass
class Tailor:
    """The tools of a garment: who wears it, the body, the board, a random stream and the light's side."""

    who: Character
    torso: Torso
    board: Board
    rng: np.random.Generator
    light: float

    @property
    def scale(self) -> float:
        """px of a head unit."""
        return self.torso.head.scale

    @property
    def line(self) -> float:
        """Ink width in px."""
        return self.who.style.line * self.scale

    def px(self, points: np.ndarray, z: float = 0.0) -> np.ndarray:
        """Body coordinates to px."""
        return self.torso.px(np.asarray(points, float), z)

    def ink(self, colour: Colour) -> Colour:
        """The line colour on cloth of ``colour``."""
        return col.ink(colour, self.who.style.ink)

    def shade(self, colour: Colour) -> Colour:
        """The shadow colour on cloth of ``colour``."""
        return col.shade(colour, 0.25 + 0.45 * self.who.style.contrast)

    def piece(
        self, points: np.ndarray, colour: Colour, z: float = 0.0, *, smooth: int = 0, line: float = 1.0
    ) -> skia.Path:
        """A filled, inked patch of cloth; ``smooth``: samples of a closed spline, 0 for straight edges."""
        p = spline(points, smooth, closed=True) if smooth else np.asarray(points, float)
        shape = path(self.px(p, z))
        self.board.outline(shape, colour, self.ink(colour), self.line * line)
        return shape

    def cloth(self, neckline: np.ndarray, colour: Colour, *, grow: float = 0.06, start: int = 1) -> skia.Path:
        """A garment over the torso. ``neckline``: (k, 2) right half, from the shoulder to the middle (x = 0);
        ``start``: first landmark of the torso's side that the shoulder seam uses."""
        t = self.torso
        side = spline(np.vstack([neckline[:1], t.side(grow)[start:]]), 40)
        half = np.vstack([spline(neckline[::-1], 24), side[1:]])
        outline = self.px(np.vstack([half, t.mirrored(half)]))
        shape = path(outline)
        self.board.outline(shape, colour, self.ink(colour), self.line)
        self.folds(shape, colour)
        return shape

    def folds(self, shape: skia.Path, colour: Colour) -> None:
        """Arm seams, creases and the body's shading inside ``shape``."""
        t, style, rng = self.torso, self.who.style, self.rng
        ink, shade = self.ink(colour), self.shade(colour)
        soft = style.shading == "soft"
        blur = 0.05 * self.scale if soft else 0.0
        with self.board.clipped(shape):
            if style.shading != "flat":
                head = self.px(np.array([(0, t.y - 0.1)]))[0]
                self.board.fill(path(head + self.scale * np.array([0.75, 0.42]) * _circle(24)), shade, 0.7, blur=blur)
                s = -1 if self.light > 0 else 1
                band = np.array(
                    [
                        (s * (t.shoulder - 0.1), t.y),
                        (s * (t.shoulder - 0.25), t.y + 1.2),
                        (s * (t.shoulder - 0.15), LOW),
                        (s * (t.shoulder + 1), LOW),
                        (s * (t.shoulder + 1), t.y),
                    ]
                )
                self.board.fill(path(self.px(band)), shade, 0.75, blur=blur)
            for s in (-1, 1):
                w = t.shoulder
                arm = np.array([(s * (w - 0.3), t.y + 0.85), (s * (w - 0.32), t.y + 1.5), (s * t.waist * w, t.y + 3.2)])
                under = np.array([(s * (w - 0.12), t.y + 1.5), (s * (w - 0.1), t.y + 3.2)])
                arm_px = spline(self.px(arm), 16)
                if style.shading != "flat":
                    self.board.fill(path(np.vstack([arm_px, self.px(under)[::-1]])), shade, 0.8, blur=blur)
                self.board.ink(arm_px, ink, self.line, start=0.1, end=0.8, belly=0.7)
                for _ in range(int(5 * style.detail * rng.random())):
                    x, y = s * (w - 0.3 + rng.normal(0, 0.2)), t.y + 0.9 + 1.6 * rng.random()
                    dx, dy = -s * (0.1 + 0.3 * rng.random()), 0.1 + 0.35 * rng.random()
                    fold = spline(self.px(np.array([(x, y), (x + 0.6 * dx, y + 0.3 * dy), (x + dx, y + dy)])), 10)
                    self.board.ink(fold, ink, self.line * 0.9, 0.9, start=0.5, end=0.0, belly=0.2)
                    if style.shading == "cel":
                        self.board.ink(
                            fold + 0.02 * self.scale, shade, 0.08 * self.scale, 0.9, start=0.5, end=0.0, belly=0.3
                        )

    def stripe(self, points: np.ndarray, colour: Colour, width: float, z: float = 0.0) -> None:
        """A line of trim of ``width`` head units."""
        self.board.stroke(path(self.px(points, z), closed=False), colour, width * self.scale)

    def tie(self, colour: Colour, y: float, z: float = 0.35) -> None:
        """A necktie whose knot sits at ``y``."""
        w = 0.13 + 0.06 * self.rng.random()
        blade = np.array(
            [(-0.6 * w, y + 0.2), (0.6 * w, y + 0.2), (1.15 * w, y + 1.3), (0, y + 1.55), (-1.15 * w, y + 1.3)]
        )
        shape = self.piece(blade, colour, z)
        if self.rng.random() < 0.4:
            stripe = col.light(colour, 0.6)
            with self.board.clipped(shape):
                for k in range(5):
                    self.stripe(np.array([(-0.4, y + 0.3 + 0.28 * k), (0.4, y + 0.5 + 0.28 * k)]), stripe, 0.07, z)
        knot = np.array([(-w, y), (w, y), (0.65 * w, y + 0.24), (-0.65 * w, y + 0.24)])
        self.piece(knot, colour, z)

    def bow(self, colour: Colour, y: float, size: float, z: float = 0.35) -> None:
        """A ribbon tied to a bow at ``y``."""
        for s in (-1, 1):
            end = np.array([(0, y), (s * 0.5 * size, y + 1.3 * size), (s * 0.18 * size, y + 1.25 * size)])
            self.piece(end, self.shade(colour), z)
        for s in (-1, 1):
            loop = np.array(
                [
                    (0, y),
                    (s * 0.6 * size, y - 0.42 * size),
                    (s * size, y - 0.3 * size),
                    (s * 0.98 * size, y + 0.3 * size),
                    (s * 0.55 * size, y + 0.36 * size),
                ]
            )
            self.piece(loop, colour, z, smooth=32)
            fold = np.array([(s * 0.12 * size, y), (s * 0.5 * size, y - 0.02 * size)])
            self.board.ink(self.px(fold, z), self.ink(colour), self.line, start=0.8, end=0.0, belly=0.1)
        knot = np.array([(-0.16, -0.16), (0.16, -0.16), (0.18, 0.18), (-0.18, 0.18)]) * size + (0, y)
        self.piece(knot, colour, z, smooth=20)

    def collar(self, colour: Colour, spread: float, length: float) -> None:
        """Two turned-down collar points around the neck."""
        t = self.torso
        for s in (-1, 1):
            flap = np.array([(s * t.neck * 1.12, t.y - 0.3), (s * 0.02, t.y + 0.1), (s * spread, t.y + 0.1 + length),
                             (s * t.neck * 1.5, t.y + 0.12)])  # fmt: skip
            self.piece(flap, colour, 0.15)


def _circle(n: int) -> np.ndarray:
    a = np.linspace(0, 2 * np.pi, n, endpoint=False)
    return np.stack([np.cos(a), np.sin(a)], 1)


def round_neck(torso: Torso, width: float, depth: float) -> np.ndarray:
    """A round neckline's right half, from the shoulder to the middle."""
    a = np.linspace(0, np.pi / 2, 6)
    return np.column_stack([width * np.cos(a), torso.y - 0.1 + (depth + 0.1) * np.sin(a)])


def v_neck(torso: Torso, width: float, depth: float) -> np.ndarray:
    """A V neckline's right half."""
    return np.array([(width, torso.y - 0.14), (0.62 * width, torso.y + 0.3 * depth), (0.0, torso.y + depth)])

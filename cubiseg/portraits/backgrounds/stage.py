"""What every kind of background paints with: a canvas of a size, its random stream, shapes and picture textures."""

from collections.abc import Sequence
from functools import cached_property

import cv2
import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.paint import Board
from cubiseg.portraits.rng import Rng, chance, uniform
from cubiseg.portraits.tables import Point

Image = np.ndarray
"""(n, n, 3) uint8, sRGB."""

_SHIFT = 4  # cv2 takes points in sixteenths of a px


def bytes3(c: col.Colour) -> tuple[int, int, int]:
    """A colour as three integers 0..255."""
    r, g, b = (int(min(max(v, 0.0), 1.0) * 255 + 0.5) for v in c)
    return r, g, b


class Stage:
    """A background in the making: ``n`` px wide and high."""

    def __init__(self, n: int, rng: Rng) -> None:
        self.n, self.rng = n, rng

    @cached_property
    def x(self) -> np.ndarray:
        """(1, n) float32 from 0 at the left to 1."""
        return np.linspace(0, 1, self.n, dtype=np.float32)[None]

    @cached_property
    def y(self) -> np.ndarray:
        """(n, 1) float32 from 0 at the top to 1."""
        return np.linspace(0, 1, self.n, dtype=np.float32)[:, None]

    def colour(self, vivid: float = 1.0, low: float = 0.15, high: float = 1.0) -> col.Colour:
        """Any colour, half of them greyish; ``low`` and ``high`` bound its brightness."""
        s = vivid * (uniform(self.rng, 0.0, 0.25) if chance(self.rng, 0.5) else uniform(self.rng, 0.1, 0.9))
        return col.hsv(self.rng.random(), s, uniform(self.rng, low, high))

    def near(self, c: col.Colour, spread: float = 0.15) -> col.Colour:
        """A neighbour of a colour."""
        r, g, b = (
            float(v)
            for v in np.clip(np.array(c) * (1 + self.rng.normal(0, spread)) + self.rng.normal(0, 0.3 * spread, 3), 0, 1)
        )
        return r, g, b

    def flat(self, c: col.Colour) -> Image:
        """One colour everywhere."""
        return np.full((self.n, self.n, 3), bytes3(c), np.uint8)

    def ramp(self, t: np.ndarray, colours: Sequence[col.Colour]) -> Image:
        """Colours looked up along ``t`` (broadcast to a whole picture, 0 the first colour, 1 the last)."""
        at = np.linspace(0, 1, len(colours))
        table = np.stack([np.interp(np.linspace(0, 1, 256), at, [c[k] for c in colours]) for k in range(3)], 1)
        index = np.clip(np.broadcast_to(t, (self.n, self.n)) * 255 + 0.5, 0, 255).astype(np.uint8)
        return cv2.LUT(cv2.merge([index] * 3), np.rint(table * 255).astype(np.uint8)[None])

    def noise(self, low: int = 2, high: int = 7, decay: float = 0.6, stretch: Point = (1, 1)) -> Image:
        """(n, n) float32 of mean 0 and spread 1: random grids of several octaves; ``stretch``: cells' width, height."""
        n, out = self.n, np.zeros((self.n, self.n), np.float32)
        for octave in range(low, high + 1):
            cells = [max(2, int(2**octave / s)) for s in stretch]
            grid = self.rng.standard_normal((cells[1] + 1, cells[0] + 1), np.float32)
            if min(cells) <= 2 * n:
                mode = cv2.INTER_CUBIC if octave < 6 else cv2.INTER_LINEAR
                out += cv2.resize(grid, (n, n), interpolation=mode) * np.float32(decay ** (octave - low))
        out -= out.mean()
        return out / max(float(out.std()), 1e-6)

    def blend(self, below: Image, above: Image | col.Colour, mask: np.ndarray) -> Image:
        """``above`` over ``below`` where ``mask`` (n, n) is 1."""
        if isinstance(above, tuple):
            above = self.flat(above)
        m = np.clip(mask, 0, 1).astype(np.float32)
        return cv2.blendLinear(
            above, below, *(np.ascontiguousarray(np.broadcast_to(k, (self.n, self.n))) for k in (m, 1 - m))
        )

    def polygon(self, img: Image, points: np.ndarray | Sequence[Sequence[float] | np.ndarray], c: col.Colour) -> None:
        """Fill a polygon, its points in shares of the picture's side."""
        p = np.rint(np.asarray(points, float) * (self.n * 2**_SHIFT)).astype(np.int32)
        cv2.fillPoly(img, [p], bytes3(c), cv2.LINE_AA, _SHIFT)

    def box(self, img: Image, x0: float, y0: float, x1: float, y1: float, c: col.Colour) -> None:
        """Fill a rectangle given in shares of the picture's side."""
        self.polygon(img, [(x0, y0), (x1, y0), (x1, y1), (x0, y1)], c)

    def stamp(
        self,
        img: Image,
        at: np.ndarray,
        size: np.ndarray,
        turn: np.ndarray,
        shape: np.ndarray,
        colours: Sequence[col.Colour],
    ) -> None:
        """Many small copies of one shape, each convex: (k, 2) places and (k,) sizes in shares of the picture's side."""
        c, s = np.cos(turn)[:, None], np.sin(turn)[:, None]
        px = np.stack([shape[:, 0] * c - shape[:, 1] * s, shape[:, 0] * s + shape[:, 1] * c], 2)
        px = np.rint((at[:, None] + px * size[:, None, None]) * (self.n * 2**_SHIFT)).astype(np.int32)
        inks = [bytes3(c) for c in colours]
        for p, k in zip(px, self.rng.integers(0, len(inks), len(px)).tolist(), strict=True):
            cv2.fillConvexPoly(img, p, inks[k], cv2.LINE_AA, _SHIFT)

    def line(self, img: Image, points: np.ndarray, c: col.Colour, width: float) -> None:
        """A line through points, all in shares of the picture's side."""
        p = np.rint(np.asarray(points, float) * (self.n * 2**_SHIFT)).astype(np.int32)
        cv2.polylines(img, [p], False, bytes3(c), max(1, round(width * self.n)), cv2.LINE_AA, _SHIFT)

    def quad(self, img: Image, texture: Image, corners: np.ndarray | Sequence[Sequence[float]]) -> None:
        """Lay a square texture into four corners (shares of the side; from the texture's top left, clockwise)."""
        to = np.asarray(corners, np.float32) * self.n
        h, w = texture.shape[:2]
        m = cv2.getPerspectiveTransform(np.array([(0, 0), (w, 0), (w, h), (0, h)], np.float32), to)
        cv2.warpPerspective(texture, m, (self.n, self.n), img, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT)

    def textured(self, img: Image, noise: np.ndarray, strength: float) -> Image:
        """Brightness times 1 + noise * strength."""
        gain = (1 + noise * np.float32(strength)).astype(np.float32)
        return cv2.multiply(img, cv2.merge([gain] * 3), dtype=cv2.CV_8U)

    def over(self, img: Image, board: Board) -> Image:
        """A painted board over a picture."""
        rgba = board.rgba()
        return self.blend(img, np.ascontiguousarray(rgba[..., :3]), rgba[..., 3] * np.float32(1 / 255))


LEAF = np.array([(-1, 0), (-0.3, -0.45), (0.4, -0.38), (1, 0), (0.4, 0.38), (-0.3, 0.45)])
"""A pointed leaf or petal, one unit long from its middle."""

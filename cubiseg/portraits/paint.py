"""Painting with skia: smooth paths, tapered strokes and one transparent board per layer.

Points are (n, 2) float arrays in pixels; shapes of varying width are polygons, so that ink tapers.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import skia

from cubiseg.portraits.colour import Colour
from cubiseg.portraits.owners import Owners
from cubiseg.portraits.rng import Rng
from cubiseg.portraits.tables import Point

Points = np.ndarray


def spline(points: Sequence[Sequence[float] | Points] | Points, n: int = 24, closed: bool = False) -> Points:
    """A uniform Catmull-Rom curve through ``points``.

    Args:
        points: (k, d) control points, k >= 2.
        n: number of samples.
        closed: whether the curve returns to its start (the start is not repeated).

    Returns:
        (n, d) float.
    """
    p = np.asarray(points, float)
    k = len(p)
    if closed:
        t = np.arange(n) * (k / n)
        i = t.astype(int)
        q = [p[(i + d) % k] for d in (-1, 0, 1, 2)]
    else:
        t = np.linspace(0, k - 1, n)
        i = np.minimum(t.astype(int), k - 2)
        e = np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
        q = [e[i + d] for d in (0, 1, 2, 3)]
    f = (t - i)[:, None]
    a, b, c, d = q
    return b + 0.5 * f * (c - a + f * (2 * a - 5 * b + 4 * c - d + f * (3 * (b - c) + d - a)))


def normals(line: Points) -> Points:
    """(n, 2) unit normals of a polyline, to the right of its direction in y-down pixels."""
    d = np.gradient(line, axis=0)
    d /= np.maximum(np.hypot(d[:, 0], d[:, 1]), 1e-6)[:, None]
    return np.stack([-d[:, 1], d[:, 0]], 1)


def ribbon(line: Points, width: Points | float) -> Points:
    """(2n, 2) outline of a band of full width ``width`` (px, one number or one a point) along ``line``."""
    off = normals(line) * (np.asarray(width, float) * 0.5).reshape(-1, 1)
    return np.concatenate([line + off, (line - off)[::-1]])


def taper(n: int, start: float = 0.0, end: float = 0.0, belly: float = 0.5) -> Points:
    """(n,) width profile: ``start`` and ``end`` at the ends, 1 at position ``belly``."""
    t = np.linspace(0, 1, n)
    rise = np.sin(np.clip(t / belly, 0, 1) * np.pi / 2)
    fall = np.sin(np.clip((1 - t) / (1 - belly), 0, 1) * np.pi / 2)
    return np.where(t < belly, start + (1 - start) * rise, end + (1 - end) * fall)


def path(points: Points, closed: bool = True) -> skia.Path:
    """A polygon or polyline."""
    # skia's own points convert three times as fast as tuples
    return skia.Path.Polygon([skia.Point(x, y) for x, y in np.asarray(points, float).tolist()], closed)


def blob(points: Sequence[Sequence[float]] | Points, n: int = 48) -> skia.Path:
    """A smooth closed shape through ``points``."""
    return path(spline(points, n, closed=True))


def colour4(c: Colour, alpha: float = 1.0) -> skia.Color4f:
    """skia's colour of ours."""
    return skia.Color4f(*(min(max(float(v), 0.0), 1.0) for v in (*c, alpha)))


def gradient(
    p0: Sequence[float] | Points,
    p1: Sequence[float] | Points,
    colours: Sequence[tuple[Colour, float]],
    stops: Sequence[float] | None = None,
) -> skia.Shader:
    """A linear gradient between two points (px) over (colour, alpha) pairs."""
    ints = [colour4(c, a).toColor() for c, a in colours]
    where = list(stops) if stops is not None else [float(v) for v in np.linspace(0, 1, len(ints))]
    return skia.GradientShader.MakeLinear([(float(p0[0]), float(p0[1])), (float(p1[0]), float(p1[1]))], ints, where)


def glow(centre: Sequence[float] | Points, radius: float, colour: Colour, alpha: float) -> skia.Shader:
    """A radial gradient from ``alpha`` at the centre to nothing at ``radius`` (px)."""
    ints = [colour4(colour, a).toColor() for a in (alpha, alpha * 0.62, 0.0)]
    return skia.GradientShader.MakeRadial(
        (float(centre[0]), float(centre[1])), max(float(radius), 0.5), ints, [0, 0.5, 1]
    )


@dataclass(frozen=True)
class Pen:
    """How lines are drawn; what is much wider than ``line`` px is tone and not touched.

    Attributes:
        line: px of a usual line.
        lean: (x, y) shift in px that makes lines heavier on one side, as a broad nib does.
        gaps: 0 whole lines to 1, many gaps.
        sketch: 0 one clean line to 1, a second uneven line beside it.
        rng: the layer's stream.
    """

    line: float
    lean: Point
    gaps: float
    sketch: float
    rng: Rng

    def wants(self, width: float) -> bool:
        """Whether a stroke of ``width`` px is a line."""
        return 0.1 < width <= 2.5 * self.line

    def dashes(self) -> skia.PathEffect:
        """Long dashes and short gaps, in lengths that do not repeat soon."""
        on = self.line * self.rng.uniform(8, 50, 5) * (1.3 - self.gaps)
        off = self.line * (1 + 3 * self.gaps) * self.rng.uniform(0.5, 2.5, 5)
        return skia.DashPathEffect.Make(np.stack([on, off], 1).ravel().tolist(), float(100 * self.rng.random()))

    def uneven(self) -> skia.PathEffect:
        """A hand that shakes."""
        return skia.DiscretePathEffect.Make(
            6 * self.line + 2, 0.7 * self.line * self.sketch, int(self.rng.integers(1, 2**31))
        )

    def pieces(self, count: int) -> list[slice]:
        """Parts of a tapered line of ``count`` points: all of it, or two with a gap."""
        if count < 8 or self.rng.random() > 0.6 * self.gaps:
            return [slice(0, count)]
        k = int(self.rng.integers(3, count - 4))
        return [slice(0, k), slice(k + 1, count)]


class Board:
    """One transparent layer to paint on.

    ``atop=True`` in a method paints only where the layer already has paint, and keeps its alpha: shadows and blush
    so belong to the part that they fall on. All other paint belongs to the part that :meth:`on` names.

    Args:
        size: side in px.
        pen: how lines are drawn, or None for plain ones.
        part: name of the part that is painted first, or of the class where it has none.
        alone: whether each part is painted alone too (:meth:`alone`).
    """

    def __init__(self, size: int, pen: Pen | None = None, part: str = "background", *, alone: bool = False) -> None:
        self.size, self.pen = size, pen
        self._part: str | None = part
        self._apart = alone
        self._owners = Owners(size, alone=alone)
        self._surface = skia.Surface(size, size)
        self.canvas = self._surface.getCanvas()
        self.canvas.clear(0)

    def another(self, part: str) -> "Board":
        """An empty board for ``part``, of the same size and drawn on with the same pen."""
        return Board(self.size, self.pen, part, alone=self._apart)

    @contextmanager
    def on(self, part: str | None) -> Iterator[None]:
        """Within the block, paint belongs to ``part``; None: to the part that it lies on."""
        before, self._part = self._part, part
        try:
            yield
        finally:
            self._part = before

    def claim(self, part: str, region: skia.Path) -> None:
        """Give ``part`` what the board's own part has in ``region`` so far; the picture stays as it is."""
        self._owners.claim(part, region, self._part or part)

    def shares(self, alpha: np.ndarray) -> dict[str, np.ndarray]:
        """By part, its (H, W) uint8 share of the board's ``alpha``; they add up to it."""
        return self._owners.shares(alpha)

    def alone(self) -> dict[str, np.ndarray]:
        """By part, the part alone: (size, size, 4) uint8, complete under the others; {} unless asked for."""
        return self._owners.alone()

    @contextmanager
    def moved(self, x: float, y: float) -> Iterator[None]:
        """Within the block, all paint is shifted by (x, y) px; for shadows alone (``atop``)."""
        self.canvas.save()
        self.canvas.translate(x, y)
        self._owners.move(x, y)
        try:
            yield
        finally:
            self.canvas.restore()
            self._owners.unmove()

    def erase(self, shape: skia.Path) -> None:
        """Take a shape out of the layer."""
        paint = skia.Paint(AntiAlias=True, BlendMode=skia.BlendMode.kDstOut)
        self.canvas.drawPath(shape, paint)
        self._owners.erase(shape, paint)

    def _draw(self, shape: skia.Path, paint: skia.Paint, alone: Mapping[str, skia.Path] | None = None) -> None:
        self.canvas.drawPath(shape, paint)
        self._count(shape, paint, alone)

    def _count(self, shape: skia.Path, paint: skia.Paint, alone: Mapping[str, skia.Path] | None = None) -> None:
        if self._part is not None and paint.getBlendMode() == skia.BlendMode.kSrcOver:
            self._owners.draw(self._part, shape, paint)
        else:
            self._owners.shade(shape, paint, alone or {})

    @staticmethod
    def _paint(colour: Colour | skia.Shader, alpha: float, atop: bool, blur: float) -> skia.Paint:
        paint = skia.Paint(AntiAlias=True)
        if isinstance(colour, skia.Shader):
            paint.setShader(colour)
            paint.setAlphaf(alpha)
        else:
            paint.setColor4f(colour4(colour, alpha))
        if atop:
            paint.setBlendMode(skia.BlendMode.kSrcATop)
        if blur > 0.3:
            paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur))
        return paint

    def fill(
        self,
        shape: skia.Path,
        colour: Colour | skia.Shader,
        alpha: float = 1.0,
        *,
        atop: bool = False,
        blur: float = 0.0,
        alone: Mapping[str, skia.Path] | None = None,
    ) -> None:
        """Fill a path; ``blur`` is the standard deviation in px of a soft edge.

        A shadow may have another shape on parts that are painted ``alone``, by their names.
        """
        self._draw(shape, self._paint(colour, alpha, atop, blur), alone)

    def stroke(
        self, shape: skia.Path, colour: Colour | skia.Shader, width: float, alpha: float = 1.0, *, atop: bool = False
    ) -> None:
        """Stroke a path with an even width in px and round joins."""
        if width < 0.1:
            return
        paint = self._paint(colour, alpha * min(1.0, width / 0.6), atop, 0)
        paint.setStyle(skia.Paint.kStroke_Style)
        paint.setStrokeWidth(max(width, 0.6))
        paint.setStrokeJoin(skia.Paint.kRound_Join)
        paint.setStrokeCap(skia.Paint.kRound_Cap)
        pen = self.pen
        if pen is None or not pen.wants(width):
            self._draw(shape, paint)
            return
        if pen.sketch:
            again = skia.Paint(paint)
            again.setPathEffect(pen.uneven())
            again.setStrokeWidth(0.7 * width)
            self._draw(shape, again)
        if pen.gaps:
            paint.setPathEffect(pen.dashes())
        self._draw(shape, paint)
        if any(pen.lean):
            self.canvas.save()
            self.canvas.translate(*pen.lean)
            self.canvas.drawPath(shape, paint)
            self.canvas.restore()
            moved = skia.Path(shape)
            moved.offset(*pen.lean)
            self._count(moved, paint)

    def ink(
        self,
        line: Points,
        colour: Colour | skia.Shader,
        width: float,
        alpha: float = 1.0,
        *,
        start: float = 0.15,
        end: float = 0.15,
        belly: float = 0.5,
        atop: bool = False,
    ) -> None:
        """A pen stroke along a polyline: ``width`` px at its belly, ``start`` and ``end`` of that at its ends."""
        if width < 0.1 or len(line) < 2:
            return
        profile = taper(len(line), start, end, belly) * max(width, 0.7)
        alpha *= min(1.0, width / 0.7)
        pen = self.pen
        if pen is None or not pen.wants(width):
            self.fill(path(ribbon(line, profile)), colour, alpha, atop=atop)
            return
        for part in pen.pieces(len(line)) if pen.gaps else [slice(None)]:
            self.fill(path(ribbon(line[part], profile[part])), colour, alpha, atop=atop)
        if pen.sketch:
            beside = line + width * pen.sketch * pen.rng.normal(0, 0.8, 2)
            self.fill(path(ribbon(beside, 0.6 * profile)), colour, 0.7 * alpha, atop=atop)

    def outline(self, shape: skia.Path, fill: Colour | skia.Shader, ink: Colour, width: float) -> None:
        """A filled shape with an even line around it, the line centred on the edge."""
        self.fill(shape, fill)
        self.stroke(shape, ink, width)

    def spot(
        self, centre: Sequence[float] | Points, radius: float, colour: Colour, alpha: float, *, atop: bool = True
    ) -> None:
        """A soft round glow."""
        shape = skia.Path.Circle(float(centre[0]), float(centre[1]), max(float(radius), 0.5))
        self.fill(shape, glow(centre, radius, colour, alpha), atop=atop)

    @contextmanager
    def clipped(self, shape: skia.Path, *, outside: bool = False, spared: str | None = None) -> Iterator[None]:
        """Within the block, paint lands only inside (or only outside) of ``shape``.

        A ``spared`` part goes on beyond it where it is painted alone: what lies there hides it.
        """
        how = skia.ClipOp.kDifference if outside else skia.ClipOp.kIntersect
        self.canvas.save()
        self.canvas.clipPath(shape, how, True)
        self._owners.clip(shape, how, spared)
        try:
            yield
        finally:
            self.canvas.restore()
            self._owners.unclip()

    def rgba(self) -> np.ndarray:
        """(size, size, 4) uint8, sRGB with straight alpha."""
        return self._surface.toarray(colorType=skia.kRGBA_8888_ColorType)

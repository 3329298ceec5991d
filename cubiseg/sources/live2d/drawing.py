"""Drawing a posed model: each drawable alone and complete, and all of them on each other, as Live2D's renderer does.

Skia draws the triangles, on the CPU: no display, no OpenGL, and equal bytes on equal machines. Edges of meshes lie in
clear parts of their textures, so that drawing at twice the size and averaging is smooth enough.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from cubiseg.boxes import Box
from cubiseg.sources.live2d.rig import Blending, Drawable

if TYPE_CHECKING:
    import skia

FINER = 2
"""Pixels along a side that are drawn for one of the picture."""


@dataclass(frozen=True)
class Window:
    """A piece of a model's canvas and the picture that shows it.

    Attributes:
        box: the piece, in px of the canvas.
        size: height and width of the picture.
    """

    box: Box
    size: tuple[int, int]

    def places(self, points: np.ndarray) -> np.ndarray:
        """(n, 2) places of the canvas in the picture, px at the finer size."""
        scale = np.array([self.size[1] / self.box.width, self.size[0] / self.box.height]) * FINER
        return ((points - np.array([self.box.left, self.box.top])) * scale).astype(np.float32)


@dataclass(frozen=True)
class DrawnMesh:
    """One drawable in a picture.

    Attributes:
        number: which.
        box: its place, whole px.
        rgba: (h, w, 4) uint8, straight alpha, where its masks leave it.
    """

    number: int
    box: Box
    rgba: np.ndarray


class Textures:
    """A model's textures, ready to be drawn with."""

    def __init__(self, pictures: Sequence[np.ndarray]) -> None:
        """Take textures: (h, w, 4) uint8 each, straight alpha."""
        import skia

        self._shaders: list[Any] = []
        self.sizes: list[tuple[int, int]] = []
        sampling = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
        for rgba in pictures:
            image = skia.Image.fromarray(_premultiplied(rgba), skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
            self._shaders.append(image.makeShader(skia.TileMode.kClamp, skia.TileMode.kClamp, sampling))
            self.sizes.append(rgba.shape[:2])

    def paint(self, drawable: Drawable) -> "skia.Paint | None":
        """What fills a drawable's triangles; None where it names no texture."""
        import skia

        if not 0 <= drawable.texture < len(self._shaders):
            return None
        paint = skia.Paint(Shader=self._shaders[drawable.texture], AntiAlias=False)
        times, plus = drawable.multiply * (1 - drawable.screen), drawable.screen
        if np.any(times != 1) or np.any(plus != 0):
            rows = [0.0] * 20
            for channel in range(3):
                rows[5 * channel + channel], rows[5 * channel + 4] = float(times[channel]), float(plus[channel])
            rows[18] = 1.0
            paint.setColorFilter(skia.ColorFilters.Matrix(rows))
        return paint


def draw(
    drawables: Sequence[Drawable], order: Sequence[int], textures: Textures, window: Window
) -> tuple[np.ndarray, list[DrawnMesh]]:
    """Draw a posed model.

    Args:
        drawables: all of them.
        order: numbers of those that show, bottom to top.
        textures: theirs.
        window: what is drawn of the canvas, and how large.

    Returns:
        The picture, (H, W, 4) uint8 with straight alpha, and drawables of which something lies in it, bottom to top.
    """
    height, width = window.size
    picture = np.zeros((height * FINER, width * FINER, 4), np.float32)
    drawn: list[DrawnMesh] = []
    covers: dict[int, _Cover | None] = {}
    for number in order:
        drawable = drawables[number]
        cover = _cover(drawable, textures, window)
        if cover is None:
            continue
        light = cover.light * np.float32(drawable.opacity)
        if drawable.masks:
            light = light * _mask(drawable, drawables, textures, window, cover.box, covers)[..., None]
        if not light[..., 3].any():
            continue
        _lay(picture[cover.box.window], light, drawable.blending)
        rgba = _straight(_smaller(light))
        if rgba[..., 3].any():
            drawn.append(DrawnMesh(number, Box(*(int(side) // FINER for side in cover.box)), rgba))
    return _straight(_smaller(picture)), drawn


@dataclass(frozen=True)
class _Cover:
    """What a drawable covers at the finer size: its place, and (h, w, 4) float32, 0..1, premultiplied."""

    box: Box
    light: np.ndarray


def _cover(drawable: Drawable, textures: Textures, window: Window) -> _Cover | None:
    import skia

    places = window.places(drawable.points)
    paint = textures.paint(drawable)
    if paint is None or not len(drawable.triangles) or not np.isfinite(places).all():
        return None
    used = places[np.unique(drawable.triangles)]
    low, high = np.floor(used.min(axis=0)) // FINER * FINER, -(-np.ceil(used.max(axis=0)) // FINER) * FINER
    height, width = window.size
    box = Box(max(0, low[0]), max(0, low[1]), min(width * FINER, high[0]), min(height * FINER, high[1]))
    if box.width <= 0 or box.height <= 0:
        return None
    box = Box(*(int(side) for side in box))
    sides = np.array(textures.sizes[drawable.texture][::-1], np.float32)
    vertices = skia.Vertices(
        skia.Vertices.kTriangles_VertexMode,
        [skia.Point(float(x), float(y)) for x, y in places],
        [skia.Point(float(u), float(v)) for u, v in drawable.uvs * sides],
        None,
        drawable.triangles.ravel().tolist(),
    )
    pixels = np.zeros((int(box.height), int(box.width), 4), np.uint8)
    with skia.Surface(pixels, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType) as canvas:
        canvas.translate(-box.left, -box.top)
        canvas.drawVertices(vertices, paint, skia.BlendMode.kSrcOver)
    return _Cover(box, pixels.astype(np.float32) * np.float32(1 / 255))


def _mask(
    drawable: Drawable,
    drawables: Sequence[Drawable],
    textures: Textures,
    window: Window,
    box: Box,
    covers: dict[int, _Cover | None],
) -> np.ndarray:
    """(h, w) float32: how far a drawable is seen through its masks; their opacity does not count."""
    clear = np.ones((int(box.height), int(box.width)), np.float32)
    for number in drawable.masks:
        if number not in covers:
            covers[number] = _cover(drawables[number], textures, window)
        cover = covers[number]
        if cover is None:
            continue
        left, top = max(box.left, cover.box.left), max(box.top, cover.box.top)
        right, bottom = min(box.right, cover.box.right), min(box.bottom, cover.box.bottom)
        if left < right and top < bottom:
            common = Box(left, top, right, bottom)
            alpha = cover.light[common.moved(-cover.box.left, -cover.box.top).window][..., 3]
            clear[common.moved(-box.left, -box.top).window] *= 1 - alpha
    return clear if drawable.inverted else 1 - clear


def _lay(below: np.ndarray, light: np.ndarray, blending: Blending) -> None:
    """Lay premultiplied light on a picture, in place, as the blend functions of Live2D's renderer do."""
    alpha = light[..., 3:]
    if blending is Blending.NORMAL:
        below *= 1 - alpha
        below += light
    elif blending is Blending.ADD:
        below[..., :3] = np.minimum(below[..., :3] + light[..., :3], below[..., 3:])
    else:
        below[..., :3] *= light[..., :3] + 1 - alpha


def _smaller(light: np.ndarray) -> np.ndarray:
    size = light.shape[1] // FINER, light.shape[0] // FINER
    return np.asarray(cv2.resize(light, size, interpolation=cv2.INTER_AREA), np.float32)


def _straight(light: np.ndarray) -> np.ndarray:
    """Premultiplied light, 0..1, as (h, w, 4) uint8 of straight alpha."""
    alpha = light[..., 3:]
    colours = light[..., :3] / np.maximum(alpha, np.float32(1e-6))
    out = np.rint(np.clip(np.dstack([colours, alpha]), 0, 1) * 255).astype(np.uint8)
    out[out[..., 3] == 0] = 0
    return out


def _premultiplied(rgba: np.ndarray) -> np.ndarray:
    out = rgba.copy()
    alpha = rgba[..., 3:].astype(np.uint16)
    out[..., :3] = (rgba[..., :3] * alpha + 127) // 255
    return out


def extent(drawables: Sequence[Drawable], order: Sequence[int]) -> Box | None:
    """The box of all that shows, in px of the canvas; None where nothing does."""
    shown = [drawables[n].points[np.unique(drawables[n].triangles)] for n in order]
    if not shown:
        return None
    points = np.concatenate(shown)
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return None
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return Box(left, top, right, bottom) if left < right and top < bottom else None

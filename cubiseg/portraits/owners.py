"""Which part has how much of each pixel of a board, kept beside the picture while it is painted."""

import numpy as np
import skia


class Owners:
    """The shares of several parts in one board.

    Whatever is painted is painted once more, with the same edges and alpha, in one channel of a second surface: the
    part's own. Source over then does the counting: what covers a part takes from its share as it takes from its colour.
    A surface holds three parts, and the first part needs no channel: it has what no other part has. So a board with one
    part costs nothing.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._parts: list[str] = []
        self._planes: list[np.ndarray] = []
        self._surfaces: list[skia.Surface] = []
        self._clips: list[tuple[skia.Path, skia.ClipOp]] = []

    def draw(self, part: str, shape: skia.Path, paint: skia.Paint) -> None:
        """Count a shape, painted source over, to ``part``."""
        channel = self._channel(part)
        for k, surface in enumerate(self._surfaces):
            own = skia.Paint(paint)
            code = skia.Color4f(*(float(channel == 3 * k + c) for c in range(3)), 1.0)
            own.setColorFilter(skia.ColorFilters.Blend(code.toColor(), skia.BlendMode.kSrcIn))
            surface.getCanvas().drawPath(shape, own)

    def claim(self, part: str, region: skia.Path) -> None:
        """Give ``part`` all that is painted inside of ``region`` so far."""
        self.draw(part, region, skia.Paint(AntiAlias=True))

    def erase(self, shape: skia.Path, paint: skia.Paint) -> None:
        """Take a shape away from all parts."""
        for surface in self._surfaces:
            surface.getCanvas().drawPath(shape, paint)

    def clip(self, shape: skia.Path, how: skia.ClipOp) -> None:
        """Count only inside (or outside) of a shape until :meth:`unclip`."""
        self._clips.append((shape, how))
        for surface in self._surfaces:
            _clip(surface, shape, how)

    def unclip(self) -> None:
        """Take back the last clip."""
        self._clips.pop()
        for surface in self._surfaces:
            surface.getCanvas().restore()

    def shares(self, alpha: np.ndarray) -> dict[str, np.ndarray]:
        """Each part's share of a board's alpha: (H, W) uint8 arrays that add up to ``alpha``.

        Args:
            alpha: (H, W) uint8, the board's.
        """
        left, out = alpha, {}
        for number, part in enumerate(self._parts[1:]):
            out[part] = np.minimum(self._planes[number // 3][..., number % 3], left)
            left = left - out[part]
        return out if not self._parts else {self._parts[0]: left, **out}

    def _channel(self, part: str) -> int:
        """Number of the channel of a part, -1 for the first one."""
        if part not in self._parts:
            self._parts.append(part)
            if len(self._parts) - 1 > 3 * len(self._planes):
                self._grow()
        return self._parts.index(part) - 1

    def _grow(self) -> None:
        info = skia.ImageInfo.Make(self._size, self._size, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
        self._planes.append(np.zeros((self._size, self._size, 4), np.uint8))
        self._surfaces.append(skia.Surface.MakeRasterDirect(info, self._planes[-1]))
        for shape, how in self._clips:
            _clip(self._surfaces[-1], shape, how)


def _clip(surface: skia.Surface, shape: skia.Path, how: skia.ClipOp) -> None:
    canvas = surface.getCanvas()
    canvas.save()
    canvas.clipPath(shape, how, True)

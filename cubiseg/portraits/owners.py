"""Which part has how much of each pixel of a board, kept beside the picture while it is painted."""

from collections.abc import Mapping

import numpy as np
import skia

_NONE = skia.ColorFilters.Blend(skia.ColorBLACK, skia.BlendMode.kSrcIn)
_CODES = {
    channel: skia.ColorFilters.Blend(colour, skia.BlendMode.kSrcIn)
    for channel, colour in enumerate((skia.ColorRED, skia.ColorGREEN, skia.ColorBLUE))
}


class Owners:
    """The shares of several parts in one board.

    Whatever is painted is painted once more, with the same edges and alpha, in one channel of a second surface: the
    part's own. Source over then does the counting: what covers a part takes from its share as it takes from its colour.
    A surface holds three parts, and the first part needs no channel: it has what no other part has. So a board with one
    part costs nothing.

    Args:
        size: side of the board in px.
        alone: whether each part is painted alone too, on a surface of its own, complete under the others.
    """

    def __init__(self, size: int, *, alone: bool = False) -> None:
        self._size, self._keep = size, alone
        self._alone: dict[str, skia.Surface] = {}
        self._parts: list[str] = []
        self._planes: list[np.ndarray] = []
        self._surfaces: list[skia.Surface] = []
        self._clips: list[tuple[skia.Path, skia.ClipOp, str | None]] = []

    def draw(self, part: str, shape: skia.Path, paint: skia.Paint) -> None:
        """Count a shape, painted source over, to ``part``."""
        channel = self._channel(part)
        if self._keep:
            self._alone[part].getCanvas().drawPath(shape, paint)
        self._count(channel, shape, paint)

    def shade(self, shape: skia.Path, paint: skia.Paint, alone: Mapping[str, skia.Path]) -> None:
        """Paint a shape that belongs to what it lies on; the first part has what stands out.

        ``alone`` has other shapes for single parts, where they are painted alone.
        """
        if not self._alone:
            return
        atop = skia.Paint(paint)
        atop.setBlendMode(skia.BlendMode.kSrcATop)
        for number, (part, surface) in enumerate(self._alone.items()):
            surface.getCanvas().drawPath(alone.get(part, shape), atop if number else paint)

    def _count(self, channel: int, shape: skia.Path, paint: skia.Paint) -> None:
        for k, surface in enumerate(self._surfaces):
            own = skia.Paint(paint)
            own.setColorFilter(_CODES.get(channel - 3 * k, _NONE))
            surface.getCanvas().drawPath(shape, own)

    def claim(self, part: str, region: skia.Path, giver: str) -> None:
        """Give ``part`` what ``giver`` has inside of ``region`` so far; no other part may be seen there."""
        self._count(self._channel(part), region, skia.Paint(AntiAlias=True))
        if self._keep and giver in self._alone:
            canvas = self._alone[part].getCanvas()
            canvas.save()
            canvas.clipPath(region, skia.ClipOp.kIntersect, True)
            canvas.drawImage(self._alone[giver].makeImageSnapshot(), 0, 0)
            canvas.restore()
            paint = skia.Paint(AntiAlias=True, BlendMode=skia.BlendMode.kDstOut)
            self._alone[giver].getCanvas().drawPath(region, paint)

    def erase(self, shape: skia.Path, paint: skia.Paint) -> None:
        """Take a shape away from all parts."""
        for surface in self._all:
            surface.getCanvas().drawPath(shape, paint)

    def clip(self, shape: skia.Path, how: skia.ClipOp, spared: str | None) -> None:
        """Count only inside (or outside) of a shape until :meth:`unclip`; ``spared`` is painted alone without it."""
        self._clips.append((shape, how, spared))
        for surface in self._surfaces:
            _clip(surface, shape, how)
        for part, surface in self._alone.items():
            _clip(surface, None if part == spared else shape, how)

    def unclip(self) -> None:
        """Take back the last clip."""
        self._clips.pop()
        for surface in self._all:
            surface.getCanvas().restore()

    def move(self, x: float, y: float) -> None:
        """Shift what :meth:`shade` paints by (x, y) px until :meth:`unmove`."""
        for surface in self._alone.values():
            surface.getCanvas().save()
            surface.getCanvas().translate(x, y)

    def unmove(self) -> None:
        """Take back the last shift."""
        for surface in self._alone.values():
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

    def alone(self) -> dict[str, np.ndarray]:
        """Each part as it was painted alone: (H, W, 4) uint8, sRGB with straight alpha; {} unless it was asked for."""
        return {part: surface.toarray(colorType=skia.kRGBA_8888_ColorType) for part, surface in self._alone.items()}

    @property
    def _all(self) -> list[skia.Surface]:
        return [*self._surfaces, *self._alone.values()]

    def _channel(self, part: str) -> int:
        """Number of the channel of a part, -1 for the first one."""
        if part not in self._parts:
            self._parts.append(part)
            if len(self._parts) - 1 > 3 * len(self._planes):
                self._grow()
            if self._keep:
                self._alone[part] = skia.Surface(self._size, self._size)
                self._alone[part].getCanvas().clear(0)
                for shape, how, spared in self._clips:
                    _clip(self._alone[part], None if part == spared else shape, how)
        return self._parts.index(part) - 1

    def _grow(self) -> None:
        info = skia.ImageInfo.Make(self._size, self._size, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
        self._planes.append(np.zeros((self._size, self._size, 4), np.uint8))
        self._surfaces.append(skia.Surface.MakeRasterDirect(info, self._planes[-1]))
        for shape, how, _ in self._clips:
            _clip(self._surfaces[-1], shape, how)


def _clip(surface: skia.Surface, shape: skia.Path | None, how: skia.ClipOp) -> None:
    """One more clip, to be restored; None is one that clips nothing."""
    canvas = surface.getCanvas()
    canvas.save()
    if shape is not None:
        canvas.clipPath(shape, how, True)

"""One cut-out layer, and what can be done with layers: stacking them, taking them apart."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.layers.beneath import FillName
from cubiseg.layers.bleed import bleed, margined
from cubiseg.layers.hidden import CRUMB
from cubiseg.layers.pieces import numbered

MOST_PIECES = 8
"""Layers that one part is split into at most."""
MOST_LAYERS = 100
"""Layers of a picture at most once parts are split: Live2D's free editor takes no more."""


@dataclass(frozen=True)
class Layer:
    """One layer, cropped to what it holds.

    Attributes:
        name: taxonomy name of what it holds: a part, or a class that has none or is not told apart.
        x, y: place of the crop's top left pixel in the picture.
        rgba: (h, w, 4) uint8, sRGB, straight alpha. Where alpha is 0, the colours of what is visible nearby go on for
            a few pixels (:mod:`cubiseg.layers.bleed`), and are 0 beyond.
        own: (h, w) bool, the pixels of the picture whose larger share belongs to this layer: each visible pixel is
            owned once.
        painted: (h, w) bool, the pixels that are painted on beneath upper layers and do not show.
        piece: 0 for a whole part, 1, 2, … for its connected pieces, the largest first.
        fill: how ``painted`` was made.
        unsure: whether a model that knows the part was not sure of it, so that it is extended smoothly.
    """

    name: str
    x: int
    y: int
    rgba: np.ndarray
    own: np.ndarray
    painted: np.ndarray
    piece: int = 0
    fill: FillName = "none"
    unsure: bool = False

    @property
    def class_name(self) -> str:
        """The taxonomy class of what it holds; the name itself where that is none of the taxonomy's."""
        return taxonomy.class_name(self.name) if self.name in taxonomy.PART_ID else self.name

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the crop in pixels."""
        return self.rgba.shape[0], self.rgba.shape[1]

    @property
    def window(self) -> tuple[slice, slice]:
        """Rows and columns of the crop in the picture."""
        height, width = self.size
        return slice(self.y, self.y + height), slice(self.x, self.x + width)

    def on_canvas(self, size: tuple[int, int]) -> np.ndarray:
        """The layer on a clear canvas of the picture's size: (H, W, 4) uint8."""
        canvas = np.zeros((*size, 4), np.uint8)
        canvas[self.window] = self.rgba
        return canvas

    def only(self, mask: np.ndarray, piece: int | None = None) -> "Layer":
        """The layer without the pixels outside a mask, cropped again.

        Args:
            mask: (h, w) bool, with at least one pixel that is not clear.
            piece: number of the new layer; None keeps it.
        """
        box = Box.around(mask & (self.rgba[..., 3] > 0))
        assert box is not None  # noqa: S101 - asked of the caller
        box = margined(box, self.size)
        crop = box.window
        inside = mask[crop]
        rgba = self.rgba[crop] * inside[..., None]
        bleed(rgba)
        return replace(
            self,
            x=self.x + int(box.left),
            y=self.y + int(box.top),
            rgba=rgba,
            own=self.own[crop] & inside,
            painted=self.painted[crop] & inside,
            piece=self.piece if piece is None else piece,
        )


def split_layers(layers: Sequence[Layer], names: Sequence[str], most: int = MOST_LAYERS) -> list[Layer]:
    """Layers with some of them taken apart into their connected pieces.

    Args:
        layers: layers from bottom to top.
        names: classes and parts that are taken apart; a class stands for its parts too.
        most: layers that there are at most. Where there would be more, all are split into fewer pieces alike.
    """
    wanted = [layer.name in names or layer.class_name in names for layer in layers]
    for pieces in range(MOST_PIECES, 1, -1):
        split = [in_pieces(layer, pieces) if some else [layer] for layer, some in zip(layers, wanted, strict=True)]
        if sum(map(len, split)) <= most:
            return [piece for some in split for piece in some]
    return list(layers)


def in_pieces(layer: Layer, most: int = MOST_PIECES) -> list[Layer]:
    """The connected pieces of a layer, the largest first; crumbs, and those beyond ``most``, stay with the largest."""
    pieces, areas = numbered(layer.rgba[..., 3] > 0)
    count = len(areas)
    areas[0] = 0
    order = np.argsort(-areas, kind="stable")[:most]
    kept = order[areas[order] >= max(CRUMB * areas.sum(), 1)]
    owning = np.bincount(pieces[layer.own], minlength=count) > 0
    kept = [int(number) for number in kept if owning[number]]
    if len(kept) < 2:
        return [layer]
    table = np.full(count, 1, np.int32)
    table[kept] = np.arange(1, len(kept) + 1)
    numbers = table[pieces]
    return [layer.only(numbers == piece, piece) for piece in range(1, len(kept) + 1)]


def without_painting(layer: Layer) -> tuple[Layer | None, Layer | None]:
    """A layer taken apart into what is painted on beneath others, and what shows; None for nothing."""
    shown = ~layer.painted & (layer.rgba[..., 3] > 0)
    if not layer.painted.any():
        return None, layer
    return layer.only(layer.painted), layer.only(shown) if shown.any() else None


def recompose(layers: Sequence[Layer], size: tuple[int, int]) -> np.ndarray:
    """Stack layers source-over on a clear canvas, in floating point, rounded once.

    Args:
        layers: layers from bottom to top.
        size: height and width of the picture.

    Returns:
        (H, W, 4) uint8, straight alpha; colour is 0 where alpha is 0. Porter and Duff, "Compositing Digital Images",
        1984.
    """
    colour = np.zeros((*size, 3), np.float32)  # premultiplied, 0..255
    alpha = np.zeros((*size, 1), np.float32)
    for layer in layers:
        a = layer.rgba[..., 3:].astype(np.float32) / 255
        colour[layer.window] = layer.rgba[..., :3] * a + colour[layer.window] * (1 - a)
        alpha[layer.window] = a + alpha[layer.window] * (1 - a)
    straight = colour / np.maximum(alpha, 1e-6)
    return np.dstack([np.rint(straight), np.rint(alpha * 255)]).astype(np.uint8)

"""Cutting a picture into layers so that stacking them gives the picture back, exactly."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.imaging import Picture
from cubiseg.layers.fill import push_pull

ID = taxonomy.ID
ON_THE_FACE = ("nose", "mouth", "eye_right", "eye_left", "eyebrow_right", "eyebrow_left")
"""Classes that lie wholly on the face, which is therefore painted on beneath all of them."""

CRUMB = 0.02
"""Pieces below this share of a part's area are not painted on beneath others."""


@dataclass(frozen=True)
class Layer:
    """One layer, cropped to what it holds.

    Attributes:
        class_name: taxonomy class.
        x, y: place of the crop's top left pixel in the picture.
        rgba: (h, w, 4) uint8, sRGB, straight alpha; 0 everywhere where alpha is 0.
        own: (h, w) bool, the pixels that are visible in the picture; the others are painted on beneath upper layers.
    """

    class_name: str
    x: int
    y: int
    rgba: np.ndarray
    own: np.ndarray

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


def cut(picture: Picture, label: np.ndarray, extension: float = 0.25) -> list[Layer]:
    """Cut a picture into one layer a class, bottom to top, with hard masks at its own resolution.

    Each visible pixel (alpha above 0) belongs to exactly one layer, with its colour and alpha. Beneath it, a lower
    layer may be painted on where the pixel is fully opaque, so that parts can move without opening a hole; source-over
    composition of the layers therefore equals the picture wherever that is visible. Visible pixels that are labelled
    background (or ignore) make a layer too, at the bottom.

    Args:
        picture: the picture.
        label: (H, W) uint8, taxonomy ids; values that are no class count as background.
        extension: reach of the hidden painting, as a share of the square root of the part's own area.

    Returns:
        Layers that own at least one pixel.

    Raises:
        ValueError: the sizes differ.
    """
    if label.shape != picture.size:
        raise ValueError(f"label map is {label.shape}, picture {picture.size}")
    visible = np.ones(picture.size, bool) if picture.alpha is None else picture.alpha > 0
    opaque = visible if picture.alpha is None else picture.alpha == 255
    rank = np.zeros(256, np.uint8)  # 1 is the bottom layer; 0 is a clear pixel
    rank[:] = 1 + taxonomy.LAYER_ORDER.index("background")
    for place, name in enumerate(taxonomy.LAYER_ORDER, 1):
        rank[ID[name]] = place
    height = np.where(visible, rank[label], 0).astype(np.uint8)
    layers = []
    for place, name in enumerate(taxonomy.LAYER_ORDER, 1):
        own = height == place
        box = _box(own)
        if box is None:
            continue
        hidden, box = _hidden(name, place, height, opaque, own, box, extension)
        layers.append(_crop(picture, name, own, hidden, box))
    return layers


Box = tuple[int, int, int, int]
"""Top, left, bottom, right; the last two are exclusive."""


def _box(mask: np.ndarray) -> Box | None:
    rows = np.flatnonzero(mask.any(axis=1))
    if not len(rows):
        return None
    columns = np.flatnonzero(mask[rows[0] : rows[-1] + 1].any(axis=0))
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


def _hidden(
    name: str, place: int, height: np.ndarray, opaque: np.ndarray, own: np.ndarray, box: Box, extension: float
) -> tuple[np.ndarray | None, Box]:
    """Where a layer is painted on beneath others, in the grown box that is returned with it; None for nowhere."""
    if extension == 0:
        return None, box
    # The background is one piece behind the figure: it is closed entirely.
    reach = max(own.shape) if name == "background" else int(np.ceil(extension * np.sqrt(np.count_nonzero(own))))
    top, left = max(0, box[0] - reach), max(0, box[1] - reach)
    bottom, right = min(own.shape[0], box[2] + reach), min(own.shape[1], box[3] + reach)
    window = np.s_[top:bottom, left:right]
    above, inside = height[window], own[window]
    covered = (above > place) & opaque[window]
    if name == "background":
        hidden = covered
    else:
        main = _main_pieces(inside)
        away = cv2.distanceTransform((~main).astype(np.uint8), cv2.DIST_L2, 5)
        hidden = covered & (away <= reach)
        if name == "face":
            ranks = [taxonomy.LAYER_ORDER.index(part) + 1 for part in ON_THE_FACE]
            hidden |= covered & np.isin(above, ranks)
        hidden = _joined(main, hidden)
    if not hidden.any():
        return None, box
    grown = _box(inside | hidden)
    assert grown is not None  # noqa: S101 - it holds the layer's own pixels
    place_in = (slice(grown[0], grown[2]), slice(grown[1], grown[3]))
    return hidden[place_in], (top + grown[0], left + grown[1], top + grown[2], left + grown[3])


def _main_pieces(own: np.ndarray) -> np.ndarray:
    """A part without its crumbs: specks of wrong label along an edge are no reason to paint beneath what is there."""
    _, components, stats, _ = cv2.connectedComponentsWithStats(own.astype(np.uint8), connectivity=8)
    areas = stats[:, cv2.CC_STAT_AREA]
    return own & (areas >= CRUMB * np.count_nonzero(own))[components]


def _joined(own: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """The part of ``hidden`` that is connected with ``own``: no islands beneath a far strand of hair."""
    _, components = cv2.connectedComponents((own | hidden).astype(np.uint8), connectivity=4)
    touched = np.zeros(int(components.max()) + 1, bool)
    touched[components[own]] = True
    return hidden & touched[components]


def _crop(picture: Picture, name: str, own: np.ndarray, hidden: np.ndarray | None, box: Box) -> Layer:
    top, left, bottom, right = box
    window = np.s_[top:bottom, left:right]
    inside = own[window]
    colour = picture.rgb[window]
    alpha = np.where(inside, 255 if picture.alpha is None else picture.alpha[window], 0).astype(np.uint8)
    if hidden is not None:
        colour = push_pull(colour, _sources(inside, hidden, alpha), hidden)
        alpha[hidden] = 255
    rgba = np.dstack([colour, alpha])
    rgba[alpha == 0] = 0
    return Layer(name, left, top, rgba, inside & (alpha > 0))


def _sources(own: np.ndarray, hidden: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Own pixels that hidden colours are drawn from: not the ink line along the covered edge, where enough is left."""
    solid = own & (alpha == 255)
    if not solid.any():
        solid = own
    width = max(2, round(0.02 * float(np.sqrt(np.count_nonzero(own)))))
    away = cv2.distanceTransform((~hidden).astype(np.uint8), cv2.DIST_L2, 3)
    inner = solid & (away > width)
    return inner if np.count_nonzero(inner) > 0.3 * np.count_nonzero(solid) else solid


def recompose(layers: Sequence[Layer], size: tuple[int, int]) -> np.ndarray:
    """Stack layers source-over on a clear canvas, in floating point, rounded once.

    Args:
        layers: bottom to top.
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

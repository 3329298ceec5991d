"""Cutting a picture into layers so that stacking them gives the picture back, exactly."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.imaging import Picture
from cubiseg.inference.ground import ground
from cubiseg.layers import matte
from cubiseg.layers.figure import whole_regions
from cubiseg.layers.fill import push_pull
from cubiseg.layers.matte import Matte
from cubiseg.layers.sharpen import sharpen

ON_THE_FACE = ("nose", "mouth", "eye_right", "eye_left", "eyebrow_right", "eyebrow_left")
"""Classes that lie wholly on the face, which is therefore painted on beneath all of them."""

SHORT = 0.3
"""Share of the usual reach for parts on the face: a mean of iris, white and lashes looks worse than the face below."""
CRUMB = 0.02
"""Pieces below this share of a part's area are not painted on beneath others, nor layers of their own."""
MOST_PIECES = 8
"""Layers that one class is split into at most: Live2D's free editor allows 100 in all."""
FINEST = 1024
"""Longer side, in pixels, at which distances are measured in larger windows."""


@dataclass(frozen=True)
class Layer:
    """One layer, cropped to what it holds.

    Attributes:
        class_name: taxonomy class.
        x, y: place of the crop's top left pixel in the picture.
        rgba: (h, w, 4) uint8, sRGB, straight alpha; 0 everywhere where alpha is 0.
        own: (h, w) bool, the pixels of the picture whose larger share belongs to this layer: each visible pixel is
            owned once.
        painted: (h, w) bool, the pixels that are painted on beneath upper layers and do not show.
        piece: 0 for a whole class, 1, 2, … for its connected pieces, the largest first.
    """

    class_name: str
    x: int
    y: int
    rgba: np.ndarray
    own: np.ndarray
    painted: np.ndarray
    piece: int = 0

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
        crop = box.window
        inside = mask[crop]
        return replace(
            self,
            x=self.x + int(box.left),
            y=self.y + int(box.top),
            rgba=self.rgba[crop] * inside[..., None],
            own=self.own[crop] & inside,
            painted=self.painted[crop] & inside,
            piece=self.piece if piece is None else piece,
        )


def cut(
    picture: Picture,
    label: np.ndarray,
    extension: float = 0.25,
    *,
    soft_edges: bool = False,
    cell: float = 1.0,
    split: Sequence[str] = (),
) -> list[Layer]:
    """Cut a picture into layers, bottom to top, at its own resolution.

    Each visible pixel (alpha above 0) belongs to exactly one layer, with its colour and alpha; where it is opaque and
    edges are soft, it may be shared by two, the lower of them opaque. Beneath, lower layers may be painted on where the
    pixel is fully opaque, so that parts can move without opening a hole. Source-over composition of the layers equals
    the picture wherever that is visible. Visible pixels that are labelled background (or ignore) make a layer too, at
    the bottom.

    Args:
        picture: picture that is cut.
        label: (H, W) uint8, taxonomy ids; values that are no class count as background.
        extension: reach of the hidden painting, as a share of the square root of the part's own area.
        soft_edges: whether edges are mattes (:mod:`cubiseg.layers.matte`) instead of hard masks.
        cell: pixels of the picture, along a side, that one pixel of the network covered; above 1, what is drawn as one
            area is made figure or background as a whole (:mod:`cubiseg.layers.figure`), and borders are moved to the
            drawn edges (:mod:`cubiseg.layers.sharpen`) first.
        split: classes whose connected pieces become layers of their own.

    Returns:
        Layers that own at least one pixel.

    Raises:
        ValueError: the sizes differ.
    """
    if label.shape != picture.size:
        raise ValueError(f"label map is {label.shape}, picture {picture.size}")
    visible = np.ones(picture.size, bool) if picture.alpha is None else picture.alpha > 0
    opaque = visible if picture.alpha is None else picture.alpha == 255
    if cell > 1:
        rgb = picture.over(ground(picture))
        label = _kept_background(label, sharpen(rgb, whole_regions(rgb, label), cell), picture)
    edges = matte.soft(picture.rgb, label, opaque) if soft_edges else matte.hard(label)
    owner = np.where(visible, edges.rank, 0).astype(np.uint8)
    solid = np.where(visible, edges.solid(), 0).astype(np.uint8)
    layers = []
    for place, name in enumerate(taxonomy.LAYER_ORDER, 1):
        layer = _layer(picture, name, place, owner, solid, opaque, edges, extension)
        if layer is not None:
            layers += _pieces(layer) if name in split else [layer]
    return layers


def _kept_background(before: np.ndarray, after: np.ndarray, picture: Picture) -> np.ndarray:
    """In a cut-out, borders between parts move; what the segmenter gave to a part stays with some part.

    The picture's own alpha is the outline there, and its clear pixels have no colour that could say where an edge is.
    """
    if picture.alpha is None or picture.alpha.all():
        return after
    background = taxonomy.ID["background"]
    lost = (after == background) != (before == background)
    return np.where(lost, before, after)


def _layer(
    picture: Picture,
    name: str,
    place: int,
    owner: np.ndarray,
    solid: np.ndarray,
    opaque: np.ndarray,
    edges: Matte,
    extension: float,
) -> Layer | None:
    """One class as a layer; None where it owns no pixel and shares none."""
    own = owner == place
    over, under = edges.upper == place, edges.lower == place
    shared = over | under
    box = Box.around(own)
    if shared.any():
        rows, columns = edges.rows[shared], edges.columns[shared]
        spanned = Box(int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
        box = spanned.union(box)
    if box is None:
        return None
    whole = solid == place
    hidden, box = _hidden(name, place, solid, opaque, whole | own, box, extension)
    left, top, window = int(box.left), int(box.top), box.window
    inside = own[window]
    alpha = np.where(whole[window], np.uint8(255) if picture.alpha is None else picture.alpha[window], np.uint8(0))
    colour = picture.rgb[window].copy()
    if under.any():
        colour[edges.rows[under] - top, edges.columns[under] - left] = edges.lower_colour[under]
    if over.any():
        at = edges.rows[over] - top, edges.columns[over] - left
        colour[at] = edges.upper_colour[over]
        alpha[at] = edges.alpha[over]
    if hidden is None:
        hidden = np.zeros(inside.shape, bool)
    else:
        colour = push_pull(colour, _sources(inside, hidden, alpha), hidden)
        alpha[hidden] = 255
    rgba = np.dstack([colour, alpha])
    rgba[alpha == 0] = 0
    return Layer(name, left, top, rgba, inside & (alpha > 0), hidden)


def _hidden(
    name: str, place: int, solid: np.ndarray, opaque: np.ndarray, own: np.ndarray, box: Box, extension: float
) -> tuple[np.ndarray | None, Box]:
    """Where a layer is painted on beneath others, in the grown box that is returned with it; None for nowhere."""
    area = np.count_nonzero(own)
    if extension == 0 or not area:
        return None, box
    # The background is one piece behind the figure: it is closed entirely.
    reach = int(np.ceil(extension * np.sqrt(area) * (SHORT if name in ON_THE_FACE else 1)))
    reach = max(own.shape) if name == "background" else reach
    around = box.grown(reach, own.shape)
    above, inside = solid[around.window], own[around.window]
    covered = (above > place) & opaque[around.window]
    if name == "background":
        hidden = covered
    else:
        main = _main_pieces(inside)
        hidden = covered & _within(main, reach)
        if name == "face":
            ranks = taxonomy.STACK_RANK[list(taxonomy.ids(*ON_THE_FACE))]
            hidden |= covered & np.isin(above, ranks)
        hidden = _joined(main, hidden)
    painted = Box.around(hidden)
    if painted is None:
        return None, box
    # Shared pixels of this layer may lie outside what it owns and paints.
    grown = painted.moved(around.left, around.top).union(box)
    return hidden[grown.moved(-around.left, -around.top).window], grown


def _within(mask: np.ndarray, reach: int) -> np.ndarray:
    """Pixels at most ``reach`` pixels from a mask; in large windows to within a few pixels."""
    step = -(-max(mask.shape) // FINEST)
    small = np.ascontiguousarray(mask[::step, ::step])
    if step == 1 or not small.any():
        step, small = 1, mask
    away = cv2.distanceTransform((~small).astype(np.uint8), cv2.DIST_L2, 5)
    near = (away * step <= reach).astype(np.uint8)
    return cv2.resize(near, mask.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0 if step > 1 else near > 0


def _pieces(layer: Layer) -> list[Layer]:
    """The connected pieces of a layer, the largest first; crumbs stay with the largest."""
    count, pieces, stats, _ = cv2.connectedComponentsWithStats((layer.rgba[..., 3] > 0).view(np.uint8), connectivity=8)
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    order = np.argsort(-areas, kind="stable")[:MOST_PIECES]
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

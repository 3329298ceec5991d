"""Cutting a picture into layers so that stacking them gives the picture back, exactly."""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.boxes import Box, boxes_by_value
from cubiseg.imaging import Picture
from cubiseg.inference.ground import ground
from cubiseg.layers import matte
from cubiseg.layers.beneath import Continuation, Filler, FillName
from cubiseg.layers.bleed import BLEED, MARGIN, bleed, margined
from cubiseg.layers.dust import least_area, pinholes, remnants, without_specks
from cubiseg.layers.hidden import LYING_ON, joint_of, paint, painting, reach_of
from cubiseg.layers.layer import MOST_LAYERS, Layer, split_layers
from cubiseg.layers.matte import Matte
from cubiseg.layers.order import TAXONOMY, Order
from cubiseg.layers.sharpen import sharpen
from cubiseg.workers import threads_for


def cut(
    picture: Picture,
    label: np.ndarray,
    extension: float = 0.25,
    *,
    soft_edges: bool = False,
    cell: float = 1.0,
    finer: Sequence[tuple[Box, float]] = (),
    at_edges: bool = False,
    split: Sequence[str] = (),
    most: int = MOST_LAYERS,
    order: Order = TAXONOMY,
    filler: Filler | None = None,
) -> list[Layer]:
    """Cut a picture into layers, bottom to top, at its own resolution: one for each class or part of the label map.

    Each visible pixel (alpha above 0) belongs to exactly one layer, with its colour and alpha; where it is opaque and
    edges are soft, it may be shared by two, the lower of them opaque. Beneath, lower layers may be painted on where the
    pixel is fully opaque, so that parts can move without opening a hole. Source-over composition of the layers equals
    the picture wherever that is visible. Visible pixels that are labelled background (or ignore) make a layer too, at
    the bottom. Pieces and holes of a few pixels are given away and closed (:mod:`cubiseg.layers.dust`).

    Args:
        picture: picture that is cut.
        label: (H, W) uint8, ids of classes and parts; a class id is a layer of its own, of what is not told apart.
            Values that are neither count as background. With another ``order``, its values.
        extension: reach of the hidden painting, as a share of the square root of the part's own area.
        soft_edges: whether edges are mattes (:mod:`cubiseg.layers.matte`) instead of hard masks.
        cell: pixels of the picture, along a side, that one pixel of the network covered; above 1, borders are moved
            to the drawn edges (:mod:`cubiseg.layers.sharpen`) first.
        finer: pieces of the picture in which it covered less, and how much (``Segmentation.finer``).
        at_edges: whether borders between classes lie at the picture's edges already (``Segmentation.at_edges``).
        split: classes and parts whose connected pieces become layers of their own; a class stands for its parts too.
        most: layers that there are at most once parts are split.
        order: what lies above what; segments without names have one of their own, and a ``cell`` of 1.
        filler: what paints beneath; None extends smoothly.

    Returns:
        Layers that own at least one pixel.

    Raises:
        CubisegError: a network of the filler fails.
        ValueError: the sizes differ.
    """
    if label.shape != picture.size:
        raise ValueError(f"label map is {label.shape}, picture {picture.size}")
    if picture.alpha is not None and (picture.alpha == 255).all():
        picture = replace(picture, alpha=None)  # the same layers, whether or not a file says that nothing is clear
    visible = np.ones(picture.size, bool) if picture.alpha is None else picture.alpha > 0
    opaque = visible if picture.alpha is None else picture.alpha == 255
    label = as_drawn(picture, label, cell, finer, at_edges)
    edges = matte.soft(picture.rgb, label, opaque, order) if soft_edges else matte.hard(label, order)
    edges, kept = without_specks(edges, visible, 2 if opaque.all() else 1)
    owner, solid = edges.rank * visible, edges.solid() * visible
    del label, visible  # in large pictures, room for the layers
    edges = replace(edges, rank=owner)
    stack = _Stack(picture, edges, owner, solid, opaque, extension, kept, order.names, filler or Filler())
    if extension and order is TAXONOMY:
        drawn, unsure = stack.filler.draw(picture, owner, order.names, stack.boxes)
        stack.drawn.update(drawn)
        stack.unsure.update(unsure)
    return split_layers(_layers(stack), split, most)


NEARLY_OPAQUE = 250
"""Alpha from which nothing beneath shows; smoothed outlines are below it."""
GLAZE, MOST_GLAZED = 0.1, 0.45
"""Share of a level by which a layer, and all layers, may change the alpha of a pixel that they are glazed beneath."""
MOST_ROUNDS = 4
"""How often pinholes are looked for again where closing them has enlarged a layer."""
LEAST_GLAZED = 142
"""Alpha under which even alpha 1 beneath would change a pixel."""


@dataclass(frozen=True)
class _Stack:
    """What is cut: who owns what, by place in the stack; the arrays change while pinholes are closed.

    Attributes:
        picture: picture that is cut.
        edges: the shared pixels.
        owner: (H, W) uint8, place of the layer that owns the pixel, 0 where it is clear.
        solid: (H, W) uint8, place of the opaque layer (of the only one, where the picture is not opaque).
        opaque: (H, W) bool, where the picture is opaque.
        extension: reach of the painting beneath other layers.
        kept: (N,) sorted, places in the flat picture that their layer must keep.
        names: name of the layer at each place, from the bottom.
        filler: what paints beneath.
        drawn: by place, what a model draws of the layer, seen and hidden.
        glazed: by place, places in the flat picture and alpha of pixels that :meth:`glaze` painted.
    """

    picture: Picture
    edges: Matte
    owner: np.ndarray
    solid: np.ndarray
    opaque: np.ndarray
    extension: float
    kept: np.ndarray
    names: Sequence[str]
    filler: Filler
    drawn: dict[int, Continuation] = field(default_factory=dict)
    unsure: set[int] = field(default_factory=set)
    glazed: dict[int, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)

    @cached_property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.picture.size

    @cached_property
    def is_opaque(self) -> bool:
        """Whether the whole picture is."""
        return bool(self.opaque.all())

    def covered(self, place: int, around: Box) -> np.ndarray:
        """Where a layer is wholly covered, so that nothing that is painted there shows: (h, w) bool in a window."""
        return np.asarray((self.solid[around.window] > place) & self.opaque[around.window])

    @cached_property
    def boxes(self) -> dict[int, Box]:
        """Box of each place's pixels when the cutting begins, where it has any; what is taken later lies inside."""
        found = boxes_by_value(self.solid)
        for place in np.unique(self.edges.upper):
            over = self.edges.upper == place
            rows, columns = self.edges.rows[over], self.edges.columns[over]
            spanned = Box(int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
            found[int(place)] = spanned.union(found.get(int(place)))
        return found

    @cached_property
    def shared(self) -> np.ndarray:
        """Places of the shared pixels in the flat picture, sorted."""
        return self.edges.rows.astype(np.int64) * self.size[1] + self.edges.columns

    @cached_property
    def has_backdrop(self) -> bool:
        """Whether the background is one piece behind the figure, and no shadow or thing beside it."""
        outside = self.solid <= 1
        return bool(2 * np.count_nonzero(self.opaque & outside) >= np.count_nonzero(outside))

    @cached_property
    def spent(self) -> np.ndarray:
        """By how much of a level glazing has changed a pixel's alpha so far: (H * W,) float32."""
        return np.zeros(self.solid.size, np.float32)

    def glaze(self, places: np.ndarray, place: int) -> None:
        """Paint a layer on beneath pixels that are not quite opaque, so faintly that none changes.

        What is added to alpha is rounded away, and the colour is the pixel's own.
        """
        if self.picture.alpha is None or not len(places):
            return
        clear = (255 - self.picture.alpha.ravel()[places]) / np.float32(255)
        alpha = np.maximum(1, np.floor(GLAZE / clear))
        cost = alpha * clear
        free = self.spent[places] + cost <= MOST_GLAZED
        self.spent[places[free]] += cost[free]
        self.glazed[place] = places[free], alpha[free].astype(np.uint8)

    def take(self, places: np.ndarray, place: int) -> np.ndarray:
        """Give pixels in which lower layers are the opaque ones to a layer, with the specks that this leaves of them.

        Returns:
            Places of those specks.
        """
        whose = self.solid.ravel()[places]
        self._take(places, place)
        specks = [np.zeros(0, np.int64)]
        for lower in np.unique(whose):
            span = self.boxes.get(int(lower))
            if span is None or (lower == 1 and self.is_opaque):
                continue
            over = np.flatnonzero(self.edges.upper == lower)
            left, top, width = int(span.left), int(span.top), int(span.width)
            own = self.solid[span.window] == lower
            at = self.edges.rows[over] - top, self.edges.columns[over] - left
            own[at] = True
            rows, columns = np.divmod(places[whose == lower], self.size[1])
            y, x = np.divmod(remnants(own, (rows - top) * width + columns - left, least_area(self.size)), width)
            found = (y + top) * self.size[1] + x + left
            found = found[self.opaque.ravel()[found] & ~np.isin(found, self.kept)]
            given_up = over[np.isin(self.shared[over], found)]
            self.edges.upper[given_up] = self.edges.lower[given_up] = 0
            faint = self.solid.ravel()[found] != lower
            self.owner.ravel()[found[faint]] = self.solid.ravel()[found[faint]]
            specks.append(found[~faint])
        alone = np.concatenate(specks)
        self._take(alone, place)
        return alone

    def _take(self, places: np.ndarray, place: int) -> None:
        """Give pixels of lower layers to a layer.

        What a higher layer shares of them stays; what a lower one does is given up.
        """
        flat, owners, edges = self.solid.ravel(), self.owner.ravel(), self.edges
        entries = np.minimum(np.searchsorted(self.shared, places), max(len(self.shared) - 1, 0))
        upper = np.zeros(len(places), np.uint8)
        if len(self.shared):
            found = self.shared[entries] == places
            upper[found] = edges.upper[entries[found]]
            edges.lower[entries[found]] = place
            dropped = entries[found & (upper <= place)]
            edges.upper[dropped] = edges.lower[dropped] = 0
        owners[places] = np.where((owners[places] == flat[places]) | (upper <= place), place, owners[places])
        flat[places] = place


def as_drawn(
    picture: Picture, label: np.ndarray, cell: float, finer: Sequence[tuple[Box, float]] = (), at_edges: bool = False
) -> np.ndarray:
    """The label map that a picture is cut by: as :func:`cut`, whose arguments these are, takes it to the drawing.

    Cut by what this gives, with a cell of 1, a picture gives the same layers.

    Returns:
        (H, W) uint8; ``label`` itself where the cell is 1.
    """
    if cell <= 1:
        return label
    rgb = picture.over(ground(picture))
    return _kept_background(label, sharpen(rgb, label, cell, finer, at_edges), picture)


def _kept_background(before: np.ndarray, after: np.ndarray, picture: Picture) -> np.ndarray:
    """In a cut-out, borders between parts move; what the segmenter gave to a part stays with some part.

    The picture's own alpha is the outline there, and its clear pixels have no colour that could say where an edge is.
    """
    if picture.alpha is None or picture.alpha.all():
        return after
    background = taxonomy.ID["background"]
    lost = (after == background) != (before == background)
    return np.where(lost, before, after)


AHEAD = 2
"""Layers whose masks may wait for their colours: each takes some planes of its window."""


def _layers(stack: _Stack) -> list[Layer]:
    """What lies at each place as a layer, bottom to top, without what upper layers took all of.

    Which pixels a layer gets is settled from the top, since it takes pinholes from those below it; no lower one changes
    that, so its colours are made beside.
    """
    places = sorted(stack.boxes, reverse=True)
    if threads_for(stack.size) == 1:
        layers = [_coloured(stack, place, *_masks(stack, place, stack.boxes[place])) for place in places]
    else:
        layers, waiting = [], deque[Future[Layer | None]]()
        with ThreadPoolExecutor(1) as pool:
            for place in places:
                waiting.append(pool.submit(_coloured, stack, place, *_masks(stack, place, stack.boxes[place])))
                if len(waiting) > AHEAD:
                    layers.append(waiting.popleft().result())
            layers += [job.result() for job in waiting]
    return [layer for layer in reversed(layers) if layer is not None]


def _masks(stack: _Stack, place: int, box: Box) -> tuple[Box, "_Hidden"]:
    """Where a layer lies, and which of its pixels are painted: what :func:`_coloured` takes."""
    reach = _reach(stack, place, box)
    margin = max(stack.size) if reach is None else max(reach, joint_of(stack.size)) + MARGIN + 1
    for other in LYING_ON.get(stack.names[place - 1], ()):
        box = box.union(stack.boxes.get(other))
    if place in stack.drawn:
        box = box.union(stack.drawn[place].box)
        margin = joint_of(stack.size) + MARGIN + 1
    around = box.grown(margin, stack.size)
    return around, _hidden(stack, place, around, reach)


class _Hidden(NamedTuple):
    """Where a layer is painted on, in a window.

    Attributes:
        all: (h, w) bool, pixels to paint on.
        far: (h, w) bool, those of them that are continued from the part, or what a model draws; the others take the
            colour beside them.
        near: (h, w) bool, those of them that are opaque at any rate.
        told: (h, w) uint8, alpha of what a model draws, 0 where it draws nothing; None where there is no model.
    """

    all: np.ndarray
    far: np.ndarray
    near: np.ndarray
    told: np.ndarray | None

    def beneath(self, covered: np.ndarray, crop: tuple[slice, slice]) -> "_Hidden":
        """The same in a smaller window and, whoever drew it, only where the layer is ``covered``: none of it shows."""
        found = (self.all[crop] & covered, self.far[crop] & covered, self.near[crop] & covered)
        return _Hidden(*found, None if self.told is None else self.told[crop])


def _reach(stack: _Stack, place: int, box: Box) -> int | None:
    """How far a layer is painted on, in pixels; None for everywhere."""
    name, edges = stack.names[place - 1], stack.edges
    if name == "background":  # a soft shadow, or a thing beside the figure, is not behind it
        return None if stack.has_backdrop else 0
    over = edges.upper == place
    area = np.count_nonzero(stack.solid[box.window] == place)
    area += np.count_nonzero(stack.owner[edges.rows[over], edges.columns[over]] == place)
    return reach_of(name, int(area), stack.extension)


def _hidden(stack: _Stack, place: int, around: Box, reach: int | None) -> _Hidden:
    """Where a layer is painted on, its pinholes closed.

    Args:
        stack: what is cut.
        place: the layer's place.
        around: window of the masks in the picture.
        reach: how far its main pieces are painted on, in pixels; None for everywhere.
    """
    window, edges, alpha = around.window, stack.edges, stack.picture.alpha
    solid, opaque, over = stack.solid[window], stack.opaque[window], edges.upper == place
    whole = solid == place
    seen = whole.copy()
    seen[edges.rows[over] - int(around.top), edges.columns[over] - int(around.left)] = True
    if stack.extension == 0:
        _close(stack, place, around, seen, None)
        none = np.zeros_like(whole)
        return _Hidden(none, none, none, None)
    above = np.where((solid > place) & opaque, solid, 0)
    _clear_frame(above, around, stack.size)
    veiled = None if alpha is None else (solid > place) & (alpha[window] >= NEARLY_OPAQUE)
    own = whole | (stack.owner[window] == place)
    name = stack.names[place - 1]
    told = stack.drawn[place].alpha_in(around, above > 0) if place in stack.drawn else None
    shape = None if told is None else told > 0
    found = painting(name, above, veiled, own, whole, whole & opaque, reach, joint_of(stack.size), shape)
    hidden = found.far | found.near
    seen |= hidden
    _close(stack, place, around, seen, hidden)
    far = found.far if stack.is_opaque else hidden & (found.far | ~found.near)
    return _Hidden(hidden, far, found.near, told)


def _clear_frame(mask: np.ndarray, around: Box, size: tuple[int, int]) -> None:
    """Keep a margin along the sides of a window that are not the picture's, in place."""
    if around.top > 0:
        mask[:MARGIN] = 0
    if around.left > 0:
        mask[:, :MARGIN] = 0
    if around.bottom < size[0]:
        mask[-MARGIN:] = 0
    if around.right < size[1]:
        mask[:, -MARGIN:] = 0


def _close(stack: _Stack, place: int, around: Box, seen: np.ndarray, hidden: np.ndarray | None) -> None:
    """Close the pinholes of a layer, in ``hidden`` and in the stack.

    What lies above is painted on beneath; what shows from below is taken, unless its layer must keep it.

    Args:
        stack: what is cut.
        place: the layer's place.
        around: window of the masks in the picture.
        seen: (h, w) bool, pixels where the layer is not clear.
        hidden: (h, w) bool, pixels that are painted on; None where nothing may be.
    """
    least = least_area(stack.size)
    for _ in range(MOST_ROUNDS):
        holes = pinholes(seen, least)
        if not len(holes):
            return
        rows, columns = np.divmod(holes, seen.shape[1])
        flat = (rows + int(around.top)) * stack.size[1] + columns + int(around.left)
        there, opaque = stack.solid.ravel()[flat], stack.opaque.ravel()[flat]
        firm = opaque if stack.picture.alpha is None else stack.picture.alpha.ravel()[flat] >= LEAST_GLAZED
        if hidden is not None:
            hidden.ravel()[holes[opaque & (there > place)]] = True
            stack.glaze(flat[firm & ~opaque & (there > place)], place)
        lower = flat[firm & (there < place) & (there > 0)]
        left = stack.take(lower[~np.isin(lower, stack.kept)], place)
        if not len(left):
            return
        rows, columns = np.divmod(left, stack.size[1])
        seen.ravel()[holes] = True
        seen[rows - int(around.top), columns - int(around.left)] = True


def _coloured(stack: _Stack, place: int, around: Box, masks: _Hidden) -> Layer | None:
    """A layer's pixels, cropped to what is visible of them; None for nothing.

    Args:
        stack: what is cut.
        place: the layer's place.
        around: window of the masks in the picture.
        masks: where it is painted on.
    """
    picture, edges = stack.picture, stack.edges
    over, under = edges.upper == place, edges.lower == place
    faint, faint_alpha = stack.glazed.get(place, (np.zeros(0, np.int64), np.zeros(0, np.uint8)))
    faint_rows, faint_columns = np.divmod(faint, stack.size[1])
    shown = masks.all | (stack.solid[around.window] == place)
    shown[edges.rows[over] - int(around.top), edges.columns[over] - int(around.left)] = True
    shown[faint_rows - int(around.top), faint_columns - int(around.left)] = True
    box = Box.around(shown)
    if box is None:  # upper layers took all
        return None
    crop = margined(box, shown.shape).window
    del shown
    top, left = int(around.top) + crop[0].start, int(around.left) + crop[1].start
    inner = Box(left, top, left + crop[1].stop - crop[1].start, top + crop[0].stop - crop[0].start)
    window = inner.window
    masks = masks.beneath(stack.covered(place, inner), crop)
    hidden, far, near = masks.all, masks.far, masks.near
    whole = stack.solid[window] == place
    colour = picture.rgb[window].copy()
    alpha = whole.view(np.uint8) * np.uint8(255)
    if picture.alpha is not None:
        alpha &= picture.alpha[window]
    colour[edges.rows[under] - top, edges.columns[under] - left] = edges.lower_colour[under]
    at = edges.rows[over] - top, edges.columns[over] - left
    colour[at], alpha[at] = edges.upper_colour[over], edges.alpha[over]
    own = stack.owner[window] == place
    source = whole | own
    own &= alpha > 0
    source = own if own.any() else source
    del whole
    beside = hidden & ~far
    fill: FillName = "none"
    if hidden.any():
        colour, alpha, fill = _filled(stack, place, inner, masks, colour, alpha, source)
    del source
    alpha[faint_rows - top, faint_columns - left] = faint_alpha
    rgba = np.empty((*alpha.shape, 4), np.uint8)
    cv2.mixChannels([colour, alpha], [rgba], [0, 0, 1, 1, 2, 2, 3, 3])
    del colour
    np.copyto(rgba.view(np.uint32), np.uint32(0), where=alpha[..., None] == 0)
    del alpha
    bleed(rgba, BLEED + joint_of(stack.size) if beside.any() else BLEED)
    if not stack.is_opaque:
        beside |= near
    np.copyto(rgba[..., 3], np.uint8(255), where=beside)
    hidden[faint_rows - top, faint_columns - left] = True
    layer = Layer(stack.names[place - 1], left, top, rgba, own, hidden & (rgba[..., 3] > 0), fill=fill)
    if far.any() and place in stack.unsure:
        layer = replace(layer, unsure=True)
    if stack.is_opaque or not far.any() or rgba[..., 3][far].all():
        return layer
    return layer.only(np.ones(own.shape, bool))  # a soft part's painting has run out to nothing


def _filled(
    stack: _Stack, place: int, around: Box, masks: _Hidden, colour: np.ndarray, alpha: np.ndarray, source: np.ndarray
) -> tuple[np.ndarray, np.ndarray, FillName]:
    """Colours and alpha of a layer with its hidden pixels, but for those that take the colour beside them.

    Args:
        stack: what is cut.
        place: the layer's place.
        around: window in the picture.
        masks: where it is painted on.
        colour: (h, w, 3) uint8, colours of the part; may be changed in place, as may alpha.
        alpha: (h, w) uint8, alpha of the part.
        source: (h, w) bool, pixels of the part; at least one.

    Returns:
        The new colours and alpha, and how they were made.
    """
    fill: FillName = "smooth"
    far, opaque, drawn = masks.far, stack.opaque[around.window], stack.drawn.get(place)
    rest = far if masks.told is None else far & (masks.told == 0)
    if rest.any():
        colour, alpha = paint(stack.names[place - 1], colour, alpha, source, rest, opaque)
    if drawn is not None and masks.told is not None:
        told = far & (masks.told > 0)
        fill = "learnt" if told.any() else fill
        np.copyto(colour, drawn.rgb_in(around), where=told[..., None])
        np.copyto(alpha, np.where(masks.near, np.uint8(255), masks.told), where=told)
    if stack.filler.colours(colour, source, far):
        fill = "lama"
    return colour, alpha, fill

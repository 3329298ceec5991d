"""Pictures of a figure that is made of complete layers: framings from head to whole figure, backgrounds, files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cubiseg import imaging, label_maps, taxonomy
from cubiseg.boxes import Box
from cubiseg.heads import find_heads
from cubiseg.portraits import DrawnLayer, Portrait
from cubiseg.portraits.axes import Mix
from cubiseg.portraits.background import paint_background
from cubiseg.portraits.openraster import write_layers
from cubiseg.portraits.rng import Rng, chance, pick, uniform
from cubiseg.samples import LabelMethod, Sample
from cubiseg.sources.stack import UNKNOWN, Stack

WEBP_QUALITY = 92
FRAMINGS = {"head": 3.0, "bust": 4.0, "half": 1.5, "whole": 1.5}
"""Weights of how much of a figure is shown: its head, to the chest, to the hips, all of it."""
_HEADS = {"head": (1.25, 1.7), "bust": (1.8, 2.6), "half": (2.8, 4.0)}
"""Side of the picture in heads."""


@dataclass(frozen=True)
class View:
    """One picture of a figure before what is behind it is there.

    Attributes:
        rgba: (H, W, 4) uint8, straight alpha.
        stack: its layers, bottom to top.
        label: (H, W) uint8, ids of classes and parts, 255 where nobody can tell.
    """

    rgba: np.ndarray
    stack: Stack
    label: np.ndarray


@dataclass(frozen=True)
class Facts:
    """What a sample's record says beside its pixels.

    Attributes:
        id: of the sample.
        source: its source's name.
        licence, rating, group: as in the manifest.
        version: what shaped the label map.
    """

    id: str
    source: str
    licence: str
    rating: str
    group: str
    version: str


def shared_out(count: int, among: int) -> list[int]:
    """A number of pictures shared out evenly; the first get one more.

    >>> shared_out(7, 3), shared_out(5, 0)
    ([3, 2, 2], [])
    """
    return [count // among + (place < count % among) for place in range(among)] if among else []


def frame(label: np.ndarray, rng: Rng, framing: str = "", least: float = 0) -> Box:
    """A square piece of a picture that shows a figure, as large as the framing says.

    Args:
        label: (H, W) uint8, ids of classes and parts, of the whole figure.
        rng: stream of what is chosen.
        framing: one of ``FRAMINGS``; "" draws one.
        least: side of the piece at least, in px, but no more than the whole figure's.

    Returns:
        The piece, whole px; it may reach beyond the picture.
    """
    figure = Box.around((label != 0).view(np.uint8)) or Box(0, 0, label.shape[1], label.shape[0])
    heads = find_heads(label)
    kind = framing or pick(rng, FRAMINGS)
    if kind == "whole" or not heads:
        side = figure.longest * uniform(rng, 1.02, 1.3)
        x, y = figure.middle
        slack = (side - figure.longest) / 2
        return _whole_px(Box.square(x + uniform(rng, -slack, slack), y + uniform(rng, -slack, slack), side))
    head = heads[0]
    side = min(max(head.longest * uniform(rng, *_HEADS[kind]), least), figure.longest * 1.3)
    x = head.middle[0] + uniform(rng, -0.12, 0.12) * side
    above = (side - head.height) * (0.5 if kind == "head" else uniform(rng, 0.08, 0.3))
    top = head.top - above + uniform(rng, -0.05, 0.05) * side
    return _whole_px(Box(x - side / 2, top, x + side / 2, top + side))


def within(window: Box, size: tuple[int, int]) -> Box:
    """A square piece moved, and made smaller where it must be, into a picture of ``size`` (height, width)."""
    side = min(int(window.width), *size)
    left = min(max(0, int(window.left)), size[1] - side)
    top = min(max(0, int(window.top)), size[0] - side)
    return Box(left, top, left + side, top + side)


def _whole_px(box: Box) -> Box:
    left, top = round(box.left), round(box.top)
    side = max(1, round(box.width))
    return Box(left, top, left + side, top + side)


def before(view: View, rng: Rng) -> np.ndarray:
    """(H, W, 3) uint8: a view before a painted background; an opaque one stays as it is.

    The background is one of the painter's, whose colours now and then are the figure's own.
    """
    if (view.rgba[..., 3] == 255).all():
        return view.rgba[..., :3].copy()
    size = max(view.label.shape)
    whole = not (view.label[-2:] != 0).any()
    behind = paint_background(size, rng, Mix(), _colours(view), whole=whole and chance(rng, 0.8))
    behind = behind[: view.label.shape[0], : view.label.shape[1], :3].astype(np.float32)
    alpha = view.rgba[..., 3:] * np.float32(1 / 255)
    return np.rint(behind + alpha * (view.rgba[..., :3] - behind)).astype(np.uint8)


def _colours(view: View) -> list[tuple[float, float, float]]:
    """Hair, skin and cloth of the figure, 0..1; grey for what it has not."""
    classes = taxonomy.CLASS_OF[view.label]
    colours = []
    for names in (("hair",), ("face", "skin"), ("clothes", "accessories")):
        seen = view.rgba[..., :3][np.isin(classes, taxonomy.ids(*names))]
        red, green, blue = np.median(seen, axis=0) / 255 if len(seen) else (0.5, 0.5, 0.5)
        colours.append((float(red), float(green), float(blue)))
    return colours


def unknown_share(label: np.ndarray) -> float:
    """Share of a figure, 0..1, of which nobody can tell what it is."""
    figure = np.count_nonzero(label)
    return np.count_nonzero(label == UNKNOWN) / figure if figure else 0.0


def store(out: Path, view: View, rng: Rng, facts: Facts, *, layers: bool, parts: bool = True) -> Sample:
    """Write a view with a background, its label map, and if asked its complete layers, into the prepared folder.

    Args:
        out: prepared folder; ``images/``, ``labels/`` and ``layers/`` are filled.
        view: what is shown.
        rng: stream of the background.
        facts: what the record says.
        layers: whether its layers are packed too, in one OpenRaster file.
        parts: whether the label map tells parts, or classes alone.
    """
    image = before(view, rng)
    label = view.label if parts else taxonomy.CLASS_OF[view.label]
    sample_image, sample_label = f"images/{facts.id}.webp", f"labels/{facts.id}.png"
    imaging.write_webp(out / sample_image, image, WEBP_QUALITY)
    label_maps.write_label(out / sample_label, label)
    if layers:
        write_layers(out / "layers" / f"{facts.id}.ora", _as_portrait(view, image, facts.group), parts=True)
    decoded = imaging.read_picture(out / sample_image).rgb  # WebP is lossy: the hash is of what a reader gets
    return Sample(
        id=facts.id,
        image=sample_image,
        width=decoded.shape[1],
        height=decoded.shape[0],
        sha256=imaging.pixel_hash(decoded),
        source=facts.source,
        licence=facts.licence,
        rating=facts.rating,
        group=f"{facts.source}:{facts.group}",
        label=sample_label,
        label_method=LabelMethod.GIVEN,
        label_version=facts.version,
    )


def _as_portrait(view: View, image: np.ndarray, group: str) -> Portrait:
    """A view in the form whose layers are written: the background lies lowest, unknown layers are left out."""
    behind = np.dstack([image, np.full(view.label.shape, 255, np.uint8)])
    layers = [DrawnLayer("background", behind), *_drawn(view.stack)]
    return Portrait(image, image, taxonomy.CLASS_OF[view.label], view.label, tuple(layers), group)


def _drawn(stack: Stack) -> Sequence[DrawnLayer]:
    layers = []
    for layer in stack.layers:
        if layer.number in (0, UNKNOWN):
            continue
        canvas = np.zeros((*stack.size, 4), np.uint8)
        canvas[layer.box.window] = layer.rgba
        name, of = taxonomy.PART_NAME[layer.number], taxonomy.NAMES[taxonomy.CLASS_OF[layer.number]]
        layers.append(DrawnLayer(of, canvas, {} if name == of else {name: canvas[..., 3]}))
    return layers

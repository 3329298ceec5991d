"""From layers to a picture and its label map."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from cubiseg import taxonomy

if TYPE_CHECKING:  # skia loads only when something is drawn
    from cubiseg.portraits.paint import Board


@dataclass(frozen=True)
class DrawnLayer:
    """One painted layer.

    Attributes:
        name: class name of the taxonomy; several layers may share one.
        rgba: (H, W, 4) uint8, sRGB, straight alpha, complete under what covers it.
        parts: by part (or by the class, where it has none) its share of the alpha, (H, W) uint8; the shares add up to
            the alpha, and what they lack is not told apart further.
        alone: by part, bottom to top, the part as it was painted alone, like ``rgba``: complete under the layer's other
            parts too, and an iris also under the lids, which are of the face below it. Empty unless it was asked for.
    """

    name: str
    rgba: np.ndarray
    parts: Mapping[str, np.ndarray] = field(default_factory=dict)
    alone: Mapping[str, np.ndarray] = field(default_factory=dict)


def drawn(name: str, board: "Board") -> DrawnLayer:
    """The layer of class ``name`` that a board holds."""
    rgba, alone = board.rgba(), board.alone()
    order = sorted(alone, key=taxonomy.PART_ORDER.index)
    return DrawnLayer(name, rgba, board.shares(rgba[..., 3]), {part: alone[part] for part in order})


def told_apart(layers: Sequence[DrawnLayer]) -> tuple[DrawnLayer, ...]:
    """Layers of one part each, bottom to top, of layers whose parts were painted alone too; others stay as they are.

    Every part is complete under the others, so they restack to nearly the same picture: parts that were painted in
    turns (shirt, tie, jacket) now lie each in one piece, and edges where two meet are blended anew. An iris ends where
    the eye does, or it would lie on the lid.
    """
    out = []
    for layer in layers:
        if len(layer.alone) < 2:
            out.append(layer)
            continue
        for part, rgba in layer.alone.items():
            within = rgba
            if part.endswith("_iris"):
                within = rgba.copy()
                np.minimum(rgba[..., 3], layer.rgba[..., 3], out=within[..., 3])
            out.append(DrawnLayer(layer.name, within, {part: within[..., 3]}))
    return tuple(out)


def painted_box(alpha: np.ndarray) -> tuple[slice, slice] | None:
    """Rows and columns of the smallest box around what is not 0 in (H, W) uint8; None where all is."""
    import cv2

    x, y, width, height = cv2.boundingRect(alpha)
    return (slice(y, y + height), slice(x, x + width)) if width else None


def restack(layers: Sequence[DrawnLayer]) -> np.ndarray:
    """Compose layers bottom to top, source over destination, on black.

    Args:
        layers: at least one; the lowest opaque in a whole picture.

    Returns:
        (H, W, 3) uint8, sRGB.
    """
    out = np.zeros((*layers[0].rgba.shape[:2], 3), np.float32)
    for layer in layers:
        box = painted_box(layer.rgba[..., 3])
        if box is None:
            continue
        part = layer.rgba[box]
        alpha = part[..., 3:].astype(np.float32) * np.float32(1 / 255)
        out[box] += alpha * (part[..., :3] - out[box])
    return np.rint(out).astype(np.uint8)


def label_map(layers: Sequence[DrawnLayer]) -> np.ndarray:
    """The class with the largest visible contribution at each pixel.

    A layer contributes its alpha times what all layers above let through (Porter and Duff, "Compositing digital
    images", 1984); contributions of one class add up.

    Returns:
        (H, W) uint8, taxonomy ids.
    """
    size = layers[0].rgba.shape[:2]
    through = np.ones(size, np.float32)
    share = np.zeros((taxonomy.NUM_CLASSES, *size), np.float32)
    for layer in reversed(layers):
        box = painted_box(layer.rgba[..., 3])
        if box is None:
            continue
        alpha = layer.rgba[box][..., 3].astype(np.float32) * np.float32(1 / 255)
        share[taxonomy.ID[layer.name]][box] += alpha * through[box]
        through[box] *= 1 - alpha
    share[0] += through
    label: np.ndarray = np.zeros(size, np.uint8)
    best = share[0]
    for number in range(1, taxonomy.NUM_CLASSES):  # argmax, at a third of its time
        label[share[number] > best] = number
        np.maximum(best, share[number], out=best)
    return label


def part_map(layers: Sequence[DrawnLayer], label: np.ndarray) -> np.ndarray:
    """The part with the largest visible contribution at each pixel, among the parts of the pixel's class.

    Args:
        layers: bottom to top.
        label: (H, W) uint8, their label map.

    Returns:
        (H, W) uint8, ids of parts, and of classes where they have none or a layer tells no parts; it has the class of
        ``label`` everywhere.
    """
    classes = [name for name in taxonomy.NAMES if taxonomy.PARTS_OF[name]]
    seen = {name: painted_box((label == taxonomy.ID[name]).view(np.uint8)) for name in classes}
    through = np.ones(label.shape, np.float32)
    share: dict[str, np.ndarray] = {}  # each within the box of its class
    for layer in reversed(layers):
        at = seen.get(layer.name)
        for part, alpha in layer.parts.items() if at else ():
            plane = alpha[at] * through[at]
            share[part] = share[part] + plane if part in share else plane
        box = painted_box(layer.rgba[..., 3])
        if box is not None:
            through[box] *= 1 - layer.rgba[box][..., 3] * np.float32(1 / 255)
    out = label.copy()
    for name, at in seen.items():
        if at is None:
            continue
        inside, best = label[at] == taxonomy.ID[name], np.zeros(label[at].shape, np.float32)
        for part in (part for part in taxonomy.PARTS_OF[name] if part in share):
            out[at][inside & (share[part] > best)] = taxonomy.PART_ID[part]
            np.maximum(best, share[part], out=best)
    return out

"""From layers to a picture and its label map."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from cubiseg import taxonomy


@dataclass(frozen=True)
class DrawnLayer:
    """One painted layer.

    Attributes:
        name: class name of the taxonomy; several layers may share one.
        rgba: (H, W, 4) uint8, sRGB, straight alpha, complete under what covers it.
    """

    name: str
    rgba: np.ndarray


def painted_box(alpha: np.ndarray) -> tuple[slice, slice] | None:
    """Rows and columns of the smallest box around what is not 0 in (H, W) uint8; None where all is."""
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

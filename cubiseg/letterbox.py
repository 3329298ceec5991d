"""From a picture to the network's input and from logits back to the picture's pixels."""

from dataclasses import dataclass

import cv2
import numpy as np

from cubiseg.model_info import ModelInfo


@dataclass(frozen=True)
class Placement:
    """Where a picture lies in the network's input: its size in pixels there and in the original."""

    original: tuple[int, int]
    scaled: tuple[int, int]
    offset: tuple[int, int]


def to_input(rgb: np.ndarray, info: ModelInfo) -> tuple[np.ndarray, Placement]:
    """Scale a picture into the model's input size, centred, keeping its shape, and normalise it.

    The margin is the mean colour (0 after normalisation).

    Args:
        rgb: (H, W, 3) uint8, sRGB.

    Returns:
        (1, 3, h, w) float32 with (h, w) = ``info.input_size``, and the placement for :func:`from_logits`.
    """
    height, width = rgb.shape[:2]
    h, w = info.input_size
    scale = min(h / height, w / width)
    sh, sw = max(1, round(height * scale)), max(1, round(width * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(rgb, (sw, sh), interpolation=how)
    top, left = (h - sh) // 2, (w - sw) // 2
    out = np.zeros((1, 3, h, w), np.float32)
    normal = (small.astype(np.float32) - np.array(info.mean, np.float32)) / np.array(info.std, np.float32)
    out[0, :, top : top + sh, left : left + sw] = normal.transpose(2, 0, 1)
    return out, Placement((height, width), (sh, sw), (top, left))


def from_logits(logits: np.ndarray, placement: Placement) -> tuple[np.ndarray, np.ndarray]:
    """Class and confidence of each original pixel; logits are interpolated, not labels, so borders stay smooth.

    Classes are taken one at a time, so that memory stays at a few maps of the picture's size.

    Args:
        logits: (C, h, w) float32 for the network's input.

    Returns:
        label (H, W) uint8, and confidence (H, W) float32 in 0..1: the softmax of the winning class.
    """
    (height, width), (sh, sw), (top, left) = placement.original, placement.scaled, placement.offset
    best = np.full((height, width), -np.inf, np.float32)
    label = np.zeros((height, width), np.uint8)
    exponentials = np.zeros((height, width), np.float32)
    inner = np.clip(logits[:, top : top + sh, left : left + sw], -_MOST, _MOST)
    # One shift for all classes keeps exp() in range; logits of a trained net differ by far less than 80 at a pixel.
    shift = inner.max(axis=0)
    shift_full = cv2.resize(shift, (width, height), interpolation=cv2.INTER_LINEAR)
    with np.errstate(over="ignore"):
        for c in range(inner.shape[0]):
            full = cv2.resize(np.ascontiguousarray(inner[c]), (width, height), interpolation=cv2.INTER_LINEAR)
            wins = full > best
            label[wins] = c
            np.maximum(best, full, out=best)
            full -= shift_full
            exponentials += cv2.exp(full)
        if exponentials.min(initial=1) > _LEAST:
            confidence = cv2.exp(best - shift_full) / exponentials
        else:
            # Those of a broken net may jump by hundreds between neighbours, which no shift of theirs suits in between.
            exponentials[:] = 0
            for c in range(inner.shape[0]):
                full = cv2.resize(np.ascontiguousarray(inner[c]), (width, height), interpolation=cv2.INTER_LINEAR)
                exponentials += cv2.exp(full - best)
            confidence = 1 / exponentials
    return label, np.minimum(confidence, 1, out=confidence)


_MOST = 1e30
"""Logits that are interpolated without leaving float32; a trained net's are under 100."""
_LEAST = 1e-30
"""Sum of exponentials below which float32 has lost some of them."""

"""What a second look shows: a head, or a small part, close up."""

from typing import Any

import cv2
import numpy as np
from mmseg.registry import TRANSFORMS

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.training.transforms.chance import WithChance

_FACE = taxonomy.ids("face", "eye_left", "eye_right", "eyebrow_left", "eyebrow_right", "nose", "mouth")
_KINDS = (
    taxonomy.ids("eye_left", "eye_right"),
    taxonomy.ids("eyebrow_left", "eyebrow_right"),
    taxonomy.ids("nose"),
    taxonomy.ids("mouth"),
)
"""Small parts by kind, as class ids."""
_ARMS = tuple((taxonomy.PART_ID[f"arm_{side}"], taxonomy.PART_ID["handwear"]) for side in ("left", "right"))
_HEAD = 1.5
"""A head with its hair is about so many times as high and wide as its face."""
_LEAST_FACE = 8
"""Pixels of a face's longer side below which there is nothing to see close up."""


@TRANSFORMS.register_module()
class SmallCrop(WithChance):
    """Cut a square out around a head, or around a small part, and leave the rest of the pipeline to scale and place it.

    The kind is drawn first, each that the picture shows as likely: head, eyes, brows, nose, mouth, hands. So small
    parts are seen far more often than their pixels are. The square's side is 1 to 1.6 heads (a head fills most of it,
    as in a second look), around a small part 0.6 to 1.2 heads; its middle is off by up to an eighth of it. What would
    lie outside the picture is cut off. A picture without a face stays whole. Of several faces one is drawn, large ones
    rather. A label map of classes alone tells no arms, and so no hands.

    Args:
        prob: chance 0..1.
    """

    def change(self, results: dict[str, Any], rng: np.random.Generator) -> None:
        window = self.window(results["gt_seg_map"], rng)
        if window is not None:
            results["img"] = results["img"][window.window]
            results["gt_seg_map"] = results["gt_seg_map"][window.window]
            results["img_shape"] = results["img"].shape[:2]

    def window(self, label: np.ndarray, rng: np.random.Generator) -> Box | None:
        """What to cut out of a picture, in whole pixels; None without a face.

        Args:
            label: (H, W) uint8, ids of classes or parts.
            rng: decides the kind, the place and the side.
        """
        classes = taxonomy.CLASS_OF[label]
        face = _one_face(np.isin(classes, _FACE), rng)
        if face is None:
            return None
        head = _HEAD * face.longest
        middle = np.array([face.left + face.width / 2, face.bottom - head / 2])
        inside = np.zeros(label.shape, bool)
        inside[face.grown(0.25 * face.longest, label.shape).window] = True  # parts of this face, not of another
        masks = [np.isin(classes, kind) & inside for kind in _KINDS]
        places = [middle, *(_some_pixel(mask, rng) for mask in masks if mask.any())]
        if (hand := _hand(label, middle, head, rng)) is not None:
            places.append(hand)
        chosen = int(rng.integers(len(places)))
        side = head * rng.uniform(1.0, 1.6) if chosen == 0 else head * rng.uniform(0.6, 1.2)
        x, y = places[chosen] + rng.uniform(-0.125, 0.125, 2) * side
        height, width = label.shape
        left, top = max(0, round(x - side / 2)), max(0, round(y - side / 2))
        right, bottom = max(left + 1, round(x + side / 2)), max(top + 1, round(y + side / 2))
        return Box(left, top, min(width, right), min(height, bottom))


def _one_face(mask: np.ndarray, rng: np.random.Generator) -> Box | None:
    """The box of one of the faces in a mask, drawn by area; pieces far smaller than the largest belong to none."""
    closed = cv2.morphologyEx(mask.view(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(closed)
    stats = stats[1:]
    if not len(stats):
        return None
    areas = stats[:, cv2.CC_STAT_AREA].astype(np.float64)
    areas[areas < areas.max() / 10] = 0
    x, y, width, height = stats[rng.choice(len(stats), p=areas / areas.sum()), :4].tolist()
    return Box(x, y, x + width, y + height) if max(width, height) >= _LEAST_FACE else None


def _some_pixel(mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """x and y of a pixel of a mask that has some."""
    ys, xs = np.nonzero(mask)
    i = int(rng.integers(len(ys)))
    return np.array([xs[i], ys[i]], float)


def _hand(label: np.ndarray, middle: np.ndarray, head: float, rng: np.random.Generator) -> np.ndarray | None:
    """x and y of a bare or gloved hand: the end of an arm that is farthest from the head, or a glove; None without."""
    arms = [mask for ids in _ARMS if (mask := np.isin(label, ids)).sum() > (head / 12) ** 2]
    if not arms:
        return None
    ys, xs = np.nonzero(arms[int(rng.integers(len(arms)))])
    i = int(np.argmax((xs - middle[0]) ** 2 + (ys - middle[1]) ** 2))
    return np.array([xs[i], ys[i]], float)

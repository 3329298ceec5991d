"""What a second look shows: a head, or a small part, close up."""

from typing import Any

import numpy as np
from mmseg.registry import TRANSFORMS

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.heads import LEAST_SIDE, find_heads, piece_around
from cubiseg.training.transforms.chance import WithChance

_KINDS = (
    taxonomy.ids("eye_left", "eye_right"),
    taxonomy.ids("eyebrow_left", "eyebrow_right"),
    taxonomy.ids("nose"),
    taxonomy.ids("mouth"),
)
"""Small parts by kind, as class ids."""
_ARMS = tuple((taxonomy.PART_ID[f"arm_{side}"], taxonomy.PART_ID["handwear"]) for side in ("left", "right"))
SIDES = 1.0, 1.4
"""A crop's side, in that of the piece that a second look at the head shows."""
OFF = 1 / 8
"""How far a crop's middle is off at most, in the head's longer side: a head is hardly ever cut."""


@TRANSFORMS.register_module()
class SmallCrop(WithChance):
    """Cut out a piece such as a second look shows, and leave the rest of the pipeline to scale and place it.

    What it is around is drawn first, each that the picture shows as likely: a head, its eyes, brows, nose, mouth, or
    hands. So small parts are seen far more often than their pixels are. All are as large as the piece that a second
    look at the head shows (:mod:`cubiseg.heads`), or up to 1.4 times that. A picture without a head stays whole. Of
    several heads one is drawn, large ones rather. A label map of classes alone tells no arms, and so no hands.

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
        """What to cut out of a picture, in whole pixels; None without a head.

        Args:
            label: (H, W) uint8, ids of classes or parts.
            rng: decides the kind, the place and the side.
        """
        heads = [head for head in find_heads(label) if head.longest >= LEAST_SIDE]
        if not heads:
            return None
        areas = np.array([head.width * head.height for head in heads])
        head = heads[rng.choice(len(heads), p=areas / areas.sum())]
        middle = np.array(head.middle)
        inside = np.zeros(label.shape, bool)
        inside[head.window] = True  # parts of this head, not of another
        classes = taxonomy.CLASS_OF[label]
        masks = [np.isin(classes, kind) & inside for kind in _KINDS]
        places = [middle, *(_some_pixel(mask, rng) for mask in masks if mask.any())]
        if (hand := _hand(label, middle, head.longest, rng)) is not None:
            places.append(hand)
        side = head.longest * rng.uniform(*SIDES)
        x, y = places[int(rng.integers(len(places)))] + rng.uniform(-OFF, OFF, 2) * head.longest
        return piece_around(Box.square(x, y, side), label.shape)


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

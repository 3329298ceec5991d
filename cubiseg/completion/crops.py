"""The piece of a picture in which a part is completed: cut out, scaled to the network's square, and put back.

Training and use cut alike, so this is the one place that knows how.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.boxes import Box

LEAST_MARGIN = 4
"""Pixels around a part that are always looked at."""
OWN_MARGIN, HIDER_MARGIN, MOST_MARGIN = 0.3, 0.3, 2.5
"""Margin around what is seen of a part: share of its longer side, plus share of the square root of the area near it
that may hide it; at most the last share of its longer side. Of most generated parts nine in ten have all within it;
torsos and limbs that are mostly hidden reach farther."""
FEATURE_MARGIN = 0.5
"""The same for what lies wholly on the face: an eye is not looked at from afar because the hair above it is large."""


@dataclass(frozen=True)
class Planes:
    """What the network sees of one part, as a square of ``size`` px; 0 (and label ``ignore``) outside of the picture.

    Attributes:
        rgb: (size, size, 3) uint8, sRGB.
        label: (size, size) uint8, ids of classes and parts.
        visible: (size, size) uint8, how much of the pixel is seen of the part, 0..255.
        may_hide: (size, size) uint8, how much of it lies beneath what may hide the part, 0..255.
    """

    rgb: np.ndarray
    label: np.ndarray
    visible: np.ndarray
    may_hide: np.ndarray


@dataclass(frozen=True)
class Crop:
    """Where a piece of a picture lies in the square.

    Attributes:
        box: the piece, in whole pixels of the picture.
        inner: height and width in the square, which it fills from the top left corner.
        size: side of the square.
    """

    box: Box
    inner: tuple[int, int]
    size: int

    @classmethod
    def of(cls, box: Box, size: int) -> "Crop":
        """The piece as large as it fits into the square."""
        scale = size / box.longest
        return cls(box, (max(1, round(box.height * scale)), max(1, round(box.width * scale))), size)

    @property
    def enlargement(self) -> float:
        """Pixels of the picture, along a side, for one of the square."""
        return self.box.longest / self.size

    def squared(self, plane: np.ndarray, *, outside: int = 0, nearest: bool = False) -> np.ndarray:
        """A plane of the piece as it is seen in the square.

        Args:
            plane: (h, w) or (h, w, C), uint8 or float32.
            outside: value where there is no picture.
            nearest: whether values are ids, which have no mean.

        Returns:
            (size, size) or (size, size, C) of the same type.
        """
        height, width = self.inner
        smooth = cv2.INTER_AREA if self.enlargement > 1 else cv2.INTER_LINEAR
        out = np.full((self.size, self.size, *plane.shape[2:]), outside, plane.dtype)
        how = cv2.INTER_NEAREST_EXACT if nearest else smooth
        out[:height, :width] = cv2.resize(plane, (width, height), interpolation=how)
        return out

    def restored(self, plane: np.ndarray) -> np.ndarray:
        """A plane of the square at the picture's resolution: (size, size) or (size, size, C) to (h, w) or (h, w, C)."""
        height, width = self.inner
        full = (int(self.box.width), int(self.box.height))
        return np.asarray(
            cv2.resize(np.ascontiguousarray(plane[:height, :width]), full, interpolation=cv2.INTER_LINEAR)
        )


def piece(name: str, visible: np.ndarray, may_hide: np.ndarray) -> Box:
    """The part of the picture in which a part may have hidden pixels worth painting.

    Args:
        name: class or part.
        visible: (H, W) bool, what is seen of the part; at least one pixel.
        may_hide: (H, W) bool, where it may go on beneath others.

    Returns:
        Whole pixels; what is seen of the part, with a margin, but no further than what may hide it reaches.

    Raises:
        ValueError: nothing of the part is seen.
    """
    box = Box.around(visible)
    if box is None:
        raise ValueError("a part of which nothing is seen has no piece")
    if taxonomy.class_name(name) in taxonomy.SMALL_PARTS:
        wanted = FEATURE_MARGIN * box.longest
    else:
        widest = box.grown(round(MOST_MARGIN * box.longest), visible.shape)
        hiders = np.count_nonzero(may_hide[widest.window])
        wanted = min(OWN_MARGIN * box.longest + HIDER_MARGIN * np.sqrt(hiders), MOST_MARGIN * box.longest)
    looked = box.grown(max(LEAST_MARGIN, round(wanted)), visible.shape)
    reach = Box.around(may_hide[looked.window])
    useful = box if reach is None else box.union(reach.moved(looked.left, looked.top))
    around = useful.grown(LEAST_MARGIN, visible.shape)
    return Box(*(int(side) for side in around))


def planes(rgb: np.ndarray, label: np.ndarray, visible: np.ndarray, may_hide: np.ndarray, crop: Crop) -> Planes:
    """What the network sees of a part.

    Args:
        rgb: (H, W, 3) uint8, sRGB.
        label: (H, W) uint8, ids of classes and parts.
        visible, may_hide: (H, W) bool.
        crop: which piece.
    """
    window = crop.box.window
    return Planes(
        crop.squared(rgb[window]),
        crop.squared(label[window], outside=taxonomy.IGNORE_INDEX, nearest=True),
        crop.squared(visible[window].view(np.uint8) * np.uint8(255)),
        crop.squared(may_hide[window].view(np.uint8) * np.uint8(255)),
    )


def put_back(
    rgb: np.ndarray, visible: np.ndarray, may_hide: np.ndarray, crop: Crop, logits: np.ndarray, colours: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What the network says of a part, at the picture's resolution; what is seen stays as it is.

    Logits are enlarged, not probabilities, and steepened as much as they are enlarged: so an edge is as sharp in the
    picture as it is in the square.

    Args:
        rgb: (H, W, 3) uint8, sRGB.
        visible, may_hide: (H, W) bool.
        crop: which piece.
        logits: (size, size) float32, of the part being there.
        colours: (size, size, 3) float32, 0..255.

    Returns:
        alpha (h, w) float32, 0..1: 1 on what is seen, 0 where nothing may hide the part; and colours (h, w, 3) uint8.
    """
    window = crop.box.window
    seen, hide = visible[window], may_hide[window] & ~visible[window]
    alpha: np.ndarray = seen.astype(np.float32)
    steep = crop.restored(logits)[hide] * np.float32(max(1.0, crop.enlargement))
    alpha[hide] = 1 / (1 + np.exp(-np.clip(steep, -30, 30)))
    painted = crop.restored(np.rint(np.clip(colours, 0, 255)).astype(np.uint8))
    np.copyto(painted, rgb[window], where=seen[..., None])
    return alpha, painted

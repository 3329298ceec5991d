"""Left and right of layers: by name, and by where they lie where the name tells none or tells the viewer's."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.psd_files.meaning import Meaning, NameKind, sided
from cubiseg.sources.stack import UNKNOWN

BY_PLACE = ("eye", "eye_white", "eye_iris", "eye_lashes", "eyebrow", "ear", "hair_side")
"""What has its side by its place about the face. Arms and legs cross: without a side they are skin or clothes."""
_LEAST = 0.02
"""Share of a layer's area from which a connected piece of it counts."""
_STRADDLES = 0.25
"""Share of a piece's width on either side of the face's middle from which it is cut there."""


@dataclass(frozen=True)
class PlacedLayer:
    """A layer with what its name means.

    Attributes:
        meaning: what it holds.
        box: its place, whole px.
        alpha: (h, w) uint8.
    """

    meaning: Meaning
    box: Box
    alpha: np.ndarray

    @property
    def middle(self) -> float:
        """Column of its centre of gravity."""
        weights = self.alpha.sum(axis=0, dtype=np.float64)
        return float(self.box.left + (weights @ np.arange(len(weights))) / max(float(weights.sum()), 1.0) + 0.5)


def are_swapped(layers: Iterable[PlacedLayer]) -> bool:
    """Whether a document's left is the viewer's: most of its pairs lie the other way round than the character's own.

    A drawing that shows the face lies with the character's left on its right half.
    """
    middles: dict[tuple[str, str], list[float]] = {}
    for layer in layers:
        if layer.meaning.kind is NameKind.PART and layer.meaning.side and layer.meaning.base in BY_PLACE:
            middles.setdefault((layer.meaning.base, layer.meaning.side), []).append(layer.middle)
    votes = 0
    for (base, side), left in middles.items():
        right = middles.get((base, "right"))
        if side == "left" and right is not None:
            votes += 1 if np.mean(left) > np.mean(right) else -1
    return votes < 0


def middle_of(layers: Sequence[PlacedLayer]) -> float | None:
    """Column of the face's middle: that of the largest layer of it, else between both eyes; None where neither is."""
    parts = [layer for layer in layers if layer.meaning.kind is NameKind.PART]
    face = [layer for layer in parts if layer.meaning.base == "face"]
    if face:
        return max(face, key=lambda layer: np.count_nonzero(layer.alpha)).middle
    eyes: Box | None = None
    for layer in parts:
        if layer.meaning.base.startswith("eye"):
            eyes = layer.box.union(eyes)
    return None if eyes is None else eyes.middle[0]


def told(meaning: Meaning, swapped: bool) -> Meaning:
    """A meaning by the character's own sides."""
    if not swapped or not meaning.side:
        return meaning
    return Meaning(meaning.kind, meaning.base, "left" if meaning.side == "right" else "right")


def numbers_of(layer: PlacedLayer, middle: float | None) -> list[tuple[int, np.ndarray | None]]:
    """The ids that a layer of a part has, and where: one id for all of it, or one for each side.

    Args:
        layer: of kind ``PART``, its side the character's own.
        middle: column of the face's middle, where it is known.

    Returns:
        Pairs of id, or ``UNKNOWN``, and (h, w) bool where it holds; None for everywhere.
    """
    number = whole_number(layer.meaning)
    if number is not None:
        return [(number, None)]
    if middle is None:
        return [(UNKNOWN, None)]
    on_left = _on_left(layer, middle)
    base = layer.meaning.base
    return [(taxonomy.PART_ID[str(sided(base, side))], on_left == (side == "left")) for side in ("left", "right")]


def whole_number(meaning: Meaning) -> int | None:
    """The id of all that a part's layer holds; None where its place has to tell the side.

    >>> whole_number(Meaning(NameKind.PART, "arm")) == taxonomy.ID["skin"]
    True
    """
    if meaning.name is not None:
        return taxonomy.PART_ID[meaning.name]
    if meaning.base in BY_PLACE:
        return None
    return taxonomy.ID[taxonomy.class_name(str(sided(meaning.base, "left")))]


def _on_left(layer: PlacedLayer, middle: float) -> np.ndarray:
    """(h, w) bool: what belongs to the character's left, by connected piece; one across the middle is cut there."""
    column = middle - layer.box.left
    columns = np.arange(layer.alpha.shape[1]) + 0.5 > column
    count, pieces, stats, centres = cv2.connectedComponentsWithStats((layer.alpha > 0).view(np.uint8), connectivity=8)
    least = _LEAST * stats[1:, cv2.CC_STAT_AREA].sum(initial=0)
    side: np.ndarray = centres[:, 0] + 0.5 > column
    out = side[pieces]
    for piece in range(1, count):
        left, width = stats[piece, cv2.CC_STAT_LEFT], stats[piece, cv2.CC_STAT_WIDTH]
        share = (left + width - column) / max(width, 1)
        if stats[piece, cv2.CC_STAT_AREA] >= least and _STRADDLES < share < 1 - _STRADDLES:
            out = np.where(pieces == piece, columns[None], out)
    return out

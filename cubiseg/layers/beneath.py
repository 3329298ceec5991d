"""What a completion model and LaMa paint beneath; what neither does is extended smoothly (:mod:`.hidden`)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.imaging import Picture
from cubiseg.inference.ground import ground
from cubiseg.layers.order import BACKGROUND

if TYPE_CHECKING:
    from cubiseg.completion.lama import Lama
    from cubiseg.completion.model import Completion, CompletionModel, SeenPart

FillName = Literal["learnt", "smooth", "none", "lama"]
"""How hidden pixels are painted."""

SURE = 0.5
"""What the model must say of its own completion (``Completion.sure``), 0..1; below, a part is extended smoothly."""
MOSTLY = 0.5
"""Share of a part that must be opaque: the model knows nothing of soft shadows."""
SIDE = 2048
"""Longer side, in pixels, at which the model sees a picture; it looks at parts in a few hundred pixels anyway."""
AT_ONCE = 8
"""Parts that are handed to the model together: two masks of the picture's size are held for each."""
CONTEXT = 0.5
"""Share of a hole's longer side that LaMa sees around it."""


@dataclass(frozen=True)
class Continuation:
    """What the model draws of one part: where it is, hidden or not, and its colours.

    Attributes:
        box: where it lies in the picture.
        alpha: (h, w) uint8, at least 128 where the part is; coarser than the box in large pictures, as is ``rgb``.
        rgb: (h, w, 3) uint8, sRGB.
    """

    box: Box
    alpha: np.ndarray
    rgb: np.ndarray

    def alpha_in(self, around: Box, covered: np.ndarray) -> np.ndarray:
        """How opaque the part is where it is covered, its outline one pixel soft: (h, w) uint8, 0 elsewhere.

        Args:
            around: window of the result in the picture.
            covered: (h, w) bool, where it may be painted.
        """
        body = cv2.threshold(_placed(self.alpha, self.box, around), 127, 255, cv2.THRESH_BINARY)[1]
        body[~covered] = 255  # only its own outline is softened, not where the cover ends
        return np.asarray(cv2.GaussianBlur(body, (3, 3), 0)) * covered

    def rgb_in(self, around: Box) -> np.ndarray:
        """Its colours in a window, (h, w, 3) uint8; 0 where it has none."""
        return _placed(self.rgb, self.box, around)


def _placed(plane: np.ndarray, box: Box, around: Box) -> np.ndarray:
    """A plane that fills ``box``, in the window ``around``, 0 elsewhere."""
    size = int(box.width), int(box.height)
    if plane.shape[1::-1] != size:
        plane = np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR))
    out = np.zeros((int(around.height), int(around.width), *plane.shape[2:]), plane.dtype)
    left, top = int(max(box.left, around.left)), int(max(box.top, around.top))
    right, bottom = int(min(box.right, around.right)), int(min(box.bottom, around.bottom))
    if left < right and top < bottom:
        shared = Box(left, top, right, bottom)
        out[shared.moved(-around.left, -around.top).window] = plane[shared.moved(-box.left, -box.top).window]
    return out


@dataclass(frozen=True)
class Filler:
    """What paints hidden pixels, ready to run; where both are None, they are extended smoothly.

    Attributes:
        model: completes parts.
        lama: paints the colours.
    """

    model: "CompletionModel | None" = None
    lama: "Lama | None" = None

    def knows(self, name: str) -> bool:
        """Whether the model can complete a class or part of this name."""
        return self.model is not None and name in self.model.parts

    def draw(
        self, picture: Picture, owner: np.ndarray, names: Sequence[str], boxes: dict[int, Box]
    ) -> tuple[dict[int, Continuation], set[int]]:
        """Let the model complete all parts that it knows and that may go on beneath others.

        Args:
            picture: picture that is cut.
            owner: (H, W) uint8, place in the stack of taxonomy of the layer that owns the pixel, 0 where it is clear.
            names: name of the layer at each place, from the bottom.
            boxes: box of each place's pixels.

        Returns:
            By place, what it draws where it is sure; and the places where it was asked and is not.

        Raises:
            CubisegError: the network fails.
        """
        if self.model is None:
            return {}, set()
        seen = _Seen.of(picture, owner)
        places = [place for place in sorted(boxes) if self.knows(names[place - 1]) and names[place - 1] != BACKGROUND]
        places = [place for place in places if seen.may_be_completed(place, boxes[place])]
        drawn, unsure = {}, set()
        for first in range(0, len(places), AT_ONCE):
            some = places[first : first + AT_ONCE]
            jobs = [seen.job(place, names[place - 1]) for place in some]
            for place, found in zip(some, self.model.complete(seen.rgb, seen.label, jobs), strict=True):
                if found.sure < SURE:
                    unsure.add(place)
                elif found.alpha.size:
                    drawn[place] = seen.full(found)
        return drawn, unsure

    def colours(self, colour: np.ndarray, known: np.ndarray, wanted: np.ndarray) -> bool:
        """Let LaMa paint the colours of hidden pixels, in place, from those that a part shows.

        Args:
            colour: (h, w, 3) uint8, sRGB.
            known: (h, w) bool, pixels whose colours are the part's.
            wanted: (h, w) bool, pixels to paint.

        Returns:
            Whether it did: there is LaMa, and it sees some of the part.

        Raises:
            CubisegError: the network fails.
        """
        box = Box.around(wanted)
        if self.lama is None or box is None:
            return False
        window = box.grown(max(16, round(CONTEXT * box.longest)), known.shape).window
        if not known[window].any():
            return False
        painted = self.lama.paint(colour[window], ~known[window])
        np.copyto(colour[window], painted, where=wanted[window][..., None])
        return True


@dataclass(frozen=True)
class _Seen:
    """A picture as the model sees it: at most SIDE pixels a side.

    Attributes:
        rgb: (h, w, 3) uint8, sRGB, over a plain ground.
        owner: (h, w) uint8, as for :meth:`Filler.draw`.
        opaque: (h, w) bool, where the picture is.
        size: height and width of the picture itself.
        label: (h, w) uint8, ids of classes and parts.
    """

    rgb: np.ndarray
    owner: np.ndarray
    opaque: np.ndarray
    size: tuple[int, int]
    label: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", taxonomy.STACK[self.owner])

    @classmethod
    def of(cls, picture: Picture, owner: np.ndarray) -> "_Seen":
        rgb = picture.over(ground(picture))
        opaque = np.ones(picture.size, bool) if picture.alpha is None else picture.alpha == 255
        longest = max(picture.size)
        if longest > SIDE:
            size = tuple(max(1, round(side * SIDE / longest)) for side in picture.size[::-1])
            rgb = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
            owner = cv2.resize(owner, size, interpolation=cv2.INTER_NEAREST)
            opaque = cv2.resize(opaque.view(np.uint8), size, interpolation=cv2.INTER_NEAREST).view(bool)
        return cls(np.ascontiguousarray(rgb), owner, opaque, picture.size)

    def may_be_completed(self, place: int, box: Box) -> bool:
        """Whether a part is opaque enough to be completed, and touches what lies above it."""
        window = self._small(box).grown(1, self.owner.shape).window
        owner, opaque = self.owner[window], self.opaque[window]
        visible = owner == place
        solid = np.count_nonzero(visible & opaque)
        beside = cv2.dilate(visible.view(np.uint8), np.ones((3, 3), np.uint8)).view(bool)
        return bool(solid and solid >= MOSTLY * np.count_nonzero(visible) and (beside & opaque & (owner > place)).any())

    def _small(self, box: Box) -> Box:
        """A box of the picture in what the model sees of it, rounded outwards."""
        down, across = (small / full for small, full in zip(self.owner.shape, self.size, strict=True))
        return Box(box.left * across - 1, box.top * down - 1, box.right * across + 1, box.bottom * down + 1)

    def job(self, place: int, name: str) -> "SeenPart":
        """What the model is asked."""
        from cubiseg.completion.model import SeenPart

        return SeenPart(name, self.owner == place, (self.owner > place) & self.opaque)

    def full(self, found: "Completion") -> Continuation:
        """What the model answers, placed in the picture itself."""
        down, across = (full / small for full, small in zip(self.size, self.owner.shape, strict=True))
        left, top = round(found.box.left * across), round(found.box.top * down)
        right, bottom = round(found.box.right * across), round(found.box.bottom * down)
        box = Box(left, top, max(left + 1, right), max(top + 1, bottom))
        return Continuation(box, cv2.convertScaleAbs(found.alpha, alpha=255), found.rgb)

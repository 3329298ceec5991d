"""What is worn on the head, and what it does to the hair and the face below it."""

import numpy as np
import skia

from cubiseg.portraits import colour as col
from cubiseg.portraits.accessories.base import Wear
from cubiseg.portraits.accessories.table import ACCESSORIES, part_of, worn
from cubiseg.portraits.body import Torso
from cubiseg.portraits.character import Character
from cubiseg.portraits.hair import HairArt
from cubiseg.portraits.head import Head
from cubiseg.portraits.paint import Board, path
from cubiseg.portraits.rng import stream


class Headwear:
    """What is worn on the head, painted before the layers that it changes: it presses the hair and throws a shadow."""

    def __init__(
        self, who: Character, head: Head, hair: HairArt, torso: Torso, board: Board, *, hidden: bool = False
    ) -> None:
        self.name = "none" if hidden else worn(who, "head")
        self.wear: Wear | None = None
        self._line, self._light = who.style.shading != "flat", hair.light
        self._contrast, self._soft = who.style.contrast, who.style.shading == "soft"
        if self.name == "none":
            return
        rng = stream(*who.key, "character", "accessory", self.name)
        self.wear = Wear(who, head, hair, torso, board, rng)
        with board.on(part_of("head", self.name)):
            ACCESSORIES["head"][self.name][0](self.wear)

    @property
    def covered(self) -> bool:
        """Whether the crown of the head is hidden."""
        return self.wear is not None and self.wear.covered

    @property
    def front(self) -> Board | None:
        """What goes on top of all; None: nothing is worn."""
        return None if self.wear is None else self.wear.board

    @property
    def behind(self) -> Board | None:
        """What passes behind hair and body, if anything does."""
        return None if self.wear is None else self.wear.rear

    def press(self, board: Board) -> None:
        """Take away the hair that would stand out above a hat's edge: clear it once the hair is painted."""
        if self.wear is None or self.wear.rim is None:
            return
        w, (a, b) = self.wear, self.wear.rim
        roll = w.head.pose.roll
        x, up = np.array([np.cos(roll), np.sin(roll)]), np.array([np.sin(roll), -np.cos(roll)])
        far, rise = 6 * w.u, 0.75
        points = np.stack(
            [
                *[a + 0.03 * w.u * x, a + far * (rise * up - x), a + far * (3 * up - x)],
                *[b + far * (3 * up + x), b + far * (rise * up + x), b - 0.03 * w.u * x],
            ]
        )
        region = path(points)
        for shape in w.covers if w.opening is None else (*w.covers, w.opening):
            region = skia.Op(region, shape, skia.kDifference_PathOp)
        board.erase(region)

    def shade(self, board: Board, c: col.Colour) -> None:
        """Throw the shadow on a painted layer (hair, face) whose shadow colour is ``c``."""
        if self.wear is None or not self.wear.covers or not (self._line or self._contrast > 0.6):
            return
        w = self.wear
        drop = w.u * (0.06 + 0.09 * self._contrast)
        with board.moved(-0.4 * self._light * drop, drop):
            for shape in w.covers:
                board.fill(shape, c, 0.8, atop=True, blur=0.03 * w.u if self._soft else 0.0)

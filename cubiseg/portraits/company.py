"""Other figures for the background: strangers, the same character again, and companions as large as the character."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from cubiseg.portraits.axes import Mix
from cubiseg.portraits.body import Torso
from cubiseg.portraits.character import Character, character
from cubiseg.portraits.compose import DrawnLayer, restack
from cubiseg.portraits.hair import volume
from cubiseg.portraits.head import Head
from cubiseg.portraits.rng import Rng, chance, uniform
from cubiseg.portraits.scene import CROP, PLACE, Pose, Scene, scene

OTHER_SIZE = 160
"""px at which small figures are drawn: quick."""
_OTHERS = 2**40
"""Numbers of the characters in the background: nobody's in the foreground."""

_CROPS = tuple(CROP.kinds)
"""From the closest to the farthest."""

Painter = Callable[[Character, Scene, int], Sequence[DrawnLayer]]
"""Draws a character's layers without a background."""


def flattened(layers: Sequence[DrawnLayer]) -> np.ndarray:
    """(H, W, 4) float32 0..255, premultiplied: the layers in one."""
    left = np.ones(layers[0].rgba.shape[:2], np.float32)
    for layer in layers:
        left *= 1 - layer.rgba[..., 3] * np.float32(1 / 255)
    return np.dstack([restack(layers).astype(np.float32), 255 * (1 - left)])


def lay(img: np.ndarray, figure: np.ndarray) -> None:
    """Lay a premultiplied (n, n, 4) float32 figure over an (n, n, 4) uint8 picture, in place."""
    out = figure[..., :3] + img[..., :3] * (1 - figure[..., 3:] * np.float32(1 / 255))
    img[..., :3] = np.clip(out + 0.5, 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class Company:
    """Who may stand in the background of a picture of ``who``, drawn by ``paint``."""

    who: Character
    view: Scene
    size: int
    paint: Painter

    def _mix(self, crop: int) -> Mix:
        return self.view.mix.only(CROP, _CROPS[crop]).only(PLACE, "centre")

    def _stranger(self, rng: Rng, mix: Mix) -> Character:
        return character(self.who.key[0], _OTHERS + int(rng.integers(2**30)), mix)

    def small(self, rng: Rng, *, same: bool = False, crop: int = 2) -> tuple[np.ndarray, Pose]:
        """A stranger, or the same character again, at ``OTHER_SIZE``: as :func:`flattened` has it, and the pose.

        Args:
            rng: the picture's stream.
            same: draw the character again, in another pose.
            crop: how much is seen: place among the kinds of the axis, 0 the closest, -1 the farthest.
        """
        mix = self._mix(crop)
        somebody = self.who if same else self._stranger(rng, mix)
        number = _OTHERS + int(rng.integers(2**30))
        seen = scene(self.who.key[0], number, OTHER_SIZE, somebody, mix)
        return flattened(self.paint(somebody, seen, OTHER_SIZE)), seen.pose

    def beside(self, rng: Rng, side: int) -> np.ndarray:
        """A stranger drawn by the same artist, nearly as large as the character and on the same ground.

        ``side``: -1 left of the character, 1 right, unless the stranger would then be more central.
        """
        own, mix = self.view.pose, self._mix(2)
        somebody = replace(self._stranger(rng, mix), style=self.who.style)
        number = _OTHERS + int(rng.integers(2**30))
        seen = scene(self.who.key[0], number, self.size, somebody, mix)
        scale = own.scale * uniform(rng, 0.78, 0.97)
        gap, middle = side * own.scale * uniform(rng, 1.8, 3.8), 0.5 * self.size
        x = own.x + gap
        if abs(x - middle) < 1.1 * abs(own.x - middle):  # nearer to the middle it would be taken for the character
            x = own.x - gap
        y = own.y + own.scale * uniform(rng, -0.5, 0.5)
        pose = replace(seen.pose, scale=scale, x=x, y=y, body_roll=0.3 * seen.pose.body_roll)
        if own.scale < 0.11 * self.size:  # both stand on one floor
            first, second = (
                Torso(one, Head(one.face, p, volume(one))) for one, p in ((self.who, own), (somebody, pose))
            )
            scale = min(scale, 1.2 * own.scale * first.sole / second.sole)  # a grown-up is not twice a child's height
            y = own.y + first.stance.low * own.scale - second.stance.low * scale - uniform(rng, 0, 0.4) * own.scale
            pose = replace(pose, scale=scale, y=y)
        figure = flattened(self.paint(somebody, replace(seen, pose=pose, light=self.view.light), self.size))
        if chance(rng, 0.3):  # further back, or out of the light
            figure[..., :3] *= np.float32(uniform(rng, 0.6, 0.95))
        if chance(rng, 0.15):
            figure = cv2.GaussianBlur(figure, (0, 0), self.size * uniform(rng, 0.001, 0.004))
        return figure

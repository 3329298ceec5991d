"""Transforms that paint a training picture anew by its label map: other colours, another background, fainter ink.

Labels stay as they are. All happen with a chance, see :class:`WithChance`.
"""

from abc import abstractmethod
from typing import Any

import cv2
import numpy as np
from mmseg.registry import TRANSFORMS

from cubiseg import taxonomy
from cubiseg.training.transforms.chance import WithChance

# What changes colour together: a face and its neck are one skin, both eyes are most often alike.
_TOGETHER = (
    ("hair", "eyebrow_left", "eyebrow_right"),
    ("face", "nose", "skin"),
    ("eye_left", "eye_right"),
    ("clothes",),
    ("accessories",),
)
_INKED_PARTS = ("eye_left", "eye_right", "eyebrow_left", "eyebrow_right", "nose", "mouth")


def part_mask(label: np.ndarray, names: tuple[str, ...], grow: int = 0) -> np.ndarray:
    """(H, W) float32 0..1: where the label is a class of ``names`` or a part of one, or at most ``grow`` px from it.

    The edge is soft.
    """
    hard: np.ndarray = np.isin(taxonomy.CLASS_OF[label], taxonomy.ids(*names)).astype(np.float32)
    if grow:
        hard = cv2.dilate(hard, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * grow + 1, 2 * grow + 1)))
    return cv2.GaussianBlur(hard, (0, 0), 0.7)


class _Repaint(WithChance):
    """A change of colours."""

    def change(self, results: dict[str, Any], rng: np.random.Generator) -> None:
        painted = self.paint(results["img"].astype(np.float32) / 255, results["gt_seg_map"], rng)
        results["img"] = np.rint(np.clip(painted, 0, 1) * 255).astype(np.uint8)

    @abstractmethod
    def paint(self, image: np.ndarray, label: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """(H, W, 3) float32, 0..1 where nothing overflows: ``image`` (the same) painted anew."""


@TRANSFORMS.register_module()
class RecolourParts(_Repaint):
    """Turn hue, saturation and brightness of some parts, each by itself; skin turns less and stays warm."""

    def paint(self, image: np.ndarray, label: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        hsv = cv2.cvtColor(image, cv2.COLOR_RGB2HSV)
        out = image.copy()
        for names in _TOGETHER:
            chosen, turn, gain, power = rng.random(), rng.uniform(-180, 180), rng.uniform(0.3, 1.6), rng.uniform(-1, 1)
            if chosen > 0.6:
                continue
            if "face" in names:
                turn, gain, power = turn * 0.05, 0.7 + 0.4 * gain, 0.6 * power
            other = hsv.copy()
            other[..., 0] = (other[..., 0] + turn) % 360
            other[..., 1] = np.minimum(other[..., 1] * gain, 1)
            other[..., 2] = other[..., 2] ** np.float32(2**power)
            mask = part_mask(label, names)[..., None]
            out += mask * (cv2.cvtColor(other, cv2.COLOR_HSV2RGB) - image)
        return out


@TRANSFORMS.register_module()
class ReplaceBackground(_Repaint):
    """Another background: a colour, a gradient, cloudy or leafy noise, or pieces of the picture itself, shuffled.

    The pieces have the colours and lines of the figure without its shapes, which is what a busy background looks like.
    """

    def paint(self, image: np.ndarray, label: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        kind = rng.integers(5)
        size = image.shape[:2]
        behind: np.ndarray
        if kind == 0:
            behind = np.broadcast_to(rng.random(3, np.float32), image.shape)
        elif kind == 1:
            corners = rng.random((2, 2, 3), np.float32)
            behind = cv2.resize(corners, size[::-1], interpolation=cv2.INTER_LINEAR)
        elif kind == 2:
            behind = _noise(size, rng)
        else:
            behind = _shuffled(image, rng)
            if kind == 4:
                behind = cv2.GaussianBlur(behind, (0, 0), float(rng.uniform(1, 8)))
        mask = part_mask(label, ("background",))[..., None]
        return image + mask * (behind - image)


def _noise(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """(H, W, 3) float32: random grids of 2 to 64 cells, each finer one weaker by a random factor, around a colour."""
    decay = float(rng.uniform(0.5, 1.0))
    out: np.ndarray = np.zeros((*size, 3), np.float32)
    tint = rng.uniform(0, 0.6)
    for octave in range(1, 7):
        grey = rng.standard_normal((2**octave, 2**octave, 1), np.float32)
        coloured = rng.standard_normal((2**octave, 2**octave, 3), np.float32)
        grid = np.asarray(grey + np.float32(tint) * coloured, np.float32)
        out += cv2.resize(grid, size[::-1], interpolation=cv2.INTER_CUBIC) * np.float32(decay**octave)
    return rng.random(3, np.float32) + out * np.float32(rng.uniform(0.05, 0.3) / max(out.std(), 1e-6))


def _shuffled(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The picture cut into tiles of a random side, in random order, turned."""
    side = int(rng.integers(8, 49))
    tiled = cv2.copyMakeBorder(image, 0, -image.shape[0] % side, 0, -image.shape[1] % side, cv2.BORDER_REFLECT_101)
    rows, columns = tiled.shape[0] // side, tiled.shape[1] // side
    tiles = tiled.reshape(rows, side, columns, side, 3).swapaxes(1, 2).reshape(-1, side, side, 3)
    tiles = np.rot90(tiles[rng.permutation(len(tiles))], int(rng.integers(4)), axes=(1, 2))
    whole = tiles.reshape(rows, columns, side, side, 3).swapaxes(1, 2).reshape(tiled.shape)
    return whole[: image.shape[0], : image.shape[1]]


@TRANSFORMS.register_module()
class WeakenLines(_Repaint):
    """Fade thin dark lines into what surrounds them, but for those that are parts: lashes, brows, nose and mouth.

    Closing (dilation, then erosion; Serra 1982) by a small disc fills what is darker and thinner than the disc.
    """

    def paint(self, image: np.ndarray, label: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        side = int(rng.choice([3, 5]))
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
        closed = cv2.morphologyEx(image, cv2.MORPH_CLOSE, disc)
        kept = part_mask(label, _INKED_PARTS, grow=2)
        return image + (float(rng.uniform(0.4, 1.0)) * (1 - kept))[..., None] * (closed - image)

"""Transforms of the training pipeline that MMSegmentation lacks.

They pass on MMSegmentation's ``results`` dict: ``img`` (H, W, 3) uint8 RGB and ``gt_seg_map`` (H, W) uint8 ids.
"""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from mmcv.transforms import BaseTransform
from mmseg.datasets.transforms import RandomFlip
from mmseg.registry import TRANSFORMS

from cubiseg import taxonomy
from cubiseg.errors import CubisegError
from cubiseg.imaging import read_picture
from cubiseg.label_maps import read_label, unknown_ids


@TRANSFORMS.register_module()
class LoadPicture(BaseTransform):
    """Read the file ``img_path`` as every other part of cubiseg does: RGB, upright, over white."""

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        results["img"] = np.ascontiguousarray(read_picture(results["img_path"]).over())
        results["img_shape"] = results["ori_shape"] = results["img"].shape[:2]
        return results


@TRANSFORMS.register_module()
class LoadLabel(BaseTransform):
    """Read the file ``seg_map_path`` as ids, never as the colours of its palette, and check it against the picture.

    Args:
        parts: whether parts stay as the map tells them; else each is its class.

    Raises:
        CubisegError: unreadable, another size than the picture, or an id that the taxonomy lacks.
    """

    def __init__(self, parts: bool = False) -> None:
        self.parts = parts

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        path = results["seg_map_path"]
        label = read_label(path)
        if label.shape != results["img"].shape[:2]:
            height, width = results["img"].shape[:2]
            raise CubisegError(
                f"{path}: {label.shape[1]}x{label.shape[0]}, but its picture is {width}x{height}; rebuild the data set"
            )
        unknown = unknown_ids(label)
        if unknown:
            raise CubisegError(f"{path}: holds the id {unknown[0]}, which the taxonomy lacks; rebuild the data set")
        results["gt_seg_map"] = label if self.parts else taxonomy.CLASS_OF[label]
        results["seg_fields"] = ["gt_seg_map"]
        return results


@TRANSFORMS.register_module()
class RandomScale(BaseTransform):
    """Scale so that the picture's longer side is ``size`` times a random factor.

    Pictures are scaled as inference scales them (area average downwards); ids are taken at pixel centres, where
    MMCV's resize would shift labels by half a pixel of the original.

    Args:
        size: pixels of the longer side at factor 1.
        factors: lower and upper end; drawn log-uniformly, as scales compare by ratio.
    """

    def __init__(self, size: int, factors: tuple[float, float]) -> None:
        self.size = size
        self.factors = factors

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        low, high = np.log(self.factors)
        factor = float(np.exp(np.random.uniform(low, high)))  # noqa: NPY002 (seeded by the data set)
        height, width = results["img"].shape[:2]
        scale = self.size * factor / max(height, width)
        target = max(1, round(width * scale)), max(1, round(height * scale))
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        results["img"] = cv2.resize(results["img"], target, interpolation=how)
        results["gt_seg_map"] = cv2.resize(results["gt_seg_map"], target, interpolation=cv2.INTER_NEAREST_EXACT)
        results["img_shape"] = results["img"].shape[:2]
        return results


@TRANSFORMS.register_module()
class FlipSides(RandomFlip):
    """MMSegmentation's horizontal flip with the taxonomy's pairs swapped, of both levels.

    Left and right are the character's own.
    """

    def __init__(self, prob: float = 0.5) -> None:
        super().__init__(prob=prob, direction="horizontal")

    def _flip_seg_map(self, seg_map: np.ndarray, direction: str) -> np.ndarray:
        return taxonomy.flip_label(seg_map)


@TRANSFORMS.register_module()
class RandomPlace(BaseTransform):
    """Cut or pad to a square of ``size``: a random window along a side that is longer, a random margin along a shorter.

    Args:
        size: pixels a side of the result.
        margin: RGB of the margin, which is ignored in the label; the mean colour, as in the letterbox of inference.
    """

    def __init__(self, size: int, margin: Sequence[float]) -> None:
        self.size = size
        self.margin = np.array(margin, np.float64).round().astype(np.uint8)

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        image, label = results["img"], results["gt_seg_map"]
        source, target = zip(*(self._window(n) for n in label.shape), strict=True)
        results["img"] = np.full((self.size, self.size, 3), self.margin, np.uint8)
        results["gt_seg_map"] = np.full((self.size, self.size), taxonomy.IGNORE_INDEX, np.uint8)
        results["img"][target] = image[source]
        results["gt_seg_map"][target] = label[source]
        results["img_shape"] = (self.size, self.size)
        return results

    def _window(self, length: int) -> tuple[slice, slice]:
        """What to take of a side of ``length`` pixels, and where it goes."""
        offset = int(np.random.randint(abs(length - self.size) + 1))  # noqa: NPY002 (seeded by the data set)
        if length >= self.size:
            return slice(offset, offset + self.size), slice(None)
        return slice(None), slice(offset, offset + length)

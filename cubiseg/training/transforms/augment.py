"""Transforms that bend a training picture, or lower its quality as drawings on the net have suffered.

All happen with a chance, see :class:`WithChance`.
"""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from mmseg.datasets.transforms import RandomCutOut
from mmseg.registry import TRANSFORMS

from cubiseg import taxonomy
from cubiseg.training.transforms.chance import WithChance


@TRANSFORMS.register_module()
class Warp(WithChance):
    """Bend picture and label map together: a perspective of moved corners, and an elastic field (Simard et al. 2003).

    The field is a coarse grid of random shifts, scaled up smoothly; at these strengths it does not fold. Ids are taken
    at the nearest pixel.

    Args:
        prob: chance 0..1.
        margin: RGB of what lies outside the picture, which is ignored in the label.
        perspective: how far a corner moves at most, in sides of the picture.
        elastic: standard deviation of the shifts at most, in longer sides of the picture.
    """

    def __init__(self, prob: float, margin: Sequence[float], perspective: float = 0.1, elastic: float = 0.015) -> None:
        super().__init__(prob)
        self.margin = tuple(float(v) for v in margin)
        self.perspective = perspective
        self.elastic = elastic

    def change(self, results: dict[str, Any], rng: np.random.Generator) -> None:
        height, width = results["gt_seg_map"].shape
        x, y = self._sources(height, width, rng)
        results["img"] = cv2.remap(results["img"], x, y, cv2.INTER_LINEAR, borderValue=self.margin)
        results["gt_seg_map"] = cv2.remap(
            results["gt_seg_map"], x, y, cv2.INTER_NEAREST, borderValue=taxonomy.IGNORE_INDEX
        )

    def _sources(self, height: int, width: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Where each pixel comes from: x and y, each (H, W) float32 pixels."""
        corners: np.ndarray = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
        moved = corners + rng.uniform(-self.perspective, self.perspective, (4, 2)) * (width, height)
        matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32)).astype(np.float32)
        x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        scale = matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2]
        cells = int(rng.integers(4, 9))
        strength = np.float32(rng.uniform(0, self.elastic) * max(height, width))
        shifts = cv2.resize(
            rng.standard_normal((cells, cells, 2), np.float32), (width, height), interpolation=cv2.INTER_CUBIC
        )
        return (
            (matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]) / scale + strength * shifts[..., 0],
            (matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]) / scale + strength * shifts[..., 1],
        )


@TRANSFORMS.register_module()
class Blur(WithChance):
    """Soften the picture: out of focus (a Gaussian), or enlarged from a smaller copy, each every other time."""

    def change(self, results: dict[str, Any], rng: np.random.Generator) -> None:
        image = results["img"]
        if rng.random() < 0.5:
            results["img"] = cv2.GaussianBlur(image, (0, 0), float(np.exp(rng.uniform(np.log(0.4), np.log(2.0)))))
            return
        height, width = image.shape[:2]
        factor = rng.uniform(0.35, 0.8)
        small = cv2.resize(
            image, (max(1, round(width * factor)), max(1, round(height * factor))), interpolation=cv2.INTER_AREA
        )
        how = (cv2.INTER_LINEAR, cv2.INTER_CUBIC)[int(rng.integers(2))]
        results["img"] = cv2.resize(small, (width, height), interpolation=how)


@TRANSFORMS.register_module()
class Jpeg(WithChance):
    """Compress the picture as JPEG of a quality from 30 to 95, with chroma at half or at full resolution."""

    def change(self, results: dict[str, Any], rng: np.random.Generator) -> None:
        chroma = (cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444)[int(rng.integers(2))]
        options = [
            cv2.IMWRITE_JPEG_QUALITY,
            int(rng.integers(30, 96)),
            cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
            chroma,
        ]
        # OpenCV takes BGR; with red and blue exchanged, the chroma would be lost in other places.
        _, coded = cv2.imencode(".jpg", cv2.cvtColor(results["img"], cv2.COLOR_RGB2BGR), options)
        decoded: Any = cv2.imdecode(coded, cv2.IMREAD_COLOR)
        results["img"] = cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB)


@TRANSFORMS.register_module()
class CutOut(RandomCutOut):
    """MMSegmentation's cut-out (DeVries & Taylor 2017): one to three rectangles of a tenth to a quarter of the side.

    What they hide is ignored in the label, as nobody could tell it.

    Args:
        prob: chance 0..1.
        margin: RGB of the rectangles.
    """

    def __init__(self, prob: float, margin: Sequence[float]) -> None:
        sides = (0.1, 0.25)
        super().__init__(
            prob=prob,
            n_holes=(1, 3),
            cutout_ratio=[(w, h) for w in sides for h in sides],
            fill_in=tuple(round(v) for v in margin),
            seg_fill_in=taxonomy.IGNORE_INDEX,
        )

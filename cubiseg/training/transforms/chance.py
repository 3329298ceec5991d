"""What transforms that happen with a chance have in common."""

from abc import abstractmethod
from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform


class WithChance(BaseTransform):
    """A change of a training sample with a chance.

    It passes on MMSegmentation's ``results`` dict: ``img`` (H, W, 3) uint8 RGB and ``gt_seg_map`` (H, W) uint8 ids.

    Args:
        prob: chance 0..1.
    """

    def __init__(self, prob: float) -> None:
        self.prob = prob

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        rng = np.random.default_rng(np.random.randint(2**31, size=4))  # noqa: NPY002 (seeded by the data set)
        if rng.random() < self.prob:
            self.change(results, rng)
        return results

    @abstractmethod
    def change(self, results: dict[str, Any], rng: np.random.Generator) -> None:
        """Put something else into ``results``; the arrays in it may be shared and are left as they are."""

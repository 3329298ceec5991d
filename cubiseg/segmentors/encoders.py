"""Encoders of MMSegmentation, adjusted."""

from typing import Any

from mmseg.models.backbones import MobileNetV2
from mmseg.registry import MODELS


@MODELS.register_module()
class MobileNetV2Skips(MobileNetV2):
    """MobileNetV2 with taps of 16, 24, 32, 96 and 160 channels at its five strides, without the layer above them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(out_indices=(0, 1, 2, 4, 5), **kwargs)
        delattr(self, self.layers.pop())

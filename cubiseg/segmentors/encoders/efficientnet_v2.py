"""The EfficientNetV2-S encoder (Tan & Le 2021)."""

from typing import Any

import torch
from mmcv.cnn import ConvModule
from mmcv.cnn.bricks import DropPath
from mmengine.model import BaseModule
from mmseg.models.utils import SELayer
from mmseg.registry import MODELS
from torch import Tensor, nn

from cubiseg.segmentors.encoders.published import renamed

_STEM = 24
# Fused (one 3x3 filter in place of 1x1 and depthwise), repeats, stride of the first, expansion, channels out.
_STAGES = (
    (True, 2, 1, 1, 24),
    (True, 4, 2, 4, 48),
    (True, 4, 2, 4, 64),
    (False, 6, 2, 4, 128),
    (False, 9, 1, 6, 160),
    (False, 15, 2, 6, 256),
)
_TAPS = (0, 1, 2, 4, 5)
_NORM = {"type": "BN", "eps": 1e-3}
_ACTIVATION = {"type": "SiLU"}
# torchvision numbers what is here named: the stem is `features.0`, norms follow their convolutions.
_TORCHVISION = (
    (r"^stem\.", "features.0."),
    (r"^stages\.0\.", "features.1."),
    (r"^stages\.1\.", "features.2."),
    (r"^stages\.2\.", "features.3."),
    (r"^stages\.3\.", "features.4."),
    (r"^stages\.4\.", "features.5."),
    (r"^stages\.5\.", "features.6."),
    (r"\.conv([12])\.conv\.", r".fc\1."),
    (r"\.conv\.", ".0."),
    (r"\.bn\.", ".1."),
)


class _Block(nn.Module):
    """MBConv with squeeze-and-excitation, or Fused-MBConv; its input is added where the shapes agree."""

    def __init__(
        self, fused: bool, channels: int, out_channels: int, stride: int, expansion: int, drop_path: float
    ) -> None:
        super().__init__()
        hidden = channels * expansion
        active: dict[str, Any] = {"norm_cfg": _NORM, "act_cfg": _ACTIVATION}
        linear: dict[str, Any] = {"norm_cfg": _NORM, "act_cfg": None}
        if fused and expansion == 1:
            layers = [ConvModule(channels, out_channels, 3, stride=stride, padding=1, **active)]
        elif fused:
            layers = [
                ConvModule(channels, hidden, 3, stride=stride, padding=1, **active),
                ConvModule(hidden, out_channels, 1, **linear),
            ]
        else:
            layers = [
                ConvModule(channels, hidden, 1, **active),
                ConvModule(hidden, hidden, 3, stride=stride, padding=1, groups=hidden, **active),
                # Squeezed to a quarter of the block's input.
                SELayer(hidden, ratio=4 * expansion, act_cfg=(_ACTIVATION, {"type": "Sigmoid"})),
                ConvModule(hidden, out_channels, 1, **linear),
            ]
        self.block = nn.Sequential(*layers)
        self.residual = stride == 1 and channels == out_channels
        self.drop_path = DropPath(drop_path)

    def forward(self, x: Tensor) -> Tensor:
        y = self.block(x)
        return x + self.drop_path(y) if self.residual else y


@MODELS.register_module()
class EfficientNetV2S(BaseModule):
    """Encoder with taps of 24, 48, 64, 160 and 256 channels at strides 2, 4, 8, 16 and 32.

    The 1x1 layer of 1280 channels above them belongs to the classifier and is left out.

    Args:
        drop_path_rate: chance that the last block's branch is left out of a sample (stochastic depth, Huang et al.
            2016); it grows from 0 at the first block.
    """

    def __init__(self, drop_path_rate: float = 0.1, init_cfg: dict | None = None) -> None:
        super().__init__(init_cfg)
        self.stem = ConvModule(3, _STEM, 3, stride=2, padding=1, norm_cfg=_NORM, act_cfg=_ACTIVATION)
        rates = iter(torch.linspace(0, drop_path_rate, sum(repeats for _, repeats, *_ in _STAGES)).tolist())
        self.stages = nn.ModuleList()
        channels = _STEM
        for fused, repeats, stride, expansion, out_channels in _STAGES:
            stage = nn.Sequential()
            for i in range(repeats):
                stage.append(_Block(fused, channels, out_channels, stride if i == 0 else 1, expansion, next(rates)))
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
        """State dict of this encoder from torchvision's ``efficientnet_v2_s``."""
        return renamed(self.state_dict(), published, _TORCHVISION)

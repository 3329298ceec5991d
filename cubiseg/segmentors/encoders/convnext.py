"""The ConvNeXt-T encoder (Liu et al. 2022), its tensors named as in OpenMMLab's checkpoints."""

from typing import Any

import torch
import torch.nn.functional as F
from mmcv.cnn.bricks import DropPath
from mmengine.model import BaseModule
from mmseg.registry import MODELS
from torch import Tensor, nn

from cubiseg.segmentors.encoders.published import renamed

_DEPTHS = (3, 3, 9, 3)
_WIDTHS = (96, 192, 384, 768)
_EPS = 1e-6
_FIRST_SCALE = 1e-6
_TORCHVISION = (
    (r"^downsample_layers\.0\.", "features.0."),
    (r"^downsample_layers\.1\.", "features.2."),
    (r"^downsample_layers\.2\.", "features.4."),
    (r"^downsample_layers\.3\.", "features.6."),
    (r"^stages\.0\.", "features.1."),
    (r"^stages\.1\.", "features.3."),
    (r"^stages\.2\.", "features.5."),
    (r"^stages\.3\.", "features.7."),
    (r"\.gamma$", ".layer_scale"),
    (r"\.depthwise_conv\.", ".block.0."),
    (r"\.norm\.", ".block.2."),
    (r"\.pointwise_conv1\.", ".block.3."),
    (r"\.pointwise_conv2\.", ".block.5."),
)
_TIMM = (
    (r"^downsample_layers\.0\.", "stem."),
    (r"^downsample_layers\.(\d)\.", r"stages.\1.downsample."),
    (r"^stages\.(\d)\.(\d)\.", r"stages.\1.blocks.\2."),
    (r"\.depthwise_conv\.", ".conv_dw."),
    (r"\.pointwise_conv([12])\.", r".mlp.fc\1."),
)


class _ChannelNorm(nn.LayerNorm):
    """Layer norm over the channels of (N, C, H, W)."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, eps=_EPS)

    def forward(self, x: Tensor) -> Tensor:
        # Maps are stored channels last, so this moves nothing.
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class _Block(nn.Module):
    """Depthwise 7x7 filter, layer norm, two 1x1 layers with GELU between, a learned scale; its input is added."""

    def __init__(self, channels: int, drop_path: float) -> None:
        super().__init__()
        self.depthwise_conv = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=_EPS)
        self.pointwise_conv1 = nn.Linear(channels, 4 * channels)
        self.pointwise_conv2 = nn.Linear(4 * channels, channels)
        self.gamma = nn.Parameter(torch.full((channels,), _FIRST_SCALE))
        self.drop_path = DropPath(drop_path)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.depthwise_conv(x).permute(0, 2, 3, 1))
        y = self.gamma * self.pointwise_conv2(F.gelu(self.pointwise_conv1(y)))
        return x + self.drop_path(y.permute(0, 3, 1, 2))


@MODELS.register_module()
class ConvNeXtT(BaseModule):
    """Encoder with taps of 96, 192, 384 and 768 channels at strides 4, 8, 16 and 32.

    Each tap has a layer norm of its own, which the classifier's checkpoint lacks: a stage's output is a sum that no
    norm has bounded.

    Args:
        drop_path_rate: chance that the last block's branch is left out of a sample (stochastic depth, Huang et al.
            2016); it grows from 0 at the first block.
    """

    def __init__(self, drop_path_rate: float = 0.1, init_cfg: Any = None) -> None:
        small = {"type": "TruncNormal", "layer": ["Conv2d", "Linear"], "std": 0.02, "bias": 0.0}
        super().__init__(init_cfg or small)
        rates = iter(torch.linspace(0, drop_path_rate, sum(_DEPTHS)).tolist())
        self.downsample_layers, self.stages = nn.ModuleList(), nn.ModuleList()
        below = 3
        for i, (depth, width) in enumerate(zip(_DEPTHS, _WIDTHS, strict=True)):
            layers = (
                (_ChannelNorm(below), nn.Conv2d(below, width, 2, stride=2))
                if i
                else (nn.Conv2d(below, width, 4, stride=4), _ChannelNorm(width))
            )
            self.downsample_layers.append(nn.Sequential(*layers))
            self.stages.append(nn.Sequential(*(_Block(width, next(rates)) for _ in range(depth))))
            self.add_module(f"norm{i}", _ChannelNorm(width))
            below = width

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """(N, 3, H, W) -> four feature maps, finest first; H and W are multiples of 32."""
        taps = []
        for i, (down, stage) in enumerate(zip(self.downsample_layers, self.stages, strict=True)):
            x = stage(down(x))
            taps.append(getattr(self, f"norm{i}")(x))
        return tuple(taps)

    def translate(self, published: dict[str, Tensor]) -> dict[str, Tensor]:
        """State dict of this encoder, without the norms of its taps, from torchvision's or timm's ``convnext_tiny``."""
        own = self.state_dict()
        return renamed(own, published, _TORCHVISION) or renamed(own, published, _TIMM)

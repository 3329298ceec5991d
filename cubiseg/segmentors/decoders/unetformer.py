"""The UNetFormer decoder (Wang et al. 2022, "UNetFormer: A UNet-like transformer for ... remote sensing")."""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from mmcv.cnn import ConvModule
from mmengine.model.weight_init import trunc_normal_
from mmseg.registry import MODELS
from torch import Tensor, nn

from cubiseg.segmentors.decoders.heads import SkipHead

_NORM = {"type": "BN"}
_ACTIVATION = {"type": "ReLU6"}
_EXPANSION = 4
_SQUEEZE = 16


def _conv(channels: int, out_channels: int, kernel: int, act: dict | None = None) -> ConvModule:
    return ConvModule(channels, out_channels, kernel, padding=kernel // 2, norm_cfg=_NORM, act_cfg=act)


def _separable(channels: int, kernel: int) -> nn.Sequential:
    """Depthwise filter, norm, 1x1 mixing; an even filter looks one pixel farther to the lower right."""
    before = (kernel - 1) // 2
    return nn.Sequential(
        nn.ZeroPad2d((before, kernel - 1 - before) * 2),
        nn.Conv2d(channels, channels, kernel, groups=channels, bias=False),
        nn.BatchNorm2d(channels),
        nn.Conv2d(channels, channels, 1, bias=False),
    )


class _GlobalLocalAttention(nn.Module):
    """Window attention whose result is averaged along rows and columns across windows, plus two local convolutions."""

    offset: Tensor

    def __init__(self, channels: int, heads: int, window: int) -> None:
        super().__init__()
        self.heads, self.window = heads, window
        self.qkv = nn.Conv2d(channels, 3 * channels, 1, bias=False)
        self.local3, self.local1 = _conv(channels, channels, 3), _conv(channels, channels, 1)
        self.bias = nn.Parameter(torch.zeros((2 * window - 1) ** 2, heads))
        trunc_normal_(self.bias, std=0.02)
        place = torch.stack(torch.meshgrid(torch.arange(window), torch.arange(window), indexing="ij")).flatten(1)
        row, column = place[:, :, None] - place[:, None, :] + window - 1
        self.register_buffer("offset", row * (2 * window - 1) + column, persistent=False)
        self.proj = _separable(channels, window)

    def forward(self, x: Tensor) -> Tensor:
        local = self.local3(x) + self.local1(x)
        return self.proj(self._across(self._within_windows(x)) + local)

    def _within_windows(self, x: Tensor) -> Tensor:
        n, c, height, width = x.shape
        w, heads = self.window, self.heads
        # Copies of the border fill the last windows: as keys, zeros would draw attention to nothing.
        if width % w or height % w:
            x = F.pad(x, (0, -width % w, 0, -height % w), mode="replicate")
        rows, columns = x.shape[2] // w, x.shape[3] // w
        parts = self.qkv(x).reshape(n, 3, heads, c // heads, rows, w, columns, w)
        q, k, v = parts.permute(1, 0, 4, 6, 2, 5, 7, 3).reshape(3, n * rows * columns, heads, w * w, c // heads)
        bias = self.bias[self.offset.flatten()].reshape(w * w, w * w, heads).permute(2, 0, 1)
        attention = (q @ k.transpose(-2, -1) * (c // heads) ** -0.5 + bias).softmax(-1)
        out = (attention @ v).reshape(n, rows, columns, heads, w, w, c // heads)
        out = out.permute(0, 3, 6, 1, 4, 2, 5).reshape(n, c, rows * w, columns * w)
        return out[:, :, :height, :width]

    def _across(self, x: Tensor) -> Tensor:
        """Cross-shaped interaction: the mean over a window's length along columns, plus that along rows."""
        before, after = (self.window - 1) // 2, self.window // 2
        down = F.avg_pool2d(F.pad(x, (0, 0, before, after)), (self.window, 1), stride=1)
        return down + F.avg_pool2d(F.pad(x, (before, after, 0, 0)), (1, self.window), stride=1)


class _Block(nn.Module):
    """Global-local transformer block: attention and two 1x1 layers, each with a norm before and its input added."""

    def __init__(self, channels: int, heads: int, window: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)
        self.attention = _GlobalLocalAttention(channels, heads, window)
        hidden = _EXPANSION * channels
        self.mlp = nn.Sequential(nn.Conv2d(channels, hidden, 1), nn.ReLU6(), nn.Conv2d(hidden, channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class _WeightedSum(nn.Module):
    """Add a skip, with learned shares, to what comes from below at half its resolution."""

    def __init__(self, skip: int, channels: int) -> None:
        super().__init__()
        self.shares = nn.Parameter(torch.ones(2))
        self.skip = nn.Conv2d(skip, channels, 1, bias=False)
        self.post = _conv(channels, channels, 3, _ACTIVATION)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        shares = self.shares.relu()
        shares = shares / (shares.sum() + 1e-8)
        up = F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
        return self.post(shares[0] * self.skip(skip) + shares[1] * up)


class _Refinement(nn.Module):
    """Feature refinement head: attention over positions plus attention over channels, then a separable convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        squeezed = max(1, channels // _SQUEEZE)
        self.position = nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1, groups=channels), nn.Sigmoid())
        self.channel = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(channels, squeezed, 1, bias=False),
            nn.ReLU6(),
            nn.Conv2d(squeezed, channels, 1, bias=False),
            nn.Sigmoid(),
        )
        self.shortcut = _conv(channels, channels, 1)
        self.proj = _separable(channels, 3)

    def forward(self, x: Tensor) -> Tensor:
        attended = x * self.position(x) + x * self.channel(x)
        return F.relu6(self.proj(attended) + self.shortcut(x))


@MODELS.register_module()
class UNetFormerHead(SkipHead):
    """UNetFormer decoder: global-local transformer blocks, skips as weighted sums, and a refinement of the finest map.

    Its logits have the finest map's resolution; bilinear scaling brings them to the input's. The auxiliary head of the
    paper's training is left out.

    Args:
        in_channels: channels of four maps at strides 4, 8, 16 and 32.
        channels: channels of the decoder.
        heads: number of heads of the attention.
        window: side of its windows, in cells of a map.
        stride: stride of the finest map.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        channels: int = 64,
        heads: int = 8,
        window: int = 8,
        stride: int = 4,
        **kwargs: Any,
    ) -> None:
        super().__init__(in_channels, channels=channels, **kwargs)
        self.stride = stride
        self.reduce = _conv(in_channels[-1], channels, 1)
        self.blocks = nn.ModuleList(_Block(channels, heads, window) for _ in in_channels[1:])
        self.sums = nn.ModuleList(_WeightedSum(skip, channels) for skip in reversed(in_channels[:-1]))
        self.refine = _Refinement(channels)
        self.post = _conv(channels, channels, 3, {"type": "ReLU"})

    def forward(self, inputs: Sequence[Tensor]) -> Tensor:
        *skips, x = self._transform_inputs(inputs)
        x = self.reduce(x)
        for block, add, skip in zip(self.blocks, self.sums, reversed(skips), strict=True):
            x = add(block(x), skip)
        logits = self.cls_seg(self.post(self.refine(x)))
        return F.interpolate(logits, scale_factor=float(self.stride), mode="bilinear", align_corners=False)

"""The decoder of Swin-Unet (Cao et al. 2021): Swin blocks between layers that expand patches."""

from collections.abc import Sequence
from typing import Any

import torch
from mmseg.models.backbones.swin import SwinBlockSequence
from mmseg.registry import MODELS
from torch import Tensor, nn

from cubiseg.segmentors.decoders.heads import SkipHead

_MLP_RATIO = 4
_HEAD_CHANNELS = 32


class _PatchExpand(nn.Module):
    """One cell becomes ``factor`` x ``factor`` cells of fewer channels: a linear layer, laid out, and a norm."""

    def __init__(self, channels: int, out_channels: int, factor: int) -> None:
        super().__init__()
        self.factor = factor
        self.expand = nn.Linear(channels, factor**2 * out_channels, bias=False)
        self.norm = nn.LayerNorm(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """(N, H, W, C) -> (N, factor H, factor W, out_channels)."""
        n, height, width, _ = x.shape
        f = self.factor
        x = self.expand(x).reshape(n, height, width, f, f, -1)
        return self.norm(x.permute(0, 1, 3, 2, 4, 5).reshape(n, f * height, f * width, -1))


@MODELS.register_module()
class SwinUNetHead(SkipHead):
    """Swin-Unet decoder, the mirror of a Swin encoder.

    At each level: expand the patches twofold, join the skip by a linear layer, shifted-window attention. The last layer
    expands to the input's resolution.

    Args:
        in_channels: channels of the encoder's maps, finest first, each twice as many as the one before.
        depths: attention blocks of a level, coarsest first; one fewer than there are maps.
        window: side of a window in cells; that of the encoder.
        stride: stride of the finest map.
        drop_path_rate: chance that a block's branch is left out of a sample.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        depths: Sequence[int] = (2, 2, 2),
        window: int = 7,
        stride: int = 4,
        drop_path_rate: float = 0.1,
        **kwargs: Any,
    ) -> None:
        first = [
            {"type": "TruncNormal", "layer": "Linear", "std": 0.02, "bias": 0.0},
            {"type": "Normal", "std": 0.01, "override": {"name": "conv_seg"}},
        ]
        super().__init__(in_channels, channels=in_channels[0], init_cfg=first, **kwargs)
        self.expands, self.joins, self.stages = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        below = in_channels[-1]
        for width, depth in zip(reversed(in_channels[:-1]), depths, strict=True):
            self.expands.append(_PatchExpand(below, width, 2))
            self.joins.append(nn.Linear(2 * width, width))
            self.stages.append(
                SwinBlockSequence(
                    embed_dims=width,
                    num_heads=max(1, width // _HEAD_CHANNELS),
                    feedforward_channels=_MLP_RATIO * width,
                    depth=depth,
                    window_size=window,
                    drop_path_rate=drop_path_rate,
                )
            )
            below = width
        self.norm = nn.LayerNorm(below)
        self.final = _PatchExpand(below, below, stride)

    def forward(self, inputs: Sequence[Tensor]) -> Tensor:
        *skips, x = (m.permute(0, 2, 3, 1) for m in self._transform_inputs(inputs))
        for expand, join, stage in zip(self.expands, self.joins, self.stages, strict=True):
            x = join(torch.cat([expand(x), skips.pop()], dim=-1))
            n, height, width, channels = x.shape
            x = stage(x.reshape(n, height * width, channels), (height, width))[0]
            x = x.reshape(n, height, width, channels)
        return self.cls_seg(self.final(self.norm(x)).permute(0, 3, 1, 2))

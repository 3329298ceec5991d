"""Convolutional decoders: UNet, UNet++, and that of the MobileNetV2-UNet baseline."""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from mmcv.cnn import ConvModule, DepthwiseSeparableConvModule
from mmseg.models.decode_heads.decode_head import BaseDecodeHead
from mmseg.registry import MODELS
from torch import Tensor, nn


class SkipHead(BaseDecodeHead):
    """A decoder over several feature maps, finest first, whose logits have the input's resolution.

    Args:
        in_channels: channels of the encoder's maps, finest first; if the encoder gives more, the coarsest are taken.
    """

    def __init__(self, in_channels: Sequence[int], **kwargs: Any) -> None:
        super().__init__(
            in_channels=list(in_channels),
            in_index=list(range(-len(in_channels), 0)),
            input_transform="multiple_select",
            **kwargs,
        )

    def loss_by_feat(self, seg_logits: Tensor, batch_data_samples: list) -> dict[str, Tensor]:
        """The losses alone: the base class also sorts the classes of every pixel for an accuracy that nobody reads."""
        label = self._stack_batch_gt(batch_data_samples).squeeze(1)
        loss: Any = self.loss_decode
        return {loss.loss_name: loss(seg_logits, label, ignore_index=self.ignore_index)}


@MODELS.register_module()
class UNetHead(SkipHead):
    """UNet decoder (Ronneberger et al. 2015) that ends at half resolution with a sub-pixel classifier.

    At full resolution a 3x3 convolution would cost as much as all other decoder blocks together. The classifier is a
    transposed 2x2 convolution with stride 2 instead: four values a class at half resolution, each at a place of its own
    (a 1x1 convolution and pixel shuffle, Shi et al. 2016, computed faster by ONNX Runtime): borders as sharp, at a
    fraction of the cost.

    Args:
        in_channels: channels of the encoder's maps, finest first.
        decoder_channels: of the blocks, coarsest first, up to stride 2: one fewer than there are maps, or, over an
            encoder whose finest map has stride 4, as many; the last block then has nothing to skip to.
        separable: whether a convolution is a depthwise filter and a 1x1 convolution (Howard et al. 2017).
    """

    def __init__(
        self, in_channels: Sequence[int], decoder_channels: Sequence[int], separable: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(in_channels, channels=decoder_channels[-1], **kwargs)
        layer = DepthwiseSeparableConvModule if separable else ConvModule
        self.blocks = nn.ModuleList()
        below = in_channels[-1]
        skips = [*reversed(in_channels[:-1]), *[0] * (len(decoder_channels) + 1 - len(in_channels))]
        for skip, width in zip(skips, decoder_channels, strict=True):
            norm: dict[str, Any] = {"norm_cfg": self.norm_cfg, "act_cfg": self.act_cfg}
            self.blocks.append(
                nn.Sequential(
                    layer(below + skip, width, 3, padding=1, **norm),
                    layer(width, width, 3, padding=1, **norm),
                )
            )
            below = width
        self.conv_seg = nn.ConvTranspose2d(below, self.num_classes, 2, stride=2)

    def forward(self, inputs: Sequence[Tensor]) -> Tensor:
        *skips, x = self._transform_inputs(inputs)
        for block in self.blocks:
            x = F.interpolate(x, scale_factor=2.0, mode="nearest")
            x = block(torch.cat([x, skips.pop()], dim=1) if skips else x)
        return self.cls_seg(x)


@MODELS.register_module()
class UNetPlusPlusHead(SkipHead):
    """UNet++ decoder (Zhou et al. 2018): every skip passes through a chain of nodes that also see what lies below.

    Node j of level i takes the level's map, the j - 1 nodes before it, and node j - 1 of the level below, scaled up by
    a transposed 2x2 convolution; it ends in two 3x3 convolutions. The last node of the finest level is classified, at
    that level's resolution with a sub-pixel classifier (Shi et al. 2016). Deep supervision, which serves to prune
    the network afterwards, is left out.

    Args:
        in_channels: channels of the encoder's maps, finest first, each at twice the stride of the one before.
        decoder_channels: channels of the nodes of a level, coarsest first; one fewer than there are maps.
        stride: stride of the finest map.
    """

    def __init__(
        self, in_channels: Sequence[int], decoder_channels: Sequence[int], stride: int = 2, **kwargs: Any
    ) -> None:
        super().__init__(in_channels, channels=decoder_channels[-1], **kwargs)
        self.stride = stride
        norm: dict[str, Any] = {"norm_cfg": self.norm_cfg, "act_cfg": self.act_cfg}
        self.ups, self.nodes = nn.ModuleList(), nn.ModuleList()
        for i, width in enumerate(reversed(decoder_channels)):
            ups, nodes = nn.ModuleList(), nn.ModuleList()
            for j in range(1, len(in_channels) - i):
                # Node 0 of a level is the encoder's map.
                below = in_channels[i + 1] if j == 1 else decoder_channels[-i - 2]
                ups.append(nn.ConvTranspose2d(below, width, 2, stride=2))
                nodes.append(
                    nn.Sequential(
                        ConvModule(in_channels[i] + j * width, width, 3, padding=1, **norm),
                        ConvModule(width, width, 3, padding=1, **norm),
                    )
                )
            self.ups.append(ups)
            self.nodes.append(nodes)
        self.conv_seg = nn.Conv2d(decoder_channels[-1], stride**2 * self.num_classes, 3, padding=1)

    def forward(self, inputs: Sequence[Tensor]) -> Tensor:
        levels = [[x] for x in self._transform_inputs(inputs)]
        ups: Any = self.ups
        nodes: Any = self.nodes
        for j in range(len(nodes)):
            for i in range(len(nodes) - j):
                up = ups[i][j](levels[i + 1][j])
                levels[i].append(nodes[i][j](torch.cat([*levels[i], up], dim=1)))
        return F.pixel_shuffle(self.cls_seg(levels[0][-1]), self.stride)


@MODELS.register_module()
class MobileUNetHead(SkipHead):
    """Decoder of the MobileNetV2-UNet for anime faces: five times nearest upsampling and one 3x3 convolution.

    After each convolution but the last: instance norm, leaky ReLU, dropout. It follows the network that
    github.com/siyeong0/Anime-Face-Segmentation describes.

    Args:
        in_channels: channels of the encoder's five maps, finest first.
        block_dropout: share of values dropped after a block.
        softmax: whether the network ends in a softmax, as published. The loss applies its own, so it then works on
            probabilities as if they were logits, which bounds how sure the network can be.
    """

    def __init__(
        self, in_channels: Sequence[int], block_dropout: float = 0.2, softmax: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(in_channels, channels=2 * in_channels[0], dropout_ratio=0, **kwargs)
        self.softmax = softmax
        self.blocks = nn.ModuleList()
        below = in_channels[-1]
        for width in reversed(in_channels[:-1]):
            self.blocks.append(
                nn.Sequential(
                    nn.Conv2d(below, width, 3, padding=1),
                    nn.InstanceNorm2d(width),
                    nn.LeakyReLU(0.1),
                    nn.Dropout(block_dropout),
                )
            )
            below = 2 * width
        self.conv_seg = nn.Conv2d(below, self.num_classes, 3, padding=1)

    def forward(self, inputs: Sequence[Tensor]) -> Tensor:
        *skips, x = self._transform_inputs(inputs)
        for block, skip in zip(self.blocks, reversed(skips), strict=True):
            x = torch.cat([block(F.interpolate(x, scale_factor=2.0, mode="nearest")), skip], dim=1)
        logits = self.cls_seg(F.interpolate(x, scale_factor=2.0, mode="nearest"))
        return logits.softmax(dim=1) if self.softmax else logits

"""Encoders of MMSegmentation, adjusted."""

from typing import Any

from mmseg.models.backbones import MobileNetV2, SwinTransformer
from mmseg.registry import MODELS
from torch import Tensor

from cubiseg.segmentors.encoders.published import Renaming, renamed

_REPEATS = (1, 2, 3, 4, 3, 3)
_MICROSOFT = (
    (r"^stages\.", "layers."),
    (r"\.w_msa\.", "."),
    (r"\.ffn\.layers\.0\.0\.", ".mlp.fc1."),
    (r"\.ffn\.layers\.1\.", ".mlp.fc2."),
    (r"^patch_embed\.projection\.", "patch_embed.proj."),
    (r"^norm3\.", "norm."),
)


@MODELS.register_module()
class MobileNetV2Skips(MobileNetV2):
    """MobileNetV2 with taps of 16, 24, 32, 96 and 160 channels at its five strides, without the layer above them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(out_indices=(0, 1, 2, 4, 5), **kwargs)
        delattr(self, self.layers.pop())

    def translate(self, published: dict[str, Tensor]) -> dict[str, Tensor]:
        """State dict of this encoder from torchvision's ``mobilenet_v2`` or timm's ``mobilenetv2_100``."""
        own = self.state_dict()
        return renamed(own, published, _torchvision()) or renamed(own, published, _timm())


@MODELS.register_module()
class SwinT(SwinTransformer):
    """Swin-T (Liu et al. 2021) with taps of 96, 192, 384 and 768 channels at strides 4, 8, 16 and 32."""

    def translate(self, published: dict[str, Tensor]) -> dict[str, Tensor]:
        """State dict of this encoder from the ``swin_tiny_patch4_window7_224`` of the paper's authors."""
        found = renamed(self.state_dict(), published, _MICROSOFT)
        for name, value in found.items():
            if ".downsample." in name and name not in published:
                # Theirs merges the cells 00, 10, 01, 11 of a square one after another, channels within;
                # MMSegmentation's takes 00, 01, 10, 11 within each channel.
                cells = value.reshape(*value.shape[:-1], 4, -1)[..., [0, 2, 1, 3], :]
                found[name] = cells.transpose(-1, -2).reshape(value.shape)
        return found


def _torchvision() -> list[Renaming]:
    """torchvision counts blocks through, and does not group the last 1x1 layer of a block with its norm."""
    rules = [(r"^conv1\.conv\.", "features.0.0."), (r"^conv1\.bn\.", "features.0.1.")]
    number = 1
    for stage, repeats in enumerate(_REPEATS, 1):
        for block in range(repeats):
            last = 1 if stage == 1 else 2
            ours, theirs = rf"^layer{stage}\.{block}\.conv", f"features.{number}.conv"
            rules += [
                (rf"{ours}\.{last}\.conv\.", f"{theirs}.{last}."),
                (rf"{ours}\.{last}\.bn\.", f"{theirs}.{last + 1}."),
            ]
            rules += [(rf"{ours}\.(\d)\.conv\.", rf"{theirs}.\1.0."), (rf"{ours}\.(\d)\.bn\.", rf"{theirs}.\1.1.")]
            number += 1
    return rules


def _timm() -> list[Renaming]:
    rules = [(r"^conv1\.conv\.", "conv_stem."), (r"^conv1\.bn\.", "bn1.")]
    for stage in range(1, len(_REPEATS) + 1):
        for part, conv in enumerate(("conv_dw", "conv_pw") if stage == 1 else ("conv_pw", "conv_dw", "conv_pwl")):
            ours, theirs = rf"^layer{stage}\.(\d)\.conv\.{part}", rf"blocks.{stage - 1}.\1"
            rules += [(rf"{ours}\.conv\.", f"{theirs}.{conv}."), (rf"{ours}\.bn\.", f"{theirs}.bn{part + 1}.")]
    return rules

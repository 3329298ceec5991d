"""Decoders have their papers' number of parameters, and go with any encoder."""

import itertools

import pytest
import torch
from mmseg.models.backbones import ResNet, SwinTransformer
from mmseg.registry import MODELS
from torch import Tensor, nn

from cubiseg.segmentors.build import load_config, parameter_count
from cubiseg.segmentors.decoders.heads import UNetPlusPlusHead
from cubiseg.segmentors.decoders.swin_unet import SwinUNetHead
from cubiseg.segmentors.decoders.unetformer import UNetFormerHead
from tests.conftest import ROOT
from tests.segmentors.encoders import published

BN = {"type": "BN"}


def test_unetplusplus_has_the_papers_parameters() -> None:
    """9.04 million for nodes of 32 to 512 channels, without norms (Zhou et al. 2018, table 2)."""
    head = UNetPlusPlusHead([32, 64, 128, 256, 512], [256, 128, 64, 32], stride=1, num_classes=1)
    widths = [3, 32, 64, 128, 256, 512]
    encoder = sum(9 * (a + b) * b + 2 * b for a, b in itertools.pairwise(widths))
    # The paper classifies with 1x1, here with 3x3.
    total = encoder + parameter_count(head) - 9 * 32 + 32
    assert round(total / 1e6, 2) == 9.04


def test_unetformer_has_the_papers_parameters() -> None:
    """11.7 million over ResNet18 (Wang et al. 2022, table 1)."""
    encoder = ResNet(18, norm_cfg=BN)
    statistics = {k: tuple(v.shape) for k, v in encoder.state_dict().items()}
    assert statistics == {k: s for k, s in published.torchvision_resnet18().items() if not k.startswith("fc.")}
    head = UNetFormerHead([64, 128, 256, 512], num_classes=6)
    assert round((parameter_count(encoder) + parameter_count(head)) / 1e6, 1) == 11.7


def test_swin_unet_has_the_papers_parameters() -> None:
    """27.17 million with two blocks a level, for nine classes (Cao et al. 2021; the count is that of its code)."""
    encoder = SwinTransformer(depths=(2, 2, 2, 2))
    # Its code has no norm on the three skips, and no offset in the classifier.
    extra = 2 * (96 + 192 + 384) + 9
    total = parameter_count(encoder) + parameter_count(SwinUNetHead([96, 192, 384, 768], num_classes=9)) - extra
    assert round(total / 1e6, 2) == 27.17


ENCODERS = {
    "EfficientNetLite": [16, 24, 40, 112, 192],
    "EfficientNetV2S": [24, 48, 64, 160, 256],
    "ConvNeXtT": [96, 192, 384, 768],
    "MobileNetV2Skips": [16, 24, 32, 96, 160],
}


def decoder(kind: str, channels: list[int]) -> nn.Module:
    finest = 2 if len(channels) == 5 else 4
    config: dict = {"type": kind, "in_channels": channels, "num_classes": 12}
    if kind == "UNetHead":
        config["decoder_channels"] = [32, 24, 16, 8]
    elif kind == "UNetPlusPlusHead":
        config |= {"decoder_channels": [32, 24, 16, 8][-len(channels) + 1 :], "stride": finest}
    else:
        config["in_channels"] = channels[-4:]
    return MODELS.build(config)


@pytest.fixture(scope="module")
def maps() -> dict[str, list[Tensor]]:
    load_config("anime-unet", ROOT / "mmseg_configs")  # registers
    found = {}
    for name, channels in ENCODERS.items():
        encoder = MODELS.build({"type": name})
        with torch.no_grad():
            found[name] = list(encoder(torch.randn(1, 3, 64, 96)))
        finest = 2 if len(channels) == 5 else 4
        shapes = [(c, 64 // (finest * 2**i), 96 // (finest * 2**i)) for i, c in enumerate(channels)]
        assert [tuple(m.shape[1:]) for m in found[name]] == shapes
    return found


@pytest.mark.parametrize("kind", ["UNetHead", "UNetPlusPlusHead", "UNetFormerHead"])
@pytest.mark.parametrize("encoder", ENCODERS)
def test_any_encoder_goes_with_any_decoder(encoder: str, kind: str, maps: dict[str, list[Tensor]]) -> None:
    head = decoder(kind, ENCODERS[encoder]).eval()
    with torch.no_grad():
        assert head(maps[encoder]).shape == (1, 12, 64, 96)


def test_the_published_baseline_ends_in_probabilities(maps: dict[str, list[Tensor]]) -> None:
    channels = ENCODERS["MobileNetV2Skips"]
    head = MODELS.build({"type": "MobileUNetHead", "in_channels": channels, "num_classes": 12, "softmax": True}).eval()
    with torch.no_grad():
        out = head(maps["MobileNetV2Skips"])
        head.softmax = False
        logits = head(maps["MobileNetV2Skips"])
    assert torch.allclose(out.sum(dim=1), torch.ones(1, 64, 96)) and torch.equal(out, logits.softmax(dim=1))


def test_a_swin_decoder_goes_with_any_encoder_that_doubles_its_channels(maps: dict[str, list[Tensor]]) -> None:
    head = SwinUNetHead(ENCODERS["ConvNeXtT"], num_classes=12).eval()
    with torch.no_grad():
        assert head(maps["ConvNeXtT"]).shape == (1, 12, 64, 96)


def test_window_attention_moves_with_its_windows() -> None:
    """Windows see themselves only: a picture moved by one window gives the same, moved, inside."""
    load_config("anime-unet", ROOT / "mmseg_configs")
    attention = UNetFormerHead([8, 8, 8, 8], channels=16, heads=2, window=4, num_classes=3).blocks[0].attention.eval()
    image = torch.randn(1, 16, 24, 24, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        within = attention._within_windows(image)
        moved = attention._within_windows(image.roll((4, 8), (2, 3)))
        torch.testing.assert_close(moved, within.roll((4, 8), (2, 3)))
        image[:, :, 5, 5] += 1
        changed = (attention._within_windows(image) != within).any(1)[0]
    assert changed[4:8, 4:8].all() and changed.sum() == 16

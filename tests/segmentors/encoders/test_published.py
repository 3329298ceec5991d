"""Encoders are those of the papers, and load the checkpoints that people have, whole."""

import logging
import math
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from mmseg.registry import MODELS

from cubiseg.segmentors.build import build_segmentor, load_config
from tests.conftest import ROOT
from tests.segmentors.encoders import published
from tests.segmentors.encoders.published import Shapes

CONFIGS = ROOT / "mmseg_configs"
_STATISTICS = ("running_mean", "running_var", "num_batches_tracked", "relative_position_index")

# Architecture, checkpoint, parameters that its publisher states (of the classifier, or of the encoder alone), and what
# our encoder has no use for.
CASES = {
    "torchvision EfficientNetV2-S": (
        "anime-unet-efficientnetv2",
        published.torchvision_efficientnet_v2_s(),
        21_458_488,
        ("features.7.", "classifier."),
    ),
    "torchvision ConvNeXt-T": (
        "anime-unet-convnext",
        published.torchvision_convnext_tiny(),
        28_589_128,
        ("classifier.",),
    ),
    "timm ConvNeXt-T": ("anime-unet-convnext", published.timm_convnext_tiny(), 28_589_128, ("head.",)),
    "OpenMMLab ConvNeXt-T": ("anime-unet-convnext", published.openmmlab_convnext_tiny(), 28_589_128, ("head.",)),
    "torchvision MobileNetV2": (
        "baseline-mobilenetv2",
        published.torchvision_mobilenet_v2(),
        3_504_872,
        ("features.17.", "features.18.", "classifier."),
    ),
    "timm MobileNetV2": (
        "baseline-mobilenetv2",
        published.timm_mobilenet_v2(),
        3_504_872,
        ("blocks.6.", "conv_head.", "bn2.", "classifier."),
    ),
    "OpenMMLab Swin-T": ("anime-swin", published.openmmlab_swin_tiny(), 27_517_818, ()),
    "Microsoft Swin-T": ("anime-swin", published.microsoft_swin_tiny(), 28_288_354, ("head.",)),
    "OpenMMLab mit-b0": ("anime-transformer", published.openmmlab_mit(32, (2, 2, 2, 2)), 3_319_392, ()),
    "OpenMMLab mit-b2": ("anime-transformer-b2", published.openmmlab_mit(64, (3, 4, 6, 3)), 24_196_288, ()),
}


def checkpoint(shapes: Shapes, path: Path) -> dict[str, float]:
    """Save tensors of these shapes, each filled with a number of its own; returns the numbers."""
    numbers = {key: float(number) for number, key in enumerate(shapes, 1000)}
    # One stored value a tensor keeps the file small.
    torch.save({"state_dict": {k: torch.tensor(v).expand(shapes[k]) for k, v in numbers.items()}}, path)
    return numbers


@pytest.mark.parametrize("case", CASES)
def test_all_of_a_published_checkpoint_is_loaded(case: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    architecture, shapes, parameters, unused = CASES[case]
    assert sum(math.prod(s) for k, s in shapes.items() if not k.endswith(_STATISTICS)) == parameters

    numbers = checkpoint(shapes, tmp_path / "m.pth")
    config = load_config(architecture, CONFIGS)
    config.model.checkpoint = str(tmp_path / "m.pth")
    model = build_segmentor(config)
    with caplog.at_level(logging.WARNING):
        model.init_weights()
    assert model.started_from == str(tmp_path / "m.pth")
    assert str(tmp_path) not in caplog.text

    loaded = [float(v.flatten()[0]) for v in model.backbone.state_dict().values() if v.min() == v.max()]
    for key, number in numbers.items():
        assert loaded.count(number) == (not key.startswith(unused)), key


def test_patches_merge_as_the_authors_of_swin_merge_them() -> None:
    load_config("anime-swin", CONFIGS)  # registers
    generator = torch.Generator().manual_seed(0)
    encoder = MODELS.build({"type": "SwinT"})
    names = ("norm.weight", "norm.bias", "reduction.weight")
    shapes = published.microsoft_swin_tiny()
    theirs = {
        f"layers.0.downsample.{n}": torch.randn(shapes[f"layers.0.downsample.{n}"], generator=generator) for n in names
    }
    encoder.load_state_dict(encoder.translate(theirs), strict=False)

    x = torch.randn(1, 6, 4, 96, generator=generator)
    corners = [x[:, row::2, column::2] for row, column in ((0, 0), (1, 0), (0, 1), (1, 1))]
    weight, bias, reduction = theirs.values()
    expected = F.layer_norm(torch.cat(corners, dim=-1), (384,), weight, bias) @ reduction.T
    with torch.no_grad():
        found, size = encoder.stages[0].downsample(x.flatten(1, 2), (6, 4))
    assert size == (3, 2)
    torch.testing.assert_close(found.reshape(expected.shape), expected, rtol=1e-4, atol=1e-4)


def test_a_checkpoint_that_fits_in_part_is_named_with_what_is_missing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shapes = {k: s for k, s in published.torchvision_mobilenet_v2().items() if not k.startswith("features.16.")}
    checkpoint(shapes, tmp_path / "m.pth")
    config = load_config("baseline-mobilenetv2", CONFIGS)
    config.model.checkpoint = str(tmp_path / "m.pth")
    model = build_segmentor(config)
    with caplog.at_level(logging.WARNING):
        model.init_weights()
    assert model.started_from
    assert "lacks 15 of the encoder's 240 tensors, first layer6.2.conv.0.conv.weight" in caplog.text

"""A network that tells parts starts from one of classes with its class probabilities, and the reverse comes near."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from cubiseg import taxonomy
from cubiseg.errors import CubisegError
from cubiseg.segmentors.build import Network, build_segmentor, describe, load_config
from cubiseg.segmentors.weights import save_weights
from cubiseg.segmentors.whole import load_whole
from tests.conftest import ROOT

CONFIGS = ROOT / "mmseg_configs"
# A plain last layer, a transposed convolution, a sub-pixel classifier, a transformer's, a decoder without skips.
HEADS = ["baseline-mobilenetv2", "anime-unet", "anime-unetplusplus", "anime-transformer", "anime-unetformer"]


def made(architecture: str, parts: bool) -> torch.nn.Module:
    config = load_config(architecture, CONFIGS, parts=parts)
    config.model.pop("checkpoint", None)
    segmentor = build_segmentor(config)
    torch.nn.init.normal_(segmentor.decode_head.conv_seg.bias, std=2)
    torch.nn.init.normal_(segmentor.decode_head.conv_seg.weight, std=0.3)
    return segmentor


def saved(segmentor: torch.nn.Module, architecture: str, parts: bool, path: Path) -> Path:
    config = load_config(architecture, CONFIGS, parts=parts)
    save_weights(path, Network(segmentor), describe(config, architecture, 64, parts=parts))
    return path


def class_probabilities(segmentor: torch.nn.Module, image: Tensor) -> Tensor:
    """(1, 12, H, W): probabilities of classes, of parts summed."""
    with torch.no_grad():
        probabilities = Network(segmentor).eval()(image).softmax(1)
    if probabilities.shape[1] == taxonomy.NUM_CLASSES:
        return probabilities
    ranges = taxonomy.LEAF_RANGES
    return torch.stack([probabilities[:, low:high].sum(1) for low, high in ranges], 1)


@pytest.mark.parametrize("architecture", HEADS)
def test_classes_start_parts_with_the_same_class_probabilities(architecture: str, tmp_path: Path) -> None:
    torch.manual_seed(1)
    image = torch.randn(1, 3, 64, 64)
    classes, parts = made(architecture, False), made(architecture, True)
    path = saved(classes, architecture, False, tmp_path / "w.safetensors")
    load_whole(classes, path)  # as rounded as the other will be
    load_whole(parts, path)
    expected = class_probabilities(classes, image)
    torch.testing.assert_close(class_probabilities(parts, image), expected, rtol=1e-3, atol=1e-4)
    # And back again exactly, where the parts of a class are alike.
    back = made(architecture, False)
    load_whole(back, saved(parts, architecture, True, tmp_path / "p.safetensors"))
    torch.testing.assert_close(class_probabilities(back, image), expected, rtol=1e-2, atol=2e-3)


def test_parts_start_classes_from_the_mean_of_their_rows(tmp_path: Path) -> None:
    torch.manual_seed(1)
    parts, classes = made("anime-unet", True), made("anime-unet", False)
    load_whole(classes, saved(parts, "anime-unet", True, tmp_path / "w.safetensors"))
    rows, bias = parts.decode_head.conv_seg.weight.half().float(), parts.decode_head.conv_seg.bias
    for number, (low, high) in enumerate(taxonomy.LEAF_RANGES):
        torch.testing.assert_close(classes.decode_head.conv_seg.weight[:, number], rows[:, low:high].mean(1))
        mean = bias[low:high].mean() + torch.tensor(float(high - low)).log()
        torch.testing.assert_close(classes.decode_head.conv_seg.bias[number], mean)


def test_another_architecture_s_tensors_are_one_line(tmp_path: Path) -> None:
    path = saved(made("anime-unet", True), "anime-unet", True, tmp_path / "w.safetensors")
    with pytest.raises(CubisegError, match=r"w.safetensors: \d+ tensors, first .*, do not fit the architecture; set"):
        load_whole(made("baseline-mobilenetv2", True), path)

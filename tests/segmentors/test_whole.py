"""A network that tells parts starts from one of classes with the same class probabilities, and the reverse."""

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
CLASSES = taxonomy.NUM_CLASSES
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


def outputs(segmentor: torch.nn.Module, image: Tensor) -> Tensor:
    """(1, outputs, H, W): logits."""
    with torch.no_grad():
        return Network(segmentor).eval()(image)


@pytest.mark.parametrize("architecture", HEADS)
@pytest.mark.parametrize("from_parts", [False, True], ids=["classes-to-parts", "parts-to-classes"])
def test_either_vocabulary_starts_the_other_with_the_same_classes(
    architecture: str, from_parts: bool, tmp_path: Path
) -> None:
    torch.manual_seed(1)
    image = torch.randn(1, 3, 64, 64)
    first, second = made(architecture, from_parts), made(architecture, not from_parts)
    path = saved(first, architecture, from_parts, tmp_path / "w.safetensors")
    load_whole(first, path)  # as rounded as the other will be
    new = {name: value.clone() for name, value in second.decode_head.conv_seg.state_dict().items()}
    load_whole(second, path)
    expected, found = outputs(first, image), outputs(second, image)
    torch.testing.assert_close(found[:, :CLASSES], expected[:, :CLASSES], rtol=1e-5, atol=1e-5)
    assert expected[:, :CLASSES].std() > 0.1
    if from_parts:
        return
    # What the file does not tell is what a new network has: as many values an output as its last layer has.
    for name, value in second.decode_head.conv_seg.state_dict().items():
        axis = next(i for i, length in enumerate(value.shape) if length % len(taxonomy.OUTPUT_IDS) == 0)
        parts = slice(value.shape[axis] // len(taxonomy.OUTPUT_IDS) * CLASSES, None)
        assert torch.equal(value.movedim(axis, 0)[parts], new[name].movedim(axis, 0)[parts])


def test_another_architecture_s_tensors_are_one_line(tmp_path: Path) -> None:
    path = saved(made("anime-unet", True), "anime-unet", True, tmp_path / "w.safetensors")
    with pytest.raises(CubisegError, match=r"w.safetensors: \d+ tensors, first .*, do not fit the architecture; set"):
        load_whole(made("baseline-mobilenetv2", True), path)

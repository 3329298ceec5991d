"""Every architecture builds, learns and exports at the sizes that it declares."""

from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample

from cubiseg import taxonomy
from cubiseg.exporting import onnx_file, parity, torchscript
from cubiseg.inference.backends import ARCHITECTURES
from cubiseg.model_info import ModelInfo
from cubiseg.segmentors.build import Network, architectures, build_segmentor, describe, load_config, parameter_count
from cubiseg.segmentors.weights import load_weights, read_weights, save_weights
from cubiseg.training.precision import depthwise_in_float32
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

CONFIGS = ROOT / "mmseg_configs"
SIZE = 64
# Millions of values in encoder and decoder.
MILLIONS = {
    "anime-unet": 2.47,
    "anime-unet-lite1": 3.23,
    "anime-unet-lite2": 3.76,
    "anime-unet-plain": 7.25,
    "anime-unet-efficientnetv2": 19.98,
    "anime-unet-convnext": 28.07,
    "anime-unetplusplus": 3.27,
    "anime-unetformer": 2.83,
    "anime-transformer": 3.72,
    "anime-transformer-b2": 24.73,
    "anime-swin": 34.28,
    "baseline-mobilenetv2": 1.56,
}
EVERY = pytest.mark.parametrize("architecture", architectures(CONFIGS))


def test_the_known_architectures_are_there() -> None:
    assert set(MILLIONS) == set(ARCHITECTURES) <= set(architectures(CONFIGS))


@EVERY
def test_it_is_a_short_config_that_inherits(architecture: str) -> None:
    lines = [line for line in (CONFIGS / f"{architecture}.py").read_text().splitlines() if line.strip()]
    assert len(lines) <= 22
    assert any(line.startswith('_base_ = ["./') or "_base_/schedule.py" in line for line in lines)


@pytest.mark.parametrize(("precision", "parts"), [("fp32", False), ("bf16", True)])
@EVERY
def test_one_step_reaches_every_weight(architecture: str, precision: str, parts: bool) -> None:
    config = load_config(architecture, CONFIGS, parts=parts)
    for head in ("decode_head", "auxiliary_head"):
        if head in config.model:
            config.model[head].loss_decode = {"type": "CrossEntropyDiceLoss", "parts": parts}
    # As training runs it: channels last, depthwise filters apart.
    model = build_segmentor(config).train().to(memory_format=torch.channels_last)
    millions = round(parameter_count(Network(model)) / 1e6, 2)
    assert parts or millions == MILLIONS.get(architecture, millions)
    if precision == "bf16":
        depthwise_in_float32(model)

    generator = torch.Generator().manual_seed(0)
    samples = []
    for _ in range(2):
        ids = torch.tensor(list(taxonomy.PART_ID.values() if parts else taxonomy.ID.values()))
        label = ids[torch.randint(0, len(ids), (1, SIZE, SIZE), generator=generator)]
        samples.append(SegDataSample(gt_sem_seg=PixelData(data=label)))
    image = torch.randn(2, 3, SIZE, SIZE, generator=generator).to(memory_format=torch.channels_last)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
        losses = model.loss(image, samples)
    total = sum(value for name, value in losses.items() if "loss" in name)
    assert torch.isfinite(total)
    total.backward()
    wrong = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.isfinite().all()]
    assert not wrong, wrong

    with torch.no_grad():
        logits = Network(model).eval()(image)
    outputs = len(taxonomy.OUTPUT_IDS if parts else taxonomy.NAMES)
    assert logits.shape == (2, outputs, SIZE, SIZE) and logits.isfinite().all()


def calibrate(model: torch.nn.Module, started_from: str | None) -> None:
    """Fit the norms' statistics: an untrained deep encoder gives values near 1e-7, whose norm is all rounding error.

    And let untrained branches weigh little beside what they are added to: forty random layers multiply rounding errors.
    """
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1.0
            if started_from is None:
                torch.nn.init.constant_(module.weight, 0.25)
    with torch.no_grad():
        Network(model.train())(torch.randn(4, 3, SIZE, SIZE))


def told(path: Path) -> tuple[dict, ModelInfo]:
    """What a weights or ONNX file holds, in a form that compares: kind and values by name, and the description."""
    tensors, info = read_weights(path)
    return {name: (value.dtype, value.shape, value.numpy().tobytes()) for name, value in tensors.items()}, info


@EVERY
def test_exports_give_the_networks_logits_at_the_declared_sizes(architecture: str, tmp_path: Path) -> None:
    config = load_config(architecture, CONFIGS)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = build_segmentor(config)
        made.init_weights()
        calibrate(made, made.started_from)
    save_weights(tmp_path / "w.safetensors", Network(made), describe(config, architecture, SIZE))
    network, info = load_weights(tmp_path / "w.safetensors", CONFIGS)

    onnx_file.write_onnx(tmp_path / "m.onnx", network, info)
    torchscript.write_torchscript(tmp_path / "m.pt", network, info)
    assert len(parity.sizes(info)) == (2 if info.dynamic else 1)
    for run in (parity.open_onnx(tmp_path / "m.onnx"), parity.open_torchscript(tmp_path / "m.pt")):
        report = parity.measure(network, run, info, number=1, seed=0)
        assert report.largest_logit_difference < 1e-4
        assert report.equal_pixels > 0.999
        if info.dynamic:
            assert run(np.zeros((3, 3, SIZE, SIZE), np.float32)).shape == (3, taxonomy.NUM_CLASSES, SIZE, SIZE)
    # All weights are in the ONNX file too, by name, so that a training can start from it.
    assert told(tmp_path / "m.onnx") == told(tmp_path / "w.safetensors")
    half = sum(p.numel() for p in network.parameters() if p.ndim >= 2) * 2
    for name in ("w.safetensors", "m.onnx", "m.pt"):
        assert (tmp_path / name).stat().st_size < 1.15 * half + 600_000, name

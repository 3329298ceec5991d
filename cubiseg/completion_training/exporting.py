"""The trained network as the file that ``cubiseg.completion.model`` opens."""

import io
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import helper
from torch import Tensor, nn

from cubiseg.completion.model import INPUTS, OUTPUTS, metadata, open_completion
from cubiseg.completion_training.network import PARTS, CompletionNetwork
from cubiseg.errors import CubisegError
from cubiseg.exporting.onnx_tools import hushed, strip
from cubiseg.files import atomic_write

OPSET = 20
MOST_BYTES = 12_000_000
TOLERANCE = 0.05
"""Largest difference of logits, and of colours in levels of 255, that an export may have."""


class _AsUsed(nn.Module):
    """The network with colours in levels, 0..255."""

    def __init__(self, network: CompletionNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor, label: Tensor, masks: Tensor, part: Tensor) -> tuple[Tensor, Tensor]:
        logits, colours = self.network(image, label, masks, part)
        return logits, colours.clamp(0, 1) * 255


def export(network: CompletionNetwork, path: Path, size: int) -> dict[str, float]:
    """Write a network as ONNX, replaced whole, once the file has shown that it gives the same.

    Args:
        network: on the CPU; is put into evaluation mode.
        path: the file.
        size: side of the square that it was trained with, px.

    Returns:
        What was measured: largest differences of logits and of colours, and megabytes.

    Raises:
        CubisegError: the file gives other values than the network, or is too large.
    """
    used = _AsUsed(network).eval()
    model = _exported(used, size)
    strip(model)
    helper.set_model_props(model, metadata(PARTS, size))
    onnx.checker.check_model(model)
    content = model.SerializeToString(deterministic=True)
    if len(content) > MOST_BYTES:
        raise CubisegError(
            f"{path}: would have {len(content) / 1e6:.1f} MB, over {MOST_BYTES / 1e6:.0f}; widen it less"
        )
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder) / path.name
        trial.write_bytes(content)
        differences = _differences(used, trial, size)
    worst = max(differences.values())
    if not worst <= TOLERANCE:
        raise CubisegError(f"{path}: the exported network differs by {worst:.3g}; not written, report this")
    with atomic_write(path) as file:
        file.write(content)
    return {**differences, "megabytes": round(len(content) / 1e6, 2)}


def _example(size: int, count: int) -> tuple[Tensor, ...]:
    rng = np.random.default_rng(0)
    shapes = ((count, 3, size, size), (count, size, size), (count, 2, size, size))
    drawn = [
        torch.from_numpy(rng.integers(0, high, shape, np.uint8))
        for high, shape in zip((256, 57, 256), shapes, strict=True)
    ]
    return (*drawn, torch.arange(count) % len(PARTS))


def _exported(used: nn.Module, size: int) -> Any:
    buffer: Any = io.BytesIO()
    with hushed(), torch.no_grad():
        torch.onnx.export(
            used,
            _example(size, 2),
            buffer,
            dynamo=False,
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_axes={name: {0: "batch"} for name in (*INPUTS, *OUTPUTS)},
            opset_version=OPSET,
        )
    return onnx.load_from_string(buffer.getvalue())


def _differences(used: nn.Module, path: Path, size: int) -> dict[str, float]:
    """How far the file's values are from the network's, for one part and for several."""
    opened = open_completion(path)
    worst = {"logits": 0.0, "colours": 0.0}
    for count in (1, 3):
        example = _example(size, count)
        with torch.no_grad():
            expected = [out.numpy() for out in used(*example)]
        found = opened.run(*(plane.numpy() for plane in example))
        for name, one, other in zip(worst, expected, found, strict=True):
            worst[name] = max(worst[name], float(np.abs(one - other).max()))
    return {name: round(value, 5) for name, value in worst.items()}

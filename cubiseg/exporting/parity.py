"""How near an exported file comes to the network that it was made from."""

from pathlib import Path

import cv2
import numpy as np
import torch

from cubiseg.exporting.onnx_file import INPUT, OUTPUT
from cubiseg.letterbox import Placement, decoded
from cubiseg.metrics import Metrics
from cubiseg.model_info import Forward, ModelInfo
from cubiseg.segmentors.build import Network


class Parity(Metrics):
    """How near an exported file comes to its network.

    Attributes:
        largest_logit_difference: over all inputs.
        equal_pixels: share of pixels that both decode to the same class and the same part within it, 0..1.
        sizes: sizes of the inputs, ``HxW``.
    """

    largest_logit_difference: float
    equal_pixels: float
    sizes: list[str]


def open_torchscript(path: Path) -> Forward:
    """An exported TorchScript file as a function."""
    module = torch.jit.load(str(path), map_location="cpu").eval()

    @torch.inference_mode()
    def run(values: np.ndarray) -> np.ndarray:
        return module(torch.from_numpy(values)).numpy()

    return run


def open_onnx(path: Path) -> Forward:
    """An exported ONNX file as a function."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return lambda values: session.run([OUTPUT], {INPUT: values})[0]


def sizes(info: ModelInfo) -> list[tuple[int, int]]:
    """The declared size, and where others are allowed a larger, oblong one."""
    height, width = info.input_size
    return [(height, width), *([(height + 2 * info.multiple, width + info.multiple)] if info.dynamic else [])]


def measure(network: Network, run: Forward, info: ModelInfo, number: int, seed: int) -> Parity:
    """Compare logits and labels on blotchy random pictures.

    Args:
        network: what was exported.
        run: the exported file.
        number: number of inputs of each size.
        seed: seed of the inputs.
    """
    rng = np.random.default_rng(seed)
    largest, equal = 0.0, []
    for height, width in sizes(info):
        for _ in range(number):
            values = _picture(rng, height, width, info)
            with torch.inference_mode():
                expected = network(torch.from_numpy(values)).numpy()
            found = run(values)
            largest = max(largest, float(np.abs(found - expected).max()))
            equal.append(float((_ids(found) == _ids(expected)).mean()))
    return Parity(
        largest_logit_difference=float(f"{largest:.1e}"),  # two digits: the last bits depend on the processor
        equal_pixels=round(float(np.mean(equal)), 5),
        sizes=[f"{height}x{width}" for height, width in sizes(info)],
    )


def _ids(logits: np.ndarray) -> np.ndarray:
    """What logits, (1, outputs, H, W) float32, are decoded to at their own size: (H, W) uint8 ids of either level."""
    size = logits.shape[2], logits.shape[3]
    return decoded(logits[0], Placement(size, size, (0, 0)))[0]


def _picture(rng: np.random.Generator, height: int, width: int, info: ModelInfo) -> np.ndarray:
    """Noise at three scales, in the range of normalised pictures: (1, 3, H, W) float32."""
    rgb = np.zeros((height, width, 3))
    for cells in (4, 16, 64):
        coarse = rng.uniform(0, 255 / 3, (cells, cells, 3))
        rgb += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    normal = (rgb.clip(0, 255) - info.mean) / np.array(info.std)
    return np.ascontiguousarray(normal.transpose(2, 0, 1)[None], np.float32)

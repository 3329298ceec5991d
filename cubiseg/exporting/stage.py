"""The stage export: bare weights to TorchScript, ONNX and a model card, compared with the network."""

import json
from pathlib import Path
from typing import Any

from cubiseg.errors import CubisegError, brief
from cubiseg.exporting import card, parity
from cubiseg.exporting.onnx_file import write_onnx
from cubiseg.exporting.params import ExportParams
from cubiseg.exporting.torchscript import write_torchscript
from cubiseg.files import write_text
from cubiseg.metrics import Metrics
from cubiseg.model_info import Calibration, ModelInfo
from cubiseg.segmentors.build import parameter_count, use_threads
from cubiseg.segmentors.weights import load_weights


class FileFigures(Metrics):
    """One exported file: its size and how near it comes to the network (see :class:`cubiseg.exporting.parity.Parity`).

    Attributes:
        bytes: size of the file.
        largest_logit_difference, equal_pixels, sizes: how near it comes to the network, and at which inputs.
    """

    bytes: int
    largest_logit_difference: float
    equal_pixels: float
    sizes: list[str]


class ExportMetrics(Metrics):
    """Figures of the stage export: architecture, number of trainable values, and those of both files."""

    architecture: str
    parameters: int
    torchscript: FileFigures
    onnx: FileFigures


def export(params: ExportParams, configs: Path, weights: Path, scores: Path | None, out: Path) -> ExportMetrics:
    """Write the model files and the card.

    Args:
        params: inputs of the comparison.
        configs: folder of architectures.
        weights: weights file of the stage train.
        scores: metrics of the stage evaluate, for the card and for the calibration in the description; None leaves
            both out.
        out: folder for the files.

    Raises:
        CubisegError: weights or metrics cannot be used, or a file cannot be written.
    """
    use_threads()
    network, info = load_weights(weights, configs)
    known = _read_scores(scores)
    info = calibrated(info, known, scores)
    files = {kind: out / f"{card.STEM}{suffix}" for kind, suffix in (("torchscript", ".pt"), ("onnx", ".onnx"))}
    write_torchscript(files["torchscript"], network, info)
    write_onnx(files["onnx"], network, info)
    write_text(out / f"{card.STEM}.md", card.card(info, parameter_count(network), known))

    openers = {"torchscript": parity.open_torchscript, "onnx": parity.open_onnx}
    figures = {}
    for kind, file in files.items():
        near = parity.measure(network, openers[kind](file), info, params.parity_inputs, params.seed)
        figures[kind] = FileFigures(bytes=file.stat().st_size, **near.model_dump())
    return ExportMetrics(architecture=info.architecture, parameters=parameter_count(network), **figures)


def calibrated(info: ModelInfo, known: dict[str, Any] | None, path: Path | None) -> ModelInfo:
    """The description with the calibration that the stage evaluate has fitted; as it is where it fitted none."""
    told = (known or {}).get("calibration")
    if told is None:
        return info
    try:
        offsets = tuple(told["offsets"][name] for name in info.classes)
        how = Calibration(temperature=told["temperature"], offsets=offsets)
    except (KeyError, TypeError, ValueError) as error:
        raise CubisegError(f"{path}: tells no calibration ({brief(error)}); run `dvc repro evaluate`") from error
    return info.model_copy(update={"calibration": how})


def _read_scores(path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CubisegError(f"{path}: not a metrics file ({type(error).__name__}); run `dvc repro evaluate`") from error

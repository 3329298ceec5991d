"""An exported model file as a segmenter: ONNX by onnxruntime, TorchScript by torch (imported only for such a file)."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from cubiseg import settings
from cubiseg.boxes import Box
from cubiseg.errors import CubisegError, brief
from cubiseg.imaging import Picture
from cubiseg.inference import model_file
from cubiseg.inference.ground import ground
from cubiseg.inference.segmentation import Segmentation, finalize, without_bars
from cubiseg.letterbox import best_parts, class_logits, from_logits, part_map, to_input
from cubiseg.model_info import METADATA_KEY, Forward, ModelInfo
from cubiseg.part_choices import DIVIDED, PartChoices


class ExportedModel:
    """A segmenter over a model file.

    Args:
        path: model file, ``.onnx`` or TorchScript ``.pt``.
        name: backend name; anything but ``anime-advanced`` must be the architecture inside.
        low_confidence: mean confidence over the foreground, 0..1, below which a result carries a warning.
        choices: whether a model of parts tells the best part of every class at each pixel too.

    Raises:
        CubisegError: the file is unreadable, broken, unsafe, not ours, or of another architecture.
    """

    def __init__(self, path: Path, name: str, low_confidence: float, *, choices: bool = False) -> None:
        self.path, self.name, self._low_confidence, self._choices = path, name, low_confidence, choices
        self.info, self._forward = _load(path)
        self.architecture = self.info.architecture
        if name not in ("anime-advanced", self.architecture):
            raise CubisegError(
                f"{path}: holds {self.architecture}, not {name}; use --backend {self.architecture} or anime-advanced,"
                f" or train it: dvc exp run -S train.architecture={name}"
            )

    def segment(self, picture: Picture) -> Segmentation:
        """Label one picture; its bars are cut off, and clear pixels are plain ground for the network.

        Raises:
            CubisegError: the network fails, or gives no finite logits of the agreed shape.
        """
        return without_bars(picture, self._segment)

    def _segment(self, picture: Picture) -> Segmentation:
        batch, placement = to_input(picture.over(ground(picture)), self.info)
        try:
            logits = self._forward(batch)
        except Exception as error:
            # Runtimes raise their own unrelated classes (onnxruntime's Fail, torch's RuntimeError, MemoryError …).
            raise CubisegError(f"{self.path}: the network failed ({brief(error, 160)}); export it again") from error
        expected = (1, self.info.outputs, *batch.shape[2:])
        if logits.shape != expected:
            raise CubisegError(f"{self.path}: gives logits {logits.shape}, not {expected}; export it again")
        if not np.isfinite(logits).all():
            raise CubisegError(f"{self.path}: gives logits that are not finite; train or export it again")
        (logits,) = logits
        apart = self.info.parts is not None
        label, confidence = from_logits(class_logits(logits) if apart else logits, placement)
        cell = max(placement.original) / max(placement.scaled)
        raw = Segmentation(label, confidence, self.name, self.architecture, cell=cell)
        final = finalize(raw, picture, self._low_confidence)
        if not apart:
            return final
        height, width = picture.size
        choices = (
            PartChoices(best_parts(logits, placement, DIVIDED), Box(0, 0, width, height), picture.size)
            if self._choices
            else None
        )
        return replace(final, parts=part_map(logits, placement, final.label), choices=choices)


def model_info(path: Path) -> ModelInfo:
    """What a model file says of itself; loads the whole file.

    Raises:
        CubisegError: the file is unreadable, broken, unsafe or not ours.
    """
    return _load(path)[0]


def _load(path: Path) -> tuple[ModelInfo, Forward]:
    content = model_file.read_bytes(path)
    try:
        if path.suffix.lower() == ".onnx":
            metadata, forward = _load_onnx(path, content)
        else:
            from cubiseg.inference.torchscript import load_torchscript

            metadata, forward = load_torchscript(content)
    except ModuleNotFoundError as error:
        raise CubisegError(f"{path}: needs {error.name}, which is not installed; use the .onnx file") from error
    except CubisegError:
        raise
    except Exception as error:
        # Both runtimes raise nearly anything on hostile bytes.
        raise CubisegError(f"{path}: is no usable model ({brief(error, 160)}); fetch or export it again") from error
    info = ModelInfo.parse(metadata, str(path))
    h, w = info.input_size
    if h % info.multiple or w % info.multiple:
        raise CubisegError(f"{path}: input size {h}x{w} is no multiple of {info.multiple}; export it again")
    return info, forward


def _load_onnx(path: Path, content: bytes) -> tuple[str | None, Forward]:
    """The metadata and the network of an ONNX file. Raises anything on a broken file."""
    if model_file.has_external_data(content):
        raise CubisegError(f"{path}: keeps weights in other files, which is unsafe; export it as one file")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # its faults come as exceptions; its own lines would break the one-line rule
    options.intra_op_num_threads = settings.THREADS.read() or 0  # 0 leaves it to the runtime
    # Its own fallback only prints to stdout and tries the same again.
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"], enable_fallback=0)
    names = [i.name for i in session.get_inputs()], [o.name for o in session.get_outputs()]
    if names != (["image"], ["logits"]):
        raise ValueError(f"tensors {names[0]} -> {names[1]}, not image -> logits")
    metadata = session.get_modelmeta().custom_metadata_map.get(METADATA_KEY)
    return metadata, lambda batch: session.run(["logits"], {"image": batch})[0]

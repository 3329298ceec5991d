"""An exported model file as a segmenter: ONNX by onnxruntime, TorchScript by torch (imported only for such a file)."""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from cubiseg.boxes import Box
from cubiseg.errors import CubisegError, brief
from cubiseg.heads import find_heads, piece_around
from cubiseg.imaging import Picture
from cubiseg.inference import faces, model_file, quality
from cubiseg.inference.areas import areas, even_out
from cubiseg.inference.edges import at_edges
from cubiseg.inference.ground import ground
from cubiseg.inference.looks import LEAST_GAIN, Look, LookName, add_mirrored, in_steps, merged, mirrored_classes
from cubiseg.inference.onnx_session import session_of
from cubiseg.inference.segmentation import FoundHead, Segmentation, cleaned, finalize, without_bars
from cubiseg.letterbox import (
    best_parts,
    calibrated,
    class_logits,
    from_logits,
    largest,
    part_logits,
    part_map,
    to_input,
)
from cubiseg.model_info import METADATA_KEY, Calibration, Forward, ModelInfo
from cubiseg.part_choices import DIVIDED, PartChoices
from cubiseg.workers import both, side_by_side


class ExportedModel:
    """A segmenter over a model file.

    Args:
        path: model file, ``.onnx`` or TorchScript ``.pt``.
        name: backend name; anything but ``anime-advanced`` must be the architecture inside.
        low_confidence: mean confidence over the foreground, 0..1, below which a result carries a warning.
        choices: whether a model of parts tells the best part of every class at each pixel too.
        look: how often a picture is looked at.
        all_characters: whether each head is looked at again, or the largest alone.
        loaded: what the file holds, where somebody has it ready to run; None reads it.

    Raises:
        CubisegError: the file is unreadable, broken, unsafe, not ours, or of another architecture.
    """

    def __init__(
        self,
        path: Path,
        name: str,
        low_confidence: float,
        *,
        choices: bool = False,
        look: LookName = "once",
        all_characters: bool = False,
        loaded: tuple[ModelInfo, Forward] | None = None,
    ) -> None:
        self.path, self.name, self._low_confidence, self._choices = path, name, low_confidence, choices
        self._look, self._all_characters = look, all_characters
        self.info, self._forward = loaded or _load(path)
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

    def seen(self, picture: Picture) -> Segmentation:
        """What the network alone sees of a picture without bars, borders at edges: not calibrated, no part is told.

        Raises:
            CubisegError: as for :meth:`segment`.
        """
        return self._seen(picture)[0]

    def _seen(self, picture: Picture) -> tuple[Segmentation, list[Look], np.ndarray]:
        """:meth:`seen`, the looks that it was seen by, and its confidence after calibration."""
        rgb = picture.over(ground(picture))
        looks, heads = self.looks(rgb)
        how = self.info.calibration
        told = partial(decided, rgb, looks, how)
        (label, confidence, sure), predicted = both(told, partial(quality.predicted_iou, looks, how), picture.size)
        raw = Segmentation(
            label,
            confidence,
            self.name,
            self.architecture,
            cell=looks[0].cell,
            look="once" if self._look == "twice" and len(looks) == 1 else self._look,
            heads=heads,
            at_edges=True,
            predicted_iou=predicted,
        )
        return raw, looks, sure

    def _segment(self, picture: Picture) -> Segmentation:
        raw, looks, sure = self._seen(picture)
        seen = raw.confidence
        raw = replace(raw, confidence=sure, face=faces.probability(raw.label, seen))
        final = finalize(raw, picture, self._low_confidence)
        told = [
            partial(part_map, look.parts, look.placement, final.label[look.box.window])
            for look in looks
            if look.parts is not None
        ]
        if not told:
            return cleaned(final, seen)
        parts, *others = side_by_side(told, picture.size)
        for look, finer in zip(looks[1:], others, strict=True):
            parts[look.box.window] = finer
        final = replace(final, parts=parts)
        if not self._choices:
            return cleaned(final, seen)
        # Who asks for choices says the classes, and wants the parts as the network sees them.
        size = picture.size
        return replace(final, choices=PartChoices(_choices(looks, size), Box(0, 0, *size[::-1]), size))

    def looks(self, rgb: np.ndarray) -> tuple[list[Look], tuple[FoundHead, ...]]:
        """All looks at a picture, (H, W, 3) uint8, merged in their order, and the heads, the largest first.

        Raises:
            CubisegError: as :meth:`segment`.
        """
        first = self._see(rgb, Box(0, 0, rgb.shape[1], rgb.shape[0]))
        return ([first], ()) if self._look == "once" else self._look_again(rgb, first)

    def _look_again(self, rgb: np.ndarray, first: Look) -> tuple[list[Look], tuple[FoundHead, ...]]:
        """All looks, merged in their order, and the heads, the largest first, with what was looked at again."""
        size = rgb.shape[:2]
        seen = first.placement.scaled
        placed = replace(first.placement, original=seen)
        label, _ = from_logits(first.logits, placed)
        if first.parts is not None:
            label = part_map(first.parts, placed, label)
        found = [_enlarged(box, seen, size) for box in find_heads(label)]
        heads = [FoundHead(box) for box in found]
        looks = [first]
        wanted = [
            (number, piece)
            for number, box in enumerate(found if self._all_characters else found[:1])
            if first.cell >= LEAST_GAIN * _cell(piece := piece_around(box, size), self.info)
        ]
        # The largest piece first: where two overlap, the finer look has the last word.
        for number, piece in sorted(wanted, key=lambda one: (-one[1].longest, one[0])):
            look = self._see(rgb, piece)
            heads[number] = replace(heads[number], seen=piece, cell=look.cell)
            looks.append(merged(look, looks, size))
        return looks, tuple(heads)

    def _see(self, rgb: np.ndarray, box: Box) -> Look:
        """What the network sees of a piece, evened out over areas; ``flipped``, the mean with what it sees mirrored."""
        batch, placement = to_input(rgb[box.window], self.info)
        found = partial(areas, rgb[box.window], placement.scaled)
        area, (logits, parts, views) = both(found, partial(self._outputs, batch), rgb.shape[:2])
        even_out(logits, parts, placement, area)
        return Look(box, logits, placement, views, parts)

    def _outputs(self, batch: np.ndarray) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
        """Logits of classes, (C, h, w) float32, and of parts, and the views, as a :class:`Look` holds them."""
        given = self._logits(batch)
        logits = class_logits(given).copy()
        parts = in_steps(part_logits(given)) if self.info.parts else None
        del given  # before the mirrored ones take as much again
        if self._look != "flipped":
            return logits, parts, None
        others = self._logits(np.ascontiguousarray(batch[..., ::-1]))
        views = np.stack([largest(logits), mirrored_classes(largest(class_logits(others)))])
        add_mirrored([*logits, *(() if parts is None else parts)], others)
        return logits, parts, views

    def _logits(self, batch: np.ndarray) -> np.ndarray:
        try:
            logits = self._forward(batch)
        except Exception as error:
            # Runtimes raise their own unrelated classes (onnxruntime's Fail, torch's RuntimeError, MemoryError …).
            raise CubisegError(f"{self.path}: the network failed ({brief(error, 160)}); export it again") from error
        expected = (1, self.info.outputs, *batch.shape[2:])
        if logits.shape != expected:
            raise CubisegError(f"{self.path}: gives logits {logits.shape}, not {expected}; export it again")
        if not all(np.isfinite(plane).all() for plane in logits[0]):  # planes fit into a cache
            raise CubisegError(f"{self.path}: gives logits that are not finite; train or export it again")
        return logits[0]


def decided(
    rgb: np.ndarray, looks: Sequence[Look], calibration: Calibration | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What merged looks say of each pixel, with borders at the picture's edges.

    Args:
        rgb: (H, W, 3) uint8, sRGB.
        looks: in their order, the first of the whole picture.
        calibration: temperature and offsets; the label map does not depend on them.

    Returns:
        label (H, W) uint8, ids of classes; confidence (H, W) float32, 0..1, as the network has it, by which rules
        decide; and as it is calibrated, by which people are told: the same array where ``calibration`` is None.
    """
    told = [partial(_classes, rgb, look, calibration) for look in looks]
    planes, *again = side_by_side(told, rgb.shape[:2])
    for look, finer in zip(looks[1:], again, strict=True):
        for plane, other in zip(planes[: 2 if calibration is None else 3], finer, strict=False):
            plane[look.box.window] = other
    return planes


def _classes(rgb: np.ndarray, look: Look, calibration: Calibration | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """:func:`decided` of what a single look shows."""
    found = from_logits(look.logits, look.placement)
    label, seen = at_edges(rgb[look.box.window], look.logits, look.placement, *found)
    if calibration is None:
        return label, seen, seen
    sure = calibrated(look.logits, look.placement, calibration)
    # At a moved border the confidence is a fitted probability: one class against the rest.
    moved = label != found[0]
    probability = seen[moved].clip(1e-6, 1 - 1e-6)
    odds = np.log(probability / (1 - probability)) / calibration.temperature
    sure[moved] = 1 / (1 + np.exp(-odds - np.array(calibration.offsets, np.float32)[label[moved]]))
    return label, seen, sure


def _enlarged(box: Box, size: tuple[int, int], to: tuple[int, int]) -> Box:
    """The smallest box of whole pixels around the same place in a picture of another size (height, width)."""
    (height, width), (th, tw) = size, to
    return Box(
        math.floor(box.left * tw / width),
        math.floor(box.top * th / height),
        math.ceil(box.right * tw / width),
        math.ceil(box.bottom * th / height),
    )


def _cell(box: Box, info: ModelInfo) -> float:
    """Pixels of the picture, along a side, that one pixel of the network covers where it sees a piece."""
    return max(box.height / info.input_size[0], box.width / info.input_size[1])


def _choices(looks: Sequence[Look], size: tuple[int, int]) -> np.ndarray:
    """The best part of every class that has parts, as :func:`cubiseg.letterbox.best_parts` gives it."""
    parts = [look.parts for look in looks if look.parts is not None]
    best = best_parts(parts[0], looks[0].placement, DIVIDED)
    height, width = best.shape[1:]
    for look, finer in zip(looks[1:], parts[1:], strict=True):
        piece = _enlarged(look.box, size, (height, width))
        shape = round(piece.height), round(piece.width)
        at = (slice(None), *piece.window)
        best[at] = best_parts(finer, replace(look.placement, original=shape), DIVIDED)
    return best


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
    session = session_of(content)
    names = [i.name for i in session.get_inputs()], [o.name for o in session.get_outputs()]
    if names != (["image"], ["logits"]):
        raise ValueError(f"tensors {names[0]} -> {names[1]}, not image -> logits")
    metadata = session.get_modelmeta().custom_metadata_map.get(METADATA_KEY)
    outputs, kind = session.get_outputs()[0].shape[1], session.get_outputs()[0].type
    if not isinstance(outputs, int) or kind != "tensor(float)":
        raise ValueError(f"logits of {outputs} classes, {kind}")

    def forward(batch: np.ndarray) -> np.ndarray:
        # Into memory of ours: the runtime keeps what it takes itself, and held outputs would have to be copied.
        logits = np.empty((len(batch), outputs, *batch.shape[2:]), np.float32)
        binding = session.io_binding()
        binding.bind_cpu_input("image", batch)
        binding.bind_output("logits", "cpu", 0, np.float32, logits.shape, logits.ctypes.data)
        session.run_with_iobinding(binding)
        return logits

    return metadata, forward

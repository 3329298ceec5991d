"""The network that continues parts beneath others, run by onnxruntime: all parts of a picture in a few batches.

Its file is untrusted, as every model file: size, kind, taxonomy, tensors and what it gives are checked.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, Json, ValidationError

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.completion.colours import agreeing
from cubiseg.completion.crops import Crop, Planes, piece, planes, put_back
from cubiseg.errors import CubisegError, brief, fault
from cubiseg.inference import model_file
from cubiseg.inference.onnx_session import session_of
from cubiseg.workers import side_by_side

KIND = "cubiseg-completion"
FORMAT_VERSION = 1
MAX_BYTES = 64 << 20
"""A completion's file is under 12 MB; a much larger one is something else."""
INPUTS = ("image", "label", "masks", "part")
"""(N, 3, S, S), (N, S, S) and (N, 2, S, S) uint8, and (N,) int64: colours, ids of classes and parts (255 outside of the
picture), what is seen of the part and what may hide it (0..255), and the part's place in ``parts``."""
OUTPUTS = ("logits", "rgb")
"""(N, S, S) float32, of the part being there, and (N, 3, S, S) float32, its colours, 0..255."""
BATCH = 16
"""Parts that are run at once: more take more memory and no less time."""
REMEDY = "make one with `make completion` in a clone"


@dataclass(frozen=True)
class SeenPart:
    """A part to complete.

    Attributes:
        name: class or part.
        visible: (H, W) bool, what is seen of it.
        may_hide: (H, W) bool, where it may be continued, beneath what is stacked above it.
    """

    name: str
    visible: np.ndarray
    may_hide: np.ndarray


@dataclass(frozen=True)
class Completion:
    """A part, seen and hidden.

    Attributes:
        box: the piece of the picture that the arrays are of.
        alpha: (h, w) float32, 0..1: 1 where the part is seen, 0 where nothing may hide it.
        rgb: (h, w, 3) uint8, sRGB; the picture's where the part is seen.
        sure: 0..1, the IoU of the hidden area that the network's own probabilities let expect; 1 where none is.
    """

    box: Box
    alpha: np.ndarray
    rgb: np.ndarray
    sure: float


class _Metadata(BaseModel):
    """What a file of this kind says of itself."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    kind: Literal["cubiseg-completion"]
    format_version: Literal["1"]
    taxonomy_version: Annotated[int, Field(ge=1, le=10_000)]
    parts: Json[Annotated[tuple[str, ...], Field(min_length=1, max_length=250)]]
    size: Annotated[int, Field(ge=32, le=512, multiple_of=32)]


def metadata(parts: Sequence[str], size: int) -> dict[str, str]:
    """The metadata of a completion's file for this taxonomy.

    Args:
        parts: names that the network knows, in its order.
        size: side of the network's square, px.
    """
    return {
        "kind": KIND,
        "format_version": str(FORMAT_VERSION),
        "taxonomy_version": str(taxonomy.VERSION),
        "parts": json.dumps(list(parts)),
        "size": str(size),
    }


class CompletionModel:
    """A network that is ready to complete parts.

    Attributes:
        path: its file.
        taxonomy_version: version of the taxonomy that it is made for.
        parts: names of classes and parts that it knows.
        size: side of its square, px.
    """

    def __init__(self, path: Path, session: Any, told: _Metadata) -> None:
        self.path, self._session = path, session
        self.taxonomy_version, self.parts, self.size = told.taxonomy_version, told.parts, told.size

    def complete(self, rgb: np.ndarray, label: np.ndarray, jobs: Sequence[SeenPart]) -> list[Completion]:
        """Complete parts of a picture; the result of one does not depend on the others.

        Args:
            rgb: (H, W, 3) uint8, straight colours, sRGB.
            label: (H, W) uint8, ids of classes and parts.
            jobs: parts of which at least one pixel is seen, by names among :attr:`parts`.

        Returns:
            One for each job, in their order.

        Raises:
            ValueError: a name that the network does not know, a size that differs, or a part that is not seen.
            CubisegError: the network fails, or gives what it must not.
        """
        for job in jobs:
            if job.name not in self.parts:
                raise ValueError(f"{job.name!r} is no part that {self.path.name} completes")
            if not rgb.shape[:2] == label.shape == job.visible.shape == job.may_hide.shape:
                raise ValueError(f"{job.name}: masks and picture differ in size")
        crops = [Crop.of(piece(job.name, job.visible, job.may_hide), self.size) for job in jobs]
        out: list[Completion] = []
        for first in range(0, len(jobs), BATCH):
            some = list(zip(jobs[first : first + BATCH], crops[first : first + BATCH], strict=True))
            asked = [partial(planes, rgb, label, job.visible, job.may_hide, crop) for job, crop in some]
            seen = side_by_side(asked, label.shape)
            logits, colours = self.run(
                np.stack([one.rgb.transpose(2, 0, 1) for one in seen]),
                np.stack([one.label for one in seen]),
                np.stack([np.stack([one.visible, one.may_hide]) for one in seen]),
                np.array([self.parts.index(job.name) for job, _ in some], np.int64),
            )
            answers = zip(some, seen, logits, colours, strict=True)
            told = [partial(_completion, rgb, *asked, one, said, colour) for asked, one, said, colour in answers]
            out += side_by_side(told, label.shape)
        return out

    def run(self, *inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What the network says of some crops: arrays as :data:`INPUTS` and :data:`OUTPUTS` have them.

        Raises:
            CubisegError: it fails, or gives what it must not.
        """
        try:
            logits, colours = self._session.run(list(OUTPUTS), dict(zip(INPUTS, inputs, strict=True)))
        except Exception as error:
            # onnxruntime raises its own unrelated classes, and MemoryError.
            raise CubisegError(f"{self.path}: the network failed ({brief(error, 160)}); {REMEDY}") from error
        count, size = len(inputs[0]), self.size
        if logits.shape != (count, size, size) or colours.shape != (count, 3, size, size):
            raise CubisegError(f"{self.path}: gives {logits.shape} and {colours.shape}; {REMEDY}")
        if not (np.isfinite(logits).all() and np.isfinite(colours).all()):
            raise CubisegError(f"{self.path}: gives values that are not finite; {REMEDY}")
        return logits, colours


def _completion(
    rgb: np.ndarray, job: SeenPart, crop: Crop, seen: Planes, logits: np.ndarray, colours: np.ndarray
) -> Completion:
    """What the network said of a crop, put back into the picture: (s, s) and (3, s, s) float32."""
    window = crop.box.window
    agreed = agreeing(job.name, rgb[window], job.visible[window], seen.visible, crop, colours.transpose(1, 2, 0))
    alpha, painted = put_back(rgb, job.visible, job.may_hide, crop, logits, agreed)
    return Completion(crop.box, alpha, painted, expected_iou(logits, seen.may_hide))


def expected_iou(logits: np.ndarray, may_hide: np.ndarray) -> float:
    """How well a hidden area will be met if the probabilities are right: expected intersection by expected union.

    Args:
        logits: (h, w) float32.
        may_hide: (h, w) uint8, weight of each pixel, 0..255.

    Returns:
        0..1; 1 where neither an area is found nor one is likely.
    """
    probability = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
    found = probability >= 0.5
    union = float((np.where(found, 1, probability) * may_hide).sum())
    return float((probability * found * may_hide).sum()) / union if union > 255 else 1.0


def open_completion(path: Path) -> CompletionModel:
    """Open a file that `make completion` wrote.

    Raises:
        CubisegError: not there, unreadable, damaged, unsafe, of another kind, or made for another taxonomy.
    """
    given = model_file.existing(path, REMEDY)
    if given.suffix.lower() != ".onnx":
        raise CubisegError(f"{path}: a completion is an .onnx file; {REMEDY}")
    content = model_file.read_bytes(given, MAX_BYTES)
    try:
        if model_file.has_external_data(content):
            raise CubisegError(f"{path}: keeps weights in other files, which is unsafe; {REMEDY}")
        session = session_of(content)
        told = _Metadata.model_validate(session.get_modelmeta().custom_metadata_map)
    except CubisegError:
        raise
    except ValidationError as error:
        raise CubisegError(f"{path}: is no completion ({fault(error, 'metadata')}); {REMEDY}") from error
    except Exception as error:
        # onnxruntime raises nearly anything on hostile bytes.
        raise CubisegError(f"{path}: is no usable model ({brief(error, 160)}); {REMEDY}") from error
    tensors = tuple(i.name for i in session.get_inputs()), tuple(o.name for o in session.get_outputs())
    if tensors != (INPUTS, OUTPUTS):
        raise CubisegError(f"{path}: has tensors {tensors[0]} -> {tensors[1]}, not {INPUTS} -> {OUTPUTS}; {REMEDY}")
    if any(one.type != "tensor(float)" for one in session.get_outputs()):
        raise CubisegError(f"{path}: gives no 32-bit floats; {REMEDY}")
    if told.taxonomy_version != taxonomy.VERSION or not set(told.parts) <= set(taxonomy.PART_ID):
        raise CubisegError(f"{path}: made for taxonomy {told.taxonomy_version}, this is {taxonomy.VERSION}; {REMEDY}")
    return CompletionModel(path, session, told)

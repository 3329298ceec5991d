"""What an exported model file says of itself, so that it can be used without its training code."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
    model_validator,
)

from cubiseg.errors import CubisegError, fault
from cubiseg.taxonomy import CLASS_OF, CLASSES_VERSION, NAMES, PALETTE, PARTS, VERSION

METADATA_KEY = "cubiseg"
"""Key of the ONNX metadata entry, name of the TorchScript extra file and key of the safetensors header."""

Forward = Callable[[np.ndarray], np.ndarray]
"""A model file that is ready to run: (N, 3, H, W) float32 -> logits (N, outputs, H, W) float32."""

Side = Annotated[int, Field(ge=32, le=4096)]
Triple = tuple[float, float, float]

PARTS_VOCABULARY: dict[str, Any] = {
    "taxonomy": VERSION,
    "parts": tuple(p.name for p in PARTS),
    "part_ids": tuple(p.id for p in PARTS),
    "part_classes": tuple(int(CLASS_OF[p.id]) for p in PARTS),
}
"""What the description of a model of parts says of them."""


class Calibration(BaseModel):
    """What makes confidence as high as it is right: softmax(logits of classes / temperature + offsets).

    Labels are decided by the logits as they are. :mod:`cubiseg.calibration` fits it.

    Attributes:
        temperature: what all logits are divided by.
        offsets: what is added to the logit of each class after that.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    temperature: Annotated[float, Field(ge=0.05, le=20, allow_inf_nan=False)]
    offsets: tuple[Annotated[float, Field(ge=-10, le=10, allow_inf_nan=False)], ...]


class ModelInfo(BaseModel):
    """Description of a segmentation model, stored as JSON under :data:`METADATA_KEY`.

    The network takes (N, 3, H, W) float32, RGB, ``(value in 0..255 - mean) / std``, and gives logits (N, outputs, H,
    W): of the classes, and after them of the ``parts`` where there are any. A softmax over the classes gives their
    probabilities; one over the parts of a class those of the parts within it, by which the class's is multiplied. So a
    class has the sum of its parts' probabilities.

    Attributes:
        taxonomy: version of the taxonomy that the vocabularies are of.
        classes, palette: names and colours of the classes, by id.
        parts: names of the parts that it tells apart; None, and absent from the JSON, where it tells none.
        part_ids: value in a label map of each of ``parts``.
        part_classes: class id of each of ``parts``.
        architecture: name of the config in ``mmseg_configs/``.
        input_size: height and width that the model was trained for; pictures are letterboxed to it.
        calibration: how confidence is made of logits; None, and absent from the JSON, where nobody has fitted it: as if
            the temperature were 1 and the offsets 0.
        dynamic: whether other heights and widths, multiples of ``multiple``, are accepted.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    format: Literal[1] = 1
    taxonomy: int = CLASSES_VERSION
    classes: tuple[str, ...] = NAMES
    palette: tuple[tuple[int, int, int], ...] = PALETTE
    parts: tuple[str, ...] | None = None
    part_ids: tuple[int, ...] | None = None
    part_classes: tuple[int, ...] | None = None
    calibration: Calibration | None = None
    architecture: str
    input_size: tuple[Side, Side]
    dynamic: bool = True
    multiple: Annotated[int, Field(ge=1, le=256)] = 32
    mean: Triple
    std: Triple

    @model_validator(mode="after")
    def _consistent(self) -> "ModelInfo":
        if min(self.std) <= 0:
            raise ValueError("std must be above 0")
        if len(self.palette) != len(self.classes):
            raise ValueError("one palette colour a class")
        if self.calibration is not None and len(self.calibration.offsets) != len(self.classes):
            raise ValueError("one offset a class")
        told = {
            None if of_parts is None else len(of_parts) for of_parts in (self.parts, self.part_ids, self.part_classes)
        }
        if len(told) != 1:
            raise ValueError("one id and one class a part")
        return self

    @model_serializer(mode="wrap")
    def _without_what_is_absent(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in plain(self).items() if value is not None}

    @property
    def outputs(self) -> int:
        """Number of logits a pixel."""
        return len(self.classes) + len(self.parts or ())

    @classmethod
    def parse(cls, text: str | bytes | None, where: str) -> "ModelInfo":
        """Read the JSON of a model file.

        Raises:
            CubisegError: absent, malformed, or made for another taxonomy.
        """
        if not text:
            raise CubisegError(f"{where}: carries no cubiseg metadata; export it with `dvc repro export`")
        try:
            info = cls.model_validate_json(text)
        except ValidationError as error:
            raise CubisegError(f"{where}: bad model metadata ({fault(error, 'metadata')}); export it again") from error
        parts = {name: getattr(info, name) for name in PARTS_VOCABULARY}
        known = info.taxonomy in (CLASSES_VERSION, VERSION) if info.parts is None else parts == PARTS_VOCABULARY
        if info.classes != NAMES or not known:
            raise CubisegError(f"{where}: made for taxonomy {info.taxonomy}, this is {VERSION}; export it again")
        return info

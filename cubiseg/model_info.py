"""What an exported model file says of itself, so that it can be used without its training code."""

from collections.abc import Callable
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from cubiseg.errors import CubisegError, fault
from cubiseg.taxonomy import CLASSES_VERSION, NAMES, PALETTE, VERSION

METADATA_KEY = "cubiseg"
"""Key of the ONNX metadata entry, name of the TorchScript extra file and key of the safetensors header."""

Forward = Callable[[np.ndarray], np.ndarray]
"""A model file that is ready to run: (N, 3, H, W) float32 -> logits (N, C, H, W) float32."""

Side = Annotated[int, Field(ge=32, le=4096)]
Triple = tuple[float, float, float]


class ModelInfo(BaseModel):
    """Description of a segmentation model, stored as JSON under :data:`METADATA_KEY`.

    The network takes (N, 3, H, W) float32, RGB, ``(value in 0..255 - mean) / std``, and gives logits (N, C, H, W).

    Attributes:
        architecture: name of the config in ``mmseg_configs/``.
        input_size: height and width that the model was trained for; pictures are letterboxed to it.
        dynamic: whether other heights and widths, multiples of ``multiple``, are accepted.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    format: Literal[1] = 1
    taxonomy: int = CLASSES_VERSION
    classes: tuple[str, ...] = NAMES
    palette: tuple[tuple[int, int, int], ...] = PALETTE
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
        return self

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
        if info.taxonomy not in (CLASSES_VERSION, VERSION) or info.classes != NAMES:
            raise CubisegError(f"{where}: made for taxonomy {info.taxonomy}, this is {VERSION}; export it again")
        return info

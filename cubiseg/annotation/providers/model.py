"""Provider ``model``: an exported model of this project labels the picture, for self-training.

Its label map is turned into the answer that the protocol asks for: names of regions by most pixels, or a painted map.
Pixels of low confidence count as unknown.
"""

import functools
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from cubiseg import imaging, taxonomy
from cubiseg.annotation.protocols.base import answer_from_label
from cubiseg.annotation.protocols.errors import NoErrors
from cubiseg.answers.free import FreeProvider
from cubiseg.answers.requests import Outcome, Request, Response
from cubiseg.inference import Segmenter, open_segmenter
from cubiseg.inference.model_file import find_model, refuse_own_product

VERSION = 2
LEAST_CONFIDENCE = 0.5
"""Pixels below it are unknown."""


class Model(FreeProvider):
    """See the module.

    Args:
        file: model file; None takes that of ``CUBISEG_MODEL``, else the released one.

    Raises:
        CubisegError: there is none, or only the one that the pipeline trains on these labels.
    """

    name = "model"

    def __init__(self, file: Path | None = None) -> None:
        self.file = refuse_own_product(find_model(file))
        self._hash = hashlib.sha256(self.file.read_bytes()).hexdigest()

    def fingerprint(self, request: Request | None = None) -> Mapping[str, Any]:
        """The model file's hash."""
        return {"name": self.name, "version": VERSION, "model": self._hash, "least_confidence": LEAST_CONFIDENCE}

    @functools.cached_property
    def _segmenter(self) -> Segmenter:
        return open_segmenter("anime-advanced", self.file, look="once")

    def annotate(self, request: Request) -> Response:
        """Label the picture, and say so in the form that was asked for.

        Raises:
            CubisegError: the picture cannot be read.
        """
        result = self._segmenter.segment(imaging.read_picture(request.image))
        label = np.where(result.confidence < LEAST_CONFIDENCE, taxonomy.IGNORE_INDEX, result.label).astype(np.uint8)
        text = answer_from_label(request, label, NoErrors())
        return Response(outcome=Outcome.OK, text=text, model=result.architecture)

"""Provider ``model``: an exported model of this project labels the picture, for self-training.

Its label map is turned into the answer that the protocol asks for: names of regions by most pixels, or a painted map.
Pixels of low confidence count as unknown.
"""

import base64
import functools
import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from cubiseg import imaging, label_maps, taxonomy
from cubiseg.annotation.params import NamingErrors
from cubiseg.annotation.protocols.paint import KEY
from cubiseg.annotation.providers.simulated_names import name_regions
from cubiseg.annotation.providers.simulated_shapes import outline
from cubiseg.annotation.requests import Outcome, Request, Response
from cubiseg.inference import Segmenter, open_segmenter
from cubiseg.inference.model_file import find_model, refuse_own_product
from cubiseg.samples import LabelMethod

VERSION = 1
LEAST_CONFIDENCE = 0.5
"""Pixels below it are unknown."""

_EXACT = NamingErrors(wrong=0, omit=0, twice=0, doubt_wrong=0, doubt_right=0, confusion={})


class Model:
    """See the module.

    Args:
        file: model file; None: that of ``CUBISEG_MODEL``, else the released one.

    Raises:
        CubisegError: there is none, or only the one that the pipeline trains on these labels.
    """

    name = "model"
    method = LabelMethod.MODEL
    needs_truth = False

    def __init__(self, file: Path | None = None) -> None:
        self.file = refuse_own_product(find_model(file))
        self._hash = hashlib.sha256(self.file.read_bytes()).hexdigest()

    def fingerprint(self, request: Request | None = None) -> Mapping[str, Any]:
        """The model file's hash."""
        return {"name": self.name, "version": VERSION, "model": self._hash, "least_confidence": LEAST_CONFIDENCE}

    def worst_cost(self, request: Request) -> float:
        """Own work is free."""
        return 0.0

    @functools.cached_property
    def _segmenter(self) -> Segmenter:
        return open_segmenter("anime-advanced", self.file, ())

    def annotate(self, request: Request) -> Response:
        """Label the picture, and say so in the form that was asked for.

        Raises:
            CubisegError: the picture cannot be read.
        """
        result = self._segmenter.segment(imaging.read_picture(request.image))
        label = np.where(result.confidence < LEAST_CONFIDENCE, taxonomy.IGNORE_INDEX, result.label).astype(np.uint8)
        return Response(outcome=Outcome.OK, text=self._answer(request, label), model=result.architecture)

    def _answer(self, request: Request, label: np.ndarray) -> str:
        rng = np.random.default_rng(0)  # draws nothing where no error is set
        if request.numbers is not None:
            return name_regions(label, request.numbers, _EXACT, rng)
        protocol = request.protocol.rpartition("-")[0]
        if protocol in ("polygon", "box"):
            return outline(label, protocol == "box", 0.0, rng)
        buffer = io.BytesIO()
        Image.fromarray(label_maps.colourise(label)).save(buffer, "PNG")
        return json.dumps({KEY: base64.b64encode(buffer.getvalue()).decode("ascii")})

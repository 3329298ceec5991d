"""Provider ``model``: an exported model of this project labels the picture, for self-training.

Its label map is turned into the answer that the protocol asks for: names of regions by most pixels, or a painted map.
Pixels of low confidence count as unknown.
"""

import functools
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from cubiseg import imaging, taxonomy
from cubiseg.annotation.protocols.base import answer_from_label
from cubiseg.annotation.protocols.errors import NoErrors
from cubiseg.answers.free import FreeProvider
from cubiseg.answers.requests import Outcome, Request, Response
from cubiseg.errors import CubisegError
from cubiseg.inference import Segmenter, open_segmenter
from cubiseg.inference.model_file import find_model, refuse_own_product
from cubiseg.label_maps import read_label, write_label

VERSION = 3
LEAST_CONFIDENCE = 0.5
"""Pixels below it are unknown."""


class Model(FreeProvider):
    """See the module.

    Args:
        file: model file; None takes that of ``CUBISEG_MODEL``, else the released one.
        pictures: folder that keeps its label maps; None labels anew each time.

    Raises:
        CubisegError: there is none, or only the one that the pipeline trains on these labels.
    """

    name = "model"

    def __init__(self, file: Path | None = None, pictures: Path | None = None) -> None:
        self.file = refuse_own_product(find_model(file))
        self.pictures = pictures
        self._hash = hashlib.sha256(self.file.read_bytes()).hexdigest()

    def fingerprint(self, request: Request | None = None) -> Mapping[str, Any]:
        """The model file's hash."""
        return {"name": self.name, "version": VERSION, "model": self._hash, "least_confidence": LEAST_CONFIDENCE}

    @property
    def draw(self) -> Callable[[Request], object] | None:
        """Pictures are labelled beforehand, by all workers, into the cache."""
        return None if self.pictures is None else self._label

    @property
    def _label(self) -> Callable[[Request], np.ndarray]:
        return functools.partial(_label, self.file, self._hash, self.pictures)

    def annotate(self, request: Request) -> Response:
        """Label the picture, and say so in the form that was asked for.

        Raises:
            CubisegError: the picture cannot be read.
        """
        text = answer_from_label(request, self._label(request), NoErrors())
        return Response(outcome=Outcome.OK, text=text, model=_segmenter(self.file, self._hash).architecture)


def _label(file: Path, digest: str, cache: Path | None, request: Request) -> np.ndarray:
    """What the model is sure of: (H, W) uint8, taxonomy ids, 255 elsewhere; remembered."""
    name = hashlib.sha256(f"model:{VERSION}:{digest}:{request.pixels}".encode()).hexdigest()
    path = None if cache is None else cache / name[:2] / f"{name}.labels.png"
    if path is not None and path.is_file():
        try:
            return read_label(path)
        except CubisegError:
            pass  # cut short by a full disk or a kill
    result = _segmenter(file, digest).segment(imaging.read_picture(request.image))
    label = np.where(result.confidence < LEAST_CONFIDENCE, taxonomy.IGNORE_INDEX, result.label).astype(np.uint8)
    if path is not None:
        write_label(path, label)
    return label


@functools.lru_cache(maxsize=1)
def _segmenter(file: Path, digest: str) -> Segmenter:
    return open_segmenter("anime-advanced", file, look="once")

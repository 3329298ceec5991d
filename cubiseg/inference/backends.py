"""The backends by name, and what takes over when one cannot run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from cubiseg.errors import CubisegError
from cubiseg.imaging import Picture
from cubiseg.inference.looks import LookName
from cubiseg.inference.segmentation import Segmentation, Segmenter

ARCHITECTURES = (
    "anime-unet",
    "anime-unet-lite1",
    "anime-unet-lite2",
    "anime-unet-plain",
    "anime-unet-efficientnetv2",
    "anime-unet-convnext",
    "anime-unetplusplus",
    "anime-unetformer",
    "anime-transformer",
    "anime-transformer-b2",
    "anime-swin",
    "baseline-mobilenetv2",
)
"""Backends that are the exported model, provided that it has this architecture."""

BACKENDS = ("anime-advanced", *ARCHITECTURES, "slic", "sam-hq")
LOW_CONFIDENCE = 0.6
"""Mean confidence over the foreground, 0..1, below which a result carries a warning, unless another is asked for."""
LOOK: LookName = "flipped"
"""How often a picture is looked at, unless something else is asked for."""


def check_backend(name: str) -> str:
    """The name itself.

    Raises:
        ValueError: no such backend; the known ones are listed.
    """
    if name not in BACKENDS:
        raise ValueError(f"unknown backend {name!r}; known are {', '.join(BACKENDS)}")
    return name


def open_segmenter(
    backend: str = "anime-advanced",
    model: Path | None = None,
    fallback: Sequence[str] = (),
    low_confidence: float = LOW_CONFIDENCE,
    *,
    choices: bool = False,
    look: LookName = LOOK,
    all_characters: bool = False,
) -> Segmenter:
    """Make a backend ready.

    Args:
        backend: a name in :data:`BACKENDS`.
        model: model file for the backends that need one; None looks for one
            (:func:`cubiseg.inference.model_file.find_model`).
        fallback: backends that take over, in this order; what they make carries a warning.
        low_confidence: mean confidence over the foreground, 0..1, below which a result carries a warning.
        choices: whether results tell the best part of every class at each pixel too; a backend without parts cannot.
        look: how often a picture is looked at (:mod:`cubiseg.inference.looks`); rules look once.
        all_characters: whether each head is looked at again, or the largest alone.

    Raises:
        CubisegError: an unknown name, or neither the backend nor a fallback can run.
    """
    for name in (backend, *fallback):
        try:
            check_backend(name)
        except ValueError as error:
            raise CubisegError(str(error)) from error
    openers = {
        name: partial(_open, name, model, low_confidence, choices, look, all_characters)
        for name in (backend, *fallback)
    }
    return openers[backend]() if len(openers) == 1 else _Chain(openers)


def _open(
    name: str, model: Path | None, low_confidence: float, choices: bool, look: LookName, all_characters: bool
) -> Segmenter:
    if name == "slic":
        from cubiseg.inference.slic import Slic

        return Slic()
    if name == "sam-hq":
        raise CubisegError("sam-hq: this backend is not there yet; use --backend anime-advanced or slic")
    from cubiseg.inference.exported_model import ExportedModel
    from cubiseg.inference.model_file import find_model

    return ExportedModel(
        find_model(model), name, low_confidence, choices=choices, look=look, all_characters=all_characters
    )


class _Chain:
    """The first of several segmenters that can run; a failure on one picture passes only that picture on."""

    def __init__(self, openers: Mapping[str, Callable[[], Segmenter]]) -> None:
        self._openers = openers
        self._ready: list[Segmenter | CubisegError | None] = [None] * len(openers)
        errors: list[CubisegError] = []
        for index in range(len(openers)):
            ready = self._get(index)
            if not isinstance(ready, CubisegError):
                self.name, self.architecture = ready.name, ready.architecture
                return
            errors.append(ready)
        raise errors[0]

    def _get(self, index: int) -> Segmenter | CubisegError:
        if self._ready[index] is None:
            try:
                self._ready[index] = list(self._openers.values())[index]()
            except CubisegError as error:
                self._ready[index] = error
        ready = self._ready[index]
        assert ready is not None  # noqa: S101 - set just above
        return ready

    def segment(self, picture: Picture) -> Segmentation:
        """Label one picture by the first backend that can.

        Raises:
            CubisegError: none can; the first one's reason.
        """
        errors: list[CubisegError] = []
        for index, name in enumerate(self._openers):
            ready = self._get(index)
            if isinstance(ready, CubisegError):
                errors.append(ready)
                continue
            try:
                result = ready.segment(picture)
            except CubisegError as error:
                errors.append(error)
                continue
            if index == 0:
                return result
            # The reason may name paths of this machine, which have no place in a result.
            first = next(iter(self._openers))
            told = f"{first} could not run, {name} took over; `cubiseg doctor` says why"
            return replace(result, warnings=(told, *result.warnings))
        raise errors[0]

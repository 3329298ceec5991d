"""The backends by name, and what takes over when one cannot run, or finds no face."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol, runtime_checkable

from cubiseg.errors import CubisegError, PictureError
from cubiseg.imaging import Picture
from cubiseg.inference.looks import LookName
from cubiseg.inference.segmentation import Segmentation, Segmenter
from cubiseg.inference.segments import MOST, SEGMENTS

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
    fallback: Sequence[str] | None = None,
    low_confidence: float = LOW_CONFIDENCE,
    *,
    choices: bool = False,
    look: LookName = LOOK,
    all_characters: bool = False,
    segments: int = SEGMENTS,
    sam_hq: str | None = None,
    must_run: bool = False,
) -> Segmenter:
    """Make a backend ready.

    Args:
        backend: a name in :data:`BACKENDS`.
        model: model file for the backends that need one; None looks for one
            (:func:`cubiseg.inference.model_file.find_model`).
        fallback: backends that take over, in this order, where one cannot run or finds no face in a picture; what they
            make carries a warning. With none in it, such a picture is an error. None takes whatever the backend gives.
        low_confidence: mean confidence over the foreground, 0..1, below which a result carries a warning.
        choices: whether results tell the best part of every class at each pixel too; a backend without parts cannot.
        look: how often a picture is looked at (:mod:`cubiseg.inference.looks`); rules look once.
        all_characters: whether each head is looked at again, or the largest alone.
        segments: segments without names that a picture without a face is cut into, 1 to
            :data:`cubiseg.inference.segments.MOST`.
        sam_hq: weights of SAM-HQ: a folder, or two ONNX files with a comma between; None looks at ``CUBISEG_SAM_HQ``.
        must_run: whether it is an error that the backend itself cannot run, so that fallbacks take over only where
            there is no face.

    Raises:
        CubisegError: an unknown name, or neither the backend nor a fallback can run.
    """
    for name in (backend, *(fallback or ())):
        try:
            check_backend(name)
        except ValueError as error:
            raise CubisegError(str(error)) from error
    if not 1 <= segments <= MOST:
        raise CubisegError(f"{segments} segments are wanted; ask for 1 to {MOST}")
    options = _Options(model, low_confidence, choices, look, all_characters, segments, sam_hq)
    if fallback is None:
        return _open(backend, options)
    return _Chain({name: partial(_open, name, options) for name in (backend, *fallback)}, must_run)


@dataclass(frozen=True)
class _Options:
    """What :func:`open_segmenter` was asked for, besides names."""

    model: Path | None
    low_confidence: float
    choices: bool
    look: LookName
    all_characters: bool
    segments: int
    sam_hq: str | None


def _open(name: str, options: _Options) -> Segmenter:
    if name == "slic":
        from cubiseg.inference.slic import Slic

        return Slic(options.segments, partial(_namer, replace(options, look="once")))
    if name == "sam-hq":
        from cubiseg.inference.sam_hq import SamHq, open_network

        return SamHq(open_network(options.sam_hq), options.segments, partial(_namer, options))
    from cubiseg.inference.exported_model import ExportedModel
    from cubiseg.inference.model_file import find_model

    return ExportedModel(
        find_model(options.model),
        name,
        options.low_confidence,
        choices=options.choices,
        look=options.look,
        all_characters=options.all_characters,
    )


def _namer(options: _Options) -> Segmenter | None:
    """The model that says whether there is a face, and whose votes name masks; None where there is none."""
    try:
        return _open("anime-advanced", options)
    except CubisegError:
        return None


@runtime_checkable
class _Unnamed(Segmenter, Protocol):
    """A backend that can be told that a picture shows no face."""

    def unnamed(self, picture: Picture) -> Segmentation:
        """Cut a picture into segments without names."""
        ...


class _Chain:
    """The first of several segmenters that can run; what fails on one picture, or finds no face, passes it on."""

    def __init__(self, openers: Mapping[str, Callable[[], Segmenter]], must_run: bool) -> None:
        self._openers, self._must_run = openers, must_run
        self._ready: list[Segmenter | CubisegError | None] = [None] * len(openers)
        errors: list[CubisegError] = []
        for index in range(len(openers)):
            ready = self._get(index)
            if not isinstance(ready, CubisegError):
                self.name, self.architecture = ready.name, ready.architecture
                return
            if must_run:
                raise ready
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
        """Label one picture by the first backend that can, or cut it into segments where none finds a face.

        Raises:
            PictureError: there is no face, and no fallback.
            CubisegError: none can; the first one's reason.
        """
        unable: list[tuple[str, CubisegError]] = []
        faceless: float | None = None
        for index, name in enumerate(self._openers):
            ready = self._get(index)
            if isinstance(ready, CubisegError):
                unable.append((name, ready))
                continue
            try:
                if faceless is not None and isinstance(ready, _Unnamed):
                    result = ready.unnamed(picture)
                else:
                    result = ready.segment(picture)
            except CubisegError as error:
                if self._must_run and index == 0:
                    raise
                unable.append((name, error))
                continue
            if result.shows_face or result.segments is not None:
                told = _told(faceless, [failed for failed, _ in unable], name)
                return replace(
                    result, face=faceless if result.face is None else result.face, warnings=(*told, *result.warnings)
                )
            faceless = result.face
        if faceless is None:
            raise unable[0][1]
        others = "; ".join(str(error) for _, error in unable) or "name one: --fallback slic"
        raise PictureError(f"no drawn face was found (probability {faceless:.2f}), no fallback takes over: {others}")


def _told(faceless: float | None, unable: Sequence[str], taker: str) -> list[str]:
    """Warnings of what was tried before. Reasons may name paths of this machine, which have no place in a result."""
    if faceless is not None:
        aside = f" ({', '.join(unable)} could not run; `cubiseg doctor` says why)" if unable else ""
        return [f"no drawn face was found (probability {faceless:.2f}), {taker} took over{aside}"]
    if not unable:
        return []
    others = f" (nor could {', '.join(unable[1:])})" if unable[1:] else ""
    return [f"{unable[0]} could not run, {taker} took over{others}; `cubiseg doctor` says why"]

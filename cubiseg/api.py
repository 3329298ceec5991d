"""Three calls from a picture to its layers: ``load_picture``, ``segment`` and ``write_layers``.

``from cubiseg import load_picture, segment, write_layers`` gives them. They do what ``cubiseg layers`` does, in your
own program: the model labels the picture, the one that the command line would take. It is read once for all pictures,
and runs on the quickest device that is there, or on the one that ``CUBISEG_DEVICE`` names. Ids in label maps are those
of classes and parts, such as ``hair_front``.

Examples:
    A drawn disc, which is no character, is cut by rules, without a model:

    >>> import tempfile
    >>> import cv2
    >>> import numpy as np
    >>> from cubiseg import load_picture, segment, write_layers
    >>> rgb = np.full((64, 64, 3), 255, np.uint8)
    >>> _ = cv2.circle(rgb, (32, 44), 20, (30, 60, 160), -1)
    >>> picture = load_picture(cv2.imencode(".png", rgb)[1].tobytes())
    >>> picture.size
    (64, 64)
    >>> result = segment(picture, backend="slic", segments=2)
    >>> result.names[int(result.label[40, 32])], result.warnings
    ('segment_002', ('cut into 2 segments without names; name their layers yourself',))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = write_layers(result, f"{folder}/disc")
    ...     list(written.layers), written.psd.stat().st_size > 1000
    (['segment_001', 'segment_002'], True)
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cubiseg.errors import CubisegError, fault, of_picture

if TYPE_CHECKING:
    import numpy as np

    from cubiseg.imaging import Picture
    from cubiseg.inference import Segmentation, Segmenter

__all__ = ["SegmentedPicture", "WrittenLayers", "load_picture", "segment", "write_layers"]

FALLBACK = ("sam-hq", "slic")
"""What takes over in pictures without a face where nothing else is asked for."""


@dataclass(frozen=True)
class SegmentedPicture:
    """A picture and what each of its pixels shows.

    Attributes:
        picture: the picture.
        segmentation: all that the backend tells of it.
    """

    picture: Picture
    segmentation: Segmentation

    @property
    def label(self) -> np.ndarray:
        """The label map, (H, W) uint8: ids of classes and parts, or numbers of segments without names."""
        segments = self.segmentation.segments
        return self.segmentation.finest if segments is None else segments.astype("uint8")

    @property
    def names(self) -> Mapping[int, str]:
        """What the ids in the label map mean, those that occur; 0 is the background."""
        from cubiseg.layers.order import of_segments
        from cubiseg.taxonomy import PART_NAME

        segments = self.segmentation.segments
        known: Any = PART_NAME if segments is None else dict(enumerate(of_segments(int(segments.max())).names))
        return {value: known[value] for value in sorted({*self.label.ravel().tolist()})}

    @property
    def confidence(self) -> np.ndarray:
        """How likely the label of each pixel is right, (H, W) float32, 0..1."""
        return self.segmentation.confidence

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know or look at, one line each."""
        return self.segmentation.warnings


@dataclass(frozen=True)
class WrittenLayers:
    """Where the layers of a picture lie.

    Attributes:
        folder: the picture's folder.
        psd: all layers as a Photoshop document, which Live2D Cubism imports.
        separation: a second one to paint on (profile ``cubism``); None with other profiles.
        layers: the layers' PNG files by the layers' names, bottom to top.
        manifest: JSON that says where each PNG lies in the picture, what it holds, and what to look at.
        preview: one picture of all layers.
    """

    folder: Path
    psd: Path
    separation: Path | None
    layers: Mapping[str, Path]
    manifest: Path
    preview: Path


def load_picture(source: str | os.PathLike[str] | bytes) -> Picture:
    """Read a PNG, JPEG or WebP picture, upright and in sRGB.

    Args:
        source: path of its file, or the file's content.

    Returns:
        The picture: ``rgb`` is (H, W, 3) uint8, ``alpha`` (H, W) uint8 or None, ``warnings`` what may be wrong with it.

    Raises:
        CubisegError: it is missing, no such picture, damaged beyond reading, or has a side outside 64..8192 pixels.
    """
    from cubiseg.imaging import read_picture

    if not isinstance(source, bytes):
        return read_picture(Path(source))
    import tempfile

    with tempfile.TemporaryDirectory(prefix="cubiseg-") as folder:
        path = Path(folder, "picture")
        path.write_bytes(source)
        try:
            return read_picture(path)
        except CubisegError as error:
            raise CubisegError(str(error).replace(str(path), "the given bytes")) from error


def segment(
    picture: Picture,
    *,
    backend: str = "anime-advanced",
    model: str | os.PathLike[str] | None = None,
    fallback: Sequence[str] | None = None,
    look: Literal["once", "twice", "flipped"] = "flipped",
    all_characters: bool = False,
    segments: int = 18,
) -> SegmentedPicture:
    """Say of each pixel of a picture what it shows.

    Args:
        picture: what ``load_picture`` gives.
        backend: what labels the pixels: ``anime-advanced`` is the model, ``slic`` rules that need none.
        model: model file; None looks for one as the command line does.
        fallback: backends that take over, in this order, where one cannot run or finds no drawn face; empty makes such
            a picture an error. None has ``sam-hq`` and ``slic`` take over in pictures without a face alone: a missing
            model is then an error.
        look: how often the model looks: once, twice (then at the head alone), or flipped (both mirrored as well).
        all_characters: whether it looks at each head again, or at the largest alone.
        segments: segments without names that a picture without a face is cut into, 1..48.

    Returns:
        The picture with its label map, (H, W) uint8, and what the ids in it mean.

    Raises:
        CubisegError: no model is there, it cannot be used, or an option cannot be.
    """
    path = None if model is None else Path(model)
    chain, must_run = (FALLBACK, True) if fallback is None else (_several(fallback), not fallback)
    segmenter = _opened(backend, path, chain, must_run, look, all_characters, segments, _here(path))
    try:
        return SegmentedPicture(picture, segmenter.segment(picture))
    except Exception as error:
        told = of_picture("the picture", error)
        if told is None or told is error:
            raise
        raise told from error


def _several(names: Sequence[str]) -> tuple[str, ...]:
    """The names; one that is given alone is one, and not its letters."""
    return (names,) if isinstance(names, str) else tuple(names)


def _here(model: Path | None) -> tuple[object, ...]:
    """What the surroundings decide: the device, and the model file as it is now."""
    from cubiseg import settings
    from cubiseg.inference.model_file import find_model

    device = settings.DEVICE.read()
    try:
        found = find_model(model).resolve()
        told = found.stat()
    except (CubisegError, OSError):  # opening says what is wrong, where a model is needed
        return (device,)
    return device, found, told.st_size, told.st_mtime_ns


@lru_cache(maxsize=1)
def _opened(
    backend: str,
    model: Path | None,
    fallback: tuple[str, ...],
    must_run: bool,
    look: Literal["once", "twice", "flipped"],
    all_characters: bool,
    segments: int,
    _here: tuple[object, ...],
) -> Segmenter:
    """The segmenter, kept for the next picture that is asked for alike and finds the same model and device."""
    from cubiseg.inference import open_segmenter

    return open_segmenter(
        *(backend, model, fallback), look=look, all_characters=all_characters, segments=segments, must_run=must_run
    )


def write_layers(
    result: SegmentedPicture,
    folder: str | os.PathLike[str],
    *,
    profile: str = "cubiai",
    level: Literal["class", "part"] = "part",
    split: Sequence[str] = (),
    soft_edges: bool = True,
    full_canvas: bool = False,
    fill: Literal["learnt", "smooth", "none"] | None = None,
    invented: bool = False,
    background: Literal["keep", "hide", "drop"] | None = None,
    overwrite: bool = False,
) -> WrittenLayers:
    """Cut a picture into layers that stack to exactly the same picture, and write them.

    The folder appears whole or not at all. What was written there before is replaced, unless something in it was
    changed or added since.

    Args:
        result: what ``segment`` gives.
        folder: the picture's own folder, made where it is missing.
        profile: how layers are named and grouped: ``cubiai``, ``cubism``, ``see-through`` or ``flat``.
        level: whether layers are by part, where the model tells parts, or by class.
        split: parts and classes whose connected pieces become layers of their own.
        soft_edges: whether edges are soft and decontaminated, or hard masks.
        full_canvas: whether each PNG has the picture's size, or is a placed crop.
        fill: what paints the hidden parts of a layer: the completion model, its own colours, or nothing; None takes the
            completion model where its file is there, else its own colours.
        invented: whether a mask of what was painted is written beside each PNG.
        background: whether the layer behind the figure is kept, hidden in the PSD, or dropped; None leaves it to the
            profile.
        overwrite: whether a former result in which files were changed is replaced too.

    Returns:
        Where all files lie.

    Raises:
        CubisegError: an option cannot be; the picture is wholly clear, or all background that would be dropped;
            something in the folder would be lost, or it cannot be written.
    """
    from pydantic import ValidationError

    from cubiseg import layers
    from cubiseg.layers.manifest import MANIFEST_FILE, PREVIEW_FILE, PSD_FILE, SEPARATION_FILE

    try:
        params = layers.LayerParams(
            profile=profile,
            level=level,
            split=_several(split),
            soft_edges=soft_edges,
            full_canvas=full_canvas,
            fill=fill,
            invented=invented,
            background=background,
        )
    except ValidationError as error:
        raise CubisegError(fault(error)) from error
    place = Path(folder)
    segmentation = replace(result.segmentation, confidence=result.confidence.astype("float16"))  # as `cubiseg layers`
    _, manifest = layers.write_layers(place, result.picture, segmentation, params, overwrite)
    separation = place / SEPARATION_FILE
    return WrittenLayers(
        place,
        place / PSD_FILE,
        separation if separation.is_file() else None,
        {entry.name: place / entry.file for entry in manifest.layers},
        place / MANIFEST_FILE,
        place / PREVIEW_FILE,
    )

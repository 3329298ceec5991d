"""From a picture to layers as CubiAI holds them; needs nothing of CubiAI."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.cubiai.config import BACKEND, Settings
from cubiseg.cubiai.host import BLOCK
from cubiseg.errors import CubisegError
from cubiseg.imaging import MAX_SIDE, MIN_SIDE, Picture
from cubiseg.inference import Segmentation, Segmenter, open_segmenter
from cubiseg.inference.model_file import find_model
from cubiseg.layers import Layer, LayerEntry, LayerParams, Manifest
from cubiseg.layers.export import cut_by
from cubiseg.layers.manifest import describe

MODEL_FILES = (Path("models/anime_advanced_seg.onnx"), Path("models/anime_advanced_seg.pt"))
"""Model files that are looked for below the current folder."""


@dataclass(slots=True)
class CanvasLayer:
    """A layer as CubiAI holds it; stands in for its ``LayerArtifact`` where there is no CubiAI.

    Attributes:
        name: name as the profile ``cubiai`` has it: ``hair``, ``eyesL``, ``accessories_002``.
        image: RGBA of the picture's size, with what is painted on beneath upper layers.
        mask: L of the picture's size, 255 where the layer owns the pixel. The masks of all layers are disjoint and hold
            each visible pixel once.
        bbox: left, top, right and bottom (exclusive) of what is not clear in ``image``.
        metadata: plain JSON: ``class``, ``class_id``, ``piece``, ``file`` (its PNG below the workspace), ``order``
            (0 is the bottom), ``score`` (mean confidence, 0..1) and ``area`` (pixels that it owns).
    """

    name: str
    image: Image.Image
    mask: Image.Image
    bbox: tuple[int, int, int, int]
    metadata: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """What CubiAI writes of it: name, box and metadata."""
        return {"name": self.name, "bbox": self.bbox, "metadata": self.metadata}


@dataclass(frozen=True)
class Result:
    """What :func:`segment` makes of a picture.

    Attributes:
        layers: bottom to top.
        classes: names of the 12 classes, in id order.
        warnings: warnings for the user, one line each.
        face: whether the picture shows a drawn face.
        confidence: ``mean`` over the foreground, and ``classes`` by name, 0..1; None for what does not occur.
        architecture: architecture of the model.
    """

    layers: tuple[Any, ...]
    classes: tuple[str, ...]
    warnings: tuple[str, ...]
    face: bool
    confidence: dict[str, Any]
    architecture: str


def segment(image: Image.Image, settings: Settings | None = None, *, layer: Callable[..., Any] = CanvasLayer) -> Result:
    """Label a picture and cut it into layers; nothing is written.

    Args:
        image: picture of 64 to 8192 pixels a side, taken as it is: sRGB, upright.
        settings: the block of CubiAI's config; None for the defaults.
        layer: what makes a layer of ``name``, ``image``, ``mask``, ``bbox`` and ``metadata``.

    Raises:
        CubisegError: the picture is too small, too large or wholly clear; there is no model, or it cannot be used; or
            the completion model that is asked for is not there, or cannot be used.
    """
    settings = settings or Settings()
    picture = to_picture(image)
    segmentation = _segmenter(_model_file(settings.model), settings.low_confidence).segment(picture)
    layers, manifest = _layers(picture, segmentation, settings, layer)
    classes = {name: _rounded(mean) for name, mean in segmentation.class_confidence().items()}
    return Result(
        layers=tuple(layers),
        classes=taxonomy.NAMES,
        warnings=manifest.warnings,
        face=segmentation.shows_face,
        confidence={"mean": _rounded(segmentation.mean_confidence()), "classes": classes},
        architecture=segmentation.architecture,
    )


def to_picture(image: Image.Image) -> Picture:
    """The picture within bounds, as the rest of cubiseg takes it."""
    size = f"the picture is {image.width}x{image.height}"
    if max(image.size) > MAX_SIDE:
        raise CubisegError(f"{size}, over {MAX_SIDE} pixels a side; scale it down")
    if min(image.size) < MIN_SIDE:
        raise CubisegError(f"{size}, under {MIN_SIDE} pixels a side; use a larger picture")
    rgba = np.asarray(image.convert("RGBA"))
    rgb, alpha = np.ascontiguousarray(rgba[..., :3]), np.ascontiguousarray(rgba[..., 3])
    if not alpha.any():
        raise CubisegError("the picture is wholly clear, there is nothing to cut; choose another picture")
    return Picture(rgb, None if (alpha == 255).all() else alpha)


def _model_file(named: str | None) -> Path:
    given = Path(named) if named else next((path for path in MODEL_FILES if path.is_file()), None)
    return find_model(given, f"{BLOCK}.model", "segmentation.backend slic")


def _segmenter(path: Path, low_confidence: float) -> Segmenter:
    """A segmenter over a model file, kept for the pictures that follow while the file stays as it is."""
    state = path.stat()
    return _opened(path, low_confidence, (state.st_dev, state.st_ino, state.st_mtime_ns, state.st_size))


@lru_cache(maxsize=1)
def _opened(path: Path, low_confidence: float, _version: tuple[int, ...]) -> Segmenter:
    return open_segmenter(BACKEND, path, low_confidence=low_confidence)


def _rounded(mean: float | None) -> float | None:
    return None if mean is None else round(mean, 4)


def _layers(
    picture: Picture, segmentation: Segmentation, settings: Settings, layer: Callable[..., Any]
) -> tuple[Sequence[Any], Manifest]:
    params = LayerParams(
        level=settings.level,
        split=tuple(settings.split),
        soft_edges=settings.soft_edges,
        extension=settings.extension,
        fill=settings.fill,
    )
    layers, holds = cut_by(picture, segmentation, params)
    manifest = describe(layers, picture, segmentation, params, holds)
    both = zip(layers, manifest.layers, strict=True)
    return [_on_canvas(picture.size, order, cut, entry, layer) for order, (cut, entry) in enumerate(both)], manifest


def _on_canvas(
    size: tuple[int, int], order: int, cut: Layer, entry: LayerEntry, layer: Callable[..., Any]
) -> CanvasLayer:
    """A layer of the picture's size, as CubiAI's stages take it."""
    mask = np.zeros(size, np.uint8)
    mask[cut.window][cut.own] = 255
    box = Box.around(cut.rgba[..., 3])
    assert box is not None  # noqa: S101 - a layer that was cut has pixels
    made: CanvasLayer = layer(
        name=entry.name,
        image=Image.fromarray(cut.on_canvas(size)),
        mask=Image.fromarray(mask),
        bbox=tuple(int(side) for side in box.moved(cut.x, cut.y)),
        metadata={
            "class": entry.class_name,
            "class_id": taxonomy.ID[entry.class_name],
            "piece": entry.piece,
            "file": entry.file,
            "order": order,
            "score": entry.confidence,
            "area": int(np.count_nonzero(cut.own)),
        },
    )
    return made

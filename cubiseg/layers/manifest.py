"""``manifest.json``: what was cut from one picture, and where each PNG lies in it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from cubiseg import taxonomy
from cubiseg.imaging import Picture
from cubiseg.inference import Segmentation
from cubiseg.layers.beneath import FillName
from cubiseg.layers.layer import Layer
from cubiseg.layers.order import is_segment
from cubiseg.layers.params import LayerParams
from cubiseg.layers.profiles import PROFILES, Profile

MANIFEST_FILE, PNG_FOLDER = "manifest.json", "png"
PSD_FILE, SEPARATION_FILE, PREVIEW_FILE, PAGE_FILE = (
    *("layers.psd", "material_separation.psd"),
    *("preview.png", "preview.html"),
)
INVENTED_SUFFIX = ".invented.png"
"""End of the name of a mask beside a PNG: one bit, white where the layer is painted on beneath others."""
LABEL_FILE = "label.png"
"""The label map that a picture was cut by, where a person gave it."""
FILES = (PSD_FILE, SEPARATION_FILE, PREVIEW_FILE, PAGE_FILE)
"""What is written beside the manifest and the folder of PNGs."""


class LayerEntry(BaseModel):
    """One layer.

    Attributes:
        name: name in the PSD, by the profile.
        class_name: taxonomy class, or the name of a segment that has none; ``class`` in the JSON.
        piece: 0 for a whole part, 1, 2, … for its connected pieces, the largest first.
        folders: groups around the layer in the PSD, the outermost first.
        file: path of the PNG below the picture's folder.
        x: column of the PNG's left edge in the picture.
        y: row of the PNG's top edge in the picture.
        width: width of the PNG in pixels.
        height: height of the PNG in pixels.
        confidence: mean confidence over the layer's own pixels, 0..1.
        visible: whether it is shown in the PSD.
        parts: names of the parts in it, bottom to top, or of classes that are not told apart; none, and not in the
            JSON, where it is a whole class.
        invented: share of the layer's pixels that no pixel of the picture shows: painted on beneath others, 0..1.
        fill: how they were painted: learnt, smooth, lama; none where there are none.
        invented_file: path of the mask of these pixels; none, and not in the JSON, where none was written.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    name: str
    class_name: str = Field(alias="class")
    piece: int
    folders: tuple[str, ...]
    file: str
    x: int
    y: int
    width: int
    height: int
    confidence: float
    visible: bool = True
    parts: tuple[str, ...] = ()
    invented: float = 0.0
    fill: FillName = "none"
    invented_file: str = ""


class Manifest(BaseModel):
    """All layers of one picture.

    Attributes:
        format: version of this form. The second adds what has a default below; who reads the first can
            read it.
        width: width of the picture in pixels.
        height: height of the picture in pixels.
        backend: backend that labelled the picture.
        architecture: architecture of the model file, or the backend's name where there is none.
        profile: profile that names and groups the layers.
        classes: names of all classes of the taxonomy, in id order.
        coverage: share of the visible pixels that belong to a layer other than the background, 0..1.
        layers: the layers, bottom to top.
        warnings: warnings for the user, one line each.
        background: whether the layer behind the figure was kept, hidden or dropped; a dropped one is not listed.
        look: how often the picture was looked at: ``once``, ``twice`` or ``flipped``.
        heads: heads that were found, the largest first: a box in pixels, and whether it was looked at again.
        predicted_mean_iou: mean IoU over nine classes that the label map is predicted to have, 0..1; None where the
            backend cannot tell.
        doubts: what a person should look at, the most important first: a text, which is among the warnings too, a box
            in pixels (None where it is all of the picture), and names of classes.
        given_away: pixels of specks that went to the parts around them, by name of the class or part that they were of
            and of that which they went to; at the level of the layers.
        files: SHA-256 of each other file as it was written, by its path below the picture's folder.
        seal: SHA-256 of the manifest's own text with an empty seal.
    """

    model_config = ConfigDict(frozen=True)

    format: Literal[2] = 2
    width: int
    height: int
    backend: str
    architecture: str
    profile: str
    classes: tuple[str, ...]
    coverage: float
    layers: tuple[LayerEntry, ...]
    warnings: tuple[str, ...]
    background: Literal["keep", "hide", "drop"] = "keep"
    look: Literal["once", "twice", "flipped"] = "once"
    heads: tuple[dict[str, int | bool], ...] = ()
    predicted_mean_iou: float | None = None
    doubts: tuple[dict[str, Any], ...] = ()
    given_away: dict[str, dict[str, int]] = Field(default_factory=dict)
    files: dict[str, str] = Field(default_factory=dict)
    seal: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain JSON, in the order of the fields."""
        facts = self.model_dump(mode="json", by_alias=True)
        for layer in facts["layers"]:
            for key in ("parts", "invented_file"):
                if not layer[key]:
                    del layer[key]
        return facts


def sealed(facts: Mapping[str, Any]) -> str:
    """The text of a manifest with its seal.

    Args:
        facts: the manifest as JSON, with an empty seal.
    """
    seal = hashlib.sha256(_text(facts).encode()).hexdigest()
    return _text({**facts, "seal": seal})


def _text(facts: Mapping[str, Any]) -> str:
    return json.dumps(facts, indent=2, ensure_ascii=False) + "\n"


def describe(
    layers: Sequence[Layer],
    picture: Picture,
    segmentation: Segmentation,
    params: LayerParams,
    holds: Mapping[str, tuple[str, ...]],
) -> Manifest:
    """The manifest of a picture's layers.

    Args:
        layers: layers from bottom to top, the background too where it is dropped.
        picture: picture that was cut.
        segmentation: label map that it was cut by.
        params: params that it was cut with.
        holds: by name of a class or part that was cut, the names of all that were made one with it.
    """
    height, width = picture.size
    profile = PROFILES[params.profile]
    kept = kept_layers(layers, params.backdrop)
    return Manifest(
        width=width,
        height=height,
        backend=segmentation.backend,
        architecture=segmentation.architecture,
        profile=params.profile,
        classes=taxonomy.NAMES,
        coverage=round(_coverage(layers), 4),
        layers=tuple(
            _entry(layer, folders, holds.get(layer.name, (layer.name,)), picture, segmentation.confidence, params)
            for layer, folders in zip(kept, profile.groups(kept), strict=True)
        ),
        warnings=(*segmentation.warnings, *_unsure(layers, profile)),
        background=params.backdrop,
        look=segmentation.look,
        heads=tuple(head.as_json() for head in segmentation.heads),
        predicted_mean_iou=None if segmentation.predicted_iou is None else round(segmentation.predicted_iou, 4),
        doubts=tuple(doubt.as_json() for doubt in segmentation.doubts),
        given_away=_given_away(segmentation, params),
    )


def _unsure(layers: Sequence[Layer], profile: Profile) -> list[str]:
    """A line on the layers that the completion model was not sure of, where there are any."""
    names = list(dict.fromkeys(profile.title(layer.name) for layer in layers if layer.unsure))
    if not names:
        return []
    return [f"hidden parts of {', '.join(names)} are only extended smoothly: the completion model is not sure of them"]


def _given_away(segmentation: Segmentation, params: LayerParams) -> dict[str, dict[str, int]]:
    """What was given away at the level of the layers: what stayed within a class is nothing to layers of classes."""
    told: dict[str, dict[str, int]] = {}
    for names in ((was, now) for was, others in segmentation.given_away.items() for now in others):
        was, now = (taxonomy.class_name(name) if params.level == "class" else name for name in names)
        if was != now:
            to = told.setdefault(was, {})
            to[now] = to.get(now, 0) + segmentation.given_away[names[0]][names[1]]
    return told


def _entry(
    layer: Layer,
    folders: tuple[str, ...],
    holds: tuple[str, ...],
    picture: Picture,
    confidence: np.ndarray,
    params: LayerParams,
) -> LayerEntry:
    profile = PROFILES[params.profile]
    height, width = picture.size if params.full_canvas else layer.size
    invented, file = cv2.countNonZero(layer.painted.view(np.uint8)), f"{PNG_FOLDER}/{profile.file_name(layer)}"
    return LayerEntry(
        name=profile.layer_name(layer),
        class_name=layer.class_name,
        piece=layer.piece,
        folders=folders,
        file=file,
        x=0 if params.full_canvas else layer.x,
        y=0 if params.full_canvas else layer.y,
        width=width,
        height=height,
        confidence=round(float(confidence[layer.window][_shown(layer)].mean(dtype=np.float64)), 4),
        visible=layer.class_name != "background" or params.backdrop != "hide",
        parts=() if set(holds) <= set(taxonomy.NAMES) or is_segment(layer.name) else holds,
        invented=round(invented / max(1, int(np.count_nonzero(layer.rgba[..., 3]))), 4),
        fill=layer.fill if invented else "none",
        invented_file=f"{file.removesuffix('.png')}{INVENTED_SUFFIX}" if invented and params.invented else "",
    )


def kept_layers(layers: Sequence[Layer], background: str) -> list[Layer]:
    """Those that are written: all, or all but the background."""
    return [layer for layer in layers if layer.class_name != "background" or background != "drop"]


def _coverage(layers: Sequence[Layer]) -> float:
    total = sum(np.count_nonzero(layer.own) for layer in layers)
    background = sum(np.count_nonzero(layer.own) for layer in layers if layer.class_name == "background")
    return 0.0 if total == 0 else 1 - background / total


def _shown(layer: Layer) -> np.ndarray:
    """Pixels of a layer that show in the picture; a tiny part may share all of its pixels and own none."""
    return layer.own if layer.own.any() else (layer.rgba[..., 3] > 0) & ~layer.painted

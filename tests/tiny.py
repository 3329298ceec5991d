"""A tiny prepared folder, drawn once a session, and params for its stages."""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from cubiseg import imaging, label_maps, taxonomy
from cubiseg.samples import LabelMethod, Sample, write_manifest
from tests.conftest import ROOT

SIZE = 128
BUST = {
    "crop": "portrait",
    "placement": "centre",
    "distractor": "none",
    "lids": "open",
    "hands": "none",
    "worn face": "none",
}


def only(kinds: Mapping[str, str]) -> Mapping[str, Mapping[str, float]]:
    """Shares by which ``draw`` takes of each named axis this kind alone."""
    from cubiseg.portraits.axes import Mix
    from cubiseg.portraits.catalogue import AXES

    mix = Mix()
    for axis, kind in kinds.items():
        mix = mix.only(AXES[axis], kind)
    return mix.factors


@functools.cache
def portraits(count: int = 12) -> tuple[Any, ...]:
    """Busts of ``count / 2`` characters, in the middle of the picture and large enough that eyes are told apart."""
    from cubiseg.portraits import draw

    return tuple(draw(7, index, SIZE, 2, only(BUST)) for index in range(count))


def write_prepared(folder: Path, count: int = 12, *, parts: bool = False) -> list[Sample]:
    """A prepared folder of portraits, labelled with classes or with parts; returns its manifest."""
    samples = []
    for index, portrait in enumerate(portraits(count)):
        name = f"p{index:02d}"
        imaging.write_png(folder / "images" / f"{name}.png", portrait.image)
        label_maps.write_label(folder / "labels" / f"{name}.png", portrait.parts if parts else portrait.label)
        samples.append(sample(name, portrait.image, group=portrait.group))
    write_manifest(folder, samples)
    return samples


def sample(name: str, pixels: np.ndarray, /, group: str = "g", **changes: Any) -> Sample:
    """A record of a picture with a given label."""
    facts: dict[str, Any] = {
        "id": name,
        "image": f"images/{name}.png",
        "width": pixels.shape[1],
        "height": pixels.shape[0],
        "sha256": imaging.pixel_hash(pixels),
        "source": "test",
        "group": group,
        "label": f"labels/{name}.png",
        "label_method": LabelMethod.GIVEN,
        "label_version": "test",
    }
    return Sample(**{**facts, **changes})


def params(block: str) -> dict[str, Any]:
    """A block of the repository's params.yaml."""
    return yaml.safe_load((ROOT / "params.yaml").read_text())[block]


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def write_onnx_of(weights: Path, path: Path, **changes: np.ndarray | None) -> None:
    """A weights file's tensors and description as the exporter stores them, without the network's arithmetic.

    Args:
        weights: file of ``save_weights``.
        path: the ONNX file; its folder is made.
        changes: other values by name; None leaves a tensor out.
    """
    from onnx import helper, numpy_helper

    from cubiseg.model_info import METADATA_KEY
    from cubiseg.segmentors.weights import read_weights

    tensors, info = read_weights(weights)
    values = {f"{name}.half" if value.ndim > 1 else name: value.numpy() for name, value in tensors.items()}
    values = {
        name: value for name, value in {**values, "val_1": np.array([2, 3]), **changes}.items() if value is not None
    }
    stored = [numpy_helper.from_array(value, name) for name, value in values.items()]
    model = helper.make_model(helper.make_graph([], "main_graph", [], [], stored))
    helper.set_model_props(model, {METADATA_KEY: info.model_dump_json()})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString(deterministic=True))


def face() -> np.ndarray:
    """(128, 128) uint8: a hand-made frontal face with everything in its place."""
    label = np.zeros((SIZE, SIZE), np.uint8)

    def box(name: str, top: int, left: int, bottom: int, right: int) -> None:
        label[top:bottom, left:right] = taxonomy.ID[name]

    box("hair", 16, 24, 90, 104)
    box("skin", 90, 56, 110, 72)
    box("clothes", 106, 20, 128, 108)
    box("face", 36, 34, 92, 94)
    box("eye_right", 52, 40, 62, 56)
    box("eye_left", 52, 72, 62, 88)
    box("eyebrow_right", 44, 40, 47, 56)
    box("eyebrow_left", 44, 72, 47, 88)
    box("nose", 68, 63, 70, 65)
    box("mouth", 78, 56, 82, 72)
    return label

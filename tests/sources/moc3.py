"""A small model of Cubism 3 that tests build: the face of ``psds``, a rectangle a part, with two parameters."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.sources.psds import SHAPES, SIZE

CELL = 8
PARTS = {
    "PartHairBack": ("後ろ髪", ["hair_back"]),
    "PartBody": ("体", ["neck", "topwear"]),
    "PartFace": ("顔", ["face", "nose"]),
    "PartMouth": ("口", ["mouth_inside", "lips"]),
    "PartEyeR": ("右目", ["eye_right_white", "eye_right_iris", "eye_right_lashes"]),
    "PartEyeL": ("左目", ["eye_left_white", "eye_left_iris", "eye_left_lashes"]),
    "PartBrow": ("眉毛", ["eyebrow_right", "eyebrow_left"]),
    "PartHair": ("前髪", ["hair_front"]),
}
"""By id of a part: what it is called, and its meshes."""
SHIFT = 8
"""Pixels that all is moved by at either end of ``ParamAngleX``, to the right at the upper one."""


def write_model(folder: Path, names: Mapping[str, str] | None = None) -> Path:
    """Write a model with its settings; ``names`` changes what parts are called. Skips where py-moc3 is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "face.moc3").write_bytes(moc3())
    texture = np.zeros((CELL, CELL * len(SHAPES), 4), np.uint8)
    for number in range(len(SHAPES)):
        texture[:, number * CELL : (number + 1) * CELL] = (40 + number * 10, 200 - number * 8, 90, 255)
    Image.fromarray(texture).save(folder / "texture.png")
    called = {part: (names or {}).get(part, title) for part, (title, _) in PARTS.items()}
    _dump(folder / "face.cdi3.json", {"Version": 3, "Parts": [{"Id": p, "Name": n} for p, n in called.items()]})
    blink = [{"Id": "ParamEyeLOpen", "Value": -1, "Blend": "Add"}]
    _dump(folder / "blink.exp3.json", {"Type": "Live2D Expression", "Parameters": blink})
    files = {"Moc": "face.moc3", "Textures": ["texture.png"], "DisplayInfo": "face.cdi3.json"}
    files["Expressions"] = [{"Name": "blink", "File": "blink.exp3.json"}]
    _dump(folder / "face.model3.json", {"Version": 3, "FileReferences": files})
    return folder / "face.model3.json"


def _dump(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def moc3() -> bytes:
    """The model's bytes, by the layout of py-moc3."""
    moc3 = pytest.importorskip("moc3", reason="py-moc3 is not installed")
    parts, meshes = list(PARTS), list(SHAPES)
    part_of = {mesh: number for number, part in enumerate(parts) for mesh in PARTS[part][1]}
    parameters = ["ParamAngleX", "ParamEyeLOpen"]
    # Each mesh has a keyform for either end and the middle of ParamAngleX.
    ends = (-1, 0, 1)
    positions: list[float] = []
    for mesh in meshes:
        for end in ends:
            positions += _corners(SHAPES[mesh], SHIFT * end)
    uvs = [value for number in range(len(meshes)) for value in _uvs(number)]
    n, k = len(meshes), len(ends)
    model = moc3.Moc3()
    canvas = model.canvas
    canvas.pixels_per_unit, canvas.canvas_width, canvas.canvas_height = float(SIZE), float(SIZE), float(SIZE)
    canvas.origin_x = canvas.origin_y = SIZE / 2
    sections = {
        "part.ids": parts,
        "part.keyform_binding_band_indices": [0] * len(parts),
        "part.keyform_begin_indices": list(range(len(parts))),
        "part.keyform_counts": [1] * len(parts),
        "part.visibles": [True] * len(parts),
        "part.enables": [True] * len(parts),
        "part.parent_part_indices": [-1] * len(parts),
        "art_mesh.ids": [f"ArtMesh{number}" for number in range(n)],
        "art_mesh.keyform_binding_band_indices": [1] * n,
        "art_mesh.keyform_begin_indices": [k * number for number in range(n)],
        "art_mesh.keyform_counts": [k] * n,
        "art_mesh.visibles": [True] * n,
        "art_mesh.enables": [True] * n,
        "art_mesh.parent_part_indices": [part_of[mesh] for mesh in meshes],
        "art_mesh.parent_deformer_indices": [-1] * n,
        "art_mesh.texture_indices": [0] * n,
        "art_mesh.drawable_flags": [0] * n,
        "art_mesh.position_index_counts": [4] * n,  # py-moc3 0.1 has both counts the wrong way round
        "art_mesh.uv_begin_indices": [8 * number for number in range(n)],
        "art_mesh.position_index_begin_indices": [6 * number for number in range(n)],
        "art_mesh.vertex_counts": [6] * n,
        "art_mesh.mask_begin_indices": [0] * n,
        "art_mesh.mask_counts": [0] * n,
        "parameter.ids": parameters,
        "parameter.max_values": [30.0, 1.0],
        "parameter.min_values": [-30.0, 0.0],
        "parameter.default_values": [0.0, 1.0],
        "parameter.repeats": [False, False],
        "parameter.decimal_places": [1, 1],
        "parameter.keyform_binding_begin_indices": [0, 1],
        "parameter.keyform_binding_counts": [1, 0],
        "part_keyform.draw_orders": [500.0] * len(parts),
        "art_mesh_keyform.opacities": [1.0] * n * k,
        "art_mesh_keyform.draw_orders": [500.0 + number for number in range(n) for _ in ends],
        "art_mesh_keyform.keyform_position_begin_indices": [8 * number for number in range(n * k)],
        "keyform_position.xys": positions,
        "keyform_binding_index.indices": [0],
        "keyform_binding_band.begin_indices": [0, 0],
        "keyform_binding_band.counts": [0, 1],
        "keyform_binding.keys_begin_indices": [0],
        "keyform_binding.keys_counts": [k],
        "keys.values": [-30.0, 0.0, 30.0],
        "uv.xys": uvs,
        "position_index.indices": [0, 2, 1, 0, 3, 2] * n,
        "draw_order_group.object_begin_indices": [0],
        "draw_order_group.object_counts": [n],
        "draw_order_group.object_total_counts": [n],
        "draw_order_group.min_draw_orders": [500 + n],  # these too: the largest comes first
        "draw_order_group.max_draw_orders": [500],
        "draw_order_group_object.types": [0] * n,
        "draw_order_group_object.indices": list(range(n)),
        "draw_order_group_object.group_indices": [-1] * n,
    }
    for entry in model._build_layout():
        model[entry.name] = sections.get(entry.name, [])
        if sections.get(entry.name):
            model.counts[entry.count_idx] = len(sections[entry.name])
    return bytes(model.to_bytes())


def _corners(box: tuple[int, int, int, int], shift: float) -> list[float]:
    """Corners in units, y down, as the file has them."""
    left, top, right, bottom = box
    corners = [(left, top), (left, bottom), (right, bottom), (right, top)]
    return [value for x, y in corners for value in ((x + shift) / SIZE - 0.5, y / SIZE - 0.5)]


def _uvs(number: int) -> list[float]:
    """The middle of a part's cell of the texture; rows count from the bottom."""
    left, right = (number + 0.3) / len(SHAPES), (number + 0.7) / len(SHAPES)
    return [left, 0.7, left, 0.3, right, 0.3, right, 0.7]

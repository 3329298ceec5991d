"""Pictures painted in palette colours, and a network that reads them: a tiny model with a right answer."""

from pathlib import Path

import cv2
import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

from cubiseg import taxonomy
from cubiseg.imaging import Picture
from cubiseg.label_maps import colourise
from cubiseg.model_info import METADATA_KEY, PARTS_VOCABULARY, ModelInfo


def portrait_label(height: int = 160, width: int = 128) -> np.ndarray:
    """A label map with every class in about its place: (H, W) uint8."""
    label = np.zeros((height, width), np.uint8)

    def blob(name: str, x: float, y: float, w: float, h: float) -> None:
        centre, axes = (round(x * width), round(y * height)), (round(w * width / 2), round(h * height / 2))
        cv2.ellipse(label, centre, axes, 0, 0, 360, taxonomy.ID[name], -1)

    blob("clothes", 0.5, 1.0, 0.9, 0.5)
    blob("skin", 0.5, 0.72, 0.2, 0.2)
    blob("hair", 0.5, 0.36, 0.7, 0.62)
    blob("face", 0.5, 0.45, 0.45, 0.45)
    for side, x in (("right", 0.4), ("left", 0.6)):
        blob(f"eye_{side}", x, 0.45, 0.12, 0.1)
        blob(f"eyebrow_{side}", x, 0.36, 0.14, 0.03)
    blob("nose", 0.5, 0.52, 0.04, 0.03)
    blob("mouth", 0.5, 0.6, 0.12, 0.04)
    blob("accessories", 0.72, 0.15, 0.16, 0.12)
    return label


def portrait_parts(height: int = 160, width: int = 128) -> np.ndarray:
    """The same with parts: bands of each class's parts, one below the other: (H, W) uint8."""
    label = portrait_label(height, width)
    for name, parts in taxonomy.PARTS_OF.items():
        y, x = np.nonzero(label == taxonomy.ID[name])
        for place, part in enumerate(parts):
            band = (y - y.min()) * len(parts) // (np.ptp(y) + 1) == place
            label[y[band], x[band]] = taxonomy.PART_ID[part]
    return label


def portrait(height: int = 160, width: int = 128, alpha: bool = False) -> tuple[Picture, np.ndarray]:
    """A picture in palette colours and its label map; with ``alpha``, the background is clear and its edge soft."""
    label = portrait_label(height, width)
    if not alpha:
        return Picture(colourise(label)), label
    soft = cv2.blur((label > 0).astype(np.float32) * 255, (5, 5)).astype(np.uint8)
    soft[label == 0] = 0
    return Picture(colourise(label), soft), label


def write_model(
    path: Path,
    architecture: str = "anime-unet",
    metadata: str | None = None,
    classes: int = 12,
    *,
    parts: bool = False,
) -> Path:
    """An ONNX file whose logits are highest for the nearest palette colour: one 1x1 convolution.

    ``|x - p|^2`` differs between classes only by ``|p|^2 - 2 x p``, which is linear in the pixel ``x``.
    """
    ids = taxonomy.LEAF_IDS if parts else np.arange(classes)
    classes = len(ids)
    colours = taxonomy.COLOURS[ids].astype(np.float32) / 127.5 - 1
    weight = (40 * 2 * colours).reshape(classes, 3, 1, 1)
    bias = -40 * (colours**2).sum(1)
    nodes = [helper.make_node("Conv", ["image", "weight", "bias"], ["seen" if parts else "logits"])]
    constants = [numpy_helper.from_array(weight, "weight"), numpy_helper.from_array(bias, "bias")]
    if parts:
        found, gathered = _both_levels(ids)
        nodes, constants, classes = [*nodes, *found], [*constants, *gathered], len(taxonomy.OUTPUT_IDS)
    graph = helper.make_graph(
        nodes,
        "palette",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, "h", "w"])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", classes, "h", "w"])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    text = info(architecture, parts=parts).model_dump_json() if metadata is None else metadata
    if text:
        helper.set_model_props(model, {METADATA_KEY: text})
    onnx.save(model, path)
    return path


def _both_levels(ids: np.ndarray) -> tuple[list[NodeProto], list[TensorProto]]:
    """What makes of ``seen``, logits of leaves, those of classes (of each the largest of its leaves) and of parts."""
    wanted = {f"class_{c}": np.flatnonzero(taxonomy.CLASS_OF[ids] == c) for c in range(taxonomy.NUM_CLASSES)}
    wanted["parts"] = np.flatnonzero(ids >= taxonomy.PARTS[0].id)
    nodes, names = [], []
    for name, _places in wanted.items():
        nodes.append(helper.make_node("Gather", ["seen", f"{name}_places"], [name], axis=1))
        names.append(name)
        if name != "parts":
            nodes.append(helper.make_node("ReduceMax", [name], [f"{name}_best"], axes=[1], keepdims=1))
            names[-1] += "_best"
    nodes.append(helper.make_node("Concat", names, ["logits"], axis=1))
    return nodes, [numpy_helper.from_array(places, f"{name}_places") for name, places in wanted.items()]


def info(architecture: str = "anime-unet", *, parts: bool = False) -> ModelInfo:
    """Metadata of :func:`write_model`'s file."""
    grey = (127.5, 127.5, 127.5)
    vocabulary = PARTS_VOCABULARY if parts else {}
    return ModelInfo(architecture=architecture, input_size=(160, 160), mean=grey, std=grey, **vocabulary)

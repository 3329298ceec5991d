"""A tiny network with the interface of a completion: every part goes on everywhere, in one colour."""

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from cubiseg import taxonomy
from cubiseg.completion.model import metadata

COLOUR = (12, 200, 90)
PARTS = tuple(name for name in taxonomy.STACK_ORDER if name != "background")


def write_completion(
    path: Path, *, logit: float = 8.0, colour: tuple[int, int, int] = COLOUR, size: int = 64, **told: str
) -> Path:
    """Write it.

    Args:
        path: file.
        logit: of every part being there, at every pixel.
        colour: what it paints.
        size: side of its square.
        **told: metadata that differ from those of a proper file.
    """
    constants = {
        "nothing": np.zeros((), np.float32),
        "logit": np.array(logit, np.float32),
        "colour": np.array(colour, np.float32).reshape(1, 3, 1, 1),
        "first": np.array(1, np.int64),
    }
    nodes = [
        helper.make_node("Cast", ["image"], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["pixels", "nothing"], ["black"]),
        helper.make_node("Add", ["black", "colour"], ["rgb"]),
        helper.make_node("Gather", ["black", "first"], ["plane"], axis=1),
        helper.make_node("Add", ["plane", "logit"], ["logits"]),
    ]
    side: list[int | str] = ["N", size, size]
    graph = helper.make_graph(
        nodes,
        "flat",
        [
            helper.make_tensor_value_info("image", TensorProto.UINT8, ["N", 3, size, size]),
            helper.make_tensor_value_info("label", TensorProto.UINT8, side),
            helper.make_tensor_value_info("masks", TensorProto.UINT8, ["N", 2, size, size]),
            helper.make_tensor_value_info("part", TensorProto.INT64, ["N"]),
        ],
        [
            helper.make_tensor_value_info("logits", TensorProto.FLOAT, side),
            helper.make_tensor_value_info("rgb", TensorProto.FLOAT, ["N", 3, size, size]),
        ],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    helper.set_model_props(model, {**metadata(PARTS, size), **told})
    path.write_bytes(model.SerializeToString())
    return path

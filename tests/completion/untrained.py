"""A small ONNX file with the tensors of a completion, made by hand: it answers what the test wants."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from cubiseg.completion.model import INPUTS, OUTPUTS, metadata

SIZE = 32
COLOUR = (200.0, 100.0, 50.0)


def write_completion(
    path: Path,
    told: dict[str, str] | None = None,
    *,
    parts: tuple[str, ...] = ("face", "hair_front", "eye_left_iris"),
    logit: float = 20.0,
    inputs: tuple[str, ...] = INPUTS,
) -> Path:
    """Write a network that says of every pixel the same logit, and one colour.

    Args:
        told: metadata in place of what ``parts`` make.
    """
    types = (*[TensorProto.UINT8] * 3, TensorProto.INT64)
    shapes = (["n", 3, SIZE, SIZE], ["n", SIZE, SIZE], ["n", 2, SIZE, SIZE], ["n"])
    given = [helper.make_tensor_value_info(*one) for one in zip(inputs, types, shapes, strict=True)]
    gives = [
        helper.make_tensor_value_info(OUTPUTS[0], TensorProto.FLOAT, ["n", SIZE, SIZE]),
        helper.make_tensor_value_info(OUTPUTS[1], TensorProto.FLOAT, ["n", 3, SIZE, SIZE]),
    ]
    constants = {
        "zero": np.float32(0),
        "logit": np.float32(logit),
        "colour": np.array(COLOUR, np.float32).reshape(1, 3, 1, 1),
    }
    nodes = [
        helper.make_node("Cast", [inputs[1]], ["labels"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["labels", "zero"], ["nothing"]),
        helper.make_node("Add", ["nothing", "logit"], [OUTPUTS[0]]),
        helper.make_node("Cast", [inputs[0]], ["colours"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["colours", "zero"], ["black"]),
        helper.make_node("Add", ["black", "colour"], [OUTPUTS[1]]),
    ]
    weights = [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    model = helper.make_model(
        helper.make_graph(nodes, "completion", given, gives, weights),
        opset_imports=[helper.make_opsetid("", 20)],
        ir_version=10,
    )
    helper.set_model_props(model, metadata(parts, SIZE) if told is None else told)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    return path

"""A tiny network with the interface of a LaMa export: it fills a hole with the mean of what is around it."""

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

SIDE = 512


def write_lama(
    path: Path,
    *,
    scale: float = 255,
    side: int = SIDE,
    batch: int | str = 1,
    mask: str = "mask",
    channels: int = 3,
    kind: int = TensorProto.FLOAT,
) -> Path:
    """Write it: what is known stays, the hole gets the mean colour of what is known; what it gives is 0..``scale``."""
    rgb, one = ("N" if isinstance(batch, str) else batch, 3, side, side), (batch, 1, side, side)
    constants = {"one": 1.0, "few": 1e-6, "scale": scale}
    nodes = [
        helper.make_node("Sub", ["one", mask], ["known"]),
        helper.make_node("Mul", ["image", "known"], ["seen"]),
        helper.make_node("ReduceSum", ["seen", "sides"], ["sum"], keepdims=1),
        helper.make_node("ReduceSum", ["known", "sides"], ["count"], keepdims=1),
        helper.make_node("Max", ["count", "few"], ["some"]),
        helper.make_node("Div", ["sum", "some"], ["mean"]),
        helper.make_node("Mul", ["mean", mask], ["filled"]),
        helper.make_node("Add", ["seen", "filled"], ["whole"]),
        helper.make_node("Mul", ["whole", "scale"], ["output"]),
    ]
    graph = helper.make_graph(
        nodes,
        "lama",
        [
            helper.make_tensor_value_info("image", kind, (rgb[0], channels, side, side)),
            helper.make_tensor_value_info(mask, kind, one),
        ],
        [helper.make_tensor_value_info("output", kind, (rgb[0], channels, side, side))],
        [
            *(numpy_helper.from_array(np.array(value, np.float32), name) for name, value in constants.items()),
            numpy_helper.from_array(np.array([2, 3], np.int64), "sides"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    path.write_bytes(model.SerializeToString())
    return path

"""Network to ONNX."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper

from cubiseg.exporting.onnx_tools import hushed, strip
from cubiseg.files import atomic_write
from cubiseg.model_info import METADATA_KEY, ModelInfo
from cubiseg.segmentors.build import Network
from cubiseg.segmentors.onnx_weights import HALF

INPUT, OUTPUT = "image", "logits"
OPSET = 20


def write_onnx(path: Path, network: Network, info: ModelInfo) -> None:
    """Export a network and write it, replaced whole; the same bytes for the same weights.

    Args:
        network: in evaluation mode, on the CPU.
        info: stored in the model's metadata; batch, height and width are dynamic if ``info.dynamic``.
    """
    model = _export(network, info)
    _store_as_half(model)
    strip(model)
    helper.set_model_props(model, {METADATA_KEY: info.model_dump_json()})
    onnx.checker.check_model(model)
    content = model.SerializeToString(deterministic=True)
    with atomic_write(path) as file:
        file.write(content)


def _export(network: Network, info: ModelInfo) -> Any:
    import onnx_ir
    from onnx_ir.passes.common import RemoveUnusedNodesPass
    from onnxscript.optimizer import fold_constants

    height, width = info.input_size
    # Sizes of an example that are 1 or equal would be taken for constants.
    example = torch.zeros(2, 3, height, width + info.multiple) if info.dynamic else torch.zeros(1, 3, height, width)
    shapes = ({0: "batch", 2: "height", 3: "width"},) if info.dynamic else None
    with hushed(), torch.no_grad():
        program = torch.onnx.export(
            network,
            (example,),
            dynamo=True,
            # The exporter's optimiser would merge norms into kernels, which then no longer fit float16 exactly;
            # runtimes do that when they load the file.
            optimize=False,
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_shapes=shapes,
            opset_version=OPSET,
            verbose=False,
        )
        assert program is not None  # noqa: S101 (None is for the older exporter)
        model = program.model
        # Weights keep their names and forms, as trainings start from them; what is computed from them alone (a matrix
        # turned, a table looked up) runtimes fold when they load the file.
        weights = network.state_dict().keys()

        def may_fold(node: Any) -> bool | None:
            return False if any(value is not None and value.name in weights for value in node.inputs) else None

        fold_constants(model, should_fold=may_fold)
        RemoveUnusedNodesPass()(model)
    return onnx_ir.to_proto(model)


def _store_as_half(model: Any) -> None:
    """Store matrices and kernels as float16 where that loses nothing; a cast widens them when the file is loaded."""
    graph = model.graph
    casts = []
    for tensor in graph.initializer:
        if tensor.data_type != onnx.TensorProto.FLOAT or len(tensor.dims) < 2:
            continue
        values = numpy_helper.to_array(tensor)
        half = values.astype(np.float16)
        if not np.array_equal(half.astype(np.float32), values):
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(half, name + HALF))
        casts.append(helper.make_node("Cast", [name + HALF], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)

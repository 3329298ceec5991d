"""Weights out of an exported ONNX file, so that the file that people use is also the one that trainings start from.

The exporter merges no layers: its initializers bear the network's own names and hold exactly its values.
"""

from pathlib import Path

import onnx
import torch
from onnx import external_data_helper, numpy_helper
from torch import Tensor

from cubiseg.model_info import METADATA_KEY

HALF = ".half"
"""Ends the name of a tensor that the exporter stored as float16."""

_MAX_BYTES = 1 << 30
_OWN = ("backbone.", "decode_head.")
"""Prefixes of a network's tensors; the exporter adds constants of its own, such as sizes."""


def read_onnx(path: Path) -> tuple[dict[str, Tensor], str | None]:
    """The network's tensors by name, and the description (JSON) if there is one; the model is not run.

    The file is untrusted: its size is bounded, and no file that it names is opened.

    Args:
        path: ONNX file of the stage export.

    Raises:
        ValueError: too large, or with tensors in other files.
        Exception: parsers raise nearly anything on bytes that are no ONNX.
    """
    if (size := path.stat().st_size) > _MAX_BYTES:
        raise ValueError(f"{size >> 20} MB, over {_MAX_BYTES >> 20}")
    model = onnx.load_model_from_string(path.read_bytes())
    tensors = {}
    for tensor in model.graph.initializer:
        if external_data_helper.uses_external_data(tensor) or tensor.external_data:
            raise ValueError("keeps tensors in other files, which is unsafe")
        if tensor.name.startswith(_OWN):
            tensors[tensor.name.removesuffix(HALF)] = torch.tensor(numpy_helper.to_array(tensor))
    return tensors, next((entry.value for entry in model.metadata_props if entry.key == METADATA_KEY), None)

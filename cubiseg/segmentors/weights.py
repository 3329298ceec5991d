"""Bare weights: safetensors with the model's description in the header, the same bytes for the same weights.

Matrices and kernels are stored as float16, which costs no accuracy that can be measured and halves the file; statistics
and offsets of norms stay float32, since some lie outside float16's range. Evaluation and export use the rounded values.
"""

from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor

from cubiseg.errors import CubisegError, brief, system_fault
from cubiseg.file_kinds import HEAD_BYTES, identify
from cubiseg.files import atomic_write
from cubiseg.model_info import METADATA_KEY, ModelInfo
from cubiseg.segmentors.build import Network, build_segmentor, load_config
from cubiseg.segmentors.onnx_weights import read_onnx

UNUSED = "num_batches_tracked"
"""Counters of batch norm, which inference does not read."""


def save_weights(path: Path, network: torch.nn.Module, info: ModelInfo) -> None:
    """Write the weights of a network, replaced whole.

    Args:
        network: a :class:`Network`, or a module with the same names.
    """
    tensors = {}
    for name, value in network.state_dict().items():
        if name.endswith(UNUSED):
            continue
        wide = value.ndim < 2 or not value.is_floating_point()
        tensors[name] = (value if wide else value.half()).detach().cpu().contiguous()
    # One metadata key: the header's order of several is not fixed.
    content = save(tensors, metadata={METADATA_KEY: info.model_dump_json()})
    with atomic_write(path) as file:
        file.write(content)


def load_weights(path: Path, configs: Path) -> tuple[Network, ModelInfo]:
    """Read weights into the network of their architecture, in evaluation mode.

    Args:
        path: see :func:`read_weights`.
        configs: folder of the configs, where the architecture is looked up.

    Raises:
        CubisegError: missing or damaged file, unknown architecture, or weights that do not fit its config.
    """
    tensors, info = read_weights(path)
    network = Network(build_segmentor(load_config(info.architecture, configs, parts=info.parts is not None)))
    expected = {name: value for name, value in network.state_dict().items() if not name.endswith(UNUSED)}
    wrong = sorted(
        name
        for name in expected.keys() | tensors.keys()
        if name not in expected or name not in tensors or expected[name].shape != tensors[name].shape
    )
    if wrong:
        raise CubisegError(
            f"{path}: {len(wrong)} tensors, first {wrong[0]}, do not fit {info.architecture} in {configs}; "
            "train it again"
        )
    network.load_state_dict({k: v.to(expected[k].dtype) for k, v in tensors.items()}, strict=False)
    return network.eval(), info


def read_weights(path: Path, remedy: str = "train it with `dvc repro train`") -> tuple[dict[str, Tensor], ModelInfo]:
    """The tensors of a weights file by name, and its description; nothing in the file is run.

    Args:
        path: safetensors file of :func:`save_weights`, or ONNX file of the stage export (``.onnx``).
        remedy: what to do about a file that is missing or none of these.

    Raises:
        CubisegError: missing or damaged, or of another kind.
    """
    if not path.is_file():
        pointer = path.with_name(f"{path.name}.dvc")
        hint = f"get it with `dvc pull {pointer}`" if pointer.is_file() else remedy
        raise CubisegError(f"{path}: no such weights file; {hint}")
    try:
        with path.open("rb") as file:
            kind = identify(file.read(HEAD_BYTES))
        if kind is not None and kind.group == "pointer":
            raise CubisegError(f"{path}: is {kind.what}; {kind.remedy}")
        tensors, text = read_onnx(path) if path.suffix.lower() == ".onnx" else _read_safetensors(path)
    except OSError as error:
        raise system_fault(path, error) from error
    except CubisegError:
        raise
    except Exception as error:  # parsers raise nearly anything on hostile bytes
        raise CubisegError(f"{path}: not a usable weights file ({brief(error, 100)}); {remedy}") from error
    return tensors, ModelInfo.parse(text, str(path))


def _read_safetensors(path: Path) -> tuple[dict[str, Tensor], str | None]:
    with safe_open(path, framework="pt") as file:
        text = (file.metadata() or {}).get(METADATA_KEY)
        return {name: file.get_tensor(name) for name in file.keys()}, text  # noqa: SIM118 (not a mapping)

"""Network to TorchScript."""

import copy
import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from cubiseg.files import atomic_write
from cubiseg.model_info import METADATA_KEY, ModelInfo
from cubiseg.segmentors.build import Network, quiet

_ROOM = "cubiseg.segmentors."
_DEBUG = ".debug_pkl"
"""Records of source lines, with the paths of the machine that exported; loading does not need them."""


class _Widen(nn.Module):
    """float16 as stored to float32 as computed."""

    def forward(self, stored: Tensor) -> Tensor:
        return stored.float()


def write_torchscript(path: Path, network: Network, info: ModelInfo) -> None:
    """Trace a network and write it, replaced whole; a fresh process writes the same bytes for the same weights.

    (torch numbers the classes that it has traced since the process began, and writes the numbers.)

    Matrices and kernels are stored as float16 where that loses nothing, as in the weights file, and widened when the
    network runs.

    Args:
        network: in evaluation mode, on the CPU.
        info: stored as the extra file ``cubiseg``; if it is ``dynamic``, the file takes any size it allows.
    """
    stored = _halve(_free_of_sizes(copy.deepcopy(network)))
    example = torch.zeros(1, 3, *info.input_size)
    with torch.no_grad(), warnings.catch_warnings(), _names_without_rooms(stored):
        warnings.simplefilter("ignore")  # of shapes that become constants: parity is measured at a second size
        traced = torch.jit.trace(stored, example, check_trace=False)
    buffer = io.BytesIO()
    torch.jit.save(traced, buffer, _extra_files={METADATA_KEY: info.model_dump_json()})
    content = _tidied(buffer.getvalue())
    with atomic_write(path) as file:
        file.write(content)


@contextmanager
def _names_without_rooms(network: nn.Module) -> Iterator[None]:
    """Let the file name our classes without ``encoders`` and ``decoders``: its bytes do not tell where code lies."""
    ours = {type(module) for module in network.modules() if type(module).__module__.startswith(_ROOM)}
    for kind in ours:
        # MMSegmentation's own encoders, adjusted, were in one module ``encoders``.
        short = re.sub(r"\.(encoders|decoders)\.(?!mmseg$)|\.mmseg$", ".", kind.__module__).rstrip(".")
        kind._jit_override_qualname = f"__torch__.{short}.{kind.__name__}"  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for kind in ours:
            del kind._jit_override_qualname  # type: ignore[attr-defined]


def _free_of_sizes(network: Network) -> Network:
    """A trace would freeze the size that MMSegmentation's ``Upsample`` computes in Python; torch's takes a factor."""
    with quiet():
        from mmseg.models.utils.wrappers import Upsample
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, Upsample) and child.scale_factor:
                same = nn.Upsample(scale_factor=child.scale_factor, mode=child.mode, align_corners=child.align_corners)
                setattr(module, name, same)
    return network


def _halve(network: Network) -> Network:
    for module in list(network.modules()):
        for name, value in list(module.named_parameters(recurse=False)):
            if value.ndim >= 2 and torch.equal(value.half().float(), value):
                setattr(module, name, nn.Parameter(value.half(), requires_grad=False))
                parametrize.register_parametrization(module, name, _Widen(), unsafe=True)
    return network


def _tidied(content: bytes) -> bytes:
    """The same archive without debug records, its records in order: torch writes them in that of addresses."""
    reader = torch._C.PyTorchFileReader(io.BytesIO(content))
    buffer = io.BytesIO()
    writer = torch._C.PyTorchFileWriter(buffer)
    for name in sorted(reader.get_all_records()):
        # The writer adds these two itself.
        if not name.endswith(_DEBUG) and name not in ("version", ".data/serialization_id"):
            record = reader.get_record(name)
            writer.write_record(name, record, len(record))
    writer.write_end_of_file()
    return buffer.getvalue()

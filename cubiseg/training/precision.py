"""Arithmetic of a training step."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from mmengine.optim import OptimWrapper
from mmengine.registry import OPTIM_WRAPPERS

from cubiseg.errors import CubisegError


@OPTIM_WRAPPERS.register_module()
class BFloat16OptimWrapper(OptimWrapper):
    """Forward pass in bfloat16 where autocast deems it safe; weights stay float32.

    MMEngine's own AmpOptimWrapper refuses the CPU. bfloat16 has float32's range, so no loss scaling is needed.
    """

    @contextmanager
    def optim_context(self, model: torch.nn.Module) -> Iterator[None]:
        """Wraps the forward pass."""
        device = next(model.parameters()).device.type
        with super().optim_context(model), torch.autocast(device, dtype=torch.bfloat16):
            yield


def optim_wrapper(precision: str, device: str) -> dict[str, Any]:
    """The part of MMEngine's ``optim_wrapper`` config that sets the precision.

    Args:
        precision: fp32, bf16 or fp16.
        device: torch's device type.

    Raises:
        CubisegError: fp16 on a CPU.
    """
    if precision == "fp16":
        if device == "cpu":
            raise CubisegError("train.precision: fp16 needs an accelerator; on a CPU set bf16 or fp32")
        return {"type": "AmpOptimWrapper", "dtype": "float16"}
    return {"type": "BFloat16OptimWrapper" if precision == "bf16" else "OptimWrapper"}

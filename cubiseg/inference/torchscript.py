"""The only module of the artist's side that imports torch, and only when it is given a TorchScript file."""

import io
from collections.abc import Callable

import numpy as np
import torch

from cubiseg.model_info import METADATA_KEY


def load_torchscript(content: bytes) -> tuple[str, Callable[[np.ndarray], np.ndarray]]:
    """Read a TorchScript archive; its unpickler makes tensors and plain containers only.

    Returns:
        The metadata (empty where it carries none), and the network: (1, 3, h, w) float32 -> (1, C, h, w) float32.

    Raises:
        Exception: of whatever class torch chooses, where the archive is broken.
    """
    extra = {METADATA_KEY: ""}
    module = torch.jit.load(io.BytesIO(content), map_location="cpu", _extra_files=extra)
    module.eval()

    def run(batch: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            logits: np.ndarray = module(torch.from_numpy(batch)).float().numpy()
        return logits

    return extra[METADATA_KEY], run

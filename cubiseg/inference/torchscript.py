"""The only module of the artist's side that imports torch, and only when it is given a TorchScript file."""

import io

import numpy as np
import torch

from cubiseg.model_info import METADATA_KEY, Forward


def load_torchscript(content: bytes) -> tuple[str, Forward]:
    """Read a TorchScript archive; its unpickler makes tensors and plain containers only.

    Returns:
        The metadata (empty where it carries none), and the network.

    Raises:
        Exception: the archive is broken; torch chooses the class.
    """
    extra = {METADATA_KEY: ""}
    module = torch.jit.load(io.BytesIO(content), map_location="cpu", _extra_files=extra)
    module.eval()

    def forward(batch: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            logits: np.ndarray = module(torch.from_numpy(batch)).float().numpy()
        return logits

    return extra[METADATA_KEY], forward

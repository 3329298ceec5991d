"""What any SAM is to us: it embeds a picture once, and gives masks for points in it."""

from pathlib import Path
from typing import Any, Protocol

import numpy as np

from cubiseg import settings
from cubiseg.errors import CubisegError


class Network(Protocol):
    """A SAM that is ready to run. Errors are raised as :class:`cubiseg.errors.CubisegError`.

    Attributes:
        name: what it is, for results.
        side: side, in px, of the square that it sees; a picture lies in the upper left corner of it.
        at_once: points that it is best asked at once.
    """

    name: str
    side: int
    at_once: int

    def embed(self, rgb: np.ndarray) -> Any:
        """What it sees in a picture, (H, W, 3) uint8, whose longer side is ``side``."""
        ...

    def masks(self, embedding: Any, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Masks at points, (N, 2) float64 in px of the embedded picture.

        Returns:
            (M, S / 4, S / 4) float32 logits of the whole square, and (M,) float32, the IoU that each is put at.
        """
        ...


def open_network(source: str | None = None) -> Network:
    """Read the weights of SAM-HQ.

    Args:
        source: a folder as ``SamHQModel.save_pretrained`` writes it (or a copy of a hub's folder, such as
            ``syscv-community/sam-hq-vit-base``), or an encoder and a decoder, two ONNX files with a comma between. None
            looks at ``CUBISEG_SAM_HQ``.

    Raises:
        CubisegError: none is named, a package is missing, or it holds no such weights.
    """
    named = source or settings.SAM_HQ.read()
    if named is None:
        raise CubisegError(
            "sam-hq: needs weights; name a folder of them (and pip install 'cubiseg[sam]') or two ONNX files with"
            f" --sam-hq or ${settings.SAM_HQ.name}"
        )
    if "," in named:
        from cubiseg.inference.sam_hq.by_onnx import OnnxPair

        encoder, _, decoder = named.partition(",")
        return OnnxPair(Path(encoder.strip()), Path(decoder.strip()))
    if named.lower().endswith(".onnx"):
        raise CubisegError(f"{named}: SAM as ONNX is two files; name both: --sam-hq encoder.onnx,decoder.onnx")
    from cubiseg.inference.sam_hq.by_transformers import FolderOfWeights

    return FolderOfWeights(Path(named))

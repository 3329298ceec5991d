"""What the project's own model sees in a picture: regions are spent where it sees small parts."""

import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cubiseg import taxonomy
from cubiseg.errors import CubisegError
from cubiseg.imaging import Picture
from cubiseg.inference import Segmenter, open_segmenter
from cubiseg.inference.model_file import find_model, refuse_own_product
from cubiseg.label_maps import read_label, write_label

VERSION = 2
"""Raised when the same model and pixels give another label map, which those that are remembered would hide."""


@dataclass(frozen=True)
class Guide:
    """Label maps by a model, remembered; may be sent to another process.

    Attributes:
        model: model file.
        digest: SHA-256 of the model file.
        cache: folder that keeps what was seen.
    """

    model: Path
    digest: str
    cache: Path

    @classmethod
    def of(cls, cache: Path) -> "Guide":
        """With the model that ``CUBISEG_MODEL`` names, else the released one.

        Raises:
            CubisegError: there is none, or only the one that the pipeline trains on what is annotated.
        """
        model = refuse_own_product(find_model())
        return cls(model, hashlib.sha256(model.read_bytes()).hexdigest(), cache)

    def label(self, pixels: str, picture: Callable[[], Picture]) -> np.ndarray:
        """What the model sees: (H, W) uint8, taxonomy ids.

        Args:
            pixels: hash of the picture's pixels.
            picture: gives the picture; called only where it is needed.
        """
        name = hashlib.sha256(f"{VERSION}:{self.digest}:{pixels}".encode()).hexdigest()
        path = self.cache / name[:2] / f"{name}.seen.png"
        if path.is_file():
            try:
                known = read_label(path)
                if known.max() < taxonomy.NUM_CLASSES:
                    return known
            except CubisegError:
                pass  # cut short by a full disk or a kill
        label = _segmenter(self.model, self.digest).segment(picture()).label
        write_label(path, label)
        return label


@functools.lru_cache(maxsize=1)
def _segmenter(model: Path, digest: str) -> Segmenter:
    return open_segmenter("anime-advanced", model)

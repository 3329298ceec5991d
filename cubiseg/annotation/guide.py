"""What the project's own model sees in a picture: regions are spent where it sees small parts, and of a class that an
answer gives it tells the part."""

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
from cubiseg.inference.exported_model import model_info
from cubiseg.inference.model_file import find_model, refuse_own_product
from cubiseg.label_maps import read_label, write_label
from cubiseg.part_choices import PartChoices, read_choices, write_choices

VERSION = 3
"""Raised when the same model and pixels give another label map, which those that are remembered would hide."""


@dataclass(frozen=True)
class Guide:
    """What a model sees, remembered; may be sent to another process.

    Attributes:
        model: model file.
        digest: SHA-256 of the model file.
        cache: folder that keeps what was seen.
        parts: whether the model tells parts.
    """

    model: Path
    digest: str
    cache: Path
    parts: bool = False

    @classmethod
    def of(cls, cache: Path) -> "Guide":
        """With the model that ``CUBISEG_MODEL`` names, else the released one.

        Raises:
            CubisegError: there is none, or only the one that the pipeline trains on what is annotated, or it is no
                usable model.
        """
        model = refuse_own_product(find_model())
        digest = hashlib.sha256(model.read_bytes()).hexdigest()
        return cls(model, digest, cache, model_info(model).parts is not None)

    def label(self, pixels: str, picture: Callable[[], Picture]) -> np.ndarray:
        """What the model sees, at the finest level that it tells: (H, W) uint8, taxonomy ids.

        Args:
            pixels: hash of the picture's pixels.
            picture: gives the picture; called only where it is needed.
        """
        path = self._path(pixels, "seen.png")
        if path.is_file():
            try:
                known = read_label(path)
                if np.isin(known, taxonomy.LEAF_IDS if self.parts else np.arange(taxonomy.NUM_CLASSES)).all():
                    return known
            except CubisegError:
                pass  # cut short by a full disk or a kill
        return self._look(pixels, picture)[0]

    def choices(self, pixels: str, picture: Callable[[], Picture]) -> PartChoices | None:
        """The best part of every class at each pixel; None of a model that tells no parts.

        Args:
            pixels: hash of the picture's pixels.
            picture: gives the picture; called only where it is needed.
        """
        if not self.parts:
            return None
        path = self._path(pixels, "parts.npz")
        if path.is_file():
            try:
                return read_choices(path)
            except CubisegError:
                pass  # as above
        return self._look(pixels, picture)[1]

    def _look(self, pixels: str, picture: Callable[[], Picture]) -> tuple[np.ndarray, PartChoices | None]:
        """Ask the model, once for both, and remember both."""
        result = _segmenter(self.model, self.digest).segment(picture())
        write_label(self._path(pixels, "seen.png"), result.finest)
        if result.choices is not None:
            write_choices(self._path(pixels, "parts.npz"), result.choices)
        return result.finest, result.choices

    def _path(self, pixels: str, suffix: str) -> Path:
        # A model of parts was asked for classes alone once, and what was kept then is not to be taken for all it sees.
        level = "parts:" if self.parts else ""
        name = hashlib.sha256(f"{level}{VERSION}:{self.digest}:{pixels}".encode()).hexdigest()
        return self.cache / name[:2] / f"{name}.{suffix}"


@functools.lru_cache(maxsize=1)
def _segmenter(model: Path, digest: str) -> Segmenter:
    return open_segmenter("anime-advanced", model, choices=True, look="once")

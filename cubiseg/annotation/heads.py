"""Where the face is, by the project's own model: regions are spent where small parts are."""

import functools
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.imaging import Picture, write_text
from cubiseg.inference import Segmenter, open_segmenter
from cubiseg.inference.model_file import find_model, refuse_own_product
from cubiseg.regions import Box

VERSION = 1
"""Raised when the same label map gives another box."""

_PARTS = tuple(taxonomy.ID[name] for name in ("face", *taxonomy.SMALL_PARTS))
_LEAST = 0.002
"""Share of the picture that a face takes at least."""


def face_box(label: np.ndarray) -> Box | None:
    """Box of the largest face of a label map: its skin, eyes, brows, nose and mouth.

    Args:
        label: (H, W) uint8, taxonomy ids.

    Returns:
        Left, top, right, bottom in px, the last two exclusive; None where there is no face.
    """
    mask = np.isin(label, _PARTS).astype(np.uint8)
    # Strands cut a face into pieces; they are one face where little lies between.
    reach = max(3, round(0.02 * max(label.shape))) | 1
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    count, pieces = cv2.connectedComponents(joined)
    area = np.bincount(pieces.ravel(), mask.ravel(), count)
    area[0] = 0
    largest = int(area.argmax())
    if area[largest] < _LEAST * label.size:
        return None
    y, x = np.nonzero((pieces == largest) & (mask > 0))
    return float(x.min()), float(y.min()), float(x.max() + 1), float(y.max() + 1)


@dataclass(frozen=True)
class HeadFinder:
    """Finds faces with a model, and remembers them; may be sent to another process.

    Attributes:
        model: model file.
        digest: SHA-256 of it.
        cache: folder of what was found.
    """

    model: Path
    digest: str
    cache: Path

    @classmethod
    def of(cls, cache: Path) -> "HeadFinder":
        """With the model that ``CUBISEG_MODEL`` names, else the released one.

        Raises:
            CubisegError: there is none, or only the one that the pipeline trains on what is annotated.
        """
        model = refuse_own_product(find_model())
        return cls(model, hashlib.sha256(model.read_bytes()).hexdigest(), cache)

    def find(self, pixels: str, picture: Callable[[], Picture]) -> Box | None:
        """The face's box, None where the model sees no face.

        Args:
            pixels: hash of the picture's pixels.
            picture: gives the picture; called only where it is needed.
        """
        name = hashlib.sha256(f"{VERSION}:{self.digest}:{pixels}".encode()).hexdigest()
        path = self.cache / name[:2] / f"{name}.head.json"
        try:
            known = json.loads(path.read_text(encoding="utf-8"))
            if known is None:
                return None
            left, top, right, bottom = (float(side) for side in known)
            return left, top, right, bottom
        except (OSError, ValueError, TypeError):
            box = face_box(_segmenter(self.model, self.digest).segment(picture()).label)
            write_text(path, json.dumps(box))
            return box


@functools.lru_cache(maxsize=1)
def _segmenter(model: Path, digest: str) -> Segmenter:
    return open_segmenter("anime-advanced", model)

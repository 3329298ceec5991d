"""What the model thinks of pictures whose label maps are reviewed, looked at in the background and kept."""

import hashlib
import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from cubiseg import scores, taxonomy
from cubiseg.errors import CubisegError
from cubiseg.imaging import Picture, write_png
from cubiseg.label_maps import read_label, write_label
from cubiseg.studio.document import Labeller

log = logging.getLogger(__name__)


class Opinions:
    """The model's label maps by the pictures' hashes, in a folder.

    Args:
        labeller: the model.
        folder: where they are kept; those of another model lie beside them.
    """

    def __init__(self, labeller: Labeller, folder: Path) -> None:
        self._labeller, self._folder = labeller, folder
        self._one = threading.Lock()
        self._stop = threading.Event()

    def of(self, digest: str, picture: Callable[[], Picture]) -> tuple[np.ndarray, np.ndarray]:
        """The model's label map of a picture, (H, W) uint8, and its confidence, (H, W) uint8, 255 is sure.

        Args:
            digest: hash of the picture's pixels, hexadecimal.
            picture: gives the picture, where the model has to look.

        Raises:
            CubisegError: the picture cannot be read, or no backend can label it.
        """
        place = self._folder / hashlib.sha256(self._labeller.name.encode()).hexdigest()[:12]
        label, sure = place / f"{digest[:32]}.png", place / f"{digest[:32]}.sure.png"
        with self._one:
            try:
                return read_label(label), read_label(sure)
            except CubisegError:  # the model has not looked yet, or was killed at it
                result = self._labeller.first(picture())
                write_png(sure, result.confidence)
                write_label(label, result.label)
                return result.label, result.confidence

    def look_at_all(self, jobs: Sequence[Callable[[], None]]) -> None:
        """Do jobs, one after the other, in a thread that ends with the process; one that fails is passed over."""

        def work() -> None:
            for job in jobs:
                if self._stop.is_set():
                    return
                try:
                    job()
                except (CubisegError, RuntimeError) as error:  # also a pool that was closed meanwhile
                    log.debug("no opinion: %s", error)

        threading.Thread(target=work, daemon=True, name="opinions").start()

    def close(self) -> None:
        """Begin no other job."""
        self._stop.set()


def disagreement(label: np.ndarray, opinion: np.ndarray) -> float:
    """1 - mean IoU of two label maps, (H, W) uint8, over the classes that either has but for the background, 0..1."""
    counts = scores.count(label, opinion, boundaries=False)
    mean = scores.mean(scores.iou(counts), range(1, taxonomy.NUM_CLASSES))
    return 0.0 if np.isnan(mean) else 1 - mean


def doubts(label: np.ndarray, opinion: np.ndarray, confidence: np.ndarray) -> np.ndarray:
    """How sure a label map is in the model's eyes: (H, W) uint8; 255 where both agree, else what the model leaves open.

    Args:
        label: (H, W) uint8, ids of classes and parts, and 255.
        opinion: (H, W) uint8, the model's.
        confidence: (H, W) uint8, of the model in its own.
    """
    same = taxonomy.CLASS_OF[label] == taxonomy.CLASS_OF[opinion]
    return np.where(same, np.uint8(255), np.uint8(255) - confidence)

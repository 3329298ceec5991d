"""The best part of every class at each pixel, as a model of parts sees it.

Somebody else may say which class a pixel is of, and the model then tells its part: also where the model itself sees
another class.
"""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.arrays import read_arrays
from cubiseg.boxes import Box
from cubiseg.errors import CubisegError
from cubiseg.files import atomic_write
from cubiseg.sample_files import SampleFile

VERSION = 1
"""Raised when files are of another form."""

DIVIDED: tuple[int, ...] = taxonomy.ids(*(name for name, parts in taxonomy.PARTS_OF.items() if parts))
"""Ids of the classes that have parts, ascending."""


@dataclass(frozen=True)
class PartChoices:
    """Which part each pixel is of, for every class that it could be of.

    Attributes:
        best: (K, h, w) uint8, for each class of ``DIVIDED`` a map of its parts' ids; coarser than the picture where
            that is large.
        box: where in the picture the maps lie, whole px. Beside them (in bars around a picture) nothing is told.
        size: height and width of the picture.
    """

    best: np.ndarray
    box: Box
    size: tuple[int, int]

    def tell(self, label: np.ndarray) -> np.ndarray:
        """Each pixel's best part of the class that it has.

        Args:
            label: (H, W) uint8, ids of classes; parts, which are told already, and 255 stay as they are.

        Returns:
            (H, W) uint8, a new array; the class of every pixel is what it was.

        Raises:
            ValueError: the label map is not of the picture's size.
        """
        if label.shape != self.size:
            raise ValueError(f"a label map of {label.shape}, where the picture has {self.size}")
        out = label.copy()
        inside = out[self.box.window]
        for number, best in zip(DIVIDED, self.best, strict=True):
            here = inside == number
            if here.any():
                full = cv2.resize(best, inside.shape[::-1], interpolation=cv2.INTER_NEAREST_EXACT)
                inside[here] = full[here]
        return out


def encode_choices(choices: PartChoices) -> bytes:
    """Choices as compressed NumPy arrays; equal choices give equal bytes."""
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        best=choices.best,
        box=np.array(choices.box, np.int32),
        size=np.array(choices.size, np.int32),
        version=np.array(VERSION),
    )
    return buffer.getvalue()


def write_choices(path: Path, choices: PartChoices) -> None:
    """Write :func:`encode_choices`.

    Raises:
        CubisegError: the file cannot be written.
    """
    with atomic_write(path) as file:
        file.write(encode_choices(choices))


def read_choices(path: SampleFile) -> PartChoices:
    """Read what :func:`write_choices` wrote.

    Raises:
        CubisegError: missing, damaged, of another version, or with ids that are no parts of their class.
    """
    try:
        with path.open("rb") as file:
            arrays = read_arrays(file, "version", "best", "box", "size")
        if int(arrays["version"]) != VERSION:
            raise CubisegError(f"{path}: parts of another version; run the stage annotate again")
        best = arrays["best"]
        box = Box(*(int(v) for v in arrays["box"]))
        height, width = (int(v) for v in arrays["size"])
    except FileNotFoundError:
        raise CubisegError(f"{path}: no such file; run the stage annotate again") from None
    except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile, zipfile.LargeZipFile) as error:
        raise CubisegError(f"{path}: is no whole file of parts; run the stage annotate again") from error
    inside = 0 <= box.left < box.right <= width and 0 <= box.top < box.bottom <= height
    whole = best.dtype == np.uint8 and best.ndim == 3 and len(best) == len(DIVIDED) and best.size > 0
    if not inside or not whole or not _parts_of_their_class(best):
        raise CubisegError(f"{path}: is no whole file of parts; run the stage annotate again")
    return PartChoices(best, box, (height, width))


def _parts_of_their_class(best: np.ndarray) -> bool:
    first = taxonomy.PARTS[0].id
    return all((m >= first).all() and (taxonomy.CLASS_OF[m] == c).all() for c, m in zip(DIVIDED, best, strict=True))

"""Patches of a label map as runs: what a stroke changes, small enough to be sent, kept and taken back at once."""

from dataclasses import dataclass

import numpy as np

from cubiseg import taxonomy
from cubiseg.errors import CubisegError

_KNOWN = np.isin(np.arange(256), list(taxonomy.PART_NAME))


@dataclass(frozen=True)
class Runs:
    """Pixels of a label map that take other ids, row by row.

    Attributes:
        start: (N,) int64, place of each run's first pixel in the flat map; ascending, runs do not overlap.
        length: (N,) int64, pixels of each run, above 0.
        value: (N,) uint8, the id that they take.
    """

    start: np.ndarray
    length: np.ndarray
    value: np.ndarray

    @classmethod
    def parse(cls, content: bytes, pixels: int) -> "Runs":
        """Read what :meth:`pack` wrote, of a map of so many pixels.

        Raises:
            CubisegError: it is no list of runs, leaves the map, goes back, or has an id that is no class or part.
        """
        if len(content) % 8:
            raise CubisegError("a patch is cut short; load the page again")
        words = np.frombuffer(content, "<u4").reshape(-1, 2).astype(np.int64)
        start, length, value = words[:, 0], words[:, 1] >> 8, words[:, 1] & 255
        end = start + length
        if (length < 1).any() or (end > pixels).any() or (start[1:] < end[:-1]).any() or not _KNOWN[value].all():
            raise CubisegError("a patch does not fit the picture; load the page again")
        return cls(start, length, value.astype(np.uint8))

    @classmethod
    def between(cls, before: np.ndarray, after: np.ndarray) -> "Runs":
        """What turns one map, (H, W) uint8, into another of the same size."""
        return cls.of(np.flatnonzero(before != after), after)

    @classmethod
    def of(cls, where: np.ndarray, label: np.ndarray) -> "Runs":
        """What a map, (H, W) uint8, holds at some places of the flat map, (K,) int, ascending."""
        value = label.ravel()[where]
        begins = np.ones(len(where), bool)
        begins[1:] = (np.diff(where) != 1) | (value[1:] != value[:-1]) | (where[1:] % label.shape[1] == 0)
        first = np.flatnonzero(begins)
        return cls(where[first].astype(np.int64), np.diff(first, append=len(where)), value[first])

    def pack(self) -> bytes:
        """Two little-endian uint32 a run: the start; the length in the upper 24 bits and the id in the lower 8.

        A run ends with its row, and a row has at most 8192 pixels.
        """
        return np.stack([self.start, self.length << 8 | self.value], 1).astype("<u4").tobytes()

    def pixels(self) -> np.ndarray:
        """Places of all pixels in the flat map: (K,) int64, ascending."""
        ends = np.cumsum(self.length)
        total = int(ends[-1]) if len(ends) else 0
        return np.arange(total) + np.repeat(self.start - (ends - self.length), self.length)

    def paint(self, label: np.ndarray) -> "Runs":
        """Give the pixels of a map, (H, W) uint8, their new ids, in place; returns what takes that back."""
        where = self.pixels()
        back = Runs.of(where, label)
        label.reshape(-1)[where] = np.repeat(self.value, self.length)
        return back

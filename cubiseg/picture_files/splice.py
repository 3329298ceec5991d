"""A file without some of its parts, read as if they were not there, whatever their size."""

import bisect
import io
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Spliced(io.RawIOBase):
    """The kept parts of an open file, one after the other; nothing is copied."""

    def __init__(self, file: BinaryIO, parts: list[tuple[int, int]]) -> None:
        """Read parts of a file.

        Args:
            file: open file that can seek; it stays open.
            parts: start and end of each part in bytes, ascending.
        """
        self._file = file
        self._parts: list[tuple[int, int]] = []
        for start, end in parts:
            if self._parts and self._parts[-1][1] == start:
                start = self._parts.pop()[0]
            if end > start:
                self._parts.append((start, end))
        self._ends: list[int] = []
        for start, end in self._parts:
            self._ends.append((self._ends[-1] if self._ends else 0) + end - start)
        self._place = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place among the kept bytes."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._ends[-1] if self._ends else 0}[whence]
        self._place = max(0, base + offset)
        return self._place

    def tell(self) -> int:
        """Place among the kept bytes."""
        return self._place

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill a buffer from one part; gives the number of bytes, 0 at the end."""
        number = bisect.bisect_right(self._ends, self._place)
        if number == len(self._parts):
            return 0
        rest = self._ends[number] - self._place
        view = memoryview(buffer).cast("B")[:rest]
        self._file.seek(self._parts[number][1] - rest)
        data = self._file.read(len(view))
        view[: len(data)] = data
        self._place += len(data)
        return len(data)

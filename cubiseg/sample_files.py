"""The files of samples, whether they lie by themselves in a stage's folder or packed in its shards.

Shards are plain tars below ``shards/``; ``shards/index.jsonl`` says of each file where it lies, so that one file is one
seek and no tar is parsed. Manifests name files alike in both forms.
"""

import errno
import functools
import io
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Literal, NamedTuple, TypeAlias

import numpy as np

from cubiseg.errors import CubisegError

SHARDS = "shards"
INDEX = f"{SHARDS}/index.jsonl"

_SHARD = re.compile(r"(?:[A-Za-z0-9_-]{1,64}/)?[0-9]{6}\.tar")
# All names take as much memory as the longest: ids have 128 characters at most, and a suffix has a few.
_FILE = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9._-]{0,63}/){1,2}[A-Za-z0-9][A-Za-z0-9._-]{0,135}")
_MOST_LINE = 4 * 2**20
"""Bytes of a line: a shard has 1,000 samples, of four files, of names of 250 characters in the worst case: 1 MB."""
_REMEDY = "run the stage that makes it again, or `dvc pull`"


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A file in a shard, with those of :class:`pathlib.Path`'s methods that reading a file needs.

    Nothing but names is kept: each call looks the place up, so that a folder that was built again is read as it is now.

    Attributes:
        folder: the folder that has ``shards/``.
        path: what the manifest calls the file, a POSIX path relative to ``folder``.
    """

    folder: Path
    path: str

    def __str__(self) -> str:
        return str(self.folder / self.path)

    @property
    def suffix(self) -> str:
        """Its suffix, with the dot."""
        return PurePosixPath(self.path).suffix

    def read_bytes(self) -> bytes:
        """Its content.

        Raises:
            FileNotFoundError: the file or its shard is gone.
            CubisegError: the index is malformed, or the shard is not the one that it describes.
        """
        place = self._place()
        with place.shard.open("rb") as file:
            if os.fstat(file.fileno()).st_size != place.shard_size:
                raise CubisegError(f"{place.shard}: is not as long as {self.folder / INDEX} says; {_REMEDY}")
            file.seek(place.offset)
            return file.read(place.size)

    def open(self, mode: Literal["rb"] = "rb") -> BinaryIO:
        """A file object of its content; raises as :meth:`read_bytes`."""
        return io.BytesIO(self.read_bytes())

    def is_file(self) -> bool:
        """Whether it and its shard are there."""
        index = _index(self.folder)
        place = None if index is None else index.find(self.path)
        return place is not None and place.shard.is_file()

    def stat(self) -> os.stat_result:
        """What the system says of its shard; raises as :meth:`read_bytes`."""
        return self._place().shard.stat()

    def resolve(self) -> Path:
        """Where its shard truly lies; raises as :meth:`read_bytes`."""
        return self._place().shard.resolve()

    def _place(self) -> "_Place":
        index = _index(self.folder)
        place = None if index is None else index.find(self.path)
        if place is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self))
        return place


SampleFile: TypeAlias = Path | PackedFile
"""A sample's file in either form."""


def find(folder: Path, path: str) -> SampleFile:
    """A sample's file in a stage's folder; whether it is there is not asked.

    >>> find(Path("data/clean"), "labels/a.png")
    PosixPath('data/clean/labels/a.png')

    Args:
        folder: a folder with a manifest.
        path: what the manifest calls the file.

    Raises:
        CubisegError: the folder has shards, and their index is malformed.
    """
    index = _index(folder)
    return folder / path if index is None or index.find(path) is None else PackedFile(folder, path)


def is_packed(folder: Path) -> bool:
    """Whether a folder has shards."""
    return (folder / INDEX).is_file()


def packed_below(folder: Path, kind: str) -> list[str]:
    """The paths of packed files below ``folder/kind``, sorted; none where the folder has no shards.

    Raises:
        CubisegError: the index is malformed.
    """
    index = _index(folder)
    names = [] if index is None else [name.decode() for name in index.names.tolist()]
    return [name for name in names if name.startswith(f"{kind}/")]


class _Place(NamedTuple):
    shard: Path
    shard_size: int
    offset: int
    size: int


@dataclass(frozen=True)
class _Index:
    """Where files lie; arrays, as a set of 100,000 samples would fill a dict of 50 MB in every process.

    Attributes:
        names: (N,) bytes, ascending.
        spans: (N, 3) int64, number of the shard, and the file's offset and size in it.
        shards: the tars and their sizes.
    """

    names: np.ndarray
    spans: np.ndarray
    shards: tuple[tuple[Path, int], ...]

    def find(self, path: str) -> _Place | None:
        name = path.encode()
        if len(name) > self.names.itemsize:  # NumPy would widen all names to compare them
            return None
        row = int(np.searchsorted(self.names, np.array(name, self.names.dtype)))
        if row == len(self.names) or self.names[row] != name:
            return None
        shard, offset, size = (int(v) for v in self.spans[row])
        return _Place(*self.shards[shard], offset, size)


def _index(folder: Path) -> _Index | None:
    """The index of a folder as it is now; None where it has no shards."""
    path = folder / INDEX
    try:
        stat = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise CubisegError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    return _read_index(folder, (stat.st_ino, stat.st_mtime_ns, stat.st_size))


@functools.lru_cache(maxsize=8)
def _read_index(folder: Path, stamp: tuple[int, ...]) -> _Index:
    path = folder / INDEX
    shards: list[tuple[Path, int]] = []
    names: list[bytes] = []
    spans = [np.zeros((0, 3), np.int64)]
    try:
        with path.open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(_MOST_LINE + 1), b"")):
                shard, size, found, inside = _read_line(line)
                shards.append((folder / SHARDS / shard, size))
                names += found
                spans.append(np.insert(inside, 0, number, axis=1))
    except OSError as error:
        raise CubisegError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise CubisegError(f"{path}:{len(shards) + 1}: is no record of a shard ({error}); {_REMEDY}") from error
    table = np.array(names, np.bytes_)
    order = np.argsort(table, kind="stable")
    table = table[order]
    doubled = np.flatnonzero(table[1:] == table[:-1])
    if len(doubled):
        raise CubisegError(f"{path}: names {table[doubled[0]].decode()} twice; {_REMEDY}")
    if len({shard for shard, _ in shards}) < len(shards):
        raise CubisegError(f"{path}: names a shard twice; {_REMEDY}")
    return _Index(table, np.concatenate(spans)[order], tuple(shards))


def _read_line(line: bytes) -> tuple[str, int, list[bytes], np.ndarray]:
    """A shard's name and size, and the names, offsets and sizes of its files, checked.

    Raises:
        ValueError, KeyError, TypeError, OverflowError, RecursionError: it is no such record.
    """
    if len(line) > _MOST_LINE:
        raise ValueError(f"the line is longer than {_MOST_LINE} bytes")
    record = json.loads(line)
    shard, size, files = record["shard"], record["size"], record["files"]
    if not _SHARD.fullmatch(shard):
        raise ValueError(f"a shard is called {shard[:80]!r}")
    names = [name for name, _, _ in files]
    if bad := [name for name in names if not _FILE.fullmatch(name)]:
        raise ValueError(f"a file is called {bad[0][:80]!r}")
    spans = np.array([[offset, length] for _, offset, length in files] or np.zeros((0, 2), int))
    if spans.dtype != np.int64 or type(size) is not int:
        raise ValueError("sizes must be whole numbers")
    if len(spans) and (spans.min() < 0 or (spans[:, 1] > size - spans[:, 0]).any()):
        raise ValueError(f"a file lies outside {shard}")
    return shard, size, [name.encode() for name in names], spans

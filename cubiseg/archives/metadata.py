"""Metadata of Danbooru as a stream: 20 GB of it take no more memory than a line.

JSON lines (plain, or packed by gzip, bzip2 or xz), a .tar of such files, packed or not, a folder of any of these, and
Parquet. What a file is, its first bytes tell. Lines that are no record are counted; a file that is cut off gives what
comes before.
"""

import bz2
import gzip
import io
import json
import logging
import lzma
import os
import re
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from cubiseg.archives.posts import COLUMNS, Post, parse_post
from cubiseg.archives.reading import SaneHeader
from cubiseg.errors import CubisegError, brief
from cubiseg.workers import progress

log = logging.getLogger(__name__)

MOST_LINE = 16 * 2**20
"""Bytes of a line; a record with thousands of tags has some 100,000."""
BLOCK = 8 * 2**20
"""Bytes of a file to a step of the progress bar."""
LINES, ROWS = 2000, 500
"""Lines and rows that are read before the bar is looked at."""

_ID = re.compile(rb'\{\s*"id"\s*:\s*"?(\d{1,18})"?\s*[,}]')
_PACKED: dict[bytes, Callable[[IO[bytes]], Any]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
    b"BZh": lambda file: bz2.BZ2File(file),
    b"\xfd7zXZ": lambda file: lzma.LZMAFile(file),  # noqa: SIM115 - an ExitStack closes it
}
_FAULTS = (
    *(OSError, EOFError, zlib.error, lzma.LZMAError, tarfile.TarError),
    *(ValueError, RuntimeError, ArithmeticError, MemoryError, LookupError, TypeError),
)


def read_posts(path: Path, year: int, wanted: Callable[[int], bool]) -> Iterator[Post]:
    """Posts in a file or folder of metadata, with a progress bar.

    Args:
        path: see the top of this module.
        year: of the dump.
        wanted: whether a post, by its number, is wanted; others are hardly looked at.

    Raises:
        CubisegError: not there, no metadata at all, or ratings of another year.
    """
    files = _files(path)
    total = sum(file.stat().st_size for file in files)
    reading = _Reading(year, wanted)
    for block in progress(reading.blocks(files), max(1, -(-total // BLOCK)), f"metadata of {path.name}"):
        yield from block
    for fault in reading.faults:
        log.warning("%s", fault)
    if reading.odd:
        log.warning("%s: %d lines are no record of a post and were passed over", path, reading.odd)
    if not reading.records:
        raise CubisegError(f"{path}: holds no record of a post; name Danbooru's metadata (JSON lines or Parquet)")


def _files(path: Path) -> list[Path]:
    try:
        if path.is_dir():
            inside = sorted(Path(place, name) for place, folders, names in os.walk(path) for name in folders + names)
            shown = [p for p in inside if not p.name.startswith(".")]
            for link in (p for p in shown if p.is_symlink()):
                log.warning("%s: is a link, which is not followed; name what it leads to, or copy it here", link)
            if found := [p for p in shown if p.is_file() and not p.is_symlink()]:
                return found
        elif path.is_file():
            return [path]
    except OSError as error:
        raise CubisegError(f"{path}: cannot be listed ({error.strerror}); check its permissions") from error
    raise CubisegError(f"{path}: no such metadata; name a file or folder of Danbooru's (JSON lines, .tar.xz, Parquet)")


class _Reading:
    """One reading of some files, and what was found on the way.

    Attributes:
        records: numbers of posts, wanted or not.
        odd: numbers of lines that are none.
        faults: of files that ended early, one line each.
    """

    def __init__(self, year: int, wanted: Callable[[int], bool]) -> None:
        self.records = self.odd = 0
        self.faults: list[str] = []
        self._year, self._wanted = year, wanted
        self._found: list[Post] = []

    def blocks(self, files: list[Path]) -> Iterator[list[Post]]:
        """The wanted posts of all files, one list for each :data:`BLOCK` of their bytes."""
        before = shown = 0
        for file in files:
            size = file.stat().st_size
            for share in self._shares(file):
                while shown < int((before + share * size) / BLOCK):
                    yield self._taken()
                    shown += 1
            before += size
        yield self._taken()

    def _taken(self) -> list[Post]:
        found, self._found = self._found, []
        return found

    def _shares(self, path: Path) -> Iterator[float]:
        """Read a file; tells now and then which share of it has been read, 0..1."""
        try:
            with path.open("rb") as file:
                parquet = file.read(4) == b"PAR1"
            yield from (self._rows if parquet else self._lines)(path)
        except _FAULTS as error:
            self.faults.append(f"{path}: ends early or is damaged ({brief(error, 80)}); what comes before was read")

    def _lines(self, path: Path) -> Iterator[float]:
        size = max(1, path.stat().st_size)
        with path.open("rb") as raw, ExitStack() as stack:
            for number, line in enumerate(_all_lines(raw, stack), 1):
                if len(line) > MOST_LINE:
                    raise ValueError(f"a line of over {MOST_LINE >> 20} MB")
                self._read(line, path)
                if number % LINES == 0:
                    yield min(1.0, raw.tell() / size)

    def _read(self, line: bytes, path: Path) -> None:
        """Keep a line's post if it is wanted; to read its number off the start is quicker than to parse."""
        start = _ID.match(line)
        if start is not None and not self._wanted(int(start[1])):
            self.records += 1
        elif line.strip():
            try:
                self._keep(json.loads(line), path)
            except (ValueError, RecursionError):
                self.odd += 1

    def _keep(self, facts: object, path: Path) -> None:
        try:
            post = parse_post(facts, self._year)
        except CubisegError as error:
            raise CubisegError(f"{path}: {error}") from error
        self.records += 1
        if self._wanted(post.id):
            self._found.append(post)

    def _rows(self, path: Path) -> Iterator[float]:
        """Posts of a Parquet file, batch by batch; only columns that are looked at are read."""
        try:
            import pyarrow.parquet as parquet
        except ModuleNotFoundError as error:
            raise CubisegError(f"{path}: is Parquet, which needs pyarrow; pip install 'cubiseg[parquet]'") from error
        # Buffered: without it all that a group of rows has of a column is read at once.
        with parquet.ParquetFile(path, buffer_size=2**20, pre_buffer=False) as file:
            columns = [name for name in COLUMNS if name in file.schema_arrow.names]
            done = 0
            for batch in file.iter_batches(ROWS, columns=columns) if "id" in columns else ():
                done += batch.num_rows
                numbers = batch.column("id").to_pylist()
                rows = [i for i, number in enumerate(numbers) if self._is_wanted(number)]
                self.records += len(numbers) - len(rows)
                for facts in batch.take(rows).to_pylist() if rows else ():
                    try:
                        self._keep(facts, path)
                    except ValueError:
                        self.odd += 1
                yield done / file.metadata.num_rows

    def _is_wanted(self, number: object) -> bool:
        """Whether a post is, by its number as the file has it; what is no number is looked at, and told."""
        return not str(number).isdecimal() or self._wanted(int(str(number)[:20]))


def _all_lines(raw: IO[bytes], stack: ExitStack) -> Iterator[bytes]:
    """Lines of a file, unpacked; of a tar, those of all its files, one after the other."""
    head = raw.read(6)
    raw.seek(0)
    unpack = next((unpack for mark, unpack in _PACKED.items() if head.startswith(mark)), None)
    plain: Any = raw if unpack is None else stack.enter_context(unpack(raw))
    stream = stack.enter_context(io.BufferedReader(plain, 2**18))
    if stream.peek(512)[257:262] != b"ustar":
        yield from iter(lambda: stream.readline(MOST_LINE + 1), b"")
        return
    tar = stack.enter_context(tarfile.open(fileobj=stream, mode="r|", tarinfo=SaneHeader))  # noqa: SIM115
    while (member := tar.next()) is not None:
        tar.members = []  # type: ignore[attr-defined]  # the list of all it has seen is all that would grow
        inside = tar.extractfile(member) if member.isreg() else None
        if inside is not None:
            yield from iter(lambda file=inside: file.readline(MOST_LINE + 1), b"")  # type: ignore[misc]

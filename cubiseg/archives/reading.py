"""What is in an archive: a folder, a .zip or a .tar, and the bytes of one file in it.

The headers are read in one pass, without what they describe; later each chosen file is read from its place. An archive
that is cut off or damaged gives what comes before the fault, which is told.
"""

import os
import stat
import struct
import tarfile
import threading
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from lzma import LZMAError
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from cubiseg.archives.names import parts_of
from cubiseg.errors import CubisegError, brief

MOST_BYTES = 64 * 2**20
"""Size of a picture; larger ones are passed over."""
MOST_HEADER = 2**20
"""Bytes that a tar may say of one file (its name, its extended attributes); a sane one has some hundred."""

_FAULTS = (
    *(OSError, tarfile.TarError, zipfile.BadZipFile, zlib.error, LZMAError, EOFError, ValueError, struct.error),
    *(RuntimeError, ArithmeticError, MemoryError, LookupError, TypeError),
)
"""What the readers raise on hostile bytes; each kind of packing has its own. NotImplementedError and RecursionError are
RuntimeErrors, UnicodeDecodeError is a ValueError."""
_LINK = "is a link or a special file; add the picture itself"
_LINKED_FOLDER = "is a link to a folder, which is not followed; name that folder, or copy it here"


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive.

    Attributes:
        name: as the archive has it; may hold anything.
        where: offset of its content in a tar, number of the member in a zip; tells the order in which to read.
        size: bytes.
        fault: why it cannot be read, where that shows before it is read; "" otherwise.
        sha256: of its content, where an index says so; "" otherwise.
    """

    name: str
    where: int
    size: int
    fault: str = ""
    sha256: str = ""

    @property
    def path(self) -> PurePosixPath:
        """Its name in parts."""
        return parts_of(self.name)


class Archive(Protocol):
    """An opened archive.

    Attributes:
        path: where it lies.
        fault: what is wrong with it as a whole, known once all members were listed; "" for nothing.
    """

    path: Path
    fault: str

    def members(self) -> Iterator[Member]:
        """All files in it, in its own order."""
        ...

    def content(self, member: Member) -> bytes:
        """A file's bytes, at most :data:`MOST_BYTES`; may be called from several threads.

        Raises:
            CubisegError: they cannot be unpacked; the message begins with the reason.
        """
        ...


def open_archive(path: Path) -> Archive:
    """A folder, a .zip or an uncompressed .tar, told apart by content.

    Raises:
        CubisegError: not there, or none of them.
    """
    try:
        if path.is_dir():
            return Folder(path)
        if not path.is_file():
            missing = "is no regular file" if path.exists() else "no such file or folder"
            raise CubisegError(f"{path}: {missing}; name a folder, .zip or .tar of pictures")
        return Zip(path) if zipfile.is_zipfile(path) else Tar(path)
    except _FAULTS as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: BaseException) -> CubisegError:
    with path.open("rb") as file:
        head = file.read(6)
    if head.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")):
        return CubisegError(f"{path}: is compressed, so pictures in it have no place to go to; unpack it to .tar")
    return CubisegError(f"{path}: cannot be read ({brief(error, 100)}); fetch it again, as folder, .zip or .tar")


class Folder:
    """A folder and all folders in it; links are not followed."""

    def __init__(self, path: Path) -> None:
        self.path, self.fault = path, ""

    def members(self) -> Iterator[Member]:
        """As of :class:`Archive`, sorted, so that the order is that of no file system."""
        unlisted: list[OSError] = []
        for place, folders, names in os.walk(self.path, onerror=unlisted.append):
            folders.sort()
            for name in folders:
                if Path(place, name).is_symlink():
                    yield Member(self._inside(Path(place, name)), 0, 0, _LINKED_FOLDER)
            for name in sorted(names):
                file = Path(place, name)
                try:
                    facts = file.lstat()
                except OSError as error:
                    yield Member(self._inside(file), 0, 0, f"cannot be read ({error.strerror}); check its permissions")
                    continue
                yield Member(self._inside(file), 0, facts.st_size, "" if stat.S_ISREG(facts.st_mode) else _LINK)
        for one in unlisted:
            told = f"cannot be listed ({one.strerror}); check its permissions"
            yield Member(self._inside(Path(one.filename)), 0, 0, told)

    def _inside(self, file: Path) -> str:
        return file.relative_to(self.path).as_posix()

    def content(self, member: Member) -> bytes:
        """As of :class:`Archive`."""
        # A file that was changed to a pipe since it was listed would never answer, one to a link lead elsewhere.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        try:
            with open(os.open(self.path / member.name, flags), "rb") as file:  # noqa: PTH123 - by descriptor
                return file.read(MOST_BYTES)
        except OSError as error:
            raise CubisegError(f"cannot be read ({error.strerror}); check its permissions") from error


class Zip:
    """A .zip; its directory is read once."""

    def __init__(self, path: Path) -> None:
        self.path, self.fault = path, ""
        self._zip = zipfile.ZipFile(path)
        self._infos = self._zip.infolist()

    def members(self) -> Iterator[Member]:
        """As of :class:`Archive`."""
        for number, info in enumerate(self._infos):
            if info.is_dir():
                continue
            fault = "is encrypted; unpack it with its password" if info.flag_bits & 1 else ""
            kind = stat.S_IFMT(info.external_attr >> 16)
            yield Member(info.filename, number, info.file_size, fault or ("" if kind in (0, stat.S_IFREG) else _LINK))

    def content(self, member: Member) -> bytes:
        """As of :class:`Archive`; no more is unpacked than the directory promises."""
        try:
            with self._zip.open(self._infos[member.where]) as file:
                return file.read(min(member.size, MOST_BYTES) + 1)
        except _FAULTS as error:
            reason = f"cannot be unpacked ({brief(error, 80)}); unpack the archive by other means"
            raise CubisegError(reason) from error


class Tar:
    """An uncompressed .tar; its headers are walked from one to the next, over what lies between them."""

    def __init__(self, path: Path) -> None:
        self._prepare(path)
        tarfile.open(path, "r:", tarinfo=SaneHeader).close()  # reads the first header

    def members(self) -> Iterator[Member]:
        """As of :class:`Archive`."""
        size, count, before = self.path.stat().st_size, 0, -1
        with self.path.open("rb") as file, tarfile.open(fileobj=file, mode="r:", tarinfo=SaneHeader) as tar:
            while True:
                try:
                    member = tar.next()
                    if member is None:
                        file.seek(tar.offset)
                        whole = file.read(tarfile.BLOCKSIZE) == tarfile.NUL * tarfile.BLOCKSIZE
                        self.fault = "" if whole else f"is cut off or damaged after {count} files"
                        return
                    tar.members = []  # type: ignore[attr-defined]  # the list of all it has seen is all that would grow
                    if member.offset <= before or member.size < 0 or tar.offset <= member.offset:
                        raise tarfile.ReadError("leads back to where it came from")
                except _FAULTS as error:
                    self.fault = f"is cut off or damaged after {count} files ({brief(error, 60)})"
                    return
                before = member.offset
                if member.isdir():
                    continue
                count += 1
                fault = "" if member.isreg() and not member.issparse() else _LINK
                if not fault and member.offset_data + member.size > size:
                    fault = "is cut off"
                yield Member(member.name, member.offset_data, member.size, fault)

    def _prepare(self, path: Path) -> None:
        self.path, self.fault = path, ""
        self._reading = threading.Lock()
        self._file: IO[bytes] | None = None

    def content(self, member: Member) -> bytes:
        """As of :class:`Archive`."""
        try:
            with self._reading:
                if self._file is None:
                    self._file = self.path.open("rb")
                self._file.seek(member.where)
                return self._file.read(min(member.size, MOST_BYTES))
        except _FAULTS as error:
            raise CubisegError(f"cannot be read ({brief(error, 80)}); fetch the archive again") from error


_ABOUT = (
    *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
    *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
)
"""Kinds of what a tar says about the file that follows."""


class SaneHeader(tarfile.TarInfo):
    """A header of a tar, refused where it promises more about one file than :data:`MOST_HEADER`, or less than nothing.

    The bytes that tell a long name are read whole into memory, however many they are; and to a file of negative size
    there is no next one.
    """

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> "SaneHeader":
        """As of :class:`tarfile.TarInfo`.

        Raises:
            tarfile.ReadError: the size cannot be, or the file is a sparse one.
        """
        header = super().frombuf(buf, encoding, errors)
        if header.size < 0 or (header.size > MOST_HEADER and header.type in _ABOUT):
            raise tarfile.ReadError(f"a header of {header.size} bytes")
        if header.type == tarfile.GNUTYPE_SPARSE:  # its map goes on in further blocks, as many as it likes
            raise tarfile.ReadError("a sparse file")
        return header

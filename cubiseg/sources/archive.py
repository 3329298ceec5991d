"""A random share of the pictures in a large archive, as your own pictures in ``data/references/``.

The archive is untrusted: names in it decide nothing but which pictures are taken and what is left readable of them in
the names of the files, and sizes are bounded. One pass finds the pictures, a second reads the chosen ones, so an
archive of 300,000 needs little memory.
"""

import hashlib
import heapq
import logging
import lzma
import re
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from cubiseg import files, imaging
from cubiseg.errors import CubisegError, brief
from cubiseg.sources.result import PassedOver, is_system_file

log = logging.getLogger(__name__)

MOST_BYTES = 64 * 2**20
"""Size of a picture; larger members are passed over."""

_STEM = re.compile(r"[A-Za-z0-9_-]{1,100}")
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])", re.IGNORECASE)
"""Stems that Windows takes for devices."""


@dataclass(frozen=True, order=True)
class Member:
    """A file in an archive.

    Attributes:
        name: as the archive has it.
        where: offset of its content in a tar, number of the member in a zip.
        size: bytes.
        fault: why it cannot be read, where that shows before it is read; "" otherwise.
    """

    name: str
    where: int
    size: int
    fault: str = ""

    @property
    def path(self) -> PurePosixPath:
        """Its name in parts; old programs of Windows write backslashes."""
        return PurePosixPath(self.name.replace("\\", "/"))

    @property
    def key(self) -> bytes:
        """Its name as bytes, also where the archive's is no UTF-8."""
        return self.name.encode("utf-8", "surrogateescape")


@dataclass
class _Survey:
    """What one pass over an archive finds.

    Attributes:
        passed: files that are not taken, with the reason.
        shared: stems, without case, that several pictures have.
    """

    passed: PassedOver = field(default_factory=PassedOver)
    shared: set[str] = field(default_factory=set)
    _stems: set[str] = field(default_factory=set)

    def pictures(self, members: Iterator[Member]) -> Iterator[Member]:
        for member in members:
            if is_system_file(member.path.name) or "__MACOSX" in member.path.parts:
                self.passed.system += 1
            elif reason := _why_not(member):
                self.passed.add(member.name, reason)
            else:
                stem = member.path.stem.casefold()
                (self.shared if stem in self._stems else self._stems).add(stem)
                yield member


def draw_pictures(archive: Path, count: int, seed: int, out: Path) -> list[Path]:
    """Copy pictures out of an archive, chosen by chance.

    Each picture's luck hangs on a hash of the seed and its name, so a larger count keeps what a smaller one chose. A
    file that is there already is left alone. A name of ASCII letters, digits, ``-`` and ``_`` that no other picture
    has is kept; of any other the readable rest is, with a hash of the whole name, so that files stay apart. What is
    passed over is counted and logged, the first of it by name.

    Args:
        archive: .tar (not compressed, as a compressed one has no places to go to) or .zip.
        count: how many.
        seed: seed of the random choice.
        out: folder for the pictures.

    Returns:
        Their files, sorted.

    Raises:
        CubisegError: the archive cannot be read or holds no pictures, or ``out`` has another picture of a chosen name.
    """
    survey = _Survey()
    taken: set[Path] = set()
    try:
        chosen = heapq.nsmallest(
            count, survey.pictures(_members(archive)), key=lambda m: hashlib.sha256(b"%d:%b" % (seed, m.key)).digest()
        )
        for member in chosen:
            target = out / _file_name(member, survey.shared)
            if target in taken:
                survey.passed.add(member.name, "is in the archive twice; the first one was taken")
            elif reason := _copy(archive, member, target):
                survey.passed.add(member.name, reason)
            else:
                taken.add(target)
    except (OSError, tarfile.TarError, zipfile.BadZipFile, EOFError, UnicodeDecodeError) as error:
        raise CubisegError(
            f"{archive}: cannot be read ({brief(error, 100)}); fetch it again, as .tar or .zip"
        ) from error
    for line in survey.passed.lines(str(archive)):
        log.warning("%s", line)
    if not chosen:
        raise CubisegError(f"{archive}: holds no picture (.jpg, .png, .webp); check that it is the right archive")
    if not taken:
        raise CubisegError(f"{archive}: none of {len(chosen)} pictures could be read; fetch it again, as .tar or .zip")
    return sorted(taken)


def _members(archive: Path) -> Iterator[Member]:
    """All members but folders, in the archive's order."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as content:
            for number, info in enumerate(content.infolist()):
                if not info.is_dir():
                    fault = "is encrypted; unpack it with its password" if info.flag_bits & 1 else ""
                    yield Member(info.filename, number, info.file_size, fault)
        return
    with closing(tarfile.open(archive, "r:")) as tar:
        while (member := tar.next()) is not None:
            tar.members = []  # type: ignore[attr-defined]  # the list of all it has seen is all that would grow
            if not member.isdir():
                plain = member.isreg() and not member.issparse()
                fault = "" if plain else "is a link or a special file; add the picture itself"
                yield Member(member.name, member.offset_data, member.size, fault)


def _why_not(member: Member) -> str:
    """Why a member is no picture that can be taken; "" where it is one."""
    name = member.path.name
    if member.path.suffix.lower() not in imaging.SUFFIXES or not member.path.stem.strip(". "):
        return "is not PNG, JPEG or WebP by its name"
    if name.startswith("."):
        return "is hidden by the dot before its name; rename it"
    if member.fault:
        return member.fault
    if member.size <= 0:
        return "is empty"
    return "" if member.size <= MOST_BYTES else f"is over {MOST_BYTES >> 20} MB; scale it down"


def _file_name(member: Member, shared: set[str]) -> str:
    """A name that is safe on every system, and depends on nothing but the archive's names."""
    stem = member.path.stem
    plain = _STEM.fullmatch(stem) and not _DEVICES.fullmatch(stem) and "\\" not in member.name
    if plain and stem.casefold() not in shared:
        return member.path.name
    readable = re.sub(r"[^A-Za-z0-9_-]+", "-", unicodedata.normalize("NFKD", stem)).strip("-")[:64]
    mark = hashlib.sha256(member.key).hexdigest()[:12]
    return f"{readable}-{mark}{member.path.suffix}" if readable else f"{mark}{member.path.suffix}"


def _copy(archive: Path, member: Member, target: Path) -> str:
    """Copy a member to its file; gives why it could not be read, or ""."""
    try:
        content = _content(archive, member)
    except (RuntimeError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, EOFError, ValueError) as error:
        # Each kind of packing has its own classes; NotImplementedError is a RuntimeError.
        return f"cannot be unpacked ({brief(error, 80)}); unpack the archive by other means"
    if target.exists():
        if target.read_bytes() != content:
            raise CubisegError(f"{target}: is another picture than {member.name} in {archive}; choose another folder")
        return ""
    with files.atomic_write(target) as file:
        file.write(content)
    return ""


def _content(archive: Path, member: Member) -> bytes:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as content, content.open(content.infolist()[member.where]) as file:
            return file.read(MOST_BYTES)
    with archive.open("rb") as file:
        file.seek(member.where)
        return file.read(member.size)

"""A random share of the pictures in a large archive, as your own pictures in ``data/references/``.

The archive is untrusted: names in it decide nothing but which pictures are taken, and sizes are bounded. One pass finds
the pictures, a second reads the chosen ones, so an archive of 300,000 needs little memory.
"""

import hashlib
import heapq
import re
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from cubiseg import files, imaging
from cubiseg.errors import CubisegError, brief

MOST_BYTES = 64 * 2**20
"""Size of a picture; larger members are passed over."""

_STEM = re.compile(r"[A-Za-z0-9_-]{1,100}")


@dataclass(frozen=True, order=True)
class Member:
    """A picture in an archive.

    Attributes:
        name: as the archive has it.
        where: offset of its content in a tar, number of the member in a zip.
        size: bytes.
    """

    name: str
    where: int
    size: int


def draw_pictures(archive: Path, count: int, seed: int, out: Path) -> list[Path]:
    """Copy pictures out of an archive, chosen by chance.

    Each picture's luck hangs on a hash of the seed and its name, so a larger count keeps what a smaller one chose. A
    file that is there already is left alone.

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
    try:
        chosen = heapq.nsmallest(
            count, _pictures(archive), key=lambda m: hashlib.sha256(f"{seed}:{m.name}".encode()).digest()
        )
        if not chosen:
            raise CubisegError(f"{archive}: holds no picture (.jpg, .png, .webp); check that it is the right archive")
        return sorted(_copy(archive, member, out) for member in chosen)
    except (OSError, tarfile.TarError, zipfile.BadZipFile, EOFError) as error:
        raise CubisegError(
            f"{archive}: cannot be read ({brief(error, 100)}); fetch it again, as .tar or .zip"
        ) from error


def _pictures(archive: Path) -> Iterator[Member]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as content:
            for number, info in enumerate(content.infolist()):
                if not info.is_dir() and _wanted(info.filename, info.file_size):
                    yield Member(info.filename, number, info.file_size)
        return
    with closing(tarfile.open(archive, "r:")) as tar:
        while (member := tar.next()) is not None:
            tar.members = []  # type: ignore[attr-defined]  # the list of all it has seen is all that would grow
            if member.isreg() and _wanted(member.name, member.size):
                yield Member(member.name, member.offset_data, member.size)


def _wanted(name: str, size: int) -> bool:
    path = PurePosixPath(name)
    return path.suffix.lower() in imaging.SUFFIXES and bool(_STEM.fullmatch(path.stem)) and 0 < size <= MOST_BYTES


def _copy(archive: Path, member: Member, out: Path) -> Path:
    target = out / PurePosixPath(member.name).name
    content = _content(archive, member)
    if target.exists():
        if target.read_bytes() != content:
            raise CubisegError(f"{target}: is another picture than {member.name} in {archive}; choose another folder")
        return target
    with files.atomic_write(target) as file:
        file.write(content)
    return target


def _content(archive: Path, member: Member) -> bytes:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as content, content.open(content.infolist()[member.where]) as file:
            return file.read(MOST_BYTES)
    with archive.open("rb") as file:
        file.seek(member.where)
        return file.read(member.size)

"""Files of a ZIP by name, or of the folder that it was unpacked to; nothing is ever written where a name says."""

import io
import zipfile
from pathlib import Path

from cubiseg.errors import CubisegError, brief
from cubiseg.labels.foreign import lies_inside, read_bytes

_MOST_BYTES = 1 << 27
"""Of one file in a ZIP; what unpacks to more is no labels of ours."""


class PackedFiles:
    """Files in a ZIP.

    Args:
        data: the ZIP.
        path: where it came from, for messages.

    Attributes:
        names: of all files in it, sorted.

    Raises:
        CubisegError: it is no ZIP.
    """

    def __init__(self, data: bytes, path: Path) -> None:
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise CubisegError(f"{path}: is no ZIP that can be read ({brief(error)}); export it again") from error
        self.names = sorted(info.filename for info in self._archive.infolist() if not info.is_dir())

    def read(self, name: str) -> bytes:
        """One file.

        Raises:
            ValueError: it unpacks to too much, is damaged or encrypted.
        """
        info = self._archive.getinfo(name)
        if info.file_size > _MOST_BYTES:
            raise ValueError(f"unpacks to {info.file_size >> 20} MB, far too many")
        try:
            with self._archive.open(info) as file:
                return file.read()  # no more than the size that was checked
        except Exception as error:  # zlib, checksums, passwords, methods that are not known
            raise ValueError(f"cannot be unpacked ({brief(error)})") from error


class FolderFiles:
    """Files in a folder, as :class:`PackedFiles`; links that lead out of it are left out."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if lies_inside(p, folder))

    def read(self, name: str) -> bytes:
        """One file."""
        return read_bytes(self._folder / name)

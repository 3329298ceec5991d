"""From the name that a tool gives a picture to the picture, of which only those of one folder are ever looked at."""

import os
import posixpath
import re
import unicodedata
from collections import defaultdict
from pathlib import Path

from cubiseg.errors import CubisegError
from cubiseg.imaging import SUFFIXES
from cubiseg.labels.foreign import Foreign, lies_inside
from cubiseg.sample_files import SampleFile, find, is_packed, packed_below

_IMAGES = "images"
_ABSOLUTE = re.compile(r"/|[A-Za-z]:")


class PictureFolder:
    """The pictures of a folder and of those below it, by name; links that lead out of it are left out.

    Args:
        folder: where they are.
        by_name: go by the file's name alone, whatever folder the tool says.

    Raises:
        CubisegError: no such folder, or it holds no picture.
    """

    def __init__(self, folder: Path, by_name: bool = False) -> None:
        if not folder.is_dir():
            raise CubisegError(f"{folder}: no such folder; --images names the one with the pictures")
        self.folder = folder
        self._by_name = by_name
        self._endings: dict[str, set[str]] = defaultdict(set)
        self._names: dict[str, set[str]] = defaultdict(set)
        self._tidied: dict[str, set[str]] = defaultdict(set)
        for place, folders, names in os.walk(folder):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                path = Path(place) / name
                if path.suffix.lower() in SUFFIXES and not name.startswith(".") and lies_inside(path, folder):
                    self._note(path.relative_to(folder).as_posix())
        for packed in packed_below(folder, _IMAGES):
            self._note(packed.removeprefix(f"{_IMAGES}/"))
        if not self._endings:
            raise CubisegError(f"{folder}: holds no picture (PNG, JPEG, WebP); --images names the folder that does")

    def _note(self, path: str) -> None:
        for key in {_form(path), _form(_stem(path))}:
            self._endings[key].add(path)
            self._names[posixpath.basename(key)].add(path)
        self._tidied[_tidy(posixpath.basename(path))].add(path)

    def file(self, name: str) -> SampleFile:
        """A picture's file, by the name that :meth:`find` gives."""
        return find(self.folder, f"{_IMAGES}/{name}") if is_packed(self.folder) else self.folder / name

    def find(self, labels: Foreign) -> str:
        """The picture of some labels: its path below the folder.

        A tool may write backslashes, leave out the suffix, and name folders above this one; of two pictures that
        end alike the name must tell which.

        Raises:
            ValueError: there is no such picture, several, or the name leaves the folder.
        """
        name = self._inside(labels)
        parts = _form(name).split("/")
        ways = [self._names.get(parts[-1])] if self._by_name else []
        ways += [self._endings.get("/".join(parts[i:])) for i in range(len(parts))]
        ways.append(self._tidied.get(_tidy(parts[-1])))
        for found in filter(None, ways):
            return self._only(found, name)
        raise ValueError(f"its picture {name!r} is not in {self.folder}; put it there, or name its folder: --images")

    @staticmethod
    def _only(found: set[str], name: str) -> str:
        if len(found) > 1:
            raise ValueError(f"its picture {name!r} may be {' or '.join(sorted(found)[:2])}; rename one of them")
        return next(iter(found))

    def _inside(self, labels: Foreign) -> str:
        """The name below the folder, as far as words tell; nothing is opened for it."""
        name = labels.picture.replace("\\", "/")
        if self._by_name:
            return posixpath.basename(name)
        refusal = ValueError(
            f"its picture {labels.picture!r} lies outside of {self.folder}; --by-name goes by the file's name alone"
        )
        if _ABSOLUTE.match(name):
            raise refusal
        if labels.base is not None:
            name = os.path.relpath(os.path.abspath(labels.base / name), os.path.abspath(self.folder))  # noqa: PTH100
            name = name.replace(os.sep, "/")
        name = posixpath.normpath(name)
        if name.split("/")[0] == "..":
            raise refusal
        return name


def _form(path: str) -> str:
    """Accents in one form: disks and tools write them differently."""
    return unicodedata.normalize("NFC", path)


def _stem(path: str) -> str:
    return path[: -len(Path(path).suffix)]


def _tidy(name: str) -> str:
    """A file's name as web tools store what is uploaded (Django's ``get_valid_filename``)."""
    return re.sub(r"[^-\w.]", "", _form(name).strip().replace(" ", "_"))

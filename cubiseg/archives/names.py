"""Names of files that are safe on every system and depend on nothing but the names in the archive."""

import functools
import hashlib
import re
import unicodedata
from pathlib import PurePosixPath

from cubiseg.file_names import is_reserved

_STEM = re.compile(r"[A-Za-z0-9_-]{1,100}")


class FileNames:
    """Gives each picture of an archive its file name.

    A stem of ASCII letters, digits, ``-`` and ``_`` that no other picture has is kept; of any other the readable rest
    is, with a hash of the whole name, so that files stay apart also where case does not count.
    """

    def __init__(self) -> None:
        self._stems: set[str] = set()
        self._shared: set[str] = set()

    def add(self, name: str) -> None:
        """Know of a picture, by its name in the archive; all are added before the first is named."""
        stem = parts_of(name).stem.casefold()
        (self._shared if stem in self._stems else self._stems).add(stem)

    def of(self, name: str) -> str:
        """The file's name for a picture, by its name in the archive."""
        path = parts_of(name)
        plain = _STEM.fullmatch(path.stem) and not is_reserved(path.stem) and "\\" not in name
        if plain and path.stem.casefold() not in self._shared:
            return path.name
        readable = re.sub(r"[^A-Za-z0-9_-]+", "-", unicodedata.normalize("NFKD", path.stem)).strip("-")[:64]
        mark = hashlib.sha256(key(path.as_posix())).hexdigest()[:12]
        return f"{readable}-{mark}{path.suffix}" if readable else f"{mark}{path.suffix}"


def key(name: str) -> bytes:
    """A name as bytes, also where the archive's is no UTF-8."""
    return name.encode("utf-8", "surrogateescape" if _escaped(name) else "surrogatepass")


def _escaped(name: str) -> bool:
    try:
        name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


@functools.lru_cache(maxsize=16)  # the same name is asked for several times in a row
def parts_of(name: str) -> PurePosixPath:
    """A member's name in parts; old programs of Windows write backslashes."""
    return PurePosixPath(name.replace("\\", "/"))

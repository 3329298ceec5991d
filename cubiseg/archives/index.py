"""Tars of which an index beside them tells where each file lies, so that one picture is one seek.

The form is that of the WebP sets on Hugging Face: ``{"files": {name: {"offset", "size", "sha256"}}}``. The index is as
untrusted as the tar: what it says of a file is checked when the file is read.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, ValidationError

from cubiseg.archives.reading import Member, Tar
from cubiseg.errors import CubisegError, brief, fault

MOST_BYTES = 256 * 2**20
"""Size of an index; one of 9,000 files has 1.5 MB."""


class _Place(BaseModel):
    offset: Annotated[int, Field(ge=0, lt=2**63)]
    size: Annotated[int, Field(ge=0, lt=2**63)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None


class _Index(BaseModel):
    files: dict[str, _Place]


class IndexedTar(Tar):
    """A .tar whose files are listed by its index; the tar itself is not walked."""

    def __init__(self, path: Path, index: Path) -> None:
        self.path, self.fault = path, ""
        self._places = _read(index).files
        self._size = path.stat().st_size

    def members(self) -> Iterator[Member]:
        """As of :class:`cubiseg.archives.reading.Archive`."""
        for name, place in self._places.items():
            cut = place.offset + place.size > self._size
            fault = "is cut off: the tar ends before the place that the index names" if cut else ""
            yield Member(name, place.offset, place.size, fault, place.sha256 or "")


def find_index(tar: Path) -> Path | None:
    """The index beside a tar, ``data-0001.json`` beside ``data-0001.tar``; None where there is none."""
    beside = tar.with_suffix(".json")
    return beside if beside.is_file() else None


def _read(path: Path) -> _Index:
    remedy = "fetch it again, or name none: the tar is read without it"
    try:
        if path.stat().st_size > MOST_BYTES:
            raise CubisegError(f"{path}: is over {MOST_BYTES >> 20} MB; {remedy}")
        return _Index.model_validate_json(path.read_bytes())
    except OSError as error:
        raise CubisegError(f"{path}: cannot be read ({error.strerror}); {remedy}") from error
    except ValidationError as error:
        raise CubisegError(f"{path}: is no index of a tar ({brief(Exception(fault(error)), 100)}); {remedy}") from error

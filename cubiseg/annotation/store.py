"""The response store: every answer that was paid for, one file a request, outside DVC.

A record is written at once, synced to the disk and renamed into place, so that a kill at any moment leaves whole
records only, and two runs may share a store. A record that cannot be read (a torn disk, a stray file) counts as absent.
"""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cubiseg.annotation.requests import Response
from cubiseg.imaging import atomic_write

SHARED = "responses.jsonl"
"""File of a shared folder of responses."""


def store_root() -> Path:
    """``$CUBISEG_RESPONSES``, else ``.cubiseg/responses`` in the current folder."""
    return Path(os.environ.get("CUBISEG_RESPONSES") or ".cubiseg/responses")


class Record(BaseModel):
    """A response and the request that it answers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str = Field(pattern=r"^[0-9a-f]{64}$")
    provider: str
    protocol: str
    response: Response


class ResponseStore:
    """Records by key in a folder; it only ever grows."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def _path(self, key: str) -> Path:
        return self.root / key[:2] / f"{key}.json"

    def get(self, key: str) -> Record | None:
        """The record of a request, or None."""
        path = self._path(key)
        try:
            record = Record.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError):
            print(f"{path}: is no whole record; asking again", file=sys.stderr)
            return None
        return record if record.key == key else None

    def put(self, record: Record) -> None:
        """Keep a record; when this returns it is on the disk. The first record of a key stays.

        Raises:
            CubisegError: the folder cannot be written.
        """
        if self.get(record.key) is not None:
            return
        path = self._path(record.key)
        with atomic_write(path) as file:
            file.write(record.model_dump_json().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        if os.name == "posix":
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def seed(self, folder: Path) -> None:
        """Take over the records of a shared folder that are not here yet."""
        path = folder / SHARED
        if not path.is_file():
            return
        bad = 0
        with path.open("rb") as file:
            for line in file:
                try:
                    record = Record.model_validate_json(line)
                except ValidationError:
                    bad += 1
                    continue
                self.put(record)
        if bad:
            print(f"{path}: {bad} records are not whole and were left out", file=sys.stderr)


def share(folder: Path, records: Iterable[Record]) -> None:
    """Write records to a shared folder: sorted by key, each once, without timings.

    Raises:
        CubisegError: the folder cannot be written.
    """
    rows = {r.key: r for r in records}
    with atomic_write(folder / SHARED) as file:
        for key in sorted(rows):
            timeless = rows[key].model_copy(
                update={"response": rows[key].response.model_copy(update={"seconds": None})}
            )
            file.write(timeless.model_dump_json().encode() + b"\n")

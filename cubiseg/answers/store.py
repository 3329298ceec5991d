"""The response store: every answer that was paid for, one file a request, outside DVC.

Room for a record is taken on the disk before its question is sent; the record is written the moment the answer
comes, synced and renamed into place. So a kill at any moment leaves whole records only, a disk that fills up meanwhile
costs no answer, and two runs may share a store. A record that cannot be read (a torn disk, a stray file) counts as
absent.

A record is never deleted. One that is asked again (``cubiseg annotate retry``) is set aside under ``KEY.1.json``.
"""

import contextlib
import errno
import logging
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cubiseg.answers.requests import Outcome, Response
from cubiseg.errors import CubisegError
from cubiseg.files import atomic_write, beside

log = logging.getLogger(__name__)

SHARED = "responses.jsonl"
"""File of a shared folder of responses."""

ROOM = 256 * 1024
"""Bytes taken on the disk before a question is sent; an answer of 16,000 tokens with its raw body fits."""


class Record(BaseModel):
    """A response and the request that it answers.

    Attributes:
        key: identity of the request, see :func:`cubiseg.answers.requests.request_key`.
        provider, protocol: who answered, and how it was asked.
        sample: id of the first sample that asked; for people, it is no part of the identity.
        response: answer that came back.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str = Field(pattern=r"^[0-9a-f]{64}$")
    provider: str
    protocol: str
    sample: str = ""
    response: Response


class Slot:
    """Room on the disk for one record."""

    def __init__(self, path: Path, temporary: Path) -> None:
        self._path = path
        self._temporary = temporary

    def fill(self, record: Record) -> None:
        """Write the record; when this returns it is on the disk.

        Raises:
            CubisegError: the disk fails.
        """
        try:
            try:
                self._write(record)
            except OSError as error:
                if error.errno != errno.ENOSPC or record.response.raw is None:
                    raise
                # A body beyond the room that was taken: the answer itself still fits.
                self._write(record.model_copy(update={"response": record.response.model_copy(update={"raw": None})}))
        except OSError as error:
            raise _unwritable(self._path, error) from error

    def _write(self, record: Record) -> None:
        with self._temporary.open("r+b") as file:
            file.write(record.model_dump_json(exclude_defaults=True).encode() + b"\n")
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
        self._temporary.replace(self._path)
        _sync(self._path.parent)


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
            log.warning(f"{path}: is no whole record; asking again")
            return None
        return record if record.key == key else None

    def put(self, record: Record) -> None:
        """Keep a record; when this returns it is on the disk. The first record of a key stays.

        Raises:
            CubisegError: the folder cannot be written.
        """
        if self.get(record.key) is None:
            with self.slot(record.key) as slot:
                slot.fill(record)

    def amend(self, record: Record) -> None:
        """Replace a record by the same answer with another verdict.

        Raises:
            CubisegError: the folder cannot be written.
        """
        with self.slot(record.key) as slot:
            slot.fill(record)

    @contextlib.contextmanager
    def slot(self, key: str) -> Iterator[Slot]:
        """Take room for a record before its question is sent; given back where it is not filled.

        Raises:
            CubisegError: the folder cannot be written, or the disk is full.
        """
        path = self._path(key)
        temporary = beside(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("xb") as file:
                if hasattr(os, "posix_fallocate"):
                    os.posix_fallocate(file.fileno(), 0, ROOM)
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise _unwritable(path, error) from error
        try:
            yield Slot(path, temporary)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)

    def records(self) -> Iterator[Record]:
        """All records, by key."""
        for path in sorted(self.root.glob("[0-9a-f][0-9a-f]/" + "[0-9a-f]" * 64 + ".json")):
            record = self.get(path.stem)
            if record is not None:
                yield record

    def paid(self, key: str) -> float | None:
        """What the answer to a request cost, US dollars; None where there is none."""
        record = self.get(key)
        return None if record is None else record.response.cost_usd

    def set_aside(self, record: Record) -> None:
        """Let a request be asked again; its record is kept beside.

        Raises:
            CubisegError: the folder cannot be written.
        """
        path = self._path(record.key)
        try:
            path.rename(next(p for p in self._aside(record.key) if not p.exists()))
            _sync(path.parent)
        except OSError as error:
            raise _unwritable(path, error) from error

    def _aside(self, key: str) -> Iterator[Path]:
        return (self._path(key).with_suffix(f".{n}.json") for n in range(1, 10_000))

    def _was_set_aside(self, record: Record) -> bool:
        for path in self._aside(record.key):
            try:
                old = Record.model_validate_json(path.read_bytes())
            except FileNotFoundError:
                return False
            except (OSError, ValidationError):
                continue
            if _shareable(old) == _shareable(record):
                return True
        return False

    def seed(self, folder: Path) -> None:
        """Take over the records of a shared folder that are not here yet; an answer replaces a refusal or a failure."""
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
                here = self.get(record.key)
                if here is None:
                    if not self._was_set_aside(record):
                        self.put(record)
                elif here.response.outcome is not Outcome.OK and record.response.outcome is Outcome.OK:
                    self.set_aside(here)
                    self.put(record)
        if bad:
            log.warning(f"{path}: {bad} records are not whole and were left out")


def share(folder: Path, records: Iterable[Record]) -> None:
    """Write records to a shared folder: sorted by key, each once, without timings and raw bodies.

    Raises:
        CubisegError: the folder cannot be written.
    """
    rows = {r.key: r for r in records}
    with atomic_write(folder / SHARED) as file:
        for key in sorted(rows):
            file.write(_shareable(rows[key]).model_dump_json(exclude_defaults=True).encode() + b"\n")


def _shareable(record: Record) -> Record:
    """Without what differs when the same answer comes twice."""
    plain = record.response.model_copy(update={"seconds": None, "raw": None, "attempts": 1})
    return record.model_copy(update={"response": plain, "sample": ""})


def _sync(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _unwritable(path: Path, error: OSError) -> CubisegError:
    return CubisegError(
        f"{path}: cannot be written ({error.strerror or error}); free some space or set CUBISEG_RESPONSES, and run "
        "again: nothing that was paid for is lost"
    )

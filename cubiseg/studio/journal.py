"""The journal of a picture: one line for each action, on the disk before the page hears that it was done.

A process that is killed loses at most the line that it was writing, which nobody was told of. Two processes may work on
one journal: each line is appended under a lock, and who finds lines of another reads them first.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

from cubiseg.errors import CubisegError
from cubiseg.files import write_text
from cubiseg.studio.history import Action

PATIENCE = 10.0
"""Seconds that a line waits for another process's."""


class Header(BaseModel):
    """The journal's first line: what its actions were done on.

    Attributes:
        format: version of this form.
        picture: hash of the picture's pixels.
        base: hash of the label map that the first action found.
        width: of both, in pixels.
        height: of both, in pixels.
        labeller: what made that label map.
        warnings: what it warned of.
    """

    model_config = ConfigDict(frozen=True)

    format: int = 1
    picture: str
    base: str
    width: int
    height: int
    labeller: str
    warnings: tuple[str, ...] = ()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a journal's lock against other threads and processes; the thread that holds it may ask for it again.

    Args:
        path: the journal's file, which need not be there yet; its folder is.

    Raises:
        CubisegError: another process holds it for seconds, or the folder cannot be written.
    """
    lock = FileLock(path.with_name(f"{path.name}.lock"), timeout=PATIENCE, is_singleton=True)
    try:
        lock.acquire()
    except Timeout:
        raise CubisegError(f"{path}: is held by another process; close that one") from None
    except OSError as error:
        raise CubisegError(f"{path}: cannot be locked ({error.strerror}); choose another folder") from error
    try:
        yield
    finally:
        lock.release()


class Journal:
    """A journal's file, which is there.

    Args:
        path: the file.

    Raises:
        CubisegError: it is missing, damaged, or of another form.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._head, self._end = b"", 0
        with locked(path):
            lines, _ = self._read()
        if not lines:
            raise CubisegError(f"{path}: is empty; remove it, and the picture is labelled anew")
        try:
            self.header = Header.model_validate_json(lines[0])
        except ValidationError:
            raise CubisegError(f"{path}: is no journal of the studio; move it away") from None
        if self.header.format != 1:
            raise CubisegError(f"{path}: is of form {self.header.format}, which this version cannot read; update it")
        self._head = lines[0] + b"\n"
        self._end, self._count = len(self._head), 0

    @classmethod
    def begin(cls, path: Path, header: Header) -> "Journal":
        """A new journal without actions, in place of one that may be there; the caller holds the lock."""
        write_text(path, header.model_dump_json() + "\n")
        return cls(path)

    def append(self, action: Action) -> list[Action]:
        """Keep an action, for ever, unless another process has appended meanwhile.

        Returns:
            Actions of another process; where there are any, this one was not kept.

        Raises:
            CubisegError: the disk is full, or another process holds the journal for seconds.
        """
        with locked(self.path):
            if news := self.news():
                return news
            line = (action.model_dump_json(exclude_defaults=True) + "\n").encode()
            try:
                with self.path.open("r+b") as file:
                    file.seek(self._end)
                    file.truncate()
                    file.write(line)
                    file.flush()
                    os.fsync(file.fileno())
            except OSError as error:
                raise CubisegError(f"{self.path}: cannot be written ({error.strerror}); free some space") from error
            self._end, self._count = self._end + len(line), self._count + 1
            return []

    def news(self) -> list[Action]:
        """Actions that were kept since this was asked for last or appended to: the first time all that are there.

        Raises:
            CubisegError: one of them is damaged; nothing can be appended behind it.
        """
        lines, end = self._read()
        news = [self._parsed(line, self._count + 2 + number) for number, line in enumerate(lines)]
        self._end, self._count = end, self._count + len(news)
        return news

    def _read(self) -> tuple[list[bytes], int]:
        """Whole lines from where was read to last, and where they end; what a killed process left is passed over."""
        try:
            with self.path.open("rb") as file:
                same = file.read(len(self._head)) == self._head and file.seek(0, os.SEEK_END) >= self._end
                file.seek(self._end)
                content = file.read()
        except OSError as error:
            raise CubisegError(f"{self.path}: cannot be read ({error.strerror}); check its permissions") from error
        if not same:
            raise CubisegError(f"{self.path}: was replaced by another process; open the picture again")
        lines = content.split(b"\n")[:-1]
        return lines, self._end + sum(len(line) + 1 for line in lines)

    def _parsed(self, line: bytes, number: int) -> Action:
        try:
            return Action.model_validate(json.loads(line))
        except (ValueError, RecursionError):
            raise CubisegError(
                f"{self.path}: line {number} is damaged; keep the lines before it, and open the picture again"
            ) from None

"""Writing files and folders so that a failure leaves no half-written output.

Everything is written to a temporary name beside the target and renamed over it. What a process that was killed leaves
is removed by the next one that writes into the same folder: the name tells whose it is.
"""

import csv
import errno
import hashlib
import io
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from cubiseg import lifetime
from cubiseg.errors import OF_THE_DISK, CubisegError, DiskError, brief
from cubiseg.sample_files import SampleFile

_FOREIGN_AGE = 48 * 3600.0
"""Seconds after which what another machine left counts as stale; nothing else tells whether its process lives."""

_NAME = re.compile(
    r"\.cubiseg-(?:(?P<place>[0-9a-f]{8})-(?P<pid>\d+)-(?P<born>\d+)-)?[0-9a-f]{8,16}(?:-(?P<target>[0-9a-f]{8}))?\.tmp"
)

_IN_USE = (5, 32)
"""Windows' numbers for what another program has open: access denied, sharing violation."""

_PATIENCE = 2.0
"""Seconds in which scanners and indexers of Windows let go of a file that they look at as soon as it is written."""

_swept: set[Path] = set()


@contextmanager
def atomic_write(path: Path, mode: str = "wb") -> Iterator[IO]:
    """Open a temporary file beside ``path`` and rename it over ``path`` when the block ends well.

    Raises:
        DiskError: the disk is full, or can only be read.
        CubisegError: the folder cannot be written.
    """
    temporary = beside(path)
    encoding, newline = (None, None) if "b" in mode else ("utf-8", "\n")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open(mode.replace("w", "x"), encoding=encoding, newline=newline) as file:
            yield file
        _once_let_go(lambda: temporary.replace(path))
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def beside(path: Path, target: str = "") -> Path:
    """A fresh hidden name in the same folder, for what shall become ``path``.

    It is short, so that a long name stays within the file system's limit, and tells this process from others. What
    processes that have ended left in this folder is removed, once a process.

    Args:
        path: file or folder to be.
        target: for an old folder that is set aside: what it must be restored to where it is all that is left.
    """
    remove_stale(path.parent)
    pid = os.getpid()
    mine = f"{lifetime.place()}-{pid}-{lifetime.born(pid) or '0'}-{secrets.token_hex(4)}"
    return path.parent / f".cubiseg-{mine}{'-' + _short(target) if target else ''}.tmp"


def _short(name: str) -> str:
    return hashlib.sha256(os.fsencode(name)).hexdigest()[:8]


def remove_stale(folder: Path) -> None:
    """Remove what a process that has ended left half written in a folder; once a process and folder.

    What belongs to a living process stays, and so does what another machine wrote (the folder may be on a network)
    within two days. An old folder that was set aside is no half-written one, and is left to :func:`fresh_folder`.
    """
    whole = Path.cwd() / folder
    if whole in _swept:
        return
    _swept.add(whole)
    for path, name in _temporaries(whole):
        if name["target"] is None and _is_stale(path, name):
            _remove(path)


def _temporaries(folder: Path) -> list[tuple[Path, re.Match[str]]]:
    with suppress(OSError):
        return [(path, name) for path in folder.glob(".cubiseg-*.tmp") if (name := _NAME.fullmatch(path.name))]
    return []


def _is_stale(path: Path, name: re.Match[str]) -> bool:
    if name["place"] == lifetime.place():
        born = lifetime.born(int(name["pid"]))
        # A system that does not tell when a process began gives 0, which no other number contradicts.
        return born is None or ("0" not in (born, name["born"]) and born != name["born"])
    try:
        inside = path.rglob("*") if path.is_dir() and not path.is_symlink() else ()
        newest = max(p.lstat().st_mtime for p in (path, *inside))
    except OSError:  # it is being worked on
        return False
    return time.time() - newest > _FOREIGN_AGE


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def _restore(target: Path) -> None:
    """Put back what a process that was killed between two renames had set aside, or remove it where it was replaced."""
    for path, name in _temporaries(target.parent):
        if name["target"] == _short(target.name) and _is_stale(path, name):
            if target.exists():
                _discard(path)
            else:
                path.rename(target)


def _discard(old: Path) -> None:
    """Remove a folder that was set aside, under another name: half removed, it must not be put back."""
    rubbish = beside(old)
    with suppress(OSError):
        old.rename(rubbish)
    _remove(rubbish)


def _once_let_go(rename: Callable[[], object]) -> None:
    """Rename; where Windows says that another program has it open, once more and again for a while."""
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            rename()
            return
        except PermissionError as error:
            if getattr(error, "winerror", None) not in _IN_USE or time.monotonic() > end:
                raise
        time.sleep(0.05)


def _unwritable(path: Path, error: OSError) -> CubisegError:
    if getattr(error, "winerror", None) in _IN_USE:
        return CubisegError(f"{path}: is open in another program, or may not be written; close it there and try again")
    reason = error.strerror or brief(error)
    kind = DiskError if error.errno in OF_THE_DISK else CubisegError
    return kind(f"{path}: cannot be written ({reason}); free some space or choose another folder")


def copy_file(source: SampleFile, target: Path) -> None:
    """Copy a file byte for byte; the target's folder is made.

    Raises:
        CubisegError: the source is not there, the disk is full, or the folder cannot be written.
    """
    try:
        with source.open("rb") as file, atomic_write(target) as copy:
            shutil.copyfileobj(file, copy, 2**20)
    except FileNotFoundError:
        raise CubisegError(f"{source}: is in the manifest but not there; run the stage that makes it") from None
    except OSError as error:
        raise CubisegError(f"{source}: cannot be read ({error.strerror or error}); check its permissions") from error


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with Unix line ends, replaced whole."""
    with atomic_write(path, "w") as file:
        file.write(text)


def write_csv(path: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table as UTF-8 CSV with Unix line ends, replaced whole; None is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    write_text(path, text.getvalue())


@contextmanager
def fresh_folder(target: Path) -> Iterator[Path]:
    """A fresh folder beside ``target`` that takes its place when the block ends well.

    A failure in the block leaves ``target`` as it was; its old content is removed only once the new one stands in its
    place.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     with fresh_folder(Path(place) / "out") as folder:
    ...         write_text(folder / "a.txt", "a")
    ...     print([path.name for path in Path(place, "out").iterdir()])
    ['a.txt']

    Raises:
        DiskError: the disk is full, or can only be read.
        CubisegError: the folder cannot be written, or ``target`` is a file.
    """
    if _is_no_folder(target):
        raise CubisegError(f"{target}: is a file, a folder is to be written there; choose another folder")
    fresh = beside(target)
    try:
        _restore(target)
        fresh.mkdir(parents=True)
        yield fresh
        # The block has ended, and with it all who wrote in it: what is half written was left by a worker that died.
        for left in fresh.rglob(".cubiseg-*.tmp"):
            _remove(left)
        _put_in_place(fresh, target)
    except DiskError as error:  # of a file in it, whose name nobody knows
        raise DiskError(str(error).replace(str(fresh), str(target))) from error
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        _remove(fresh)


def _is_no_folder(path: Path) -> bool:
    """Whether something else is there; asked once, since another process may exchange it meanwhile."""
    try:
        return not stat.S_ISDIR(path.stat().st_mode)
    except OSError:
        return False


def _put_in_place(fresh: Path, target: Path) -> None:
    """Rename a folder over another, which is removed; of processes that do so at once, the last one's stays."""
    aside: list[Path] = []
    placed = False
    try:
        while not placed:
            aside.append(beside(target, target.name))
            with suppress(FileNotFoundError):  # it is the first, or another process has just set the former one aside
                _once_let_go(lambda: target.rename(aside[-1]))
            try:
                _once_let_go(lambda: fresh.rename(target))
                placed = True
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):  # another process put its own there in between
                    raise
    finally:  # also after a signal
        for old in reversed(aside):
            if not placed and not target.exists():
                with suppress(OSError):
                    old.rename(target)
            elif old.exists():
                _discard(old)

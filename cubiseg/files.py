"""Writing files and folders so that a failure leaves no half-written output.

Everything is written to a temporary name beside the target and renamed over it.
"""

import csv
import io
import secrets
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from cubiseg.errors import CubisegError, brief


@contextmanager
def atomic_write(path: Path, mode: str = "wb") -> Iterator[IO]:
    """Open a temporary file beside ``path`` and rename it over ``path`` when the block ends well.

    Raises:
        CubisegError: the disk is full, or the folder cannot be written.
    """
    temporary = _beside(path)
    encoding, newline = (None, None) if "b" in mode else ("utf-8", "\n")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open(mode.replace("w", "x"), encoding=encoding, newline=newline) as file:
            yield file
        temporary.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _beside(path: Path) -> Path:
    """A fresh hidden name in the same folder; short, so that a long name stays within the file system's limit."""
    return path.parent / f".cubiseg-{secrets.token_hex(8)}.tmp"


def _unwritable(path: Path, error: OSError) -> CubisegError:
    reason = error.strerror or brief(error)
    return CubisegError(f"{path}: cannot be written ({reason}); free some space or choose another folder")


def copy_file(source: Path, target: Path) -> None:
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
        CubisegError: the disk is full, the folder cannot be written, or ``target`` is a file.
    """
    if target.exists() and not target.is_dir():
        raise CubisegError(f"{target}: is a file, a folder is to be written there; choose another folder")
    fresh, old = _beside(target), _beside(target)
    try:
        fresh.mkdir(parents=True)
        yield fresh
        if target.exists():
            target.rename(old)
        try:
            fresh.rename(target)
        except OSError:
            if old.exists():
                old.rename(target)
            raise
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)

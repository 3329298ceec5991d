"""The table of what is known of pictures, ``samples.csv`` of the source ``references``: rows are added, none lost.

To replace the table for every few of 300,000 pictures would take long. So each row goes at once to the end of a journal
beside the table, and the table is replaced once, at the end. What a run that was killed has left is put in by the next
one; until then prepare refuses the folder, whose table does not tell all.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from cubiseg.errors import CubisegError
from cubiseg.files import write_csv
from cubiseg.sources.references import JOURNAL, TABLE, Row

COLUMNS = tuple(Row.model_fields)


def check_table(folder: Path) -> None:
    """See that rows can be added to a folder's table, which need not be there.

    Raises:
        CubisegError: it cannot be read.
    """
    _read(folder / TABLE)


@contextmanager
def added_rows(folder: Path, name: str) -> Iterator[Callable[[Row], None]]:
    """Gives what adds a row to a folder's table, in which all are when the block ends, also by an error.

    Args:
        folder: of the table.
        name: of the set of pictures, for the journal's name.

    Raises:
        CubisegError: the table cannot be read, or written.
    """
    journal = folder / JOURNAL.format(name)
    _merge(folder / TABLE, journal)
    try:
        with ExitStack() as stack:
            opened: list[IO[str]] = []

            def add(row: Row) -> None:
                try:
                    if not opened:
                        folder.mkdir(parents=True, exist_ok=True)
                        opened.append(stack.enter_context(journal.open("a", encoding="utf-8")))
                    opened[0].write(row.model_dump_json() + "\n")
                    opened[0].flush()
                except OSError as error:
                    raise CubisegError(f"{journal}: cannot be written ({error.strerror}); free some space") from error

            yield add
    finally:
        _merge(folder / TABLE, journal)


def _merge(path: Path, journal: Path) -> None:
    """Put a journal's rows into the table."""
    try:
        with journal.open(encoding="utf-8", errors="replace") as lines:
            add_rows(path, _rows(lines))
    except FileNotFoundError:
        return
    except OSError as error:
        raise CubisegError(f"{journal}: cannot be read ({error.strerror}); check its permissions") from error
    journal.unlink(missing_ok=True)


def _rows(lines: Iterable[str]) -> Iterator[Row]:
    for line in lines:
        with suppress(ValidationError):  # the last line of a process that was killed
            yield Row.model_validate_json(line)


def add_rows(path: Path, rows: Iterable[Row]) -> None:
    """Add rows to the table, which is replaced whole; of a file that it has already only empty cells are filled.

    Args:
        path: the table; need not be there.
        rows: one by one, so that they need not all be in memory beside the table.

    Raises:
        CubisegError: the table cannot be read, or written.
    """
    table = _read(path)
    changed = not path.is_file()
    for row in rows:
        cells = tuple(getattr(row, name) for name in COLUMNS)
        known = table.get(row.file, ("",) * len(COLUMNS))
        table[row.file] = tuple(old or new for old, new in zip(known, cells, strict=True))
        changed |= table[row.file] != known
    if changed:
        write_csv(path, COLUMNS, table.values())


def _read(path: Path) -> dict[str, tuple[str, ...]]:
    """Rows by file, in the table's order; of each, the cells of :data:`COLUMNS`."""
    if not path.is_file():
        return {}
    table: dict[str, tuple[str, ...]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            columns = reader.fieldnames
            if columns is not None and not {"file"} <= set(columns) <= set(COLUMNS):
                told = f"has the columns {', '.join(map(str, columns))}; correct them to {', '.join(COLUMNS)}"
                raise CubisegError(f"{path}: {told}")
            for row in reader:
                if row["file"] in table or None in row:
                    what = f"line {reader.line_num} lists a file again, or is longer than the first"
                    raise CubisegError(f"{path}: {what}; correct it")
                table[row["file"]] = tuple(row.get(name) or "" for name in COLUMNS)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CubisegError(f"{path}: cannot be read ({error}); save it as UTF-8 CSV") from error
    return table

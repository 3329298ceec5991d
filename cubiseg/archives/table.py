"""The table of what is known of pictures, ``samples.csv`` of the source ``references``: rows are added, none lost."""

import csv
from collections.abc import Mapping
from pathlib import Path

from cubiseg.errors import CubisegError
from cubiseg.files import write_csv
from cubiseg.sources.references import Row

COLUMNS = tuple(Row.model_fields)


def add_rows(path: Path, rows: Mapping[str, Row]) -> None:
    """Add rows to the table, which is replaced whole; of a file that it has already only empty cells are filled.

    Args:
        path: the table; need not be there.
        rows: by file.

    Raises:
        CubisegError: the table cannot be read, or written.
    """
    table = _read(path)
    changed = not path.is_file()
    for file, row in rows.items():
        known = table.setdefault(file, {})
        told = {name: value for name, value in row.model_dump().items() if value and not known.get(name)}
        changed |= bool(told)
        known |= told
    if changed:
        write_csv(path, COLUMNS, [[table[file].get(name, "") for name in COLUMNS] for file in table])


def _read(path: Path) -> dict[str, dict[str, str]]:
    """Rows by file, in the table's order."""
    if not path.is_file():
        return {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            columns, rows = reader.fieldnames, list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CubisegError(f"{path}: cannot be read ({error}); save it as UTF-8 CSV") from error
    if columns is not None and not {"file"} <= set(columns) <= set(COLUMNS):
        raise CubisegError(
            f"{path}: has the columns {', '.join(map(str, columns))}; correct them to {', '.join(COLUMNS)}"
        )
    files = [row["file"] for row in rows]
    if len(set(files)) < len(files) or any(None in row for row in rows):
        raise CubisegError(f"{path}: lists a file twice, or has a row longer than the first; correct it")
    return {row["file"]: {name: cell or "" for name, cell in row.items()} for row in rows}

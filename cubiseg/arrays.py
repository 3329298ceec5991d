"""NumPy archives (.npz) in, safely and from any number of threads."""

import threading
from pathlib import Path
from typing import BinaryIO

import numpy as np

_reading = threading.Lock()


def read_arrays(file: Path | BinaryIO, *names: str) -> dict[str, np.ndarray]:
    """Those of some arrays that an archive holds, by name; nothing is unpickled.

    One thread reads at a time. NumPy has Python parse each header, and of two threads that parse at once one may get a
    ``SystemError`` ("AST constructor recursion depth mismatch": the parser of CPython 3.11 counts for all threads
    together).

    Raises:
        OSError, ValueError, EOFError, zipfile.BadZipFile, zipfile.LargeZipFile: missing or damaged.
    """
    with _reading, np.load(file, allow_pickle=False) as archive:
        return {name: archive[name] for name in names if name in archive}

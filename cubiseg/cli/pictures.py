"""From the arguments of a command to pictures with the names of their outputs."""

from collections.abc import Sequence
from pathlib import Path

from cubiseg.cli.console import complain
from cubiseg.errors import CubisegError


def find(images: Sequence[Path]) -> tuple[dict[Path, str], int]:
    """Pictures with their output names, and the number of arguments that led nowhere (each complained of)."""
    from cubiseg.imaging import distinct_stems, find_images

    found: list[Path] = []
    failed = 0
    for path in images:
        try:
            found += find_images([path])
        except CubisegError as error:
            complain(error)
            failed += 1
    return distinct_stems(found), failed


def named(path: Path, error: Exception) -> Exception:
    """Name the picture in an error that is not ours to explain, and keep its traceback for -v."""
    if isinstance(error, CubisegError):
        return error
    if isinstance(error, MemoryError):
        return CubisegError(f"{path}: not enough memory; scale it down or close other programs")
    told = RuntimeError(f"{path}: {type(error).__name__}: {error}")
    told.__cause__ = error
    return told

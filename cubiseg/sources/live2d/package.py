"""The package live2d-py, which holds a reader of Cubism 2 and Live2D's Cubism Core; it is installed by the user."""

import contextlib
import ctypes
import importlib
import io
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

from cubiseg.errors import CubisegError

_REMEDY = "`pip install 'cubiseg[live2d]'` (it holds Cubism Core, which has Live2D's own licence)"


def module(name: str) -> ModuleType:
    """A module of the package, without its banner.

    Raises:
        CubisegError: it is not installed, or cannot be loaded.
    """
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return importlib.import_module(f"live2d{name}")
    except ImportError as error:
        if getattr(error, "name", None) == "live2d":
            raise CubisegError(f"live2d: needs the package live2d-py; {_REMEDY}") from None
        lacks = "; it links to libX11 (Debian: libx11-6, libxext6)" if ".so" in str(error) else ""
        raise CubisegError(f"live2d: the package live2d-py cannot be loaded ({error}){lacks}") from None


@cache
def core() -> ctypes.CDLL:
    """Cubism Core, by its C interface.

    Raises:
        CubisegError: the package is not installed, or holds no such library.
    """
    library = ctypes.CDLL(str(module("._live2d").__file__))
    library.csmSetLogFunction(_SILENT)
    return library


@contextlib.contextmanager
def hushed() -> Iterator[None]:
    """Keep off the terminal what Core prints by itself, past Python: its version, each time that it reads a model."""
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - no path of ours
            os.dup2(nowhere.fileno(), 1)
            yield
            ctypes.CDLL(None).fflush(None)
    finally:
        os.dup2(kept, 1)
        os.close(kept)


@contextlib.contextmanager
def bounded_memory(most: int) -> Iterator[None]:
    """Let what is done here take no more than ``most`` bytes more, where the system can (Linux); then MemoryError.

    A damaged model may claim to have billions of points.
    """
    try:
        import resource

        own = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0]) * resource.getpagesize()
        before = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (own + most, before[1]))
    except (ImportError, OSError, ValueError):
        yield
        return
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


_SILENT = ctypes.CFUNCTYPE(None, ctypes.c_char_p)(lambda message: None)
"""What Core tells of: errors come back as results too, and its version is nobody's business."""

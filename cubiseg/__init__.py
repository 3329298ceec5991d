"""Anime illustrations to labelled data, to a segmentation model, to Live2D-ready layers.

``load_picture``, ``segment`` and ``write_layers`` lead from a picture to its layers (:mod:`cubiseg.api`). They are
imported when they are first asked for, so that ``import cubiseg`` takes no time; ``__init__.pyi`` tells their types.
"""

from typing import Any

__version__ = "0.1.0"

_CALLS = ("load_picture", "segment", "write_layers")


def __getattr__(name: str) -> Any:
    if name not in _CALLS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module("cubiseg.api"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_CALLS})

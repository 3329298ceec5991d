"""A segmenter that a process keeps from one picture of a batch to the next."""

import itertools
import os
from collections.abc import Callable

from cubiseg.inference.segmentation import Segmenter

_numbers = itertools.count()

_kept: dict[str, Segmenter] = {}


def new_key() -> str:
    """Tells a batch from others, also in other processes."""
    return f"{os.getpid()}-{next(_numbers)}"


def kept(key: str, open_it: Callable[[], Segmenter]) -> Segmenter:
    """The segmenter of a batch, opened once in each process that works on it; that of the batch before is given up.

    Args:
        key: of the batch.
        open_it: opens it.
    """
    if key not in _kept:
        _kept.clear()
        _kept[key] = open_it()
    return _kept[key]


def give_up() -> None:
    """Give up what is kept in this process."""
    _kept.clear()

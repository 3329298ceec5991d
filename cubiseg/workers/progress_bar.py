"""How far work has come, and how long the rest will take."""

import logging
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

log = logging.getLogger(__name__)

Result = TypeVar("Result")

PLAIN_SECONDS = 10.0
"""Seconds between two progress lines where there is no terminal."""


def progress(results: Iterable[Result], total: int, what: str) -> Iterator[Result]:
    """Pass results through, showing a bar on a terminal and a plain line now and then in a log."""
    if total < 2:
        yield from results
        return
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import track

        yield from track(results, what, total, console=Console(stderr=True))
        return
    start = shown = time.monotonic()
    for done, result in enumerate(results, 1):
        now = time.monotonic()
        if now - shown >= PLAIN_SECONDS and done < total:
            shown = now
            left = (now - start) / done * (total - done)
            log.info("%s: %d of %d, %.0f s left", what, done, total, left)
        yield result

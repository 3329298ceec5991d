"""Run a function over many items on all cores, in order, with progress.

The results do not depend on the number of workers. ``CUBISEG_WORKERS`` sets it (default: the cores of the machine).
"""

import logging
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import TypeVar

from cubiseg import settings
from cubiseg.errors import CubisegError

log = logging.getLogger(__name__)

Item = TypeVar("Item")
Result = TypeVar("Result")

PLAIN_SECONDS = 10.0
"""Seconds between two progress lines where there is no terminal."""

_SERIAL_BELOW = 16
"""So few items usually take less time than starting processes."""


def worker_count() -> int:
    """Number of worker processes.

    Raises:
        CubisegError: ``CUBISEG_WORKERS`` is no number from 0 to 1024; 0, like 1, works in this process.
    """
    wanted = settings.WORKERS.read()
    return cores() if wanted is None else max(1, wanted)


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_all(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    what: str,
    *,
    threads: bool = False,
    workers: int | None = None,
) -> list[Result]:
    """Apply a function to each item; results in the order of the items.

    Args:
        function: picklable (a module's function, or a partial of one) unless ``threads``.
        items: picklable unless ``threads``.
        what: what is being done, for the progress line.
        threads: use threads; right for work that waits (a server), and for work that must share this process.
        workers: how many; where not given, as many as there are cores, or none for a few quick items.

    Raises:
        CubisegError: as raised by the function, or a worker died.
    """
    return list(each(function, items, what, threads=threads, workers=workers))


def each(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    what: str,
    *,
    threads: bool = False,
    workers: int | None = None,
) -> Iterator[Result]:
    """As :func:`run_all`, but results come as they are ready, still in the order of the items."""
    return progress(_results(function, items, threads, workers), len(items), what)


def _results(
    function: Callable[[Item], Result], items: Sequence[Item], threads: bool, wanted: int | None
) -> Iterator[Result]:
    workers = min(wanted or worker_count(), len(items))
    if workers <= 1 or (wanted is None and not threads and len(items) < _SERIAL_BELOW):
        yield from map(function, items)
        return
    pool: Executor
    if threads:
        pool = ThreadPoolExecutor(workers)
    else:
        # Spawned, not forked: a fork of a process that has started threads (OpenCV, BLAS) may hang.
        pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_single_threaded)
    waiting: deque[Future[Result]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) >= 4 * workers:  # bounded, so that a million items do not all wait in memory
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise CubisegError(
            "a worker process died, most likely for want of memory; set CUBISEG_WORKERS to a lower number"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _single_threaded() -> None:
    """The processes share the cores; a thread pool in each of them only makes them wait for each other."""
    import cv2

    cv2.setNumThreads(1)


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

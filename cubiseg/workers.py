"""Run a function over many items on all cores, in order, with progress.

The results do not depend on the number of workers. ``CUBISEG_WORKERS`` sets it (default: the cores of the machine);
no more are started, and no more items done at once, than fit into the memory that is free. Workers end with the process
that started them, and take back what is half done.
"""

import logging
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from types import FrameType
from typing import TypeVar, cast

from cubiseg import lifetime, settings
from cubiseg.errors import CubisegError

log = logging.getLogger(__name__)

Item = TypeVar("Item")
Result = TypeVar("Result")
Other = TypeVar("Other")

PLAIN_SECONDS = 10.0
"""Seconds between two progress lines where there is no terminal."""

_SERIAL_BELOW = 16
"""So few items usually take less time than starting processes."""


_PROCESS = 260 * 2**20
"""Bytes that a worker process takes before it does anything: Python, NumPy, OpenCV and a network."""

_SHARE = 0.8
"""Share of the free memory that workers may take; estimates of what an item needs are rough."""

_ENDING = 6.0
"""Seconds that workers have to take back what is half done, once they are told to end."""


def worker_count(memory: int = 0) -> int:
    """Number of worker processes: ``CUBISEG_WORKERS`` or the cores, but no more than fit into the free memory.

    Args:
        memory: bytes that each takes at most beside what any process takes.

    Raises:
        CubisegError: ``CUBISEG_WORKERS`` is no number from 0 to 1024; 0, like 1, works in this process.
    """
    wanted = settings.WORKERS.read()
    return _fitting(cores() if wanted is None else max(1, wanted), memory)


def _fitting(wanted: int, memory: int = 0) -> int:
    free = available_memory()
    return wanted if free is None else max(1, min(wanted, int(_SHARE * free) // (_PROCESS + memory)))


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


HUGE = 2**25
"""Pixels of a picture above which its work is done step by step: each takes several times the picture's memory."""


def threads_for(size: tuple[int, int]) -> int:
    """Threads that share the work on one picture: OpenCV's own number, which is 1 in a worker process.

    Args:
        size: height and width of the picture; a huge one gets a single thread.
    """
    import cv2

    return 1 if size[0] * size[1] > HUGE else max(1, cv2.getNumThreads())


def side_by_side(jobs: Sequence[Callable[[], Result]], size: tuple[int, int]) -> list[Result]:
    """Do a few jobs of one picture at once, where NumPy and OpenCV leave the interpreter's lock.

    >>> side_by_side([lambda: 1, lambda: 2], (512, 512))
    [1, 2]

    Args:
        jobs: they do not depend on each other.
        size: height and width of the picture (:func:`threads_for`).

    Returns:
        What they give, in their order.
    """
    threads = min(threads_for(size), len(jobs))
    if threads <= 1:
        return [job() for job in jobs]
    with ThreadPoolExecutor(threads) as pool:
        return [done.result() for done in [pool.submit(job) for job in jobs]]


def both(one: Callable[[], Result], other: Callable[[], Other], size: tuple[int, int]) -> tuple[Result, Other]:
    """Do two jobs of one picture at once, as :func:`side_by_side` does, whatever each of them gives.

    >>> both(lambda: 1, lambda: "two", (512, 512))
    (1, 'two')
    """
    jobs: list[Callable[[], Result | Other]] = [one, other]
    first, second = side_by_side(jobs, size)
    return cast(Result, first), cast(Other, second)


def available_memory(root: Path = Path("/")) -> int | None:
    """Bytes that this process and those that it starts may still take; None where the system does not tell.

    That is what Linux deems available, or less where a control group (a container, a batch job) has a limit.

    Args:
        root: where ``proc`` and ``sys`` are mounted.
    """
    known = []
    with suppress(OSError, ValueError, StopIteration):
        lines = (root / "proc/meminfo").read_text().splitlines()
        known.append(1024 * int(next(line for line in lines if line.startswith("MemAvailable:")).split()[1]))
    with suppress(OSError):
        for line in (root / "proc/self/cgroup").read_text().splitlines():
            number, controllers, path = line.split(":", 2)
            if number == "0":
                known += _left_in_group(root / "sys/fs/cgroup", path, "memory.max", "memory.current", "inactive_file")
            elif "memory" in controllers.split(","):
                names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
                known += _left_in_group(root / "sys/fs/cgroup/memory", path, *names)
    return max(0, min(known)) if known else None


def _left_in_group(top: Path, path: str, limit: str, usage: str, cache: str) -> list[int]:
    """What a control group and those around it have left; what they cache of files can be given back."""
    left = []
    group = top / path.lstrip("/")
    # In a container the path may be that of the host, of which only the top is there.
    for folder in (group, *group.parents):
        if folder == top.parent:
            break
        with suppress(OSError, ValueError):  # ValueError: "max", no limit
            most = int((folder / limit).read_text())
            used = int((folder / usage).read_text())
            with suppress(OSError, ValueError):
                facts = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
                used -= int(facts.get(cache, 0))
            left.append(most - used)
    return left


def run_all(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    what: str,
    *,
    threads: bool = False,
    workers: int | None = None,
    memory: Callable[[Item], int] | None = None,
) -> list[Result]:
    """Apply a function to each item; results in the order of the items.

    Args:
        function: picklable (a module's function, or a partial of one) unless ``threads``.
        items: picklable unless ``threads``.
        what: what is being done, for the progress line.
        threads: use threads; right for work that waits (a server), and for work that must share this process.
        workers: how many; where not given, as many as there are cores, or none for a few quick items.
        memory: bytes that an item takes at most. Items are begun only while what is under way fits into the free memory
            with them; one alone is always begun.

    Raises:
        CubisegError: as raised by the function, or a worker died.
    """
    return list(each(function, items, what, threads=threads, workers=workers, memory=memory))


def each(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    what: str,
    *,
    threads: bool = False,
    workers: int | None = None,
    memory: Callable[[Item], int] | None = None,
) -> Iterator[Result]:
    """As :func:`run_all`, but results come as they are ready, still in the order of the items."""
    return progress(_results(function, items, threads, workers, memory), len(items), what)


def _results(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    threads: bool,
    wanted: int | None,
    memory: Callable[[Item], int] | None,
) -> Iterator[Result]:
    workers = min(wanted or worker_count(), len(items))
    if workers <= 1 or (wanted is None and not threads and len(items) < _SERIAL_BELOW):
        yield from map(function, items)
        return
    pool: Executor
    call = function
    free = available_memory() if memory is not None else None
    room = None if free is None else int(_SHARE * free)
    if threads:
        pool = ThreadPoolExecutor(workers)
    else:
        workers = _fitting(workers)
        room = None if room is None else room - workers * _PROCESS
        # Spawned, not forked: a fork of a process that has started threads (OpenCV, BLAS) may hang.
        pool = ProcessPoolExecutor(
            workers, get_context("spawn"), initializer=_begin, initargs=(lifetime.ends_with_this(),)
        )
        call = partial(_take_back_or_call, function)
    stop = partial(_end, pool)
    waiting: deque[Future[Result]] = deque()
    needs: dict[Future[Result], int] = {}
    try:
        with lifetime.stopped_by(stop):
            for item in items:
                need = memory(item) if memory is not None else 0
                # Bounded, so that a million items do not all wait in memory.
                while len(waiting) >= 4 * workers or ((needs := _under_way(needs)) and not _fits(needs, need, room)):
                    if len(waiting) >= 4 * workers or waiting[0].done():
                        yield waiting.popleft().result()
                    else:
                        wait(needs, return_when=FIRST_COMPLETED)
                with lifetime.interrupts_held():
                    future = pool.submit(call, item)
                waiting.append(future)
                if room is not None:
                    needs[future] = need
            while waiting:
                yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise CubisegError(
            "a worker process died, most likely for want of memory; set CUBISEG_WORKERS to a lower number"
        ) from error
    except (KeyboardInterrupt, lifetime.Terminated, GeneratorExit):
        stop()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _under_way(needs: dict[Future[Result], int]) -> dict[Future[Result], int]:
    return {future: need for future, need in needs.items() if not future.done()}


def _fits(needs: dict[Future[Result], int], need: int, room: int | None) -> bool:
    return room is None or sum(needs.values()) + need <= room


def _begin(follow: Callable[[], None]) -> None:
    """What each worker does first."""
    import cv2

    signal.signal(signal.SIGTERM, _on_sigterm)
    follow()
    # The processes share the cores; a thread pool in each of them only makes them wait for each other.
    cv2.setNumThreads(1)


_busy = False


def _on_sigterm(number: int, frame: FrameType | None) -> None:
    if not _busy:
        os._exit(lifetime.TERMINATED)
    # The pool may send it once more, and what takes back must not be stopped half-way.
    signal.signal(number, signal.SIG_IGN)
    raise lifetime.Terminated


def _take_back_or_call(function: Callable[[Item], Result], item: Item) -> Result:
    """Call a function in a worker; on SIGTERM its ``finally`` clauses run, and the worker ends."""
    global _busy
    try:
        _busy = True
        return function(item)
    except lifetime.Terminated:
        os._exit(lifetime.TERMINATED)
    finally:
        _busy = False


def _end(pool: Executor) -> None:
    """End a pool's processes now: they take back what is half done, and are killed where that takes too long."""
    # ProcessPoolExecutor.terminate_workers() does the same from Python 3.14 on.
    processes = list((getattr(pool, "_processes", None) or {}).values())
    manager = getattr(pool, "_executor_manager_thread", None)
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        with suppress(OSError, ValueError):  # ended, and closed
            process.terminate()
    end = time.monotonic() + _ENDING
    for process in processes:
        with suppress(OSError, ValueError, AssertionError):
            process.join(max(0.0, end - time.monotonic()))
            if process.is_alive():
                process.kill()
    if manager is not None:
        # Python's own end writes to this thread's pipe; one that the thread is closing then is a traceback.
        manager.join(_ENDING)


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

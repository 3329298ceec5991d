"""Engines of this machine: worker processes, and threads of this process."""

import os
import signal
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import partial
from multiprocessing import get_context
from types import FrameType
from typing import Any

from cubiseg import lifetime, settings
from cubiseg.workers.counts import fitting
from cubiseg.workers.engine import STOPPING, Done
from cubiseg.workers.memory import PROCESS, room


class Threads:
    """Threads of this process; a :class:`~cubiseg.workers.engine.Engine`."""

    most = 1
    deaths: tuple[type[BaseException], ...] = ()
    losses: tuple[type[BaseException], ...] = ()

    def __init__(self, function: Callable[[Any], Any], workers: int) -> None:
        self.slots, self.window, self.room = workers, 4 * workers, room()
        self._function = function
        self._pool = ThreadPoolExecutor(workers)

    def submit(self, items: Sequence[Any], need: int) -> Future[Done]:
        """As of an engine."""
        with lifetime.interrupts_held():
            return self._pool.submit(_call, self._function, items)

    def alone(self, item: Any, need: int) -> Future[Done]:
        """Never called: no thread dies alone."""
        return self.submit([item], need)

    def stop(self) -> None:
        """What has not begun is not begun any more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """As of an engine."""
        self._pool.shutdown(cancel_futures=True)


class Processes:
    """Processes of this machine; a :class:`~cubiseg.workers.engine.Engine`."""

    most = 1
    deaths: tuple[type[BaseException], ...] = (BrokenProcessPool,)
    losses: tuple[type[BaseException], ...] = ()

    def __init__(self, function: Callable[[Any], Any], workers: int) -> None:
        self.slots = fitting(workers)
        self.window = 4 * self.slots
        left = room()
        self.room = None if left is None else left - self.slots * PROCESS
        self._call = partial(_take_back_or_call, function)
        self._all, self._single = _Pool(self.slots), _Pool(1)

    def submit(self, items: Sequence[Any], need: int) -> Future[Done]:
        """As of an engine."""
        return self._all.submit(self._call, items)

    def alone(self, item: Any, need: int) -> Future[Done]:
        """As of an engine."""
        return self._single.submit(self._call, [item])

    def stop(self) -> None:
        """As of an engine; who takes too long to take back is killed."""
        self._all.stop()
        self._single.stop()

    def close(self) -> None:
        """As of an engine."""
        self._all.close()
        self._single.close()


class _Pool:
    """Processes that are started when they are first needed, and anew when one of them has died."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def submit(self, call: Callable[[Sequence[Any]], Done], items: Sequence[Any]) -> Future[Done]:
        with lifetime.interrupts_held():
            if self._pool is None:
                self._pool = self._started()
            try:
                return self._pool.submit(call, items)
            except BrokenProcessPool:
                self._pool.shutdown()
                self._pool = self._started()
                return self._pool.submit(call, items)

    def _started(self) -> ProcessPoolExecutor:
        # Spawned, not forked: a fork of a process that has started threads (OpenCV, BLAS) may hang.
        follow = lifetime.ends_with_this()
        return ProcessPoolExecutor(self._workers, get_context("spawn"), initializer=_begin, initargs=(follow,))

    def stop(self) -> None:
        if self._pool is not None:
            _end(self._pool)

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def _call(function: Callable[[Any], Any], items: Sequence[Any]) -> Done:
    begun = time.monotonic()
    results = [function(item) for item in items]
    return Done(results, time.monotonic() - begun)


def _begin(follow: Callable[[], None]) -> None:
    """What each worker process does first."""
    signal.signal(signal.SIGTERM, _on_sigterm)
    follow()
    use_one_core()


def use_one_core() -> None:
    """Have this process do its work on one core: those of others are theirs.

    A thread pool in each of the processes that share the cores only makes them wait for each other.
    """
    import cv2

    cv2.setNumThreads(1)
    os.environ.setdefault(settings.THREADS.name, "1")


_busy = False


def _on_sigterm(number: int, frame: FrameType | None) -> None:
    if not _busy:
        os._exit(lifetime.TERMINATED)
    # The pool may send it once more, and what takes back must not be stopped half-way.
    signal.signal(number, signal.SIG_IGN)
    raise lifetime.Terminated


def _take_back_or_call(function: Callable[[Any], Any], items: Sequence[Any]) -> Done:
    """Call a function in a worker; on SIGTERM its ``finally`` clauses run, and the worker ends."""
    global _busy
    try:
        _busy = True
        return _call(function, items)
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
    end = time.monotonic() + STOPPING
    for process in processes:
        with suppress(OSError, ValueError, AssertionError):
            process.join(max(0.0, end - time.monotonic()))
            if process.is_alive():
                process.kill()
    if manager is not None:
        # Python's own end writes to this thread's pipe; one that the thread is closing then is a traceback.
        manager.join(STOPPING)

"""Call a function with many items, whatever engine does the work: in order, within memory, past workers that die.

An item whose worker dies may be to blame, or another that was under way beside it, or the machine. It is tried again
alone, twice; one that ends its worker each time is left out, the others are done, and then it is named.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from itertools import chain
from typing import Any, Generic, TypeVar

from cubiseg import lifetime
from cubiseg.errors import CubisegError, brief
from cubiseg.workers.choice import engine_for
from cubiseg.workers.engine import Done, Engine
from cubiseg.workers.progress_bar import progress

Item = TypeVar("Item")
Result = TypeVar("Result")

_TRIES = 2
"""So often an item is tried alone."""

_LOSSES = 5
"""So often a task may lose the machine that it runs on."""

_SYSTEMIC = 8
"""So many fatal items among at most as many others are no fault of theirs."""

_NAMED = 5
"""So many fatal items are named."""

_TASK_SECONDS = 0.5
"""A task should take so long: what an engine adds to each is then little, and little is lost with a worker."""


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
        function: picklable (a module's function, or a partial of one) unless ``threads``. It may be called again with
            an item whose worker died.
        items: picklable unless ``threads``.
        what: what is being done, for the progress line.
        threads: use threads; right for work that waits (a server), and for work that must share this process.
        workers: how many; where not given, as many as there are cores, or none for a few quick items.
        memory: bytes that an item takes at most. Items are begun only while what is under way fits into the free memory
            with them; one alone is always begun.

    Raises:
        CubisegError: as raised by the function; or items ended their workers, which is told once the others are done.
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
    fatal: Callable[[Item, CubisegError], Result] | None = None,
) -> Iterator[Result]:
    """As :func:`run_all`, but results come as they are ready, still in the order of the items.

    Args:
        function: see :func:`run_all`, as for all that are not told here.
        items: what it is called with.
        what: what is being done.
        threads: use threads.
        workers: how many.
        memory: bytes that an item takes at most.
        fatal: gives the result of an item that ends its worker, so that it is no error of the whole.
    """
    engine = engine_for(function, len(items), threads, workers)
    if engine is None:
        yield from progress(map(function, items), len(items), what)
        return
    ended: list[str] = []
    try:
        for place, result in enumerate(progress(_results(engine, items, what, memory), len(items), what)):
            if isinstance(result, _Fatal):
                error = CubisegError(f"{what}: {_told([named(items[place], place)])}")
                if fatal is None:
                    ended.append(named(items[place], place))
                else:
                    yield fatal(items[place], error)
            elif not ended:  # who takes the results counts them; after a gap only what they leave behind is of use
                yield result
    except Exception as error:
        if ended:
            raise CubisegError(f"{what}: {_told(ended)}; and then: {brief(error)}") from error
        raise
    if ended:
        raise CubisegError(f"{what}: {_told(ended)}; the rest is done")


def _told(items: Sequence[str]) -> str:
    names = ", ".join(items[:_NAMED]) + (f" and {len(items) - _NAMED} more" if len(items) > _NAMED else "")
    remedy = "most likely for want of memory; leave it out, or give it more memory"
    return f"{names} ended the worker that did it, each time, also alone, {remedy}"


def named(item: object, place: int) -> str:
    """What a user knows an item by.

    >>> named(("a.png", "a"), 3), named(7, 7), named(object(), 3)
    ('a.png', 'number 7', 'item 4')

    Args:
        item: a path, a name, a number, something with an ``id``, or a sequence that begins with one of them.
        place: its place among the items, from 0.
    """
    if isinstance(item, tuple | list) and item:
        return named(item[0], place)
    if isinstance(item, int):
        return f"number {item}"
    known = item if isinstance(item, str) or hasattr(item, "__fspath__") else getattr(item, "id", None)
    return f"item {place + 1}" if known is None else brief(ValueError(known), 200)


class _Fatal:
    """Stands for the result of an item that ends its worker."""


@dataclass
class _Task(Generic[Item]):
    items: Sequence[Item]
    need: int
    future: Future[Done]
    losses: int = 0


class _Batch(Generic[Item]):
    """The items of one call on their way through an engine."""

    def __init__(self, engine: Engine, items: Sequence[Item], what: str, memory: Callable[[Item], int] | None) -> None:
        self.engine, self.items, self.what = engine, items, what
        self.memory: Callable[[Item], int] = memory or (lambda _: 0)
        self.begun = 0
        self.under_way: deque[_Task[Item]] = deque()
        self.next: tuple[Sequence[Item], int] | None = None
        self.done = self.fatal = 0
        self.seconds = 0.0

    def results(self) -> Iterator[Any]:
        while True:
            while self._may_begin():
                self._begin()
            if not self.under_way:
                return
            head = self.under_way[0]
            # Bounded, so that a million items do not all wait in memory.
            if self.next is None or len(self.under_way) >= self.engine.window or head.future.done():
                yield from self._of(self.under_way.popleft())
            else:
                wait(self._running(), return_when=FIRST_COMPLETED)

    def _may_begin(self) -> bool:
        if self.next is None and self.begun < len(self.items):
            left = len(self.items) - self.begun
            fair = -(-left // (2 * self.engine.slots))
            size = max(1, min(self.engine.most, self._in_time(), fair))
            chunk = self.items[self.begun : self.begun + size]
            self.next = chunk, max(map(self.memory, chunk))
        if self.next is None or len(self.under_way) >= self.engine.window:
            return False
        if self.engine.room is None:
            return True
        taken = [task.need for task in self.under_way if not task.future.done()]
        return not taken or sum(taken) + self.next[1] <= self.engine.room

    def _in_time(self) -> int:
        """So many items take as long as a task should."""
        return int(_TASK_SECONDS * self.done / self.seconds) if self.seconds else 1

    def _begin(self) -> None:
        assert self.next is not None  # noqa: S101 - so it was found
        items, need = self.next
        self.under_way.append(_Task(items, need, self.engine.submit(items, need)))
        self.begun, self.next = self.begun + len(items), None

    def _running(self) -> list[Future[Done]]:
        return [task.future for task in self.under_way if not task.future.done()]

    def _of(self, task: _Task[Item]) -> Iterator[Any]:
        try:
            done = self._awaited(task, self.engine.submit)
        except self.engine.deaths:
            yield from chain.from_iterable(map(self._alone, task.items))
        else:
            yield from self._taken(done)

    def _awaited(self, task: _Task[Item], again: Callable[[Sequence[Item], int], Future[Done]]) -> Done:
        while True:
            try:
                return task.future.result()
            except self.engine.losses as error:
                task.losses += 1
                if task.losses == _LOSSES:
                    told = f"{_LOSSES} machines were lost in the midst of it; look at the cluster, and run it again"
                    raise CubisegError(f"{self.what}: {told}") from error
                task.future = again(task.items, task.need)

    def _alone(self, item: Item) -> Iterator[Any]:
        need = self.memory(item)

        def submit(items: Sequence[Item], need: int) -> Future[Done]:
            return self.engine.alone(items[0], need)

        for _ in range(_TRIES):
            try:
                done = self._awaited(_Task([item], need, submit([item], need)), submit)
            except self.engine.deaths as error:
                reason = error
            else:
                yield from self._taken(done)
                return
        self.fatal += 1
        if self.fatal >= _SYSTEMIC and self.fatal >= self.done:
            remedy = "most likely for want of memory; set CUBISEG_WORKERS to a lower number"
            raise CubisegError(f"{self.what}: workers died with {self.fatal} items, {remedy}") from reason
        yield _Fatal()

    def _taken(self, done: Done) -> Iterator[Any]:
        self.done += len(done.results)
        self.seconds += done.seconds
        yield from done.results
        if done.error is not None:
            raise done.error


def _results(engine: Engine, items: Sequence[Item], what: str, memory: Callable[[Item], int] | None) -> Iterator[Any]:
    """A result for each item, or :class:`_Fatal`."""
    try:
        with lifetime.stopped_by(engine.stop):
            yield from _Batch(engine, items, what, memory).results()
    except (KeyboardInterrupt, lifetime.Terminated, GeneratorExit):
        engine.stop()
        raise
    finally:
        engine.close()

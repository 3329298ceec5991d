"""The engine Ray: tasks of Ray Core, on a cluster, or on one that is started on this machine.

Scheduling, queues and messages between machines are Ray's. The driver is this process: it keeps a bounded number of
tasks under way. Every node needs the same cubiseg, and sees the data at the same paths as the driver does.

https://docs.ray.io/en/latest/ray-core/tasks.html
"""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from cubiseg.errors import CubisegError, brief
from cubiseg.workers import ray_cluster, ray_tasks
from cubiseg.workers.counts import wished
from cubiseg.workers.engine import STOPPING, Done
from cubiseg.workers.memory import PROCESS

_MOST = 64
"""Items of a task at most."""

_MEMORY_STEP = 256 * 2**20
"""Tasks that need about as much memory share their workers: what they ask for is rounded up to this, bytes."""

_LOOK_AGAIN = 5.0
"""Seconds after which the cluster is asked again what it has: nodes come and go."""


class Ray:
    """Tasks of Ray; an :class:`~cubiseg.workers.engine.Engine`.

    Args:
        function: that is called with each item.
        wanted: how many workers; None leaves it to ``CUBISEG_WORKERS``, else all that the cluster has.

    Raises:
        CubisegError: Ray is not installed, or the cluster cannot be reached or started.
    """

    most = _MOST
    room: int | None = None  # Ray counts: each task says what it needs

    def __init__(self, function: Callable[[Any], Any], wanted: int | None) -> None:
        if not ray_cluster.can_import_ray():
            raise CubisegError(ray_cluster.NO_RAY)
        self._wanted = wanted or wished()
        ray_cluster.connect()
        import ray
        from ray import exceptions

        self._ray = ray
        # Not LocalRayletDiedError: without the driver's own node nothing can be done.
        self.deaths: tuple[type[BaseException], ...] = (exceptions.WorkerCrashedError, exceptions.OutOfMemoryError)
        self.losses: tuple[type[BaseException], ...] = (exceptions.NodeDiedError, exceptions.ObjectLostError)
        self._call = ray.put(ray_tasks.Call.here(ray.cloudpickle.dumps(function)))
        self._do = ray.remote(max_retries=0, num_cpus=1)(ray_tasks.do)
        self._under_way: dict[Future[Done], _Task] = {}
        self._outgrown: list[tuple[Future[Done], _Task]] = []
        self._ended = threading.Event()
        self._watch: threading.Thread | None = None
        self._looked = -_LOOK_AGAIN
        self._cpus, self._memory = 1, 0

    @property
    def slots(self) -> int:
        """CPUs of the cluster, or as many as are wanted."""
        if time.monotonic() - self._looked >= _LOOK_AGAIN:
            self._look()
        return min(self._cpus, self._wanted or self._cpus)

    def _look(self) -> None:
        self._looked = time.monotonic()
        # A head that has no CPU does no work, however much memory it has.
        nodes = [n["Resources"] for n in self._ray.nodes() if n["Alive"] and n["Resources"].get("CPU", 0) >= 1]
        self._cpus = max(1, int(sum(node["CPU"] for node in nodes)))
        self._memory = int(max((node.get("memory", 0) for node in nodes), default=0))

    @property
    def window(self) -> int:
        """Several for each worker, so that none waits for the driver; where not all may work, just as many as may."""
        return 4 * self.slots if self.slots == self._cpus else self.slots

    def submit(self, items: Sequence[Any], need: int) -> Future[Done]:
        """As of an engine."""
        future: Future[Done] = Future()
        self._send(future, self._ray.cloudpickle.dumps(list(items)), need)
        if need and self._watch is None:
            self._watch = threading.Thread(target=self._mend, daemon=True)
            self._watch.start()
        return future

    def _send(self, future: Future[Done], items: bytes, need: int) -> None:
        memory = 0
        if need and self._memory:
            # One that fits nowhere is done alone on the node that has most.
            memory = min(-(-(need + PROCESS) // _MEMORY_STEP) * _MEMORY_STEP, self._memory)
        reference = self._do.options(memory=memory or None).remote(self._call, items)
        task = self._under_way[future] = _Task(reference, items, need, memory)
        reference.future().add_done_callback(lambda raw: self._arrived(raw, future, task))

    def _mend(self) -> None:
        """Once the node that has most is lost, what asks for more than any other has would wait for ever."""
        while not self._ended.wait(_LOOK_AGAIN):
            with suppress(Exception):  # the cluster does not answer: its own error ends the batch
                self._look()
            while self._outgrown and not self._ended.is_set():
                future, task = self._outgrown.pop()
                try:
                    self._send(future, task.items, task.need)
                except Exception as error:
                    future.set_exception(error)
            for task in list(self._under_way.values()):
                if task.memory > self._memory > 0:
                    task.outgrown = True
                    with suppress(Exception):  # it has ended
                        self._ray.cancel(task.reference)

    def _arrived(self, raw: Future[bytes], future: Future[Done], task: "_Task") -> None:
        self._under_way.pop(future, None)
        try:
            future.set_result(ray_tasks.read(raw.result()))
        except self._ray.exceptions.TaskCancelledError as error:
            if task.outgrown and not self._ended.is_set():
                self._outgrown.append((future, task))
            else:
                future.set_exception(error)
        except (*self.deaths, *self.losses) as error:
            future.set_exception(error)
        except self._ray.exceptions.RayError as error:
            told = f"Ray: could not do a task ({brief(error)}); look at `ray status` and the logs of its head"
            future.set_exception(CubisegError(told))
        except BaseException as error:
            future.set_exception(error)

    def alone(self, item: Any, need: int) -> Future[Done]:
        """As of an engine: a worker of Ray does one task at a time."""
        return self.submit([item], need)

    def stop(self) -> None:
        """As of an engine; who takes too long to take back is killed."""
        self._end_watch()
        for force in (False, True):
            under_way = dict(self._under_way)
            for task in under_way.values():
                with suppress(Exception):  # it has ended, or the cluster has
                    self._ray.cancel(task.reference, force=force)
            if not wait(under_way, STOPPING).not_done:
                return

    def close(self) -> None:
        """The workers stay for the next batch; this gives up what they were to call."""
        if self._under_way:  # an error ended the batch before its time
            self.stop()
        self._end_watch()
        self._call = None

    def _end_watch(self) -> None:
        self._ended.set()
        if self._watch is not None:
            self._watch.join(STOPPING)


@dataclass
class _Task:
    """What is under way.

    Attributes:
        reference: to its result.
        items: pickled.
        need: bytes that each of them takes at most; 0 where that is not known.
        memory: bytes that were asked for.
        outgrown: whether it was taken back since no node has so much any more.
    """

    reference: Any
    items: bytes
    need: int
    memory: int
    outgrown: bool = False

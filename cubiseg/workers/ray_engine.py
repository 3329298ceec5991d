"""The engine Ray: tasks of Ray Core, on a cluster, or on one that is started on this machine.

Scheduling, queues and messages between machines are Ray's. The driver is this process: it keeps a bounded number of
tasks under way. Every node needs the same cubiseg, and sees the data at the same paths as the driver does.

https://docs.ray.io/en/latest/ray-core/tasks.html
"""

import atexit
import importlib.util
import logging
import os
import pickle
import secrets
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cubiseg import __version__, lifetime, settings
from cubiseg.errors import CubisegError, brief
from cubiseg.workers.counts import wished, worker_count
from cubiseg.workers.engine import STOPPING, Done
from cubiseg.workers.memory import PROCESS, room
from cubiseg.workers.processes import use_one_core

_MOST = 64
"""Items of a task at most."""

_STORE = 256 * 2**20
"""Bytes of a local cluster's store for results on their way; what is more goes to files."""

_MEMORY_STEP = 256 * 2**20
"""Tasks that need about as much memory share their workers: what they ask for is rounded up to this, bytes."""

_LOOK_AGAIN = 5.0
"""Seconds after which the cluster is asked again what it has: nodes come and go."""

_ANSWERED = 10.0
"""Seconds within which the head of a cluster must answer."""

_SENT = ("OMP_WAIT_POLICY",)
"""Variables that are sent to the workers besides our own."""

LOCAL = {
    # As on systems where this is the default, nothing then listens on any other address than 127.0.0.1.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_AUTH_MODE": "token",
    # Workers have the priority of this process, as with the engine process.
    "RAY_worker_niceness": "0",
}
"""Variables under which a local cluster is started; a random ``RAY_AUTH_TOKEN`` keeps others of the machine out."""

QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # Ray prints a paragraph about each worker that dies, on the standard output; we tell of it ourselves.
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",
}
"""Variables under which Ray is silent."""

_LONGEST_FOLDER = 44
"""Bytes of the path of Ray's folder at most: below it lie sockets, whose paths may have 107 (on a Mac 103)."""

NO_RAY = "ray is not installed; pip install 'cubiseg[ray]', or unset CUBISEG_ENGINE"


def can_import_ray() -> bool:
    """Whether Ray is installed; it is not imported."""
    return importlib.util.find_spec("ray") is not None


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
        if not can_import_ray():
            raise CubisegError(NO_RAY)
        self._wanted = wanted or wished()
        _connect()
        import ray
        from ray import exceptions

        self._ray = ray
        # Not LocalRayletDiedError: without the driver's own node nothing can be done.
        self.deaths: tuple[type[BaseException], ...] = (exceptions.WorkerCrashedError, exceptions.OutOfMemoryError)
        self.losses: tuple[type[BaseException], ...] = (exceptions.NodeDiedError, exceptions.ObjectLostError)
        call = _Call(ray.cloudpickle.dumps(function), _environment(), str(Path.cwd()))
        self._call = ray.put(call)
        self._do = ray.remote(max_retries=0, num_cpus=1)(_do)
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
            future.set_result(_read(raw.result()))
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


@dataclass(frozen=True)
class _Call:
    """What a worker must know.

    Attributes:
        function: pickled.
        environment: variables to set.
        folder: to work in.
        version: of the driver's cubiseg.
        key: tells calls apart.
    """

    function: bytes
    environment: dict[str, str]
    folder: str
    version: str = __version__
    key: str = field(default_factory=lambda: secrets.token_hex(8))


def _environment() -> dict[str, str]:
    """The variables that workers need; in one, no further engine is started."""
    names = [*(setting.name for setting in settings.SETTINGS), *_SENT]
    given = {name: os.environ[name] for name in names if os.environ.get(name)}
    return {settings.THREADS.name: "1", **given, settings.ENGINE.name: "serial"}


_ready: tuple[str, Callable[[Any], Any]] | None = None
"""In a worker: the key of the last call, and its function."""


def _do(call: _Call, items: bytes) -> bytes:
    """What a worker does: call the function with each item; a pickled :class:`Done`."""
    import ray

    begun = time.monotonic()
    results: list[Any] = []
    error: Exception | None = None
    place = ""
    try:
        function = _prepared(call)
        begun = time.monotonic()  # the first of a worker's tasks imports what the function needs
        for item in pickle.loads(items):  # noqa: S301 - from our own driver
            results.append(function(item))
    except Exception as raised:
        error, place = raised, "".join(traceback.format_exception(raised))
    seconds = time.monotonic() - begun
    try:
        packed = ray.cloudpickle.dumps((results, seconds, error, place))
        pickle.loads(packed)  # noqa: S301 - as above; an exception may be made of other arguments than it keeps
    except Exception as raised:
        reason = RuntimeError(f"cannot be sent back: {brief(error or raised)}")
        packed = ray.cloudpickle.dumps(([], seconds, reason, place or traceback.format_exc()))
    return packed


def _prepared(call: _Call) -> Callable[[Any], Any]:
    global _ready
    if _ready is None or _ready[0] != call.key:
        if call.version != __version__:
            told = f"has cubiseg {__version__}, the driver {call.version}"
            raise CubisegError(f"node {socket.gethostname()}: {told}; install the same version on all")
        for setting in settings.SETTINGS:
            os.environ.pop(setting.name, None)
        os.environ.update(call.environment)
        try:
            os.chdir(call.folder)
        except OSError as error:
            remedy = "all nodes must see the data at the same path"
            raise CubisegError(f"{call.folder}: is not on node {socket.gethostname()}; {remedy}") from error
        use_one_core()
        _ready = call.key, pickle.loads(call.function)  # noqa: S301 - from our own driver
    return _ready[1]


class _There(Exception):
    """The traceback of an error that was raised in a worker."""


def _read(packed: bytes) -> Done:
    results, seconds, error, place = pickle.loads(packed)  # noqa: S301 - from our own worker
    if error is not None:
        error.__cause__ = _There(f'\n"""\n{place}"""')
    return Done(results, seconds, error)


_connected: str | None = None
"""Address of the cluster that this process is connected to; "" for one that it has started."""


def _connect() -> None:
    """Connect to the cluster that the settings name, or start one; once a process."""
    global _connected
    address = settings.RAY_ADDRESS.read() or ""
    if _connected == address:
        return
    disconnect()
    with _variables(QUIET if address else {**QUIET, **LOCAL, "RAY_AUTH_TOKEN": secrets.token_hex(32)}):
        import ray

        logging.getLogger("ray").setLevel(logging.CRITICAL)
        atexit.register(disconnect)
        try:
            with _signals_kept():
                _join(address) if address else _start()
        except Exception as error:
            disconnect()
            where = f"{settings.RAY_ADDRESS.name}={address}" if address else "Ray"
            does = "cannot be reached" if address else "cannot be started on this machine"
            remedy = "look at `ray status` on its head" if address else "choose CUBISEG_ENGINE=process"
            raise CubisegError(f"{where}: {does} ({brief(error)}); {remedy}") from error
        except BaseException:
            disconnect()
            raise
    # Not of this process: a node that is not ours may have another idea of it.
    if not address and any(node["NodeManagerAddress"] != "127.0.0.1" for node in ray.nodes()):
        disconnect()
        raise CubisegError("Ray: was imported before, and would listen on the network; choose CUBISEG_ENGINE=process")
    _connected = address


def _join(address: str) -> None:
    import ray

    if address != "auto":  # Ray itself asks for minutes
        host, _, port = address.rpartition(":")
        socket.create_connection((host.strip("[]"), int(port)), _ANSWERED).close()
    paths = [str(Path(path).resolve()) for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    environment = {"env_vars": {"PYTHONPATH": os.pathsep.join(paths)}} if paths else None
    ray.init(address, log_to_driver=False, configure_logging=False, runtime_env=environment)


def _start() -> None:
    import ray

    ray.init(
        "local",
        num_cpus=worker_count(),
        num_gpus=0,
        include_dashboard=False,
        configure_logging=False,
        log_to_driver=False,
        object_store_memory=_STORE,
        _memory=room(),
        _temp_dir=str(_folder()),
    )


def disconnect() -> None:
    """Leave the cluster; one that this process has started ends, and nothing of it is left."""
    global _connected
    _connected = None
    if "ray" in sys.modules:
        import ray

        ray.shutdown()
    shutil.rmtree(_own_folder(), ignore_errors=True)


def _own_folder() -> Path:
    """Ray's folder for sockets and logs; the name tells whose it is."""
    pid = os.getpid()
    name = f"cubiseg-{lifetime.place()}-{pid}-{lifetime.born(pid)}"
    common = Path(tempfile.gettempdir())
    return common / name if len(os.fsencode(common / name)) <= _LONGEST_FOLDER else Path("/tmp") / name  # noqa: S108


def _folder() -> Path:
    """A fresh folder of this process; those of processes that were killed are removed."""
    mine = _own_folder()
    for other in mine.parent.glob(f"cubiseg-{lifetime.place()}-*-*"):
        pid, born = other.name.split("-")[2:4]
        if pid.isdecimal() and lifetime.born(int(pid)) not in (born, "0"):
            shutil.rmtree(other, ignore_errors=True)
    mine.mkdir(mode=0o700)
    return mine


@contextmanager
def _variables(values: dict[str, str]) -> Iterator[None]:
    """Environment variables within the block; what a user has set is kept."""
    added = {name: value for name, value in values.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Ray sets a handler of SIGTERM that ends the process; ours takes back what is half done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)

"""What a task of Ray is: items and a function on their way to a worker, what it does there, and what comes back."""

import os
import pickle
import secrets
import socket
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cubiseg import __version__, settings
from cubiseg.errors import CubisegError, brief
from cubiseg.workers.engine import Done
from cubiseg.workers.processes import use_one_core

_SENT = ("OMP_WAIT_POLICY",)
"""Variables that are sent to the workers besides our own."""


@dataclass(frozen=True)
class Call:
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

    @classmethod
    def here(cls, function: bytes) -> "Call":
        """One that is done as this process would do it: in its folder and under its settings.

        Args:
            function: pickled.
        """
        names = [*(setting.name for setting in settings.SETTINGS), *_SENT]
        given = {name: os.environ[name] for name in names if os.environ.get(name)}
        # In a worker, no further engine is started.
        environment = {settings.THREADS.name: "1", **given, settings.ENGINE.name: "serial"}
        return cls(function, environment, str(Path.cwd()))


_ready: tuple[str, Callable[[Any], Any]] | None = None
"""In a worker: the key of the last call, and its function."""


def do(call: Call, items: bytes) -> bytes:
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


def _prepared(call: Call) -> Callable[[Any], Any]:
    global _ready
    if _ready is None or _ready[0] != call.key:
        if call.version != __version__:
            told = f"has cubiseg {__version__}, the driver {call.version}"
            raise CubisegError(f"node {socket.gethostname()}: {told}; install the same version on all")
        try:
            os.chdir(call.folder)
        except OSError as error:
            remedy = "all nodes must see the data at the same path"
            raise CubisegError(f"{call.folder}: is not on node {socket.gethostname()}; {remedy}") from error
        for setting in settings.SETTINGS:
            os.environ.pop(setting.name, None)
        os.environ.update(call.environment)
        use_one_core()
        _ready = call.key, pickle.loads(call.function)  # noqa: S301 - from our own driver
    return _ready[1]


class _There(Exception):
    """The traceback of an error that was raised in a worker."""


def read(packed: bytes) -> Done:
    """What :func:`do` gave back; its error has the traceback that it had there."""
    results, seconds, error, place = pickle.loads(packed)  # noqa: S301 - from our own worker
    if error is not None:
        error.__cause__ = _There(f'\n"""\n{place}"""')
    return Done(results, seconds, error)

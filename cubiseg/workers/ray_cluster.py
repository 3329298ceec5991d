"""The cluster that the engine Ray works on: one that the settings name, or one that is started on this machine."""

import atexit
import importlib.util
import logging
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cubiseg import lifetime, settings
from cubiseg.errors import CubisegError, brief
from cubiseg.workers.counts import worker_count
from cubiseg.workers.memory import room

_STORE = 256 * 2**20
"""Bytes of a local cluster's store for results on their way; what is more goes to files."""

_ANSWERED = 10.0
"""Seconds within which the head of a cluster must answer."""

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


_connected: str | None = None
"""Address of the cluster that this process is connected to; "" for one that it has started."""


def connect() -> None:
    """Connect to the cluster that the settings name, or start one; once a process."""
    global _connected
    address = settings.RAY_ADDRESS.read() or ""
    if _connected == address:
        return
    disconnect()
    with variables(QUIET if address else {**QUIET, **LOCAL, "RAY_AUTH_TOKEN": secrets.token_hex(32)}):
        import ray

        logging.getLogger("ray").setLevel(logging.CRITICAL)
        atexit.register(disconnect)
        try:
            with signals_kept():
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
def variables(values: dict[str, str]) -> Iterator[None]:
    """Environment variables within the block; what a user has set is kept."""
    added = {name: value for name, value in values.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


@contextmanager
def signals_kept() -> Iterator[None]:
    """Ray sets a handler of SIGTERM that ends the process; ours takes back what is half done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)

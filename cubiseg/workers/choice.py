"""Which engine works on a batch."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cubiseg import settings
from cubiseg.errors import CubisegError
from cubiseg.workers.counts import worker_count
from cubiseg.workers.engine import Engine
from cubiseg.workers.processes import Processes, Threads
from cubiseg.workers.ray_cluster import NO_RAY, can_import_ray
from cubiseg.workers.ray_engine import Ray

SERIAL_BELOW = 16
"""So few items usually take less time than starting processes, where nobody has chosen an engine."""


def engine_for(function: Callable[[Any], Any], count: int, threads: bool, wanted: int | None) -> Engine | None:
    """The engine for a batch; None where this process calls the function with one item after the other.

    Args:
        function: that will be called.
        count: of the items.
        threads: whether the work must share this process.
        wanted: how many are to work at once; None leaves it to the settings.

    Raises:
        CubisegError: a setting makes no sense, Ray is not installed, or its cluster cannot be reached.
    """
    chosen = settings.ENGINE.read()
    if chosen == "ray" and not threads and count > 1:
        return Ray(function, wanted)
    workers = min(wanted or worker_count(), count)
    if threads:
        return Threads(function, workers) if workers > 1 else None
    few = wanted is None and chosen is None and count < SERIAL_BELOW
    return None if workers <= 1 or few or chosen == "serial" else Processes(function, workers)


@dataclass(frozen=True)
class Chosen:
    """What the settings choose, for people.

    Attributes:
        told: half a line about it.
        problem: why it cannot be; None where it can.
    """

    told: str
    problem: str | None = None


def chosen() -> Chosen:
    """Which engine would work on a large batch. Nothing is started, and nothing large imported."""
    try:
        name, address, workers = settings.ENGINE.read(), settings.RAY_ADDRESS.read(), worker_count()
    except CubisegError as error:
        return Chosen("none", str(error))
    if name == "serial" or (name != "ray" and workers == 1):
        return Chosen("serial: this process")
    if name != "ray":
        few = f", from {SERIAL_BELOW} items on" if name is None else ""
        return Chosen(f"process: {workers} processes of this machine{few}")
    where = f"the cluster at {address}" if address else f"{workers} workers, on this machine"
    return Chosen(f"ray: {where}", None if can_import_ray() else NO_RAY)

"""How many workers: cores, what is wished for, and what fits into the memory."""

import os

from cubiseg import settings
from cubiseg.workers.memory import PROCESS, room


def worker_count(memory: int = 0) -> int:
    """Number of worker processes: ``CUBISEG_WORKERS`` or the cores, but no more than fit into the free memory.

    Args:
        memory: bytes that each takes at most beside what any process takes.

    Raises:
        CubisegError: ``CUBISEG_WORKERS`` is no number from 0 to 1024; 0, like 1, works in this process.
    """
    return fitting(wished() or cores(), memory)


def wished() -> int | None:
    """Workers that ``CUBISEG_WORKERS`` asks for, one at least: 0 is like 1; None where it is unset.

    Raises:
        CubisegError: it is no number from 0 to 1024.
    """
    wanted = settings.WORKERS.read()
    return None if wanted is None else max(1, wanted)


def fitting(wanted: int, memory: int = 0) -> int:
    """So many of the workers that are wanted as fit into the free memory, but one at least.

    Args:
        wanted: how many.
        memory: bytes that each takes at most beside what any process takes.
    """
    most = room()
    return wanted if most is None else max(1, min(wanted, most // (PROCESS + memory)))


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

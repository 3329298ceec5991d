"""How much memory is free, and how much of it workers may take."""

from contextlib import suppress
from pathlib import Path

PROCESS = 260 * 2**20
"""Bytes that a worker process takes before it does anything: Python, NumPy, OpenCV and a network."""

SHARE = 0.8
"""Share of the free memory that workers may take; estimates of what an item needs are rough."""


def room() -> int | None:
    """Bytes that all workers together may take; None where the system does not tell what is free."""
    free = available_memory()
    return None if free is None else int(SHARE * free)


def available_memory(root: Path = Path("/")) -> int | None:
    """Bytes that this process and those that it starts may still take; None where the system does not tell.

    That is what Linux deems available, or less where a control group (a container, a batch job) has a limit.

    Args:
        root: where ``proc`` and ``sys`` are mounted.
    """
    known = []
    with suppress(OSError, ValueError, StopIteration):
        lines = (root / "proc/meminfo").read_text(encoding="utf-8").splitlines()
        known.append(1024 * int(next(line for line in lines if line.startswith("MemAvailable:")).split()[1]))
    with suppress(OSError):
        for line in (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines():
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
            most = int((folder / limit).read_text(encoding="utf-8"))
            used = int((folder / usage).read_text(encoding="utf-8"))
            with suppress(OSError, ValueError):
                facts = dict(line.split() for line in (folder / "memory.stat").read_text(encoding="utf-8").splitlines())
                used -= int(facts.get(cache, 0))
            left.append(most - used)
    return left

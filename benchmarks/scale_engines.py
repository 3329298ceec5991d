"""The engines against each other: the same batch in turns, each in a process of its own that waits between."""

import hashlib
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cubiseg.workers import run_all

SIDE = 512
"""Pixels of a side of the portraits."""

ENGINES = {"serial": ("serial", 1), "process 2": ("process", 2), "ray 1": ("ray", 1), "ray 2": ("ray", 2)}
"""Engine and workers, by the name in the tables."""


def _portrait(index: int) -> str:
    """Draw a portrait; gives the hash of its pixels and labels."""
    from cubiseg.portraits import draw

    portrait = draw(3, index, SIDE, 2)
    return hashlib.sha256(portrait.image.tobytes() + portrait.label.tobytes()).hexdigest()


def _nothing(index: int) -> int:
    return index


def take_turns() -> None:
    """Draw as many portraits as each line on the standard input says; print seconds and a hash."""
    run_all(_portrait, range(4), "warming up")
    print("ready", flush=True)
    for line in sys.stdin:
        kind, count = line.split()
        begun = time.perf_counter()
        drawn = run_all(_nothing if kind == "nothing" else _portrait, range(int(count)), "drawing")
        seconds = time.perf_counter() - begun
        print(seconds, hashlib.sha256(repr(drawn).encode()).hexdigest(), flush=True)


class Child:
    """A process with an engine of its own, which works when it is told to."""

    def __init__(self, engine: str, workers: int) -> None:
        begun = time.perf_counter()
        environment = {**os.environ, "CUBISEG_ENGINE": engine, "CUBISEG_WORKERS": str(workers)}
        command = [sys.executable, "-m", "benchmarks.scale_engines"]
        self.process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._line()
        self.start = time.perf_counter() - begun

    def work(self, kind: str, count: int) -> tuple[float, str]:
        """Seconds that a batch takes, and a hash of its results."""
        assert self.process.stdin is not None
        print(kind, count, file=self.process.stdin, flush=True)
        seconds, digest = self._line().split()
        return float(seconds), digest

    def _line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args}: ended")
        return line

    def end(self) -> None:
        self.process.communicate()


@contextmanager
def children() -> Iterator[dict[str, Child]]:
    """One for each of :data:`ENGINES`."""
    made: dict[str, Child] = {}
    try:
        for name, (engine, workers) in ENGINES.items():
            made[name] = Child(engine, workers)
        yield made
    finally:
        for child in made.values():
            child.end()


def measure_engines(pictures: int, rounds: int, trifles: int) -> dict[str, Any]:
    """Seconds of each engine for the same batch, in turns, and its overhead for items that take no time."""
    seconds: dict[str, list[float]] = {name: [] for name in ENGINES}
    with children() as workers:
        for _ in range(rounds):
            found = {}
            for name, child in workers.items():
                took, found[name] = child.work("draw", pictures)
                seconds[name].append(took)
            if len(set(found.values())) != 1:
                raise RuntimeError("the engines drew different portraits")
        overhead = {
            name: 1000 * statistics.median(child.work("nothing", trifles)[0] for _ in range(3)) / trifles
            for name, child in workers.items()
        }
        starts = {name: round(child.start, 1) for name, child in workers.items()}
    return {
        "pictures": pictures,
        "rounds": rounds,
        "pictures_a_second": {name: round(pictures / statistics.median(took), 3) for name, took in seconds.items()},
        "ratios": {
            f"{one} / {other}": _ratio(seconds[other], seconds[one])
            for one, other in (("ray 2", "ray 1"), ("process 2", "serial"), ("ray 2", "process 2"), ("ray 1", "serial"))
        },
        "start_seconds": starts,
        "milliseconds_an_empty_item": {name: round(value, 3) for name, value in overhead.items()},
    }


def _ratio(one: list[float], other: list[float]) -> list[float]:
    """Median of the rounds' ratios of speed, least and largest."""
    ratios = sorted(a / b for a, b in zip(one, other, strict=True))
    return [round(value, 3) for value in (statistics.median(ratios), ratios[0], ratios[-1])]


if __name__ == "__main__":
    take_turns()

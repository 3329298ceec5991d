"""A cluster that works through shards, simulated: stragglers, workers that die, nodes that are lost, a shared store.

Nothing is timed here; what tasks take comes in as measured. https://simpy.readthedocs.io
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import simpy


@dataclass(frozen=True)
class Cluster:
    """What the simulation assumes; times in seconds, sizes in bytes.

    Attributes:
        workers: tasks at once, one core each.
        workers_a_node: that are lost together.
        slow_share: share of the workers that are stragglers (0..1).
        slow_factor: how many times as long these take.
        hours_between_losses: mean time until a node is lost (spot machines are taken back, disks fail), hours.
        replacement: until a new node works.
        bandwidth: of the shared store, for all workers together, bytes/s.
        streams: reads and writes at once that the store serves; each gets its share of the bandwidth.
        overhead: of the driver for each task; it does one after the other.
        restart: of a worker process that an item has ended.
    """

    workers: int = 64
    workers_a_node: int = 8
    slow_share: float = 0.05
    slow_factor: float = 3.0
    hours_between_losses: float = 24.0
    replacement: float = 180.0
    bandwidth: float = 1e9
    streams: int = 32
    overhead: float = 0.001
    restart: float = 5.0


@dataclass(frozen=True)
class Work:
    """What is to be done.

    Attributes:
        shards: tasks.
        pictures: of a shard.
        seconds: of single pictures on one core, as measured; a shard's are drawn from them.
        size: of a picture, read and written together, bytes.
        fatal_share: share of the pictures that end their worker each time.
    """

    shards: int
    pictures: int
    seconds: Sequence[float]
    size: float
    fatal_share: float = 1e-6


@dataclass
class Run:
    """What came of it.

    Attributes:
        makespan: seconds until the last shard was done.
        useful: core-seconds of work that counts, at the speed of workers that are no stragglers.
        core_seconds: that were paid for.
        lost: core-seconds of work that was done in vain, since a node was lost.
        waited: core-seconds in which workers waited for the store.
        tail: seconds at the end in which less than nine of ten workers had work.
        losses: nodes lost.
        fatal: pictures that ended their workers.
    """

    makespan: float = 0.0
    useful: float = 0.0
    core_seconds: float = 0.0
    lost: float = 0.0
    waited: float = 0.0
    tail: float = 0.0
    losses: int = 0
    fatal: int = 0
    ended: list[float] = field(default_factory=list)

    @property
    def utilisation(self) -> float:
        """Share of the paid time that was work that counts."""
        return self.useful / self.core_seconds


def simulate(work: Work, cluster: Cluster, seed: int) -> Run:
    """Work through all shards.

    Args:
        work: what is to be done.
        cluster: who does it.
        seed: of all that is random.
    """
    rng = np.random.default_rng(seed)
    environment, run = simpy.Environment(), Run()
    seconds = np.asarray(work.seconds)
    tasks = simpy.Store(environment)
    for _ in range(work.shards):
        counts = rng.multinomial(work.pictures, np.full(len(seconds), 1 / len(seconds)))
        tasks.items.append((float(counts @ seconds), int(rng.binomial(work.pictures, work.fatal_share))))
    store = simpy.Resource(environment, cluster.streams)
    driver = simpy.Resource(environment, 1)
    done = environment.event()
    transfer = work.pictures * work.size / 2 / (cluster.bandwidth / cluster.streams)

    def waiting(resource: simpy.Resource, takes: float) -> Generator[Any, Any, None]:
        with resource.request() as turn:
            yield turn
            yield environment.timeout(takes)

    def worker(factor: float) -> Generator[Any, Any, None]:
        while True:
            asked = tasks.get()
            try:
                task = yield asked
            except simpy.Interrupt:
                asked.cancel()
                return
            begun = environment.now
            try:
                yield from waiting(driver, cluster.overhead)
                came = environment.now
                yield from waiting(store, transfer)
                run.waited += environment.now - came
                # A fatal picture is tried among others and twice alone, and what shared its task is done again.
                yield environment.timeout(task[0] * factor + 3 * task[1] * cluster.restart)
                came = environment.now
                yield from waiting(store, transfer)
                run.waited += environment.now - came
            except simpy.Interrupt:
                run.lost += environment.now - begun
                yield tasks.put(task)
                return
            run.useful += task[0]
            run.fatal += task[1]
            run.ended.append(environment.now)
            if len(run.ended) == work.shards:
                done.succeed()

    def node(factors: Sequence[float]) -> Generator[Any, Any, None]:
        while True:
            workers = [environment.process(worker(factor)) for factor in factors]
            yield environment.timeout(rng.exponential(cluster.hours_between_losses * 3600))
            run.losses += 1
            for process in workers:
                if process.is_alive:
                    process.interrupt()
            yield environment.timeout(cluster.replacement)

    slow = rng.random(cluster.workers) < cluster.slow_share
    factors = np.where(slow, cluster.slow_factor, 1.0).tolist()
    for first in range(0, cluster.workers, cluster.workers_a_node):
        environment.process(node(factors[first : first + cluster.workers_a_node]))
    environment.run(done)
    run.makespan = float(environment.now)
    run.core_seconds = run.makespan * cluster.workers
    # From this end on, fewer shards were left than nine of ten workers could have had.
    run.tail = run.makespan - run.ended[max(0, work.shards - int(0.9 * cluster.workers) - 1)]
    return run


def limits(work: Work, cluster: Cluster, seed: int) -> dict[str, float]:
    """By cause, the share of the makespan that would be saved without it, largest first; at least 0."""
    whole = simulate(work, cluster, seed).makespan
    without = {
        "stragglers": {"slow_share": 0.0},
        "lost nodes": {"hours_between_losses": 1e9},
        "the shared store": {"bandwidth": 1e18},
        "the driver": {"overhead": 0.0},
    }
    saved = {
        cause: max(0.0, 1 - simulate(work, Cluster(**{**vars(cluster), **change}), seed).makespan / whole)
        for cause, change in without.items()
    }
    finer = Work(work.shards * 10, work.pictures // 10, work.seconds, work.size, work.fatal_share)
    saved["coarse shards"] = max(0.0, 1 - simulate(finer, cluster, seed).makespan / whole)
    return dict(sorted(saved.items(), key=lambda item: -item[1]))

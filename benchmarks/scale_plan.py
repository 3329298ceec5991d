"""The tables of docs/scale.md: a simulated cluster, what many posts take, and what breaks first."""

from dataclasses import dataclass
from typing import Any

from benchmarks.scale_simulation import Cluster, Work, limits, simulate


@dataclass(frozen=True)
class Prices:
    """What is assumed, US dollars.

    Attributes:
        core_hour: of a rented core.
        spot_hour: of one that may be taken back.
        gigabyte_month: of the object store.
        answer: of a vision model about one picture, where one is asked.
    """

    core_hour: float
    spot_hour: float
    gigabyte_month: float
    answer: float


def overhead_of(known: dict[str, Any]) -> float:
    """Milliseconds of the driver for a task of Ray: what an item costs that is alone in its task, at most."""
    per_item: float = known["engines"]["milliseconds_an_empty_item"]["ray 2"]
    return per_item * 64


def work_of(known: dict[str, Any], shards: int, shard: int) -> Work:
    """All stages on the pictures of each shard, spread as single portraits were."""
    stages = known["stages"]
    mean = sum(seconds for name, seconds in stages["core_seconds"].items() if name != "draw")
    size = sum(stages["bytes"].values())
    return Work(shards, shard, [mean * part for part in stages["spread"]], size)


def told_simulation(known: dict[str, Any], cluster: Cluster, shard: int, seed: int) -> list[str]:
    """A table of several clusters over 1,000 shards, and what limits the first."""
    work = work_of(known, 1000, shard)
    cases = {
        "as assumed": cluster,
        "no stragglers, no losses": Cluster(
            **{**vars(cluster), "slow_share": 0.0, "hours_between_losses": 1e9},
        ),
        "spot: a node lost every 2 hours": Cluster(**{**vars(cluster), "hours_between_losses": 2.0}),
        "one worker in five at a third of the speed": Cluster(**{**vars(cluster), "slow_share": 0.2}),
    }
    lines = [
        "| 1,000 shards | makespan, h | utilisation | nodes lost | lost work | tail |",
        "|---|---|---|---|---|---|",
    ]
    for name, case in cases.items():
        run = simulate(work, case, seed)
        lost, tail = run.lost / run.core_seconds, run.tail / run.makespan
        lines.append(
            f"| {name} | {run.makespan / 3600:.2f} | {run.utilisation:.1%} | {run.losses} | {lost:.2%} | {tail:.1%} |"
        )
    saved = ", ".join(f"{cause} {share:.1%}" for cause, share in limits(work, cluster, seed).items())
    return [*lines, "", f"Of the first one's makespan, so much would be saved without: {saved}."]


def told_plan(known: dict[str, Any], cluster: Cluster, prices: Prices, posts: int, shard: int, seed: int) -> list[str]:
    """Shards, hours and dollars of each stage over all posts."""
    shards = -(-posts // shard)
    run = simulate(work_of(known, shards, shard), cluster, seed)
    lines = [
        "| stage | core-seconds a picture | core-hours | hours | of it the driver's | dollars | on spot |",
        "|---|---|---|---|---|---|---|",
    ]
    total = [0.0] * 6
    for name, seconds in known["stages"]["core_seconds"].items():
        if name == "draw":
            continue
        useful = posts * seconds / 3600
        alone = posts * known["stages"]["driver_seconds"][name] / 3600
        busy = useful / run.utilisation / cluster.workers
        # Workers are paid for while the driver works alone, unless they are given back meanwhile.
        paid = (busy + alone) * cluster.workers
        row = [seconds, paid, busy + alone, alone, paid * prices.core_hour, paid * prices.spot_hour]
        total = [a + b for a, b in zip(total, row, strict=True)]
        lines.append(f"| {name} | " + " | ".join(_figure(value) for value in row) + " |")
    lines.append("| all | " + " | ".join(_figure(value) for value in total) + " |")
    stored = posts * sum(known["stages"]["bytes"].values()) / 1e9
    return [
        *lines,
        "",
        f"{posts:,} pictures are {shards:,} shards of {shard:,}, on {cluster.workers} workers at a utilisation of "
        f"{run.utilisation:.1%} (simulated). Pictures and label maps take {stored:,.0f} GB, which is "
        f"${stored * prices.gigabyte_month:,.0f} a month. Answers of a vision model in place of our own would be "
        f"${posts * prices.answer:,.0f}.",
    ]


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def told_limits(known: dict[str, Any], cluster: Cluster, posts: int, memory: float) -> list[str]:
    """What breaks first: how far each limit is away from the plan, nearest first."""
    stages, row = known["stages"], known["stages"]["manifest"]
    seconds = sum(value for name, value in stages["core_seconds"].items() if name != "draw") / 3
    through = sum(stages["bytes"].values())
    alone = stages["driver_seconds"]
    slowest = max(alone, key=lambda name: alone[name])
    rows = [
        (
            f"the driver's own part of {slowest}: as long as the workers'",
            f"{1000 * alone[slowest]:.1f} ms a picture",
            stages["core_seconds"][slowest] / alone[slowest],
            cluster.workers,
            "workers",
        ),
        (
            "memory of the driver: it holds the manifest, as read and as written",
            f"{row['bytes_a_row']:,} bytes a row",
            memory / row["bytes_a_row"],
            posts,
            "pictures",
        ),
        (
            "the driver's tasks, half a second each",
            f"{1000 * cluster.overhead:.2f} ms a task",
            0.5 / cluster.overhead,
            cluster.workers,
            "workers",
        ),
        (
            "bandwidth of the shared store",
            f"{through / 1000:.0f} kB a picture and stage",
            cluster.bandwidth * seconds / through,
            cluster.workers,
            "workers",
        ),
    ]
    lines = ["| limit | measured | reached at | the plan | times the plan |", "|---|---|---|---|---|"]
    for name, fact, most, planned, unit in sorted(rows, key=lambda entry: entry[2] / entry[3]):
        lines.append(f"| {name} | {fact} | {most:,.0f} {unit} | {planned:,} | {most / planned:,.1f} |")
    return lines

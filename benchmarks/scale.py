"""From one machine to many: `python -m benchmarks.scale measure`, then `... plan`, the tables of docs/scale.md.

`measure` draws portraits with each engine in turns, so that the machine's moods strike all alike, checks that all drew
the same, and takes the core-seconds of the stages on single pictures; it writes `metrics/scale.json`. `plan` simulates
1,000 shards on 64 workers and reckons what 8 million posts take, from those figures and from the assumptions that its
options name.
"""

import json
import os
from pathlib import Path

import click

from benchmarks.scale_engines import measure_engines
from benchmarks.scale_plan import Prices, overhead_of, told_limits, told_plan, told_simulation
from benchmarks.scale_simulation import Cluster
from benchmarks.scale_stages import measure_stages
from cubiseg.metrics import write_metrics
from cubiseg.workers import cores
from stages.common import one_line_errors

PATH = click.Path(path_type=Path)
FIGURES = Path("metrics/scale.json")


@click.group(help=__doc__)
def main() -> None:
    """See the module."""


@main.command()
@click.option("--pictures", default=48, show_default=True, help="Of a batch.")
@click.option("--rounds", default=5, show_default=True, help="Batches of each engine.")
@click.option("--out", type=PATH, default=FIGURES, show_default=True, help="JSON to write.")
@one_line_errors
def measure(pictures: int, rounds: int, out: Path) -> None:
    """Time the engines in turns, and the stages on single pictures."""
    figures = {
        "machine": {"cores": cores(), "load_before": round(os.getloadavg()[0], 1)},
        "engines": measure_engines(pictures, rounds, 2000),
        "stages": measure_stages(pictures),
    }
    figures["machine"]["load_after"] = round(os.getloadavg()[0], 1)
    write_metrics(out, figures)
    click.echo(json.dumps(figures, indent=2))


@main.command()
@click.option("--figures", type=PATH, default=FIGURES, show_default=True, help="What `measure` wrote.")
@click.option("--posts", default=8_000_000, show_default=True, help="Pictures to work through.")
@click.option("--workers", default=64, show_default=True, help="Cores at once.")
@click.option("--shard", default=1000, show_default=True, help="Pictures of a shard.")
@click.option("--core-hour", default=0.045, show_default=True, help="US dollars for a core and hour.")
@click.option("--spot-hour", default=0.015, show_default=True, help="US dollars for one that may be taken back.")
@click.option("--gigabyte-month", default=0.023, show_default=True, help="US dollars for a gigabyte of S3 and month.")
@click.option("--answer", default=0.01, show_default=True, help="US dollars for a vision model's answer.")
@click.option("--bandwidth", default=1e9, show_default=True, help="Bytes a second of the shared store.")
@click.option("--memory", default=32e9, show_default=True, help="Bytes of memory of the driver's machine.")
@click.option("--seed", default=0, show_default=True, help="Of the simulation.")
@one_line_errors
def plan(
    figures: Path,
    posts: int,
    workers: int,
    shard: int,
    core_hour: float,
    spot_hour: float,
    gigabyte_month: float,
    answer: float,
    bandwidth: float,
    memory: float,
    seed: int,
) -> None:
    """Simulate shards on a cluster, and reckon shards, hours, dollars and what breaks first."""
    known = json.loads(figures.read_text(encoding="utf-8"))
    cluster = Cluster(workers=workers, bandwidth=bandwidth, overhead=overhead_of(known) / 1000)
    prices = Prices(core_hour, spot_hour, gigabyte_month, answer)
    for line in [
        *told_simulation(known, cluster, shard, seed),
        "",
        *told_plan(known, cluster, prices, posts, shard, seed),
    ]:
        click.echo(line)
    click.echo()
    for line in told_limits(known, cluster, posts, memory):
        click.echo(line)


if __name__ == "__main__":
    main()

"""The simulated cluster keeps its books, and the plan is reckoned from what was measured."""

import json
from dataclasses import replace

import pytest

from benchmarks.scale_plan import Prices, overhead_of, told_limits, told_plan, told_simulation
from benchmarks.scale_simulation import Cluster, Work, limits, simulate
from tests.conftest import ROOT

CALM = Cluster(workers=4, workers_a_node=2, slow_share=0, hours_between_losses=1e9, bandwidth=1e18, overhead=0)
WORK = Work(shards=40, pictures=100, seconds=[0.5], size=1e5, fatal_share=0)


def test_without_trouble_all_workers_work_all_the_time() -> None:
    run = simulate(WORK, CALM, 0)
    assert run.makespan == pytest.approx(40 * 100 * 0.5 / 4)
    assert run.utilisation == pytest.approx(1) and run.lost == run.losses == 0


def test_the_same_seed_gives_the_same_run_and_every_shard_is_done_once() -> None:
    trouble = replace(CALM, slow_share=0.25, hours_between_losses=0.05, replacement=60, bandwidth=1e8, overhead=0.01)
    work = replace(WORK, fatal_share=1e-3)
    one, other = simulate(work, trouble, 7), simulate(work, trouble, 7)
    assert one == other and len(one.ended) == 40 and one.losses > 0 and one.lost > 0 and one.fatal > 0
    assert one.useful == pytest.approx(40 * 100 * 0.5) and one.makespan > simulate(WORK, CALM, 7).makespan


def test_what_limits_a_run_is_found() -> None:
    store = limits(WORK, replace(CALM, bandwidth=2e4, streams=1), 0)
    assert next(iter(store)) == "the shared store" and store["the shared store"] > 0.5
    driver = limits(WORK, replace(CALM, overhead=60), 0)
    assert next(iter(driver)) == "the driver"


def test_the_tables_follow_from_the_figures_that_are_kept() -> None:
    known = json.loads((ROOT / "metrics/scale.json").read_text())
    cluster, prices = Cluster(overhead=overhead_of(known) / 1000), Prices(0.045, 0.015, 0.023, 0.01)
    page = (ROOT / "docs/scale.md").read_text(encoding="utf-8").splitlines()
    tables = [
        *told_simulation(known, cluster, 1000, 0),
        *told_plan(known, cluster, prices, 8_000_000, 1000, 0),
        *told_limits(known, cluster, 8_000_000, 32e9),
    ]
    assert [line for line in tables if line.startswith("|") and line not in page] == []

"""Work on all cores gives what a loop gives."""

import functools
import multiprocessing
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

from cubiseg import workers as module
from cubiseg.errors import CubisegError
from cubiseg.workers import (
    HUGE,
    PLAIN_SECONDS,
    available_memory,
    each,
    progress,
    run_all,
    side_by_side,
    threads_for,
    worker_count,
)

GIB = 2**30


@pytest.fixture
def _two_threads() -> Iterator[None]:
    before = cv2.getNumThreads()
    cv2.setNumThreads(2)
    yield
    cv2.setNumThreads(before)


@pytest.mark.usefixtures("_two_threads")
def test_the_work_on_one_picture_is_shared_by_threads_and_that_on_a_huge_one_is_not() -> None:
    meeting = threading.Barrier(2)
    jobs = [functools.partial(meeting.wait, 60)] * 2
    assert sorted(side_by_side(jobs, (64, 64))) == [0, 1], "both wait for each other, so they run at once"
    huge = (HUGE // 1024 + 1, 1024)
    assert (threads_for((64, 64)), threads_for(huge)) == (2, 1)
    assert side_by_side([threading.get_ident] * 3, huge) == [threading.get_ident()] * 3
    cv2.setNumThreads(1)
    assert side_by_side([threading.get_ident] * 3, (64, 64)) == [threading.get_ident()] * 3


@pytest.mark.usefixtures("_two_threads")
def test_of_jobs_side_by_side_the_first_fault_is_told() -> None:
    with pytest.raises(CubisegError, match="seven"):
        side_by_side([functools.partial(_fail_at_seven, i) for i in (6, 7, 8)], (64, 64))


def _add(a: int, b: int) -> int:
    return a + b


def _fail_at_seven(i: int) -> int:
    if i == 7:
        raise CubisegError("seven: cannot be done; leave it out")
    return i


def _die_at_seven(i: int) -> int:
    if i == 7:
        os._exit(9)
    return i


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("threads", [True, False])
def test_results_come_in_order(monkeypatch: pytest.MonkeyPatch, workers: str, threads: bool) -> None:
    monkeypatch.setenv("CUBISEG_WORKERS", workers)
    assert run_all(functools.partial(_add, 5), range(30), "adding", threads=threads) == list(range(5, 35))


def test_an_error_of_one_item_reaches_the_caller_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUBISEG_WORKERS", "2")
    with pytest.raises(CubisegError, match="seven: cannot be done"):
        run_all(_fail_at_seven, range(30), "failing")


def test_a_worker_that_dies_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUBISEG_WORKERS", "2")
    with pytest.raises(CubisegError, match="CUBISEG_WORKERS"):
        run_all(_die_at_seven, range(30), "dying")


def test_work_that_is_stopped_leaves_neither_a_process_nor_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    # A thread that still closes a pool's pipe while Python ends has it print a traceback.
    monkeypatch.setenv("CUBISEG_WORKERS", "2")
    before = set(threading.enumerate())
    results = each(functools.partial(_add, 5), range(30), "adding")
    assert next(results) == 5 and set(threading.enumerate()) - before
    results.close()  # type: ignore[attr-defined]
    assert set(threading.enumerate()) == before and multiprocessing.active_children() == []


def test_no_more_workers_are_started_than_fit_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUBISEG_WORKERS", "16")
    for free, need, expected in ((64 * GIB, 0, 16), (8 * GIB, 3 * GIB, 1), (32 * GIB, 3 * GIB, 7), (GIB, 3 * GIB, 1)):
        monkeypatch.setattr(module, "available_memory", lambda free=free: free)
        assert worker_count(need) == expected, (free, need)
    monkeypatch.setattr(module, "available_memory", lambda: None)  # a system that does not tell
    assert worker_count(3 * GIB) == 16


@pytest.mark.parametrize("free", [1, 10, 22, 64])
def test_items_under_way_fit_into_memory_together_and_one_is_always_begun(
    monkeypatch: pytest.MonkeyPatch, free: int
) -> None:
    monkeypatch.setattr(module, "available_memory", lambda: free * GIB)
    sizes = [3, 1, 9, 1, 1, 2, 8, 3, 1, 1, 3, 3, 2, 1, 1, 1] * 2
    lock, now, most = threading.Lock(), 0, 0

    def work(size: int) -> int:
        nonlocal now, most
        with lock:
            now += size
            most = max(most, now)
        time.sleep(0.01)
        with lock:
            now -= size
        return size

    done = run_all(work, sizes, "working", threads=True, workers=16, memory=lambda size: size * GIB)
    assert done == sizes
    assert most <= max(0.8 * free, 9)
    assert most > 9 or free < 22, "small ones are done beside each other"


def _write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_memory_that_is_free_is_bounded_by_the_control_groups_around_the_process(tmp_path: Path) -> None:
    machine = {"proc/meminfo": f"MemTotal: 1 kB\nMemAvailable: {20 * 2**20} kB\n"}
    group = "sys/fs/cgroup"
    root = _write(tmp_path / "none", machine)
    assert available_memory(root) == 20 * GIB
    limits = {
        "proc/self/cgroup": "0::/batch/job\n",
        f"{group}/batch/memory.max": f"{8 * GIB}\n",
        f"{group}/batch/memory.current": f"{5 * GIB}\n",
        f"{group}/batch/memory.stat": f"anon 1\ninactive_file {GIB}\n",
        f"{group}/batch/job/memory.max": "max\n",
        f"{group}/batch/job/memory.current": f"{GIB}\n",
    }
    assert available_memory(_write(tmp_path / "v2", machine | limits)) == 4 * GIB
    old = {
        "proc/self/cgroup": "5:cpu,memory:/docker/abc\n0::/\n",
        f"{group}/memory/memory.limit_in_bytes": f"{3 * GIB}\n",  # in a container its own group is the top
        f"{group}/memory/memory.usage_in_bytes": f"{GIB}\n",
    }
    assert available_memory(_write(tmp_path / "v1", machine | old)) == 2 * GIB
    assert available_memory(tmp_path / "elsewhere") is None


@pytest.mark.parametrize("text", ["-1", "two", "1.5", "99999"])
def test_a_senseless_number_of_workers_is_one_line(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("CUBISEG_WORKERS", text)
    with pytest.raises(CubisegError, match="CUBISEG_WORKERS"):
        worker_count()


def test_a_log_gets_a_plain_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock = iter(range(0, 1000, int(PLAIN_SECONDS) // 2))
    monkeypatch.setattr("cubiseg.workers.time.monotonic", lambda: next(clock))
    with caplog.at_level("INFO", "cubiseg"):
        assert list(progress(range(6), 6, "counting")) == list(range(6))
    assert caplog.messages == ["counting: 2 of 6, 20 s left", "counting: 4 of 6, 10 s left"]

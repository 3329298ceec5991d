"""Work on all cores gives what a loop gives, also past items that end their workers."""

import functools
import multiprocessing
import os
import threading
import time
from pathlib import Path

import pytest

from cubiseg.errors import CubisegError
from cubiseg.workers import each, memory, run_all
from cubiseg.workers.batches import named

GIB = 2**30


def _add(a: int, b: int) -> int:
    return a + b


def _fail_at_seven(i: int) -> int:
    if i == 7:
        raise CubisegError("seven: cannot be done; leave it out")
    return i


def _die_at(fatal: tuple[int, ...], folder: Path, i: int) -> int:
    (folder / f"{i}-{time.monotonic_ns()}").touch()
    if i in fatal:
        os._exit(9)
    return i


def _die_once_at_seven(folder: Path, i: int) -> int:
    if i == 7 and not (folder / "died").exists():
        (folder / "died").touch()
        os._exit(9)
    return i


def _die(i: int) -> int:
    os._exit(9)


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("threads", [True, False])
def test_results_come_in_order(monkeypatch: pytest.MonkeyPatch, workers: str, threads: bool) -> None:
    monkeypatch.setenv("CUBISEG_WORKERS", workers)
    assert run_all(functools.partial(_add, 5), range(30), "adding", threads=threads) == list(range(5, 35))


def test_an_error_of_one_item_reaches_the_caller_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUBISEG_WORKERS", "2")
    with pytest.raises(CubisegError, match="seven: cannot be done"):
        run_all(_fail_at_seven, range(30), "failing")


def test_an_item_whose_worker_dies_once_is_done_after_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CUBISEG_WORKERS", "2")
    assert run_all(functools.partial(_die_once_at_seven, tmp_path), range(30), "dying") == list(range(30))


def test_an_item_that_ends_its_worker_is_named_once_the_rest_is_done(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CUBISEG_WORKERS", "2")
    results = each(functools.partial(_die_at, (7, 21), tmp_path), range(30), "dying")
    taken = []
    with pytest.raises(CubisegError, match=r"^dying: number 7, number 21 ended the worker .*; the rest is done$"):
        taken.extend(results)
    assert taken == list(range(7)), "who counts the results is told no wrong one"
    begun = [path.name.split("-")[0] for path in tmp_path.iterdir()]
    assert set(begun) == {str(i) for i in range(30)}
    assert 2 <= begun.count("7") <= 3, "twice alone, and once among others unless its turn never came"


def test_who_can_tell_of_an_item_alone_gets_the_others_results(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CUBISEG_WORKERS", "2")
    told = []

    def fatal(item: int, error: CubisegError) -> int:
        told.append(str(error))
        return -item

    results = list(each(functools.partial(_die_at, (7,), tmp_path), range(30), "dying", fatal=fatal))
    assert results == [-i if i == 7 else i for i in range(30)]
    assert len(told) == 1 and told[0].startswith("dying: number 7 ended")


def test_where_every_item_ends_its_worker_no_item_is_to_blame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUBISEG_WORKERS", "2")
    with pytest.raises(CubisegError, match=r"workers died with 8 items.*CUBISEG_WORKERS"):
        run_all(_die, range(30), "dying")


def test_as_many_fatal_items_as_done_ones_are_no_fault_of_theirs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CUBISEG_WORKERS", "2")
    with pytest.raises(CubisegError, match=r"workers died with 8 items"):
        run_all(functools.partial(_die_at, tuple(range(8, 16)), tmp_path), range(17), "dying")


def test_an_item_is_named_by_what_its_owner_knows() -> None:
    assert named(Path("a") / "b.png", 0) == str(Path("a") / "b.png")
    assert [named(("one", 2), 0), named(5, 0), named([], 4)] == ["one", "number 5", "item 5"]
    assert len(named("x" * 10_000, 0)) < 300 and "\n" not in named("a\nb", 0)


def test_work_that_is_stopped_leaves_neither_a_process_nor_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    # A thread that still closes a pool's pipe while Python ends has it print a traceback.
    monkeypatch.setenv("CUBISEG_WORKERS", "2")
    before = set(threading.enumerate())
    results = each(functools.partial(_add, 5), range(30), "adding")
    assert next(results) == 5 and set(threading.enumerate()) - before
    results.close()  # type: ignore[attr-defined]
    assert set(threading.enumerate()) == before and multiprocessing.active_children() == []


@pytest.mark.parametrize("free", [1, 10, 22, 64])
def test_items_under_way_fit_into_memory_together_and_one_is_always_begun(
    monkeypatch: pytest.MonkeyPatch, free: int
) -> None:
    monkeypatch.setattr(memory, "available_memory", lambda: free * GIB)
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

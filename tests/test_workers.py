"""Work on all cores gives what a loop gives."""

import functools
import os

import pytest

from cubiseg.errors import CubisegError
from cubiseg.workers import PLAIN_SECONDS, progress, run_all, worker_count


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

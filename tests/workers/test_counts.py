"""So many workers are started as are wished for and fit."""

import pytest

from cubiseg.errors import CubisegError
from cubiseg.workers import memory, worker_count
from cubiseg.workers.counts import wished

GIB = 2**30


def test_no_more_workers_are_started_than_fit_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUBISEG_WORKERS", "16")
    for free, need, expected in ((64 * GIB, 0, 16), (8 * GIB, 3 * GIB, 1), (32 * GIB, 3 * GIB, 7), (GIB, 3 * GIB, 1)):
        monkeypatch.setattr(memory, "available_memory", lambda free=free: free)
        assert worker_count(need) == expected, (free, need)
    monkeypatch.setattr(memory, "available_memory", lambda: None)  # a system that does not tell
    assert worker_count(3 * GIB) == 16


@pytest.mark.parametrize("text", ["-1", "two", "1.5", "99999"])
def test_a_senseless_number_of_workers_is_one_line(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("CUBISEG_WORKERS", text)
    with pytest.raises(CubisegError, match="CUBISEG_WORKERS"):
        worker_count()


def test_no_workers_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUBISEG_WORKERS", "0")
    assert wished() == worker_count() == 1
    monkeypatch.delenv("CUBISEG_WORKERS")
    assert wished() is None

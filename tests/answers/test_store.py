"""An answer that was paid for is never lost, and never asked for twice."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cubiseg import settings
from cubiseg.answers.requests import Outcome, Request, Response, request_key
from cubiseg.answers.store import SHARED, Record, ResponseStore, share


def record(key: int = 1, text: str = "answer", **changes: object) -> Record:
    response = Response(outcome=Outcome.OK, text=text, cost_usd=0.01, **changes)
    return Record(key=f"{key:064x}", provider="test", protocol="paint-1", response=response)


def test_a_record_reads_back_as_it_was_received(tmp_path: Path) -> None:
    store = ResponseStore(tmp_path)
    kept = record(text='raw \u2028 "text"\n\ttail ', seconds=1.5)
    store.put(kept)
    assert ResponseStore(tmp_path).get(kept.key) == kept
    assert store.get(record(2).key) is None


def test_the_first_answer_stays(tmp_path: Path) -> None:
    store = ResponseStore(tmp_path)
    store.put(record(text="first"))
    store.put(record(text="second"))
    assert store.get(record().key) == record(text="first")


@pytest.mark.parametrize("cut", [0, 1, 40, -2])
def test_a_torn_record_counts_as_absent_and_is_written_anew(tmp_path: Path, cut: int) -> None:
    store = ResponseStore(tmp_path)
    store.put(record())
    (path,) = (p for p in tmp_path.rglob("*") if p.is_file())
    path.write_bytes(path.read_bytes()[:cut])
    assert store.get(record().key) is None
    store.put(record())
    assert store.get(record().key) == record()


def test_a_kill_leaves_whole_records_only(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from tests.answers.test_store import record; "
        "from cubiseg.answers.store import ResponseStore\n"
        f"store = ResponseStore(Path({str(tmp_path)!r}))\n"
        "for i in range(100000): store.put(record(i, 'x' * 20000))"
    )
    process = subprocess.Popen([sys.executable, "-c", code])
    deadline = time.monotonic() + 30
    while len(list(tmp_path.rglob("*.json"))) < 5 and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    whole = [p for p in tmp_path.rglob("*.json") if not p.name.startswith(".")]
    assert len(whole) >= 5
    assert all(ResponseStore(tmp_path).get(p.stem) is not None for p in whole)


def test_shared_records_are_sorted_once_each_and_without_timings(tmp_path: Path) -> None:
    rows = [record(3, seconds=2.0), record(1), record(3, seconds=1.0), record(2)]
    share(tmp_path / "a", rows)
    share(tmp_path / "b", rows[::-1])
    assert (tmp_path / "a" / SHARED).read_bytes() == (tmp_path / "b" / SHARED).read_bytes()
    lines = (tmp_path / "a" / SHARED).read_text().splitlines()
    assert [Record.model_validate_json(line) for line in lines] == [record(1), record(2), record(3)]


def test_a_shared_folder_seeds_a_store_by_union(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    share(tmp_path / "shared", [record(1, "theirs"), record(2)])
    with (tmp_path / "shared" / SHARED).open("a") as file:
        file.write('{"key": "torn')
    store = ResponseStore(tmp_path / "store")
    store.put(record(1, "mine"))
    store.seed(tmp_path / "shared")
    store.seed(tmp_path / "nowhere")
    assert store.get(record(1).key) == record(1, "mine")
    assert store.get(record(2).key) == record(2)
    assert "1 records are not whole" in caplog.text


def test_the_store_lies_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CUBISEG_RESPONSES", raising=False)
    assert settings.RESPONSES.read() == Path(".cubiseg/responses")
    monkeypatch.setenv("CUBISEG_RESPONSES", str(tmp_path))
    assert settings.RESPONSES.read() == tmp_path


def test_a_request_is_known_by_what_shapes_its_answer() -> None:
    base = Request("a", Path("x.png"), "0" * 64, "prompt", "paint-1")
    key = request_key(base, {"name": "p", "temperature": 0})
    assert key == request_key(
        Request("b", Path("y.png"), "0" * 64, "prompt", "paint-1"), {"temperature": 0, "name": "p"}
    )
    others = [
        (Request("a", Path("x.png"), "1" * 64, "prompt", "paint-1"), {"name": "p", "temperature": 0}),
        (Request("a", Path("x.png"), "0" * 64, "other", "paint-1"), {"name": "p", "temperature": 0}),
        (Request("a", Path("x.png"), "0" * 64, "prompt", "paint-2"), {"name": "p", "temperature": 0}),
        (base, {"name": "q", "temperature": 0}),
        (base, {"name": "p", "temperature": 1}),
    ]
    assert len({key, *(request_key(r, f) for r, f in others)}) == 6

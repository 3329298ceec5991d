"""The ledger may say too much, never too little, and the cap holds whatever happens."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cubiseg.answers.purse import BATCHES, LEDGER, Busy, Exhausted, Purse, spent_in
from cubiseg.errors import CubisegError


def nothing(_: str) -> None:
    return None


def test_reservations_become_spending(tmp_path: Path) -> None:
    with Purse(tmp_path, 1.0) as purse:
        one, two, three = (purse.reserve(k, 0.3) for k in "abc")
        assert purse.balance().reserved == pytest.approx(0.9)
        purse.charge(one, 0.1)
        purse.release(two)
        purse.write_off(three)
        balance = purse.balance()
    assert (balance.spent, balance.lost, balance.reserved) == pytest.approx((0.4, 0.3, 0))
    assert (balance.settled, balance.losses) == (1, 1)
    assert spent_in(tmp_path) == pytest.approx(0.4)


def test_the_cap_counts_what_is_spent_and_what_is_reserved(tmp_path: Path) -> None:
    with Purse(tmp_path, 1.0) as purse:
        purse.charge(purse.reserve("a", 0.5), 0.5)
        held = purse.reserve("b", 0.4)
        with pytest.raises(Exhausted, match=r"\$0.50 of annotate.max_usd = 1 are spent and \$0.40 reserved"):
            purse.reserve("c", 0.2, wait=False)
        purse.release(held)
        purse.reserve("c", 0.5)
    with Purse(tmp_path, None) as purse:
        purse.reserve("d", 1e6)


def test_near_the_cap_it_waits_for_what_is_under_way(tmp_path: Path) -> None:
    with Purse(tmp_path, 1.0) as purse:
        held = purse.reserve("a", 0.9)
        timer = threading.Timer(0.2, purse.charge, (held, 0.1))
        timer.start()
        purse.reserve("b", 0.9)
        timer.join()
        with pytest.raises(Exhausted):
            purse.reserve("c", 0.9, wait=False)


def test_a_request_that_is_under_way_is_not_sent_again(tmp_path: Path) -> None:
    with Purse(tmp_path, 1.0) as one, Purse(tmp_path, 1.0) as other:
        held = one.reserve("a", 0.1)
        for purse in (one, other):
            with pytest.raises(Busy):
                purse.reserve("a", 0.1)
        one.release(held)
        other.reserve("a", 0.1)


def test_what_a_killed_run_left_open_is_settled_where_its_answer_is_stored_and_lost_where_not(tmp_path: Path) -> None:
    code = (
        "import os, signal; from pathlib import Path; from cubiseg.answers.purse import Purse\n"
        f"purse = Purse(Path({str(tmp_path)!r}), 1.0)\n"
        "for key in 'abc': purse.reserve(key, 0.2)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == -signal.SIGKILL
    with Purse(tmp_path, 1.0) as purse:
        purse.reserve("c", 0.2)  # it was lost, and may be asked again
        purse.recover({"a": 0.05}.get)
        balance = purse.balance()
    assert (balance.settled, balance.losses) == (1, 2)
    assert (balance.spent, balance.reserved) == pytest.approx((0.45, 0.2))


def test_what_a_batch_holds_outlives_its_run(tmp_path: Path) -> None:
    (tmp_path / BATCHES).mkdir()
    state = tmp_path / BATCHES / "b1.json"
    state.write_text("{}")
    with Purse(tmp_path, 1.0) as purse:
        purse.reserve("a", 0.2, holder="b1")
    with Purse(tmp_path, 1.0) as purse:
        purse.recover(nothing)
        with pytest.raises(Busy):
            purse.reserve("a", 0.2)
        held = purse.held("a", "b1")
        assert held is not None
        purse.charge(held, 0.1)
        purse.charge(held, 0.1)  # collected by two runs, paid once
        assert purse.balance().spent == pytest.approx(0.1)
        purse.reserve("b", 0.2, holder="b1")
        purse.release_all("b1")
        assert purse.balance().reserved == 0


def test_a_damaged_ledger_is_an_error_not_a_new_cap(tmp_path: Path) -> None:
    (tmp_path / LEDGER).write_bytes(b"not a database, but long enough to be one" * 100)
    with pytest.raises(CubisegError, match="ledger"):
        Purse(tmp_path, 1.0)
    with pytest.raises(CubisegError, match="ledger"):
        spent_in(tmp_path)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["charge", "release", "write_off", "keep"]), st.floats(0, 0.4)), max_size=20))
def test_spending_and_reservations_never_pass_the_cap(steps: list[tuple[str, float]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder, Purse(Path(folder), 1.0) as purse:
        for i, (what, worst) in enumerate(steps):
            try:
                held = purse.reserve(str(i), worst, wait=False)
            except Exhausted:
                continue
            if what == "charge":
                purse.charge(held, worst / 2)
            elif what != "keep":
                getattr(purse, what)(held)
            balance = purse.balance()
            assert balance.spent + balance.reserved <= 1.0 + 1e-9


def test_many_processes_may_open_a_new_ledger_at_once(tmp_path: Path) -> None:
    code = f"from pathlib import Path; from cubiseg.answers.purse import Purse; Purse(Path({str(tmp_path)!r}), 1.0)"
    runs = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(6)]
    assert [run.wait() for run in runs] == [0] * 6


def test_two_processes_share_one_cap(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from cubiseg.answers.purse import Exhausted, Purse; import sys\n"
        f"purse, done = Purse(Path({str(tmp_path)!r}), 1.0), 0\n"
        "try:\n"
        "    for i in range(100): purse.charge(purse.reserve(sys.argv[1] + str(i), 0.05), 0.05); done += 1\n"
        "except Exhausted: pass\n"
        "print(done)"
    )
    runs = [subprocess.Popen([sys.executable, "-c", code, name], stdout=subprocess.PIPE) for name in "xy"]
    done = [int(run.communicate()[0]) for run in runs]
    assert sum(done) == 20
    assert spent_in(tmp_path) == pytest.approx(1.0)

"""Nothing that was done is lost, and nothing half-written is taken for done."""

import hashlib
import os
import random
import signal
import time
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest

from cubiseg.errors import CubisegError
from cubiseg.studio.history import Action, History
from cubiseg.studio.journal import Header, Journal
from tests.studio.sessions import painting

SIZE = (40, 30)


def begun(folder: Path) -> Journal:
    header = Header(picture="p", base="b", width=SIZE[1], height=SIZE[0], labeller="nobody")
    return Journal.begin(folder / "journal.jsonl", header)


def edited(journal: Journal, count: int, seed: int = 0) -> list[np.ndarray]:
    """Some random actions, kept in the journal; the label map of each state."""
    history, rng = History.of(np.zeros(SIZE, np.uint8), journal.news()), random.Random(seed)
    maps = [history.label.copy()]
    for _ in range(count):
        action = random_action(history, rng)
        assert journal.append(action) == []
        history.apply(action)
        maps.append(history.label.copy())
    return maps


def random_action(history: History, rng: random.Random) -> Action:
    state = history.state + 1
    if history.can_undo and rng.random() < 0.2:
        return Action(state=state, do="undo")
    if history.can_redo and rng.random() < 0.5:
        return Action(state=state, do="redo")
    row, column, side = rng.randrange(SIZE[0]), rng.randrange(SIZE[1]), rng.randrange(1, 15)
    return painting(state, history.label, np.s_[row : row + side, column : column + side], rng.randrange(12))


def test_a_journal_that_is_cut_anywhere_holds_all_whole_actions_and_goes_on(tmp_path: Path) -> None:
    maps = edited(begun(tmp_path), 12)
    path = tmp_path / "journal.jsonl"
    content = path.read_bytes()
    ends = [i + 1 for i, byte in enumerate(content) if byte == 10]
    for end in random.Random(1).sample(range(ends[0], len(content) + 1), 60):
        path.write_bytes(content[:end])
        done = sum(e <= end for e in ends) - 1
        assert np.array_equal(History.of(maps[0], Journal(path).news()).label, maps[done])
        edited(Journal(path), 1, seed=end)  # what was cut short does not spoil the next line
        assert len(Journal(path).news()) == done + 1


@pytest.mark.parametrize(
    "line", [b"{", b'{"state": 2}', b'{"state": 1, "do": "paint", "runs": 7}', b"\xff", b"[" * 9999]
)
def test_a_damaged_line_is_named_and_not_passed_over(tmp_path: Path, line: bytes) -> None:
    edited(begun(tmp_path), 2)
    path = tmp_path / "journal.jsonl"
    path.write_bytes(path.read_bytes() + line + b"\n")
    with pytest.raises(CubisegError, match="line 4"):
        Journal(path).news()


def test_nothing_is_appended_behind_a_damaged_line_of_another_process(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    maps = edited(journal, 2)
    journal.path.write_bytes(journal.path.read_bytes() + b"{\n")
    content = journal.path.read_bytes()
    for _ in range(2):
        with pytest.raises(CubisegError, match="line 4"):
            journal.append(painting(3, maps[-1], np.s_[:], 5))
    assert journal.path.read_bytes() == content


def test_two_processes_on_one_journal_see_each_other_s_actions_and_overwrite_none(tmp_path: Path) -> None:
    one, other = begun(tmp_path), Journal(tmp_path / "journal.jsonl")
    maps = edited(one, 2)
    stale = painting(1, maps[0], np.s_[:], 5)
    news = other.append(stale)
    assert [action.state for action in news] == [1, 2], "it was not kept"
    history = History.of(maps[0], news)
    fresh = painting(3, history.label, np.s_[:3], 5)
    assert other.append(fresh) == [] and one.news()[0].state == 3
    assert [action.state for action in Journal(one.path).news()] == [1, 2, 3]


@pytest.mark.parametrize("labeller", ["nobody", "somebody"])
def test_a_journal_that_was_replaced_is_told_and_left_as_it_is(tmp_path: Path, labeller: str) -> None:
    old = begun(tmp_path)
    maps = edited(old, 3)
    Journal.begin(old.path, old.header.model_copy(update={"labeller": labeller}))
    content = old.path.read_bytes()
    with pytest.raises(CubisegError, match="replaced by another process"):
        old.append(painting(4, maps[-1], np.s_[:], 5))
    assert old.path.read_bytes() == content


def work(path: Path, told: Connection) -> None:
    """Edit without end; tell of each state as soon as it is kept."""
    journal, rng = Journal(path), random.Random(os.getpid())
    history = History.of(np.zeros(SIZE, np.uint8), journal.news())
    while True:
        action = random_action(history, rng)
        journal.append(action)
        history.apply(action)
        told.send((history.state, hashlib.sha256(history.label.tobytes()).hexdigest()))


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_of_fifty_editing_runs_that_are_killed_nothing_is_lost(tmp_path: Path) -> None:
    path, rng, context = begun(tmp_path).path, random.Random(7), get_context("fork")
    base, known = np.zeros(SIZE, np.uint8), {}
    for _ in range(50):
        here, there = context.Pipe(False)
        process = context.Process(target=work, args=(path, there))
        process.start()
        there.close()
        known.update([here.recv()])
        time.sleep(rng.random() * 0.02)
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
        try:
            while True:
                known.update([here.recv()])
        except EOFError:
            pass
    history = History(base.copy())
    for action in Journal(path).news():
        history.apply(action)
        if history.state in known:
            assert hashlib.sha256(history.label.tobytes()).hexdigest() == known.pop(history.state)
    assert history.state >= 50 and not known, "each state that was told of is there"

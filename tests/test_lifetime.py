"""Nothing is left of a command that is ended: no process, no temporary file."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cubiseg import lifetime
from cubiseg.imaging import write_png
from tests.conftest import ROOT
from tests.tiny import portraits

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

_COMMAND = """
import functools, sys, time
from pathlib import Path
from cubiseg import lifetime
from cubiseg.files import fresh_folder, write_text
from cubiseg.workers import run_all

def work(out, item):
    with fresh_folder(out / str(item)) as folder:
        write_text(folder / "half", "half")
        time.sleep(60)

if __name__ == "__main__":
    out = Path(sys.argv[1])
    with lifetime.stoppable(print), fresh_folder(out / "whole") as whole:
        run_all(functools.partial(work, out), [1, 2, 3, 4], "waiting", workers=2)
"""


def _processes_of(group: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                facts = (entry / "stat").read_bytes().rpartition(b")")[2].split()
            except OSError:
                continue
            if int(facts[2]) == group and facts[0] != b"Z":
                found.append(int(entry.name))
    return found


def _wait(condition: object, seconds: float = 30) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.05)
    return False


def _start(command: list[str], **env: str) -> subprocess.Popen[str]:
    """A command in a process group of its own."""
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
    )


def _kill_all(process: subprocess.Popen[str]) -> None:
    for pid in _processes_of(process.pid):
        os.kill(pid, signal.SIGKILL)
    process.communicate()


@pytest.fixture
def command(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A command whose two workers are each in the middle of a folder; in a process group of its own."""
    script = tmp_path / "command.py"
    script.write_text(_COMMAND)
    (tmp_path / "out").mkdir()
    process = _start([sys.executable, str(script), str(tmp_path / "out")])
    try:
        assert _wait(lambda: len(list((tmp_path / "out").glob(".cubiseg-*.tmp/half"))) == 2)
        yield process
    finally:
        _kill_all(process)


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_leaves_no_process_and_no_temporary_file_and_says_one_line(
    command: subprocess.Popen[str], tmp_path: Path, sent: signal.Signals
) -> None:
    if sent == signal.SIGINT:
        os.killpg(command.pid, sent)  # as a terminal sends it
    else:
        command.send_signal(sent)
    said, _ = command.communicate(timeout=30)
    assert command.returncode == 128 + sent
    assert said.startswith("stopped by") and len(said.splitlines()) == 1, said
    assert _wait(lambda: not _processes_of(command.pid), 5)
    assert list((tmp_path / "out").iterdir()) == []


def test_workers_end_with_a_parent_that_is_killed_and_the_next_run_removes_what_is_left(
    command: subprocess.Popen[str], tmp_path: Path
) -> None:
    from cubiseg import files

    command.kill()
    command.communicate(timeout=30)
    assert _wait(lambda: not _processes_of(command.pid), 10), "workers are left"
    left = [path.name for path in (tmp_path / "out").iterdir()]
    # The workers take their own back, unless the machine is too busy for that within their grace.
    assert 1 <= len(left) <= 3 and all(name.startswith(".cubiseg-") for name in left)
    files.write_text(tmp_path / "out" / "next", "x")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["next"]


@pytest.mark.slow
def test_ctrl_c_in_the_midst_of_a_folder_of_pictures_keeps_what_is_finished_and_nothing_else(tmp_path: Path) -> None:
    art, out = tmp_path / "art", tmp_path / "out"
    for i in range(60):
        write_png(art / f"{i}.png", portraits(2)[i % 2].image)
    line = [sys.executable, "-m", "cubiseg", "layers", str(art), "-o", str(out), "--backend", "slic"]
    process = _start(line, CUBISEG_WORKERS="2")
    try:
        assert _wait(lambda: len(list(out.glob("*/manifest.json"))) > 1 or process.poll() is not None)
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=30)
        assert process.returncode == 130, said
        lines = [line for line in said.splitlines() if not line.startswith("warning: ")]
        assert lines == ["stopped by Ctrl-C; what was finished is kept, run it again to go on"]
        assert _wait(lambda: not _processes_of(process.pid), 5)
    finally:
        _kill_all(process)
    left = list(out.iterdir())
    assert 1 <= len(left) < 60 and all((folder / "manifest.json").is_file() for folder in left)


def test_a_number_used_again_is_another_process() -> None:
    mine = lifetime.born(os.getpid())
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    theirs = lifetime.born(child.pid)
    assert mine and theirs and lifetime.born(child.pid) == theirs
    child.kill()
    _wait(lambda: lifetime.born(child.pid) is None)
    assert lifetime.born(child.pid) is None  # not waited for yet
    child.communicate()
    assert lifetime.born(child.pid) is None

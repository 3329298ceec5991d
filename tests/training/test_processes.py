"""Processes that train together end together, and with the one that started them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

_COMMAND = """
import sys, time, os
from pathlib import Path
from cubiseg import lifetime
from cubiseg.training import processes

def wait(folder):
    (folder / str(os.getpid())).touch()
    with processes.together():
        time.sleep(200)

if __name__ == "__main__":
    with lifetime.stoppable(print):
        processes.launch(2, wait, Path(sys.argv[1]))
"""


def _lives(pid: int) -> bool:
    from cubiseg import lifetime

    return lifetime.born(pid) is not None


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_all_of_them_and_says_one_line(tmp_path: Path, sent: signal.Signals) -> None:
    (tmp_path / "command.py").write_text(_COMMAND)
    marks = tmp_path / "marks"
    marks.mkdir()
    process = subprocess.Popen(
        [sys.executable, str(tmp_path / "command.py"), str(marks)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": ""},
    )
    try:
        end = time.monotonic() + 120
        while len(list(marks.iterdir())) < 2 and time.monotonic() < end:
            assert process.poll() is None
            time.sleep(0.1)
        pids = [int(mark.name) for mark in marks.iterdir()]
        assert len(pids) == 2
        process.send_signal(sent)
        said, _ = process.communicate(timeout=60)
        if sent != signal.SIGKILL:
            assert process.returncode == 128 + sent
            assert said.startswith("stopped by") and len(said.splitlines()) == 1
        end = time.monotonic() + 10
        while any(map(_lives, pids)) and time.monotonic() < end:
            time.sleep(0.1)
        assert not any(map(_lives, pids))
    finally:
        os.killpg(process.pid, signal.SIGKILL) if process.poll() is None else None

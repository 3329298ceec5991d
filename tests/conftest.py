"""What several test modules share."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from cubiseg.workers import available_memory, cores

ROOT = Path(__file__).resolve().parents[1]

# The test processes share the cores: without this each starts a thread pool of its own for every library, whose threads
# spin while they wait, and worker processes for all cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("OPENCV_FOR_THREADS_NUM", "1")
# Layers are the same in a clone that has the completion model and in one that has not; tests of it name one.
os.environ["CUBISEG_COMPLETION"] = "none"
_SHARING = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
os.environ.setdefault("CUBISEG_WORKERS", str(max(1, min(2, cores() // _SHARING))))

# What a shell starts in the background is told to pass over Ctrl-C, and so are its children: tests send it.
if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

with suppress(ImportError):  # the light install has none
    import hypothesis

    # How long an example takes depends on what else the machine does.
    slow = [hypothesis.HealthCheck.too_slow]
    hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=slow)
    hypothesis.settings.load_profile("untimed")

_TEST_PROCESS = 1500 * 2**20
"""Bytes that a test process takes at most, with those that it starts."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of our own tests."""
    told = "keep new pictures of the studio's page (tests/studio/screens.py)"
    parser.addoption("--renew-screens", action="store_true", help=told)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """``-n auto``: a test process for each core that may be used, but no more than fit into the free memory."""
    free = available_memory()
    return cores() if free is None else max(1, min(cores(), free // _TEST_PROCESS))


@pytest.fixture(scope="session")
def run() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command of this environment in a folder; a failure shows its output."""

    def call(*command: str, cwd: Path, check: bool = True, **env: str) -> subprocess.CompletedProcess[str]:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            command, cwd=cwd, env={**os.environ, "PATH": path, **env}, capture_output=True, text=True, check=False
        )
        if check and done.returncode:
            pytest.fail(f"{' '.join(command)} exited with {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    return call


@pytest.fixture(scope="session")
def real_live2d() -> Path:
    """Renders of real Live2D characters with labels and layers that others made; they are no part of the repository.

    ``CUBISEG_TEST_REAL`` names the folder that holds ``live2d/``; else it is looked for beside the clone.
    """
    folder = Path(os.environ.get("CUBISEG_TEST_REAL", ROOT.parent / "shared/real")) / "live2d"
    if not folder.is_dir():
        pytest.skip("needs renders of real Live2D characters, which are not here (CUBISEG_TEST_REAL)")
    return folder


@pytest.fixture
def clone(tmp_path: Path, run: Callable[..., subprocess.CompletedProcess[str]]) -> Path:
    """A fresh clone of what git tracks, as a new user gets it; its DVC cache is its own."""
    target = tmp_path / "clone"
    run("git", "clone", "--quiet", "--shared", str(ROOT), str(target), cwd=tmp_path)
    return target


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each of the processes that share the tests begins with its share of the slow ones, and none ends with them.

    xdist hands the tests out in as many runs of equal length as there are processes.
    """
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    slow = [item for item in items if item.get_closest_marker("slow")]
    quick = [item for item in items if not item.get_closest_marker("slow")]
    length = -(-len(items) // processes)
    ordered: list[pytest.Item] = []
    for process in range(processes):
        mine = slow[process::processes]
        ordered += [*mine, *quick[: length - len(mine)]]
        del quick[: length - len(mine)]
    items[:] = [*ordered, *quick]

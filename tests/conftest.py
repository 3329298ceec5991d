"""What several test modules share."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Two test processes share two cores; without this each starts a thread pool of its own for every library.
os.environ.setdefault("OMP_NUM_THREADS", "1")


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


@pytest.fixture
def clone(tmp_path: Path, run: Callable[..., subprocess.CompletedProcess[str]]) -> Path:
    """A fresh clone of what git tracks, as a new user gets it; its DVC cache is its own."""
    target = tmp_path / "clone"
    run("git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(target), cwd=tmp_path)
    return target


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests first: two processes that share the work then end together, not one with the longest test alone."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)

"""Every command of the pipeline ends in one line."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from cubiseg.errors import CubisegError
from cubiseg.workers import run_all
from stages.common import one_line_errors
from tests.conftest import ROOT


def _pipe_that_ended(item: int) -> int:
    raise EOFError


def _command(function: object) -> click.Command:
    return click.command()(one_line_errors(function))  # type: ignore[arg-type]


def test_an_end_of_file_in_a_worker_names_its_place_and_is_no_abortion() -> None:
    done = CliRunner().invoke(_command(lambda: run_all(_pipe_that_ended, [1, 2], "reading", workers=2)))
    (line,) = done.output.splitlines()
    assert done.exit_code == 1 and line.startswith("error: unexpected EOFError")
    assert "test_common.py" in line and "in _pipe_that_ended" in line and "CUBISEG_TRACEBACK" in line


def _full_disk() -> None:
    with Path("/dev/full").open("w") as file:
        file.write("x")


def _remedy() -> None:
    raise CubisegError("this: cannot be; do that")


@pytest.mark.parametrize(
    ("function", "code", "word"),
    [
        (_remedy, 1, "error: this: cannot be; do that"),
        (_full_disk, 1, "error: a file of this stage: cannot be written (No space left on device); free some space"),
        (lambda: os.kill(os.getpid(), signal.SIGINT), 130, "stopped by Ctrl-C"),
        (lambda: os.kill(os.getpid(), signal.SIGTERM), 143, "stopped by SIGTERM"),
    ],
)
def test_errors_and_signals_are_one_line_and_an_exit_code(function: object, code: int, word: str) -> None:
    done = CliRunner().invoke(_command(function))
    assert done.exit_code == code and done.output.startswith(word) and len(done.output.splitlines()) == 1


@pytest.mark.parametrize("version", [(3, 10), (3, 14)])
def test_on_another_python_a_stage_says_in_one_line_which_one_it_wants(version: tuple[int, int]) -> None:
    code = f"import sys; sys.version_info = {(*version, 0)}; import stages"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and re.fullmatch(
        r"error: the pipeline needs Python 3\.11; .*`make setup`.*\n", done.stderr
    )

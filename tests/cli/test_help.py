"""What --help says of each command can be done as it stands there, and man pages say the same."""

import inspect
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from cubiseg.cli import main
from tests.conftest import ROOT


def commands(group: click.Group = main, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*above, name))
        else:
            yield (*above, name), command


COMMANDS = dict(commands())


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_an_example_that_its_parser_takes(path: tuple[str, ...]) -> None:
    told = inspect.cleandoc(COMMANDS[path].help or "")
    assert "\n\b\nExample:  " in told
    calls = re.findall(r"cubiseg ((?:\S+ ?(?! ))+)", told.split("Example:", 1)[1])
    mine = [words for words in map(_words, calls) if tuple(words[: len(path)]) == path]
    assert mine, "an example calls another command"
    for words in mine:
        with COMMANDS[path].make_context(path[-1], words[len(path) :]):
            pass  # what an option sets for the call is set back


def _words(call: str) -> list[str]:
    """The words of a call in a shell, up to the next command."""
    return shlex.split(re.split(r"&&|\||\)", call)[0])


@pytest.mark.slow
def test_a_man_page_is_made_of_every_command(
    tmp_path: Path, run: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    run("make", "-o", "setup", "man", f"MAN={tmp_path}", cwd=ROOT)
    for path in COMMANDS:
        page = (tmp_path / f"cubiseg-{'-'.join(path)}.1").read_text(encoding="utf-8")
        assert "Example:" in page and (path == ("completion",) or ".SH OPTIONS" in page)
    assert ".SH COMMANDS" in (tmp_path / "cubiseg.1").read_text(encoding="utf-8")

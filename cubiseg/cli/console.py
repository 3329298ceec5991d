"""What all commands have in common on a terminal: errors in one line, warnings, progress, exit codes."""

import os
import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from io import TextIOWrapper
from typing import Any, NoReturn, TypeVar

import click

from cubiseg import lifetime, logs
from cubiseg.errors import OF_THE_DISK, CubisegError, DiskError, system_fault

FAILED, USAGE = 1, 2
"""Exit codes: some inputs failed, the others are done; the command cannot be carried out as it was given."""

Item = TypeVar("Item")


@dataclass
class State:
    """What the whole call shares, as the click context's ``obj``.

    Attributes:
        verbose: whether errors come with their traceback.
    """

    verbose: bool = False


def state() -> State:
    """That of the command under way."""
    return click.get_current_context().ensure_object(State)


def escape_what_cannot_be_shown() -> None:
    """Let what the console's encoding lacks be printed as ``\\u9aea``: on Windows a pipe knows one code page alone."""
    for stream in (sys.stdout, sys.stderr):  # None where a shortcut starts us without a console
        if isinstance(stream, TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")


def plain(text: object) -> str:
    """One printable line, whatever a path or an error holds (line breaks, bytes that are no UTF-8)."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in str(text))


def complain(error: Exception, details: str = "") -> None:
    """Print an error as one line; with -v, the traceback before it.

    Args:
        error: the error.
        details: its traceback, where it was raised in another process.
    """
    if state().verbose:
        click.echo(details or "".join(traceback.format_exception(error)), err=True)
    if isinstance(error, OSError) and error.errno is not None:  # the system's refusal, no defect of ours
        message = plain(system_fault(None, error))
    elif isinstance(error, CubisegError):
        message = plain(error)
    else:
        kind = type(error).__name__
        message = f"unexpected {kind}: {plain(error) or 'no details'}; run again with -v and report it"
    click.echo(f"error: {message}", err=True)


def warn(text: str) -> None:
    """Print a warning as one line."""
    click.echo(f"warning: {plain(text)}", err=True)


def print_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table. Nothing in it is cut: on a terminal it is folded, in a pipe or a file lines have any length."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table()
    for name in head:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(escape(plain(cell)) for cell in row))
    Console(width=None if sys.stdout.isatty() else _ANY_WIDTH).print(table)


_ANY_WIDTH = 100_000
"""Characters of a line in a file or a pipe: more than some paths in one row."""


def finish(done: int, failed: int) -> None:
    """End a command that some inputs failed in; nothing happens where none did."""
    if failed:
        if done + failed > 1:
            click.echo(f"{done} done, {failed} failed", err=True)
        raise SystemExit(FAILED)


def progress(items: Iterable[Item], count: int) -> Iterator[Item]:
    """The items, with a bar on a terminal where there are several."""
    if count < 2 or not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(items, "pictures", total=count, console=Console(stderr=True), transient=True)


def _stop(error: Exception, code: int) -> NoReturn:
    complain(error)
    raise SystemExit(code)


_ALONE = {"scipy": "scipy", "skimage": "scikit-image"}
"""Packages of modules that the pipeline brings and that can be had without it."""


class Command(click.Command):
    """A command whose errors are one line: what the user gave cannot work (2), or the disk or we fail (1)."""

    def invoke(self, context: click.Context) -> Any:
        logs.to_stderr()
        try:
            with lifetime.stoppable(partial(click.echo, err=True)):
                return super().invoke(context)
        except CubisegError as error:
            _stop(error, FAILED if isinstance(error, DiskError) else USAGE)
        except ModuleNotFoundError as error:
            if error.name in _ALONE:
                remedy = f"pip install {_ALONE[error.name]}"
            else:
                remedy = "it comes with the pipeline's packages: pip install 'cubiseg[pipeline]', with Python 3.11"
            _stop(CubisegError(f"{error.name} is not installed; {remedy}"), USAGE)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads on; nothing is wrong
            raise SystemExit(0) from None
        except OSError as error:
            _stop(error, FAILED if error.errno in OF_THE_DISK else USAGE)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            _stop(error, FAILED)


class Group(click.Group):
    """A group of such commands."""

    command_class = Command
    group_class = type

    def main(self, *args: Any, **kwargs: Any) -> Any:
        escape_what_cannot_be_shown()
        return super().main(*args, **kwargs)

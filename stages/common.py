"""What all stages have in common: a typed block of ``params.yaml`` in, metrics out, errors in one line."""

import functools
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from cubiseg import lifetime, logs, settings
from cubiseg.errors import OF_THE_DISK, CubisegError, brief
from cubiseg.metrics import Metrics, write_metrics
from cubiseg.params import Params, read_block

PATH = click.Path(path_type=Path)
Block = TypeVar("Block", bound=Params)
Function = TypeVar("Function", bound=Callable[..., Any])


def load_params(block: str, model: type[Block], path: Path = Path("params.yaml")) -> Block:
    """One top-level block of the params file; see :func:`cubiseg.params.read_block`."""
    return read_block(path, block, model)


def path(name: str, text: str, required: bool = True) -> Callable[[Function], Function]:
    """An option of a stage that names a file or folder; ``text`` is its help."""
    return click.option(name, type=PATH, required=required, help=text)


def stage(
    block: str, model: type[Block], check: Callable[[Any, Any], None] | None = None
) -> Callable[[Callable[..., Metrics]], click.Command]:
    """Make a command of a stage's recipe, a function ``(params, **paths) -> metrics``.

    The command reads its block of ``params.yaml``, writes the metrics to ``--metrics``, and ends with exit code 1 and
    one line for an error that the user can mend.

    Args:
        block: name of the block.
        model: what the block must be.
        check: called as ``check(params, metrics)`` once the metrics are written; raises where the pipeline must stop.
    """

    def decorate(recipe: Callable[..., Metrics]) -> click.Command:
        @functools.wraps(recipe)
        def run(metrics: Path, **paths: Any) -> None:
            params = load_params(block, model)
            device = os.environ.get(settings.DEVICE.name) or "cpu"  # else the bytes depend on the machine
            with settings.DEVICE.set_to(device):
                measured = recipe(params, **paths)
            write_metrics(metrics, measured)
            if check is not None:
                check(params, measured)

        return click.command()(path("--metrics", "Metrics JSON to write.")(one_line_errors(run)))

    return decorate


def one_line_errors(function: Callable[..., None]) -> Callable[..., None]:
    """Let a command end with exit code 1 and one line for an error that the user can mend; show what is logged.

    ``CUBISEG_TRACEBACK=1`` adds the traceback. Ctrl-C and SIGTERM end it in one line, with the exit codes 130 and 143.
    """

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> None:
        logs.to_stderr()
        try:
            with lifetime.stoppable(functools.partial(print, file=sys.stderr)):
                function(*args, **kwargs)
        except (CubisegError, EOFError, OSError) as error:
            if isinstance(error, OSError) and error.errno not in OF_THE_DISK:
                raise
            if settings.TRACEBACK.read():
                traceback.print_exc()
            print(f"error: {_told(error)}", file=sys.stderr)
            raise SystemExit(1) from None

    return wrapper


def _told(error: CubisegError | EOFError | OSError) -> str:
    if isinstance(error, OSError):  # of a library that writes by itself, as MMEngine its logs
        where = error.filename if error.filename is not None else "a file of this stage"
        return f"{where}: cannot be written ({error.strerror}); free some space or choose another folder"
    return _unexpected(error) if isinstance(error, EOFError) else str(error)


def _unexpected(error: EOFError) -> str:
    """What click would call "Aborted!", with the place where it was raised, be it in another process."""
    told = "".join(traceback.format_exception(error)) if error.__cause__ is None else str(error.__cause__)
    place = [line.strip() for line in told.splitlines() if line.strip().startswith('File "')][-1:]
    where = f" at {place[0].removeprefix('File ')}" if place else ""
    return f"unexpected EOFError ({brief(error)}){where}; set CUBISEG_TRACEBACK=1 for the traceback and report it"

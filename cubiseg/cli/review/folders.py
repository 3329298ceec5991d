"""Options that say where a project's data lies."""

from collections.abc import Callable
from pathlib import Path

import click

from cubiseg.cli import options

Function = Callable[..., None]


def folder(name: str, default: str, text: str) -> Callable[[Function], Function]:
    """An option that names a folder."""
    return click.option(name, type=options.PATH, default=Path(default), show_default=True, metavar="DIR", help=text)


def file(name: str, default: str, text: str) -> Callable[[Function], Function]:
    """An option that names a file."""
    return click.option(name, type=options.PATH, default=Path(default), show_default=True, metavar="FILE", help=text)


corrections = folder("--corrections", "data/corrections", "What people said.")
params = file("--params", "params.yaml", "File with a block clean.")


def of_stages(command: Function) -> Function:
    """``--prepared``, ``--annotated``, ``--corrections`` and ``--params``."""
    for option in (
        params,
        corrections,
        folder("--annotated", "data/annotated", "Folder that the stage annotate made."),
        folder("--prepared", "data/prepared", "Folder that the stage prepare made."),
    ):
        command = option(command)
    return command

"""Options that several commands have."""

from collections.abc import Callable
from pathlib import Path

import click

from cubiseg import settings
from cubiseg.api import FALLBACK
from cubiseg.cli.console import State

PATH = click.Path(path_type=Path, readable=False)
"""A path as it is given. Click's own check that it may be read would stop the whole call, with a usage text."""
Function = Callable[..., None]


def _verbose(context: click.Context, _option: click.Parameter, value: bool) -> None:
    context.ensure_object(State).verbose = value


def _device(context: click.Context, _option: click.Parameter, value: str | None) -> None:
    if value is not None:
        context.with_resource(settings.DEVICE.set_to(value))


common = click.option(
    "-v", "--verbose", is_flag=True, expose_value=False, callback=_verbose, help="Add the traceback to errors."
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
images = click.argument("images", nargs=-1, required=True, type=PATH, metavar="IMAGE...")
out = click.option("-o", "--out", type=PATH, required=True, metavar="DIR", help="Folder to write to.")


def level(what: str) -> Callable[[Function], Function]:
    """``--level``, of ``what`` is written; by part where nothing is said."""
    return click.option(
        "--level",
        type=click.Choice(["class", "part"]),
        default="part",
        show_default=True,
        help=f"{what} by class, or by part where the model tells parts.",
    )


def fallbacks(given: tuple[str, ...]) -> tuple[tuple[str, ...], bool]:
    """The backends that take over, and whether the first one has to run: nobody asked for another in its place."""
    if not given:
        return FALLBACK, True
    return tuple(name for name in given if name != "none"), given == ("none",)


def segmenting(command: Function) -> Function:
    """What labels the pixels: ``--backend``, ``--fallback`` and what they need, ``--look``, ``--all-characters``."""
    backends = "What labels the pixels: anime-advanced (the model), slic (rules, no model); `doctor` lists all."
    fallback = (
        "Backend that takes over where one cannot run or finds no drawn face; may be repeated. none: these fail."
        f" [of layers and predict, where no face is seen: {', '.join(FALLBACK)}]"
    )
    weights = "Weights of SAM-HQ for the backend sam-hq: a folder, or two ONNX files with a comma between."
    looks = "How often the model looks: once; twice, then at the head alone; flipped, both mirrored as well."
    for option in (
        click.option("--all-characters", is_flag=True, help="Look at each head again, not at the largest alone."),
        click.option(
            "--look",
            type=click.Choice(["once", "twice", "flipped"]),
            default="flipped",
            show_default=True,
            help=looks,
        ),
        click.option(
            "--device",
            type=click.Choice(settings.DEVICES),
            expose_value=False,
            callback=_device,
            help="What networks run on; auto: the quickest that `doctor` shows.  [default: auto]",
        ),
        click.option("--model", type=PATH, metavar="FILE", help="Model file: .onnx, or TorchScript .pt."),
        click.option("--sam-hq", metavar="DIR", help=weights),
        click.option(
            "--segments",
            type=click.IntRange(1, 48),
            default=18,
            show_default=True,
            help="Segments without names that a picture without a face is cut into.",
        ),
        click.option("--fallback", multiple=True, metavar="B", help=fallback),
        click.option("--backend", default="anime-advanced", show_default=True, metavar="B", help=backends),
    ):
        command = option(command)
    return common(command)

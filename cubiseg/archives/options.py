"""Options that the scripts of ``data/`` have in common."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from cubiseg import lifetime, logs
from cubiseg.archives.posts import Rating, Wish
from cubiseg.errors import CubisegError

PATH = click.Path(path_type=Path)
OUT = Path("data/references")
Function = TypeVar("Function", bound=Callable[..., Any])


def one_line_errors(function: Callable[..., None]) -> Callable[..., None]:
    """Let a script end with exit code 1 and one line for an error that the user can mend; show what is logged."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> None:
        logs.to_stderr()
        tell = functools.partial(click.echo, err=True)
        try:
            with lifetime.stoppable(tell):
                function(*args, **kwargs)
        except CubisegError as error:
            tell(f"error: {error}")
            raise SystemExit(1) from None

    return run


def of_choice(count: int | None, folder: str) -> Callable[[Function], Function]:
    """How many pictures, which, and where to.

    Args:
        count: how many, where nothing is said; None for all.
        folder: name of the set, for the help.
    """

    def decorate(function: Function) -> Function:
        options = (
            click.option(
                "--count",
                type=click.IntRange(1),
                default=count,
                show_default=count is not None or "all",
                help="How many to take; a larger number later keeps what is there.",
            ),
            click.option("--seed", default=2026, show_default=True, help="Of the choice."),
            click.option(
                "--crop",
                type=click.Choice(["whole", "head"]),
                default="whole",
                show_default=True,
                help="The picture as it is, or the head with some margin, found by the released model (dvc pull).",
            ),
            click.option(
                "--out",
                type=PATH,
                default=OUT,
                show_default=True,
                help=f"Your own pictures: those taken go to images/{folder}/, what is known to samples.csv.",
            ),
        )
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def of_rating(default: str) -> Callable[[Function], Function]:
    """Which ratings to take."""
    told = f"Those to take, with commas: {', '.join(Rating)}, or any. Needs metadata, unless it is any."
    return click.option("--rating", default=default, show_default=True, callback=ratings, help=told)


def words(context: click.Context, option: click.Parameter, value: str) -> frozenset[str]:
    """A list with commas, as a set; for click's ``callback``."""
    return frozenset(word.strip() for word in value.split(",")) - {""}


def ratings(context: click.Context, option: click.Parameter, value: str) -> frozenset[Rating]:
    """A list of ratings with commas; ``any`` is none in particular."""
    named = words(context, option, value)
    if strange := sorted(named - {*Rating, "any"}):
        raise click.BadParameter(f"{strange[0]!r} is none of {', '.join(Rating)}, any")
    return frozenset() if "any" in named else frozenset(Rating(word) for word in named)


def refuse_with(option: str, *parameters: str) -> None:
    """Refuse options that another one makes void, where a person gave them.

    Args:
        option: the other one.
        parameters: names of the options' parameters.

    Raises:
        click.UsageError: one was given.
    """
    context = click.get_current_context()
    for parameter in context.command.params:
        given = context.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE
        if parameter.name in parameters and given:
            raise click.UsageError(f"{option} takes any, and {parameter.opts[0]} only some; give one of them")


def wish(ratings: frozenset[Rating], having: frozenset[str], lacking: frozenset[str], min_side: int) -> Wish:
    """What is wanted.

    Raises:
        CubisegError: a tag is wanted and unwanted.
    """
    if both := sorted(having & lacking):
        raise CubisegError(f"tag {both[0]} is in --with and in --without; take it from one of them")
    return Wish(ratings, having, lacking, min_side)

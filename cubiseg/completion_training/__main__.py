"""``python -m cubiseg.completion_training draw | train | export``: the recipe of the completion, step by step."""

import json
from collections.abc import Callable
from functools import partial, wraps
from pathlib import Path
from typing import Any

import click

from cubiseg import lifetime, logs, settings
from cubiseg.completion_training.params import CompletionParams
from cubiseg.errors import CubisegError
from cubiseg.params import read_yaml

PATH = click.Path(path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Train the network that paints what lies beneath; `make completion` does all three steps.

    \b
    Draw the crops it learns from:   python -m cubiseg.completion_training draw
    Train, or go on training:        python -m cubiseg.completion_training train
    Write models/completion.onnx:    python -m cubiseg.completion_training export

    Steps that were stopped go on where they were. Checkpoints and crops lie in $CUBISEG_WORK.
    """


def _step(function: Callable[..., None]) -> click.Command:
    """A command with the options that all steps have; errors are one line."""

    @wraps(function)
    def run(params: Path, **options: Any) -> None:
        logs.to_stderr()
        tell = partial(click.echo, err=True)
        try:
            with lifetime.stoppable(tell):
                read = read_yaml(params, CompletionParams, "correct it, or restore it with `git checkout`")
                function(read, settings.WORK.read() / "completion", **options)
        except CubisegError as error:
            click.echo(f"error: {error}", err=True)
            raise SystemExit(1) from None

    option = click.option(
        "--params", type=PATH, default=Path("completion.yaml"), show_default=True, help="Parameters of the recipe."
    )
    return main.command(option(run))


@_step
def draw(params: CompletionParams, work: Path) -> None:
    """Draw pictures and pack the crops of their parts."""
    from cubiseg.completion_training import data

    folder = data.draw_all(params.draw, work)
    drawn, validation = data.open_crops(params.draw, work)
    click.echo(f"{folder}: {len(drawn)} crops, and {len(validation)} to measure on")


@_step
def train(params: CompletionParams, work: Path) -> None:
    """Train until the last step; progress and measurements go to stderr."""
    from cubiseg.completion_training import data, recipe

    drawn, validation = data.open_crops(params.draw, work)
    folder = recipe.folder_of(params, drawn.folder, work)
    network = recipe.train(params.train, drawn, validation, folder)
    click.echo(json.dumps(recipe.measure(network, validation)))


@_step
@click.option("--out", type=PATH, default=Path("models/completion.onnx"), show_default=True, help="File to write.")
def export(params: CompletionParams, work: Path, out: Path) -> None:
    """Write the averaged weights of the last checkpoint as ONNX; also in the middle of a training."""
    from cubiseg.completion_training import data, exporting, recipe

    drawn, _ = data.open_crops(params.draw, work)
    folder = recipe.folder_of(params, drawn.folder, work)
    if not (folder / recipe.CHECKPOINT).is_file():
        raise CubisegError(f"{folder}: has no checkpoint; `python -m cubiseg.completion_training train` makes one")
    run = recipe.begin(params.train, folder)
    differences = exporting.export(run.averaged(), out, params.draw.size)
    click.echo(f"{out}: step {run.step} of {params.train.steps}; {json.dumps(differences)}")


if __name__ == "__main__":
    main()

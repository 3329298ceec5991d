"""The mean of the weights of trainings that went on from one another.

    python -m benchmarks.average FIRST.safetensors SECOND.safetensors --out weights.safetensors

A training that starts from a release ends near it, and the mean of both is often better than either (Wortsman et al.,
"Model soups", 2022; of a single training, Izmailov et al., "Averaging weights leads to wider optima", 2018). Statistics
of batch norm are averaged too. The stages evaluate and export take the file as that of any training.
"""

from pathlib import Path

import click

from cubiseg.errors import CubisegError
from cubiseg.files import atomic_write
from stages.common import one_line_errors

PATH = click.Path(path_type=Path, exists=True, dir_okay=False)


def average(paths: tuple[Path, ...], out: Path) -> None:
    """Write the mean of some weights files, each counting alike, with the description of the last.

    Raises:
        CubisegError: they are not of one network.
    """
    from safetensors import safe_open
    from safetensors.torch import load_file, save

    first, *others = (load_file(path) for path in paths)
    for path, other in zip(paths[1:], others, strict=True):
        if {k: v.shape for k, v in other.items()} != {k: v.shape for k, v in first.items()}:
            raise CubisegError(f"{path}: of another network than {paths[0]}; name trainings of one architecture")
    mean = {
        name: sum((o[name].double() for o in others), tensor.double()).div(len(paths)).to(tensor.dtype)
        for name, tensor in first.items()
    }
    with safe_open(paths[-1], "pt") as last:
        description = last.metadata()
    with atomic_write(out) as file:
        file.write(save(mean, description))


@click.command(help=__doc__)
@click.argument("paths", nargs=-1, type=PATH, metavar="FILE FILE...")
@click.option("--out", type=click.Path(path_type=Path), required=True)
@one_line_errors
def main(paths: tuple[Path, ...], out: Path) -> None:
    if len(paths) < 2:
        raise CubisegError("one file has no mean; name two or more")
    average(paths, out)


if __name__ == "__main__":
    main()

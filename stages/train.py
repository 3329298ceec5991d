"""train: a data set and an architecture to bare weights and curves."""

import os
from pathlib import Path

import click

from cubiseg import settings
from cubiseg.training.params import TrainParams
from stages.common import load_params, one_line_errors, write_metrics


@click.command(help=__doc__)
@click.option("--data", type=click.Path(path_type=Path), required=True, help="Data set folder.")
@click.option("--configs", type=click.Path(path_type=Path), required=True, help="Folder of architectures.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Weights file (safetensors).")
@click.option("--curves", type=click.Path(path_type=Path), required=True, help="Folder for the curves.")
@click.option("--metrics", type=click.Path(path_type=Path), required=True, help="Metrics file (JSON).")
@one_line_errors
def main(data: Path, configs: Path, out: Path, curves: Path, metrics: Path) -> None:
    """The stage."""
    params = load_params("train", TrainParams)
    # Read when torch loads. Threads that spin while they wait made a step 2.4 times as long when another process wanted
    # a core, such as the one that loads the samples.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    from cubiseg.training.run import train  # after the params: a typing error should not wait for torch

    write_metrics(metrics, train(params, configs, data, out, curves, settings.WORK.read()))


if __name__ == "__main__":
    main()

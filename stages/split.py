"""Stage split: the data set, shared out to train, val and test by character."""

from pathlib import Path

import click

from cubiseg.splitting import SplitParams, split
from stages.common import load_params, one_line_errors, write_metrics


@click.command()
@click.option("--prepared", type=click.Path(path_type=Path), required=True, help="Prepared folder, for the pictures.")
@click.option("--clean", type=click.Path(path_type=Path), required=True, help="Clean folder, for the labels.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Data set, replaced whole.")
@click.option("--metrics", type=click.Path(path_type=Path), required=True, help="Metrics JSON to write.")
@one_line_errors
def main(prepared: Path, clean: Path, out: Path, metrics: Path) -> None:
    """Share the groups out, copy pictures and label maps, and write the data card."""
    result = split(load_params("split", SplitParams), prepared, clean, out)
    write_metrics(metrics, result)
    if result["note"]:
        click.echo(f"split: {result['note']}", err=True)


if __name__ == "__main__":
    main()

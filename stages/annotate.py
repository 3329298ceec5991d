"""Stage annotate: known labels stay, the rest is asked of the provider; every answer is kept."""

from pathlib import Path

import click

from cubiseg import settings
from cubiseg.annotation.folder import annotate, check_gold
from cubiseg.annotation.params import AnnotateParams
from cubiseg.annotation.store import ResponseStore
from stages.common import load_params, one_line_errors, write_metrics


@click.command()
@click.option("--prepared", type=click.Path(path_type=Path), required=True, help="Prepared folder.")
@click.option("--codebook", type=click.Path(path_type=Path), required=True, help="What belongs to each class.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Annotated folder, replaced whole.")
@click.option("--responses", type=click.Path(path_type=Path), required=True, help="Shared answers: read, then written.")
@click.option("--metrics", type=click.Path(path_type=Path), required=True, help="Metrics JSON to write.")
@one_line_errors
def main(prepared: Path, codebook: Path, out: Path, responses: Path, metrics: Path) -> None:
    """Ask the provider for labels that are missing or hidden, and measure it where the truth is known."""
    params = load_params("annotate", AnnotateParams)
    result = annotate(params, prepared, codebook, out, responses, ResponseStore(settings.RESPONSES.read()))
    write_metrics(metrics, result)
    check_gold(result, params.min_gold_miou)


if __name__ == "__main__":
    main()

"""Stage clean: raw answers to clean label maps by rules, then the corrections of people."""

from pathlib import Path

import click

from cubiseg.cleaning.folder import clean
from cubiseg.cleaning.params import CleanParams
from stages.common import load_params, one_line_errors, write_metrics


@click.command()
@click.option("--prepared", type=click.Path(path_type=Path), required=True, help="Prepared folder.")
@click.option("--annotated", type=click.Path(path_type=Path), required=True, help="Annotated folder.")
@click.option("--corrections", type=click.Path(path_type=Path), required=True, help="Corrections by people.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Clean folder, replaced whole.")
@click.option("--metrics", type=click.Path(path_type=Path), required=True, help="Metrics JSON to write.")
@one_line_errors
def main(prepared: Path, annotated: Path, corrections: Path, out: Path, metrics: Path) -> None:
    """Clean the answers, apply the corrections, and say what each rule changed and whether it helped."""
    result = clean(load_params("clean", CleanParams), prepared, annotated, corrections, out)
    write_metrics(metrics, result)
    notes = result["corrections"]
    if notes["base_changed"]:
        click.echo(
            f"clean: {len(notes['base_changed'])} corrections were drawn over another label map and are flagged "
            f"needs_review; {metrics} names them",
            err=True,
        )
    if notes["without_sample"]:
        click.echo(f"clean: {len(notes['without_sample'])} corrections have no sample; {metrics} names them", err=True)


if __name__ == "__main__":
    main()

"""Stage prepare: pictures of all sources, with the labels that are known, into one folder with one manifest."""

from pathlib import Path

import click

from cubiseg.sources.folder import PrepareParams, prepare
from stages.common import load_params, one_line_errors, write_metrics


@click.command()
@click.option("--references", type=click.Path(path_type=Path), required=True, help="Folder of your own pictures.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Prepared folder, replaced whole.")
@click.option("--metrics", type=click.Path(path_type=Path), required=True, help="Metrics JSON to write.")
@one_line_errors
def main(references: Path, out: Path, metrics: Path) -> None:
    """Draw synthetic portraits, take in your own pictures, and say which were rejected and why."""
    params = load_params("prepare", PrepareParams)
    result = prepare(params, references, out)
    write_metrics(metrics, result)
    if result["rejected"]:
        click.echo(f"prepare: {result['rejected']} files were rejected; {out / 'rejected.jsonl'} says why", err=True)


if __name__ == "__main__":
    main()

"""Turn each illustration into layers, and check what was written."""

import sys
from dataclasses import replace
from pathlib import Path

import click

from cubiseg.errors import CubisegError
from cubiseg.files import fresh_folder
from cubiseg.illustrations import Job, cut_all
from cubiseg.imaging import distinct_stems, find_images
from cubiseg.inference import SegmentationParams
from cubiseg.layers import LayerParams
from cubiseg.layers.check import IllustrationFigures
from stages.common import load_params, one_line_errors, write_metrics

PATH = click.Path(path_type=Path)


@click.command(help=__doc__)
@click.option("--model", type=PATH, required=True, help="Exported model, .onnx or .pt.")
@click.option("--illustrations", type=PATH, required=True, help="Folder of pictures.")
@click.option("--out", type=PATH, required=True, help="Folder to write; one folder a picture in it.")
@click.option("--metrics", type=PATH, required=True, help="JSON to write.")
@one_line_errors
def main(model: Path, illustrations: Path, out: Path, metrics: Path) -> None:
    segmentation = load_params("segmentation", SegmentationParams)
    job = Job(out, load_params("integrate", LayerParams), segmentation, model, check=True)
    names = distinct_stems(find_images([illustrations]))
    rows: dict[str, IllustrationFigures] = {}
    failed: dict[str, str] = {}

    with fresh_folder(out) as folder:
        for outcome in cut_all(replace(job, out=folder), names):
            name = outcome.folder.name
            if outcome.manifest is None or outcome.figures is None:
                failed[name] = outcome.error or "unknown"
                print(f"error: {failed[name]}", file=sys.stderr, flush=True)
                continue
            rows[name] = outcome.figures
            exact = "exact" if outcome.figures.exact else "NOT EXACT"
            print(f"{name}: {len(outcome.manifest.layers)} layers, {exact}", flush=True)
            for warning in outcome.manifest.warnings:
                print(f"{name}: warning: {warning}", flush=True)
        if not rows:
            raise CubisegError(f"{illustrations}: none of {len(failed)} pictures could be cut; see the lines above")

    count = len(rows)
    totals = {
        "count": count,
        "failed": len(failed),
        "exact": sum(row.exact for row in rows.values()) / count,
        "coverage": round(sum(row.coverage for row in rows.values()) / count, 4),
        "lint_errors": sum(row.lint_errors for row in rows.values()),
        "lint_warnings": sum(row.lint_warnings for row in rows.values()),
        "warnings": sum(row.warnings for row in rows.values()),
    }
    write_metrics(
        metrics, {**totals, "pictures": {name: row.as_json() for name, row in sorted(rows.items())}, "failures": failed}
    )


if __name__ == "__main__":
    main()

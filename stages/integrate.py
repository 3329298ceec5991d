"""Turn each illustration into layers, and check what was written."""

from pathlib import Path
from typing import Any

import click

from cubiseg.imaging import distinct_stems, find_images, read_picture, replace_folder
from cubiseg.inference import SegmentationParams, open_segmenter
from cubiseg.layers import IntegrateParams, write_layers
from cubiseg.layers.check import check_psd, summary
from cubiseg.layers.export import PSD_FILE
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
    params = load_params("integrate", IntegrateParams)
    names = distinct_stems(find_images([illustrations]))
    segmenter = open_segmenter(segmentation.backend, model, segmentation.fallback, segmentation.low_confidence)
    rows: dict[str, dict[str, Any]] = {}

    def fill(folder: Path) -> None:
        for path, name in names.items():
            picture = read_picture(path)
            result = segmenter.segment(picture)
            _, manifest = write_layers(
                folder / name, picture, result.label, result.confidence, params, cell=result.cell,
                backend=result.backend, architecture=result.architecture, warnings=result.warnings,
            )  # fmt: skip
            check = check_psd(folder / name / PSD_FILE, picture)
            rows[name] = summary(manifest, check, result.mean_confidence())
            print(f"{name}: {len(manifest['layers'])} layers, {'exact' if check.exact else 'NOT EXACT'}", flush=True)
            for warning in result.warnings:
                print(f"{name}: warning: {warning}", flush=True)

    replace_folder(out, fill)
    count = len(rows)
    totals = {
        "count": count,
        "exact": sum(row["exact"] for row in rows.values()) / count,
        "coverage": round(sum(row["coverage"] for row in rows.values()) / count, 4),
        "lint_errors": sum(row["lint_errors"] for row in rows.values()),
        "lint_warnings": sum(row["lint_warnings"] for row in rows.values()),
        "warnings": sum(row["warnings"] for row in rows.values()),
    }
    write_metrics(metrics, {**totals, "pictures": dict(sorted(rows.items()))})


if __name__ == "__main__":
    main()

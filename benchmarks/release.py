"""Release the model of a long run: copy it to models/release/ and say what it is in release.json.

It is also what `train.start: release` starts from.

    python -m benchmarks.release --run ../long --scores drawings=scores.json

`--run` is a clone in which `dvc repro` or `dvc exp run` made the model, with the params it was made with. `--scores`
adds figures that `cubiseg evaluate --json` printed for other pictures. Where the weights are the mean of several
trainings (`python -m benchmarks.average`), `--average-of` names their weights files. docs/models.md has the whole
recipe.
"""

import hashlib
import json
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

import click
import yaml

from cubiseg.files import copy_file, write_text
from stages.common import one_line_errors

MODEL, SCORES = Path("models/anime_advanced_seg.onnx"), Path("metrics/evaluate.json")
MANIFEST = Path("datasets/anime_segmentation/v1/samples.jsonl")
CHOSEN = ("pictures", "mean_iou", "mean_f1", "small_part_f1", "boundary_f", "left_right_confusion")


def machine() -> str:
    """Processor and cores, in words."""
    info = Path("/proc/cpuinfo")
    names = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
    return f"{names[0] if names else platform.processor() or platform.machine()}, {os.cpu_count()} cores"


def describe(run: Path, others: dict[str, Path], averaged: tuple[Path, ...] = ()) -> dict[str, Any]:
    """What release.json holds: of the run, and of the weights files that its weights are the mean of."""
    scored = json.loads((run / SCORES).read_text())
    commit = subprocess.run(["git", "-C", run, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    real = {}
    for name, path in others.items():
        figures = json.loads(path.read_text())
        real[name] = {"by_character": figures["by_group"], "f1": figures["f1"]}
    return {
        "architecture": scored["architecture"],
        "commit": commit.stdout.strip(),
        "params": yaml.safe_load((run / "params.yaml").read_text()),
        "data_sha256": hashlib.sha256((run / MANIFEST).read_bytes()).hexdigest(),
        "model_sha256": hashlib.sha256((run / MODEL).read_bytes()).hexdigest(),
        **({"average_of_sha256": [hashlib.sha256(p.read_bytes()).hexdigest() for p in averaged]} if averaged else {}),
        "test_split": {key: scored[key] for key in CHOSEN},
        **real,
        "machine": machine(),
    }


@click.command(help=__doc__)
@click.option("--run", type=click.Path(path_type=Path, exists=True, file_okay=False), required=True)
@click.option("--scores", multiple=True, metavar="NAME=FILE", help="More figures; may be repeated.")
@click.option("--average-of", multiple=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--out", type=click.Path(path_type=Path), default=Path("models/release"), show_default=True)
@one_line_errors
def main(run: Path, scores: tuple[str, ...], average_of: tuple[Path, ...], out: Path) -> None:
    pairs = [text.partition("=") for text in scores]
    if any(not name or not file for name, _, file in pairs):
        raise click.UsageError("--scores: give NAME=FILE")
    about = describe(run, {name: Path(file) for name, _, file in pairs}, average_of)
    copy_file(run / MODEL, out / f"{about['architecture']}.onnx")
    write_text(out / "release.json", json.dumps(about, indent=2) + "\n")
    click.echo(f"{out}: {about['architecture']}.onnx and release.json; now `dvc add {out}/*.onnx`, `dvc push`, commit")


if __name__ == "__main__":
    main()

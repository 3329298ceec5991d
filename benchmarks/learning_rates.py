"""Try learning rates around each architecture's own, for equal samples.

    python -m benchmarks.learning_rates --samples 1600 --out metrics [--only NAME]... [--factor 1]... [--start scratch]

An encoder with a checkpoint is tried at its recipe's rate, a third and three times that; one that starts from nothing
at 1, 10 and 30 times the rate that its paper has for one with a checkpoint. Writes learning_rates.json: the
validation split's scores at each rate, and the factor to take. That is the lowest whose mean IoU is within 0.015 of the
best, for few samples favour high rates. A run that is recorded there with the same params, config, data and code is not
done again, so a sweep that was stopped goes on.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import yaml

from benchmarks.models import PATH, RUNS, changed
from cubiseg.errors import CubisegError
from cubiseg.training.params import SCRATCH, TrainParams
from stages.common import load_params, one_line_errors, write_metrics

RECORD = "learning_rates.json"
FACTORS, FROM_SCRATCH = (0.33, 1.0, 3.0), (1.0, 10.0, 30.0)
AS_GOOD = 0.015


def sweep(
    params: TrainParams, factors: Sequence[float], configs: Path, data: Path, work: Path, known: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Train an architecture once for each factor on its recipe's learning rate; rows in the factors' order.

    Args:
        params: with the architecture; its ``learning_rate`` does not count.
        factors: on the recipe's rate at ``params.batch_size``; none stands for :data:`FACTORS`, or
            :data:`FROM_SCRATCH` where the encoder starts so.
        configs: folder of architectures.
        data: data set folder.
        work: folder for weights and checkpoints.
        known: rows of an earlier sweep, taken where they are of the same run.
    """
    from cubiseg.segmentors.build import load_config, use_threads
    from cubiseg.training.recipe import learning_rate, starts_from_scratch
    from cubiseg.training.resume import run_key
    from cubiseg.training.stage import train

    use_threads()
    config = load_config(params.architecture, configs, parts=params.parts)
    own = learning_rate(config, params.model_copy(update={"learning_rate": None}))
    for sought in ("learning_rate", "from_scratch"):  # the rate is the params'
        config.recipe.pop(sought, None)
    bare = params.start == SCRATCH or starts_from_scratch(config.model)
    rows = []
    for factor in factors or (FROM_SCRATCH if bare else FACTORS):
        chosen = changed(params, {"learning_rate": min(1.0, float(f"{own * factor:.3g}"))})
        key = run_key(chosen, config, data)
        row = next((row for row in known if row["key"] == key), None)
        if row is None:
            folder = work / f"{params.architecture}-{factor:g}"
            found = train(
                chosen, configs, data, folder / "weights.safetensors", folder / "curves", work / "checkpoints"
            )
            row = {"key": key, "learning_rate": chosen.learning_rate, "loss": found.loss}
            row |= {"started_from": found.started_from, **found.validation}
        rows.append({**row, "factor": factor})
    return rows


def chosen_factor(rows: Sequence[dict[str, Any]]) -> float:
    """The lowest factor whose mean IoU is within :data:`AS_GOOD` of the best; a run that scored nothing counts as 0."""
    best = max(row["mean_iou"] or 0.0 for row in rows)
    return min(row["factor"] for row in rows if (row["mean_iou"] or 0.0) >= best - AS_GOOD)


@click.command(help=__doc__)
@click.option("--data", type=PATH, default=Path("datasets/anime_segmentation/v1"), show_default=True)
@click.option("--configs", type=PATH, default=Path("mmseg_configs"), show_default=True)
@click.option("--work", type=PATH, default=Path(".cubiseg/learning_rates"), show_default=True)
@click.option("--out", type=PATH, default=Path("metrics"), show_default=True)
@click.option("--samples", type=click.IntRange(1), default=1600, show_default=True, help="Samples of each run.")
@click.option("--only", multiple=True, metavar="ARCHITECTURE", help="May be repeated; all where none is given.")
@click.option("--factor", "factors", multiple=True, type=click.FloatRange(0, min_open=True), help="May be repeated.")
@click.option("--start", type=click.Choice(["imagenet", "scratch"]), help="Instead of train.start.")
@one_line_errors
def main(
    data: Path,
    configs: Path,
    work: Path,
    out: Path,
    samples: int,
    only: tuple[str, ...],
    factors: tuple[float, ...],
    start: str | None,
) -> None:
    listed = yaml.safe_load(RUNS.read_text(encoding="utf-8"))["architectures"].values()
    names = list(dict.fromkeys(row["architecture"] for row in listed))
    if unknown := set(only) - set(names):
        raise CubisegError(f"--only {sorted(unknown)[0]}: no such architecture; known are {', '.join(names)}")
    base = load_params("train", TrainParams)
    steps = max(1, samples // base.batch_size)
    common = {"max_iters": steps, "val_interval": steps, **({"start": start} if start else {})}
    path = out / RECORD
    for name in only or names:
        params = changed(base, {**common, "architecture": name})
        known = _read(path).get(name, {}).get("runs", [])
        rows = sweep(params, factors, configs, data, work, known)
        factor = chosen_factor(rows)
        report = _read(path)  # what another process has written meanwhile stays
        report[name] = {"samples": steps * params.batch_size, "factor": factor, "runs": rows}
        write_metrics(path, report)
        shown = "  ".join(f"{row['learning_rate']:g}: {row['mean_iou'] or 0:.3f}" for row in rows)
        print(f"{name:32}{shown}  take x{factor:g}", flush=True)


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


if __name__ == "__main__":
    main()

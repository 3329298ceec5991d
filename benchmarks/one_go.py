"""Draw, train, score and export in one go of so many minutes, with as many pictures and samples as fit.

    python -m benchmarks.one_go --minutes 10 --out ../one-go

For a machine that is at hand for a short while, such as one with an accelerator. The params are those of params.yaml,
but for the numbers of pictures and steps. Pictures are drawn for a quarter of the time at most, and split as they are:
their labels are exact, so there is nothing for the stages annotate and clean. A few steps are timed, at both sizes if
there are two, and the rest is filled with steps. Where they take longer than they were timed, the training is ended in
time, and the weights of its last validation are exported. What was done is in one_go.json. `--out` is laid out like a
clone, so that `python -m benchmarks.release` finds there what it needs.
"""

import os
import shutil
import signal
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from benchmarks import loader
from cubiseg.dataset.params import SplitParams
from cubiseg.dataset.stage import split
from cubiseg.errors import CubisegError
from cubiseg.evaluation.params import EvaluateParams
from cubiseg.exporting.params import ExportParams
from cubiseg.files import copy_file
from cubiseg.sources.params import PrepareParams
from cubiseg.sources.stage import prepare
from cubiseg.training.params import TrainParams
from cubiseg.workers import cores
from stages.common import load_params, one_line_errors, write_metrics

PATH = click.Path(path_type=Path)
DRAWING, ENDING = 0.25, 0.12
"""Shares of the time for drawing at most, and for scores and export."""
MARGIN = 0.9
"""Share of the time for training that is planned for: steps are not all alike."""
TIMED = 5


class _OutOfTime(BaseException):
    """Raised by the alarm; no code that mends errors takes it for one."""


@contextmanager
def limit(seconds: float) -> Iterator[None]:
    """Raise :class:`_OutOfTime` inside the block after so many seconds."""

    def stop(*_: object) -> None:
        raise _OutOfTime

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, max(0.01, seconds))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def draw(params: PrepareParams, seconds: float, most: int, out: Path) -> int:
    """Draw as many pictures as fit into some time; returns their number.

    Args:
        params: what is drawn; their number does not count.
        seconds: for all of it, a small trial included.
        most: pictures at most.
        out: folder to replace.
    """

    def drawn(count: int) -> float:
        few = params.synthetic.model_copy(update={"count": count, "layers": 0})
        begun = time.monotonic()
        prepare(params.model_copy(update={"synthetic": few, "sources": ("synthetic",)}), Path("none"), out)
        return time.monotonic() - begun

    each, trial = max(10, params.synthetic.pictures_per_character), 4 * cores()
    trial = min(most, max(2 * each, trial))
    took = drawn(trial)
    count = min(most, int((seconds - took) * MARGIN / (took / trial)))
    if count > trial:
        drawn(count)
    return max(trial, count)


def steps_that_fit(params: TrainParams, configs: Path, data: Path, seconds: float) -> tuple[int, dict[str, float]]:
    """Number of steps that fit into some time, and the median seconds of a step by size in px."""
    begun = time.monotonic()
    sizes = {params.size, params.input_size}
    each = {}
    for size in sorted(sizes):
        alone = params.model_copy(update={"size": size, "last_size": None})
        each[str(size)] = statistics.median(loader.measure(alone, configs, data, TIMED, warm_up=2)[1])
    last = params.last_share if params.last_size is not None else 0.0
    step = (1 - last) * each[str(params.size)] + last * each[str(params.input_size)]
    left = seconds - (time.monotonic() - begun)
    return max(1, int(left * MARGIN / step)), each


@click.command(help=__doc__)
@click.option("--minutes", type=click.FloatRange(0, min_open=True), default=10.0, show_default=True)
@click.option("--out", type=PATH, required=True, help="Folder for all of it; what is there is replaced.")
@click.option("--pictures", type=click.IntRange(20), default=6000, show_default=True, help="To draw at most.")
@click.option("--configs", type=PATH, default=Path("mmseg_configs"), show_default=True)
@click.option("--release", type=PATH, default=Path("models/release"), show_default=True)
@one_line_errors
def main(minutes: float, out: Path, pictures: int, configs: Path, release: Path) -> None:
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # as the stage train does
    begun, whole = time.monotonic(), 60 * minutes

    def left() -> float:
        return whole - (time.monotonic() - begun)

    params = load_params("train", TrainParams)
    data, weights = out / "datasets/anime_segmentation/v1", out / "models/weights.safetensors"
    done: dict[str, Any] = {"minutes": minutes}
    done["pictures"] = draw(load_params("prepare", PrepareParams), DRAWING * whole, pictures, out / "prepared")
    # What is drawn has exact labels: nothing to ask for, nothing to clean.
    split(load_params("split", SplitParams), out / "prepared", out / "prepared", data)
    done["seconds"] = {"data": round(whole - left(), 1)}
    from cubiseg.evaluation.stage import evaluate
    from cubiseg.exporting.stage import export
    from cubiseg.training.stage import train

    for_training = left() - ENDING * whole
    steps, each = steps_that_fit(params, configs, data, for_training)
    done |= {"step_seconds": {size: round(value, 4) for size, value in each.items()}, "steps": steps}
    params = params.model_copy(update={"max_iters": steps, "val_interval": max(1, steps // 4)})
    done["samples"] = steps * params.batch_size
    work = out / "work"
    shutil.rmtree(work, ignore_errors=True)
    print(f"{done['pictures']} pictures, {steps} steps; {left():.0f} s left", flush=True)
    try:
        with limit(left() - ENDING * whole):
            trained = train(params, configs, data, weights, out / "metrics/plots/train", work, release).as_json()
    except _OutOfTime:
        kept = sorted(work.glob("*/weights.safetensors"))
        if not kept:
            raise CubisegError(f"--minutes {minutes:g}: over before the first validation; give it more") from None
        copy_file(kept[0], weights)
        trained = {"ended": "in time, before its last step: the weights are those of its last validation"}
    done |= {"train": trained, "params": params.model_dump()}
    done["seconds"]["trained"] = round(whole - left(), 1)
    scores = out / "metrics/evaluate.json"
    scored = evaluate(load_params("evaluate", EvaluateParams), data, configs, weights, out / "metrics/plots/evaluate")
    write_metrics(scores, scored)
    export(load_params("export", ExportParams), configs, weights, scores, out / "models")
    shutil.copyfile("params.yaml", out / "params.yaml")
    done["seconds"]["all"] = round(whole - left(), 1)
    write_metrics(out / "one_go.json", done)
    print(f"{out}: {done['samples']} samples, test mean IoU {scored.summary.mean_iou}; {left():.0f} s left")


if __name__ == "__main__":
    main()

"""Share of a training step that passes waiting for samples: `python -m benchmarks.loader`.

Trains with the block `train` of params.yaml for a few steps and keeps nothing. Aim: under 5 %. `CUBISEG_WORKERS` sets
the processes that load; `--chance 1` switches every augmentation on at its dearest.
"""

import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import click

from cubiseg.training.params import Augmentation, TrainParams
from stages.common import load_params, one_line_errors

PATH = click.Path(path_type=Path)


def share(waited: list[float], steps: list[float]) -> float:
    """Share 0..1 of the time of all steps that passed waiting.

    Args:
        waited: seconds from the end of a step until its successor has its samples.
        steps: seconds from the end of a step to the end of its successor.
    """
    return sum(waited) / sum(steps)


def measure(
    params: TrainParams, configs: Path, data: Path, steps: int, warm_up: int
) -> tuple[list[float], list[float]]:
    """Seconds waited and seconds in all of each step after the first ``warm_up``, while others fill the queue."""
    from mmengine.device import get_device
    from mmengine.hooks import Hook

    from cubiseg.segmentors.build import describe, load_config, use_threads
    from cubiseg.training.randomness import repeatable, seeded
    from cubiseg.training.runner import build_runner

    class Clock(Hook):
        priority = "VERY_LOW"

        def __init__(self) -> None:
            self.ended = 0.0
            self.waited: list[float] = []
            self.steps: list[float] = []

        def before_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
            self.waited.append(time.perf_counter() - self.ended)

        def after_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None) -> None:
            now = time.perf_counter()
            self.steps.append(now - self.ended)
            self.ended = now

    use_threads()
    clock = Clock()
    few = params.model_copy(update={"max_iters": warm_up + steps, "val_interval": 10**9})
    config = load_config(few.architecture, configs, parts=few.parts)
    with tempfile.TemporaryDirectory() as folder, seeded(few.seed), repeatable(get_device()):
        info = describe(config, few.architecture, few.input_size, parts=few.parts)
        runner = build_runner(few, config, info, data, Path(folder), [clock])
        runner.val_loop.run = dict  # a validation ends every training; no step waits for it
        runner.train()
    return clock.waited[warm_up:], clock.steps[warm_up:]


@click.command(help=__doc__)
@click.option("--data", type=PATH, default=Path("datasets/anime_segmentation/v1"), show_default=True)
@click.option("--configs", type=PATH, default=Path("mmseg_configs"), show_default=True)
@click.option("--architecture", help="Instead of train.architecture.")
@click.option("--steps", default=30, show_default=True, help="Steps that are timed.")
@click.option("--warm-up", type=click.IntRange(1), default=5, show_default=True, help="Steps before them.")
@click.option("--chance", type=click.FloatRange(0, 1), help="Instead of every chance of train.augmentation.")
@one_line_errors
def main(data: Path, configs: Path, architecture: str | None, steps: int, warm_up: int, chance: float | None) -> None:
    params = load_params("train", TrainParams)
    if architecture is not None:
        params = params.model_copy(update={"architecture": architecture})
    if chance is not None:
        every = Augmentation.model_validate(dict.fromkeys(Augmentation.model_fields, chance))
        params = params.model_copy(update={"augmentation": every})
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # as the stage does
    waited, whole = measure(params, configs, data, steps, warm_up)
    print(
        f"{params.architecture}  {params.batch_size} x {params.size} px  step {statistics.median(whole):.3f} s  "
        f"waited {statistics.median(waited) * 1000:.1f} ms (median), {share(waited, whole):.1%} of all time"
    )


if __name__ == "__main__":
    main()

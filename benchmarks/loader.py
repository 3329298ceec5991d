"""Share of a training step that passes waiting for samples: `python -m benchmarks.loader`.

Trains with the block `train` of params.yaml for a few steps and keeps nothing. Aim: under 5 %. `CUBISEG_WORKERS` sets
the processes that load; `--chance 1` switches every augmentation on at its dearest.

`--shards` trains nothing. It packs a copy of the data set and compares how fast one process gets samples out of shards
and out of files, in turns. Aim: at least 0.9.
"""

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
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


def in_turns(pipeline: list[dict], forms: Sequence[Path], seed: int, draws: int, rounds: int) -> list[list[float]]:
    """Samples a second of the same draws, by form of the data set and round; the forms take turns in being first.

    Args:
        pipeline: transforms.
        forms: folders of one data set.
        seed: of the draws.
        draws: samples of a form and round.
        rounds: of which the first is not counted.
    """
    import cubiseg.training.transforms  # noqa: F401 - registers what pipelines name
    from cubiseg.training.data import PictureDataset

    sets = [PictureDataset(str(folder), "train", pipeline, seed) for folder in forms]
    rates: list[list[float]] = [[] for _ in forms]
    for number in range(rounds):
        order = range(len(forms)) if number % 2 else reversed(range(len(forms)))
        for which in order:
            start = time.perf_counter()
            for draw in range(number * draws, (number + 1) * draws):
                sets[which][draw]
            if number:
                rates[which].append(draws / (time.perf_counter() - start))
    return rates


def compare(params: TrainParams, configs: Path, data: Path, draws: int, rounds: int) -> dict[str, tuple[float, float]]:
    """Samples a second from files, and that from shards as a share of it: medians, read alone and made to train."""
    from cubiseg.packing import Pack, pack_samples
    from cubiseg.segmentors.build import load_config, use_threads

    use_threads()
    whole = load_config(params.architecture, configs, parts=params.parts).train_pipeline
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        packed = Path(folder) / "shards"
        shutil.copytree(data, packed)
        pack_samples(packed, ("images", "labels"), Pack.SHARDS, 0)
        for name, pipeline in (("read", [{"type": "LoadPicture"}, {"type": "LoadLabel"}]), ("made", whole)):
            files, shards = in_turns(pipeline, (data, packed), params.seed, draws, rounds)
            ratio = statistics.median(one / other for one, other in zip(shards, files, strict=True))
            found[name] = statistics.median(files), ratio
    return found


@click.command(help=__doc__)
@click.option("--data", type=PATH, default=Path("datasets/anime_segmentation/v1"), show_default=True)
@click.option("--configs", type=PATH, default=Path("mmseg_configs"), show_default=True)
@click.option("--architecture", help="Instead of train.architecture.")
@click.option("--steps", default=30, show_default=True, help="Steps that are timed.")
@click.option("--warm-up", type=click.IntRange(1), default=5, show_default=True, help="Steps before them.")
@click.option("--chance", type=click.FloatRange(0, 1), help="Instead of every chance of train.augmentation.")
@click.option("--shards", is_flag=True, help="Compare shards with files instead.")
@one_line_errors
def main(
    data: Path, configs: Path, architecture: str | None, steps: int, warm_up: int, chance: float | None, shards: bool
) -> None:
    params = load_params("train", TrainParams)
    if architecture is not None:
        params = params.model_copy(update={"architecture": architecture})
    if chance is not None:
        every = Augmentation.model_validate(dict.fromkeys(Augmentation.model_fields, chance))
        params = params.model_copy(update={"augmentation": every})
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # as the stage does
    if shards:
        for name, (rate, ratio) in compare(params, configs, data, draws=8 * steps, rounds=1 + 2 * warm_up).items():
            print(f"{name}: {rate:.1f} samples/s from files, from shards {ratio:.3f} of it")
        return
    waited, whole = measure(params, configs, data, steps, warm_up)
    print(
        f"{params.architecture}  {params.batch_size} x {params.size} px  step {statistics.median(whole):.3f} s  "
        f"waited {statistics.median(waited) * 1000:.1f} ms (median), {share(waited, whole):.1%} of all time"
    )


if __name__ == "__main__":
    main()

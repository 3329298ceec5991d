"""The stage train: params, config and data set to weights, curves and figures."""

import hashlib
import shutil
from pathlib import Path
from typing import Any

import torch
from mmengine.device import get_device
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper

from cubiseg.errors import CubisegError
from cubiseg.files import write_csv
from cubiseg.metrics import Metrics
from cubiseg.segmentors.build import Network, describe, load_config, parameter_count, use_threads
from cubiseg.segmentors.weights import save_weights
from cubiseg.segmentors.whole import check
from cubiseg.training import processes, resume
from cubiseg.training.hooks import BestHook, CurvesHook, KeepHook, ProgressHook
from cubiseg.training.params import IMAGENET, RELEASE, SCRATCH, TrainParams
from cubiseg.training.randomness import repeatable, seeded
from cubiseg.training.runner import averaging_hook, build_runner, one_line_from_workers

_CURVE_INTERVAL = 10
_ON_THE_WAY = "weights.safetensors"


class TrainMetrics(Metrics):
    """Figures of the stage train.

    Attributes:
        architecture: name of the config.
        parameters: number of trainable values.
        started_from: checkpoint that the encoder started from, or ``train.start`` where the whole network did, or None.
        start_sha256: hash of the file that the whole network started from, or None.
        samples_seen: steps times samples of a step.
        loss: mean over the last steps.
        kept_iteration: step whose weights are saved.
        validation: scores of these weights on the validation split.
    """

    architecture: str
    parameters: int
    started_from: str | None
    start_sha256: str | None
    samples_seen: int
    loss: float
    kept_iteration: int
    validation: dict[str, float | None]


def train(
    params: TrainParams,
    configs: Path,
    data: Path,
    out: Path,
    curves: Path,
    work: Path,
    release: Path | None = None,
) -> TrainMetrics:
    """Train an architecture and write its weights.

    ``params.keep`` chooses between the last weights and those of the best validation. The last are the default: the
    learning rate has decayed to nearly nothing by then, and choosing by a few dozen pictures would choose by chance.

    A run that was killed goes on from its last checkpoint if nothing that decides the result has changed, and then ends
    with the same bytes as an undisturbed run. Beside that checkpoint lie the weights of the last validation, as the
    stages evaluate and export take them.

    With ``params.num_procs`` above 1 as many processes are started; each gets a share of every batch, so that a step
    sees the samples that it would see in one process.

    Args:
        params: what to train.
        configs: folder of architectures.
        data: data set folder.
        out: weights file, replaced whole at the end.
        curves: folder for ``training.csv`` and ``validation.csv``.
        work: folder for checkpoints; a folder of this run below it is removed at the end.
        release: folder with the released models, ``<architecture>.onnx``; needed where one is asked for.

    Returns:
        Figures without times or paths.

    Raises:
        CubisegError: unknown architecture, a start or data set that cannot be used, fp16 on a CPU, or a loss that is
            not finite; or it was begun with another number of processes;
            or the machines that train together differ in what decides the result.
    """
    if params.num_procs > 1 and processes.number() == 1:
        return processes.launch(params.num_procs, train, params, configs, data, out, curves, work, release)
    if params.num_procs != processes.number():
        raise CubisegError(
            f"train.num_procs: {params.num_procs}, but torchrun started {processes.number()} processes; make them equal"
        )
    config = load_config(params.architecture, configs, parts=params.parts)
    info = describe(config, params.architecture, params.input_size, parts=params.parts)
    start = start_file(params, release)
    use_threads(processes.number())
    decides = resume.what_decides(params, config, data, start)
    folder = work / resume.key_of(params, decides)
    recorded = CurvesHook(_CURVE_INTERVAL)
    best = BestHook() if params.keep == "best" else None
    averaged = averaging_hook(params)
    hooks: list[Hook] = [hook for hook in (recorded, best, averaged) if hook is not None]
    resume.look_for_unfinished(work, folder, decides)
    if processes.rank() == 0:
        hooks += [
            ProgressHook(f"train {params.architecture}"),
            KeepHook(folder / _ON_THE_WAY, info),
            resume.ResumeHook(folder, resume.CHECKPOINT_INTERVAL, decides),
        ]
    # MMEngine seeds globally; what this process drew from before goes on undisturbed afterwards.
    with processes.together(), seeded(params.seed), repeatable(get_device()):
        begun = (folder / resume.CHECKPOINT).is_file()
        processes.check_alike({**decides, "the checkpoint (give all one folder as CUBISEG_WORK)": str(begun)})
        runner = build_runner(params, config, info, data, folder, hooks, start)
        with one_line_from_workers():
            runner.train()
    model = runner.model.module if is_model_wrapper(runner.model) else runner.model
    if not all(torch.isfinite(p).all() for p in model.parameters()):
        raise CubisegError(
            "training: weights are no longer finite; lower train.learning_rate or set train.precision: fp32"
        )

    network = Network(averaged.ema_model.module if averaged else model)
    kept = recorded.validation[-1]
    if best is not None:
        kept = best.restore(network)
    if processes.rank() == 0:
        save_weights(out, network, info)
        _write_curve(curves / "training.csv", recorded.training)
        _write_curve(curves / "validation.csv", recorded.validation)
        shutil.rmtree(folder, ignore_errors=True)
    return TrainMetrics(
        architecture=params.architecture,
        parameters=parameter_count(network),
        started_from=params.start if start is not None else model.started_from,
        start_sha256=None if start is None else hashlib.sha256(start.read_bytes()).hexdigest(),
        samples_seen=params.max_iters * params.batch_size,
        loss=recorded.training[-1]["loss"],
        kept_iteration=kept["iteration"],
        validation={key: value for key, value in kept.items() if key != "iteration"},
    )


def start_file(params: TrainParams, release: Path | None) -> Path | None:
    """The file that ``params.start`` stands for, or None where the network does not start from one.

    Args:
        params: what to train.
        release: folder with the released models.

    Raises:
        CubisegError: missing or damaged, or weights of another architecture.
    """
    if params.start in (IMAGENET, SCRATCH):
        return None
    if params.start == RELEASE and release is None:
        raise CubisegError("train.start: release needs the folder of the released models; name it with --release")
    path = release / f"{params.architecture}.onnx" if release and params.start == RELEASE else Path(params.start)
    check(path, params.architecture)
    return path


def _write_curve(path: Path, rows: list[dict[str, Any]]) -> None:
    head = list(rows[0]) if rows else ["iteration"]
    write_csv(path, head, ([row[key] for key in head] for row in rows))

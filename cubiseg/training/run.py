"""One training run: parameters, config and data set to weights, curves and metrics."""

import hashlib
import itertools
import shutil
from pathlib import Path
from typing import Any

import torch
from mmengine import Config
from mmengine.device import get_device
from mmengine.hooks import EMAHook, Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

import cubiseg
from cubiseg import settings
from cubiseg.errors import CubisegError
from cubiseg.files import write_text
from cubiseg.model_info import ModelInfo
from cubiseg.samples import MANIFEST, Split
from cubiseg.segmentors.build import (
    Network,
    build_segmentor,
    describe,
    load_config,
    parameter_count,
    quiet,
    use_threads,
)
from cubiseg.segmentors.randomness import repeatable, seeded
from cubiseg.segmentors.weights import save_weights
from cubiseg.training import processes
from cubiseg.training.data import split_samples
from cubiseg.training.hooks import CHECKPOINT, BestHook, CurvesHook, ProgressHook, ResumeHook
from cubiseg.training.loop import as_list
from cubiseg.training.params import TrainParams
from cubiseg.training.precision import depthwise_in_float32, optim_wrapper
from cubiseg.workers import cores

_CHECKPOINT_INTERVAL = 50
_CURVE_INTERVAL = 10
_AUXILIARY_WEIGHT = 0.4
# Averaged weights reach over at most about a tenth of the steps so far: a short run would else keep its random start.
_AVERAGED_SHARE = 10
_CODE = ("segmentors", "training", "imaging.py", "letterbox.py", "samples.py", "taxonomy.py")
_runs = itertools.count()


def train(params: TrainParams, configs: Path, data: Path, out: Path, curves: Path, work: Path) -> dict[str, Any]:
    """Train an architecture and write its weights.

    ``params.keep`` chooses between the last weights and those of the best validation. The last are the default: the
    learning rate has decayed to nearly nothing by then, and choosing by a few dozen pictures would choose by chance.

    A run that was killed goes on from its last checkpoint if nothing that decides the result has changed, and then ends
    with the same bytes as an undisturbed run.

    With ``params.num_procs`` above 1 as many processes are started; each gets a share of every batch, so that a step
    sees the samples that it would see in one process.

    Args:
        params: what to train.
        configs: folder of architectures.
        data: data set folder.
        out: weights file, replaced whole at the end.
        curves: folder for ``training.csv`` and ``validation.csv``.
        work: folder for checkpoints; a folder of this run below it is removed at the end.

    Returns:
        Metrics as plain JSON, without times or paths.

    Raises:
        CubisegError: unknown architecture, fp16 on a CPU, a data set that cannot be used, or a loss that is not finite.
    """
    if params.num_procs > 1 and processes.number() == 1:
        return processes.launch(params.num_procs, train, params, configs, data, out, curves, work)
    if params.num_procs != processes.number():
        raise CubisegError(
            f"train.num_procs: {params.num_procs}, but torchrun started {processes.number()} processes; make them equal"
        )
    config = load_config(params.architecture, configs)
    info = describe(config, params.architecture, params.size)
    use_threads(processes.number())
    folder = work / run_key(params, config, data)
    recorded = CurvesHook(_CURVE_INTERVAL)
    best = BestHook() if params.keep == "best" else None
    averaged = _averaging(params)
    hooks: list[Hook] = [hook for hook in (recorded, best, averaged) if hook is not None]
    if processes.rank() == 0:
        hooks += [ProgressHook(f"train {params.architecture}"), ResumeHook(folder, _CHECKPOINT_INTERVAL)]
    # MMEngine seeds globally; what this process drew from before goes on undisturbed afterwards.
    with processes.together(), seeded(params.seed), repeatable(get_device()):
        runner = build_runner(params, config, info, data, folder, hooks)
        with _one_line_from_workers():
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
    metrics = {
        "architecture": params.architecture,
        "parameters": parameter_count(network),
        "started_from": model.started_from,
        "samples_seen": params.max_iters * params.batch_size,
        "loss": recorded.training[-1]["loss"],
        "kept_iteration": kept["iteration"],
        "validation": {key: value for key, value in kept.items() if key != "iteration"},
    }
    if processes.rank() == 0:
        save_weights(out, network, info)
        _write_csv(curves / "training.csv", recorded.training)
        _write_csv(curves / "validation.csv", recorded.validation)
        shutil.rmtree(folder, ignore_errors=True)
    return metrics


def build_runner(
    params: TrainParams, config: Config, info: ModelInfo, data: Path, folder: Path, hooks: list[Hook]
) -> Runner:
    """MMEngine's runner of one training, ready for ``train()``; draws random numbers of the global generators.

    Args:
        params: what to train.
        config: of the architecture, see :func:`load_config`.
        info: description of the network.
        data: data set folder.
        folder: for checkpoints; a run that was killed goes on from what is there.
        hooks: what happens beside the steps.

    Raises:
        CubisegError: fp16 on a CPU, or a data set that cannot be used.
    """
    config = assemble(config, params, info, data, folder)
    model = build_segmentor(config)
    if params.precision == "bf16" and get_device() == "cpu":
        depthwise_in_float32(model)
    model = processes.shared(model.to(memory_format=torch.channels_last))
    return _runner(config, model, folder, params.seed, hooks)


def _averaging(params: TrainParams) -> Any:
    """MMEngine's hook for averaged weights, or None: they are validated and saved, statistics of norms included."""
    if not params.ema_momentum:
        return None
    return EMAHook("MomentumAnnealingEMA", momentum=params.ema_momentum, gamma=_AVERAGED_SHARE, update_buffers=True)


def run_key(params: TrainParams, config: Config, data: Path) -> str:
    """Name of a run: a hash of everything that decides its result.

    Those are parameters, the resolved config, manifest and label maps of the data set (the manifest carries the hashes
    of the pictures), and the code.
    """
    digest = hashlib.sha256()
    for text in (params.model_dump_json(), config.pretty_text, torch.__version__, str(torch.get_num_threads())):
        digest.update(text.encode() + b"\0")
    digest.update((data / MANIFEST).read_bytes() if (data / MANIFEST).is_file() else b"")
    for split in (Split.TRAIN, Split.VAL):
        for sample in split_samples(data, split):
            path = data / str(sample.label)
            digest.update(path.read_bytes() if path.is_file() else b"")
    root = Path(cubiseg.__file__).parent
    for name in _CODE:
        for path in sorted((root / name).rglob("*.py")) or [root / name]:
            digest.update(path.read_bytes())
    return f"{params.architecture}-{digest.hexdigest()[:16]}"


def assemble(config: Config, params: TrainParams, info: ModelInfo, data: Path, folder: Path) -> Config:
    """A full MMEngine config: an architecture's, with parameters, data loaders, loops and schedules put in.

    Raises:
        CubisegError: fp16 on a CPU.
    """
    config = Config(config.to_dict())
    if not params.pretrained:
        config.model.pop("checkpoint", None)
    _put_losses(config.model, params)
    config.train_pipeline = _pipeline(config.train_pipeline, params, info.mean)
    config.model.data_preprocessor.size = (params.size, params.size)
    device = get_device()
    number = processes.number()
    workers = _workers(number, device)
    common = {"num_workers": workers, "persistent_workers": False, "pin_memory": device != "cpu"}
    config.train_dataloader = {
        **common,
        "batch_size": params.batch_size // number,
        "sampler": {"type": "DrawSampler", "rank": processes.rank(), "number": number},
        "dataset": {
            "type": "PictureDataset",
            "data": str(data),
            "split": "train",
            "pipeline": config.train_pipeline,
            "seed": params.seed,
        },
    }
    config.val_dataloader = {
        **common,
        "batch_size": 1,
        # Each process validates a share of the pictures, none twice.
        "sampler": {"type": "DefaultSampler", "shuffle": False, "round_up": False},
        "collate_fn": as_list,
        "dataset": {
            "type": "PictureDataset",
            "data": str(data),
            "split": "val",
            "pipeline": [{"type": "LoadPicture"}, {"type": "LoadLabel"}],
        },
    }
    config.train_cfg = {
        "type": "SeededTrainLoop",
        "seed": params.seed,
        "rank": processes.rank(),
        "max_iters": params.max_iters,
        "val_interval": params.val_interval,
    }
    config.val_cfg = {"type": "PictureValLoop", "info": info.model_dump()}
    config.optim_wrapper.update(optim_wrapper(params.precision, device))
    config.optim_wrapper.optimizer.update(lr=params.learning_rate, weight_decay=params.weight_decay)
    warm = config.warm_up
    begin = max(1, round(warm.share * params.max_iters))
    config.param_scheduler = [
        {"type": "LinearLR", "start_factor": warm.start, "by_epoch": False, "begin": 0, "end": begin},
        {
            "type": "CosineAnnealingLR",
            "eta_min_ratio": warm.end,
            "by_epoch": False,
            "begin": begin,
            "end": max(params.max_iters, begin + 1),
        },
    ]
    config.resume = (folder / CHECKPOINT).is_file()
    config.load_from = str(folder / CHECKPOINT) if config.resume else None
    return config


def _put_losses(model: Any, params: TrainParams) -> None:
    for head, weight in (("decode_head", 1.0), ("auxiliary_head", _AUXILIARY_WEIGHT)):
        if head in model:
            model[head].loss_decode = {
                "type": "CrossEntropyDiceLoss",
                "cross_entropy_weight": weight * params.cross_entropy_weight,
                "dice_weight": weight * params.dice_weight,
                "class_balance": params.class_balance,
                "boundary_weight": params.boundary_weight,
            }


def _pipeline(pipeline: list[Any], params: TrainParams, mean: tuple[float, ...]) -> list[Any]:
    chosen = params.augmentation
    chances = {
        "Warp": chosen.warp,
        "WeakenLines": chosen.weaken_lines,
        "RecolourParts": chosen.recolour_parts,
        "ReplaceBackground": chosen.replace_background,
        "Blur": chosen.blur,
        "Jpeg": chosen.jpeg,
        "CutOut": chosen.cut_out,
    }
    for step in pipeline:
        if step["type"] in chances:
            step["prob"] = chances[step["type"]]
        for key in ("margin", "pad_val"):
            if key in step:
                step[key] = tuple(mean)
        if "size" in step:
            step["size"] = params.size
    # A transform that never happens draws nothing either, so one more of them leaves the others' draws alone.
    return [step for step in pipeline if step.get("prob") != 0]


def _workers(number: int, device: str) -> int:
    """Processes that load and augment samples: ``CUBISEG_WORKERS``, else as many as there are cores for them.

    On a CPU the network wants most of them; an accelerator waits for what all of them load.

    Args:
        number: processes that train, each of which has so many.
        device: torch's device type.
    """
    wanted = settings.WORKERS.read()
    if wanted is not None:
        return wanted
    return max(1, min(8, cores() // 2 // number) if device == "cpu" else cores() // number - 1)


def _runner(config: Config, model: Any, folder: Path, seed: int, hooks: list[Hook]) -> Runner:
    folder.mkdir(parents=True, exist_ok=True)
    with quiet():
        return Runner(
            model=model,
            work_dir=str(folder),
            train_dataloader=config.train_dataloader,
            val_dataloader=config.val_dataloader,
            train_cfg=config.train_cfg,
            val_cfg=config.val_cfg,
            optim_wrapper=config.optim_wrapper,
            param_scheduler=config.param_scheduler,
            val_evaluator=[],  # MMEngine wants one beside a validation loop; this loop scores by itself
            default_hooks={"logger": None, "checkpoint": None, "timer": None, "sampler_seed": None},
            custom_hooks=hooks,
            load_from=config.load_from,
            resume=config.resume,
            env_cfg=config.env_cfg,
            launcher="pytorch" if processes.number() > 1 else "none",
            log_level=config.log_level,
            randomness={"seed": seed},
            # MMEngine keeps loggers and message hubs by this name: a second run in one process needs its own.
            experiment_name=f"{folder.name}-{next(_runs)}",
            default_scope=config.default_scope,
        )


class _one_line_from_workers:
    """Give errors of loader processes, which arrive with their traceback as text, their one line back."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type | None, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, CubisegError) and "\n" in str(error):
            line = str(error).strip().splitlines()[-1]
            raise CubisegError(line.partition("CubisegError: ")[2] or line) from error


def _write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    head = list(rows[0]) if rows else ["iteration"]
    lines = [",".join("" if row[key] is None else str(row[key]) for key in head) for row in rows]
    write_text(path, "\n".join([",".join(head), *lines]) + "\n")

"""MMEngine's runner of one training."""

import itertools
from pathlib import Path
from typing import Any

import torch
from mmengine import Config
from mmengine.device import get_device
from mmengine.hooks import EMAHook, Hook
from mmengine.runner import Runner

from cubiseg.errors import CubisegError
from cubiseg.model_info import ModelInfo
from cubiseg.segmentors.build import build_segmentor, quiet
from cubiseg.training import processes
from cubiseg.training.config import assemble
from cubiseg.training.params import TrainParams
from cubiseg.training.precision import depthwise_in_float32

# Averaged weights reach over at most about a tenth of the steps so far: a short run would else keep its random start.
_AVERAGED_SHARE = 10
_runs = itertools.count()


def build_runner(
    params: TrainParams,
    config: Config,
    info: ModelInfo,
    data: Path,
    folder: Path,
    hooks: list[Hook],
    start: Path | None = None,
) -> Runner:
    """MMEngine's runner of one training, ready for ``train()``; draws random numbers of the global generators.

    Args:
        params: what to train.
        config: config of the architecture, see :func:`cubiseg.segmentors.build.load_config`.
        info: description of the network.
        data: data set folder.
        folder: for checkpoints; a run that was killed goes on from what is there.
        hooks: what happens beside the steps.
        start: weights file that the whole network starts from.

    Raises:
        CubisegError: fp16 on a CPU, or a data set that cannot be used.
    """
    config = assemble(config, params, info, data, folder, start)
    model = build_segmentor(config)
    if params.precision == "bf16" and get_device() == "cpu":
        depthwise_in_float32(model)
    model = processes.shared(model.to(memory_format=torch.channels_last))
    return _runner(config, model, folder, params.seed, hooks)


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


def averaging_hook(params: TrainParams) -> Any:
    """MMEngine's hook for averaged weights, or None: they are validated and saved, statistics of norms included."""
    if not params.ema_momentum:
        return None
    return EMAHook("MomentumAnnealingEMA", momentum=params.ema_momentum, gamma=_AVERAGED_SHARE, update_buffers=True)


class one_line_from_workers:
    """Give errors of loader processes, which arrive with their traceback as text, their one line back.

    One that was killed is told as such.
    """

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type | None, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, CubisegError) and "\n" in str(error):
            line = str(error).strip().splitlines()[-1]
            raise CubisegError(line.partition("CubisegError: ")[2] or line) from error
        if isinstance(error, RuntimeError) and str(error).startswith("DataLoader worker (pid"):
            raise CubisegError(
                "training: a process that loads samples died, most likely for want of memory; "
                "set CUBISEG_WORKERS to a lower number"
            ) from error

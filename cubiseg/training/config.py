"""From an architecture's config and the params to the full config of a training."""

import copy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mmengine import Config
from mmengine.device import get_device

from cubiseg import lifetime, settings
from cubiseg.model_info import ModelInfo
from cubiseg.training import (
    data,  # noqa: F401 - registers the data set and its sampler
    processes,
    transforms,  # noqa: F401 - registers the transforms
)
from cubiseg.training.loop import as_arrays, as_list
from cubiseg.training.params import IMAGENET, TrainParams
from cubiseg.training.precision import optim_wrapper
from cubiseg.training.recipe import put_recipe
from cubiseg.training.resume import CHECKPOINT
from cubiseg.workers import cores

_AUXILIARY_WEIGHT = 0.4


def assemble(
    config: Config, params: TrainParams, info: ModelInfo, dataset: Path, folder: Path, start: Path | None = None
) -> Config:
    """A full MMEngine config: an architecture's, with parameters, data loaders, loops and schedules put in.

    Args:
        config: of the architecture.
        params: what to train.
        info: description of the network.
        dataset: data set folder.
        folder: for checkpoints.
        start: weights file that the whole network starts from.

    Raises:
        CubisegError: fp16 on a CPU.
    """
    config = Config(config.to_dict())
    if params.start != IMAGENET:
        config.model.pop("checkpoint", None)
        if start is not None:
            config.model.weights = str(start)
        if "pretrained" in config.model.backbone:  # as TimmEncoder has it
            config.model.backbone.pretrained = False
    _put_losses(config.model, params)
    pipelines = [
        _pipeline(copy.deepcopy(config.train_pipeline), params, info.mean, size)
        for size in (params.size, params.input_size)
    ]
    config.train_pipeline = pipelines[0]
    config.model.data_preprocessor.size = (params.size, params.size)
    device = get_device()
    number = processes.number()
    workers = _workers(number, device)
    common = {
        "num_workers": workers,
        "persistent_workers": False,
        # In a process that was itself spawned the default would be to spawn them: each imports everything anew.
        "multiprocessing_context": "fork" if workers and sys.platform == "linux" else None,
        # They hold nothing that must be taken back, so that the parent's end may kill them.
        "worker_init_fn": {
            "type": begin_loading,
            "follow": lifetime.ends_with_this(at_once=True),
        },
    }
    config.train_dataloader = {
        **common,
        "batch_size": params.batch_size // number,
        "sampler": {"type": "DrawSampler", "rank": processes.rank(), "number": number},
        "collate_fn": as_arrays,
        "dataset": {
            "type": "PictureDataset",
            "data": str(dataset),
            "split": "train",
            "pipeline": pipelines[0],
            "seed": params.seed,
            "last_pipeline": pipelines[1],
            "last_from": params.first_iters * params.batch_size,
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
            "data": str(dataset),
            "split": "val",
            "pipeline": [{"type": "LoadPicture"}, {"type": "LoadLabel"}],
        },
    }
    config.train_cfg = {
        "type": "SeededTrainLoop",
        "seed": params.seed,
        "rank": processes.rank(),
        "number": number,
        "pass_pixels": params.batch_size // number // params.gradient_accumulation * params.size**2,
        "max_iters": params.max_iters,
        "val_interval": params.val_interval,
    }
    config.val_cfg = {"type": "PictureValLoop", "info": info.model_dump()}
    config.optim_wrapper.update(optim_wrapper(params.precision, device))
    put_recipe(config, params)
    config.resume = (folder / CHECKPOINT).is_file()
    config.load_from = str(folder / CHECKPOINT) if config.resume else None
    return config


def begin_loading(worker: int, follow: Callable[[], None]) -> None:
    """What a process that loads samples does first.

    Args:
        worker: its number, as torch gives it; what is drawn depends on the number of the draw alone.
        follow: lets it end with the process that trains.
    """
    follow()


def _put_losses(model: Any, params: TrainParams) -> None:
    for head, weight in (("decode_head", 1.0), ("auxiliary_head", _AUXILIARY_WEIGHT)):
        if head in model:
            model[head].loss_decode = {
                "type": "CrossEntropyDiceLoss",
                "cross_entropy_weight": weight * params.cross_entropy_weight,
                "dice_weight": weight * params.dice_weight,
                "class_balance": params.class_balance,
                "boundary_weight": params.boundary_weight,
                "parts": params.parts,
                "split_weight": params.split_weight,
            }


def _pipeline(pipeline: list[Any], params: TrainParams, mean: tuple[float, ...], size: int) -> list[Any]:
    chosen = params.augmentation
    chances = {
        "SmallCrop": params.small_crops,
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
            step["size"] = size
        if step["type"] == "LoadLabel":
            step["parts"] = params.parts
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

"""Training from the first step to the last, so that a run that was killed ends with the bytes of one that was not.

What a step draws depends on the seed and its number alone, so a checkpoint holds weights, their average, the optimizer
and the step, and no random state.
"""

import hashlib
import json
import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import MethodType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from cubiseg import settings
from cubiseg.completion_training.augmentation import augmented
from cubiseg.completion_training.data import ALPHA, INDEX, LABEL, MAY_HIDE, RGB, TRUTH, VISIBLE, Crops
from cubiseg.completion_training.losses import losses
from cubiseg.completion_training.network import PARTS, CompletionNetwork, continued
from cubiseg.completion_training.params import CompletionParams, LearnParams
from cubiseg.errors import CubisegError
from cubiseg.files import atomic_write
from cubiseg.workers import cores

CHECKPOINT = "checkpoint.pt"
SAVE_EVERY, TELL_EVERY, MEASURE_EVERY = 100, 50, 500
"""Steps between two checkpoints, two lines of progress and two measurements."""
_AHEAD = 3
"""Batches that are made ready while the network learns."""
_MEASURED = 512
"""Crops that are measured on at most."""
_CLIP = 1.0
"""Largest norm of a step's gradients."""

_log = logging.getLogger(__name__)
Batch = tuple[Tensor, ...]


class Run:
    """Where a training stands.

    Args:
        params: what to train.
        folder: where its checkpoint lies; one that is there is taken up.
        network: a fresh one.

    Raises:
        CubisegError: the checkpoint is damaged.
    """

    def __init__(self, params: LearnParams, folder: Path, network: CompletionNetwork) -> None:
        self.params, self.folder, self.step = params, folder, 0
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # the stubs lack it
        self.average = {name: value.clone() for name, value in network.state_dict().items()}
        matrices = [p for p in network.parameters() if p.ndim > 1]
        others = [p for p in network.parameters() if p.ndim <= 1]
        groups = [
            {"params": matrices, "weight_decay": params.weight_decay},
            {"params": others, "weight_decay": 0.0},
        ]
        self.optimizer = torch.optim.AdamW(groups, lr=params.learning_rate)
        self._resume()

    def _resume(self) -> None:
        path = self.folder / CHECKPOINT
        if not path.is_file():
            return
        try:
            kept = torch.load(path, weights_only=True)
            self.network.load_state_dict(kept["network"])
            self.optimizer.load_state_dict(kept["optimizer"])
            self.average, self.step = kept["average"], int(kept["step"])
        except Exception as error:  # torch raises nearly anything on a damaged file
            raise CubisegError(f"{path}: is damaged; remove it to begin anew") from error
        _log.info("%s: goes on after step %d", path, self.step)

    def save(self) -> None:
        """Keep what is needed to go on."""
        kept = {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "average": self.average,
            "step": self.step,
        }
        with atomic_write(self.folder / CHECKPOINT) as file:
            torch.save(kept, file)

    def learn(self, batch: Batch) -> tuple[float, float]:
        """One step; the losses of shape and colour."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate(self.params, self.step)
        image, label, masks, part, truth, alpha = batch
        self.network.train()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.params.precision == "bf16"):
            logits, colours = self.network(image, label, masks, part)
        found = losses(logits, colours, masks.float() / 255, truth.float() / 255, alpha.float() / 255)
        self.optimizer.zero_grad(set_to_none=True)
        (found.shape + self.params.colour * found.colour).backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), _CLIP)
        self.optimizer.step()
        self.step += 1
        self._follow()
        return float(found.shape.detach()), float(found.colour.detach())

    @torch.no_grad()
    def _follow(self) -> None:
        keep = min(self.params.average, self.step / (self.step + 10))
        for name, value in self.network.state_dict().items():
            mean = self.average[name]
            if mean.is_floating_point():
                mean.lerp_(value, 1 - keep)
            else:
                mean.copy_(value)

    def averaged(self) -> CompletionNetwork:
        """The network with the averaged weights, ready for use."""
        network = CompletionNetwork(self.params.widths)
        network.load_state_dict(self.average)
        return network.eval()


def rate(params: LearnParams, step: int) -> float:
    """The learning rate of a step: up, level, and down to a hundredth (Hägele et al. 2024)."""
    done = step / params.steps
    rise = min(1.0, (step + 1) / max(1.0, params.warm_up * params.steps))
    fall = min(1.0, (1 - done) / params.decay) if params.decay else 1.0
    return params.learning_rate * rise * max(0.01, fall)


def folder_of(params: CompletionParams, crops: Path, work: Path) -> Path:
    """Where the checkpoint of a run lies, by what decides its result: parameters, crops and the network's form."""
    try:
        drawn = (crops / INDEX).read_bytes()
    except OSError:
        raise CubisegError(f"{crops}: has no crops; `python -m cubiseg.completion_training draw` draws them") from None
    form = json.dumps(
        [[name, list(v.shape)] for name, v in CompletionNetwork(params.train.widths).state_dict().items()]
    )
    digest = hashlib.sha256(params.train.model_dump_json().encode() + drawn + form.encode())
    return work / f"run-{digest.hexdigest()[:12]}"


def train(params: LearnParams, crops: Crops, validation: Crops, folder: Path) -> CompletionNetwork:
    """Train, or go on, until the last step.

    Args:
        params: what to train.
        crops: what to learn from.
        validation: what to measure on.
        folder: for the checkpoint.

    Returns:
        The network with averaged weights.

    Raises:
        CubisegError: a crop or the checkpoint cannot be read, the disk is full, or the loss is no longer finite.
    """
    torch.set_num_threads(settings.THREADS.read() or cores())
    run = begin(params, folder)
    told: list[tuple[float, float]] = []
    since = time.monotonic()
    for batch in _batches(params, crops, run.step):
        told.append(run.learn(batch))
        if not np.isfinite(told[-1]).all():
            raise CubisegError("training: the loss is no longer finite; lower train.learning_rate in completion.yaml")
        if run.step % TELL_EVERY == 0:
            shape, colour = np.mean(told, axis=0)
            speed = len(told) * params.batch_size / (time.monotonic() - since)
            left = (params.steps - run.step) * params.batch_size / speed / 60
            _log.info(
                "step %d of %d: shape %.4f, colour %.4f; %.1f crops/s, %.0f min left",
                *(run.step, params.steps, shape, colour, speed, left),
            )
            told, since = [], time.monotonic()
        if run.step % SAVE_EVERY == 0 or run.step == params.steps:
            run.save()
        if run.step % MEASURE_EVERY == 0 or run.step == params.steps:
            _log.info("step %d: %s", run.step, json.dumps(measure(run.averaged(), validation)))
            since = time.monotonic()
    return run.averaged()


def begin(params: LearnParams, folder: Path) -> Run:
    """A run as its checkpoint has it, or a fresh one."""
    with torch.random.fork_rng():
        torch.manual_seed(params.seed)
        network = CompletionNetwork(params.widths)
    if params.precision == "bf16":
        _depthwise_in_float32(network)
    return Run(params, folder, network)


def _depthwise_in_float32(network: nn.Module) -> None:
    """oneDNN's bfloat16 gradients of depthwise filters take several times as long as the float32 ones."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d) and module.groups > 1:
            module.forward = MethodType(_float32_forward, module)  # type: ignore[method-assign]


def _float32_forward(convolution: nn.Conv2d, x: Tensor) -> Tensor:
    with torch.autocast(x.device.type, enabled=False):
        out = convolution._conv_forward(x.float(), convolution.weight, convolution.bias)
    return out.to(x.dtype)


def _batches(params: LearnParams, crops: Crops, first: int) -> Iterator[Batch]:
    """Batches from step ``first`` on, made ready in a thread of their own."""
    chances = _chances(crops, params.balance)
    make = partial(_batch, params, crops, chances)
    with ThreadPoolExecutor(1) as pool:
        waiting = [pool.submit(make, step) for step in range(first, min(first + _AHEAD, params.steps))]
        for step in range(first, params.steps):
            ready = waiting.pop(0).result()
            if step + _AHEAD < params.steps:
                waiting.append(pool.submit(make, step + _AHEAD))
            yield ready


def _chances(crops: Crops, balance: float) -> np.ndarray:
    """How likely each crop is drawn: (N,) float64 that add up to 1."""
    _, which, counts = np.unique(crops.names, return_inverse=True, return_counts=True)
    weight = (1.0 / counts) ** balance
    chances = weight[which]
    return np.asarray(chances / chances.sum())


def _batch(params: LearnParams, crops: Crops, chances: np.ndarray, step: int) -> Batch:
    rng = np.random.default_rng((params.seed, step))
    numbers = rng.choice(len(crops), params.batch_size, p=chances)
    drawn = [(crops.load(int(n)), crops.names[int(n)]) for n in numbers]
    made = [
        augmented(*one, drawn[(k + 1) % len(drawn)], params.augmentation, np.random.default_rng((params.seed, step, k)))
        for k, one in enumerate(drawn)
    ]
    return _tensors(np.stack([crop for crop, _ in made]), [name for _, name in made])


def _tensors(crops: np.ndarray, names: list[str]) -> Batch:
    planes = torch.from_numpy(crops)
    part = torch.tensor([PARTS.index(name) for name in names])
    masks = planes[:, [VISIBLE, MAY_HIDE]]
    return planes[:, RGB], planes[:, LABEL], masks, part, planes[:, TRUTH], planes[:, ALPHA]


@torch.no_grad()
def measure(network: CompletionNetwork, crops: Crops) -> dict[str, Any]:
    """How well hidden areas of crops are met, and their colours beside those of the smooth continuation.

    Returns:
        Mean over crops with hidden pixels: IoU of the hidden area, by part too, and the mean absolute difference of
        colours on truly hidden pixels, in levels of 255, of the network and of the continuation.
    """
    by_part: dict[str, list[float]] = {}
    ours: list[float] = []
    smooth: list[float] = []
    every = max(1, len(crops) // _MEASURED)
    numbers = list(range(0, len(crops), every))
    for first in range(0, len(numbers), 16):
        some = numbers[first : first + 16]
        batch = _tensors(np.stack([crops.load(n) for n in some]), [crops.names[n] for n in some])
        image, label, masks, part, truth, alpha = batch
        logits, colours = network(image, label, masks, part)
        base = continued(image.float() / 255, masks[:, :1].float() / 255)
        beneath = masks[:, 1] >= 128
        found, there = (logits > 0) & beneath, (alpha >= 128) & beneath
        for k, number in enumerate(some):
            count = int(there[k].sum())
            if count < 4:
                continue
            iou = int((found[k] & there[k]).sum()) / int((found[k] | there[k]).sum())
            by_part.setdefault(crops.names[number], []).append(iou)
            for kept, said in ((ours, colours), (smooth, base)):
                difference = (255 * said[k].clamp(0, 1) - truth[k]).abs().mean(0)
                kept.append(float(difference[there[k]].mean()))
    means = {name: round(float(np.mean(values)), 3) for name, values in sorted(by_part.items())}
    if not means:
        return {}
    return {
        "hidden_iou": round(float(np.mean(list(means.values()))), 4),
        "colour": round(float(np.mean(ours)), 2),
        "colour_smooth": round(float(np.mean(smooth)), 2),
        "by_part": means,
    }

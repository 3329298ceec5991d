"""What happens beside the steps: curves, the best weights, progress."""

import logging
import time
from pathlib import Path
from typing import Any

from mmengine.dist import all_reduce
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cubiseg.model_info import ModelInfo
from cubiseg.segmentors.build import Network
from cubiseg.segmentors.weights import save_weights

log = logging.getLogger(__name__)


class CurvesHook(Hook):
    """Loss, learning rate and validation scores by step; carried through checkpoints.

    Args:
        interval: steps that one row of the training curve averages.

    Attributes:
        training: rows of ``iteration, loss, learning_rate``.
        validation: rows of ``iteration, mean_iou, mean_f1, small_part_f1``.
    """

    priority = "NORMAL"

    def __init__(self, interval: int) -> None:
        self.interval = interval
        self.training: list[dict[str, float]] = []
        self.validation: list[dict[str, float | None]] = []
        self._pending: list[float] = []

    def after_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None) -> None:
        """Note the loss of a step."""
        loss = outputs["loss"].detach().clone()
        all_reduce(loss, "mean")
        self._pending.append(loss.item())
        if self.every_n_train_iters(runner, self.interval) or runner.iter + 1 == runner.max_iters:
            row = {
                "iteration": runner.iter + 1,
                "loss": round(sum(self._pending) / len(self._pending), 6),
                "learning_rate": round(float(runner.optim_wrapper.param_groups[0]["lr"]), 9),
            }
            self.training.append(row)
            self._pending = []

    def after_val_epoch(self, runner: Any, metrics: dict[str, float | None] | None = None) -> None:
        """Note the scores of a validation."""
        self.validation.append({"iteration": runner.iter, **(metrics or {})})

    def before_save_checkpoint(self, runner: Any, checkpoint: dict[str, Any]) -> None:
        """Put the curves into the checkpoint."""
        checkpoint["curves"] = {"training": self.training, "validation": self.validation, "pending": self._pending}

    def after_load_checkpoint(self, runner: Any, checkpoint: dict[str, Any]) -> None:
        """Take the curves from the checkpoint."""
        curves = checkpoint["curves"]
        self.training, self.validation, self._pending = curves["training"], curves["validation"], curves["pending"]


class BestHook(Hook):
    """Keep the weights of the validation with the highest mean IoU, the first of equals; survives a resume."""

    # Before the hook that takes averaged weights out again: those that were validated are to be kept.
    priority = "ABOVE_NORMAL"

    def __init__(self) -> None:
        self._best: dict[str, Any] = {}

    def after_val_epoch(self, runner: Any, metrics: dict[str, float | None] | None = None) -> None:
        """Keep the weights if they are better."""
        scores = metrics or {}
        if self._best and not _mean_iou(scores) > _mean_iou(self._best["row"]):
            return
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        state = {name: value.detach().clone() for name, value in Network(model).state_dict().items()}
        self._best = {"row": {"iteration": runner.iter, **scores}, "state": state}

    def before_save_checkpoint(self, runner: Any, checkpoint: dict[str, Any]) -> None:
        """Put them into the checkpoint."""
        checkpoint["best"] = self._best

    def after_load_checkpoint(self, runner: Any, checkpoint: dict[str, Any]) -> None:
        """Take them from the checkpoint."""
        self._best = checkpoint["best"]

    def restore(self, network: Network) -> dict[str, Any]:
        """Put the best weights into a network; returns their row of the validation curve."""
        network.load_state_dict(self._best["state"])
        return self._best["row"]


class KeepHook(Hook):
    """Write the weights of each validation to a file, replaced whole: what a long run has learnt so far, ready for use.

    Args:
        path: weights file.
        info: description of the network.
    """

    # As BestHook: before averaged weights are taken out again.
    priority = "ABOVE_NORMAL"

    def __init__(self, path: Path, info: ModelInfo) -> None:
        self.path = path
        self.info = info

    def after_val_epoch(self, runner: Any, metrics: dict[str, float | None] | None = None) -> None:
        """Write them."""
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        save_weights(self.path, Network(model), self.info)


def _mean_iou(scores: dict[str, float | None]) -> float:
    value = scores.get("mean_iou")
    return -1.0 if value is None else value


class ProgressHook(Hook):
    """A bar on a terminal, and about twenty plain lines in a log: step, loss, validation score, time left."""

    priority = "LOW"

    def __init__(self, name: str) -> None:
        self.name = name
        self._bar: Progress | None = None

    def before_train(self, runner: Any) -> None:
        """Start the clock."""
        self._started, self._first = time.monotonic(), runner.iter
        self._loss: float | None = None
        self._score = ""
        console = Console(stderr=True)
        if console.is_terminal:
            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[note]}"),
            )
            self._bar = Progress(*columns, TimeRemainingColumn(), console=console)
            self._bar.start()
            self._task = self._bar.add_task(self.name, total=runner.max_iters, completed=runner.iter, note="")

    def after_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None) -> None:
        """Say how far it is."""
        loss = outputs["loss"].item()
        self._loss = loss if self._loss is None else 0.95 * self._loss + 0.05 * loss
        done, total = runner.iter + 1, runner.max_iters
        note = f"loss {self._loss:.3f}{self._score}"
        if self._bar is not None:
            self._bar.update(self._task, completed=done, note=note)
        elif done == total or done % max(1, total // 20) == 0:
            left = (time.monotonic() - self._started) / (done - self._first) * (total - done)
            log.info("%s %d/%d  %s  %.1f min left", self.name, done, total, note, left / 60)

    def after_val_epoch(self, runner: Any, metrics: dict[str, float | None] | None = None) -> None:
        """Remember the score for the next line."""
        value = (metrics or {}).get("mean_iou")
        self._score = "" if value is None else f"  val mean IoU {value:.3f}"

    def after_train(self, runner: Any) -> None:
        """Close the bar."""
        if self._bar is not None:
            self._bar.stop()

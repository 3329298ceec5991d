"""MMEngine's training loop with steps that draw from their number, and the validation between them."""

from typing import Any

import numpy as np
import torch
from mmengine.dist import all_reduce, broadcast
from mmengine.model import is_model_wrapper
from mmengine.registry import LOOPS
from mmengine.runner import BaseLoop, IterBasedTrainLoop

from cubiseg import scores, taxonomy
from cubiseg.model_info import ModelInfo
from cubiseg.segmentors.build import Network
from cubiseg.segmentors.predictor import Predictor
from cubiseg.training.randomness import seeded


@LOOPS.register_module()
class SeededTrainLoop(IterBasedTrainLoop):
    """What a step draws (dropout, stochastic depth) is a function of the seed and the step's number.

    So checkpoints need no random state, and a resumed run equals an undisturbed one.

    Args:
        seed: seed of the run.
        rank: number of this process, from 0; each draws for itself.
    """

    def __init__(self, runner: Any, dataloader: Any, seed: int, rank: int = 0, **kwargs: Any) -> None:
        super().__init__(runner, dataloader, **kwargs)
        self.seed = seed
        self.rank = rank

    def run_iter(self, data_batch: Any) -> None:
        """One step."""
        with seeded(self.seed, 2, self._iter, *([self.rank] if self.rank else [])):
            super().run_iter(data_batch)


@LOOPS.register_module()
class PictureValLoop(BaseLoop):
    """Label whole pictures as inference does, and score their classes at their own size.

    Args:
        dataloader: gives lists of ``{"img": (H, W, 3) uint8, "gt_seg_map": (H, W) uint8, class ids}``.
        info: description of the network, as the model file will carry it.
    """

    def __init__(self, runner: Any, dataloader: Any, info: dict[str, Any], **_: object) -> None:
        super().__init__(runner, dataloader)
        self.info = ModelInfo.model_validate(info)

    @torch.no_grad()
    def run(self) -> dict[str, float | None]:
        """Scores; hooks get them at ``after_val_epoch``."""
        self.runner.call_hook("before_val")
        self.runner.call_hook("before_val_epoch")
        model = self.runner.model.module if is_model_wrapper(self.runner.model) else self.runner.model
        for buffer in model.buffers():
            broadcast(buffer)  # each process has statistics of its own share
        model.eval()
        predict = Predictor(Network(model), self.info)
        matrix = np.zeros((taxonomy.NUM_CLASSES, taxonomy.NUM_CLASSES), np.int64)
        for batch in self.dataloader:
            for item in batch:
                label, _ = predict(item["img"])
                classes = taxonomy.CLASS_OF[label]
                matrix += scores.confusion_matrix(item["gt_seg_map"], classes, taxonomy.NUM_CLASSES)
        all_reduce(torch.from_numpy(matrix))
        counts = scores.Counts(matrix, np.zeros((taxonomy.NUM_CLASSES, 4), np.int64))
        parts = range(1, taxonomy.NUM_CLASSES)
        metrics = {
            "mean_iou": scores.mean(scores.iou(counts), parts),
            "mean_f1": scores.mean(scores.f1(counts), parts),
            "small_part_f1": scores.mean(scores.f1(counts), taxonomy.SMALL_PART_IDS),
        }
        rounded = {k: round(v, 5) if np.isfinite(v) else None for k, v in metrics.items()}
        self.runner.call_hook("after_val_epoch", metrics=rounded)
        self.runner.call_hook("after_val")
        return rounded


def as_list(batch: list[Any]) -> list[Any]:
    """Collate function that leaves a batch as it is."""
    return batch

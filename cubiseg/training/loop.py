"""MMEngine's training loop with steps that draw from their number, and the validation between them."""

from contextlib import nullcontext
from typing import Any

import numpy as np
import torch
from mmengine.dist import all_reduce, broadcast
from mmengine.model import is_model_wrapper
from mmengine.registry import LOOPS
from mmengine.runner import BaseLoop, IterBasedTrainLoop
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample
from torch import Tensor

from cubiseg import scores, taxonomy
from cubiseg.model_info import ModelInfo
from cubiseg.segmentors.build import Network
from cubiseg.segmentors.predictor import Predictor
from cubiseg.training.randomness import seeded


@LOOPS.register_module()
class SeededTrainLoop(IterBasedTrainLoop):
    """What a step draws (dropout, stochastic depth) is a function of the seed, the step's number and the pass.

    So checkpoints need no random state, and a resumed run equals an undisturbed one. A pass draws by the samples in it,
    so that two passes of one process and one pass of two processes take the same steps.

    Args:
        seed: seed of the run.
        rank: number of this process, from 0.
        number: number of processes.
        pass_pixels: pixels that go through the network at once; a batch of more is passed in parts, whose gradients are
            summed to the batch's (gradient accumulation), so that it takes no more memory.
    """

    def __init__(
        self,
        runner: Any,
        dataloader: Any,
        seed: int,
        pass_pixels: int,
        rank: int = 0,
        number: int = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(runner, dataloader, **kwargs)
        self.seed = seed
        self.rank = rank
        self.number = number
        self.pass_pixels = pass_pixels

    def run(self) -> Any:
        """All steps; the processes that load are ended with the last one."""
        try:
            return super().run()
        finally:
            # Left to the garbage collector, each of them is waited for in vain for five seconds: in a cycle of garbage
            # the queue that would tell it to end is closed before torch writes to it.
            loading: Any = getattr(self.dataloader_iterator, "_iterator", None)
            if hasattr(loading, "_shutdown_workers"):
                loading._shutdown_workers()

    def run_iter(self, data_batch: Any) -> None:
        """One step over a batch of :func:`as_arrays`."""
        self.runner.call_hook("before_train_iter", batch_idx=self._iter, data_batch=data_batch)
        loss = self._step([as_samples(part) for part in in_passes(data_batch, self.pass_pixels)])
        self.runner.call_hook("after_train_iter", batch_idx=self._iter, data_batch=data_batch, outputs={"loss": loss})
        self._iter += 1

    def _step(self, parts: list[dict[str, list[Any]]]) -> Tensor:
        """One step of the optimizer over all parts of a batch; the loss is the mean over its samples, everywhere."""
        model, wrapper = self.runner.model, self.runner.optim_wrapper
        together = is_model_wrapper(model)
        inner: Any = model.module if together else model
        samples = sum(len(part["inputs"]) for part in parts)
        whole = torch.zeros(())
        for place, part in enumerate(parts):
            share = len(part["inputs"]) / samples
            draws = self.rank + self.number * place
            # Processes exchange the sum of a batch's gradients, once.
            alone = together and place < len(parts) - 1
            with (
                seeded(self.seed, 2, self._iter, *([draws] if draws else [])),
                model.no_sync() if alone else nullcontext(),
            ):
                with wrapper.optim_context(model):
                    losses = model._run_forward(inner.data_preprocessor(part, True), mode="loss")
                loss, _ = inner.parse_losses(losses)
                wrapper.backward(loss * share)
            whole = whole.to(loss.device) + loss.detach() * share
        wrapper.step()
        wrapper.zero_grad()
        all_reduce(whole, "mean")
        return whole


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


def as_arrays(batch: list[Any]) -> list[tuple[np.ndarray, np.ndarray, dict[str, Any]]]:
    """Collate function: what a training sample holds, without a tensor.

    Arrays go through the queue's pipe. A tensor would be handed over as a descriptor that torch fetches from a thread
    of the loader process: where that process is killed, the training would see an EOFError that names nothing.

    Args:
        batch: samples as MMSegmentation packs them.

    Returns:
        Of each sample the picture ((3, H, W)), the label map ((1, H, W) uint8) and the sample's facts.
    """
    return [
        (
            sample["inputs"].numpy(),
            sample["data_samples"].gt_sem_seg.data.numpy().astype(np.uint8),
            sample["data_samples"].metainfo,
        )
        for sample in batch
    ]


def in_passes(batch: list[Any], pixels: int) -> list[list[Any]]:
    """A batch of :func:`as_arrays` in parts of about ``pixels`` pixels and, for statistics, at least two samples.

    Parts differ in length by one sample at most. Each takes every so many-th sample, as processes do (``DrawSampler``).
    """
    most = max(2, pixels // batch[0][0][0].size)
    number = max(1, min(-(-len(batch) // most), len(batch) // 2))
    return [batch[first::number] for first in range(number)]


def as_samples(batch: list[tuple[np.ndarray, np.ndarray, dict[str, Any]]]) -> dict[str, list[Any]]:
    """A batch of :func:`as_arrays` as MMSegmentation's models take it."""
    labels = (torch.from_numpy(label).long() for _, label, _ in batch)
    facts = (facts for *_, facts in batch)
    return {
        "inputs": [torch.from_numpy(picture) for picture, *_ in batch],
        "data_samples": [
            SegDataSample(gt_sem_seg=PixelData(data=label), metainfo=known)
            for label, known in zip(labels, facts, strict=True)
        ],
    }

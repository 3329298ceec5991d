"""Losses on logits."""

from typing import Any

import torch
import torch.nn.functional as F
from mmseg.registry import MODELS
from torch import Tensor, nn

BOUNDARY_REACH = 2
"""Pixels on each side of a boundary that count as near it; the boundary F-score is measured within as many."""


def near_boundary(label: Tensor, ignore_index: int = 255, reach: int = BOUNDARY_REACH) -> Tensor:
    """Where a pixel of another class lies at most ``reach`` pixels away, in a square around.

    Args:
        label: (N, H, W) int64 class ids.
        ignore_index: value of pixels that do not count; next to them there is no boundary.

    Returns:
        (N, H, W) bool.
    """
    ids = label.to(torch.float32)
    ignored = label == ignore_index
    largest, negated_smallest = torch.stack([ids, -ids]).masked_fill_(ignored, -torch.inf)
    for kernel, padding in (((2 * reach + 1, 1), (reach, 0)), ((1, 2 * reach + 1), (0, reach))):
        largest = F.max_pool2d(largest, kernel, stride=1, padding=padding)
        negated_smallest = F.max_pool2d(negated_smallest, kernel, stride=1, padding=padding)
    return (largest != -negated_smallest) & ~ignored


def sums_by_class(values: Tensor, label: Tensor, classes: int, by_index: bool) -> Tensor:
    """Sum the values of each class's pixels: (``classes``,), of the values' type.

    Args:
        values: floating point.
        label: int64 class ids, of the same shape.
        by_index: in one pass, the fastest way on a CPU. Where the order of sums is fixed, CUDA adds so one value after
            the other; without it there is a pass for each class.
    """
    if by_index:
        return values.new_zeros(classes).index_add_(0, label.flatten(), values.flatten())
    return torch.stack([(values * (label == c)).sum() for c in range(classes)])


@MODELS.register_module()
class CrossEntropyDiceLoss(nn.Module):
    """Cross-entropy plus soft Dice loss (Milletari et al. 2016).

    Cross-entropy is a weighted mean over the pixels that count, Dice a mean over the classes that occur in the batch.
    Dice alone does not find a class of a few pixels: its gradient shrinks with the chance that the class is given.
    MMSegmentation's Dice sums over all classes, so that the background decides, and counts what is predicted on ignored
    pixels. Both share one softmax, and the gradient is written down, not recorded: the two losses apart took a third
    of a training step on a CPU.

    Args:
        cross_entropy_weight, dice_weight: factors of the two parts.
        class_balance: a pixel of a class that holds the share s of the batch weighs ``s ** -class_balance`` in the
            cross-entropy: 0 weighs pixels alike, 1 classes.
        boundary_weight: a pixel at most :data:`BOUNDARY_REACH` px from another class weighs ``1 + boundary_weight``
            times as much in the cross-entropy; after the weight map of Ronneberger et al. (2015), with a step for its
            bell.
    """

    loss_name = "loss_segmentation"

    def __init__(
        self,
        cross_entropy_weight: float = 1.0,
        dice_weight: float = 1.0,
        class_balance: float = 0.0,
        boundary_weight: float = 0.0,
    ) -> None:
        super().__init__()
        self.cross_entropy_weight = cross_entropy_weight
        self.dice_weight = dice_weight
        self.class_balance = class_balance
        self.boundary_weight = boundary_weight

    def forward(self, logits: Tensor, label: Tensor, ignore_index: int = 255, **_: object) -> Tensor:
        """Loss, a scalar.

        Args:
            logits: (N, C, H, W) floating point.
            label: (N, H, W) int64 class ids.
            ignore_index: value of pixels that do not count.
        """
        # Not a number in autocast's reduced precision: sums over a batch of pixels need float32.
        with torch.autocast(logits.device.type, enabled=False):
            factors = self.cross_entropy_weight, self.dice_weight, self.class_balance, self.boundary_weight
            return _CrossEntropyDice.apply(logits, label, ignore_index, factors)


class _CrossEntropyDice(torch.autograd.Function):
    """a * weighted mean of -log p_y + b * mean over present classes of 1 - (2 O + 1) / (S + T + 1).

    p is the softmax of the logits, y the label; O, S and T are sums over counted pixels of a class's overlap,
    prediction and truth.
    """

    @staticmethod
    def forward(
        context: Any, logits: Tensor, label: Tensor, ignore_index: int, factors: tuple[float, float, float, float]
    ) -> Tensor:
        cross_entropy_weight, dice_weight, class_balance, boundary_weight = factors
        classes = logits.shape[1]
        counted = label != ignore_index
        truth = label.where(counted, 0).unsqueeze(1)
        weight = counted.to(torch.float32)

        p = logits.log_softmax(dim=1, dtype=torch.float32)
        log_p_true = p.gather(1, truth).squeeze(1) * weight
        p = p.exp_()
        p_true = log_p_true.exp() * weight

        by_index = p.device.type == "cpu"
        overlap = sums_by_class(p_true, truth.squeeze(1), classes, by_index)
        size = sums_by_class(weight, truth.squeeze(1), classes, by_index)
        claimed = torch.stack([(p[:, c] * weight).sum() for c in range(classes)])
        bottom = claimed + size + 1
        dice = (2 * overlap + 1) / bottom
        present = (size > 0).to(torch.float32)
        share = dice_weight / present.sum().clamp(min=1)
        importance = (size.clamp(min=1) / size.sum().clamp(min=1)) ** -class_balance
        per_pixel = importance[label.where(counted, 0)] * weight
        if boundary_weight:
            per_pixel *= 1 + boundary_weight * near_boundary(label, ignore_index)
        per_pixel *= cross_entropy_weight / per_pixel.sum().clamp(min=1e-6)
        loss = share * ((1 - dice) * present).sum() - (per_pixel * log_p_true).sum()
        if not context.needs_input_grad[0]:
            return loss

        # Derivative of the Dice part by p_c: `everywhere` at all counted pixels, plus `at_true` where c is the label.
        everywhere = share * present * dice / bottom
        at_true = -2 * share * present / bottom
        mean = sum(p[:, c] * everywhere[c] for c in range(classes)) + at_true[truth.squeeze(1)] * p_true
        common = per_pixel - weight * mean
        for c in range(classes):
            p[:, c] *= common + weight * everywhere[c]
        p.scatter_add_(1, truth, (at_true[truth.squeeze(1)] * p_true - per_pixel).unsqueeze(1))
        context.save_for_backward(p.to(logits.dtype))
        return loss

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (by_logits,) = context.saved_tensors
        return by_logits * gradients[0], None, None, None

"""Losses on logits."""

from functools import partial
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from mmseg.registry import MODELS
from torch import Tensor, nn

from cubiseg import taxonomy

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

    With ``parts`` there are logits of classes and of parts within their class (see ``ModelInfo``), and each pixel is
    told at the level that its label has. The loss is then the sum of two:

    - Of classes, at every pixel that counts: the loss above. A class costs the logarithm of the sum of its parts'
      probabilities, and what is told of classes alone does not touch the split into parts.
    - Of the split, times ``split_weight``, at pixels whose part is told: the cross-entropy of the part's probability
      within its class, and Dice of these probabilities over the told pixels of the class, a mean over the parts that
      occur. A part's share of the batch, by which its pixels weigh, is its class's share times the part's share among
      the told pixels of the class, so that it does not depend on how many are told. The weighted mean goes over all
      pixels that count; those told at the level of classes weigh as their class, and add nothing above the line.

    So with ``class_balance`` 0 and ``split_weight`` 1 both cross-entropies together are the mean of ``-log`` of the
    probability of the part, or where only the class is told of the sum of its parts'.

    Args:
        cross_entropy_weight, dice_weight: factors of the two parts.
        class_balance: a pixel of a class that holds the share s of the batch weighs ``s ** -class_balance`` in the
            cross-entropy: 0 weighs pixels alike, 1 classes.
        boundary_weight: a pixel at most :data:`BOUNDARY_REACH` px from another class weighs ``1 + boundary_weight``
            times as much in the cross-entropy; after the weight map of Ronneberger et al. (2015), with a step for its
            bell.
        parts: whether there are logits of parts after those of classes, and labels may tell parts.
        split_weight: factor of the loss of the split into parts.
    """

    loss_name = "loss_segmentation"

    def __init__(
        self,
        cross_entropy_weight: float = 1.0,
        dice_weight: float = 1.0,
        class_balance: float = 0.0,
        boundary_weight: float = 0.0,
        parts: bool = False,
        split_weight: float = 1.0,
    ) -> None:
        super().__init__()
        self.cross_entropy_weight = cross_entropy_weight
        self.dice_weight = dice_weight
        self.class_balance = class_balance
        self.boundary_weight = boundary_weight
        self.parts = parts
        self.split_weight = split_weight

    def forward(self, logits: Tensor, label: Tensor, ignore_index: int = 255, **_: object) -> Tensor:
        """Loss, a scalar.

        Args:
            logits: (N, C, H, W) floating point, or with ``parts`` (N, C + P, H, W).
            label: (N, H, W) int64 class ids, or ids of either level.
            ignore_index: value of pixels that do not count.
        """
        # Not a number in autocast's reduced precision: sums over a batch of pixels need float32.
        with torch.autocast(logits.device.type, enabled=False):
            factors = self.cross_entropy_weight, self.dice_weight, self.class_balance, self.boundary_weight
            formula = partial(_of_both_levels, self.split_weight) if self.parts else _of_classes
            return _Written.apply(logits, label, ignore_index, factors, formula)


Factors = tuple[float, float, float, float]
"""Weights of cross-entropy and Dice, class balance and boundary weight."""


class _Written(torch.autograd.Function):
    """A loss whose formula gives its gradient by the logits too, where one is wanted."""

    @staticmethod
    def forward(
        context: Any, logits: Tensor, label: Tensor, ignore_index: int, factors: Factors, formula: Any
    ) -> Tensor:
        loss, by_logits = formula(logits, label, ignore_index, factors, context.needs_input_grad[0])
        if by_logits is not None:
            context.save_for_backward(by_logits.to(logits.dtype))
        return loss

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (by_logits,) = context.saved_tensors
        (factor,) = gradients
        # Mostly 1; to look would let an accelerator wait.
        scaled = by_logits if factor.device.type == "cpu" and factor == 1 else by_logits * factor
        return scaled, None, None, None, None


def _of_classes(
    logits: Tensor, label: Tensor, ignore_index: int, factors: Factors, differentiate: bool
) -> tuple[Tensor, Tensor | None]:
    """a * weighted mean of -log p_y + b * mean over present classes of 1 - (2 O + 1) / (S + T + 1).

    p is the softmax of the logits, y the label; O, S and T are sums over counted pixels of a class's overlap,
    prediction and truth.

    Returns:
        The loss, and its gradient by the logits, or None where it is not wanted.
    """
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
    if not differentiate:
        return loss, None

    # Derivative of the Dice part by p_c: `everywhere` at all counted pixels, plus `at_true` where c is the label.
    everywhere = share * present * dice / bottom
    at_true = -2 * share * present / bottom
    mean = sum(p[:, c] * everywhere[c] for c in range(classes)) + at_true[truth.squeeze(1)] * p_true
    common = per_pixel - weight * mean
    for c in range(classes):
        p[:, c] *= common + weight * everywhere[c]
    p.scatter_add_(1, truth, (at_true[truth.squeeze(1)] * p_true - per_pixel).unsqueeze(1))
    return loss, p


_PLACE_OF = np.full(256, -1, np.int64)
"""Place in ``taxonomy.OUTPUT_IDS`` of a part, by its id; -1 for what is none."""
_PLACE_OF[[p.id for p in taxonomy.PARTS]] = np.arange(taxonomy.NUM_CLASSES, len(taxonomy.OUTPUT_IDS))
_CLASS_OF = taxonomy.CLASS_OF.astype(np.int64)
_APART = tuple((c, first, end) for c, (first, end) in enumerate(taxonomy.PART_RANGES) if first >= taxonomy.NUM_CLASSES)
"""Of each class that has parts: its id, and their range among the outputs."""


def _of_both_levels(
    split_weight: float, logits: Tensor, label: Tensor, ignore_index: int, factors: Factors, differentiate: bool
) -> tuple[Tensor, Tensor | None]:
    """The loss of classes, plus ``split_weight`` times :func:`_of_split`; the same results."""
    n, outputs, height, width = logits.shape
    told = torch.where(label == ignore_index, taxonomy.IGNORE_INDEX, label)
    classes = torch.from_numpy(_CLASS_OF).to(logits.device)[told]
    of_classes = logits[:, : taxonomy.NUM_CLASSES]
    loss, by_classes = _of_classes(of_classes, classes, taxonomy.IGNORE_INDEX, factors, differentiate)
    # A row a pixel: the pixels of a class, and the outputs of its parts, are then picked at once.
    rows = logits.permute(0, 2, 3, 1).reshape(-1, outputs)
    split, by_split = _of_split(rows, told, factors)
    loss = loss + split_weight * split
    if by_classes is None:
        return loss, None
    by_outputs = torch.zeros_like(rows)
    by_outputs[:, : taxonomy.NUM_CLASSES] = by_classes.permute(0, 2, 3, 1).reshape(len(rows), -1)
    for where, (first, end), gradient in by_split:
        by_outputs[where, first:end] = (split_weight * gradient).to(rows.dtype)
    return loss, by_outputs.view(n, height, width, outputs).permute(0, 3, 1, 2)


def _of_split(
    rows: Tensor, label: Tensor, factors: Factors
) -> tuple[Tensor, list[tuple[Tensor, tuple[int, int], Tensor]]]:
    """a * weighted mean of -log q_y + b * mean over present parts of 1 - (2 O + 1) / (S + T + 1).

    q is the softmax of the logits of one class's parts, at the pixels whose label y is one of these parts.

    Args:
        rows: (N H W, C + P) floating point, logits.
        label: (N, H, W) int64, ids of either level; 255 does not count.
        factors: see :data:`Factors`.

    Returns:
        The loss; and for classes whose parts are told the numbers of the rows, the range of the parts' outputs, and
        the gradient by these logits.
    """
    cross_entropy_weight, dice_weight, balance, boundary_weight = factors
    device = rows.device
    class_of, place_of = torch.from_numpy(_CLASS_OF).to(device), torch.from_numpy(_PLACE_OF).to(device)
    pixels = torch.bincount(label.flatten(), minlength=256).to(torch.float32)
    pixels[taxonomy.IGNORE_INDEX] = 0
    of_class = torch.stack([pixels[class_of == c].sum() for c in range(taxonomy.NUM_CLASSES)])
    share = of_class / of_class.sum().clamp(min=1)
    told = pixels[torch.from_numpy(taxonomy.OUTPUT_IDS.astype(np.int64)).to(device)]
    # By id: what its pixels weigh.
    importance = torch.zeros(256, device=device)
    importance[: taxonomy.NUM_CLASSES] = share.clamp(min=1e-9) ** -balance
    for c, first, end in _APART:
        own = torch.from_numpy(taxonomy.OUTPUT_IDS[first:end].astype(np.int64)).to(device)
        parts = told[first:end]
        importance[own] = (share[c] * parts / parts.sum().clamp(min=1)).clamp(min=1e-9) ** -balance
    weight = importance[label]
    if boundary_weight:
        weight = weight * (1 + boundary_weight * near_boundary(label, taxonomy.IGNORE_INDEX))
    weight = (weight * (cross_entropy_weight / weight.sum().clamp(min=1e-6))).flatten()

    present = (told > 0).to(torch.float32)
    dice_share = dice_weight / present[taxonomy.NUM_CLASSES :].sum().clamp(min=1)
    place = place_of[label].flatten()
    loss = torch.zeros((), device=device)
    gradients = []
    for _, first, end in _APART:
        where = ((place >= first) & (place < end)).nonzero().squeeze(1)
        if not len(where):
            continue
        # A row a part: sums along the few parts are slow.
        is_true = (place[where] == torch.arange(first, end, device=device).unsqueeze(1)).to(torch.float32)
        log_q = rows[:, first:end][where].T.to(torch.float32, memory_format=torch.contiguous_format).log_softmax(0)
        q, own = log_q.exp(), weight[where]
        bottom = q.sum(1, True) + told[first:end, None] + 1
        dice = (2 * (q * is_true).sum(1, True) + 1) / bottom
        factor = dice_share * present[first:end, None]
        loss = loss + (factor * (1 - dice)).sum() - (own * is_true * log_q).sum()
        by_q = factor * dice / bottom - 2 * factor / bottom * is_true
        gradients.append((where, (first, end), (q * (by_q - (q * by_q).sum(0)) + own * (q - is_true)).T))
    return loss, gradients

"""How far a completion is from the truth: where the part is, and which colours it has where it is hidden."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

_SEEN = 0.1
"""Weight of the colours of seen pixels beside hidden ones: they are replaced, but hidden ones must join them."""
_LINE = 3.0
"""How much more colours weigh where the truth has an edge: a line is few pixels."""
_ENOUGH = 40.0
"""Hidden pixels from which on a crop's colours count fully."""

_RIGHT, _LEFT = (..., slice(1, None)), (..., slice(None, -1))
_LOWER, _UPPER = (..., slice(1, None), slice(None)), (..., slice(None, -1), slice(None))


@dataclass(frozen=True)
class Losses:
    """Means over a batch: shape is binary cross-entropy and Dice, colour absolute differences of values and edges."""

    shape: Tensor
    colour: Tensor


def losses(logits: Tensor, colours: Tensor, masks: Tensor, truth: Tensor, alpha: Tensor) -> Losses:
    """Compare completions with the truth.

    Args:
        logits: (N, S, S) float32.
        colours: (N, 3, S, S) float32, 0..1.
        masks: (N, 2, S, S) float32, 0..1: what is seen, what may hide.
        truth: (N, 3, S, S) float32, 0..1.
        alpha: (N, S, S) float32, 0..1.
    """
    seen, may_hide = masks[:, 0], masks[:, 1]
    return Losses(_shape(logits, may_hide, alpha), _colour(colours, seen, may_hide, truth, alpha))


def _shape(logits: Tensor, may_hide: Tensor, alpha: Tensor) -> Tensor:
    entropy = F.binary_cross_entropy_with_logits(logits, alpha, reduction="none")
    area = may_hide.sum((1, 2))
    # Half of the weight is the hidden area's neighbourhood, however much of the crop may hide something.
    near = F.max_pool2d((may_hide * alpha)[:, None], 9, 1, 4)[:, 0] * may_hide
    mean = (entropy * may_hide).sum((1, 2)) / (area + 1) + (entropy * near).sum((1, 2)) / (near.sum((1, 2)) + 1)
    probability = torch.sigmoid(logits) * may_hide
    hidden = alpha * may_hide
    both, either = (probability * hidden).sum((1, 2)), (probability + hidden).sum((1, 2))
    dice = 1 - (2 * both + 1) / (either + 1)
    return (mean + dice).mean()


def _colour(colours: Tensor, seen: Tensor, may_hide: Tensor, truth: Tensor, alpha: Tensor) -> Tensor:
    hidden = may_hide * (alpha > 0.3) * alpha
    across = (truth[_RIGHT] - truth[_LEFT]).abs().amax(1)
    down = (truth[_LOWER] - truth[_UPPER]).abs().amax(1)
    line = F.pad(across, (0, 1)) + F.pad(down, (0, 0, 0, 1))
    weight = (hidden + _SEEN * seen) * (1 + _LINE * line.clamp(max=1))
    value = ((colours - truth).abs().mean(1) * weight).sum((1, 2)) / (weight.sum((1, 2)) + 1)
    drift = []
    for nearer, farther in ((_RIGHT, _LEFT), (_LOWER, _UPPER)):
        both = torch.minimum(hidden[nearer], hidden[farther])
        found = colours[nearer] - colours[farther] - truth[nearer] + truth[farther]
        drift.append((found.abs().mean(1) * both).sum((1, 2)) / (both.sum((1, 2)) + 1))
    counts = (hidden.sum((1, 2)) / _ENOUGH).clamp(max=1)
    return ((value + sum(drift)) * (counts + 0.1)).mean()

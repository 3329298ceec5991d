"""The written-down gradient is the gradient."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from cubiseg.segmentors.losses import CrossEntropyDiceLoss


def plain(logits: Tensor, label: Tensor, cross_entropy: float, dice: float, balance: float) -> Tensor:
    """The same loss by autograd."""
    counted = label != 255
    p = logits.softmax(1) * counted[:, None]
    t = F.one_hot(label.where(counted, 0), logits.shape[1]).permute(0, 3, 1, 2) * counted[:, None]
    overlap, claimed, size = ((x).sum((0, 2, 3)) for x in (p * t, p, t))
    score = (2 * overlap + 1) / (claimed + size + 1)
    importance = (size.clamp(min=1) / size.sum()) ** -balance
    first = F.cross_entropy(logits, label, weight=importance, ignore_index=255)
    return cross_entropy * first + dice * (1 - score)[size > 0].mean()


@pytest.mark.parametrize("weights", [(1.0, 1.0, 0.0), (0.0, 2.0, 1.0), (0.7, 0.0, 0.0), (0.7, 1.3, 0.5)])
def test_value_and_gradient_match_autograd(weights: tuple[float, float, float]) -> None:
    generator = torch.Generator().manual_seed(3)
    logits = (torch.randn(2, 5, 7, 6, generator=generator) * 3).requires_grad_()
    label = torch.randint(0, 4, (2, 7, 6), generator=generator)  # class 4 does not occur
    label[0, :3] = 255
    loss = CrossEntropyDiceLoss(*weights)(logits, label)
    expected = plain(logits, label, *weights)
    torch.testing.assert_close(loss, expected)
    (found,) = torch.autograd.grad(3 * loss, logits)
    (wanted,) = torch.autograd.grad(3 * expected, logits)
    torch.testing.assert_close(found, wanted)
    assert (found[0, :, :3] == 0).all(), "ignored pixels pull at nothing"


def test_a_perfect_prediction_costs_nothing_and_a_batch_without_labels_neither() -> None:
    label = torch.randint(0, 3, (1, 8, 8), generator=torch.Generator().manual_seed(0))
    logits = 50.0 * F.one_hot(label, 3).permute(0, 3, 1, 2)
    assert CrossEntropyDiceLoss()(logits, label) < 1e-3
    assert CrossEntropyDiceLoss()(logits, torch.full_like(label, 255)) == 0


def test_bfloat16_logits_get_bfloat16_gradients() -> None:
    logits = torch.zeros(1, 3, 4, 4, dtype=torch.bfloat16, requires_grad=True)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = CrossEntropyDiceLoss()(logits, torch.zeros(1, 4, 4, dtype=torch.int64))
    loss.backward()
    assert loss.dtype == torch.float32 and logits.grad is not None and logits.grad.dtype == torch.bfloat16

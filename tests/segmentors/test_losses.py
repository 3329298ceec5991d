"""The written-down gradient is the gradient."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from cubiseg.segmentors.losses import CrossEntropyDiceLoss, near_boundary, sums_by_class


def near(label: Tensor, reach: int = 2) -> Tensor:
    """The same as ``near_boundary``, pixel by pixel."""
    found = torch.zeros_like(label, dtype=torch.bool)
    for n, y, x in (label != 255).nonzero().tolist():
        around = label[n, max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1]
        found[n, y, x] = ((around != 255) & (around != label[n, y, x])).any()
    return found


def plain(logits: Tensor, label: Tensor, cross_entropy: float, dice: float, balance: float, boundary: float) -> Tensor:
    """The same loss by autograd."""
    counted = label != 255
    p = logits.softmax(1) * counted[:, None]
    t = F.one_hot(label.where(counted, 0), logits.shape[1]).permute(0, 3, 1, 2) * counted[:, None]
    overlap, claimed, size = ((x).sum((0, 2, 3)) for x in (p * t, p, t))
    score = (2 * overlap + 1) / (claimed + size + 1)
    importance = (size.clamp(min=1) / size.sum()) ** -balance
    weight = importance[label.where(counted, 0)] * counted * (1 + boundary * near(label))
    first = (F.cross_entropy(logits, label, ignore_index=255, reduction="none") * weight).sum() / weight.sum()
    return cross_entropy * first + dice * (1 - score)[size > 0].mean()


def blotches(generator: torch.Generator) -> Tensor:
    """(2, 14, 12) ids 0..3 in blocks of 7 by 6, so that some pixels are far from a boundary."""
    blocks = torch.randint(0, 4, (2, 2, 2), generator=generator)
    return blocks.repeat_interleave(7, 1).repeat_interleave(6, 2)


def test_sums_by_class_are_the_same_in_one_pass_and_in_one_for_each_class() -> None:
    generator = torch.Generator().manual_seed(4)
    label, values = blotches(generator), torch.rand(2, 14, 12, generator=generator, dtype=torch.float64)
    expected = torch.stack([values[label == c].sum() for c in range(5)])
    assert expected[4] == 0
    for by_index in (True, False):
        torch.testing.assert_close(sums_by_class(values, label, 5, by_index), expected)


@pytest.mark.parametrize(
    "weights", [(1.0, 1.0, 0.0, 0.0), (0.0, 2.0, 1.0, 0.0), (0.7, 0.0, 0.0, 3.0), (0.7, 1.3, 0.5, 1.0)]
)
def test_value_and_gradient_match_autograd(weights: tuple[float, float, float, float]) -> None:
    generator = torch.Generator().manual_seed(3)
    logits = (torch.randn(2, 5, 14, 12, generator=generator) * 3).requires_grad_()
    label = blotches(generator)  # class 4 does not occur
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


def test_pixels_near_another_class_are_found_and_the_margin_is_no_class() -> None:
    label = blotches(torch.Generator().manual_seed(1))
    label[0, :, :4] = 255
    label[1, 5:9, 4:8] = 3
    found = near_boundary(label)
    assert torch.equal(found, near(label))
    assert found.any() and not found[label == 255].any()
    label[0, :, 4:] = 2
    assert not near_boundary(label)[0].any(), "the margin is taken for a boundary"


def test_a_boundary_weight_lets_boundaries_count_more_and_others_less() -> None:
    label = torch.zeros(1, 16, 16, dtype=torch.int64)
    label[:, :, 8:] = 1
    pulls = {}
    for weight in (0.0, 3.0):
        logits = torch.zeros(1, 2, 16, 16, requires_grad=True)
        loss = CrossEntropyDiceLoss(1.0, 0.0, 0.0, weight)(logits, label)
        (gradient,) = torch.autograd.grad(loss, logits)
        pulls[weight] = gradient[0, 0, 8].abs()
    assert torch.allclose(pulls[3.0][6:10] / pulls[3.0][0], torch.tensor(4.0))
    assert pulls[3.0][0] < pulls[0.0][0] < pulls[3.0][8]
    torch.testing.assert_close(pulls[3.0].sum(), pulls[0.0].sum())

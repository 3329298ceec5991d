"""One network learns from labels of parts and of classes, and each label tells it no more than it says."""

import pytest
import torch
from torch import Tensor

from cubiseg import taxonomy
from cubiseg.segmentors.losses import CrossEntropyDiceLoss
from tests.segmentors.test_losses import near

OUTPUTS = len(taxonomy.OUTPUT_IDS)
leaf_class = torch.from_numpy(taxonomy.CLASS_OF[taxonomy.LEAF_IDS].astype(int))
class_of = torch.from_numpy(taxonomy.CLASS_OF.astype(int))
leaf_ids = torch.from_numpy(taxonomy.LEAF_IDS.astype(int))
ONLY_CROSS_ENTROPY, ONLY_DICE, TYPICAL = (1.0, 0.0, 0.0, 0.0), (0.0, 2.0, 0.0, 0.0), (0.7, 1.3, 0.5, 1.0)


def some_logits(seed: int = 3, spread: float = 3.0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return (torch.randn(2, OUTPUTS, 14, 12, generator=generator) * spread).requires_grad_()


def some_parts(seed: int = 1, ignored: bool = True) -> Tensor:
    """(2, 14, 12) ids of leaves in blocks of 7 by 4 of a few classes, some pixels ignored."""
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.tensor([0, 20, 21, 23, 24, 25, 2, 40, 7])
    blocks = chosen[torch.randint(0, len(chosen), (2, 2, 3), generator=generator)]
    label = blocks.repeat_interleave(7, 1).repeat_interleave(4, 2)
    label[0, 3, 2:9] = torch.tensor([20, 21, 24, 25, 40, 7, 2])
    if ignored:
        label[1, :2] = 255
    return label


def mixed(label: Tensor) -> Tensor:
    """The same with the first picture's upper half told at the level of classes."""
    out = label.clone()
    out[0, :7] = class_of[label[0, :7]]
    return out


def within(logits: Tensor, c: int) -> Tensor:
    """(N, k, H, W): probabilities of a class's parts within it; of a class without parts, 1."""
    first, end = taxonomy.PART_RANGES[c]
    return logits[:, first:end].softmax(1)


def of_leaves(logits: Tensor) -> Tensor:
    """(N, L, H, W): the probability of each leaf, that of its class times that within it."""
    classes = logits[:, :12].softmax(1)
    return torch.cat([classes[:, [c]] * within(logits, c) for c in range(12)], 1)


def pixel_by_pixel(logits: Tensor, label: Tensor) -> Tensor:
    """(N, H, W): -log of the probability of what the label says, 0 where it says nothing."""
    p = of_leaves(logits)
    out = torch.zeros(label.shape)
    for n, y, x in (label != 255).nonzero().tolist():
        said = label[n, y, x]
        leaves = leaf_class == said if said < 12 else leaf_ids == said
        out[n, y, x] = -p[n, leaves, y, x].sum().log()
    return out


def plain(logits: Tensor, label: Tensor, factors: tuple[float, float, float, float]) -> Tensor:
    """The same loss by autograd, term by term."""
    cross_entropy, dice, balance, boundary = factors
    total = CrossEntropyDiceLoss(*factors)(logits[:, :12], class_of[label])
    counts = {i: int((label == i).sum()) for i in label.unique().tolist() if i != 255}
    of_class = {c: sum(n for i, n in counts.items() if class_of[i] == c) for c in range(12)}
    leaves = set(leaf_ids.tolist())
    weight = torch.zeros(label.shape)
    for i, n in counts.items():
        c = int(class_of[i])
        share = of_class[c] / sum(counts.values())
        if i in leaves:
            share *= n / sum(m for j, m in counts.items() if j in leaves and class_of[j] == c)
        weight[label == i] = share**-balance
    weight *= 1 + boundary * near(label)
    weight /= weight.sum()
    parts = [i for i in counts if i in leaves and len(taxonomy.PARTS_OF[taxonomy.NAMES[class_of[i]]])]
    scores = []
    for i in parts:
        siblings = [j for j in parts if class_of[j] == class_of[i]]
        where = torch.isin(label, torch.tensor(siblings))
        own = within(logits, int(class_of[i]))
        q = own[:, (leaf_ids[leaf_class == class_of[i]] == i).nonzero().item()]
        total = total - cross_entropy * (weight * q.log())[label == i].sum()
        scores.append(1 - (2 * q[label == i].sum() + 1) / (q[where].sum() + counts[i] + 1))
    return total + (dice * torch.stack(scores).mean() if scores else 0)


def value_and_gradient(
    factors: tuple[float, float, float, float], logits: Tensor, label: Tensor
) -> tuple[Tensor, Tensor]:
    loss = CrossEntropyDiceLoss(*factors, parts=True)(logits, label)
    return loss, torch.autograd.grad(3 * loss, logits)[0] / 3


@pytest.mark.parametrize("factors", [ONLY_CROSS_ENTROPY, ONLY_DICE, TYPICAL])
@pytest.mark.parametrize("level", ["parts", "classes", "both"])
def test_value_and_gradient_match_autograd(factors: tuple[float, float, float, float], level: str) -> None:
    label = {"parts": some_parts(), "classes": class_of[some_parts()], "both": mixed(some_parts())}[level]
    logits = some_logits()
    loss, found = value_and_gradient(factors, logits, label)
    expected = plain(logits, label, factors)
    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(found, torch.autograd.grad(expected, logits)[0], rtol=1e-4, atol=1e-6)
    assert (found[1, :, :2] == 0).all(), "ignored pixels pull at nothing"


def test_a_known_part_costs_its_logarithm_and_a_known_class_that_of_the_sum_of_its_parts() -> None:
    logits = some_logits()
    for label in (some_parts(), class_of[some_parts()], mixed(some_parts())):
        costs = pixel_by_pixel(logits, label)
        expected = costs.sum() / (label != 255).sum()
        loss, found = value_and_gradient(ONLY_CROSS_ENTROPY, logits, label)
        torch.testing.assert_close(loss, expected)
        torch.testing.assert_close(found, torch.autograd.grad(expected, logits)[0], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("factors", [ONLY_CROSS_ENTROPY, ONLY_DICE, TYPICAL])
def test_what_is_told_of_classes_alone_does_not_touch_the_split_into_parts(
    factors: tuple[float, float, float, float],
) -> None:
    logits, label = some_logits(), class_of[some_parts()]
    loss, found = value_and_gradient(factors, logits, label)
    classes = logits[:, :12].detach().requires_grad_()
    of_classes = CrossEntropyDiceLoss(*factors)(classes, label)
    torch.testing.assert_close(loss, of_classes)
    torch.testing.assert_close(found[:, :12], torch.autograd.grad(of_classes, classes)[0])
    assert not found[:, 12:].any()


@pytest.mark.parametrize("factors", [ONLY_CROSS_ENTROPY, ONLY_DICE, TYPICAL])
def test_classes_learn_from_parts_what_they_learn_from_classes(factors: tuple[float, float, float, float]) -> None:
    _, of_parts = value_and_gradient(factors, some_logits(), some_parts())
    _, of_classes = value_and_gradient(factors, some_logits(), class_of[some_parts()])
    torch.testing.assert_close(of_parts[:, :12], of_classes[:, :12])


def test_labels_of_classes_are_what_labels_of_parts_are_on_average() -> None:
    """Were parts distributed as the network has them, they would pull as much as their class does."""
    logits = some_logits()
    label = torch.full((2, 14, 12), taxonomy.ID["hair"])
    _, of_class = value_and_gradient(ONLY_CROSS_ENTROPY, logits, label)
    shares = within(logits.detach(), taxonomy.ID["hair"])
    expected = torch.zeros_like(of_class)
    for place, part in enumerate(taxonomy.PARTS_OF["hair"]):
        told = torch.full_like(label, taxonomy.PART_ID[part])
        expected += shares[:, [place]] * value_and_gradient(ONLY_CROSS_ENTROPY, logits, told)[1]
    torch.testing.assert_close(of_class, expected, rtol=1e-4, atol=1e-8)


def test_the_weight_of_the_split_is_that_of_the_parts_outputs_alone() -> None:
    logits, label = some_logits(), mixed(some_parts())
    _, whole = value_and_gradient(TYPICAL, logits, label)
    loss = CrossEntropyDiceLoss(*TYPICAL, parts=True, split_weight=0.25)(logits, label)
    (found,) = torch.autograd.grad(loss, logits)
    torch.testing.assert_close(found[:, :12], whole[:, :12])
    torch.testing.assert_close(found[:, 12:], 0.25 * whole[:, 12:])


def test_a_mixed_batch_has_the_gradient_of_both() -> None:
    logits, label = some_logits(), some_parts(ignored=False)
    classes = class_of[label]
    both = torch.stack([classes[0], label[1]])
    _, found = value_and_gradient(ONLY_CROSS_ENTROPY, logits, both)
    _, by_parts = value_and_gradient(ONLY_CROSS_ENTROPY, logits, label)
    _, by_classes = value_and_gradient(ONLY_CROSS_ENTROPY, logits, classes)
    torch.testing.assert_close(found, torch.stack([by_classes[0], by_parts[1]]), rtol=1e-4, atol=1e-8)
    _, typical = value_and_gradient(TYPICAL, logits, both)
    assert typical[1, 12:].any() and not typical[0, 12:].any()


def test_how_many_pixels_tell_parts_does_not_change_what_each_weighs() -> None:
    label = torch.zeros(2, 14, 12, dtype=torch.int64)
    label[:, :4], label[:, 4] = taxonomy.PART_ID["hair_back"], taxonomy.PART_ID["hair_front"]
    fewer = torch.stack([class_of[label[0]], label[1]])
    pulls = []
    for told in (label, fewer):
        _, found = value_and_gradient((1.0, 0.0, 1.0, 0.0), some_logits(spread=0.0), told)
        first = taxonomy.PART_RANGES[taxonomy.ID["hair"]][0]
        front, side, back = found[1, first], found[1, first + 1], found[1, first + 3]
        pulls.append(((side - front)[4, 0] / (side - back)[0, 0]).item())
    assert pulls == pytest.approx([4.0, 4.0], rel=1e-3)


def test_logits_far_apart_and_a_batch_without_labels_are_finite() -> None:
    logits = (some_logits().detach() * 100).requires_grad_()
    for label in (some_parts(), class_of[some_parts()], torch.full((2, 14, 12), 255)):
        loss, found = value_and_gradient(TYPICAL, logits, label)
        assert loss.isfinite() and found.isfinite().all()
    assert loss == 0 and not found.any()


def test_bfloat16_logits_get_bfloat16_gradients() -> None:
    logits = torch.zeros(1, OUTPUTS, 4, 4, dtype=torch.bfloat16, requires_grad=True)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = CrossEntropyDiceLoss(parts=True)(logits, torch.full((1, 4, 4), 20))
    loss.backward()
    assert loss.dtype == torch.float32 and logits.grad is not None and logits.grad.dtype == torch.bfloat16

"""Losses on logits."""

import torch
from mmseg.registry import MODELS
from torch import Tensor, nn


@MODELS.register_module()
class ClassDiceLoss(nn.Module):
    """Soft Dice loss (Milletari et al. 2016), averaged over the classes that occur in the batch.

    MMSegmentation's own sums over all classes, so that the background decides, and it counts what is predicted on
    ignored pixels.

    Args:
        loss_weight: factor of the loss.
    """

    loss_name = "loss_dice"

    def __init__(self, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(self, logits: Tensor, label: Tensor, ignore_index: int = 255, **_: object) -> Tensor:
        """Loss, a scalar.

        Args:
            logits: (N, C, H, W) floating point.
            label: (N, H, W) int64 class ids.
            ignore_index: value of pixels that do not count.
        """
        classes = logits.shape[1]
        chance = logits.float().softmax(dim=1)
        counted = label != ignore_index
        truth = label.where(counted, 0)
        weight = counted.float()
        hit = chance.gather(1, truth.unsqueeze(1)).squeeze(1) * weight
        overlap = torch.zeros(classes, device=logits.device).index_add(0, truth.flatten(), hit.flatten())
        size = torch.zeros(classes, device=logits.device).index_add(0, truth.flatten(), weight.flatten())
        claimed = (chance * weight.unsqueeze(1)).sum(dim=(0, 2, 3))
        dice = (2 * overlap + 1) / (claimed + size + 1)
        present = size > 0
        return self.loss_weight * ((1 - dice) * present).sum() / present.sum().clamp(min=1)

"""The network that continues a part beneath others: a small UNet of separable convolutions, one for all parts.

It looks at the part's picture, at what is seen of the part and what may hide it, and at the names of everything around;
which part it is steers every stage (FiLM: Perez et al. 2018, "FiLM: Visual reasoning with a general conditioning
layer"). It says where the part is, and how its colours differ from a smooth continuation of those that are seen: where
it knows nothing better, that continuation stays.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cubiseg import taxonomy

PARTS: tuple[str, ...] = tuple(name for name in taxonomy.STACK_ORDER if name != "background")
"""Names that the network knows, in its order."""
DEPTHS = (1, 2, 2, 3, 3)
"""Blocks at each resolution on the way down; on the way up there is one less, but at least one."""
_LABEL_PLANES, _IDENTITY = 10, 48
_FAINT = 0.02
"""Weight of a part's outermost pixels in the continuation of its colours: its ink and its smoothed edge."""


class CompletionNetwork(nn.Module):
    """From crops of parts to where they are and which colours they have; see ``cubiseg.completion.model``.

    Args:
        widths: channels at a half, a quarter, … of the square's side, which 2 to the power of their number divides.
    """

    ranks: Tensor

    def __init__(self, widths: Sequence[int]) -> None:
        super().__init__()
        ranks = torch.from_numpy(taxonomy.STACK_RANK.astype("int64"))
        ranks[taxonomy.IGNORE_INDEX] = 0  # outside of the picture
        self.register_buffer("ranks", ranks, persistent=False)
        self.label_planes = nn.Embedding(len(taxonomy.STACK), _LABEL_PLANES)
        self.identity = nn.Embedding(len(PARTS), _IDENTITY)
        self.stem = nn.Sequential(
            nn.Conv2d(4 * 8 + _LABEL_PLANES, widths[0], 1, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU()
        )
        befores = (widths[0], *widths[:-1])
        self.down = nn.ModuleList(
            _Stage(before, after, 1 if n == 0 else 2, DEPTHS[n])
            for n, (before, after) in enumerate(zip(befores, widths, strict=True))
        )
        self.up = nn.ModuleList(
            _Stage(widths[n + 1] + widths[n], widths[n], 1, max(1, DEPTHS[n] - 1))
            for n in reversed(range(len(widths) - 1))
        )
        self.head = nn.Conv2d(widths[0], 16, 3, padding=1)
        nn.init.normal_(self.label_planes.weight, std=0.5)
        nn.init.normal_(self.head.weight, std=0.01)

    def forward(self, image: Tensor, label: Tensor, masks: Tensor, part: Tensor) -> tuple[Tensor, Tensor]:
        """Complete parts.

        Args:
            image: (N, 3, S, S) uint8, sRGB.
            label: (N, S, S) uint8, ids of classes and parts, 255 outside of the picture.
            masks: (N, 2, S, S) uint8: what is seen of the part, what may hide it, 0..255.
            part: (N,) int64, places in :data:`PARTS`.

        Returns:
            Logits (N, S, S) float32 of the part being there, and colours (N, 3, S, S) float32, 0..1 but for overshoot.
        """
        colours, known = image.float() / 255, masks.float() / 255
        base = continued(colours, known[:, :1])
        planes = torch.cat([colours - 0.5, base - 0.5, known], 1)
        told = self.label_planes(self.ranks[label[:, ::2, ::2].long()]).permute(0, 3, 1, 2)
        which = self.identity(part)
        x = self.stem(torch.cat([F.pixel_unshuffle(planes, 2), told], 1))
        passed = []
        for stage in self.down:
            x = stage(x, which)
            passed.append(x)
        for stage, beside in zip(self.up, passed[-2::-1], strict=True):
            x = stage(torch.cat([F.interpolate(x, scale_factor=2.0, mode="nearest"), beside], 1), which)
        out = F.pixel_shuffle(self.head(x).float(), 2)
        return 4 * out[:, 0], base + out[:, 1:]


class _Stage(nn.Module):
    """Some blocks of one resolution, then a scale and a shift of each channel by the part."""

    def __init__(self, before: int, after: int, stride: int, depth: int) -> None:
        super().__init__()
        self.blocks = nn.Sequential(_Block(before, after, stride), *(_Block(after, after, 1) for _ in range(depth - 1)))
        self.film = nn.Linear(_IDENTITY, 2 * after)
        nn.init.zeros_(self.film.weight)
        nn.init.zeros_(self.film.bias)

    def forward(self, x: Tensor, which: Tensor) -> Tensor:
        """(N, before, h, w) and (N, identity) to (N, after, h / stride, w / stride)."""
        x = self.blocks(x)
        scale, shift = self.film(which)[:, :, None, None].chunk(2, 1)
        return x * (1 + scale) + shift


class _Block(nn.Module):
    """A separable convolution, added to its input where both have one form."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(before, before, 3, stride, padding=1, groups=before, bias=False)
        self.inner = nn.BatchNorm2d(before)
        self.pointwise = nn.Conv2d(before, after, 1, bias=False)
        self.outer = nn.BatchNorm2d(after)
        self.adds = before == after and stride == 1

    def forward(self, x: Tensor) -> Tensor:
        """(N, before, h, w) to (N, after, h / stride, w / stride)."""
        out = self.outer(self.pointwise(self.inner(self.depthwise(x))))
        return F.relu(x + out if self.adds else out)


def continued(colours: Tensor, known: Tensor) -> Tensor:
    """Colours smoothly continued from where they are known to everywhere: Gortler et al. 1996, section 3.4.

    Args:
        colours: (N, 3, S, S) float32, 0..1.
        known: (N, 1, S, S) float32, 0..1.

    Returns:
        (N, 3, S, S) float32, 0..1.
    """
    inner = -F.max_pool2d(-known, 3, 1, 1)
    weight = inner + _FAINT * known
    levels = [(colours * weight, weight)]
    while levels[-1][1].shape[-1] % 2 == 0:
        levels.append((F.avg_pool2d(levels[-1][0], 2), F.avg_pool2d(levels[-1][1], 2)))
    total, share = (plane.mean((2, 3), keepdim=True) for plane in levels[-1])
    mean = total / share.clamp(min=1e-6)
    for total, share in reversed(levels):
        if mean.shape[-1] == 1:
            mean = mean.expand_as(total)
        else:
            mean = F.interpolate(mean, size=total.shape[-2:], mode="bilinear", align_corners=False)
        mean = mean + share.clamp(max=1) * (total / share.clamp(min=1e-6) - mean)
    return mean

"""Names for masks that have none: each takes the one that most of its pixels have by the model."""

from dataclasses import replace

import numpy as np

from cubiseg import taxonomy
from cubiseg.inference.segmentation import Segmentation

CLEAR = 0.7
"""Share of a mask's votes that its name has at least; where they are divided, pixels keep the names that they had."""

_SMALL = np.isin(taxonomy.CLASS_OF, taxonomy.SMALL_PART_IDS)
"""(256,) bool, by id: the small parts of a face."""


def named_by_votes(regions: np.ndarray, voted: Segmentation) -> Segmentation:
    """Name whole masks by what the model sees in them.

    A pixel's vote weighs as much as the model is sure of it. Small parts of a face are left to the model where a mask
    is of something larger: a mask of a face holds its eyes.

    Args:
        regions: (H, W) int, ids from 0: of which mask each pixel is. Region 0 has no mask and is left as it is.
        voted: the model's own label map.

    Returns:
        The segmentation with other labels (and parts, where the model tells them).
    """
    ids = voted.finest
    votes = np.bincount(
        regions.ravel().astype(np.int64) * 256 + ids.ravel(),
        voted.confidence.ravel(),
        (int(regions.max()) + 1) * 256,
    ).reshape(-1, 256)
    winner = votes.argmax(1).astype(np.uint8)
    clear = votes.max(1) >= CLEAR * np.maximum(votes.sum(1), 1e-9)
    clear[0] = False
    new = winner[regions]
    taken = clear[regions] & (~_SMALL[ids] | _SMALL[new])
    finest = np.where(taken, new, ids)
    if voted.parts is None:
        return replace(voted, label=finest)
    return replace(voted, label=taxonomy.CLASS_OF[finest], parts=finest)

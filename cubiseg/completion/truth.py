"""Which pixels of complete layers are hidden: the truth that completions are measured and trained on."""

import numpy as np

from cubiseg import taxonomy


def beneath(name: str, label: np.ndarray) -> np.ndarray:
    """Where a part may go on unseen: beneath what the taxonomy stacks above it.

    Args:
        name: class or part.
        label: (H, W) uint8, ids of classes and parts.

    Returns:
        (H, W) bool; nowhere on the part itself, on what is lower, or on the background.
    """
    return np.asarray(taxonomy.STACK_RANK[label] > taxonomy.STACK_RANK[taxonomy.PART_ID[name]])

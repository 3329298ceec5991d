"""What is counted of a data set."""

from collections.abc import Mapping, Sequence

import numpy as np

from cubiseg import taxonomy
from cubiseg.metrics import Metrics
from cubiseg.samples import Sample, Split

BySplit = dict[str, int]
"""Numbers by the name of a split."""


class SplitMetrics(Metrics):
    """Figures of the stage split.

    Attributes:
        pictures, groups: numbers by split.
        left_out: samples without a label map, by reason.
        note: what to know about the labels of val and test, or None.
        class_share: by split and class (and ``ignore``), share of the pixels, 0..1.
        class_pictures: by split and class, number of pictures in which it occurs.
    """

    pictures: BySplit
    groups: BySplit
    left_out: dict[str, int]
    note: str | None
    class_share: dict[str, dict[str, float]]
    class_pictures: dict[str, dict[str, int]]


def count_samples(
    rows: Sequence[Sample], pixels: Sequence[np.ndarray], left_out: Mapping[str, int], note: str | None
) -> SplitMetrics:
    """Count samples, groups and classes by split.

    Args:
        rows: samples with their splits.
        pixels: (256,) int64 for each sample, pixels of each id.
        left_out: numbers of samples without a label map, by reason.
        note: what to know about the labels of val and test.
    """
    ids = (*enumerate(taxonomy.NAMES), (taxonomy.IGNORE_INDEX, "ignore"))
    pictures, groups, share, occurs = {}, {}, {}, {}
    for part in Split:
        mine = [(row, counts) for row, counts in zip(rows, pixels, strict=True) if row.split is part]
        table = np.array([counts for _, counts in mine])
        total = table.sum(0)
        every = max(1, total.sum())
        pictures[part.value] = len(mine)
        groups[part.value] = len({row.group for row, _ in mine})
        share[part.value] = {name: round(float(total[i] / every), 6) for i, name in ids}
        occurs[part.value] = {name: int((table[:, i] > 0).sum()) for i, name in ids}
    return SplitMetrics(
        pictures=pictures,
        groups=groups,
        left_out=dict(sorted(left_out.items())),
        note=note,
        class_share=share,
        class_pictures=occurs,
    )

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
        part_share, part_pictures: the same of parts, where label maps tell them.
    """

    pictures: BySplit
    groups: BySplit
    left_out: dict[str, int]
    note: str | None
    class_share: dict[str, dict[str, float]]
    class_pictures: dict[str, dict[str, int]]
    part_share: dict[str, dict[str, float]]
    part_pictures: dict[str, dict[str, int]]


def count_samples(
    rows: Sequence[Sample], pixels: Sequence[np.ndarray], left_out: Mapping[str, int], note: str | None
) -> SplitMetrics:
    """Count samples, groups, classes and parts by split.

    Args:
        rows: samples with their splits.
        pixels: (256,) int64 for each sample, pixels of each id.
        left_out: numbers of samples without a label map, by reason.
        note: what to know about the labels of val and test.
    """
    class_ids = {**taxonomy.ID, "ignore": taxonomy.IGNORE_INDEX}
    part_ids = {p.name: p.id for p in taxonomy.PARTS}
    pictures, groups, share, occurs, part_share, part_occurs = {}, {}, {}, {}, {}, {}
    for part in Split:
        mine = [(row, counts) for row, counts in zip(rows, pixels, strict=True) if row.split is part]
        table = np.array([counts for _, counts in mine], np.int64).reshape(len(mine), 256)
        by_class = np.zeros_like(table)
        np.add.at(by_class.T, taxonomy.CLASS_OF, table.T)
        pictures[part.value] = len(mine)
        groups[part.value] = len({row.group for row, _ in mine})
        share[part.value], occurs[part.value] = _shares(by_class, class_ids)
        part_share[part.value], part_occurs[part.value] = _shares(table, part_ids)
    return SplitMetrics(
        pictures=pictures,
        groups=groups,
        left_out=dict(sorted(left_out.items())),
        note=note,
        class_share=share,
        class_pictures=occurs,
        part_share=part_share,
        part_pictures=part_occurs,
    )


def _shares(table: np.ndarray, ids: Mapping[str, int]) -> tuple[dict[str, float], dict[str, int]]:
    """Share of the pixels, 0..1, and number of pictures, by name, of (pictures, 256) pixels by id."""
    total = table.sum(0)
    every = max(1, total.sum())
    share = {name: round(float(total[i] / every), 6) for name, i in ids.items()}
    return share, {name: int((table[:, i] > 0).sum()) for name, i in ids.items()}

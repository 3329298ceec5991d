"""How good regions are, given the truth: what the best possible names would reach."""

from dataclasses import dataclass

import cv2
import numpy as np

from cubiseg.label_maps import edges
from cubiseg.taxonomy import IGNORE_INDEX


@dataclass(frozen=True)
class Quality:
    """Measures of one partition of one picture, each 0..1.

    Attributes:
        achievable_accuracy: share of pixels right if every region had its commonest class (Liu et al. 2011).
        undersegmentation: pixels by which regions leak over the border of the class that they mostly belong to, the
            smaller part of each counted, over all pixels (Neubert and Protzel 2012).
        boundary_recall: share of true border pixels with a region's border within 2 px.
    """

    achievable_accuracy: float
    undersegmentation: float
    boundary_recall: float


def class_counts(regions: np.ndarray, truth: np.ndarray, classes: int) -> np.ndarray:
    """Pixels of each region (row) and true class (column), unknown pixels left out: (N, C) int64."""
    known = truth != IGNORE_INDEX
    key = regions[known].astype(np.int64) * classes + truth[known]
    return np.bincount(key, minlength=(int(regions.max()) + 1) * classes).reshape(-1, classes)


def oracle_label(regions: np.ndarray, truth: np.ndarray, classes: int) -> np.ndarray:
    """The label map of perfect names: each region its commonest true class. (H, W) uint8."""
    return class_counts(regions, truth, classes).argmax(1).astype(np.uint8)[regions]


def measure(regions: np.ndarray, truth: np.ndarray, classes: int) -> Quality:
    """Measure a partition.

    Args:
        regions: (H, W) int32, ids from 0.
        truth: (H, W) uint8, ids below ``classes``, 255 where unknown.
        classes: number of classes.
    """
    counts = class_counts(regions, truth, classes)
    total = counts.sum()
    area = counts.sum(1, keepdims=True)
    leak = np.where(counts > 0, np.minimum(counts, area - counts), 0).sum()
    near = cv2.dilate(edges(regions).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    edge = edges(truth.astype(np.int32))
    return Quality(
        achievable_accuracy=float(counts.max(1).sum() / total),
        undersegmentation=float(leak / total),
        boundary_recall=float((edge & near).sum() / max(1, edge.sum())),
    )

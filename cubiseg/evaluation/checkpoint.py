"""Score bare weights on a split of the data set."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cubiseg import scores, taxonomy
from cubiseg.errors import CubisegError
from cubiseg.evaluation import parts
from cubiseg.imaging import read_picture
from cubiseg.label_maps import read_label
from cubiseg.sample_files import find
from cubiseg.samples import PartsBy, Sample, Split, read_manifest

Predict = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Picture (H, W, 3) uint8 to label (H, W) uint8, ids of classes and of parts wherever it tells them, and confidence
(H, W) float32."""


@dataclass(frozen=True)
class ScoredPicture:
    """One picture, scored.

    Attributes:
        counts: by class.
        parts: the same pixels by part, see :mod:`cubiseg.evaluation.parts`.
        mean_f1: over the classes of the picture without background, 0..1.
        confidence: mean over the picture, 0..1.
    """

    sample: Sample
    counts: scores.Counts
    parts: scores.Counts
    mean_f1: float
    confidence: float


def score_split(predict: Predict, data: Path, split: Split = Split.TEST) -> list[ScoredPicture]:
    """Predict and score every labelled picture of a split, in order of id.

    Raises:
        CubisegError: the split is empty, or a picture or label map cannot be used.
    """
    samples = sorted((s for s in read_manifest(data) if s.split == split and s.label), key=lambda s: s.id)
    if not samples:
        raise CubisegError(
            f"{data}: no labelled samples in the split {split.value!r}; rebuild it with `dvc repro split`"
        )
    return [_score(predict, data, sample) for sample in samples]


def read_pair(data: Path, sample: Sample) -> tuple[np.ndarray, np.ndarray]:
    """Picture (H, W, 3) uint8 over white and label map (H, W) uint8, ids of classes and parts, of a sample.

    Parts that a model told measure no model: there the label map has classes alone.

    Raises:
        CubisegError: unreadable, of different sizes, or with an id that is neither class nor part.
    """
    file = find(data, str(sample.label))
    rgb, truth = read_picture(find(data, sample.image)).over(), read_label(file)
    if truth.shape != rgb.shape[:2]:
        raise CubisegError(f"{file}: is not of its picture's size; rebuild the data set")
    nameless = np.setdiff1d(truth, [*taxonomy.PART_NAME, taxonomy.IGNORE_INDEX])
    if len(nameless):
        raise CubisegError(f"{file}: id {nameless[0]} is no class and no part; rebuild the data set")
    return rgb, taxonomy.CLASS_OF[truth] if sample.parts_by is PartsBy.MODEL else truth


def _score(predict: Predict, data: Path, sample: Sample) -> ScoredPicture:
    rgb, truth = read_pair(data, sample)
    label, confidence = predict(rgb)
    counts = scores.count(truth, label)
    mean_f1 = scores.mean(scores.f1(counts), range(1, taxonomy.NUM_CLASSES))
    return ScoredPicture(sample, counts, parts.count(truth, label), mean_f1, float(confidence.mean()))

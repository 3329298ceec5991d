"""Temperature and offsets of a model, and how well its confidence is calibrated before and after, by its default look.

They are fitted on the logits that the default look gives at a grid of places in each picture, the means of
mirrored looks and second looks at heads included; errors are then measured at every pixel, with the borders as
inference moves them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cubiseg import calibration, taxonomy
from cubiseg.boxes import Box
from cubiseg.calibration import Reliability, nothing, reliability
from cubiseg.evaluation.checkpoint import read_pair
from cubiseg.inference.exported_model import ExportedModel, decided
from cubiseg.inference.looks import seen
from cubiseg.metrics import Metrics
from cubiseg.model_info import Calibration
from cubiseg.samples import Split, read_manifest
from cubiseg.scores import finite

GRID = 96
"""Places along a picture's longer side at which its logits are taken for the fit."""
PICTURES = 48
"""Pictures of a split that are looked at, evenly through it: the fit needs no more, and the stage stays quick."""

Labelled = Iterable[tuple[np.ndarray, np.ndarray]]
"""Pictures (H, W, 3) uint8 with their label maps (H, W) uint8, ids of classes and parts."""


@dataclass(frozen=True)
class Calibrated:
    """What confidence is worth over some pictures, by class, before and after calibration."""

    before: Reliability
    after: Reliability


class CalibrationFigures(Metrics):
    """What was fitted, and expected calibration errors (ECE, 0..1) over all pixels and by predicted class.

    Attributes:
        temperature: fitted on the validation split.
        offsets: fitted there, by class.
        ece_before, ece: over all pixels of the test split, without and with them.
        classes_before, classes: the same of each class that the model gave; None where it gave none.
    """

    temperature: float
    offsets: dict[str, float]
    ece_before: float
    ece: float
    classes_before: dict[str, float | None]
    classes: dict[str, float | None]


def some_of(data: Path, split: Split) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """At most ``PICTURES`` labelled pictures of a split, evenly through it in order of id.

    Raises:
        CubisegError: a picture or label map cannot be used.
    """
    samples = sorted((s for s in read_manifest(data) if s.split == split and s.label), key=lambda s: s.id)
    for place in np.unique(np.linspace(0, len(samples) - 1, PICTURES).round().astype(int)) if samples else ():
        yield read_pair(data, samples[place])


def fit(model: ExportedModel, pictures: Labelled) -> Calibration:
    """Temperature and offsets, rounded to four digits, from pictures that the model was not trained on.

    Raises:
        CubisegError: the network fails.
    """
    logits, truths = [], []
    for rgb, truth in pictures:
        height, width = truth.shape
        rows, columns = (max(1, round(GRID * side / max(height, width))) for side in (height, width))
        classes = slice(taxonomy.NUM_CLASSES)
        grid = np.stack([*seen(model.looks(rgb)[0], Box(0, 0, width, height), (rows, columns), classes)])
        y, x = (((np.arange(n) + 0.5) * side / n).astype(int) for n, side in ((rows, height), (columns, width)))
        told = taxonomy.CLASS_OF[truth[np.ix_(y, x)]]
        known = told != taxonomy.IGNORE_INDEX
        logits.append(grid[:, known].T)
        truths.append(told[known])
    pixels = np.concatenate(logits) if logits else np.zeros((0, taxonomy.NUM_CLASSES), np.float32)
    truth = np.concatenate(truths) if truths else np.zeros(0, np.uint8)
    temperature, offsets = calibration.fit(pixels, truth)
    return Calibration(temperature=round(temperature, 4), offsets=tuple(np.round(offsets, 4).tolist()))


def measure(model: ExportedModel, pictures: Labelled, how: Calibration) -> Calibrated:
    """How well confidence is calibrated over pictures, without and with a calibration.

    Raises:
        CubisegError: the network fails.
    """
    totals = [nothing(taxonomy.NUM_CLASSES)] * 2
    for rgb, truth in pictures:
        label, plain, sure = decided(rgb, model.looks(rgb)[0], how)
        told = taxonomy.CLASS_OF[truth]
        for place, confidence in enumerate((plain, sure)):
            totals[place] += reliability(told, label, confidence, taxonomy.NUM_CLASSES)
    return Calibrated(*totals)


def figures(calibrated: Calibrated, how: Calibration) -> CalibrationFigures:
    """The figures of measured pictures, at least one."""
    whole = [float(r.total.ece()[0]) for r in (calibrated.before, calibrated.after)]
    by_class = [
        dict(zip(taxonomy.NAMES, map(finite, r.ece()), strict=True)) for r in (calibrated.before, calibrated.after)
    ]
    return CalibrationFigures(
        temperature=how.temperature,
        offsets=dict(zip(taxonomy.NAMES, how.offsets, strict=True)),
        ece_before=round(whole[0], 5),
        ece=round(whole[1], 5),
        classes_before=by_class[0],
        classes=by_class[1],
    )

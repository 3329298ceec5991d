"""The stage evaluate: bare weights on the test split to figures, plots and a sheet of pictures."""

from pathlib import Path
from typing import Any

import numpy as np

from cubiseg import scores
from cubiseg.evaluation import confidence, parts
from cubiseg.evaluation import plots as draw
from cubiseg.evaluation.checkpoint import ScoredPicture, score_split
from cubiseg.evaluation.confidence import CalibrationFigures
from cubiseg.evaluation.params import EvaluateParams
from cubiseg.evaluation.parts import PartSummary
from cubiseg.inference.backends import LOOK, LOW_CONFIDENCE
from cubiseg.inference.exported_model import ExportedModel
from cubiseg.metrics import Metrics
from cubiseg.samples import Split
from cubiseg.segmentors.build import use_threads
from cubiseg.segmentors.predictor import Predictor
from cubiseg.segmentors.weights import load_weights


class WorstPicture(Metrics):
    """The sample with the lowest mean F1 over its classes."""

    id: str
    mean_f1: float


class EvaluateMetrics(Metrics):
    """Figures of the stage evaluate.

    Attributes:
        architecture: name of the config.
        summary: scores over the split; its fields stand beside the others in the JSON.
        confidence: mean over all pixels of all pictures, 0..1.
        worst_picture: the one to look at first.
        parts: scores of parts; None where the model or the data set names none.
        calibration: temperature, offsets and calibration errors; None where nothing was fitted.
    """

    architecture: str
    summary: scores.Summary
    confidence: float
    worst_picture: WorstPicture
    parts: PartSummary | None = None
    calibration: CalibrationFigures | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain JSON, flat; parts and calibration, where there are any, under their own keys."""
        last = {"confidence": self.confidence, "worst_picture": self.worst_picture.as_json()}
        blocks = {"parts": self.parts, "calibration": self.calibration}
        told = {key: figures.as_json() for key, figures in blocks.items() if figures is not None}
        return {"architecture": self.architecture, **self.summary.as_json(), **last, **told}


def evaluate(params: EvaluateParams, data: Path, configs: Path, weights: Path, plots: Path) -> EvaluateMetrics:
    """Score weights on the test split, draw plots, and calibrate confidence on the validation split.

    Args:
        params: size of the sheet, and seed of the intervals.
        data: data set folder.
        configs: folder of architectures.
        weights: weights file of the stage train.
        plots: folder for ``confusion.png``, ``confusion.csv``, ``classes.csv``, ``reliability.png`` and ``sheet.jpg``,
            and of a model of parts ``parts.csv`` and ``parts.png``.

    Raises:
        CubisegError: weights or data set cannot be used.
    """
    use_threads()
    predict = Predictor(*load_weights(weights, configs))
    scored = score_split(predict, data)
    counts = scores.total([s.counts for s in scored])
    draw.write_confusion_png(plots / "confusion.png", counts.confusion)
    draw.write_confusion_csv(plots / "confusion.csv", counts.confusion)
    draw.write_classes_csv(plots / "classes.csv", counts)
    by_part = scores.total([s.parts for s in scored])
    if parts.tells_parts(by_part):
        draw.write_parts_csv(plots / "parts.csv", by_part)
        draw.write_confusion_png(plots / "parts.png", *parts.occurring(by_part))
    draw.write_sheet(plots / "sheet.jpg", draw.choose(scored, params.sheet_pictures), predict, data)
    known = predict.info, predict.forward
    model = ExportedModel(weights, "anime-advanced", LOW_CONFIDENCE, look=LOOK, loaded=known)
    how = confidence.fit(model, confidence.some_of(data, Split.VAL))
    calibrated = confidence.measure(model, confidence.some_of(data, Split.TEST), how)
    draw.write_reliability_png(plots / "reliability.png", calibrated.before, calibrated.after)
    metrics = measure(predict.info.architecture, scored, params.seed)
    return metrics.model_copy(update={"calibration": confidence.figures(calibrated, how)})


def measure(architecture: str, scored: list[ScoredPicture], seed: int) -> EvaluateMetrics:
    """The figures of scored pictures.

    Args:
        architecture: name of the config.
        scored: the pictures of a split, at least one.
        seed: seed of the bootstrap intervals.
    """
    worst = min(scored, key=lambda s: (s.mean_f1, s.sample.id))
    groups = [s.sample.group for s in scored]
    return EvaluateMetrics(
        architecture=architecture,
        summary=scores.summary([s.counts for s in scored], groups, seed=seed),
        confidence=round(float(np.mean([s.confidence for s in scored])), 5),
        worst_picture=WorstPicture(id=worst.sample.id, mean_f1=round(worst.mean_f1, 5)),
        parts=parts.summary([s.parts for s in scored], groups, seed=seed),
    )

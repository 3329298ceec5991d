"""What cleaning did and what it was good for, as figures."""

import logging
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from cubiseg import scores, taxonomy
from cubiseg.cleaning.corrections import Judgement, Reason, Verdict
from cubiseg.cleaning.params import CleanParams
from cubiseg.cleaning.rules import RULES
from cubiseg.cleaning.sample import CleanedSample
from cubiseg.cleaning.spot_checks import SpotCheckFigures
from cubiseg.metrics import Metrics
from cubiseg.samples import Flag, PartsBy
from cubiseg.scores import Accuracy, accuracy

log = logging.getLogger(__name__)


class RuleFigures(Metrics):
    """What a rule changed: pixels, and in how many pictures."""

    pixels: int
    pictures: int


class ConfidenceFigures(Metrics):
    """Mean confidence, and how well it predicts the mean IoU of the clean label map (see :func:`rank_correlation`)."""

    mean: float
    rank_correlation: float | None


class CorrectionFigures(Metrics):
    """What people's reviews came to.

    Attributes:
        applied: number of label maps that people drew.
        accepted: number of those that they found right as they were.
        rejected: by reason, the number of pictures that they left out.
        unsure: samples that somebody should look at again.
        disagree: samples on which reviewers who did not know of each other differ; the latest counts.
        base_changed: samples whose label map has changed since.
        without_sample: ids that have no sample.
    """

    applied: int
    accepted: int
    rejected: dict[str, int]
    unsure: list[str]
    disagree: list[str]
    base_changed: list[str]
    without_sample: list[str]


class CleanMetrics(Metrics):
    """Figures of the stage clean.

    Attributes:
        pictures, labelled, cleaned: numbers of samples, of those with a label map, of those that rules ran on.
        rules: by rule, what it changed.
        before, after: accuracy where the truth is known, before and after the rules; None where nothing is known.
        oracle: accuracy of perfect names for the same regions.
        confidence: how far confidence can be trusted; None for fewer than three pictures.
        flags: numbers of samples by flag.
        parts_by: numbers of samples whose label maps tell parts, by who told them.
        corrections: what people said.
        spot_check: how many label maps they accepted as they were made; unset where nobody was asked.
    """

    pictures: int
    labelled: int
    cleaned: int
    rules: dict[str, RuleFigures]
    before: Accuracy | None
    after: Accuracy | None
    oracle: Accuracy | None
    confidence: ConfidenceFigures | None
    flags: dict[str, int]
    parts_by: dict[str, int]
    corrections: CorrectionFigures
    spot_check: SpotCheckFigures | None = None


def measure(
    params: CleanParams, done: Sequence[CleanedSample], known: Collection[str], reviewed: Mapping[str, Judgement]
) -> CleanMetrics:
    """The figures of a run.

    Args:
        params: rules that ran.
        done: what became of each sample that was kept.
        known: ids of all samples.
        reviewed: what people's reviews come to, by sample.
    """
    measured = [d for d in done if d.before is not None and d.after is not None]
    groups = [d.sample.group for d in measured]
    with_oracle = [d for d in measured if d.oracle]
    corrections = _corrections(done, known, reviewed)
    flags = Counter(flag for d in done for flag in d.sample.flags)
    parts = Counter(d.sample.parts_by for d in done)
    return CleanMetrics(
        pictures=len(done),
        labelled=sum(d.sample.label is not None for d in done),
        cleaned=sum(bool(d.changed) for d in done),
        rules={
            name: RuleFigures(
                pixels=sum(d.changed.get(name, 0) for d in done),
                pictures=sum(d.changed.get(name, 0) > 0 for d in done),
            )
            for name in ("potts", *RULES)
            if getattr(params.rules, name)
        },
        before=accuracy([d.before for d in measured if d.before], groups),
        after=accuracy([d.after for d in measured if d.after], groups),
        oracle=accuracy([d.oracle for d in with_oracle if d.oracle], [d.sample.group for d in with_oracle]),
        confidence=_confidence(measured),
        flags={flag.value: flags[flag] for flag in Flag if flags[flag]},
        parts_by={by.value: parts[by] for by in PartsBy if parts[by]},
        corrections=corrections,
    )


def _corrections(
    done: Sequence[CleanedSample], known: Collection[str], reviewed: Mapping[str, Judgement]
) -> CorrectionFigures:
    of_ours = {sample: reviews for sample, reviews in reviewed.items() if sample in known}
    reasons = Counter(str(reviews.rejected) for reviews in of_ours.values() if reviews.rejected)
    accepted = [r for r in of_ours.values() if r.verdict and r.verdict.verdict is Verdict.ACCEPTED]
    figures = CorrectionFigures(
        applied=sum(d.corrected for d in done),
        accepted=len(accepted),
        rejected={reason.value: reasons[reason] for reason in Reason if reasons[reason]},
        unsure=sorted(sample for sample, reviews in of_ours.items() if reviews.is_unsure),
        disagree=sorted(sample for sample, reviews in of_ours.items() if reviews.disagree),
        base_changed=sorted(d.sample.id for d in done if d.base_changed),
        without_sample=sorted(set(reviewed) - set(known)),
    )
    for told, samples in (
        ("%d reviews saw another label map than there is now and are flagged needs_review", figures.base_changed),
        (
            "reviewers disagree on %d samples, which are flagged needs_review; the latest review counts",
            figures.disagree,
        ),
        ("%d reviews have no sample", figures.without_sample),
    ):
        if samples:
            log.warning(f"clean: {told}; the metrics name them", len(samples))
    return figures


def _confidence(measured: Sequence[CleanedSample]) -> ConfidenceFigures | None:
    pairs = [
        (d.sample.confidence, scores.mean(scores.iou(d.after), range(1, taxonomy.NUM_CLASSES)))
        for d in measured
        if d.sample.confidence is not None and d.after is not None
    ]
    if len(pairs) < 3:
        return None
    confidence, quality = np.array(pairs).T
    return ConfidenceFigures(
        mean=round(float(confidence.mean()), 5), rank_correlation=rank_correlation(confidence, quality)
    )


def rank_correlation(a: np.ndarray, b: np.ndarray) -> float | None:
    """Spearman's rank correlation of two rows of figures, -1..1; None where either is constant."""
    from scipy.stats import spearmanr

    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    return round(float(spearmanr(a, b).statistic), 5)

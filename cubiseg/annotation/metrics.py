"""Figures of the stage annotate."""

from typing import TypedDict

from cubiseg.metrics import Metrics
from cubiseg.scores import Accuracy


class RegionCounts(TypedDict, total=False):
    """How many regions were asked about and what became of them; see :class:`AnnotateMetrics`."""

    regions: int
    unsure_share: float
    unnamed_share: float


class AnnotateMetrics(Metrics):
    """What was asked, what came back, what it cost and how good it is.

    Attributes:
        pictures: number of samples in the prepared folder.
        given: number of those that keep their known label.
        hidden, unlabelled: number of those that are asked about, with and without a known label.
        answered, refused, malformed, failed: number of those by how their conversation ended.
        regions: number of regions that were asked about; unset where the protocol names none, as the next two.
        unsure_share, unnamed_share: share of the regions that were called unsure and that got no name, 0..1.
        questions: number of requests that were answered, now or before.
        input_tokens, output_tokens: tokens of all questions and answers.
        cost_usd: cost of all answers, US dollars.
        raw_accuracy: accuracy of the answers where the truth is known, before any cleaning.
        oracle_accuracy: accuracy that perfect names of the same regions would have.
    """

    pictures: int
    given: int
    hidden: int
    unlabelled: int
    answered: int
    refused: int
    malformed: int
    failed: int
    regions: int = 0
    unsure_share: float = 0.0
    unnamed_share: float = 0.0
    questions: int
    input_tokens: int
    output_tokens: int
    cost_usd: float
    raw_accuracy: Accuracy | None
    oracle_accuracy: Accuracy | None

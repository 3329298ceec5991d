"""What reviews say of label maps, in figures."""

import functools
import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cubiseg import scores
from cubiseg.cleaning.corrections import Review, Verdict, read_reviews
from cubiseg.cleaning.params import CleanParams
from cubiseg.cleaning.sample import hashes
from cubiseg.cleaning.spot_checks import DRAWN, DrawnSample, SpotCheckFigures, judged, read_drawn, spot_check
from cubiseg.errors import CubisegError
from cubiseg.metrics import Metrics
from cubiseg.review.reviewed import Folders, corrected_label, labels_of_reviewers, made_label
from cubiseg.samples import Sample, read_manifest
from cubiseg.taxonomy import CLASS_OF
from cubiseg.workers import run_all


class Spread(Metrics):
    """Median and quartiles of a figure of reviews, and of how many."""

    reviews: int
    lower: float | None
    median: float | None
    upper: float | None


class Effort(Metrics):
    """What reviews took: seconds and actions of one, and the actions of all by tool."""

    seconds: Spread
    actions: Spread
    by_tool: dict[str, int]


class Agreement(Metrics):
    """How far two reviewers agree on label maps that both looked at as they were made.

    Attributes:
        reviewers: their names.
        shared: number of samples.
        same: share of those with the same verdict, 0..1.
        kappa: see :func:`cohen_kappa`.
        mean_iou: mean IoU of one's label maps against the other's; None where there are none.
    """

    reviewers: tuple[str, str]
    shared: int
    same: float
    kappa: float | None
    mean_iou: float | None


class ReviewMetrics(Metrics):
    """What reviews say.

    Attributes:
        spot_check: share of accepted label maps.
        verdicts: numbers of samples by verdict on the label map as it was made.
        strata: by stratum, numbers of reviewed and of accepted samples; empty where none were drawn.
        labels: scores of the label maps as they are made now, against what people say is right; accepted ones are.
        corrected: the same of the corrected ones alone.
        effort: what reviews took.
        agreement: of each pair of reviewers who share samples.
        without_sample: ids that have no sample.
    """

    spot_check: SpotCheckFigures
    verdicts: dict[str, int]
    strata: dict[str, tuple[int, int]]
    labels: scores.Summary | None
    corrected: scores.Summary | None
    effort: Effort
    agreement: list[Agreement]
    without_sample: list[str]


@dataclass(frozen=True)
class _Seen:
    """One reviewed sample.

    Attributes:
        sample: its record.
        made: hashes of the label map as it is made.
        verdict: what people say of it.
        counts: of the label map as it is made against what is right; None where nobody knows.
        corrected: whether somebody drew what is right.
        pairs: of each two reviewers, their verdicts and the counts of their label maps.
    """

    sample: Sample
    made: tuple[str, ...]
    verdict: Verdict | None
    counts: scores.Counts | None
    corrected: bool
    pairs: dict[tuple[str, str], tuple[Verdict, Verdict, scores.Counts | None]]


def report(params: CleanParams, folders: Folders, drawn_file: Path | None = None) -> ReviewMetrics:
    """Read all reviews and measure.

    Args:
        params: block ``clean`` of the params: label maps are made anew, as corrections have replaced those that lie in
            the clean folder.
        folders: where everything lies.
        drawn_file: samples that were drawn; None takes the file in the corrections folder, where there is one.

    Raises:
        CubisegError: nobody reviewed anything, or a file is missing or malformed.
    """
    reviews = read_reviews(folders.corrections)
    if not reviews:
        raise CubisegError(f"{folders.corrections}: holds no reviews; run `cubiseg studio --review data/clean`")
    path = folders.corrections / DRAWN if drawn_file is None else drawn_file
    drawn = read_drawn(path) if drawn_file is not None or path.is_file() else []
    samples = [s for s in read_manifest(folders.annotated) if s.id in reviews]
    work = functools.partial(_look, params, folders, reviews)
    seen = run_all(work, samples, "comparing label maps")
    return _measure(drawn, reviews, seen)


def _look(params: CleanParams, folders: Folders, reviews: Mapping[str, Sequence[Review]], sample: Sample) -> _Seen:
    said = reviews[sample.id]
    made = made_label(params, folders, sample)
    known = () if made is None else hashes(made)
    verdict = judged(said, known)
    right = corrected_label(folders, sample, said, made)
    counts = None
    if made is not None and (right is not None or verdict is Verdict.ACCEPTED):
        counts = scores.count(CLASS_OF[made if right is None else right], CLASS_OF[made])
    pairs = {}
    for (a, (first, one)), (b, (second, other)) in itertools.combinations(
        sorted(labels_of_reviewers(folders, sample, said, made).items()), 2
    ):
        both = one is not None and other is not None
        compared = scores.count(CLASS_OF[one], CLASS_OF[other], boundaries=False) if both else None
        pairs[a, b] = first.verdict, second.verdict, compared
    return _Seen(sample, known, verdict, counts, right is not None, pairs)


def _measure(
    drawn: Sequence[DrawnSample], reviews: Mapping[str, Sequence[Review]], seen: Sequence[_Seen]
) -> ReviewMetrics:
    by_id = {s.sample.id: s for s in seen}
    chosen = {d.sample for d in drawn} or set(by_id)
    verdicts = Counter(s.verdict for s in seen if s.sample.id in chosen)
    strata: dict[str, tuple[int, int]] = {}
    for d in drawn:
        verdict = by_id[d.sample].verdict if d.sample in by_id else None
        of, right = strata.get(d.stratum, (0, 0))
        sure = verdict not in (None, Verdict.UNSURE)
        strata[d.stratum] = of + sure, right + (verdict is Verdict.ACCEPTED)
    measured = [s for s in seen if s.counts is not None and s.sample.id in chosen]
    return ReviewMetrics(
        spot_check=spot_check(drawn, {i: reviews[i] for i in by_id}, {s.sample.id: s.made for s in seen}),
        verdicts={v.value: verdicts[v] for v in Verdict if verdicts[v]},
        strata=dict(sorted(strata.items())),
        labels=_scores(measured),
        corrected=_scores([s for s in seen if s.corrected and s.counts is not None]),
        effort=_effort([r for said in reviews.values() for r in said]),
        agreement=_agreement(seen),
        without_sample=sorted(set(reviews) - set(by_id)),
    )


def _scores(seen: Sequence[_Seen]) -> scores.Summary | None:
    counts = [s.counts for s in seen if s.counts is not None]
    return scores.summary(counts, [s.sample.group for s in seen]) if counts else None


def _effort(reviews: Sequence[Review]) -> Effort:
    tools: Counter[str] = Counter()
    for review in reviews:
        tools.update(review.actions)
    told = [r for r in reviews if r.seconds is not None or r.actions]
    return Effort(
        seconds=_spread([r.seconds for r in told if r.seconds is not None]),
        actions=_spread([float(sum(r.actions.values())) for r in told]),
        by_tool=dict(sorted(tools.items())),
    )


def _spread(values: Sequence[float]) -> Spread:
    if not values:
        return Spread(reviews=0, lower=None, median=None, upper=None)
    lower, median, upper = (round(float(q), 3) for q in np.quantile(values, (0.25, 0.5, 0.75)))
    return Spread(reviews=len(values), lower=lower, median=median, upper=upper)


def _agreement(seen: Sequence[_Seen]) -> list[Agreement]:
    pairs = sorted({pair for s in seen for pair in s.pairs})
    found = []
    for pair in pairs:
        shared = [s.pairs[pair] for s in seen if pair in s.pairs]
        said = [(a, b) for a, b, _ in shared]
        groups = [s.sample.group for s in seen if pair in s.pairs and s.pairs[pair][2] is not None]
        compared = scores.accuracy([c for *_, c in shared if c is not None], groups)
        found.append(
            Agreement(
                reviewers=pair,
                shared=len(shared),
                same=round(sum(a is b for a, b in said) / len(said), 5),
                kappa=cohen_kappa(said),
                mean_iou=None if compared is None else compared.mean_iou,
            )
        )
    return found


def cohen_kappa(said: Sequence[tuple[str, str]]) -> float | None:
    """Agreement of two raters beyond chance (Cohen, "A coefficient of agreement for nominal scales", 1960), -1..1.

    Args:
        said: what each of the two says of each thing, at least one.

    Returns:
        None where both always say the same one thing: there, chance agrees as often.

    >>> cohen_kappa([("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15)
    0.4
    """
    count = len(said)
    same = sum(a == b for a, b in said) / count
    first, second = Counter(a for a, _ in said), Counter(b for _, b in said)
    chance = sum(first[word] * second[word] for word in first) / count**2
    return None if chance == 1 else round((same - chance) / (1 - chance), 5)

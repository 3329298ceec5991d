"""Fitting the cleaning params to what people corrected, by a coarse coordinate search, and what that gains.

The gain is measured on groups that the search did not see (cross-validation by group): each part of the groups is left
out once, the search runs on the others, confusions included, and what it finds is tried on those that were left out.
"""

import functools
import itertools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from cubiseg import scores
from cubiseg.cleaning.answers import Names, clean_answer
from cubiseg.cleaning.params import CleanParams
from cubiseg.cleaning.votes import classes_of_units
from cubiseg.metrics import Metrics
from cubiseg.regions.quality import class_counts
from cubiseg.review.confusions import Confusion, NameCounts, frequent, rows_of, tally_of
from cubiseg.review.reviewed import Corrected
from cubiseg.scores import PairedDifference
from cubiseg.taxonomy import CLASS_OF, NAMES, NUM_CLASSES
from cubiseg.workers import progress, worker_count

LEAST_GAIN = 0.0005
"""Mean IoU that a change must surely gain where it was found (:func:`sure_gain`); less is noise."""

LEAST_GROUPS = 4
"""Groups below which nothing is fitted."""

FOLDS = 4
SWEEPS = 2

Values = tuple[float, ...]

NAMED: dict[str, Values] = {
    "name_error": (0.05, 0.1, 0.2, 0.3, 0.45),
    "smoothness": (0, 1, 3, 4.5),
    "likeness": (0, 0.5, 1.5, 2),
    "place": (0, 0.1, 0.4, 0.8),
    "seen": (0, 1, 4),
    "least_probability": (0, 0.2, 0.4),
}
"""Values that are tried for answers that name regions, besides the present one, in this order. The search looks at what
the Potts pass makes of the regions, as the rules after it hardly hang on them; the gain is measured with all rules."""

PAINTED: dict[str, Values] = {
    "colour_distance": (30, 80, 120),
    "colour_margin": (10, 20, 45),
    "min_area": (0.25, 0.5, 2, 4),
    "unknown_reach": (3, 12),
    "outline_radius": (0, 0.6, 2),
    "snap_reach": (0, 2, 5),
    "join": (0.2, 0.8),
    "hole_area": (0, 30, 120),
    "ink_width": (0, 2, 6),
}
"""The same for painted answers; those of ``min_area`` are factors on all classes."""

STRENGTHS = (0.0, 0.25, 0.5, 1.0)
"""Factors that are tried on the measured shares of confused names."""


class HeldOut(Metrics):
    """Label maps before and after, on corrected samples that the search did not see.

    Attributes:
        pictures, groups: how many.
        before, after: mean over groups of the mean IoU, 0..1, with 95 % intervals.
        gain: mean difference, interval, and share of groups that gain.
        iou_before, iou_after: by class.
    """

    pictures: int
    groups: int
    before: tuple[float, float, float]
    after: tuple[float, float, float]
    gain: PairedDifference
    iou_before: dict[str, float | None]
    iou_after: dict[str, float | None]

    @property
    def is_certain(self) -> bool:
        """Whether the gain's interval lies above 0."""
        low = self.gain.interval[0]
        return low is not None and low > 0


@dataclass(frozen=True)
class FittedParams:
    """What was fitted.

    Attributes:
        params: params that are best for all corrected samples.
        held_out: what such a search gains on samples that it has not seen.
        confusions: what answers take for what.
        tallies: names by sample id.
    """

    params: CleanParams
    held_out: HeldOut | None
    confusions: list[Confusion]
    tallies: dict[str, NameCounts]


class Bench:
    """Scores of corrected samples at any params, each made once.

    Args:
        items: the corrected samples.
    """

    def __init__(self, items: Sequence[Corrected]) -> None:
        self.items = items
        self.groups = [c.sample.group for c in items]
        self._counts: dict[tuple[int, str, bool], scores.Counts] = {}
        self._classes: dict[int, np.ndarray] = {}

    def counts(self, params: CleanParams, which: Sequence[int], quick: bool = False) -> list[scores.Counts]:
        """Counts of the label maps of some samples against what people say is right.

        Args:
            params: cleaning params.
            which: indices of samples.
            quick: of answers that name regions, what the Potts pass makes of them, without the rules after it.
        """
        key = params.shaping()
        missing = [i for i in which if (i, key, quick) not in self._counts]
        with ThreadPoolExecutor(max(1, worker_count())) as pool:
            made = pool.map(functools.partial(self._count, params, quick), missing)
            for i, found in zip(missing, made, strict=True):
                self._counts[i, key, quick] = found
        return [self._counts[i, key, quick] for i in which]

    def score(self, params: CleanParams, which: Sequence[int]) -> np.ndarray:
        """Mean IoU of each group of some samples, found quickly: (G,) float64."""
        per_group = scores.by_group(self.counts(params, which, quick=True), [self.groups[i] for i in which])
        return np.array([mean_iou(c) for c in per_group.values()])

    def _count(self, params: CleanParams, quick: bool, i: int) -> scores.Counts:
        item = self.items[i]
        if quick and isinstance(item.answer.given, Names):
            return self._count_regions(params, item.answer.given, i)
        label = clean_answer(item.answer, params).label
        return scores.count(CLASS_OF[item.truth], label, boundaries=False)

    def _count_regions(self, params: CleanParams, given: Names, i: int) -> scores.Counts:
        if i not in self._classes:
            self._classes[i] = class_counts(given.units.map, CLASS_OF[self.items[i].truth], NUM_CLASSES)
        names = classes_of_units(given.units, params)
        confusion = np.zeros((NUM_CLASSES, NUM_CLASSES + 1), np.int64)
        np.add.at(confusion.T, np.minimum(names, NUM_CLASSES), self._classes[i])
        return scores.Counts(
            confusion[:, :NUM_CLASSES], np.zeros((NUM_CLASSES, 4), np.int64), confusion[:, NUM_CLASSES]
        )


def mean_iou(counts: scores.Counts) -> float:
    """Mean IoU over the classes without background."""
    return scores.mean(scores.iou(counts), range(1, NUM_CLASSES))


def fit(items: Sequence[Corrected], start: CleanParams, *, seed: int, most: int = 60) -> FittedParams:
    """Fit params and measure what that gains.

    Args:
        items: corrected samples.
        start: present params.
        seed: seed of the choice of samples, of who is left out when, and of the intervals.
        most: samples that are fitted to at most; more are drawn from, so that the time is bounded.
    """
    rng = np.random.default_rng(seed)
    if len(items) > most:
        items = [items[i] for i in sorted(rng.choice(len(items), most, replace=False))]
    tallied = [tally_of(c) for c in items]
    tallies = {c.sample.id: t for c, t in zip(items, tallied, strict=True) if t is not None}
    slip = start.name_error / (NUM_CLASSES - 1)
    known = frequent(list(tallies.values()), slip)
    groups = sorted({c.sample.group for c in items})
    if len(groups) < LEAST_GROUPS:
        return FittedParams(start, None, known, tallies)
    bench = Bench(items)
    parts = np.array_split(rng.permutation(len(groups)), min(FOLDS, len(groups)))
    left_out = [{groups[g] for g in part} for part in parts]
    everyone = list(range(len(items)))
    searches: list[tuple[list[int], list[int]]] = [(everyone, [])]
    for out in left_out:
        seen = [i for i in everyone if items[i].sample.group not in out]
        searches.append((seen, [i for i in everyone if i not in set(seen)]))
    axes = [_axes(items, start, [t for i in seen if (t := tallied[i])], slip) for seen, _ in searches]
    steps = itertools.chain.from_iterable(
        _search(bench, start, axis, seen) for axis, (seen, _) in zip(axes, searches, strict=True)
    )
    found = [s for s in progress(steps, SWEEPS * sum(map(len, axes)), "fitting") if s is not None]
    held: dict[int, tuple[scores.Counts, scores.Counts]] = {}
    for params, (_, out_of) in zip(found[1:], searches[1:], strict=True):
        held.update(
            zip(out_of, zip(bench.counts(start, out_of), bench.counts(params, out_of), strict=True), strict=True)
        )
    pairs = [held[i] for i in everyone]
    return FittedParams(found[0], held_out(pairs, bench.groups, seed), known, tallies)


Axis = Callable[[CleanParams], list[CleanParams]]
"""Other values of one param."""


def _axes(items: Sequence[Corrected], start: CleanParams, tallies: Sequence[NameCounts], slip: float) -> list[Axis]:
    named = [c.answer.given for c in items if isinstance(c.answer.given, Names)]
    axes: list[Axis] = []
    table = {} if len(named) == len(items) else PAINTED
    if named:
        known = frequent(tallies, slip)
        if known or start.confusion:
            rows = [rows_of(known, strength) for strength in STRENGTHS]
            axes.append(lambda p: [p.model_copy(update={"confusion": row}) for row in rows])
        table = {**NAMED, **table}
        if not any(names.units.seen.any() for names in named):
            table.pop("seen", None)
    return axes + [functools.partial(_changed, name, values) for name, values in table.items()]


def _changed(name: str, values: Values, params: CleanParams) -> list[CleanParams]:
    if name == "min_area":
        areas = [{n: round(area * factor, 1) for n, area in params.min_area.items()} for factor in values]
        return [params.model_copy(update={name: area}) for area in areas]
    return [params.model_copy(update={name: float(v)}) for v in values]


def _search(
    bench: Bench, start: CleanParams, axes: Sequence[Axis], seen: Sequence[int]
) -> Iterator[CleanParams | None]:
    """One param after the other, the best value each; as many steps as there are sweeps and axes.

    Yields:
        None for each step but the last, which is what was found.
    """
    best, score, moved_before = start, bench.score(start, seen), True
    for sweep in range(SWEEPS):
        moved = False
        for number, axis in enumerate(axes):
            if moved_before:
                tried = [(p, bench.score(p, seen)) for p in axis(best)]
                params, scored = max(tried, key=lambda t: sure_gain(score, t[1]))
                if sure_gain(score, scored) > LEAST_GAIN:
                    best, score, moved = params, scored, True
            is_last = sweep == SWEEPS - 1 and number == len(axes) - 1
            yield best if is_last else None
        moved_before = moved


def sure_gain(before: np.ndarray, after: np.ndarray) -> float:
    """Mean gain of groups less its standard error, so that a few groups do not make a rule.

    After the one-standard-error rule (Breiman et al., "Classification and regression trees", 1984).

    Args:
        before, after: (G,) a score of each group; NaN where it has none.
    """
    gain = (after - before)[np.isfinite(after - before)]
    if len(gain) < 2:
        return 0.0
    return float(gain.mean() - gain.std(ddof=1) / np.sqrt(len(gain)))


def held_out(pairs: Sequence[tuple[scores.Counts, scores.Counts]], groups: Sequence[str], seed: int) -> HeldOut:
    """Compare label maps before and after.

    Args:
        pairs: counts of each picture before and after.
        groups: group of each picture.
        seed: seed of the intervals.
    """
    before, after = (scores.by_group([p[side] for p in pairs], groups) for side in (0, 1))
    ious = [scores.iou(scores.total(list(c.values()))) for c in (before, after)]
    by_class = [dict(zip(NAMES, map(scores.finite, values), strict=True)) for values in ious]
    return HeldOut(
        pictures=len(pairs),
        groups=len(before),
        before=_with_interval(before, seed),
        after=_with_interval(after, seed),
        gain=scores.paired_difference(after, before, mean_iou, seed=seed),
        iou_before=by_class[0],
        iou_after=by_class[1],
    )


def _with_interval(per_group: dict[str, scores.Counts], seed: int) -> tuple[float, float, float]:
    values = np.array([mean_iou(c) for c in per_group.values()])
    values = values[np.isfinite(values)]
    low, high = scores.mean_interval(values, seed=seed)
    return round(float(values.mean()), 5), round(low, 5), round(high, 5)

"""Metrics on label maps, NumPy and OpenCV only.

Counts are kept per picture, so that intervals can be drawn over groups (characters) and two models compared on the same
pictures. A class that occurs in neither truth nor prediction of a set has no score (NaN) and is left out of means.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from pydantic import Field

from cubiseg import taxonomy
from cubiseg.metrics import Metrics
from cubiseg.taxonomy import IGNORE_INDEX

BOUNDARY_TOLERANCE = 2
"""Pixels that a boundary may be off."""


@dataclass(frozen=True)
class Counts:
    """What is counted on one picture, or summed over many.

    Attributes:
        confusion: (C, C) int64, pixels by true class (row) and predicted class (column).
        boundary: (C, 4) int64: predicted boundary pixels, those near a true one, true boundary pixels, those near a
            predicted one.
        missed: (C,) int64, pixels by true class for which the prediction names no class (255); they count as wrong.
            Zeros where not given.
    """

    confusion: np.ndarray
    boundary: np.ndarray
    missed: np.ndarray = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        if self.missed is None:
            object.__setattr__(self, "missed", np.zeros(len(self.confusion), np.int64))

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.confusion + other.confusion, self.boundary + other.boundary, self.missed + other.missed)

    @property
    def true(self) -> np.ndarray:
        """(C,) int64, pixels of each true class."""
        return self.confusion.sum(1) + self.missed

    @property
    def predicted(self) -> np.ndarray:
        """(C,) int64, pixels of each predicted class, where the truth is known."""
        return self.confusion.sum(0)


def _pairs(truth: np.ndarray, prediction: np.ndarray, classes: int) -> np.ndarray:
    """(C, C + 1) int64 pixels by true and predicted class; the last column is "no class"."""
    if truth.shape != prediction.shape:
        raise ValueError(f"truth is {truth.shape}, prediction {prediction.shape}")
    known = truth != IGNORE_INDEX
    rows = truth[known].astype(np.int64)
    if rows.max(initial=0) >= classes:
        raise ValueError(f"truth holds id {rows.max()}, and there are {classes} classes")
    columns = np.minimum(prediction[known], classes)
    return np.bincount(rows * (classes + 1) + columns, minlength=classes * (classes + 1)).reshape(classes, classes + 1)


def confusion_matrix(truth: np.ndarray, prediction: np.ndarray, classes: int) -> np.ndarray:
    """Count pixels by true and predicted class.

    Args:
        truth: (H, W) uint8 ids; 255 is not counted.
        prediction: (H, W) uint8 ids. What is no class (255) stands in no column; :func:`count` keeps it as ``missed``.
        classes: number of classes C.

    Returns:
        (C, C) int64, rows are truth.

    Raises:
        ValueError: the shapes differ, or the truth holds an id that is no class.
    """
    return _pairs(truth, prediction, classes)[:, :classes]


def _boundary(mask: np.ndarray) -> np.ndarray:
    """Pixels of a mask that touch its outside (4-neighbours, the picture's edge is no outside)."""
    padded = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    inner = cv2.erode(padded, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)))[1:-1, 1:-1]
    return cv2.bitwise_and(mask, cv2.bitwise_not(inner))


def _disc(radius: int) -> np.ndarray:
    """Pixels within a Euclidean distance (OpenCV's ellipse is wider: at 2 it holds (2, 1), which is 2.2 away)."""
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    return (x * x + y * y <= radius * radius).astype(np.uint8)


def boundary_counts(
    truth: np.ndarray, prediction: np.ndarray, classes: int, tolerance: int = BOUNDARY_TOLERANCE
) -> np.ndarray:
    """Count boundary pixels that lie within a tolerance of the other map's boundary of the same class.

    The boundary F-score of Csurka et al., "What is a good evaluation measure for semantic segmentation?", BMVC 2013.

    Args:
        truth, prediction: (H, W) uint8 ids; boundaries within the tolerance of ignored pixels are not counted.
        classes: number of classes C.
        tolerance: pixels, Euclidean.

    Returns:
        (C, 4) int64, as in :class:`Counts`.
    """
    disc = _disc(tolerance)
    ignored = (truth == IGNORE_INDEX).astype(np.uint8)
    counted = cv2.dilate(ignored, disc) == 0 if ignored.any() else np.ones(truth.shape, bool)
    out = np.zeros((classes, 4), np.int64)
    occurs = np.bincount(truth.ravel(), minlength=256) + np.bincount(prediction.ravel(), minlength=256)
    for c in np.flatnonzero(occurs[:classes]):
        t = _boundary((truth == c).astype(np.uint8))
        p = _boundary((prediction == c).astype(np.uint8))
        # Near is near any boundary, also one that is not counted itself because it touches the ignored part.
        near_t, near_p = cv2.dilate(t, disc), cv2.dilate(p, disc)
        t, p = t * counted, p * counted
        out[c] = p.sum(), (p & near_t).sum(), t.sum(), (t & near_p).sum()
    return out


def count(truth: np.ndarray, prediction: np.ndarray, classes: int | None = None, *, boundaries: bool = True) -> Counts:
    """All counts of one picture; see :func:`confusion_matrix` and :func:`boundary_counts`.

    Args:
        truth, prediction: (H, W) uint8 ids.
        classes: number of classes of another vocabulary; None for the taxonomy's, and then ids of parts count as their
            class.
        boundaries: whether boundary pixels are counted too; zeros without.

    Raises:
        ValueError: the shapes differ, or the truth holds an id that is neither class nor part.
    """
    if classes is None:
        classes = taxonomy.NUM_CLASSES
        truth, prediction = _classes_of(truth), taxonomy.CLASS_OF[prediction]
    pairs = _pairs(truth, prediction, classes)
    boundary = boundary_counts(truth, prediction, classes) if boundaries else np.zeros((classes, 4), np.int64)
    return Counts(pairs[:, :classes], boundary, pairs[:, classes])


def _classes_of(truth: np.ndarray) -> np.ndarray:
    out = taxonomy.CLASS_OF[truth]
    strange = truth[(out == IGNORE_INDEX) & (truth != IGNORE_INDEX)]
    if len(strange):
        raise ValueError(f"truth holds id {strange.max()}, which is no class and no part")
    return out


def total(counts: Sequence[Counts]) -> Counts:
    """Sum over pictures. Raises ValueError for none."""
    if not counts:
        raise ValueError("no pictures to score")
    return Counts(
        np.sum([c.confusion for c in counts], axis=0),
        np.sum([c.boundary for c in counts], axis=0),
        np.sum([c.missed for c in counts], axis=0),
    )


def iou(counts: Counts) -> np.ndarray:
    """Intersection over union per class: (C,) float64 in 0..1, NaN where a class does not occur."""
    hit = np.diag(counts.confusion).astype(float)
    return _ratio(hit, counts.true + counts.predicted - hit)


def f1(counts: Counts) -> np.ndarray:
    """F1 (Dice) per class: (C,) float64 in 0..1, NaN where a class does not occur."""
    hit = np.diag(counts.confusion).astype(float)
    return _ratio(2 * hit, counts.true + counts.predicted)


def boundary_f(counts: Counts) -> np.ndarray:
    """Boundary F-score per class: (C,) float64 in 0..1, NaN where neither map has a boundary of it."""
    predicted, right, true, found = counts.boundary.T.astype(float)
    precision = np.where(predicted > 0, right / np.maximum(predicted, 1), 0)
    recall = np.where(true > 0, found / np.maximum(true, 1), 0)
    score = _ratio(2 * precision * recall, precision + recall)
    return np.where(predicted + true == 0, np.nan, np.nan_to_num(score))


def left_right_confusion(counts: Counts, pairs: Sequence[tuple[int, int]] = taxonomy.FLIP_PAIRS) -> float:
    """Share of pixels found as a paired part that carry the wrong side: 0 (none) to 1, NaN where no part was found."""
    wrong = right = 0
    for a, b in pairs:
        m = counts.confusion
        right += int(m[a, a] + m[b, b])
        wrong += int(m[a, b] + m[b, a])
    return wrong / (wrong + right) if wrong + right else float("nan")


def _ratio(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    return np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1), np.nan)


def mean(values: np.ndarray, ids: Sequence[int]) -> float:
    """Mean over the given class ids, classes without a score left out; NaN where none has one."""
    chosen = values[list(ids)]
    return float(np.nanmean(chosen)) if np.isfinite(chosen).any() else float("nan")


def bootstrap_interval(
    per_group: Sequence[Counts],
    statistic: Callable[[Counts], float],
    *,
    seed: int,
    rounds: int = 1000,
    level: float = 0.95,
) -> tuple[float, float]:
    """Percentile bootstrap over groups (Efron 1979).

    Args:
        per_group: counts of each group (character), the unit that is drawn with replacement.
        statistic: what to compute of the summed counts of a draw.
        seed: seed of the draws.
        rounds: number of draws.
        level: share of the distribution inside the interval.

    Returns:
        Lower and upper end; NaN for fewer than two groups, or where the statistic has no value in any draw.
    """
    low, high = bootstrap_intervals(per_group, lambda c: [statistic(c)], 1, seed, rounds, level)[0]
    return low, high


def bootstrap_intervals(
    per_group: Sequence[Counts],
    statistics: Callable[[Counts], Sequence[float]],
    width: int,
    seed: int,
    rounds: int = 1000,
    level: float = 0.95,
) -> list[tuple[float, float]]:
    """Intervals of several statistics from the same draws; see :func:`bootstrap_interval`.

    Args:
        statistics: what to compute of the summed counts of a draw.
        width: how many figures that gives.
    """
    if len(per_group) < 2:
        return [(float("nan"), float("nan"))] * width
    rng = np.random.default_rng(seed)
    times = rng.multinomial(len(per_group), np.full(len(per_group), 1 / len(per_group)), size=rounds)
    stacks = (np.stack([getattr(c, name) for c in per_group]) for name in ("confusion", "boundary", "missed"))
    drawn = np.array([statistics(Counts(*d)) for d in zip(*(np.tensordot(times, s, 1) for s in stacks), strict=True)])
    tail = (1 - level) / 2
    out = []
    for column in drawn.T:
        known = column[np.isfinite(column)]
        low, high = np.quantile(known, [tail, 1 - tail]) if len(known) else (np.nan, np.nan)
        out.append((float(low), float(high)))
    return out


def by_group(counts: Sequence[Counts], groups: Sequence[str]) -> dict[str, Counts]:
    """Sum the counts of the pictures of each group, in order of first occurrence."""
    out: dict[str, Counts] = {}
    for c, g in zip(counts, groups, strict=True):
        out[g] = out[g] + c if g in out else c
    return out


def finite(value: float | np.floating) -> float | None:
    """A figure as it is reported: five decimals, None for one that does not exist."""
    return round(float(value), 5) if np.isfinite(value) else None


def mean_interval(values: np.ndarray, *, seed: int) -> tuple[float, float]:
    """95 % percentile bootstrap of the mean of figures of groups.

    Args:
        values: (G,) a figure of each group, at least one; all finite.
        seed: seed of the draws.

    Returns:
        Lower and upper end.
    """
    drawn = np.random.default_rng(seed).choice(values, (1000, len(values))).mean(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


class Summary(Metrics):
    """Scores of label maps; a figure that does not exist is None, and class 0, the background, is left out of means.

    Attributes:
        pictures, groups: numbers of pictures and of characters.
        mean_iou, mean_f1, boundary_f: means over the classes, 0..1.
        small_part_f1: mean F1 over eyes, brows, nose and mouth, 0..1.
        left_right_confusion: see :func:`left_right_confusion`.
        pixel_accuracy: share of pixels of the right class, background included, 0..1.
        intervals: 95 % intervals of the first four, by group; unset where none were asked for.
        iou, f1, boundary_f_class: by class name.
    """

    pictures: int
    groups: int
    mean_iou: float | None
    mean_f1: float | None
    small_part_f1: float | None
    boundary_f: float | None
    left_right_confusion: float | None
    pixel_accuracy: float | None
    intervals: dict[str, tuple[float | None, float | None]] = Field(default_factory=dict)
    iou: dict[str, float | None]
    f1: dict[str, float | None]
    boundary_f_class: dict[str, float | None]


class PairedDifference(Metrics):
    """How much better one model is than another: mean and 95 % interval over groups, share of groups where it is."""

    mean: float | None
    interval: tuple[float | None, float | None]
    better_in: float | None


def summary(
    counts: Sequence[Counts],
    groups: Sequence[str],
    names: Sequence[str] = taxonomy.NAMES,
    *,
    seed: int = 0,
    rounds: int = 1000,
) -> Summary:
    """Score label maps.

    Args:
        counts: one per picture.
        groups: the group (character) of each picture, the unit of the intervals.
        names: class names in id order; class 0, the background, is left out of means.
        seed: seed of the bootstrap.
        rounds: draws of the bootstrap; 0 leaves the intervals out.
    """
    all_counts = total(counts)
    parts = range(1, len(names))
    small = [i for i, n in enumerate(names) if n in taxonomy.SMALL_PARTS or n == "brow"]
    sides = [
        (i, names.index(p)) for i, n in enumerate(names) if n.endswith("_left") and (p := n[:-4] + "right") in names
    ]

    def statistics(c: Counts) -> dict[str, float]:
        f = f1(c)
        return {
            "mean_iou": mean(iou(c), parts),
            "mean_f1": mean(f, parts),
            "small_part_f1": mean(f, small) if small else float("nan"),
            "boundary_f": mean(boundary_f(c), parts),
            "left_right_confusion": left_right_confusion(c, sides),
        }

    per_group = by_group(counts, groups)
    keys = ("mean_iou", "mean_f1", "small_part_f1", "boundary_f")
    intervals: dict[str, tuple[float | None, float | None]] = {}
    if rounds:
        ends = bootstrap_intervals(
            list(per_group.values()), lambda c: [statistics(c)[k] for k in keys], len(keys), seed, rounds
        )
        intervals = {key: (finite(low), finite(high)) for key, (low, high) in zip(keys, ends, strict=True)}
    accuracy = np.trace(all_counts.confusion) / max(1, all_counts.true.sum())
    by_class = {"iou": iou(all_counts), "f1": f1(all_counts), "boundary_f_class": boundary_f(all_counts)}
    return Summary(
        pictures=len(counts),
        groups=len(per_group),
        **{key: finite(value) for key, value in statistics(all_counts).items()},
        pixel_accuracy=finite(accuracy),
        **({"intervals": intervals} if rounds else {}),
        **{key: dict(zip(names, map(finite, values), strict=True)) for key, values in by_class.items()},
    )


def paired_difference(
    ours: Mapping[str, Counts], theirs: Mapping[str, Counts], statistic: Callable[[Counts], float], *, seed: int = 0
) -> PairedDifference:
    """How much better one model is than another on the same pictures, by character.

    The statistic is taken of each group for both models, and their differences are averaged; the interval is the
    percentile bootstrap of that average over groups.

    Args:
        ours, theirs: counts by group, of the same groups.
        statistic: a score of one group's counts; groups where either has none are left out.
        seed: seed of the draws.

    Raises:
        ValueError: the groups differ.
    """
    if ours.keys() != theirs.keys():
        raise ValueError("the two models were scored on different groups")
    return difference(np.array([statistic(ours[g]) - statistic(theirs[g]) for g in ours]), seed=seed)


def difference(differences: np.ndarray, *, seed: int = 0) -> PairedDifference:
    """What :func:`paired_difference` says of the differences of groups.

    Args:
        differences: (G,) one for each group; NaN where either model has no figure.
        seed: seed of the draws.
    """
    differences = differences[np.isfinite(differences)]
    if not len(differences):
        return PairedDifference(mean=None, interval=(None, None), better_in=None)
    low, high = mean_interval(differences, seed=seed)
    return PairedDifference(
        mean=finite(differences.mean()),
        interval=(finite(low), finite(high)),
        better_in=finite((differences > 0).mean()),
    )


class Accuracy(Metrics):
    """How good label maps are where the truth is known; a figure that does not exist is None.

    Attributes:
        pictures: number of pictures.
        mean_iou, mean_f1, boundary_f: means over the classes without background, 0..1.
        small_part_f1: mean F1 over eyes, brows, nose and mouth, 0..1.
        left_right_confusion: see :func:`left_right_confusion`.
        iou: by class.
    """

    pictures: int
    mean_iou: float | None
    mean_f1: float | None
    small_part_f1: float | None
    boundary_f: float | None
    left_right_confusion: float | None
    iou: dict[str, float | None]


def accuracy(counts: Sequence[Counts], groups: Sequence[str]) -> Accuracy | None:
    """The accuracy of label maps, from the counts of each picture and its group; None for no pictures."""
    if not counts:
        return None
    return Accuracy.model_validate(summary(counts, groups, rounds=0).model_dump(include=set(Accuracy.model_fields)))

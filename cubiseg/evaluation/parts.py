"""Scores of parts: how well hair is told into front, side and back, an eye into white, iris and lashes, and so on.

Truth and prediction may hold ids of classes and of parts side by side. What a pixel says then:

- Where the truth names a part, the prediction is right with that part and wrong with anything else, the bare class too.
- Where the truth names a class only ("not told apart further"), it says nothing about that class's parts; a part of
  another class is wrong there.
- A part that the truth of a set names nowhere has no score (NaN), and is left out of means.

Counts are :class:`cubiseg.scores.Counts` with a row and a column for every id of both levels, in the order of
``NAMES``, so they are summed, drawn and compared as those of classes are. Boundaries are not counted.

>>> import numpy as np
>>> from cubiseg.taxonomy import PART_ID
>>> truth = np.array([[PART_ID["hair_front"], PART_ID["hair_back"], PART_ID["hair"]]], np.uint8)
>>> counts = count(truth, np.full((1, 3), PART_ID["hair_front"], np.uint8))
>>> round(statistics(counts)["hair_front"], 3), hair_confusion(counts)["hair_back"]["hair_front"]
(0.667, 1.0)
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from pydantic import Field

from cubiseg import scores, taxonomy
from cubiseg.metrics import Metrics
from cubiseg.scores import Counts, finite

NAMES: tuple[str, ...] = tuple(taxonomy.PART_ID)
"""Names at both levels: classes first, in id order."""
FIRST = taxonomy.NUM_CLASSES
"""Place of the first part in ``NAMES``."""

_PLACE = np.full(256, taxonomy.IGNORE_INDEX, np.uint8)
_PLACE[list(taxonomy.PART_ID.values())] = np.arange(len(NAMES))
_CLASS_OF_PART = np.array([taxonomy.ID[p.of] for p in taxonomy.PARTS])
_CLASS_OF_PLACE = np.array([taxonomy.CLASS_OF[i] for i in taxonomy.PART_ID.values()])

_SIDES = ("left", "right")


def _kind(name: str) -> str:
    """A name without its side."""
    return "_".join(word for word in name.split("_") if word not in _SIDES)


PART_KINDS: dict[str, tuple[int, ...]] = {
    kind: tuple(i for i, p in enumerate(taxonomy.PARTS) if _kind(p.name) == kind)
    for kind in dict.fromkeys(_kind(p.name) for p in taxonomy.PARTS)
}
"""Indices into ``PARTS`` by name without side: one of a part that has no side, else two."""

SMALL: tuple[int, ...] = tuple(
    i for i, p in enumerate(taxonomy.PARTS) if p.of in ("eye_left", "eye_right", "mouth") or _kind(p.name) == "ear"
)
"""Indices into ``PARTS`` of the small parts: whites, irises, lashes, lips, the mouth's inside, ears."""

_HAIR = {kind: [FIRST + i for i in PART_KINDS[kind]] for kind in ("hair_front", "hair_side", "hair_back")}

_PART_PAIRS = {_kind(taxonomy.PART_NAME[a]): (int(_PLACE[a]), int(_PLACE[b])) for a, b in taxonomy.PART_FLIP_PAIRS}
_CLASS_PAIRS = {_kind(taxonomy.NAMES[a]): (a, b) for a, b in taxonomy.FLIP_PAIRS}

MEANS = ("mean_iou", "mean_f1", "small_part_f1")
FIGURES: tuple[str, ...] = (*MEANS, *PART_KINDS)
"""Keys of :func:`statistics`."""


def count(truth: np.ndarray, prediction: np.ndarray) -> Counts:
    """Count the pixels of one picture at both levels.

    Args:
        truth: (H, W) uint8, ids of classes and parts; 255 is not counted.
        prediction: (H, W) uint8, the same; 255 and what is no id are kept as ``missed``.

    Raises:
        ValueError: the shapes differ, or the truth holds an id that is neither class nor part.
    """
    places = _PLACE[truth]
    strange = truth[(places == taxonomy.IGNORE_INDEX) & (truth != taxonomy.IGNORE_INDEX)]
    if len(strange):
        raise ValueError(f"truth holds id {strange.max()}, which is no class and no part")
    return scores.count(places, _PLACE[prediction], len(NAMES), boundaries=False)


def tells_parts(counts: Counts) -> bool:
    """Whether there is something to score: the truth names a part somewhere, and so does the prediction."""
    return bool(counts.true[FIRST:].any() and counts.predicted[FIRST:].any())


def occurring(counts: Counts) -> tuple[np.ndarray, tuple[str, ...]]:
    """The confusion matrix without names that neither truth nor prediction has: (N, N) int64, and its N names."""
    there = np.flatnonzero(counts.true + counts.predicted)
    return counts.confusion[np.ix_(there, there)], tuple(NAMES[i] for i in there)


def _hits(counts: Counts) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pixels of each part that are right, true, and predicted where the truth can tell: (P,) float64 each."""
    part = np.arange(FIRST, len(NAMES))
    hit = np.diag(counts.confusion)[FIRST:].astype(float)
    cannot_tell = counts.confusion[_CLASS_OF_PART, part]
    return hit, counts.true[FIRST:].astype(float), (counts.predicted[FIRST:] - cannot_tell).astype(float)


def f1(counts: Counts) -> np.ndarray:
    """F1 of each part: (P,) float64 in 0..1, in the order of ``PARTS``; NaN where the truth has none of it."""
    hit, true, predicted = _hits(counts)
    return np.where(true > 0, 2 * hit / np.maximum(true + predicted, 1), np.nan)


def iou(counts: Counts) -> np.ndarray:
    """Intersection over union of each part, as :func:`f1`."""
    hit, true, predicted = _hits(counts)
    return np.where(true > 0, hit / np.maximum(true + predicted - hit, 1), np.nan)


def statistics(counts: Counts) -> dict[str, float]:
    """Means over the parts, and F1 by name without side (the mean of both sides); keys are ``FIGURES``."""
    by_part = f1(counts)
    every = range(len(by_part))
    means = (scores.mean(iou(counts), every), scores.mean(by_part, every), scores.mean(by_part, SMALL))
    kinds = {kind: scores.mean(by_part, ids) for kind, ids in PART_KINDS.items()}
    return {**dict(zip(MEANS, means, strict=True)), **kinds}


def hair_confusion(counts: Counts) -> dict[str, dict[str, float]]:
    """What the pixels of front, side and back hair are called, as shares of each: the rows of a matrix, by name.

    Both sides are one. ``other`` is whatever is none of the three; a row is NaN where the truth has no such hair.
    """
    out = {}
    for name, rows in _HAIR.items():
        true = counts.true[rows].sum()
        called = {other: counts.confusion[np.ix_(rows, columns)].sum() for other, columns in _HAIR.items()}
        called["other"] = true - sum(called.values())
        out[name] = {other: float(pixels / true) if true else float("nan") for other, pixels in called.items()}
    return out


def left_right(counts: Counts) -> dict[str, float]:
    """:func:`cubiseg.scores.left_right_confusion` of each pair, by name without side: classes, then parts.

    A pair of classes is compared by classes: an iris called the white of the other eye is on the wrong side.
    """
    merge = np.eye(FIRST, dtype=np.int64)[_CLASS_OF_PLACE]
    classes = Counts(merge.T @ counts.confusion @ merge, np.zeros((FIRST, 4), np.int64))
    by_class = {name: scores.left_right_confusion(classes, [pair]) for name, pair in _CLASS_PAIRS.items()}
    return by_class | {name: scores.left_right_confusion(counts, [pair]) for name, pair in _PART_PAIRS.items()}


class PartSummary(Metrics):
    """Scores of parts over all pictures; a figure that does not exist is None.

    Attributes:
        mean_iou, mean_f1: means over the parts that the truth names, 0..1.
        small_part_f1: mean F1 over whites, irises, lashes, lips, the mouth's inside and ears, 0..1.
        left_right_confusion: share of the pixels found as a paired part that carry the wrong side, 0..1.
        intervals: 95 % intervals of the first three and of ``kinds``, by group.
        kinds: F1 by name without side, the mean of both sides.
        hair: see :func:`hair_confusion`.
        left_right: see :func:`left_right`.
        iou, f1: by part.
    """

    mean_iou: float | None
    mean_f1: float | None
    small_part_f1: float | None
    left_right_confusion: float | None
    intervals: dict[str, tuple[float | None, float | None]]
    kinds: dict[str, float | None]
    hair: dict[str, dict[str, float | None]]
    left_right: dict[str, float | None]
    iou: dict[str, float | None]
    f1: dict[str, float | None]


class PartsByCharacter(Metrics):
    """Scores of parts where each character counts alike, however many pictures it has.

    Attributes:
        by_group: means over characters of each one's figures; keys as ``FIGURES``.
        intervals: their 95 % intervals, drawn over characters.
        per_group: the figures of each character, for paired comparisons.
    """

    by_group: dict[str, float | None]
    intervals: dict[str, tuple[float | None, float | None]] = Field(default_factory=dict)
    per_group: dict[str, dict[str, float | None]]


def summary(counts: Sequence[Counts], groups: Sequence[str], *, seed: int = 0) -> PartSummary | None:
    """Score maps of parts; None where there is nothing to score.

    Args:
        counts: of :func:`count`, one per picture.
        groups: the group (character) of each picture, the unit of the intervals.
        seed: seed of the bootstrap.
    """
    all_counts = scores.total(counts)
    if not tells_parts(all_counts):
        return None
    known = statistics(all_counts)
    per_group = list(scores.by_group(counts, groups).values())
    ends = scores.bootstrap_intervals(per_group, lambda c: list(statistics(c).values()), len(FIGURES), seed)
    names = [p.name for p in taxonomy.PARTS]
    return PartSummary(
        **{key: finite(known[key]) for key in MEANS},
        left_right_confusion=finite(scores.left_right_confusion(all_counts, list(_PART_PAIRS.values()))),
        intervals={key: (finite(low), finite(high)) for key, (low, high) in zip(FIGURES, ends, strict=True)},
        kinds={kind: finite(known[kind]) for kind in PART_KINDS},
        hair={name: {k: finite(v) for k, v in row.items()} for name, row in hair_confusion(all_counts).items()},
        left_right={name: finite(value) for name, value in left_right(all_counts).items()},
        iou=dict(zip(names, map(finite, iou(all_counts)), strict=True)),
        f1=dict(zip(names, map(finite, f1(all_counts)), strict=True)),
    )


def by_character(counts: Sequence[Counts], groups: Sequence[str], *, seed: int = 0) -> PartsByCharacter:
    """Means over characters of each character's figures; arguments as :func:`summary`."""
    per_group = {group: statistics(c) for group, c in sorted(scores.by_group(counts, groups).items())}
    means: dict[str, float | None] = {}
    intervals: dict[str, tuple[float | None, float | None]] = {}
    for key in FIGURES:
        values = np.array([figures[key] for figures in per_group.values()])
        values = values[np.isfinite(values)]
        low, high = scores.mean_interval(values, seed=seed) if len(values) > 1 else (np.nan, np.nan)
        means[key] = finite(values.mean()) if len(values) else None
        intervals[key] = finite(low), finite(high)
    return PartsByCharacter(
        by_group=means,
        intervals=intervals,
        per_group={group: {k: finite(v) for k, v in figures.items()} for group, figures in per_group.items()},
    )


def differences(
    ours: Mapping[str, Counts], theirs: Mapping[str, Counts], *, seed: int = 0
) -> dict[str, scores.PairedDifference]:
    """How much better one model tells parts than another on the same pictures, by character, for each of ``FIGURES``.

    Args:
        ours, theirs: sums of :func:`count` by group, of the same groups.
        seed: seed of the draws.

    Raises:
        ValueError: the groups differ.
    """

    def figure(key: str) -> Callable[[Counts], float]:
        return lambda counts: statistics(counts)[key]

    return {key: scores.paired_difference(ours, theirs, figure(key), seed=seed) for key in FIGURES}

"""Label maps as they were made, beside what people made of them."""

import functools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cubiseg.cleaning.answers import Answer, clean_answer, read_answer
from cubiseg.cleaning.corrections import Review, outcome, read_corrected_label
from cubiseg.cleaning.params import CleanParams
from cubiseg.cleaning.reviewed import apply_reviews
from cubiseg.cleaning.sample import given_label, hashes, tell_parts
from cubiseg.sample_files import find
from cubiseg.samples import LabelMethod, Sample
from cubiseg.workers import run_all


@dataclass(frozen=True)
class Folders:
    """Where everything lies: the prepared, the annotated and the corrections folder."""

    prepared: Path
    annotated: Path
    corrections: Path


@dataclass(frozen=True)
class Corrected:
    """An answer that a person corrected.

    Attributes:
        sample: its record in the annotated folder.
        answer: the answer.
        truth: (H, W) uint8, the corrected label map, ids of classes and parts, and 255.
    """

    sample: Sample
    answer: Answer
    truth: np.ndarray


def made_label(params: CleanParams, folders: Folders, sample: Sample) -> np.ndarray | None:
    """The label map that the stage clean makes of a sample before corrections.

    Args:
        params: block ``clean`` of the params.
        folders: where everything lies.
        sample: its record in the annotated folder.

    Returns:
        (H, W) uint8, ids of classes and parts, and 255; None where it has none.

    Raises:
        CubisegError: what it is made of is missing or malformed.
    """
    if sample.label is None:
        return None
    if sample.label_method is LabelMethod.GIVEN:
        return given_label(find(folders.annotated, sample.label), (sample.height, sample.width), params)[0]
    answer = read_answer(folders.annotated, folders.prepared, sample)
    return tell_parts(folders.annotated, sample, clean_answer(answer, params).label)


def corrected_label(
    folders: Folders, sample: Sample, reviews: Sequence[Review], made: np.ndarray | None
) -> np.ndarray | None:
    """The label map that people's corrections of a sample come to, None where nobody drew one.

    Args:
        folders: where everything lies.
        sample: its record.
        reviews: of the sample, the newest last.
        made: what the rules made of it.
    """
    result = outcome(reviews)
    if not result.corrections:
        return None
    return apply_reviews(made, result, folders.corrections, (sample.height, sample.width)).label


def labels_of_reviewers(
    folders: Folders, sample: Sample, reviews: Sequence[Review], made: np.ndarray | None
) -> dict[str, tuple[Review, np.ndarray | None]]:
    """The newest word of each reviewer on a label map as it was made, with the label map that it stands for.

    Args:
        folders, sample, reviews, made: as in :func:`corrected_label`.
    """
    known: Collection[str | None] = (None,) if made is None else hashes(made)
    said: dict[str, tuple[Review, np.ndarray | None]] = {}
    for review in reviews:
        if review.base_sha256 not in known:
            continue
        drawn = (
            read_corrected_label(folders.corrections, review, (sample.height, sample.width)) if review.label else made
        )
        said[review.reviewer] = review, drawn
    return said


def read_corrected(
    folders: Folders, samples: Sequence[Sample], reviews: Mapping[str, Sequence[Review]]
) -> list[Corrected]:
    """The answers that people corrected, in the order of the samples.

    Args:
        folders: where everything lies.
        samples: the annotated manifest.
        reviews: by sample, of each the newest last.

    Raises:
        CubisegError: an answer or a label map is missing or malformed.
    """
    tasks = [
        (s, reviews[s.id])
        for s in samples
        if s.id in reviews
        and s.label is not None
        and s.label_method is not LabelMethod.GIVEN
        and outcome(reviews[s.id]).corrections
    ]
    found = run_all(functools.partial(_read_corrected, folders), tasks, "reading corrections", threads=True)
    return [c for c in found if c is not None]


def _read_corrected(folders: Folders, task: tuple[Sample, Sequence[Review]]) -> Corrected | None:
    sample, reviews = task
    truth = corrected_label(folders, sample, reviews, None)
    return None if truth is None else Corrected(sample, read_answer(folders.annotated, folders.prepared, sample), truth)

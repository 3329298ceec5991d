"""One sample in the stage clean: its answer read, the rules run, a correction applied, its accuracy counted."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cubiseg import files, label_maps, scores, taxonomy
from cubiseg.cleaning.anatomy import several_faces
from cubiseg.cleaning.answers import Names, clean_answer, read_answer
from cubiseg.cleaning.corrections import Judgement
from cubiseg.cleaning.params import CleanParams
from cubiseg.cleaning.reviewed import apply_reviews
from cubiseg.cleaning.rules import apply_rules
from cubiseg.errors import CubisegError
from cubiseg.label_maps import read_exact_label
from cubiseg.part_choices import PartChoices, read_choices
from cubiseg.regions.quality import oracle_label
from cubiseg.sample_files import SampleFile, find
from cubiseg.samples import Flag, LabelMethod, PartsBy, Sample

RULES_VERSION = 2
"""Raised when the same params give other label maps."""

PARTIAL_SHARE = 0.05
"""A label map that leaves more of its picture unknown is flagged ``partial``."""


@dataclass(frozen=True)
class Task:
    """A sample to be cleaned.

    Attributes:
        sample: its record in the annotated folder.
        truth: known label map of a hidden sample, relative to the prepared folder; None where nothing is known.
        reviews: what people's reviews of it come to, or None.
    """

    sample: Sample
    truth: str | None
    reviews: Judgement | None


@dataclass(frozen=True)
class CleanedSample:
    """What became of a sample.

    Attributes:
        sample: its record in the clean folder.
        changed: pixels that each rule changed.
        before, after: counts against the truth before and after the rules; None where nothing is known.
        oracle: counts of perfect names for the same regions; None where no regions were named.
        corrected: a person's label map replaced it.
        base_changed: the review that counts saw another label map.
        made: hashes of the label map before anybody corrected it; empty where nobody reviewed it, or none was made.
    """

    sample: Sample
    changed: dict[str, int] = field(default_factory=dict)
    before: scores.Counts | None = None
    after: scores.Counts | None = None
    oracle: scores.Counts | None = None
    corrected: bool = False
    base_changed: bool = False
    made: tuple[str, ...] = ()


def clean_sample(
    params: CleanParams, prepared: Path, annotated: Path, corrections: Path, out: Path, task: Task
) -> CleanedSample:
    """Write the clean label map of one sample to ``out/labels/<id>.png``, where it has one.

    Args:
        params: rules and sizes.
        prepared: prepared folder.
        annotated: annotated folder.
        corrections: folder of corrections.
        out: clean folder.
        task: the sample.

    Raises:
        CubisegError: a label map, answer or correction is missing or malformed.
    """
    sample = task.sample
    size = (sample.height, sample.width)
    target = out / "labels" / f"{sample.id}.png"
    label: np.ndarray | None = None
    parts_by: PartsBy | None = PartsBy.LABEL
    before = after = oracle = None
    changed: dict[str, int] = {}
    if sample.label is not None:
        source = find(annotated, sample.label)
        if sample.label_method is LabelMethod.GIVEN:
            label, changed = given_label(source, size, params)
            if params.keep_given:
                files.copy_file(source, target)
            else:
                label_maps.write_label(target, label)
        else:
            answer = read_answer(annotated, prepared, sample)
            cleaned = clean_answer(answer, params)
            changed = cleaned.changed
            label, parts_by = tell_parts(annotated, sample, cleaned.label), sample.parts_by
            label_maps.write_label(target, label)
            version = f"{sample.label_version}/rules-{_version(params)}"
            sample = sample.model_copy(update={"label_version": version, "confidence": cleaned.confidence})
            if cleaned.confidence is not None and cleaned.confidence < params.low_confidence:
                sample = sample.flagged(Flag.LOW_CONFIDENCE)
            if task.truth is not None:
                truth = label_maps.read_classes(find(prepared, task.truth))
                before, after = scores.count(truth, cleaned.before), scores.count(truth, cleaned.label)
                if isinstance(answer.given, Names):
                    oracle = scores.count(truth, oracle_label(answer.given.regions, truth, taxonomy.NUM_CLASSES))
    corrected = base_changed = False
    made: tuple[str, ...] = ()
    if task.reviews is not None:
        made = () if label is None else hashes(label)
        reviewed = apply_reviews(label, task.reviews, corrections, size)
        label, base_changed = reviewed.label, reviewed.base_changed
        if label is not None and task.reviews.corrections:
            label_maps.write_label(target, label)
            corrected, parts_by = True, PartsBy.LABEL if reviewed.tells_parts else parts_by
            version = f"correction-{task.reviews.corrections[-1].revision}"
            sample = sample.model_copy(update={"label_method": LabelMethod.HUMAN, "label_version": version})
            sample = sample.flagged(Flag.CORRECTED)
        if base_changed or task.reviews.is_unsure or task.reviews.disagree:
            sample = sample.flagged(Flag.NEEDS_REVIEW)
    if label is not None:
        sample = sample.model_copy(update={"label": f"labels/{sample.id}.png"}).flagged(
            *quality_flags(taxonomy.CLASS_OF[label])
        )
    told = label is not None and label_maps.has_parts(label)
    sample = sample.model_copy(update={"parts_by": parts_by if told else None})
    return CleanedSample(sample, changed, before, after, oracle, corrected, base_changed, made)


def given_label(path: SampleFile, size: tuple[int, int], params: CleanParams) -> tuple[np.ndarray, dict[str, int]]:
    """What cleaning makes of a label map that its source brought, and how many pixels each rule changed.

    Args:
        path: the label map.
        size: height and width that it must have.
        params: what to do.

    Returns:
        (H, W) uint8, ids of classes and parts, and 255; as it came where ``keep_given``.

    Raises:
        CubisegError: it is missing, malformed, or of another size.
    """
    label = read_exact_label(path, size)
    if params.keep_given:
        return label, {}
    classes, changed = apply_rules(taxonomy.CLASS_OF[label], params)
    return label_maps.keep_parts(classes, label), changed


def tell_parts(annotated: Path, sample: Sample, classes: np.ndarray) -> np.ndarray:
    """A label map of classes with the parts that a model told of the picture, where one did.

    Args:
        annotated: annotated folder.
        sample: its record there.
        classes: (H, W) uint8, class ids and 255.

    Raises:
        CubisegError: what the model told is missing or damaged.
    """
    return read_parts(annotated, sample).tell(classes) if sample.parts_by is PartsBy.MODEL else classes


def hashes(label: np.ndarray) -> tuple[str, ...]:
    """The hashes by which reviews name a label map, (H, W) uint8: people see it at either level."""
    return label_maps.label_hash(label), label_maps.label_hash(taxonomy.CLASS_OF[label])


def read_parts(annotated: Path, sample: Sample) -> PartChoices:
    """What a model tells of the classes of a sample's picture.

    Args:
        annotated: annotated folder.
        sample: its record there, which says that a model tells parts.

    Raises:
        CubisegError: missing, damaged, or of another size than the picture.
    """
    path = find(annotated, f"parts/{sample.id}.npz")
    choices = read_choices(path)
    if choices.size != (sample.height, sample.width):
        raise CubisegError(f"{path}: is of a picture of another size; run the stage annotate again")
    return choices


def quality_flags(label: np.ndarray) -> list[Flag]:
    """What a label map says of its own picture: no face in it, or much of it unknown.

    Args:
        label: (H, W) uint8, class ids and 255.
    """
    flags = []
    if not np.isin(label, [taxonomy.ID[n] for n in ("face", "eye_left", "eye_right")]).any():
        flags.append(Flag.NO_FACE)
    if several_faces(label):
        flags.append(Flag.SEVERAL_PEOPLE)
    if (label == taxonomy.IGNORE_INDEX).mean() > PARTIAL_SHARE:
        flags.append(Flag.PARTIAL)
    return flags


def _version(params: CleanParams) -> str:
    """Short hash of what shapes the label maps."""
    facts = f"{RULES_VERSION}:{params.shaping()}"
    return hashlib.sha256(facts.encode()).hexdigest()[:8]

"""One sample in the stage clean: its answer read, the rules run, a correction applied, its accuracy counted."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cubiseg import files, imaging, label_maps, scores, taxonomy
from cubiseg.cleaning.anatomy import several_faces
from cubiseg.cleaning.corrections import Outcome
from cubiseg.cleaning.painted import read_painted
from cubiseg.cleaning.params import CleanParams
from cubiseg.cleaning.reviewed import apply_reviews
from cubiseg.cleaning.rules import apply_rules
from cubiseg.cleaning.votes import label_from_votes
from cubiseg.errors import CubisegError
from cubiseg.label_maps import read_exact_label
from cubiseg.part_choices import PartChoices, read_choices
from cubiseg.regions.files import read_proposals
from cubiseg.regions.naming import read_naming
from cubiseg.regions.quality import oracle_label
from cubiseg.samples import Flag, LabelMethod, PartsBy, Sample

RULES_VERSION = 2
"""Raised when the same params give other label maps."""

PARTIAL_SHARE = 0.05
"""A label map that leaves more of its picture unknown is flagged ``partial``."""

PAINTED_ONLY = ("snap", "islands", "one_per_side", "outlines")
"""Rules that are for painted answers. Outlines of regions follow the drawing's edges already; and their small pieces
were named one by one and weighed against their surroundings, so that taking them away costs more than it mends."""

_TELLTALE = ("islands", "sides", "one_per_side", "anatomy")
"""Rules that find work where names were wrong."""

_HALVING = 1000.0
"""Pixels moved by those rules, of a 512x512 picture, that halve the confidence."""


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
    reviews: Outcome | None


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
    """

    sample: Sample
    changed: dict[str, int] = field(default_factory=dict)
    before: scores.Counts | None = None
    after: scores.Counts | None = None
    oracle: scores.Counts | None = None
    corrected: bool = False
    base_changed: bool = False


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
        source = annotated / sample.label
        if sample.label_method is LabelMethod.GIVEN:
            label = read_exact_label(source, size)
            if params.keep_given:
                files.copy_file(source, target)
            else:
                classes, changed = apply_rules(taxonomy.CLASS_OF[label], params)
                label = label_maps.keep_parts(classes, label)
                label_maps.write_label(target, label)
        else:
            read = _read_names if source.suffix == ".json" else _read_painting
            answer = read(annotated, prepared, sample, params)
            rgb = imaging.read_picture(prepared / sample.image).over()
            classes, changed = apply_rules(answer.label, params, rgb, answer.leave_out)
            changed = {**answer.changed, **changed}
            label, parts_by = classes, sample.parts_by
            if parts_by is PartsBy.MODEL:
                label = read_parts(annotated, sample).tell(classes)
            label_maps.write_label(target, label)
            version = f"{sample.label_version}/rules-{_version(params)}"
            confidence = confidence_after_rules(answer.confidence, changed, label.size)
            sample = sample.model_copy(update={"label_version": version, "confidence": confidence})
            if confidence is not None and confidence < params.low_confidence:
                sample = sample.flagged(Flag.LOW_CONFIDENCE)
            if task.truth is not None:
                truth = label_maps.read_classes(prepared / task.truth)
                before, after = scores.count(truth, answer.before), scores.count(truth, classes)
                if answer.regions is not None:
                    oracle = scores.count(truth, oracle_label(answer.regions, truth, taxonomy.NUM_CLASSES))
    corrected = base_changed = False
    if task.reviews is not None:
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
    return CleanedSample(sample, changed, before, after, oracle, corrected, base_changed)


def read_parts(annotated: Path, sample: Sample) -> PartChoices:
    """What a model tells of the classes of a sample's picture.

    Args:
        annotated: annotated folder.
        sample: its record there, which says that a model tells parts.

    Raises:
        CubisegError: missing, damaged, or of another size than the picture.
    """
    path = annotated / "parts" / f"{sample.id}.npz"
    choices = read_choices(path)
    if choices.size != (sample.height, sample.width):
        raise CubisegError(f"{path}: is of a picture of another size; run the stage annotate again")
    return choices


@dataclass(frozen=True)
class _Answer:
    """A raw answer as a label map.

    Attributes:
        before: the answer before any cleaning.
        label: what the rules start from.
        changed: pixels that reading has changed, by rule.
        confidence: 0..1, None where nothing tells.
        regions: (H, W) int32, the regions that were named, None where none were.
        leave_out: rules that are not for such answers.
    """

    before: np.ndarray
    label: np.ndarray
    changed: dict[str, int] = field(default_factory=dict)
    confidence: float | None = None
    regions: np.ndarray | None = None
    leave_out: tuple[str, ...] = ()


def _read_painting(annotated: Path, prepared: Path, sample: Sample, params: CleanParams) -> _Answer:
    label, nearest = read_painted(annotated / str(sample.label), (sample.height, sample.width), params)
    return _Answer(nearest, label)


def _read_names(annotated: Path, prepared: Path, sample: Sample, params: CleanParams) -> _Answer:
    proposals = read_proposals(annotated / "regions" / f"{sample.id}.npz")
    if proposals.regions.shape != (sample.height, sample.width):
        raise CubisegError(f"{annotated}: the regions of {sample.id} have another size; run the stage annotate again")
    naming = read_naming(annotated / str(sample.label))
    named = label_from_votes(proposals, naming, imaging.read_picture(prepared / sample.image).over(), params)
    changed = {"potts": int((named.voted != named.label).sum())} if params.rules.potts else {}
    asked = proposals.label(np.array(naming.asked))
    return _Answer(named.voted, named.label, changed, named.confidence, asked, PAINTED_ONLY)


def confidence_after_rules(confidence: float | None, changed: dict[str, int], size: int) -> float | None:
    """Confidence in a label map after the rules: what they had to move was wrong, and more may be.

    Args:
        confidence: confidence in the names before the rules, 0..1; None where there are none.
        changed: pixels that each rule changed.
        size: number of the picture's pixels.
    """
    if confidence is None:
        return None
    moved = sum(changed.get(name, 0) for name in _TELLTALE) * (512 * 512 / size)
    return round(confidence / (1 + moved / _HALVING), 5)


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

"""The clean folder: a label map for every sample that has one, what each rule changed, and what it was good for."""

import functools
import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from cubiseg import files, imaging, label_maps, scores, taxonomy
from cubiseg.cleaning.anatomy import several_faces
from cubiseg.cleaning.answers import read_painted
from cubiseg.cleaning.corrections import Correction, read_corrected_label, read_corrections
from cubiseg.cleaning.params import CleanParams
from cubiseg.cleaning.rules import RULES, apply_rules
from cubiseg.cleaning.votes import label_from_votes
from cubiseg.errors import CubisegError
from cubiseg.label_maps import label_hash, read_exact_label
from cubiseg.regions.files import read_proposals
from cubiseg.regions.naming import read_naming
from cubiseg.regions.quality import oracle_label
from cubiseg.samples import Flag, LabelMethod, Sample, read_manifest, write_manifest
from cubiseg.workers import run_all

RULES_VERSION = 2
"""Raised when the same params give other label maps."""

ACCURACY = ("pictures", "mean_iou", "mean_f1", "small_part_f1", "boundary_f", "left_right_confusion", "iou")
"""What the metrics take of :func:`cubiseg.scores.summary`."""

PARTIAL_SHARE = 0.05
"""A label map that leaves more of its picture unknown is flagged ``partial``."""


CHANGES = "changes.jsonl"
"""What each rule changed on each sample, in pixels."""

PAINTED_ONLY = ("snap", "islands", "one_per_side", "outlines")
"""Rules that are for painted answers. Outlines of regions follow the drawing's edges already; and their small pieces
were named one by one and weighed against their surroundings, so that taking them away costs more than it mends."""


_TELLTALE = ("islands", "sides", "one_per_side", "anatomy")
"""Rules that find work where names were wrong."""

_HALVING = 1000.0
"""Pixels moved by those rules, of a 512x512 picture, that halve the confidence."""


@dataclass(frozen=True)
class _Task:
    sample: Sample
    truth: str | None
    correction: Correction | None


@dataclass(frozen=True)
class _Done:
    sample: Sample
    changed: dict[str, int] = field(default_factory=dict)
    before: scores.Counts | None = None
    after: scores.Counts | None = None
    oracle: scores.Counts | None = None
    corrected: bool = False
    base_changed: bool = False


def clean(params: CleanParams, prepared: Path, annotated: Path, corrections: Path, out: Path) -> dict[str, Any]:
    """Fill ``out`` with ``labels/`` and the manifest, replaced whole.

    Known labels pass unchanged once their ids and size have proved right (``keep_given``); answers are read and go
    through the rules; corrections by people replace whatever there was. Where a hidden label is known, accuracy is
    measured before the rules (every pixel its nearest colour) and after, corrections not counted.

    Args:
        params: rules and sizes.
        prepared: prepared folder, for the truth of hidden labels.
        annotated: annotated folder.
        corrections: folder of corrections; may be empty.
        out: folder to replace.

    Returns:
        Metrics: counts, what each rule changed, accuracy before and after, corrections.

    Raises:
        CubisegError: a manifest, label map or correction is missing or malformed.
    """
    truths = {s.id: s.label for s in read_manifest(prepared)}
    samples = read_manifest(annotated)
    records = read_corrections(corrections)
    tasks = [
        _Task(
            sample=s,
            truth=truths.get(s.id) if s.label_method not in (None, LabelMethod.GIVEN) else None,
            correction=records.get(s.id),
        )
        for s in samples
    ]
    done: list[_Done] = []

    with files.fresh_folder(out) as folder:
        (folder / "labels").mkdir()
        work = functools.partial(_clean_one, params, prepared, annotated, corrections, folder)
        done.extend(run_all(work, tasks, "cleaning"))
        write_manifest(folder, [d.sample for d in done])
        rows = sorted((d.sample.id, d.changed) for d in done if d.changed)
        files.write_text(folder / CHANGES, "".join(json.dumps({"id": i, "pixels": c}) + "\n" for i, c in rows))

    measured = [d for d in done if d.before is not None and d.after is not None]
    groups = [d.sample.group for d in measured]
    return {
        "pictures": len(done),
        "labelled": sum(d.sample.label is not None for d in done),
        "cleaned": sum(bool(d.changed) for d in done),
        "rules": {
            name: {
                "pixels": sum(d.changed.get(name, 0) for d in done),
                "pictures": sum(d.changed.get(name, 0) > 0 for d in done),
            }
            for name in ("potts", *RULES)
            if getattr(params.rules, name)
        },
        "before": _accuracy([d.before for d in measured if d.before], groups),
        "after": _accuracy([d.after for d in measured if d.after], groups),
        "oracle": _accuracy([d.oracle for d in measured if d.oracle], [d.sample.group for d in measured if d.oracle]),
        "confidence": _confidence(measured),
        "flags": {f.value: n for f in Flag if (n := Counter(f for d in done for f in d.sample.flags)[f])},
        "corrections": {
            "applied": sum(d.corrected for d in done),
            "base_changed": sorted(d.sample.id for d in done if d.base_changed),
            "without_sample": sorted(set(records) - {s.id for s in samples}),
        },
    }


def _accuracy(counts: Sequence[scores.Counts], groups: Sequence[str]) -> dict[str, Any] | None:
    if not counts:
        return None
    summary = scores.summary(counts, groups, rounds=0)
    return {key: summary[key] for key in ACCURACY}


def _confidence(measured: Sequence[_Done]) -> dict[str, float | None] | None:
    """How well confidence predicts the mean IoU of the clean label map, by rank over pictures (Spearman's rho)."""
    pairs = [
        (d.sample.confidence, scores.mean(scores.iou(d.after), range(1, taxonomy.NUM_CLASSES)))
        for d in measured
        if d.sample.confidence is not None and d.after is not None
    ]
    if len(pairs) < 3:
        return None
    confidence, quality = np.array(pairs).T
    return {"mean": round(float(confidence.mean()), 5), "rank_correlation": rank_correlation(confidence, quality)}


def settled_confidence(confidence: float | None, changed: dict[str, int], size: int) -> float | None:
    """Confidence in a label map after the rules: what they had to move was wrong, and more may be.

    Args:
        confidence: of the names, None where there are none.
        changed: pixels by rule.
        size: pixels of the picture.
    """
    if confidence is None:
        return None
    moved = sum(changed.get(name, 0) for name in _TELLTALE) * (512 * 512 / size)
    return round(confidence / (1 + moved / _HALVING), 5)


def rank_correlation(a: np.ndarray, b: np.ndarray) -> float | None:
    """Spearman's rank correlation, -1..1; None where either is constant."""
    from scipy.stats import rankdata

    x, y = rankdata(a) - (len(a) + 1) / 2, rankdata(b) - (len(b) + 1) / 2
    bottom = np.sqrt((x**2).sum() * (y**2).sum())
    return round(float((x * y).sum() / bottom), 5) if bottom else None


def _clean_one(
    params: CleanParams, prepared: Path, annotated: Path, corrections: Path, out: Path, task: _Task
) -> _Done:
    sample = task.sample
    size = (sample.height, sample.width)
    target = out / "labels" / f"{sample.id}.png"
    label: np.ndarray | None = None
    before = after = oracle = None
    changed: dict[str, int] = {}
    if sample.label is not None:
        source = annotated / sample.label
        if sample.label_method is LabelMethod.GIVEN:
            label = read_exact_label(source, size)
            if params.keep_given:
                files.copy_file(source, target)
            else:
                label, changed = apply_rules(label, params)
                label_maps.write_label(target, label)
        else:
            read = _read_names if source.suffix == ".json" else _read_painting
            answer = read(annotated, prepared, sample, params)
            rgb = imaging.read_picture(prepared / sample.image).over()
            label, changed = apply_rules(answer.label, params, rgb, answer.leave_out)
            changed = {**answer.changed, **changed}
            label_maps.write_label(target, label)
            version = f"{sample.label_version}/rules-{_version(params)}"
            confidence = settled_confidence(answer.confidence, changed, label.size)
            sample = sample.model_copy(update={"label_version": version, "confidence": confidence})
            if confidence is not None and confidence < params.low_confidence:
                sample = sample.flagged(Flag.LOW_CONFIDENCE)
            if task.truth is not None:
                truth = label_maps.read_label(prepared / task.truth)
                before, after = scores.count(truth, answer.before), scores.count(truth, label)
                if answer.regions is not None:
                    oracle = scores.count(truth, oracle_label(answer.regions, truth, taxonomy.NUM_CLASSES))
    base_changed = False
    if task.correction is not None:
        base = None if label is None else label_hash(label)
        base_changed = base != task.correction.base_sha256
        label = read_corrected_label(corrections, task.correction, size)
        label_maps.write_label(target, label)
        version = f"correction-{task.correction.revision}"
        sample = sample.model_copy(update={"label_method": LabelMethod.HUMAN, "label_version": version})
        sample = sample.flagged(Flag.CORRECTED, *([Flag.NEEDS_REVIEW] if base_changed else []))
    if label is not None:
        sample = sample.model_copy(update={"label": f"labels/{sample.id}.png"}).flagged(*quality_flags(label))
    return _Done(sample, changed, before, after, oracle, task.correction is not None, base_changed)


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


def quality_flags(label: np.ndarray) -> list[Flag]:
    """What a label map says of its own picture: no face in it, or much of it unknown.

    Args:
        label: (H, W) uint8, taxonomy ids and 255.
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
    facts = f"{RULES_VERSION}:{params.model_dump_json()}"
    return hashlib.sha256(facts.encode()).hexdigest()[:8]

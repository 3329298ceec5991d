"""The stage clean: a label map for every sample that has one, what each rule changed, and what it was good for."""

import functools
import json
from pathlib import Path

from cubiseg import files
from cubiseg.cleaning.corrections import Judgement, outcome, read_reviews
from cubiseg.cleaning.figures import CleanMetrics, measure
from cubiseg.cleaning.params import CleanParams
from cubiseg.cleaning.sample import Task, clean_sample
from cubiseg.cleaning.spot_checks import DRAWN, read_drawn, require, spot_check
from cubiseg.packing import Pack, pack_samples
from cubiseg.samples import LabelMethod, read_manifest, write_manifest
from cubiseg.workers import run_all

CHANGES = "changes.jsonl"
"""What each rule changed on each sample, in pixels."""


def clean(
    params: CleanParams, prepared: Path, annotated: Path, corrections: Path, out: Path, pack: Pack = Pack.AUTO
) -> CleanMetrics:
    """Fill ``out`` with ``labels/`` and the manifest, replaced whole.

    Known labels pass unchanged once their ids and size have proved right (``keep_given``); answers are read and go
    through the rules, and where a model tells parts, each pixel takes its best part of the class that is left to it;
    what people said comes last: pictures that they reject are left out, label maps that they drew count. Where a
    hidden label is known, accuracy is measured before the rules (every pixel its nearest colour) and after, corrections
    not counted.

    Args:
        params: rules and sizes.
        prepared: prepared folder, for the truth of hidden labels.
        annotated: annotated folder.
        corrections: folder of corrections; may be empty.
        out: folder to replace.
        pack: how the label maps lie in it.

    Returns:
        Metrics: counts, what each rule changed, accuracy before and after, corrections.

    Raises:
        CubisegError: a manifest, label map or correction is missing or malformed.
    """
    truths = {s.id: s.label for s in read_manifest(prepared)}
    samples = read_manifest(annotated)
    reviews = read_reviews(corrections)
    drawn = read_drawn(corrections / DRAWN) if (corrections / DRAWN).is_file() else []
    reviewed = {sample: outcome(said) for sample, said in reviews.items()}
    tasks = [
        Task(
            sample=s,
            truth=truths.get(s.id) if s.label_method not in (None, LabelMethod.GIVEN) else None,
            reviews=reviewed.get(s.id),
        )
        for s in samples
        if not _is_rejected(reviewed.get(s.id))
    ]
    with files.fresh_folder(out) as folder:
        (folder / "labels").mkdir()
        work = functools.partial(clean_sample, params, prepared, annotated, corrections, folder)
        done = run_all(work, tasks, "cleaning")
        write_manifest(folder, [d.sample for d in done])
        pack_samples(folder, ("labels",), pack, len(done))
        rows = sorted((d.sample.id, d.changed) for d in done if d.changed)
        files.write_text(folder / CHANGES, "".join(json.dumps({"id": i, "pixels": c}) + "\n" for i, c in rows))

    metrics = measure(params, done, {s.id for s in samples}, reviewed)
    if not (reviews or drawn):
        return metrics
    known = {s.id: reviews[s.id] for s in samples if s.id in reviews}
    checked = spot_check(drawn, known, {d.sample.id: d.made for d in done})
    return metrics.model_copy(update={"spot_check": checked})


def check_accuracy(params: CleanParams, metrics: CleanMetrics) -> None:
    """Stop where people accepted too few of the label maps to train on them.

    Args:
        params: ``required_accuracy`` is the share of accepted label maps that the 95 % interval must begin above.
        metrics: figures that :func:`clean` returned.

    Raises:
        CubisegError: it does not; the message says how many more to review.
    """
    if params.required_accuracy is not None:
        require(metrics.spot_check, params.required_accuracy)


def _is_rejected(reviews: Judgement | None) -> bool:
    return reviews is not None and reviews.rejected is not None

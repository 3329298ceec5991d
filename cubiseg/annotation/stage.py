"""The stage annotate: known labels as they are, raw answers for the rest, and how good the answers are."""

import functools
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from cubiseg import files, label_maps, sample_files, scores, taxonomy
from cubiseg.annotation.conversation import ConversationResult, converse_all, memory_of, plan_questions
from cubiseg.annotation.metrics import AnnotateMetrics, RegionCounts
from cubiseg.annotation.params import AnnotateParams
from cubiseg.answers.requests import Outcome
from cubiseg.answers.store import ResponseStore, share
from cubiseg.errors import CubisegError
from cubiseg.packing import Pack, pack_samples
from cubiseg.part_choices import write_choices
from cubiseg.regions.files import write_proposals
from cubiseg.regions.naming import Naming, count_votes, voted_label
from cubiseg.regions.quality import oracle_label
from cubiseg.samples import Flag, LabelMethod, PartsBy, Sample, write_manifest
from cubiseg.scores import Accuracy
from cubiseg.workers import run_all

log = logging.getLogger(__name__)


def annotate(
    params: AnnotateParams,
    prepared: Path,
    codebook: Path,
    out: Path,
    responses: Path,
    store: ResponseStore,
    cache: Path | None = None,
    examples: Path | None = None,
    pack: Pack = Pack.AUTO,
) -> AnnotateMetrics:
    """Fill ``out`` with ``labels/`` (known), ``answers/``, ``regions/`` and the manifest; it is replaced whole.

    Where a model that tells parts guides or answers, ``parts/`` has what it would call every class at each pixel.

    A manifest record's ``label`` is in ``labels/`` where it is known, in ``answers/`` where it was answered, and None
    where the provider refused or its answer cannot be read. What the store or ``responses`` holds is not asked again.

    Args:
        params: parameters of the stage annotate.
        prepared: prepared folder.
        codebook: file with what belongs to each class.
        out: folder to replace.
        responses: folder of shared responses, read first and then replaced by those that were used.
        store: response store, which keeps every answer the moment it comes.
        cache: folder that keeps region proposals; that of the environment where not given.
        examples: folder with the right label maps of worked examples.
        pack: how the files of samples lie in ``out``.

    Returns:
        Metrics: counts, cost, and where the truth is known the accuracy of the raw answers and of perfect names.

    Raises:
        CubisegError: unknown provider or protocol, or pictures whose labels the provider cannot give.
    """
    questions = plan_questions(params, prepared, codebook, store.root, cache, examples)
    samples, asked, find = questions.samples, questions.asked, questions.find
    protocol = questions.protocol
    store.seed(responses)
    answers = converse_all(questions, store)
    records = [record for answer in answers for record in answer.records]
    share(responses, records)
    read = {s.id: answer for s, answer in zip(asked, answers, strict=True)}

    with files.fresh_folder(out) as folder:
        for name in ("labels", "answers", "regions"):
            (folder / name).mkdir()
        placed = functools.partial(
            _place,
            prepared=prepared,
            folder=folder,
            suffix=protocol.suffix,
            method=questions.method,
            version=questions.version,
            parts_by=None if questions.tell is None else PartsBy.MODEL,
        )
        rows = [placed(s, read.get(s.id)) for s in samples]
        write_manifest(folder, rows)
        if protocol.needs_regions:
            for s in asked:
                if read[s.id].content is not None:
                    write_proposals(folder / "regions" / f"{s.id}.npz", find(s))
        if questions.tell is not None:
            answered = [s for s in asked if read[s.id].content is not None]
            (folder / "parts").mkdir()
            run_all(
                functools.partial(_write_parts, questions.tell, folder), answered, "telling parts", memory=memory_of
            )
        pack_samples(folder, ("labels", "answers", "regions", "parts"), pack, len(samples))

    outcomes = Counter(r.outcome for r in answers)
    if unanswered := len(answers) - outcomes[Outcome.OK]:
        log.warning(
            f"{unanswered} of {len(answers)} pictures have no label: `cubiseg annotate failures` lists them, `cubiseg "
            "annotate retry` lets them be asked again"
        )
    known = [s for s in asked if s.label is not None and read[s.id].content is not None]
    measured = _Measured.of(known, prepared, out, read, find, protocol.needs_regions)
    contents = [a.content for a in answers if a.content is not None]
    return AnnotateMetrics(
        pictures=len(samples),
        given=len(samples) - len(asked),
        hidden=sum(s.label is not None for s in asked),
        unlabelled=sum(s.label is None for s in asked),
        answered=outcomes[Outcome.OK],
        refused=outcomes[Outcome.REFUSED],
        malformed=outcomes[Outcome.MALFORMED],
        failed=outcomes[Outcome.FAILED],
        **(_region_counts(contents) if protocol.needs_regions else RegionCounts()),
        questions=len(records),
        input_tokens=sum(r.response.input_tokens for r in records),
        output_tokens=sum(r.response.output_tokens for r in records),
        cost_usd=round(sum(r.response.cost_usd for r in records), 6),
        raw_accuracy=measured.answers,
        oracle_accuracy=measured.oracle,
    )


def check_gold(params: AnnotateParams, metrics: AnnotateMetrics) -> None:
    """Stop where the answers on hidden labels are too bad to train on.

    Args:
        params: parameters of the stage annotate; ``min_gold_miou`` is the smallest mean IoU that is good enough.
        metrics: figures that :func:`annotate` returned.

    Raises:
        CubisegError: the raw answers' mean IoU is smaller; the classes below it are named.
    """
    accuracy, least = metrics.raw_accuracy, params.min_gold_miou
    if accuracy is None or accuracy.mean_iou is None or accuracy.mean_iou >= least:
        return
    bad = ", ".join(
        f"{n} {v:.2f}" for n, v in accuracy.iou.items() if v is not None and v < least and n != "background"
    )
    raise CubisegError(
        f"answers reach a mean IoU of {accuracy.mean_iou:.3f} on the hidden labels, under annotate.min_gold_miou = "
        f"{least}: {bad}; choose another provider, protocol or prompt, or lower the limit"
    )


def _place(
    sample: Sample,
    read: ConversationResult | None,
    prepared: Path,
    folder: Path,
    suffix: str,
    method: LabelMethod,
    version: str,
    parts_by: PartsBy | None,
) -> Sample:
    """Put a sample's label or answer into the annotated folder and say so in its record."""
    if read is None:
        target = f"labels/{sample.id}.png"
        files.copy_file(sample_files.find(prepared, str(sample.label)), folder / target)
        return sample.model_copy(update={"label": target})
    if read.content is None:
        flag = Flag.REFUSED if read.outcome is Outcome.REFUSED else Flag.NEEDS_REVIEW
        return sample.flagged(flag).model_copy(update={"label": None, "label_method": None, "label_version": None})
    target = f"answers/{sample.id}{suffix}"
    with files.atomic_write(folder / target) as file:
        file.write(read.content)
    labelled = sample.flagged(Flag.PARTIAL) if read.partial else sample
    told = {} if parts_by is None else {"parts_by": parts_by}
    return labelled.model_copy(update={"label": target, "label_method": method, "label_version": version, **told})


def _write_parts(tell: functools.partial, folder: Path, sample: Sample) -> None:
    write_choices(folder / "parts" / f"{sample.id}.npz", tell(sample))


def _region_counts(answers: Sequence[bytes]) -> RegionCounts:
    namings = [Naming.model_validate_json(content) for content in answers]
    asked = sum(len(n.asked) for n in namings)
    named = sum(len({v.node for v in n.votes} & set(n.asked)) for n in namings)
    return {
        "regions": asked,
        "unsure_share": round(sum(len(n.unsure) for n in namings) / max(1, asked), 5),
        "unnamed_share": round((asked - named) / max(1, asked), 5),
    }


@dataclass(frozen=True)
class _Measured:
    """Scores of raw answers, and of perfect names for the same regions; None where nothing is known."""

    answers: Accuracy | None = None
    oracle: Accuracy | None = None

    @classmethod
    def of(
        cls,
        known: Sequence[Sample],
        prepared: Path,
        out: Path,
        read: dict[str, ConversationResult],
        find: functools.partial,
        regions_asked: bool,
    ) -> "_Measured":
        if not known:
            return cls()
        groups = [s.group for s in known]
        tasks = [(s, read[s.id].content or b"") for s in known]
        work: functools.partial[Counted] = (
            functools.partial(_count_names, prepared, find)
            if regions_asked
            else functools.partial(_count_paint, prepared, out)
        )
        counts = run_all(work, tasks, "measuring answers")
        ceiling = [c[1] for c in counts if c[1] is not None]
        return cls(scores.accuracy([c[0] for c in counts], groups), scores.accuracy(ceiling, groups))


Counted = tuple[scores.Counts, scores.Counts | None]


def _count_paint(prepared: Path, out: Path, task: tuple[Sample, bytes]) -> Counted:
    """Each pixel read as its nearest palette colour."""
    sample, _ = task
    truth = label_maps.read_classes(sample_files.find(prepared, str(sample.label)))
    painted = label_maps.read_label_or_colours(sample_files.find(out, f"answers/{sample.id}.png"))
    label = painted if painted.ndim == 2 else label_maps.decolourise(painted)[0]
    height, width = truth.shape
    resized = np.asarray(cv2.resize(label, (width, height), interpolation=cv2.INTER_NEAREST_EXACT))
    return scores.count(truth, resized), None


def _count_names(prepared: Path, find: functools.partial, task: tuple[Sample, bytes]) -> Counted:
    """Each region as most votes have it, without any cleaning; and as it should be."""
    sample, content = task
    truth = label_maps.read_classes(sample_files.find(prepared, str(sample.label)))
    proposals, naming = find(sample), Naming.model_validate_json(content)
    said = voted_label(*count_votes(proposals, naming))
    asked = proposals.label(np.array(naming.asked))
    best = oracle_label(asked, truth, taxonomy.NUM_CLASSES)
    return scores.count(truth, said), scores.count(truth, best)

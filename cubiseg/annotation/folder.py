"""The annotated folder: known labels as they are, raw answers for the rest, and how good the answers are."""

import functools
import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from cubiseg import imaging, scores
from cubiseg.annotation.codebook import load_codebook
from cubiseg.annotation.params import AnnotateParams
from cubiseg.annotation.protocols import Protocol, find_protocol
from cubiseg.annotation.protocols.paint import Malformed
from cubiseg.annotation.providers import PROVIDERS, Provider, make_provider
from cubiseg.annotation.requests import Outcome, Request, digest, request_key
from cubiseg.annotation.store import Record, ResponseStore, share
from cubiseg.errors import CubisegError
from cubiseg.samples import Flag, LabelMethod, Sample, read_manifest, write_manifest
from cubiseg.workers import run_all

ACCURACY = ("pictures", "mean_iou", "mean_f1", "small_part_f1", "boundary_f", "left_right_confusion", "iou")
"""What the metrics take of :func:`cubiseg.scores.summary`."""


@dataclass(frozen=True)
class _Read:
    """A record as its protocol reads it: ``content`` is None unless ``outcome`` is ok."""

    outcome: Outcome
    content: bytes | None


def hidden_groups(groups: set[str], share: float, seed: int) -> set[str]:
    """Groups whose known labels are treated as unknown.

    Each group's fate hangs on a hash of the seed and its own name, so that more pictures change nothing for the others;
    one group at least is hidden where the share is above 0.

    Args:
        groups: all groups with known labels.
        share: 0..1.
        seed: of the choice.
    """
    place = {g: int(hashlib.sha256(f"hide:{seed}:{g}".encode()).hexdigest()[:12], 16) / 16**12 for g in groups}
    chosen = {g for g in groups if place[g] < share}
    return chosen or ({min(groups, key=lambda g: place[g])} if share > 0 and groups else set())


def annotate(
    params: AnnotateParams, prepared: Path, codebook_path: Path, out: Path, responses: Path, store: ResponseStore
) -> dict[str, Any]:
    """Fill ``out`` with ``labels/`` (known, copied), ``answers/`` (as received) and the manifest, replaced whole.

    A manifest record's ``label`` is in ``labels/`` where it is known, in ``answers/`` where it was answered, and None
    where the provider refused or its answer cannot be read. What the store or ``responses`` holds is not asked again.

    Args:
        params: whom to ask about what.
        prepared: the prepared folder.
        codebook_path: ``codebook.yaml``.
        out: folder to replace.
        responses: shared responses, read first and then replaced by those that were used.
        store: keeps every answer the moment it comes.

    Returns:
        Metrics: counts, cost, and the accuracy of the raw answers where the truth is known.

    Raises:
        CubisegError: unknown provider or protocol, or pictures whose labels the provider cannot give.
    """
    protocol, provider = find_protocol(params.protocol), make_provider(params)
    codebook = load_codebook(codebook_path)
    samples = read_manifest(prepared)
    hidden = hidden_groups({s.group for s in samples if s.label is not None}, params.hide_labels, params.seed)
    asked = [s for s in samples if s.label is None or s.group in hidden]
    unknown = sum(s.label is None for s in asked)
    if unknown and provider.needs_truth:
        others = ", ".join(name for name in PROVIDERS if name != provider.name)
        raise CubisegError(
            f"{prepared}: {unknown} pictures have no label map, and provider {provider.name!r} answers only where one "
            f"is known; set annotate.provider to one that looks at pictures ({others or 'none is built in yet'}), add "
            "label maps to data/references/labels, or take references out of prepare.sources"
        )
    prompt = protocol.prompt(codebook)
    requests = [
        Request(
            sample=s.id,
            image=prepared / s.image,
            pixels=s.sha256,
            prompt=prompt,
            protocol=f"{protocol.name}-{protocol.version}",
            truth=prepared / s.label if s.label is not None and provider.needs_truth else None,
        )
        for s in asked
    ]
    store.seed(responses)
    records = run_all(functools.partial(_ask, provider, store), requests, f"asking {provider.name}", threads=True)
    share(responses, records)
    read = {s.id: _read(protocol, r) for s, r in zip(asked, records, strict=True)}
    shape = digest({"prompt": prompt, "codebook": codebook.digest, "provider": dict(provider.fingerprint())})
    version = f"{provider.name}/{protocol.name}-{protocol.version}/{shape[:12]}"

    def fill(folder: Path) -> None:
        for name in ("labels", "answers"):
            (folder / name).mkdir()
        rows = [_place(s, prepared, folder, read.get(s.id), protocol.suffix, provider.method, version) for s in samples]
        write_manifest(folder, rows)

    imaging.replace_folder(out, fill)
    outcomes = Counter(r.outcome for r in read.values())
    return {
        "pictures": len(samples),
        "given": len(samples) - len(asked),
        "hidden": len(asked) - unknown,
        "unlabelled": unknown,
        "answered": outcomes[Outcome.OK],
        "refused": outcomes[Outcome.REFUSED],
        "malformed": outcomes[Outcome.MALFORMED],
        "input_tokens": sum(r.response.input_tokens for r in records),
        "output_tokens": sum(r.response.output_tokens for r in records),
        "cost_usd": round(sum(r.response.cost_usd for r in records), 6),
        "raw_accuracy": _accuracy(asked, prepared, out, read),
    }


def _ask(provider: Provider, store: ResponseStore, request: Request) -> Record:
    key = request_key(request, provider.fingerprint(request))
    record = store.get(key)
    if record is None:
        response = provider.annotate(request)
        record = Record(key=key, provider=provider.name, protocol=request.protocol, response=response)
        store.put(record)
    return record


def _read(protocol: Protocol, record: Record) -> _Read:
    if record.response.outcome is not Outcome.OK:
        return _Read(record.response.outcome, None)
    try:
        return _Read(Outcome.OK, protocol.read(record.response.text))
    except Malformed:
        return _Read(Outcome.MALFORMED, None)


def _place(
    sample: Sample, prepared: Path, folder: Path, read: _Read | None, suffix: str, method: LabelMethod, version: str
) -> Sample:
    """Put a sample's label or answer into the annotated folder and say so in its record."""
    if read is None:
        target = f"labels/{sample.id}.png"
        imaging.copy_file(prepared / str(sample.label), folder / target)
        return sample.model_copy(update={"label": target})
    if read.content is None:
        flag = Flag.REFUSED if read.outcome is Outcome.REFUSED else Flag.NEEDS_REVIEW
        return sample.flagged(flag).model_copy(update={"label": None, "label_method": None, "label_version": None})
    target = f"answers/{sample.id}{suffix}"
    with imaging.atomic_write(folder / target) as file:
        file.write(read.content)
    return sample.model_copy(update={"label": target, "label_method": method, "label_version": version})


def _accuracy(asked: list[Sample], prepared: Path, out: Path, read: dict[str, _Read]) -> dict[str, Any] | None:
    """Scores of the answers as painted, each pixel read as its nearest palette colour; None where nothing is known."""
    known = [s for s in asked if s.label is not None and read[s.id].content is not None]
    pairs = [(prepared / str(s.label), out / "answers" / f"{s.id}.png") for s in known]
    if not pairs:
        return None
    summary = scores.summary(run_all(_count, pairs, "measuring answers"), [s.group for s in known], rounds=0)
    return {key: summary[key] for key in ACCURACY}


def _count(pair: tuple[Path, Path]) -> scores.Counts:
    truth = imaging.read_label(pair[0])
    painted = imaging.read_label_or_colours(pair[1])
    label = painted if painted.ndim == 2 else imaging.decolourise(painted)[0]
    height, width = truth.shape
    return scores.count(truth, np.asarray(cv2.resize(label, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)))

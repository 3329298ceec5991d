"""Which pictures are asked about, and the conversations about them: questions, answers, records."""

import functools
import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cubiseg import imaging, regions, sample_files, settings, taxonomy
from cubiseg.annotation.codebook import load_codebook
from cubiseg.annotation.examples import load_examples
from cubiseg.annotation.guide import Guide
from cubiseg.annotation.params import AnnotateParams
from cubiseg.annotation.protocols import Protocol, find_protocol
from cubiseg.annotation.protocols.base import Refused, Subject
from cubiseg.annotation.providers import PROVIDERS, find_provider
from cubiseg.answers.base import AnyAsker, Pending, Provider
from cubiseg.answers.requests import Malformed, Outcome, Request, Response, digest
from cubiseg.answers.store import Record, ResponseStore
from cubiseg.errors import CubisegError
from cubiseg.part_choices import PartChoices
from cubiseg.regions.files import cached_proposals
from cubiseg.regions.naming import Naming
from cubiseg.samples import LabelMethod, Sample, read_manifest
from cubiseg.workers import run_all

log = logging.getLogger(__name__)

CUT_OFF = "length"
"""What servers say of an answer that ran into its cap."""

_BYTES_A_PIXEL = 150
"""Bytes that cutting a picture into regions takes at most, as measured at 1024x1024; 40 at 2048x2048."""

_BYTES_TO_DRAW = 64
"""Bytes a pixel that drawing what is sent takes at most: a model that labels the picture takes 22 to 29 from 1024x1024
to 4096x4096, the clean picture 14."""

FEW = 0.5
"""Share of the regions, below which those that were named are only part of an answer."""


@dataclass(frozen=True)
class ConversationResult:
    """What came of the questions about one picture.

    Attributes:
        outcome: how the conversation ended.
        content: content of the answer's file, None unless ``outcome`` is ok.
        records: all answers of the conversation.
        mentioned: share of the regions that were asked about first and have a name or are called unsure.
    """

    outcome: Outcome
    content: bytes | None
    records: tuple[Record, ...]
    mentioned: float = 1.0

    @property
    def partial(self) -> bool:
        """Whether an answer was cut off, or leaves most regions out."""
        return self.mentioned < FEW or any(r.response.finish == CUT_OFF for r in self.records)


@dataclass(frozen=True)
class Questions:
    """What is to be asked.

    Attributes:
        params: parameters of the stage annotate.
        samples: all samples of the prepared folder.
        asked: samples that are asked about.
        subjects: pictures of ``asked`` in the form that protocols take.
        find: finds the regions of a sample's picture.
        tell: finds what a model would call each class of a sample's picture (:func:`choices_of`); None where none tells
            parts.
        protocol: way of asking about them.
        provider: one who is asked.
        method, version: words that the manifest will have for the labels.
    """

    params: AnnotateParams
    samples: Sequence[Sample]
    asked: Sequence[Sample]
    subjects: Sequence[Subject]
    find: functools.partial
    tell: functools.partial | None
    protocol: Protocol
    provider: Provider
    method: LabelMethod
    version: str


def plan_questions(
    params: AnnotateParams,
    prepared: Path,
    codebook_path: Path,
    root: Path,
    cache: Path | None = None,
    examples: Path | None = None,
) -> Questions:
    """Find out what is to be asked.

    Args:
        params: parameters of the stage annotate.
        prepared: prepared folder.
        codebook_path: file with what belongs to each class.
        root: folder of the response store.
        cache: folder that keeps region proposals; that of the environment where not given.
        examples: folder with the right label maps of worked examples.

    Raises:
        CubisegError: unknown provider or protocol, one that cannot work, pictures whose labels it cannot give, or an
            example that cannot be shown.
    """
    protocol, kind = find_protocol(params.protocol), find_provider(params.provider)
    provider = kind.make(params, root, settings.SHEETS.read())
    codebook = load_codebook(codebook_path)
    samples = read_manifest(prepared)
    hidden = hidden_groups({s.group for s in samples if s.label is not None}, params.hide_labels, params.seed)
    asked = [s for s in samples if s.label is None or s.group in hidden]
    unknown = sum(s.label is None for s in asked)
    if unknown and kind.needs_truth:
        others = ", ".join(name for name in PROVIDERS if name != provider.name)
        raise CubisegError(
            f"{prepared}: {unknown} pictures have no label map, and provider {provider.name!r} answers only where one "
            f"is known; set annotate.provider to one that looks at pictures ({others}), add label maps to "
            "data/references/labels, or take references out of prepare.sources"
        )
    cache = settings.REGIONS.read() if cache is None else cache
    guide = Guide.of(cache) if params.guide == "model" or kind.method is LabelMethod.MODEL else None
    guides_regions = params.guide == "model" and protocol.needs_regions
    find = functools.partial(proposals_of, prepared, cache, guide if guides_regions else None)
    tell = functools.partial(choices_of, prepared, guide) if guide is not None and guide.parts else None
    if params.examples and (examples is None or not protocol.needs_regions):
        raise CubisegError(
            f"annotate.examples: only protocols that have regions named show examples, and {protocol.name} does not; "
            "take them out"
            if examples is not None
            else "annotate.examples: no folder of examples was given; name it"
        )
    worked = load_examples(params.examples, examples, prepared, samples, find) if examples is not None else ()
    prompt = protocol.prompt(codebook)
    subjects = [
        Subject(
            request=Request(
                sample=s.id,
                image=sample_files.find(prepared, s.image),
                pixels=s.sha256,
                prompt=prompt,
                protocol=f"{protocol.name}-{protocol.version}",
                truth=sample_files.find(prepared, s.label) if s.label is not None and kind.needs_truth else None,
            ),
            proposals=functools.partial(find, s),
            codebook=codebook,
            regions=params.regions,
            second_pass=params.second_pass,
            votes=params.votes,
            examples=tuple(e for e in worked if e.group != s.group),
        )
        for s in asked
    ]
    facts: dict[str, Any] = {"prompt": prompt, "codebook": codebook.digest, "provider": dict(provider.fingerprint())}
    if protocol.needs_regions:
        guided = guide.digest if guide is not None and guides_regions else None
        facts |= {
            "regions": [regions.VERSION, params.regions, guided],
            "second_pass": params.second_pass,
            "votes": params.votes,
        }
    if worked:
        facts["examples"] = [[e.pixels, e.answer] for e in worked]
    if guide is not None and guide.parts:
        facts["parts"] = guide.digest
    version = f"{provider.name}/{protocol.name}-{protocol.version}/{digest(facts)[:12]}"
    return Questions(params, samples, asked, subjects, find, tell, protocol, provider, kind.method, version)


def hidden_groups(groups: set[str], share: float, seed: int) -> set[str]:
    """Groups whose known labels are treated as unknown.

    Each group's fate hangs on a hash of the seed and its own name, so that more pictures change nothing for the others;
    one group at least is hidden where the share is above 0.

    Args:
        groups: all groups with known labels.
        share: part of the groups to hide, 0..1.
        seed: seed of the random choice.
    """
    place = {g: int(hashlib.sha256(f"hide:{seed}:{g}".encode()).hexdigest()[:12], 16) / 16**12 for g in groups}
    chosen = {g for g in groups if place[g] < share}
    return chosen or ({min(groups, key=lambda g: place[g])} if share > 0 and groups else set())


def proposals_of(prepared: Path, cache: Path, guide: Guide | None, sample: Sample) -> regions.Proposals:
    """Regions of a sample's picture, out of the cache where they are there.

    Args:
        prepared: prepared folder.
        cache: folder that keeps proposals.
        guide: model that sees where parts are; None guesses by skin colour and position.
        sample: sample to find the regions of.
    """
    picture = functools.cache(lambda: imaging.read_picture(sample_files.find(prepared, sample.image)))
    # By class: parts are not what answers name, and regions, like requests, are the same whatever parts a model tells.
    seen = None if guide is None else taxonomy.CLASS_OF[guide.label(sample.sha256, picture)]
    return cached_proposals(cache, sample.sha256, lambda: picture().over(), seen)


def choices_of(prepared: Path, guide: Guide, sample: Sample) -> PartChoices:
    """The best part of every class at each pixel of a sample's picture, out of the cache where it is there.

    Args:
        prepared: prepared folder.
        guide: a model that tells parts.
        sample: sample to tell the parts of.

    Raises:
        CubisegError: the picture cannot be read, or the model tells none after all.
    """
    choices = guide.choices(sample.sha256, lambda: imaging.read_picture(sample_files.find(prepared, sample.image)))
    if choices is None:
        raise CubisegError(f"{guide.model}: tells no parts; run the stage annotate again")
    return choices


def prepare_questions(questions: Questions) -> None:
    """Cut all pictures into regions, draw what will be sent, on all cores, and make the provider ready.

    What is cached already is left alone.

    Raises:
        CubisegError: a picture cannot be read, or a cache not be written.
    """
    cut_all(questions)
    draw = questions.provider.draw
    if draw is not None:
        call = functools.partial(_draw, questions.protocol.name, draw)
        run_all(call, questions.subjects, "drawing what is sent", memory=_memory_to_draw)
    questions.provider.connect()


def cut_all(questions: Questions) -> None:
    """Cut all pictures into regions, on all cores; those that are cached already are left alone."""
    if questions.protocol.needs_regions:
        run_all(functools.partial(_find, questions.find), questions.asked, "cutting into regions", memory=memory_of)


def memory_of(sample: Sample) -> int:
    """Bytes that looking at a sample's picture takes at most."""
    return sample.width * sample.height * _BYTES_A_PIXEL


def _memory_to_draw(subject: Subject) -> int:
    return imaging.picture_memory(subject.request.image, _BYTES_TO_DRAW)


def _find(find: functools.partial, sample: Sample) -> None:
    find(sample)


def _draw(protocol: str, draw: Callable[[Request], object], subject: Subject) -> None:
    draw(find_protocol(protocol).first(subject))


def converse_all(questions: Questions, store: ResponseStore) -> list[ConversationResult]:
    """Have all conversations, in the order of ``asked``.

    Raises:
        CubisegError: the stage cannot go on (cap, key, server, disk); what was answered is kept.
    """
    provider = questions.provider
    provider.require_key()
    prepare_questions(questions)
    if provider.host and questions.subjects:
        log.warning(
            f"warning: {len(questions.subjects)} pictures are sent to {provider.host}, as far as their answers are not "
            "stored yet"
        )
    with provider.asker(store) as asker:
        return converse_with(asker, questions)


def converse_with(asker: AnyAsker, questions: Questions) -> list[ConversationResult]:
    """Have all conversations with one asker.

    Args:
        asker: object that puts the requests.
        questions: questions of the stage; proposals and pictures are best prepared before.

    Raises:
        CubisegError: the stage cannot go on.
    """
    converse = functools.partial(_converse, questions.protocol, asker)
    what, threads = f"asking {questions.provider.name}", asker.threads
    answers: list[ConversationResult | None]
    answers = run_all(converse, questions.subjects, what, threads=True, workers=threads)
    while True:
        waiting = [i for i, answer in enumerate(answers) if answer is None]
        if not waiting:
            asker.finish()
            return [answer for answer in answers if answer is not None]
        asker.flush()
        again = run_all(converse, [questions.subjects[i] for i in waiting], what, threads=True, workers=threads)
        for i, answer in zip(waiting, again, strict=True):
            answers[i] = answer


def _converse(protocol: Protocol, asker: AnyAsker, subject: Subject) -> ConversationResult | None:
    """Have a protocol ask about one picture; None where an answer is still to come."""
    records: list[Record] = []

    def ask(request: Request) -> Response:
        records.append(asker.ask(request))
        return records[-1].response

    try:
        content = protocol.converse(subject, ask)
    except Pending:
        return None
    except Refused:
        return ConversationResult(Outcome.REFUSED, None, tuple(records))
    except Malformed:
        failed = records[-1].response.outcome is Outcome.FAILED
        return ConversationResult(Outcome.FAILED if failed else Outcome.MALFORMED, None, tuple(records))
    mentioned = _mentioned(content) if protocol.needs_regions else 1.0
    return ConversationResult(Outcome.OK, content, tuple(records), mentioned)


def _mentioned(content: bytes) -> float:
    """Share of the regions that an answer's file says anything of."""
    naming = Naming.model_validate_json(content)
    said = {vote.node for vote in naming.votes} | set(naming.unsure)
    return len(said & set(naming.asked)) / max(1, len(naming.asked))

"""Which pictures are asked about, and the conversations about them: questions, answers, records."""

import functools
import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cubiseg import imaging, regions, settings
from cubiseg.annotation.asking import Asker, Pending
from cubiseg.annotation.batches import BatchAsker
from cubiseg.annotation.codebook import load_codebook
from cubiseg.annotation.guide import Guide
from cubiseg.annotation.params import AnnotateParams
from cubiseg.annotation.pictures import pictures_of
from cubiseg.annotation.protocols import Protocol, find_protocol
from cubiseg.annotation.protocols.base import Malformed, Refused, Subject
from cubiseg.annotation.providers import PROVIDERS, Provider, make_provider
from cubiseg.annotation.providers.openai import OpenAI, OpenAIBatch
from cubiseg.annotation.purse import Purse
from cubiseg.annotation.requests import Outcome, Request, Response, digest
from cubiseg.annotation.store import Record, ResponseStore
from cubiseg.errors import CubisegError
from cubiseg.regions.files import cached_proposals
from cubiseg.samples import Sample, read_manifest
from cubiseg.workers import run_all

CUT_OFF = "length"
"""What servers say of an answer that ran into its cap."""


@dataclass(frozen=True)
class Read:
    """An answer as its protocol reads it.

    Attributes:
        outcome: how it ended.
        content: content of the answer's file, None unless ``outcome`` is ok.
        records: all answers of the conversation.
    """

    outcome: Outcome
    content: bytes | None
    records: tuple[Record, ...]

    @property
    def partial(self) -> bool:
        """Whether an answer was cut off."""
        return any(r.response.finish == CUT_OFF for r in self.records)


@dataclass(frozen=True)
class Questions:
    """What is to be asked.

    Attributes:
        params: of the stage.
        samples: all of the prepared folder.
        asked: those that are asked about.
        subjects: the same as protocols see them.
        find: regions of a sample's picture.
        protocol, provider: how, and whom.
        version: what the manifest will say of the labels.
    """

    params: AnnotateParams
    samples: Sequence[Sample]
    asked: Sequence[Sample]
    subjects: Sequence[Subject]
    find: functools.partial
    protocol: Protocol
    provider: Provider
    version: str


def plan_questions(
    params: AnnotateParams, prepared: Path, codebook_path: Path, root: Path, cache: Path | None = None
) -> Questions:
    """Find out what is to be asked.

    Args:
        params: of the stage.
        prepared: the prepared folder.
        codebook_path: ``codebook.yaml``.
        root: folder of the response store.
        cache: of region proposals; that of the environment where not given.

    Raises:
        CubisegError: unknown provider or protocol, one that cannot work, or pictures whose labels it cannot give.
    """
    protocol, provider = find_protocol(params.protocol), make_provider(params, root, settings.SHEETS.read())
    codebook = load_codebook(codebook_path)
    samples = read_manifest(prepared)
    hidden = hidden_groups({s.group for s in samples if s.label is not None}, params.hide_labels, params.seed)
    asked = [s for s in samples if s.label is None or s.group in hidden]
    unknown = sum(s.label is None for s in asked)
    if unknown and provider.needs_truth:
        others = ", ".join(name for name in PROVIDERS if name != provider.name)
        raise CubisegError(
            f"{prepared}: {unknown} pictures have no label map, and provider {provider.name!r} answers only where one "
            f"is known; set annotate.provider to one that looks at pictures ({others}), add label maps to "
            "data/references/labels, or take references out of prepare.sources"
        )
    cache = settings.REGIONS.read() if cache is None else cache
    guide = Guide.of(cache) if params.guide == "model" and protocol.needs_regions else None
    find = functools.partial(proposals_of, prepared, cache, guide)
    prompt = protocol.prompt(codebook)
    subjects = [
        Subject(
            request=Request(
                sample=s.id,
                image=prepared / s.image,
                pixels=s.sha256,
                prompt=prompt,
                protocol=f"{protocol.name}-{protocol.version}",
                truth=prepared / s.label if s.label is not None and provider.needs_truth else None,
            ),
            proposals=functools.partial(find, s),
            codebook=codebook,
            regions=params.regions,
            second_pass=params.second_pass,
            votes=params.votes,
        )
        for s in asked
    ]
    facts: dict[str, Any] = {"prompt": prompt, "codebook": codebook.digest, "provider": dict(provider.fingerprint())}
    if protocol.needs_regions:
        guided = None if guide is None else guide.digest
        facts |= {
            "regions": [regions.VERSION, params.regions, guided],
            "second_pass": params.second_pass,
            "votes": params.votes,
        }
    version = f"{provider.name}/{protocol.name}-{protocol.version}/{digest(facts)[:12]}"
    return Questions(params, samples, asked, subjects, find, protocol, provider, version)


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


def proposals_of(prepared: Path, cache: Path, guide: Guide | None, sample: Sample) -> regions.Proposals:
    """Regions of a sample's picture, out of the cache where they are there.

    Args:
        prepared: the prepared folder.
        cache: of proposals.
        guide: who sees where parts are; None guesses by skin colour and position.
        sample: whose picture.
    """
    picture = functools.cache(lambda: imaging.read_picture(prepared / sample.image))
    seen = None if guide is None else guide.label(sample.sha256, picture)
    return cached_proposals(cache, sample.sha256, lambda: picture().over(), seen)


def prepare_questions(questions: Questions) -> None:
    """Cut all pictures into regions, draw what will be sent, on all cores, and make the client ready.

    What is cached already is left alone.

    Raises:
        CubisegError: a picture cannot be read, or a cache not be written.
    """
    cut_all(questions)
    if isinstance(questions.provider, OpenAI):
        draw = functools.partial(
            _draw, questions.protocol.name, questions.params.openai.encoding, settings.SHEETS.read()
        )
        run_all(draw, questions.subjects, "drawing what is sent")
        questions.provider.connect()


def cut_all(questions: Questions) -> None:
    """Cut all pictures into regions, on all cores; those that are cached already are left alone."""
    if questions.protocol.needs_regions:
        run_all(functools.partial(_find, questions.find), questions.asked, "cutting into regions")


def _find(find: functools.partial, sample: Sample) -> None:
    find(sample)


def _draw(protocol: str, encoding: Any, cache: Path, subject: Subject) -> None:
    pictures_of(find_protocol(protocol).first(subject), encoding, cache)


def converse_all(questions: Questions, store: ResponseStore) -> list[Read]:
    """Have all conversations, in the order of ``asked``.

    Raises:
        CubisegError: the stage cannot go on (cap, key, server, disk); what was answered is kept.
    """
    provider, params = questions.provider, questions.params
    if isinstance(provider, OpenAI):
        provider.server.require_key()
    prepare_questions(questions)
    if not isinstance(provider, OpenAI):
        return converse_with(Asker(provider, store), questions, None)
    if provider.server.away and questions.subjects:
        print(
            f"warning: {len(questions.subjects)} pictures are sent to {provider.server.host}, as far as their answers "
            "are not stored yet",
            file=sys.stderr,
        )
    with Purse(store.root, params.max_usd) as purse:
        purse.recover(store.paid)
        asker = (
            BatchAsker(provider, params.batch, store, purse)
            if isinstance(provider, OpenAIBatch)
            else Asker(provider, store, purse, params.openai.attempts, settings.CONCURRENCY.read())
        )
        try:
            return converse_with(asker, questions, settings.CONCURRENCY.read())
        finally:
            balance = purse.balance()
            print(
                f"{store.root}: ${balance.spent:.4f} spent on {balance.settled} answers"
                + (f", of that ${balance.lost:.4f} on {balance.losses} that never came" if balance.losses else "")
                + ("" if params.max_usd is None else f"; the cap is ${params.max_usd:g}"),
                file=sys.stderr,
            )


def converse_with(asker: Asker | BatchAsker, questions: Questions, threads: int | None) -> list[Read]:
    """Have all conversations with one asker.

    Args:
        asker: puts the requests.
        questions: what is asked; proposals and pictures are best prepared before.
        threads: conversations at once; as many as there are cores where not given.

    Raises:
        CubisegError: the stage cannot go on.
    """
    converse = functools.partial(_converse, questions.protocol, asker)
    what = f"asking {questions.provider.name}"
    answers: list[Read | None] = run_all(converse, questions.subjects, what, threads=True, workers=threads)
    while True:
        waiting = [i for i, answer in enumerate(answers) if answer is None]
        if not waiting:
            asker.finish()
            return [answer for answer in answers if answer is not None]
        asker.flush()
        again = run_all(converse, [questions.subjects[i] for i in waiting], what, threads=True, workers=threads)
        for i, answer in zip(waiting, again, strict=True):
            answers[i] = answer


def _converse(protocol: Protocol, asker: Asker | BatchAsker, subject: Subject) -> Read | None:
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
        return Read(Outcome.REFUSED, None, tuple(records))
    except Malformed:
        failed = records[-1].response.outcome is Outcome.FAILED
        return Read(Outcome.FAILED if failed else Outcome.MALFORMED, None, tuple(records))
    return Read(Outcome.OK, content, tuple(records))

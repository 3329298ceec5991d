"""What annotation will cost, before a cent is spent: requests, tokens and US dollars."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from cubiseg import settings
from cubiseg.annotation.conversation import Questions, cut_all
from cubiseg.annotation.prices import price_list
from cubiseg.annotation.protocols.base import Subject
from cubiseg.annotation.protocols.regions import AGAIN, RegionProtocol, reading_order
from cubiseg.annotation.providers.chat import Tokens, tokens_of
from cubiseg.annotation.providers.openai import OpenAI, OpenAIBatch
from cubiseg.annotation.requests import Request, request_key
from cubiseg.annotation.store import ResponseStore
from cubiseg.errors import CubisegError
from cubiseg.workers import progress

SAMPLE = 8
"""Pictures whose questions are drawn to count their tokens; the others are taken to be like them."""


@dataclass(frozen=True)
class Pass:
    """One question about all pictures.

    Attributes:
        requests: that have no answer yet.
        input_tokens, output_tokens: of them together, about.
        usd: what they cost, about.
    """

    requests: int
    input_tokens: int
    output_tokens: int
    usd: float


@dataclass(frozen=True)
class Plan:
    """What is to be asked, and what it costs.

    Attributes:
        pictures: that are asked about.
        answered: of them, those whose first question has an answer.
        model, host: whom; the host is empty for a server nearby.
        first: the first question.
        second: the second, if each of it is as long as it can be; None where it is never asked.
        factor: of the price, for a batch.
        prices_of: date of the list of prices.
    """

    pictures: int
    answered: int
    model: str
    host: str
    first: Pass
    second: Pass | None
    factor: float
    prices_of: str

    @property
    def usd(self) -> float:
        """All of it, US dollars."""
        return self.first.usd + (self.second.usd if self.second else 0.0)


def make_plan(questions: Questions, store: ResponseStore) -> Plan:
    """Count what is to be asked.

    Args:
        questions: of the stage.
        store: what was answered.

    Raises:
        CubisegError: the provider is none that costs anything.
    """
    provider, protocol, params = questions.provider, questions.protocol, questions.params
    if not isinstance(provider, OpenAI):
        raise CubisegError(f"annotate.provider = {provider.name!r} costs nothing; set openai or openai-batch to plan")
    factor = price_list().batch if isinstance(provider, OpenAIBatch) else 1.0
    missing = _unanswered(questions, store)
    step = max(1, len(questions.subjects) // SAMPLE)
    some = questions.subjects[::step][:SAMPLE]
    cache = settings.SHEETS.read()

    def measure(requests: Sequence[Request], count: int) -> Pass:
        tokens = [tokens_of(r, provider.params, provider.price, cache) for r in requests]
        return _pass(tokens, count, provider, factor)

    first = measure([protocol.first(s) for s in some], len(missing) * params.votes)
    second = None
    if isinstance(protocol, RegionProtocol) and params.second_pass:
        second = measure([_longest_second(protocol, s) for s in some], len(missing))
    return Plan(
        pictures=len(questions.subjects),
        answered=len(questions.subjects) - len(missing),
        model=provider.params.model,
        host=provider.server.host if provider.server.away else "",
        first=first,
        second=second,
        factor=factor,
        prices_of=str(price_list().date),
    )


def _unanswered(questions: Questions, store: ResponseStore) -> Sequence[Subject]:
    """Those whose first question has no answer; an empty store is not searched, as that takes all their regions."""
    if next(store.records(), None) is None:
        return questions.subjects
    cut_all(questions)
    subjects = progress(iter(questions.subjects), len(questions.subjects), "looking for answers")
    first, fingerprint = questions.protocol.first, questions.provider.fingerprint()
    return [s for s in subjects if store.get(request_key(first(s), fingerprint)) is None]


def _pass(tokens: Sequence[Tokens], count: int, provider: OpenAI, factor: float) -> Pass:
    if not tokens:
        return Pass(0, 0, 0, 0.0)
    given = statistics.fmean(t.text + t.pictures for t in tokens)
    made = statistics.fmean(t.answer for t in tokens)
    usd = factor * count * provider.price.cost(round(given), round(made))
    return Pass(count, round(given * count), round(made * count), usd)


def _longest_second(protocol: RegionProtocol, subject: Subject) -> Request:
    """The second question with as many pieces as it may have."""
    proposals = subject.proposals()
    return protocol.request(subject, proposals, reading_order(proposals, proposals.cut(AGAIN)), 2)

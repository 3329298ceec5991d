"""What annotation will cost, before a cent is spent: requests, tokens and US dollars."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from cubiseg.annotation.conversation import Questions, cut_all
from cubiseg.annotation.protocols.base import Subject
from cubiseg.answers.prices import Tariff, price_list
from cubiseg.answers.requests import Request, request_key
from cubiseg.answers.store import ResponseStore
from cubiseg.errors import CubisegError
from cubiseg.workers import progress

SAMPLE = 8
"""Pictures whose questions are drawn to count their tokens; the others are taken to be like them."""


@dataclass(frozen=True)
class Pass:
    """One question about all pictures.

    Attributes:
        requests: number of requests that have no answer yet.
        input_tokens, output_tokens: tokens of all of them together, about.
        usd: cost of all of them, US dollars, about.
    """

    requests: int
    input_tokens: int
    output_tokens: int
    usd: float


@dataclass(frozen=True)
class Plan:
    """What is to be asked, and what it costs.

    Attributes:
        pictures: number of pictures that are asked about.
        answered: number of those whose first question has an answer.
        model, host: model and server that are asked; the host is empty for a server nearby.
        first: bill of the first question.
        second: bill of the second question, if it is as long as it can be each time; None where it is never asked.
        factor: share of the price that is asked, below 1 for requests in bulk.
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
        questions: questions that the stage annotate would put.
        store: answers so far.

    Raises:
        CubisegError: the provider is none that costs anything.
    """
    provider, protocol, params = questions.provider, questions.protocol, questions.params
    tariff = provider.tariff
    if tariff is None:
        raise CubisegError(f"annotate.provider = {provider.name!r} costs nothing; set openai or openai-batch to plan")
    missing = _unanswered(questions, store)
    step = max(1, len(questions.subjects) // SAMPLE)
    some = questions.subjects[::step][:SAMPLE]
    second = protocol.longest_second if params.second_pass else None
    return Plan(
        pictures=len(questions.subjects),
        answered=len(questions.subjects) - len(missing),
        model=tariff.model,
        host=provider.host,
        first=_pass([protocol.first(s) for s in some], len(missing) * params.votes, tariff),
        second=None if second is None else _pass([second(s) for s in some], len(missing), tariff),
        factor=tariff.factor,
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


def _pass(some: Sequence[Request], count: int, tariff: Tariff) -> Pass:
    """The bill of so many requests that are like some."""
    if not some:
        return Pass(0, 0, 0, 0.0)
    tokens = [tariff.tokens(request) for request in some]
    given = statistics.fmean(t.text + t.pictures for t in tokens)
    made = statistics.fmean(t.answer for t in tokens)
    usd = tariff.factor * count * tariff.price.cost(round(given), round(made))
    return Pass(count, round(given * count), round(made * count), usd)

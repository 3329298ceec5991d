"""What protocols share: the picture that is asked about, and how one ends that got no answer."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cubiseg import imaging, taxonomy
from cubiseg.annotation.codebook import Codebook
from cubiseg.annotation.protocols.errors import Errors
from cubiseg.annotation.protocols.examples import Example
from cubiseg.annotation.sheets import VERSION, clean_picture
from cubiseg.answers.requests import Malformed, Outcome, Request, Response, Sheet
from cubiseg.regions import Proposals
from cubiseg.sample_files import SampleFile


class Refused(Exception):
    """The provider would not answer."""


Ask = Callable[[Request], Response]
"""Puts one request to the provider, or finds its answer in the store."""


@dataclass(frozen=True)
class Subject:
    """A picture that a protocol asks about.

    Attributes:
        request: all that is the same for every question about it, with the protocol's first prompt.
        proposals: gives the regions of the picture, for protocols that have some named.
        codebook: classes and rules.
        regions: number of regions to ask about.
        second_pass: whether to ask again about those that stay in doubt.
        votes: how often the first question is asked.
        examples: worked examples that the first question shows, for protocols that have regions named.
    """

    request: Request
    proposals: Callable[[], Proposals]
    codebook: Codebook
    regions: int = 240
    second_pass: bool = True
    votes: int = 1
    examples: tuple[Example, ...] = ()


class OneQuestion:
    """A protocol whose answer to one question about the clean picture is all there is."""

    needs_regions = False
    longest_second = None

    def schema(self) -> dict[str, Any] | None:
        """JSON schema of the answer."""
        return None

    def read(self, text: str) -> bytes:
        """The answer's content out of the raw text.

        Raises:
            Malformed: the text is no answer to the question.
        """
        raise NotImplementedError

    def answer_from_label(self, label: np.ndarray, errors: Errors) -> str:
        """The answer of one who knows the label map.

        Args:
            label: (H, W) uint8, taxonomy ids.
            errors: errors that the answer has.
        """
        raise NotImplementedError

    def first(self, subject: Subject) -> Request:
        """The one question."""
        return replace(
            subject.request,
            schema=self.schema(),
            check=self.read,
            sheets=functools.partial(_clean_picture, subject.request.image),
            look=VERSION,
            expected=self.answer_from_label,
        )

    def converse(self, subject: Subject, ask: Ask) -> bytes:
        """Ask the one question."""
        return self.read(text_of(ask(self.first(subject))))


def _clean_picture(image: SampleFile) -> tuple[Sheet, ...]:
    return (clean_picture(imaging.read_picture(image).over()),)


def answer_from_label(request: Request, label: np.ndarray, errors: Errors) -> str:
    """The answer that a known label map makes to a request of any protocol.

    Args:
        request: question of a protocol.
        label: (H, W) uint8, taxonomy ids, 255 where unknown.
        errors: errors that the answer has.
    """
    if request.expected is None:
        raise ValueError(f"no protocol made this request ({request.protocol})")
    return request.expected(label, errors)


def text_of(response: Response) -> str:
    """The text of an answer.

    One that was once called malformed is read again: what reads it may have learnt more since.

    Raises:
        Refused, Malformed: there is none.
    """
    if response.outcome is Outcome.REFUSED:
        raise Refused
    if response.outcome is Outcome.FAILED:
        raise Malformed("no answer")
    return response.text


def describe_classes(codebook: Codebook, colours: bool = False) -> list[str]:
    """The rules of the codebook as lines of a prompt.

    Args:
        codebook: classes and rules.
        colours: name each class's palette colour, for answers that paint.
    """
    lines = [*codebook.general, "Classes:"]
    for c in taxonomy.CLASSES:
        entry = codebook.classes[c.name]
        words = ", ".join((*entry.ja, *entry.zh))
        colour = f" #{bytes(c.colour).hex()}" if colours else ""
        lines.append(
            f"- {c.name}{colour}: {'; '.join(entry.belongs)}. Not: {'; '.join(entry.not_)}. "
            f"For example {'; '.join(entry.examples)}. ({words})"
        )
    return lines

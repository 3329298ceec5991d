"""Protocols: how a picture is asked about, and how the answer is read. Each is a small module behind one interface."""

from collections.abc import Callable
from typing import Protocol as Interface

from cubiseg.annotation.codebook import Codebook
from cubiseg.annotation.protocols.base import Ask, Subject
from cubiseg.annotation.protocols.paint import Paint
from cubiseg.annotation.protocols.regions import RegionProtocol
from cubiseg.annotation.protocols.shapes import Shapes
from cubiseg.answers.requests import Request
from cubiseg.errors import CubisegError


class Protocol(Interface):
    """One way of asking.

    Its requests know what answer a known label map makes (:func:`cubiseg.annotation.protocols.base.answer_from_label`).

    Attributes:
        name: value of ``annotate.protocol``.
        version: number that is raised when prompt or reading changes.
        suffix: ending of the files that :meth:`converse` returns: .png is a label map, .json names of regions.
        needs_regions: whether it asks about regions of the picture.
    """

    name: str
    version: int
    suffix: str
    needs_regions: bool

    def prompt(self, codebook: Codebook) -> str:
        """The text of the first question."""

    def first(self, subject: Subject) -> Request:
        """The first question about a picture."""

    @property
    def longest_second(self) -> Callable[[Subject], Request] | None:
        """Makes the second question as long as it can be; None where it is never asked."""

    def converse(self, subject: Subject, ask: Ask) -> bytes:
        """Ask about one picture, in as many questions as it takes.

        Returns:
            Content of the answer's file.

        Raises:
            Malformed: an answer is none to its question.
            Refused: the provider would not answer.
        """


REGION_PROTOCOLS: dict[str, RegionProtocol] = {
    p.name: p for p in (RegionProtocol("contact-sheet", grids=True), RegionProtocol("set-of-mark", grids=False))
}
"""Those that have regions named, by name."""

PROTOCOLS: dict[str, Protocol] = {
    **REGION_PROTOCOLS,
    **{p.name: p for p in (Paint(), Shapes("polygon"), Shapes("box"))},
}
"""All of them, by name."""


def find_protocol(name: str) -> Protocol:
    """A protocol by name.

    Raises:
        CubisegError: there is none of that name.
    """
    try:
        return PROTOCOLS[name]
    except KeyError:
        known = ", ".join(PROTOCOLS)
        raise CubisegError(f"annotate.protocol = {name!r}: there is no such protocol; choose one of: {known}") from None

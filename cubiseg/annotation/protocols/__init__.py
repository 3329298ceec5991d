"""Protocols: how a picture is asked about, and how the answer is read. Each is a small module behind one interface."""

from typing import Protocol as Interface

from cubiseg.annotation.codebook import Codebook
from cubiseg.annotation.protocols.base import Ask, Subject
from cubiseg.annotation.protocols.paint import Paint
from cubiseg.annotation.protocols.regions import RegionProtocol
from cubiseg.annotation.protocols.shapes import Shapes
from cubiseg.annotation.requests import Request
from cubiseg.errors import CubisegError


class Protocol(Interface):
    """One way of asking.

    Attributes:
        name: value of ``annotate.protocol``.
        version: raised when prompt or reading changes.
        suffix: of the files that :meth:`converse` returns: .png is a label map, .json names of regions.
        needs_regions: it asks about regions of the picture.
    """

    name: str
    version: int
    suffix: str
    needs_regions: bool

    def prompt(self, codebook: Codebook) -> str:
        """The text of the first question."""

    def first(self, subject: Subject) -> Request:
        """The first question about a picture."""

    def converse(self, subject: Subject, ask: Ask) -> bytes:
        """Ask about one picture, in as many questions as it takes.

        Returns:
            Content of the answer's file.

        Raises:
            Malformed: an answer is none to its question.
            Refused: the provider would not answer.
        """


PROTOCOLS: dict[str, Protocol] = {
    p.name: p
    for p in (
        RegionProtocol("contact-sheet", grids=True),
        RegionProtocol("set-of-mark", grids=False),
        Paint(),
        Shapes("polygon"),
        Shapes("box"),
    )
}


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

"""Protocols: how a picture is asked about, and how the answer is read. Each is a small module behind one interface."""

from typing import Protocol as Interface

from cubiseg.annotation.codebook import Codebook
from cubiseg.annotation.protocols.paint import Paint
from cubiseg.errors import CubisegError


class Protocol(Interface):
    """One way of asking.

    Attributes:
        name: value of ``annotate.protocol``.
        version: raised when prompt or reading changes.
        suffix: of the files that :meth:`read` returns.
    """

    name: str
    version: int
    suffix: str

    def prompt(self, codebook: Codebook) -> str:
        """The text of the question."""

    def read(self, text: str) -> bytes:
        """The answer's content out of the raw text.

        Raises:
            Malformed: the text is no answer to the question.
        """


PROTOCOLS: dict[str, Protocol] = {p.name: p for p in (Paint(),)}


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

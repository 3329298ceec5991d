"""What a provider is, and how one says that an attempt failed."""

from collections.abc import Mapping
from typing import Any
from typing import Protocol as Interface

from cubiseg.annotation.requests import Request, Response
from cubiseg.samples import LabelMethod


class Transient(Exception):
    """An attempt failed, and another may succeed; the message says why in a few words.

    Args:
        reason: in a few words.
        billed: the server may have charged for it all the same.
        overload: the server said that it has too much to do.
        retry_after: seconds for which it wants to be left alone.
    """

    def __init__(
        self, reason: str, billed: bool = False, overload: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(reason)
        self.billed = billed
        self.overload = overload
        self.retry_after = retry_after


class Provider(Interface):
    """One who answers.

    Attributes:
        name: value of ``annotate.provider``.
        method: what the manifest says of its labels.
        needs_truth: it answers only about samples whose label map is known.
    """

    name: str
    method: LabelMethod
    needs_truth: bool

    def fingerprint(self, request: Request | None = None) -> Mapping[str, Any]:
        """Plain facts that shape its answers: name, version, params. With a request, also what it takes from that
        beyond picture, prompt and protocol."""

    def worst_cost(self, request: Request) -> float:
        """The most that one sending of a request can cost, US dollars."""

    def annotate(self, request: Request) -> Response:
        """Ask once, and return whatever came back; called from several threads at once.

        A refusal is a response, not an error.

        Raises:
            Transient: another attempt may succeed.
            CubisegError: the stage cannot go on (no key, no server); the attempt was not billed.
        """

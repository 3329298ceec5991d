"""What a provider is, what puts requests to it, and how it says that an attempt failed."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any
from typing import Protocol as Interface

from cubiseg.answers.prices import Tariff
from cubiseg.answers.requests import Request, Response
from cubiseg.answers.store import Record, ResponseStore


class Transient(Exception):
    """An attempt failed, and another may succeed; the message says why in a few words.

    Args:
        reason: why it failed, in a few words.
        billed: whether the server may have charged for it all the same.
        overload: whether the server said that it has too much to do.
        retry_after: seconds for which the server wants to be left alone.
        unreached: whether there was no server, so that nothing was said about the request.
    """

    def __init__(
        self,
        reason: str,
        billed: bool = False,
        overload: bool = False,
        retry_after: float | None = None,
        unreached: bool = False,
    ) -> None:
        super().__init__(reason)
        self.billed = billed
        self.overload = overload
        self.retry_after = retry_after
        self.unreached = unreached


class Unusable(Transient):
    """Something came that is no answer, as a web page or a stream; it may have been billed all the same.

    Args:
        what: what came, in a few words.
        remedy: what to set.
    """

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what} in place of an answer", billed=True)
        self.what = what
        self.remedy = remedy


class Pending(Exception):
    """The request has no answer yet; there may be one after the next ``flush``."""


class AnyAsker(Interface):
    """What puts requests to a provider; many threads may use it at once."""

    @property
    def threads(self) -> int | None:
        """Threads that are best used; None: as many as there are cores."""

    def ask(self, request: Request) -> Record:
        """The record of a request, as soon as there is one.

        Raises:
            Pending: there is none yet.
            CubisegError: nothing more can be asked (cap, key, server, disk); what was answered is kept.
        """

    def flush(self) -> bool:
        """Have all pending requests answered; False where none was waiting."""

    def finish(self) -> None:
        """To be called when all was asked."""


class Provider(Interface):
    """One who answers.

    Attributes:
        name: value of ``annotate.provider``.
    """

    name: str

    @property
    def host(self) -> str:
        """Name of the server that pictures are sent to; empty where they stay on this machine or its network."""

    @property
    def tariff(self) -> Tariff | None:
        """What its answers cost; None where they are free."""

    @property
    def draw(self) -> Callable[[Request], object] | None:
        """Draws the pictures of a request beforehand, in another process too; None where none need be drawn."""

    def fingerprint(self, request: Request | None = None) -> Mapping[str, Any]:
        """Plain facts that shape its answers: name, version, params. With a request, also what it takes from that
        beyond picture, prompt and protocol."""

    def worst_cost(self, request: Request) -> float:
        """The most that one sending of a request can cost, US dollars."""

    def require_key(self) -> None:
        """Make sure that it can be asked at all, before any work is done for it.

        Raises:
            CubisegError: it wants a key, and there is none.
        """

    def connect(self) -> object:
        """Make ready to be asked."""

    def greeting(self) -> Request | None:
        """A small question without pictures, whose answer proves that it can be asked; None where that is known."""

    def greeted(self) -> None:
        """It answered the greeting."""

    def asker(self, store: ResponseStore) -> AbstractContextManager[AnyAsker]:
        """What puts requests to it in the way that suits it, for as long as the context lasts.

        Args:
            store: answers so far; new ones are added.
        """

    def annotate(self, request: Request) -> Response:
        """Ask once, and return whatever came back; called from several threads at once.

        A refusal is a response, not an error.

        Raises:
            Transient: another attempt may succeed.
            CubisegError: nothing more can be asked (no key, no server); the attempt was not billed.
        """

"""What an engine is: a place where functions are called with items, several at once."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol

STOPPING = 6.0
"""Seconds that workers have to take back what is half done, once they are told to end."""


@dataclass(frozen=True)
class Done:
    """What came of a task.

    Attributes:
        results: of its items, in their order.
        seconds: that it took.
        error: raised by the item after those that have results; None where all have.
    """

    results: list[Any]
    seconds: float = 0.0
    error: BaseException | None = None


class Engine(Protocol):
    """Calls one function with items.

    Attributes:
        most: items that a task may have.
        deaths: raised by a task's future where its worker died: an item may be to blame.
        losses: raised where the machine that it ran on is gone: no item is to blame.
        room: bytes that the items under way may take together; None where nobody counts, or the engine does.
    """

    most: int
    deaths: tuple[type[BaseException], ...]
    losses: tuple[type[BaseException], ...]
    room: int | None

    @property
    def slots(self) -> int:
        """Tasks that are worked on at once."""

    @property
    def window(self) -> int:
        """Tasks that may be under way or wait at once."""

    def submit(self, items: Sequence[Any], need: int) -> Future[Done]:
        """Have the function called with each of the items, one after the other.

        Args:
            items: of one task.
            need: bytes that each of them takes at most; 0 where that is not known.
        """

    def alone(self, item: Any, need: int) -> Future[Done]:
        """Have the function called with an item in a worker that does nothing else, so that its death has one cause."""

    def stop(self) -> None:
        """End what is under way: it is taken back. May be called twice."""

    def close(self) -> None:
        """Give up the workers, once nothing is under way."""

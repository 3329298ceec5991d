"""How many requests are under way at once: as many as the server bears, found out while asking."""

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Protocol


class Clock(Protocol):
    """Time, so that tests need not wait for it, and stops need not either."""

    def monotonic(self) -> float:
        """Seconds since some moment."""

    def sleep(self, seconds: float) -> None:
        """Wait."""

    def wake(self) -> None:
        """End all waiting, now and later."""


class RealClock:
    """The clock on the wall."""

    def __init__(self) -> None:
        self._awake = threading.Event()

    def monotonic(self) -> float:
        """Seconds since some moment."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self._awake.wait(min(seconds, threading.TIMEOUT_MAX))

    def wake(self) -> None:
        """End all waiting, now and later."""
        self._awake.set()


class Throttle:
    """Additive increase, multiplicative decrease, as TCP does it (Chiu & Jain 1989), and a pause for everybody.

    Args:
        most: limit of requests under way.
        clock: clock to wait by.
    """

    def __init__(self, most: int, clock: Clock) -> None:
        self.most = most
        self.clock = clock
        self._limit = float(most)
        self._under_way = 0
        self._until = float("-inf")
        self._shrunk = float("-inf")
        self._stopped = False
        self._condition = threading.Condition()

    @property
    def limit(self) -> int:
        """Requests that may be under way now."""
        return max(1, int(self._limit))

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a place and for the end of a pause, then hold the place."""
        with self._condition:
            self._condition.wait_for(lambda: self._under_way < self.limit)
            self._under_way += 1
        try:
            while not self._stopped and (left := self._until - self.clock.monotonic()) > 0:
                self.clock.sleep(left)
            yield
        finally:
            with self._condition:
                self._under_way -= 1
                self._condition.notify()

    def answered(self) -> None:
        """The server bears the load: one more after as many answers as are allowed now."""
        with self._condition:
            self._limit = min(float(self.most), self._limit + 1 / self._limit)
            self._condition.notify()

    def overloaded(self, started: float) -> None:
        """The server said that it is too much: half as many from now on.

        Args:
            started: moment when the request was sent; those that were sent before the last halving tell nothing new.
        """
        with self._condition:
            if started >= self._shrunk:
                self._limit = max(1.0, self._limit / 2)
                self._shrunk = self.clock.monotonic()

    def stop(self) -> None:
        """No pause holds anybody any more: nothing will be sent."""
        self._stopped = True
        self.clock.wake()

    def pause(self, seconds: float) -> None:
        """Nobody sends anything for so long."""
        with self._condition:
            self._until = max(self._until, self.clock.monotonic() + seconds)

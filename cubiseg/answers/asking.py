"""Putting a request: from the store if it was ever answered, else to the provider, within the purse and with patience.

The order is what makes a kill harmless: room on the disk, then money reserved, then the request sent, then the answer
stored, then the reservation settled.
"""

import random
import threading
from collections.abc import Iterable

from cubiseg.answers.base import Provider, Transient
from cubiseg.answers.purse import Busy, Purse, Reservation
from cubiseg.answers.refusals import is_refusal
from cubiseg.answers.requests import Malformed, Outcome, Request, Response, request_key
from cubiseg.answers.store import Record, ResponseStore
from cubiseg.answers.throttle import Clock, RealClock, Throttle
from cubiseg.errors import CubisegError

FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
"""Seconds between two attempts where the server names none: the first, doubled each time up to the longest."""

_BUSY_WAIT = 0.5
_GONE = 3
"""Requests that fail for good one after the other, with no answer between, until the server counts as gone."""


def judged(request: Request, response: Response) -> Response:
    """A response whose outcome says whether its text answers the request."""
    if response.outcome is not Outcome.OK or request.check is None:
        return response
    try:
        request.check(response.text)
    except Malformed:
        outcome = Outcome.REFUSED if is_refusal(response.text) else Outcome.MALFORMED
        return response.model_copy(update={"outcome": outcome})
    return response


def judge(store: ResponseStore, request: Request, record: Record) -> Record:
    """The record of a request with its verdict, which is stored where it is new.

    An answer is stored as it came before anything looks into it: what reads it may fail, and it was paid for.
    """
    response = judged(request, record.response)
    if response == record.response:
        return record
    record = record.model_copy(update={"response": response})
    store.amend(record)
    return record


def let_ask_again(store: ResponseStore, records: Iterable[Record]) -> int:
    """Let requests be asked again by the next run; what they got is set aside, what it cost stays counted.

    Returns:
        Their number.

    Raises:
        CubisegError: the store cannot be written.
    """
    with Purse(store.root, None) as purse:
        purse.recover(store.paid)  # before its answer is gone, a killed run's reservation is settled by it
    again = list(records)
    for record in again:
        store.set_aside(record)
    return len(again)


class Asker:
    """Puts requests to a provider; may be used by many threads, beside other runs on the same store.

    Args:
        provider: one who answers.
        store: answers so far; new ones are added.
        purse: ledger and cap of what is spent; None where answers are free.
        attempts: how often a request is sent at most.
        most: limit of requests under way.
        clock: clock to wait by.

    Attributes:
        threads: threads that are best used; None: as many as there are cores.
    """

    def __init__(
        self,
        provider: Provider,
        store: ResponseStore,
        purse: Purse | None = None,
        attempts: int = 1,
        most: int = 1,
        clock: Clock | None = None,
    ) -> None:
        self.provider = provider
        self.store = store
        self.purse = purse
        self.attempts = attempts
        self.clock = clock or RealClock()
        self.throttle = Throttle(most, self.clock)
        self.threads = None if purse is None else most
        self._jitter = random.Random(0)  # noqa: S311 (spreads retries, shapes no result)
        self._lock = threading.Lock()
        self._answered = self._found = False
        self._failed: list[Record] = []
        self._stopped: CubisegError | None = None

    def ask(self, request: Request) -> Record:
        """The record of a request, as soon as there is one.

        Raises:
            CubisegError: nothing more can be asked (cap, key, server, disk); what was answered is kept.
        """
        key = request_key(request, self.provider.fingerprint(request))
        while True:
            record = self.store.get(key)
            if record is not None:
                self._found = True
                return judge(self.store, request, record)
            try:
                with self.store.slot(key) as slot:
                    sent = self._send(request, key)
                    if isinstance(sent, Record):
                        return judge(self.store, request, sent)
                    response, reservation = sent
                    record = Record(
                        key=key,
                        provider=self.provider.name,
                        protocol=request.protocol,
                        sample=request.sample,
                        response=response,
                    )
                    slot.fill(record)
                if reservation is not None and self.purse is not None:
                    self.purse.charge(reservation, response.cost_usd)
                self._note(record)
                return judge(self.store, request, record)
            except Busy:  # a double of the picture, or another run, is asking just now
                self.clock.sleep(_BUSY_WAIT)
            except CubisegError as error:
                self._stopped = self._stopped or error
                self.throttle.stop()
                raise

    def flush(self) -> bool:
        """Nothing ever waits here."""
        return False

    def finish(self) -> None:
        """To be called when all was asked.

        Raises:
            CubisegError: there was not one answer, now or in the store, only failures; they are forgotten, so that the
                next run asks again.
        """
        with self._lock:
            if self._failed and not (self._answered or self._found):
                raise self._gone()

    def _note(self, record: Record) -> None:
        with self._lock:
            if record.response.outcome is not Outcome.FAILED:
                self._answered = True
                self._failed = []
                return
            self._failed.append(record)
            if self._stopped is not None or len(self._failed) >= _GONE:
                gone = self._gone()
                self._stopped = self._stopped or gone
                raise self._stopped

    def _gone(self) -> CubisegError:
        """The server is gone: what it failed to answer is no verdict on the requests."""
        reason = self._failed[-1].response.text
        for record in self._failed:
            self.store.set_aside(record)
        self._failed = []
        return CubisegError(
            f"{self.provider.name}: no answer to any request, each sent {self.attempts} times ({reason}); check the "
            "server and run again: what was answered is kept"
        )

    def _send(self, request: Request, key: str) -> tuple[Response, Reservation | None] | Record:
        """Send a request until there is an answer, with the reservation that it settles."""
        worst = self.provider.worst_cost(request) if self.purse is not None else 0.0
        wait, reason = FIRST_WAIT, ""
        for attempt in range(1, self.attempts + 1):
            with self.throttle.turn():
                if self._stopped is not None:
                    raise self._stopped
                reservation = None if self.purse is None else self.purse.reserve(key, worst)
                # Another run may have answered since the store was looked into.
                if reservation is not None and (record := self.store.get(key)) is not None:
                    self._give_back(reservation, billed=False)
                    return record
                started = self.clock.monotonic()
                try:
                    response = self.provider.annotate(request)
                except Transient as trouble:
                    reason = str(trouble)
                    self._give_back(reservation, trouble.billed)
                    if trouble.overload:
                        self.throttle.overloaded(started)
                    if trouble.retry_after is not None:
                        self.throttle.pause(trouble.retry_after)
                except CubisegError:
                    self._give_back(reservation, billed=False)
                    raise
                except BaseException:
                    self._give_back(reservation, billed=True)
                    raise
                else:
                    self.throttle.answered()
                    return response.model_copy(update={"attempts": attempt}), reservation
            if attempt < self.attempts:
                with self._lock:
                    spread = self._jitter.uniform(0.5, 1.0)
                self.clock.sleep(wait * spread)
                wait = min(2 * wait, LONGEST_WAIT)
        return Response(outcome=Outcome.FAILED, text=reason, attempts=self.attempts), None

    def _give_back(self, reservation: Reservation | None, billed: bool) -> None:
        if reservation is not None and self.purse is not None:
            (self.purse.write_off if billed else self.purse.release)(reservation)

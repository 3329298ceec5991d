"""Putting a request: from the store if it was ever answered, else to the provider, within the purse and with patience.

The order is what makes a kill harmless: room on the disk, then money reserved, then the request sent, then the answer
stored, then the reservation settled.
"""

import random
import threading
from collections.abc import Iterable

from cubiseg.answers.base import Provider, Transient, Unusable
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

_UNUSABLE, _UNUSABLE_EACH = 3, 2
"""Things that are no answer, one after the other, until the address counts as wrong; and for one request, as it may be
billed each time."""

_NO_USE = 5
"""Answers that are paid for and of no use, with none before that was, until there is no sense in paying for more."""


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
        self._greeting = threading.Lock()
        self._greeted = False
        self._answered = self._found = self._useful = False
        self._failed: list[tuple[Record, bool]] = []
        self._unusable = self._useless = 0
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
                return self._known(judge(self.store, request, record))
            try:
                with self.store.slot(key) as slot:
                    self._greet()
                    sent = self._send(request, key)
                    if isinstance(sent, Record):
                        return self._known(judge(self.store, request, sent))
                    response, reservation, unreached = sent
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
                self._note(record, unreached)
                return self._judged(judge(self.store, request, record))
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
            CubisegError: there was not one answer, only failures. Those that are no verdict on the requests are
                forgotten, so that the next run asks again.
        """
        with self._lock:
            if self._failed and not self._answered:
                raise self._gone() if not self._found else self._left_over()

    def _known(self, record: Record) -> Record:
        """A record that was there already; one that failed says nothing of the server."""
        if record.response.outcome is not Outcome.FAILED:
            self._found = True
        self._useful = self._useful or record.response.outcome is Outcome.OK
        return record

    def _judged(self, record: Record) -> Record:
        """A record that was paid for just now.

        Raises:
            CubisegError: it is one of many that are of no use, with none that was.
        """
        with self._lock:
            if record.response.outcome is Outcome.OK:
                self._useful = True
            elif record.response.outcome is Outcome.MALFORMED and self.purse is not None and not self._useful:
                self._useless += 1
                if self._useless >= _NO_USE:
                    said = " ".join(record.response.text[:80].split())
                    raise CubisegError(
                        f"{self.provider.name}: the first {self._useless} answers are of no use (the last ends by "
                        f"{record.response.finish or 'nothing'!r}: {said!r}); raise annotate.openai.max_output_tokens "
                        "where it ends by 'length', or set another annotate.openai.model, and `cubiseg annotate retry`"
                    )
        return record

    def greet(self) -> None:
        """Have a small question without pictures answered, where the server is not known to speak the interface.

        Raises:
            CubisegError: it does not.
        """
        try:
            self._greet()
        except CubisegError as error:
            self._stopped = self._stopped or error
            raise

    def _greet(self) -> None:
        with self._greeting:
            while not self._greeted:
                if self._stopped is not None:
                    raise self._stopped
                question = self.provider.greeting()
                try:
                    if question is not None:
                        self._send_greeting(question)
                    self._greeted = True
                except Busy:  # another run greets just now
                    self.clock.sleep(_BUSY_WAIT)
                except CubisegError as error:
                    self._stopped = self._stopped or error
                    raise

    def _send_greeting(self, question: Request) -> None:
        sent = self._send(question, request_key(question, self.provider.fingerprint(question)))
        if isinstance(sent, Record):
            return
        response, reservation, _ = sent
        if reservation is not None and self.purse is not None:
            self.purse.charge(reservation, response.cost_usd)
        if response.outcome is Outcome.FAILED:
            raise CubisegError(
                f"{self.provider.name}: no answer to a small question of text alone, sent "
                f"{_times(response.attempts)} ({response.text}); check annotate.openai and run again"
            )
        self.provider.greeted()

    def _note(self, record: Record, unreached: bool) -> None:
        with self._lock:
            if record.response.outcome is not Outcome.FAILED:
                self._answered = True
                self._failed = []
                return
            self._failed.append((record, unreached))
            if self._stopped is not None or len(self._failed) >= _GONE:
                gone = self._gone()
                self._stopped = self._stopped or gone
                raise self._stopped

    def _gone(self) -> CubisegError:
        """The server is gone: what it failed to answer is no verdict on the requests."""
        reason, sent = self._failed[-1][0].response.text, self._sent()
        for record, _ in self._failed:
            self.store.set_aside(record)
        self._failed = []
        return CubisegError(
            f"{self.provider.name}: no answer to any request, {sent} ({reason}); check the "
            "server and run again: what was answered is kept"
        )

    def _left_over(self) -> CubisegError:
        """The last few failed: those that the server saw are on the list, so that they hold nothing up for ever."""
        reason, sent, count = self._failed[-1][0].response.text, self._sent(), len(self._failed)
        unreached = [record for record, unreached in self._failed if unreached]
        for record in unreached:
            self.store.set_aside(record)
        self._failed = []
        then = (
            "check the server and run again: what was answered is kept"
            if len(unreached) == count
            else "mend that and let them be asked again with `cubiseg annotate retry --only failed`, or run again to "
            "go on without them"
        )
        return CubisegError(f"{self.provider.name}: no answer to the {count} requests left, {sent} ({reason}); " + then)

    def _sent(self) -> str:
        """How often the failed requests were sent."""
        numbers = sorted({record.response.attempts for record, _ in self._failed})
        each = "each " if len(self._failed) > 1 else ""
        return f"{each}sent {_times(numbers[0])}" + (f" to {_times(numbers[-1])}" if len(numbers) > 1 else "")

    def _send(self, request: Request, key: str) -> tuple[Response, Reservation | None, bool] | Record:
        """Send a request until there is an answer, with the reservation that it settles, and whether none can be since
        no server was reached."""
        worst = self.provider.worst_cost(request) if self.purse is not None else 0.0
        wait, reason, unreached, unusable = FIRST_WAIT, "", False, 0
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
                    reason, unreached = str(trouble), trouble.unreached
                    self._give_back(reservation, trouble.billed, request.sample, reason)
                    if trouble.overload:
                        self.throttle.overloaded(started)
                    if trouble.retry_after is not None:
                        self.throttle.pause(trouble.retry_after)
                    if isinstance(trouble, Unusable):
                        reason = f"{reason}; {trouble.remedy}"
                        unusable += 1
                        self._note_unusable(trouble)
                except CubisegError:
                    self._give_back(reservation, billed=False)
                    raise
                except BaseException:
                    self._give_back(reservation, True, request.sample, "the run was stopped before the answer came")
                    raise
                else:
                    self.throttle.answered()
                    with self._lock:
                        self._unusable = 0
                    return response.model_copy(update={"attempts": attempt - 1 + response.attempts}), reservation, False
            if unusable == _UNUSABLE_EACH:
                break
            if attempt < self.attempts:
                with self._lock:
                    spread = self._jitter.uniform(0.5, 1.0)
                self.clock.sleep(wait * spread)
                wait = min(2 * wait, LONGEST_WAIT)
        return Response(outcome=Outcome.FAILED, text=reason, attempts=attempt), None, unreached

    def _note_unusable(self, trouble: Unusable) -> None:
        """Stop before a wrong address has spent the cap.

        Raises:
            CubisegError: several things in a row were no answer.
        """
        with self._lock:
            self._unusable += 1
            if self._unusable < _UNUSABLE:
                return
        raise CubisegError(
            f"{self.provider.name}: {trouble.what} came in place of an answer, {_UNUSABLE} times in a row; "
            f"{trouble.remedy}; `cubiseg annotate failures` lists what may have been billed"
        )

    def _give_back(self, reservation: Reservation | None, billed: bool, sample: str = "", reason: str = "") -> None:
        if reservation is None or self.purse is None:
            return
        if billed:
            self.purse.write_off(reservation, sample, reason)
        else:
            self.purse.release(reservation)


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")

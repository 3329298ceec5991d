"""Requests in bulk: files of requests that a server works off within a day, at half the price.

A file lies on the disk, with its state beside it, before anything is sent; so a run that was killed goes on with what
the server has already. Answers of a batch that expired or was cancelled are used as far as they go.
"""

import functools
import json
import logging
import os
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, Literal

from filelock import FileLock
from pydantic import BaseModel, ConfigDict, ValidationError

from cubiseg import settings
from cubiseg.answers import chat
from cubiseg.answers.asking import Asker, judge
from cubiseg.answers.base import Pending
from cubiseg.answers.complaints import words_of
from cubiseg.answers.openai import OpenAI, Status
from cubiseg.answers.params import BatchParams
from cubiseg.answers.purse import BATCHES, Busy, Exhausted, Purse
from cubiseg.answers.requests import Outcome, Request, Response, request_key
from cubiseg.answers.server import Ability
from cubiseg.answers.store import Record, ResponseStore
from cubiseg.answers.throttle import Clock, RealClock
from cubiseg.errors import CubisegError
from cubiseg.files import write_text

log = logging.getLogger(__name__)

_ENDPOINT = "/v1/chat/completions"
_ENDED = ("completed", "expired", "cancelled", "failed")
_MARK = "cubiseg"
_MOST_LINE = 16 * 2**20
_TRIES = 10


class _Asked(BaseModel):
    """One request of a batch: what its record will need."""

    model_config = ConfigDict(extra="forbid")

    protocol: str
    sample: str
    worst: float


class _State(BaseModel):
    """A batch as it is remembered, in ``batches/NAME.json``."""

    model_config = ConfigDict(extra="forbid")

    name: str
    run: str
    base_url: str
    form: chat.Form
    field: chat.TokenField | None = None
    without: list[str] = []
    stage: Literal["open", "written", "uploaded", "submitted"] = "open"
    file: str | None = None
    batch: str | None = None
    asked: dict[str, _Asked] = {}


class BatchAsker:
    """Collects requests that have no answer yet, sends them in bulk and brings the answers to the store.

    Args:
        provider: server, model and prices.
        params: limits of a file.
        store: answers so far; new ones are added.
        purse: ledger and cap of what is spent.
        clock: clock to wait by.
    """

    def __init__(
        self,
        provider: OpenAI,
        params: BatchParams,
        store: ResponseStore,
        purse: Purse,
        clock: Clock | None = None,
    ) -> None:
        self.provider = provider
        self.params = params
        self.store = store
        self.purse = purse
        self.clock = clock or RealClock()
        self.folder = store.root / BATCHES
        self.folder.mkdir(parents=True, exist_ok=True)
        self.factor = provider.factor
        self.threads = settings.CONCURRENCY.read()
        self._lock = threading.Lock()
        self._open: _State | None = None
        self._lines: IO[bytes] | None = None
        self._queued: set[str] = set()
        self._failures: dict[str, set[str]] = {}
        self._progress = 0
        self._answered, self._failed = False, ""
        self._exhausted: Exhausted | None = None
        self._forget_unsent()

    def ask(self, request: Request) -> Record:
        """The record of a request.

        Raises:
            Pending: there is none yet; it goes with the next batch.
        """
        key = request_key(request, self.provider.fingerprint(request))
        record = self.store.get(key) or self._queue(request, key)
        if record is None:
            raise Pending
        return judge(self.store, request, record)

    def _queue(self, request: Request, key: str) -> Record | None:
        """Put a request into the next batch; or the record that another run has stored meanwhile."""
        able = self.provider.server.ability
        worst = self.factor * self.provider.worst_cost(request)
        body = self.provider.body(request, able)
        line = json.dumps({"custom_id": key, "method": "POST", "url": _ENDPOINT, "body": body}).encode() + b"\n"
        with self._lock:
            if key in self._queued:
                return None
            state, lines = self._shard(able, len(line))
            try:
                reservation = self.purse.reserve(key, worst, wait=False, holder=state.name)
            except Busy:  # it is in a batch that is under way
                return None
            except Exhausted as error:
                self._exhausted = error
                return None
            # Another run may have answered since the store was looked into.
            if (record := self.store.get(key)) is not None:
                self.purse.release(reservation)
                return record
            lines.write(line)
            state.asked[key] = _Asked(protocol=request.protocol, sample=request.sample, worst=worst)
            self._queued.add(key)
            return None

    def _shard(self, able: Ability, size: int) -> tuple[_State, IO[bytes]]:
        """The file that the next line goes to."""
        state, lines = self._open, self._lines
        if state is not None and lines is not None:
            full = len(state.asked) >= self.params.requests or lines.tell() + size > self.params.megabytes * 1e6
            if not full and self._made_for(state) == able:
                return state, lines
            self._close()
        state = _State(
            name=uuid.uuid4().hex,
            run=self.purse.run,
            base_url=self.provider.params.base_url,
            form=able.form,
            field=able.field,
            without=sorted(able.without),
        )
        self._remember(state)
        lines = self._file(state).open("xb")
        self._open, self._lines = state, lines
        return state, lines

    def _made_for(self, state: _State) -> Ability:
        """What a batch's requests take for granted; one of an older version does not say its cap's name."""
        return Ability(state.form, state.field or self.provider.server.ability.field, frozenset(state.without))

    def _close(self) -> None:
        state, lines = self._open, self._lines
        self._open = self._lines = None
        if state is None or lines is None:
            return
        lines.flush()
        os.fsync(lines.fileno())
        lines.close()
        if state.asked:
            state.stage = "written"
            self._remember(state)
        else:
            self._forget(state)

    def _file(self, state: _State) -> Path:
        return self.folder / f"{state.name}.jsonl"

    def _remember(self, state: _State) -> None:
        write_text(self.folder / f"{state.name}.json", state.model_dump_json() + "\n")

    def _forget(self, state: _State) -> None:
        """A batch is done: what is still reserved for it was not billed."""
        self.purse.release_all(state.name)
        self._file(state).unlink(missing_ok=True)
        (self.folder / f"{state.name}.json").unlink(missing_ok=True)

    def _states(self) -> Iterator[_State]:
        for path in sorted(self.folder.glob("*.json")):
            try:
                yield _State.model_validate_json(path.read_bytes())
            except FileNotFoundError:  # another run has collected it since the folder was listed
                continue
            except (OSError, ValidationError):
                log.warning(f"{path}: is no whole state of a batch; left alone")

    def _forget_unsent(self) -> None:
        """Files that a killed run was still writing."""
        for state in self._states():
            if state.stage == "open" and not self.purse.lives(state.run):
                self._forget(state)

    def flush(self) -> bool:
        """Send what was collected, wait for all batches of this store, and store their answers.

        Returns:
            Whether anything was waiting.

        Raises:
            CubisegError: the cap is reached, a batch was not taken, or the server cannot be reached; batches that were
                sent go on, and the next run collects them.
        """
        with self._lock:
            self._close()
        waiting = self._take_over()
        if not waiting and self._exhausted is not None:
            raise self._exhausted
        if not waiting:  # what is missing is in the hands of another run
            self.clock.sleep(self.params.poll)
        before = self._progress
        if any(state.stage == "written" for state in waiting):
            Asker(self.provider, self.store, self.purse, self.provider.params.attempts, clock=self.clock).greet()
        for state in waiting:
            self._send(state)
        for state in waiting:
            self._collect(state)
        self._queued.clear()
        self._exhausted = None
        if waiting and self._progress == before:
            raise CubisegError(
                f"{self.provider.server.host}: the batches ended without a single answer; check them with the server, "
                "then run again"
            )
        return bool(waiting)

    def _take_over(self) -> list[_State]:
        """Batches to be collected here: those that were sent, and those of this run or a dead one that were not.

        One that a living run is about to send is left to it, and one of a dead run has one heir: sent twice, it would
        be paid twice.
        """
        waiting = []
        with FileLock(self.store.root / f"{BATCHES}.lock"):
            for state in self._states():
                if state.base_url != self.provider.params.base_url:
                    log.warning(f"batch {state.name} is with {state.base_url}; left alone")
                    continue
                if state.stage in ("written", "uploaded") and state.run != self.purse.run:
                    if self.purse.lives(state.run):
                        continue
                    state.run = self.purse.run
                    self._remember(state)
                if state.stage != "open":
                    waiting.append(state)
        return waiting

    def _upload(self, state: _State) -> str:
        with self._file(state).open("rb") as file:
            return str(self.provider.connect().files.create(file=file, purpose="batch").id)

    def _send(self, state: _State) -> None:
        client = self.provider.connect()
        if state.stage == "written":
            state.file = self._patiently(lambda: self._upload(state))
            state.stage = "uploaded"
            self._remember(state)
        if state.stage == "uploaded":
            # A run that was killed between sending and remembering has left its mark with the server.
            known = self._patiently(lambda: list(client.batches.list(limit=100)))
            mine = (b for b in known if b.input_file_id == state.file or (b.metadata or {}).get(_MARK) == state.name)
            sent = next(mine, None)
            if sent is None:
                sent = self._patiently(
                    lambda: client.batches.create(
                        input_file_id=state.file,
                        endpoint=_ENDPOINT,
                        completion_window="24h",
                        metadata={_MARK: state.name},
                    ),
                    tries=1,
                )
            state.batch = sent.id
            state.stage = "submitted"
            self._remember(state)

    def _collect(self, state: _State) -> None:
        client = self.provider.connect()
        shown = None
        while True:
            batch = self._patiently(lambda: client.batches.retrieve(state.batch))
            if batch.status in _ENDED:
                break
            counts = batch.request_counts
            done = f"{counts.completed} of {counts.total}" if counts else ""
            if (batch.status, done) != shown:
                shown = (batch.status, done)
                log.warning(f"batch {state.batch}: {batch.status} {done}".rstrip())
            self.clock.sleep(self.params.poll)
        for file in (batch.output_file_id, batch.error_file_id):
            if file:
                self._patiently(functools.partial(self._take_all, client, state, file))
        self._forget(state)
        if batch.status == "failed":
            errors = getattr(batch.errors, "data", None) or []
            said = self.provider.server.hidden("; ".join(str(e.message) for e in errors[:3]))[:300]
            raise CubisegError(
                f"{self.provider.server.host}: batch {state.batch} was not taken ({said or 'no reason'})"
            )

    def _take_all(self, client: Any, state: _State, file: str) -> None:
        """Store a result file; harmless to do again where the connection broke."""
        for line in self._lines_of(client, file):
            self._take(state, line)

    def _lines_of(self, client: Any, file: str) -> Iterator[bytes]:
        with client.files.with_streaming_response.content(file) as content:
            rest = b""
            for part in content.iter_bytes():
                *lines, rest = (rest + part).split(b"\n")
                yield from lines
                if len(rest) > _MOST_LINE:
                    raise CubisegError(f"{self.provider.server.host}: a line of {file} is longer than an answer can be")
            yield rest

    def _take(self, state: _State, line: bytes) -> None:
        """Store one line of a result file; lines about unknown requests, or that are broken, are passed over."""
        try:
            result = json.loads(line)
            key, answer, error = result["custom_id"], result.get("response"), result.get("error")
        except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
            return
        asked = state.asked.get(key) if isinstance(key, str) else None
        if asked is None:
            return
        code = answer.get("status_code") if isinstance(answer, dict) else None
        body = answer.get("body") if isinstance(answer, dict) else None
        raw = line.decode("utf-8", "replace")
        response = None
        if code == 200:
            price, worst = self.provider.price, asked.worst
            response = chat.read_completion(body, raw, price, lambda: worst, state.form, factor=self.factor)
            if response is not None:
                self.provider.note_usage(response)
        if response is None:
            response = self._failure(state, key, code, json.dumps(body if error is None else error))
        if response is None:
            return
        record = Record(
            key=key, provider=self.provider.name, protocol=asked.protocol, sample=asked.sample, response=response
        )
        self.store.put(record)
        self._progress += 1
        if response.outcome is Outcome.FAILED:
            self._failed = response.text
        else:
            self._answered = True
        held = self.purse.held(key, state.name)
        if held is not None:
            self.purse.charge(held, response.cost_usd)

    def _failure(self, state: _State, key: str, code: Any, said: str) -> Response | None:
        """A request that got no answer: None lets it go with the next batch."""
        if "batch_expired" in said or "batch_cancelled" in said:
            return None
        if code in (400, 422):
            if self.provider.server.learn(words_of(said), self._made_for(state)):
                self._progress += 1  # a lesson is progress: the next batch is another
                return None
            # Never an error that would leave the rest of the file, which is paid for, where it is.
            return self.provider.refused(Status(code, said, None), state.form)
        failures = self._failures.setdefault(key, set())
        failures.add(state.name)
        if len(failures) < self.provider.params.attempts:
            return None
        return Response(outcome=Outcome.FAILED, text=self.provider.server.hidden(said)[:300], form=state.form)

    def _patiently(self, call: Callable[[], Any], tries: int = _TRIES) -> Any:
        """Call the server; a fault of the moment is waited for.

        Raises:
            CubisegError: it lasts, or is no fault of the moment.
        """
        import httpx2
        import openai

        wait = 1.0
        for left in reversed(range(tries)):
            try:
                return call()
            except (openai.APIConnectionError, httpx2.HTTPError) as error:
                reason = str(error.__cause__ or error)
            except openai.APIStatusError as error:
                reason = f"{error.status_code}: {error.message}"
                if error.status_code < 500 and error.status_code not in (408, 409, 425, 429):
                    left = 0
            if left == 0:
                said = self.provider.server.hidden(reason)[:300]
                raise CubisegError(
                    f"{self.provider.server.host}: {said}; batches that were sent go on there: run again"
                )
            self.clock.sleep(wait)
            wait = min(2 * wait, 60.0)
        raise AssertionError("unreachable")

    def finish(self) -> None:
        """To be called when all was asked.

        Raises:
            CubisegError: there was not one answer in this run, only failures.
        """
        with self._lock:
            self._close()  # nothing was put into it, or it would have been sent
        if self._failed and not self._answered:
            raise CubisegError(
                f"{self.provider.name}: no answer to any request ({self._failed}); mend that and let them be asked "
                "again with `cubiseg annotate retry --only failed`, or run again to go on without them"
            )

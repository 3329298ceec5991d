"""The purse: what answers may cost, kept in a ledger that outlives a kill.

Before a request is sent, the most that it can cost is reserved; afterwards the reservation is settled with what it did
cost. Spending and open reservations together never pass the cap. A reservation whose request may have been billed, but
whose answer never came (a time-out, a kill), counts in full until a person who looked at the server's bill says that it
was not billed, which is recorded: by itself the ledger may say too much, never too little.

The ledger is one SQLite file beside the response store, so two runs share one cap. A run holds a lock file while it
lives; the reservations of a run whose lock is free are those of a dead one.
"""

import contextlib
import math
import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from cubiseg.errors import CubisegError

LEDGER = "ledger.sqlite"
_RUNS = "runs"
BATCHES = "batches"
"""Folder whose files ``HOLDER.json`` stand for reservations that outlive a run, as a batch that a server works on."""

_NANO = 10**9
_KILLED = "the run was killed before the answer came"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    run TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'settled', 'released', 'lost')),
    worst INTEGER NOT NULL,
    cost INTEGER NOT NULL DEFAULT 0,
    at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX IF NOT EXISTS still_open ON entries (key) WHERE state = 'open';
CREATE TABLE IF NOT EXISTS losses (entry INTEGER PRIMARY KEY, sample TEXT NOT NULL, reason TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS unbilled (
    entry INTEGER PRIMARY KEY,
    cost INTEGER NOT NULL,
    at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE IF NOT EXISTS total (one INTEGER PRIMARY KEY CHECK (one = 1), spent INTEGER NOT NULL);
INSERT OR IGNORE INTO total VALUES (1, 0);
"""


class Exhausted(CubisegError):
    """The cap does not allow another request."""


class Busy(Exception):
    """The request is under way already, in this run or another."""


@dataclass(frozen=True)
class Balance:
    """Where the ledger stands; US dollars.

    Attributes:
        spent: cost of what was settled and lost together.
        lost: share of ``spent`` for reservations whose requests may have been billed without an answer.
        reserved: sum set aside for requests that are under way.
        settled, losses: number of requests that were settled and lost.
    """

    spent: float
    lost: float
    reserved: float
    settled: int
    losses: int


@dataclass(frozen=True)
class Loss:
    """A request that may have been billed, and whose answer never came.

    Attributes:
        entry: number in the ledger.
        key: key of the request.
        sample: id of the sample that it was about; empty where that is not known.
        reason: why there was no answer, empty where that is not known.
        usd: sum that it counts as, US dollars.
        at: moment when it was reserved, UTC.
    """

    entry: int
    key: str
    sample: str
    reason: str
    usd: float
    at: str


@dataclass(frozen=True)
class Reservation:
    """Money set aside for one sending of a request."""

    entry: int
    key: str
    worst: int


class Purse:
    """A cap and what was spent of it.

    Args:
        root: folder of the response store.
        cap: US dollars that all requests recorded there may cost together; None for no cap.

    Attributes:
        run: name of this run.
    """

    def __init__(self, root: Path, cap: float | None) -> None:
        self.root = root
        self.cap = None if cap is None else round(cap * _NANO)
        self.run = uuid.uuid4().hex
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        try:
            (root / _RUNS).mkdir(parents=True, exist_ok=True)
            self._alive = FileLock(root / _RUNS / f"{self.run}.lock")
            self._alive.acquire()
            # SQLite does not wait its time-out where two processes switch a new file to WAL at once: it fails.
            with FileLock(root / f"{LEDGER}.lock"):
                self._ledger = sqlite3.connect(root / LEDGER, timeout=60, isolation_level=None, check_same_thread=False)
                self._ledger.execute("PRAGMA journal_mode = WAL")
                self._ledger.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise CubisegError(
                f"{root / LEDGER}: cannot be used ({error}); check the folder, or set CUBISEG_RESPONSES to another"
            ) from error

    def close(self) -> None:
        """Let go of the ledger; what is still open counts as lost from now on."""
        with self._lock:
            self._ledger.close()
            self._alive.release()
            with contextlib.suppress(OSError):
                (self.root / _RUNS / f"{self.run}.lock").unlink(missing_ok=True)

    def __enter__(self) -> "Purse":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def _writing(self, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """One transaction, alone in all processes.

        Args:
            durable: whether it is on the disk at its end, as what is reserved must be before anything is sent. Of what
                ends a reservation, a crash of the machine may lose the last: the store makes it good, or it counts in
                full.
        """
        with self._lock:
            try:
                self._ledger.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                self._ledger.execute("BEGIN IMMEDIATE")
                try:
                    yield self._ledger
                except BaseException:
                    self._ledger.execute("ROLLBACK")
                    raise
                self._ledger.execute("COMMIT")
            except sqlite3.Error as error:
                raise CubisegError(
                    f"{self.root / LEDGER}: cannot be written ({error}); free some space or set CUBISEG_RESPONSES, and "
                    "run again: nothing that was paid for is lost"
                ) from error

    def recover(self, paid: Callable[[str], float | None]) -> None:
        """Settle what dead runs left open.

        Args:
            paid: gives the cost of the stored answer to a request in US dollars, None where there is none.
        """
        with self._writing() as ledger:
            for entry, key, run, worst in ledger.execute(
                "SELECT id, key, run, worst FROM entries WHERE state = 'open'"
            ).fetchall():
                if not self.lives(run):
                    cost = paid(key)
                    if cost is None:
                        self._lose(ledger, entry, worst, "", _KILLED)
                    else:
                        self._end(ledger, entry, "settled", round(cost * _NANO))

    def lives(self, run: str) -> bool:
        """Whether a run goes on, or a batch is not collected yet."""
        if run == self.run or (self.root / BATCHES / f"{run}.json").exists():
            return True
        path = self.root / _RUNS / f"{run}.lock"
        if not path.exists():
            return False
        try:
            with FileLock(path, timeout=0):
                pass
        except Timeout:
            return True
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        return False

    def reserve(self, key: str, worst: float, wait: bool = True, holder: str | None = None) -> Reservation:
        """Set money aside for one sending of a request.

        Near the cap it waits for requests of this run that are under way: most cost less than was set aside for them.

        Args:
            key: key of the request.
            worst: most that it can cost, US dollars.
            wait: whether to wait near the cap.
            holder: name of a batch that holds it, where it is not this run.

        Raises:
            Exhausted: the cap does not allow it.
            Busy: the same request is under way in a run that lives.
        """
        amount = math.ceil(worst * _NANO)
        with self._changed:
            while True:
                with self._writing() as ledger:
                    for run, entry, lost in ledger.execute(
                        "SELECT run, id, worst FROM entries WHERE key = ? AND state = 'open'", (key,)
                    ).fetchall():
                        if self.lives(run):
                            raise Busy(key)
                        self._lose(ledger, entry, lost, "", _KILLED)
                    (spent,) = ledger.execute("SELECT spent FROM total").fetchone()
                    held, mine = ledger.execute(
                        "SELECT COALESCE(SUM(worst), 0), COALESCE(SUM(run = ?), 0) FROM entries WHERE state = 'open'",
                        (self.run,),
                    ).fetchone()
                    if self.cap is None or spent + held + amount <= self.cap:
                        cursor = ledger.execute(
                            "INSERT INTO entries (key, run, state, worst) VALUES (?, ?, 'open', ?)",
                            (key, holder or self.run, amount),
                        )
                        return Reservation(int(cursor.lastrowid or 0), key, amount)
                if not (wait and mine):
                    raise Exhausted(
                        f"{self.root}: ${spent / _NANO:.2f} of annotate.max_usd = {self.cap / _NANO:g} are spent"
                        + (f" and ${held / _NANO:.2f} reserved" if held else "")
                        + f", and the next request may cost ${amount / _NANO:.4f}; raise it and run again: what was "
                        "answered is kept"
                    )
                self._changed.wait(timeout=60)

    def held(self, key: str, holder: str) -> Reservation | None:
        """The open reservation of a request by a holder that outlives runs."""
        with self._lock:
            row = self._ledger.execute(
                "SELECT id, worst FROM entries WHERE key = ? AND run = ? AND state = 'open'", (key, holder)
            ).fetchone()
        return None if row is None else Reservation(row[0], key, row[1])

    def release_all(self, holder: str) -> None:
        """Nothing that a holder reserved was sent."""
        with self._changed:
            with self._writing() as ledger:
                for (entry,) in ledger.execute(
                    "SELECT id FROM entries WHERE run = ? AND state = 'open'", (holder,)
                ).fetchall():
                    self._end(ledger, entry, "released", 0)
            self._changed.notify_all()

    def charge(self, reservation: Reservation, cost: float) -> None:
        """The request was answered and cost so much, US dollars."""
        self._close(reservation, "settled", round(cost * _NANO))

    def release(self, reservation: Reservation) -> None:
        """The request was certainly not billed."""
        self._close(reservation, "released", 0)

    def write_off(self, reservation: Reservation, sample: str = "", reason: str = "") -> None:
        """The request may have been billed, and its answer will not come.

        Args:
            reservation: money that was set aside for it.
            sample: id of the sample that it was about.
            reason: why there is no answer, in a few words.
        """
        with self._changed:
            with self._writing(durable=False) as ledger:
                self._lose(ledger, reservation.entry, reservation.worst, sample, reason)
            self._changed.notify_all()

    def release_losses(self, entries: Iterable[int]) -> int:
        """A person says that lost requests were not billed: they count no more, and that is recorded.

        Args:
            entries: numbers of losses; those that are none (any more) are passed over.

        Returns:
            Number of losses that were released.
        """
        released = 0
        with self._changed:
            with self._writing() as ledger:
                for entry in entries:
                    row = ledger.execute(
                        "SELECT cost FROM entries WHERE id = ? AND state = 'lost'", (entry,)
                    ).fetchone()
                    if row is not None:
                        ledger.execute("UPDATE entries SET state = 'released', cost = 0 WHERE id = ?", (entry,))
                        ledger.execute("INSERT INTO unbilled (entry, cost) VALUES (?, ?)", (entry, row[0]))
                        ledger.execute("UPDATE total SET spent = spent - ?", (row[0],))
                        released += 1
            self._changed.notify_all()
        return released

    def _close(self, reservation: Reservation, state: str, cost: int) -> None:
        with self._changed:
            with self._writing(durable=False) as ledger:
                self._end(ledger, reservation.entry, state, cost)
            self._changed.notify_all()

    def _lose(self, ledger: sqlite3.Connection, entry: int, worst: int, sample: str, reason: str) -> None:
        if self._end(ledger, entry, "lost", worst):
            ledger.execute("INSERT INTO losses (entry, sample, reason) VALUES (?, ?, ?)", (entry, sample, reason[:500]))

    @staticmethod
    def _end(ledger: sqlite3.Connection, entry: int, state: str, cost: int) -> bool:
        # An entry ends once, also where two runs collect the same batch.
        ended = ledger.execute(
            "UPDATE entries SET state = ?, cost = ? WHERE id = ? AND state = 'open'", (state, cost, entry)
        )
        if ended.rowcount:
            ledger.execute("UPDATE total SET spent = spent + ?", (cost,))
        return bool(ended.rowcount)

    def balance(self) -> Balance:
        """Where the ledger stands."""
        with self._lock:
            rows = {
                state: (count, cost, worst)
                for state, count, cost, worst in self._ledger.execute(
                    "SELECT state, COUNT(*), SUM(cost), SUM(worst) FROM entries GROUP BY state"
                )
            }
        settled, lost, held = (rows.get(s, (0, 0, 0)) for s in ("settled", "lost", "open"))
        return Balance(
            spent=(settled[1] + lost[1]) / _NANO,
            lost=lost[1] / _NANO,
            reserved=held[2] / _NANO,
            settled=settled[0],
            losses=lost[0],
        )


def spent_in(root: Path) -> float:
    """US dollars that the ledger of a store says are spent; 0 where there is none yet.

    Raises:
        CubisegError: it cannot be read.
    """
    with _reading(root) as ledger:
        return 0.0 if ledger is None else float(ledger.execute("SELECT spent FROM total").fetchone()[0]) / _NANO


def losses_in(root: Path) -> list[Loss]:
    """What the ledger of a store counts without an answer, the oldest first; nothing where there is no ledger yet.

    Raises:
        CubisegError: it cannot be read.
    """
    with _reading(root) as ledger:
        if ledger is None:
            return []
        known: dict[int, tuple[str, str]] = {}
        if ledger.execute("SELECT 1 FROM sqlite_master WHERE name = 'losses'").fetchone():  # older ledgers have none
            known = {entry: (sample, why) for entry, sample, why in ledger.execute("SELECT * FROM losses")}
        rows = ledger.execute("SELECT id, key, cost, at FROM entries WHERE state = 'lost' ORDER BY id").fetchall()
        return [Loss(entry, key, *known.get(entry, ("", "")), cost / _NANO, at) for entry, key, cost, at in rows]


@contextlib.contextmanager
def _reading(root: Path) -> Iterator[sqlite3.Connection | None]:
    """The ledger of a store, None where there is none yet."""
    path = root / LEDGER
    if not path.is_file():
        yield None
        return
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=60)) as ledger:
            yield ledger
    except (sqlite3.Error, TypeError) as error:
        raise CubisegError(f"{path}: cannot be read ({error}); restore it from a backup") from error

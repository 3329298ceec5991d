"""Reviewing a data set: its samples as pictures that may be mended, and what a reviewer says of them.

What is said goes to the corrections folder, one file a review. What is being mended is kept beside, by reviewer, until
it is said; marks of the sheet too.
"""

import json
import re
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from cubiseg.cleaning.corrections import (
    Reason,
    Review,
    ReviewFolder,
    Verdict,
    read_corrected_label,
    write_corrected_label,
    write_review,
)
from cubiseg.errors import CubisegError
from cubiseg.files import write_text
from cubiseg.imaging import Picture, read_picture
from cubiseg.label_maps import label_hash
from cubiseg.samples import LabelMethod, Sample
from cubiseg.studio.data_set import DataSet
from cubiseg.studio.document import JOURNAL_FILE, Document, First, Labeller, StaleState
from cubiseg.studio.gain import gain, order, reasons
from cubiseg.studio.opinions import Opinions, disagreement, doubts
from cubiseg.studio.portrait import outlined
from cubiseg.studio.session import Session

MARKS_FILE = "marks.json"
_TOLD = (LabelMethod.GIVEN, LabelMethod.HUMAN)
"""Labels that are right by definition; a model that disagrees says nothing of them."""


class Said(BaseModel):
    """What the page sends when a reviewer has decided.

    Attributes:
        verdict: ``right`` says that the label map is right as it is shown now, mended or not.
        base: hash of the data set's label map as the page knows it.
        state: of the mending, as the page knows it.
        known: highest revision of the sample that the page knows of, 0 where there is none.
        reason: of a rejected picture.
        note: anything in words.
        seconds: how long the reviewer was at it.
    """

    model_config = ConfigDict(extra="forbid")

    verdict: Literal["right", "rejected", "unsure"]
    base: str | None = Field(max_length=64)
    state: int = Field(ge=0)
    known: int = Field(ge=0)
    reason: Reason | None = None
    note: str = Field(default="", max_length=500)
    seconds: float = Field(ge=0, le=1e6, allow_inf_nan=False)


@dataclass(frozen=True)
class _Beginning:
    """A sample's own label map as what its mending begins with."""

    data: DataSet
    sample: Sample
    model: Labeller | None

    @property
    def name(self) -> str:
        base = self.data.base(self.sample)
        return f"label {base}" if base else "no label"

    def first(self, picture: Picture) -> First:
        label = self.data.label(self.sample)
        if label is None and self.model is not None:
            first = self.model.first(picture)
            return First(first.label, first.confidence, ("there was no label; this is what the model sees",))
        if label is None:
            return First(np.zeros(picture.size, np.uint8), np.zeros(picture.size, np.uint8), ("there is no label yet",))
        if label.shape != picture.size:
            raise CubisegError(f"{self.sample.id}: its picture was changed; run `dvc repro clean`")
        return First(label, np.full(picture.size, 255, np.uint8))


class Reviewing(Session):
    """A session over the samples of a data set, by number.

    Args:
        data: what is reviewed.
        corrections: folder that reviews go to.
        reviewer: who reviews.
        out: where mending and marks are kept.
        labeller: the model, for its opinion; None goes without.
        seed: of the random order.
        fixed: whether the order is the data's, whatever others have said: for samples that were drawn for all.
    """

    most_open = 6

    def __init__(
        self,
        data: DataSet,
        corrections: Path,
        reviewer: str,
        out: Path,
        labeller: Labeller | None,
        *,
        seed: int = 0,
        fixed: bool = False,
    ) -> None:
        super().__init__({}, out, labeller)
        self.data, self.reviewer, self.fixed, self._seed = data, reviewer, fixed, seed
        self.documents = [Document(s.id, data.picture(s), out, _Beginning(data, s, labeller)) for s in data.samples]
        self._reviews = ReviewFolder(corrections)
        self._saying, self._marking = threading.Lock(), threading.Lock()
        self._marks = self._read_marks()
        self._disagreement: dict[str, float] = {}
        self._drawn: dict[str, str] = {}
        self._opinions = None if labeller is None else Opinions(labeller, out / "opinions")

    def begin(self, told: Callable[[], None]) -> None:
        """Let the model look at the samples in the background, in the order in which they are reviewed."""
        super().begin(told)
        if self._opinions is not None:
            numbers = [n for n in self._order(range(len(self.data.samples))) if self._is_answered(n)]
            self._opinions.look_at_all([lambda number=number: self._compare(number) for number in numbers])  # type: ignore[misc]

    def refusal(self) -> CubisegError | None:
        """A review goes without the model's opinion where there is none."""
        return None

    def close(self) -> None:
        """Look at nothing more."""
        if self._opinions is not None:
            self._opinions.close()
        super().close()

    def _is_answered(self, number: int) -> bool:
        sample = self.data.samples[number]
        return sample.label is not None and sample.label_method not in _TOLD

    def _compare(self, number: int) -> None:
        sample = self.data.samples[number]
        label, opinion = self.data.label(sample), self._opinion(sample)
        if label is not None and opinion is not None and label.shape == opinion[0].shape:
            self._disagreement[sample.id] = disagreement(label, opinion[0])

    def _opinion(self, sample: Sample) -> tuple[np.ndarray, np.ndarray] | None:
        if self._opinions is None:
            return None
        return self._opinions.of(sample.sha256, lambda: read_picture(self.data.picture(sample)))

    def begun(self, number: int) -> Document:
        """A sample's document, open, on its label map as it is now unless something mended would be lost by it."""
        self._known(number)
        self._shown(number)
        return self.opened(number)

    def weighed(self, number: int) -> Document:
        """A sample's document, open, with the model's doubts about its label map."""
        document = self.opened(number)
        if self._is_answered(number):
            with suppress(CubisegError):  # without an opinion one may mend all the same
                opinion = self._opinion(self.data.samples[number])
                if opinion is not None:
                    document.doubt(doubts(document.first_label, *opinion))
        return document

    def facts(self) -> dict[str, Any]:
        """What the page must know of the review, as plain JSON."""
        return {
            "reviewer": self.reviewer,
            "folder": str(self.data.folder),
            "corrections": str(self._reviews.folder),
            "reasons": [reason.value for reason in Reason],
        }

    def add(self, name: str, content: bytes) -> int:
        """A review takes no other pictures.

        Raises:
            CubisegError: always.
        """
        raise CubisegError("this is a review of a data set; run `cubiseg studio` to mend other pictures")

    # --- the queue

    def queue(self) -> list[dict[str, Any]]:
        """All samples as plain JSON, in the order of the review; those that are done come first, the last one last."""
        reviews = self._reviews.all()
        rows = [self._row(number, reviews.get(s.id, [])) for number, s in enumerate(self.data.samples)]
        done = sorted((row for row in rows if row["done"]), key=lambda row: row["said"]["time"] if row["said"] else "")
        waiting = {row["number"]: row for row in rows if not row["done"]}
        first = [n for n, row in waiting.items() if row["marked"] or row["stale"]]
        others = [n for n, row in waiting.items() if row["others"] and not self.fixed and n not in first]
        rest = [n for n in waiting if n not in first and n not in others]
        numbers = [n for some in (first, rest, others) for n in self._order(some)]
        return [*done, *(waiting[n] for n in numbers)]

    def _order(self, numbers: Sequence[int]) -> list[int]:
        if self.fixed:
            return list(numbers)
        return order({n: self.data.samples[n] for n in numbers}, self._disagreement, self._seed)

    def _row(self, number: int, reviews: Sequence[Review]) -> dict[str, Any]:
        sample = self.data.samples[number]
        mine = [r for r in reviews if r.reviewer == self.reviewer]
        others = list({r.reviewer: r for r in reviews if r.reviewer != self.reviewer}.values())
        current, gone = self._stands(sample, mine)
        apart = self._disagreement.get(sample.id)
        return {
            "number": number,
            "id": sample.id,
            "why": ["its label map is gone"] if gone else reasons(sample, apart),
            "gain": round(gain(sample, apart), 3),
            "method": sample.label_method.value if sample.label_method else "no label",
            "split": sample.split.value if sample.split else None,
            "known": max((r.revision for r in reviews), default=0),
            "said": _told(mine[-1]) if mine else None,
            "done": current or gone,
            "gone": gone,
            "stale": bool(mine) and not current and not gone,
            "others": [_told(r) for r in others],
            "marked": sample.id in self._marks and not current and not gone,
        }

    def _stands(self, sample: Sample, mine: Sequence[Review]) -> tuple[bool, bool]:
        """Whether the reviewer's word is of the label map as it is now; and whether that is gone, or cannot be read."""
        try:
            return bool(mine) and self._is_current(sample, mine[-1]), self.data.is_gone(sample)
        except CubisegError:
            return False, True

    def _is_current(self, sample: Sample, review: Review) -> bool:
        """Whether a review speaks of the label map as it is now: it saw it, or drew it."""
        if review.verdict is Verdict.REJECTED:
            return True
        now = self.data.hashes(sample)
        return review.base_sha256 in now or (review.label is not None and self._hash_of(sample, review) in now)

    def _hash_of(self, sample: Sample, review: Review) -> str:
        name = str(review.label)
        if name not in self._drawn:
            drawn = read_corrected_label(self._reviews.folder, review, (sample.height, sample.width))
            self._drawn[name] = label_hash(drawn)
        return self._drawn[name]

    def sheet(self, size: int) -> list[dict[str, Any]]:
        """The next samples to look at side by side, with what must be known to say something of them."""
        waiting = [row for row in self.queue() if not row["done"] and not row["marked"]]
        found: list[dict[str, Any]] = []
        for row in waiting:
            if len(found) == size:
                break
            with suppress(CubisegError):  # what cannot be read is told of where it is opened alone
                found.append({**row, **self._shown(row["number"])[2]})
        return found

    def about(self, number: int) -> dict[str, Any]:
        """What a reviewer must know of a sample that is open, as plain JSON."""
        self._known(number)
        reviews = self._reviews.of(self.data.samples[number].id)
        return {**self._row(number, reviews), **self._shown(number)[2]}

    def portrait(self, number: int, side: int) -> bytes:
        """A sample's picture as WebP, with the outlines of its label map as it is mended so far."""
        self._known(number)
        sample = self.data.samples[number]
        label = self._shown(number)[0]
        return outlined(read_picture(self.data.picture(sample)).over(), label, side)

    def _known(self, number: int) -> None:
        if not 0 <= number < len(self.data.samples):
            raise CubisegError("there is no such sample in this review; load the page again")

    def _shown(self, number: int) -> tuple[np.ndarray | None, dict[str, int], dict[str, Any]]:
        """A sample's label map as mended so far, what was done to it by tool, and the facts of it.

        The facts are the hash of the data set's label map, that of the one that mending began with, the state, and
        whether the two differ.
        """
        sample = self.data.samples[number]
        base = self.data.base(sample)
        if not (self.documents[number].work / JOURNAL_FILE).exists():
            return self.data.label(sample), {}, {"base": base, "begun": base, "state": 0, "changed": False}
        document = self.opened(number)
        label, state, done = document.standing()
        changed = base is not None and document.base != base
        if changed and (state == 0 or label_hash(label) in self.data.hashes(sample)):
            self._renew(number, document)  # nothing was mended, or the data set has it already
            return self._shown(number)
        return label, done, {"base": base, "begun": document.base, "state": state, "changed": changed}

    # --- what is said

    def say(self, number: int, said: Said) -> dict[str, Any]:
        """Keep what the reviewer says of a sample: where this returns, it is on the disk.

        Returns:
            How the sample stands, as :meth:`about` tells it.

        Raises:
            StaleState: the label map, the mending or the reviewer's own word is newer than the page knows.
            CubisegError: it has no sense, or cannot be kept.
        """
        self._known(number)
        with self._saying:
            sample = self.data.samples[number]
            label, actions, now = self._shown(number)
            self._refuse_stale(sample, said, now)
            drawn = None
            if said.verdict == "right":
                if label is None or (now["base"] is None and not label.any()):
                    raise CubisegError(f"{sample.id} has no label map that could be right; draw one, or reject it")
                drawn = None if now["base"] == label_hash(label) else label
            verdict = {"right": Verdict.ACCEPTED if drawn is None else Verdict.CORRECTED}.get(said.verdict)
            review = Review(
                sample=sample.id,
                base_sha256=now["base"],
                verdict=verdict or Verdict(said.verdict),
                reason=said.reason,
                note=said.note,
                label=None if drawn is None else write_corrected_label(self._reviews.folder, sample.id, drawn),
                reviewer=self.reviewer,
                time=datetime.now(timezone.utc),
                seconds=round(said.seconds, 1),
                actions=actions,
                revision=said.known + 1,
            )
            write_review(self._reviews.folder, review)
            self.mark([number], on=False)
            return self.about(number)

    def _refuse_stale(self, sample: Sample, said: Said, now: dict[str, Any]) -> None:
        reviews = self._reviews.of(sample.id)
        mine = [r for r in reviews if r.reviewer == self.reviewer]
        if mine and mine[-1].revision > said.known:
            raise StaleState(f"{sample.id}: you said already that it is {mine[-1].verdict}, in another tab")
        if said.known > max((r.revision for r in reviews), default=0):
            raise StaleState(f"{sample.id}: a review of it is gone; here is how it stands now")
        if said.base != now["base"] or (now["changed"] and said.verdict == "right"):
            raise StaleState(f"{sample.id}: its label map was changed since you began; look at it again")
        if said.state != now["state"]:
            raise StaleState(f"{sample.id}: was mended in another tab; look at it again")

    def mark(self, numbers: Sequence[int], *, on: bool) -> None:
        """Remember that samples need work, or no longer."""
        for number in numbers:
            self._known(number)
        ids = {self.data.samples[number].id for number in numbers}
        with self._marking:
            marks = self._marks | ids if on else self._marks - ids
            if marks != self._marks:
                write_text(self.out / MARKS_FILE, json.dumps(sorted(marks)) + "\n")
                self._marks = marks

    def _read_marks(self) -> frozenset[str]:
        try:
            marks = json.loads((self.out / MARKS_FILE).read_text(encoding="utf-8"))
            return frozenset(str(mark) for mark in marks)
        except (OSError, ValueError, TypeError, RecursionError):
            return frozenset()

    def renew(self, number: int, *, carry: bool) -> None:
        """Begin a sample's mending anew on its label map as it is now; what was mended is set aside.

        Args:
            number: which.
            carry: whether what the reviewer mended is painted again on the new one.
        """
        self._known(number)
        with self._saying:
            before = self.opened(number)
            first, mended = before.first_label, before.standing()[0]
            document = self._renew(number, before)
            now = document.standing()[0]
            if carry and now.shape == mended.shape:
                document.paint("carry", np.where(mended == first, now, mended))

    def _renew(self, number: int, old: Document) -> Document:
        with self._lock:
            if self.documents[number] is old:  # else another request was here first
                self._open.pop(number, None)
                old.set_aside()
                self.documents[number] = old.anew()
        return self.opened(number)

    def take_theirs(self, number: int, reviewer: str, state: int) -> dict[str, Any]:
        """Paint what another reviewer drew of a sample over one's own, as one step that can be undone.

        Raises:
            StaleState: the page is behind.
            CubisegError: that reviewer drew nothing.
        """
        self._known(number)
        sample = self.data.samples[number]
        theirs = [r for r in self._reviews.of(sample.id) if r.reviewer == reviewer and r.label is not None]
        if not theirs:
            raise CubisegError(f"{reviewer} drew nothing for {sample.id}; load the page again")
        drawn = read_corrected_label(self._reviews.folder, theirs[-1], (sample.height, sample.width))
        return self.opened(number).paint("theirs", drawn, state)


def _told(review: Review) -> dict[str, Any]:
    return {
        "reviewer": review.reviewer,
        "verdict": review.verdict.value,
        "reason": review.reason.value if review.reason else None,
        "note": review.note,
        "time": review.time.isoformat(),
        "drawn": review.label is not None,
    }


def folder_of(reviewer: str) -> str:
    """A plain folder name for a reviewer, another for each: where the name itself is none, a part of its hash is added.

    >>> folder_of("Ann_B"), folder_of("Ann B."), folder_of("../x"), folder_of("絵師")
    ('Ann_B', 'Ann_B-e2214cff', 'x-d6b96a97', '絵師')
    """
    plain = re.sub(r"[^\w-]+", "_", reviewer).strip("_") or "reviewer"
    return plain if plain == reviewer else f"{plain}-{sha256(reviewer.encode()).hexdigest()[:8]}"


def checked_reviewer(name: str) -> str:
    """A reviewer's name as records have it.

    Raises:
        CubisegError: it is empty, too long, or holds what cannot be printed.
    """
    name = name.strip()
    if not 1 <= len(name) <= 64 or not name.isprintable():
        raise CubisegError(f"--reviewer {name[:80]!r}: must be 1 to 64 printable characters; give a name or initials")
    return name

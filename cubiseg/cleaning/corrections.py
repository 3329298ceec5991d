"""What people said of samples: reviews, and the label maps that they drew, kept in git.

A review is a file of its own, named so that reviewers who work at once, in one folder or on two branches, never write
the same file. Nothing is ever changed or removed: whoever thinks again adds a review.

A label map that holds parts counts as it is. One of classes alone decides the classes: where it agrees with what was
there, the parts that were told stay, and elsewhere they are not told apart.
"""

import hashlib
import re
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from cubiseg.errors import CubisegError, fault
from cubiseg.files import write_text
from cubiseg.label_maps import label_hash, read_exact_label, refuse_mask, write_label
from cubiseg.older_python import StrEnum
from cubiseg.samples import InsidePath

RECORDS = "corrections.jsonl"
"""Reviews that somebody wrote by hand or with a tool of their own, one a line."""
REVIEWS, LABELS = "reviews", "labels"
"""Folders of reviews, one a file, and of label maps."""


class Verdict(StrEnum):
    """What a reviewer says of a sample's label map."""

    ACCEPTED = "accepted"
    """It is right."""
    CORRECTED = "corrected"
    """It was wrong; ``label`` is right."""
    REJECTED = "rejected"
    """The picture has no place in the data set; ``reason`` says why."""
    UNSURE = "unsure"
    """The reviewer cannot tell; somebody else should look."""


class Reason(StrEnum):
    """Why a picture has no place in the data set."""

    NO_CHARACTER = "no_character"
    SEVERAL_PEOPLE = "several_people"
    NOT_DRAWN = "not_drawn"
    POOR_QUALITY = "poor_quality"
    CROPPED = "cropped"
    DUPLICATE = "duplicate"
    UNSUITABLE = "unsuitable"
    OTHER = "other"


class Review(BaseModel):
    """What one person said of one sample, once.

    Attributes:
        sample: id of the sample.
        base_sha256: :func:`cubiseg.label_maps.label_hash` of the label map that the reviewer saw, None where there was
            none.
        verdict: what the reviewer says of it.
        reason: why a picture is rejected; None for other verdicts.
        note: anything in words.
        label: PNG of ids of classes or parts, relative to the corrections folder; for ``corrected`` alone.
        reviewer: name or initials.
        time: when, with its time zone.
        seconds: how long the reviewer was at it, None where nobody measured.
        actions: what was done to the label map, by tool: ``area`` (regions), ``brush``, ``fill``, ``place``, the names
            of the rules, ``undo``, ``redo``, ``right``.
        revision: one more than the highest that the reviewer knew of for this sample, 1 for the first. The highest
            counts, then the latest; reviewers with the same one did not know of each other.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    sample: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
    base_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None
    verdict: Verdict = Verdict.CORRECTED
    reason: Reason | None = None
    note: Annotated[str, Field(max_length=500)] = ""
    label: InsidePath | None = None
    reviewer: Annotated[str, Field(min_length=1, max_length=64)]
    time: AwareDatetime
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    actions: dict[Annotated[str, Field(pattern=r"^[a-z_]{1,16}$")], Annotated[int, Field(ge=0)]] = {}
    revision: Annotated[int, Field(ge=1)]

    @model_validator(mode="after")
    def _whole(self) -> "Review":
        if (self.label is not None) != (self.verdict is Verdict.CORRECTED):
            raise ValueError("a label map belongs to the verdict corrected, and to no other")
        if (self.reason is not None) != (self.verdict is Verdict.REJECTED):
            raise ValueError("a reason belongs to the verdict rejected, and to no other")
        return self


@dataclass(frozen=True)
class Judgement:
    """What the reviews of one sample come to.

    Attributes:
        corrections: those that bring a label map, the newest last and in force; accepting a sample takes none back.
        verdict: the newest that is not ``unsure``; None where nobody was sure.
        is_unsure: whether the very newest is ``unsure``.
        disagree: whether reviewers who did not know of each other came to different results.
    """

    corrections: tuple[Review, ...]
    verdict: Review | None
    is_unsure: bool
    disagree: bool

    @property
    def rejected(self) -> Reason | None:
        """Why the picture is left out, None where it stays."""
        return None if self.verdict is None else self.verdict.reason


def outcome(reviews: Sequence[Review]) -> Judgement:
    """What the reviews of one sample come to: the highest revision counts, then the latest time.

    Args:
        reviews: of one sample, at least one, the newest last, as :func:`read_reviews` gives them.
    """
    drawn = [r for r in reviews if r.verdict is Verdict.CORRECTED]
    sure = [r for r in reviews if r.verdict is not Verdict.UNSURE]
    last = {r.reviewer: r for r in sure if r.revision == sure[-1].revision}
    return Judgement(
        corrections=tuple(drawn),
        verdict=sure[-1] if sure else None,
        is_unsure=reviews[-1].verdict is Verdict.UNSURE,
        disagree=len({(r.verdict, r.label) for r in last.values()}) > 1,
    )


def read_reviews(folder: Path) -> dict[str, list[Review]]:
    """Reviews by sample, of each the newest last. A folder without any is fine.

    Raises:
        CubisegError: a record is malformed; its file and line are named.
    """
    return dict(sorted(ReviewFolder(folder).all().items()))


class ReviewFolder:
    """The reviews of a folder that others write to meanwhile; a file of a review is read once, as nobody changes it.

    Args:
        folder: the corrections folder, which need not be there yet.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: dict[str, Review] = {}
        self._reviews: dict[str, list[Review]] = {}
        self._stamp: list[int] = []
        self._lock = threading.Lock()

    def of(self, sample: str) -> list[Review]:
        """Reviews of a sample as they are now, the newest last.

        Raises:
            CubisegError: a record is malformed; its file and line are named.
        """
        return self.all().get(sample, [])

    def all(self) -> dict[str, list[Review]]:
        """Reviews by sample as they are now, of each the newest last; not to be written to.

        Raises:
            CubisegError: a record is malformed; its file and line are named.
        """
        with self._lock:
            stamp = [_changed(self.folder / name) for name in (RECORDS, REVIEWS)]
            fresh = time.time_ns() - max(stamp) < 2 * 10**9  # clocks of file systems are coarse
            if fresh or stamp != self._stamp:
                self._refresh()
                self._stamp = stamp
            return self._reviews

    def _refresh(self) -> None:
        places = sorted(str(path) for path in (self.folder / REVIEWS).glob("*.json"))
        self._files = {place: self._files.get(place) or parsed(_text(Path(place)), place) for place in places}
        found: dict[str, list[tuple[Review, str]]] = {}
        for place, text in _lines(self.folder):
            record = parsed(text, place)
            found.setdefault(record.sample, []).append((record, place))
        for place, record in self._files.items():
            found.setdefault(record.sample, []).append((record, place))
        self._reviews = {sample: newest_last(records) for sample, records in found.items()}


def _changed(path: Path) -> int:
    """When a file or folder was changed last, in nanoseconds; 0 where there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def newest_last(records: Sequence[tuple[Review, str]]) -> list[Review]:
    """Reviews with the names of their places, in order; the names break ties, so that all machines agree."""
    return [r for r, _ in sorted(records, key=lambda one: (one[0].revision, one[0].time, one[0].reviewer, one[1]))]


def parsed(text: str, place: str) -> Review:
    """A record from its JSON.

    Args:
        text: JSON.
        place: file, or file and line, for messages.

    Raises:
        CubisegError: it is malformed.
    """
    try:
        return Review.model_validate_json(text)
    except ValidationError as error:
        raise CubisegError(f"{place}: {fault(error, 'record')}; correct or remove it") from error


def _lines(folder: Path) -> Iterator[tuple[str, str]]:
    """Records that were written by hand: where each stands, and its text."""
    lines = folder / RECORDS
    if lines.is_file():
        for number, line in enumerate(_text(lines).splitlines(), 1):
            if line.strip():
                yield f"{lines}:{number}", line


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CubisegError(f"{path}: cannot be read ({type(error).__name__}); restore it from git") from error


def write_review(folder: Path, review: Review) -> Path:
    """Keep a review, in a file of its own that appears whole; its label map is there already.

    Returns:
        The file.

    Raises:
        CubisegError: the folder cannot be written.
    """
    text = review.model_dump_json(indent=1) + "\n"
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    by = re.sub(r"[^A-Za-z0-9-]+", "_", review.reviewer)[:32]
    path = folder / REVIEWS / f"{review.sample}.{review.revision}.{by}.{digest}.json"
    write_text(path, text)
    return path


def write_corrected_label(folder: Path, sample: str, label: np.ndarray) -> str:
    """Keep a label map under a name that tells its content, so that equal ones are one file.

    Args:
        folder: the corrections folder.
        sample: id of the sample.
        label: (H, W) uint8, ids of classes and parts, and 255.

    Returns:
        Its path relative to the folder.

    Raises:
        CubisegError: the folder cannot be written.
    """
    name = f"{LABELS}/{sample}.{label_hash(label)[:16]}.png"
    if not (folder / name).exists():
        write_label(folder / name, label)
    return name


def read_corrected_label(folder: Path, review: Review, size: tuple[int, int]) -> np.ndarray:
    """The label map of a correction.

    Args:
        folder: the corrections folder.
        review: which correction.
        size: height and width that it must have.

    Returns:
        (H, W) uint8, ids of classes and parts, and 255.

    Raises:
        CubisegError: missing, no label map (another kind of file, a colour picture, a mask), another size, or ids that
            are neither class nor part.
    """
    if review.label is None:
        raise CubisegError(f"{folder}: the review of {review.sample} brings no label map; it is {review.verdict}")
    path = folder / review.label
    label = read_exact_label(path, size)
    refuse_mask(path, label)
    return label

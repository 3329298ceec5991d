"""Spot-checks: the samples that were drawn at random for review, what people said of them, and whether that is enough.

A share that people accept says something of the label maps that nobody looked at only where chance drew the samples. So
the drawn ones are kept in a file, in the order in which they are to be looked at.
"""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cubiseg.cleaning.corrections import Review, Verdict
from cubiseg.errors import CubisegError, fault
from cubiseg.files import write_text
from cubiseg.metrics import Metrics

DRAWN = "spot-check.jsonl"
"""File of the drawn samples in the corrections folder, which git tracks."""

_RESTORE = "correct the line, or restore the file from git"

_MOST = 10**7
"""Reviews beyond which nobody counts on."""


class DrawnSample(BaseModel):
    """One sample that was drawn.

    Attributes:
        sample: id of the sample.
        stratum: what it was drawn from: method, source and band of confidence.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    sample: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
    stratum: str


def read_drawn(path: Path) -> list[DrawnSample]:
    """The drawn samples, in the order in which they are looked at. Blank lines are passed over.

    Raises:
        CubisegError: the file cannot be read, or a line is malformed or named twice.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise CubisegError(f"{path}: cannot be read, it is not there; run `cubiseg review sample`") from error
    except (OSError, UnicodeDecodeError) as error:
        raise CubisegError(f"{path}: cannot be read ({type(error).__name__}); restore the file from git") from error
    found: dict[str, DrawnSample] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            drawn = DrawnSample.model_validate_json(line)
        except ValidationError as error:
            raise CubisegError(f"{path}:{number}: {fault(error, 'record')}; {_RESTORE}") from error
        if drawn.sample in found:
            raise CubisegError(f"{path}:{number}: {drawn.sample} is drawn twice; remove the line")
        found[drawn.sample] = drawn
    return list(found.values())


def write_drawn(path: Path, drawn: Sequence[DrawnSample]) -> None:
    """Write the drawn samples, one a line."""
    write_text(path, "".join(d.model_dump_json() + "\n" for d in drawn))


def judged(reviews: Sequence[Review], made: Collection[str | None]) -> Verdict | None:
    """What people say of a label map as it was made, before anybody corrected it.

    Args:
        reviews: of one sample, the newest last.
        made: hashes of the label map, at either level; a review of another map says nothing of this one.

    Returns:
        The newest word of each reviewer counts. Of several, the worst: rejected, corrected, accepted. ``unsure`` where
        nobody is sure, None where nobody looked at this map.
    """
    seen = [r for r in reviews if r.base_sha256 in made or r.verdict is Verdict.REJECTED]
    said = {r.verdict for r in {r.reviewer: r for r in seen}.values()}
    order = (Verdict.REJECTED, Verdict.CORRECTED, Verdict.ACCEPTED, Verdict.UNSURE)
    return next((v for v in order if v in said), None)


def wilson_interval(right: int, of: int, level: float = 0.95) -> tuple[float, float]:
    """Interval of a share (Wilson, "Probable inference, the law of succession, and statistical inference", 1927).

    Args:
        right: how many of them, 0..of.
        of: how many there are, at least 1.
        level: chance that the interval holds the true share.
    """
    from scipy.stats import binomtest

    interval = binomtest(right, of).proportion_ci(level, method="wilson")
    return float(interval.low), float(interval.high)


def reviews_needed(right: int, of: int, required: float) -> int | None:
    """How many more reviews lift the lower end of the interval to a share, if as many of them are right as before.

    Returns:
        0 where it is there; None where no number of reviews does it.
    """
    if of and wilson_interval(right, of)[0] >= required:
        return 0
    share = right / of if of else 1.0
    if share <= required:
        return None
    low, high = 0, 1
    while wilson_interval(round(right + share * high), of + high)[0] < required:
        low, high = high, 2 * high
        if high > _MOST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        enough = wilson_interval(round(right + share * middle), of + middle)[0] >= required
        low, high = (low, middle) if enough else (middle, high)
    return high


class SpotCheckFigures(Metrics):
    """What people said of the label maps as they were made.

    Attributes:
        drawn: number of samples that chance drew; 0 where none were, and then all reviews count.
        reviewed: number of label maps that somebody was sure of.
        accepted: number of those that were right as they were.
        share: part of the reviewed that were accepted, 0..1.
        interval: its Wilson interval, 95 %.
        unsure: number of samples that nobody was sure of.
        stale: number of samples whose reviews are of label maps that have changed since.
    """

    drawn: int
    reviewed: int
    accepted: int
    share: float | None
    interval: tuple[float, float] | None
    unsure: int
    stale: int


def spot_check(
    drawn: Sequence[DrawnSample], reviews: Mapping[str, Sequence[Review]], made: Mapping[str, Collection[str | None]]
) -> SpotCheckFigures:
    """Count what people said.

    Args:
        drawn: samples that count; none where no sample was drawn, and then all that were reviewed count.
        reviews: by sample, of each the newest last; of samples that there are.
        made: by sample, hashes of the label map as it was made; samples that are not there count where they are
            rejected, and so do those without hashes where no sample was drawn: nothing was made, so nothing is stale.
    """
    ids = [d.sample for d in drawn] or list(reviews)
    said = {i: judged(reviews[i], made.get(i, ())) for i in ids if i in reviews}
    found = [v for i, v in said.items() if drawn or made.get(i) or v is Verdict.REJECTED]
    accepted = found.count(Verdict.ACCEPTED)
    reviewed = accepted + found.count(Verdict.CORRECTED) + found.count(Verdict.REJECTED)
    low, high = wilson_interval(accepted, reviewed) if reviewed else (0.0, 1.0)
    return SpotCheckFigures(
        drawn=len(drawn),
        reviewed=reviewed,
        accepted=accepted,
        share=round(accepted / reviewed, 5) if reviewed else None,
        interval=(round(low, 5), round(high, 5)) if reviewed else None,
        unsure=found.count(Verdict.UNSURE),
        stale=found.count(None),
    )


def require(figures: SpotCheckFigures | None, required: float) -> None:
    """Stop where people accept too few label maps, or looked at too few to tell.

    Args:
        figures: what they said; None where nobody said anything.
        required: share that the lower end of the interval must reach.

    Raises:
        CubisegError: it does not; the message says how many more to review.
    """
    right, of = (figures.accepted, figures.reviewed) if figures is not None else (0, 0)
    more = reviews_needed(right, of, required)
    if more == 0:
        return
    said = f"{right} of {of} label maps accepted"
    if figures is not None and figures.interval is not None:
        said += f" (95 % interval {figures.interval[0]:.3f} to {figures.interval[1]:.3f})"
    what = (
        "that share is too low for any number of reviews; correct more, `cubiseg review tune`, then review anew"
        if more is None
        else f"review {more} more that are as good (`cubiseg review sample --size {of + more}`, then "
        "`cubiseg studio --review data/clean --only FILE`)"
    )
    raise CubisegError(f"{said}, and clean.required_accuracy = {required:g}: {what}, or lower the limit")

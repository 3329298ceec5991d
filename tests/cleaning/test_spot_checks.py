"""What people say of drawn samples, and whether it is enough."""

import math
from pathlib import Path

import pytest

from cubiseg.cleaning.corrections import Reason, Review, Verdict
from cubiseg.cleaning.spot_checks import (
    DrawnSample,
    judged,
    read_drawn,
    require,
    reviews_needed,
    spot_check,
    wilson_interval,
    write_drawn,
)
from cubiseg.errors import CubisegError

NOW, OTHER = "0" * 64, "1" * 64


def review(sample: str, verdict: Verdict, reviewer: str = "ab", base: str = NOW, revision: int = 1) -> Review:
    return Review(
        sample=sample,
        base_sha256=base,
        verdict=verdict,
        reason=Reason.OTHER if verdict is Verdict.REJECTED else None,
        label="labels/x.png" if verdict is Verdict.CORRECTED else None,
        reviewer=reviewer,
        time="2026-05-04T12:00:00Z",
        revision=revision,
    )


@pytest.mark.parametrize(("right", "of"), [(0, 1), (1, 1), (90, 100), (45, 60), (7, 400)])
def test_the_interval_is_wilson_s(right: int, of: int) -> None:
    z, share = 1.959963984540054, right / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    assert wilson_interval(right, of) == pytest.approx((middle - half, middle + half), abs=1e-9)


@pytest.mark.parametrize(("right", "of", "required"), [(95, 100, 0.9), (0, 0, 0.9), (29, 30, 0.95), (50, 50, 0.9)])
def test_so_many_more_reviews_are_just_enough(right: int, of: int, required: float) -> None:
    more = reviews_needed(right, of, required)
    assert more is not None
    share = right / of if of else 1.0
    assert wilson_interval(round(right + share * more), of + more)[0] >= required
    if more > 1:
        assert wilson_interval(round(right + share * (more - 1)), of + more - 1)[0] < required


@pytest.mark.parametrize(("right", "of"), [(90, 100), (9, 10), (1, 50)])
def test_no_number_of_reviews_lifts_a_share_that_is_too_low(right: int, of: int) -> None:
    assert reviews_needed(right, of, 0.9) is None


def test_the_newest_word_of_each_reviewer_counts_and_the_worst_of_several() -> None:
    accepted, corrected = review("p", Verdict.ACCEPTED), review("p", Verdict.CORRECTED, "cd")
    assert judged([accepted], [NOW]) is Verdict.ACCEPTED
    assert judged([accepted, corrected], [NOW]) is Verdict.CORRECTED
    assert judged([corrected, review("p", Verdict.ACCEPTED, "cd", revision=2)], [NOW]) is Verdict.ACCEPTED
    assert judged([review("p", Verdict.UNSURE), corrected], [NOW]) is Verdict.CORRECTED
    assert judged([review("p", Verdict.UNSURE)], [NOW]) is Verdict.UNSURE


def test_a_review_of_another_label_map_says_nothing_of_this_one() -> None:
    corrected, accepts_the_correction = review("p", Verdict.CORRECTED), review("p", Verdict.ACCEPTED, base=OTHER)
    assert judged([corrected, accepts_the_correction], [NOW]) is Verdict.CORRECTED
    assert judged([accepts_the_correction], [NOW]) is None
    assert judged([review("p", Verdict.REJECTED, base=OTHER)], [NOW]) is Verdict.REJECTED


def test_only_drawn_samples_count_where_some_were_drawn() -> None:
    reviews = {
        "a": [review("a", Verdict.ACCEPTED)],
        "b": [review("b", Verdict.CORRECTED)],
        "c": [review("c", Verdict.ACCEPTED, base=OTHER)],
        "d": [review("d", Verdict.UNSURE)],
        "e": [review("e", Verdict.REJECTED)],
    }
    made = dict.fromkeys("abcd", (NOW,))
    everyone = spot_check([], reviews, made)
    assert (everyone.accepted, everyone.reviewed, everyone.stale, everyone.unsure) == (1, 3, 1, 1)
    drawn = [DrawnSample(sample=i, stratum="s") for i in "abz"]
    some = spot_check(drawn, reviews, made)
    assert (some.drawn, some.accepted, some.reviewed, some.share) == (3, 1, 2, 0.5)


def test_drawing_a_label_where_none_was_made_is_no_stale_review() -> None:
    drew = Review(**review("a", Verdict.CORRECTED).model_dump() | {"base_sha256": None})
    reviews = {"a": [drew], "b": [review("b", Verdict.ACCEPTED)], "c": [review("c", Verdict.REJECTED)]}
    figures = spot_check([], reviews, {"a": (), "b": (NOW,)})
    assert (figures.accepted, figures.reviewed, figures.stale) == (1, 2, 0)


def test_too_few_or_too_bad_reviews_stop_the_pipeline_in_one_line() -> None:
    reviews = {f"p{i}": [review(f"p{i}", Verdict.CORRECTED if i < 2 else Verdict.ACCEPTED)] for i in range(40)}
    figures = spot_check([], reviews, dict.fromkeys(reviews, (NOW,)))
    require(figures, 0.8)
    with pytest.raises(CubisegError, match=r"38 of 40 .*required_accuracy = 0\.9: review \d+ more.*--size \d+") as few:
        require(figures, 0.9)
    with pytest.raises(CubisegError, match="too low for any number") as bad:
        require(figures, 0.96)
    with pytest.raises(CubisegError, match=r"0 of 0 .*review 35 more"):
        require(None, 0.9)
    assert all("\n" not in str(caught.value) for caught in (few, bad))


def test_drawn_samples_come_back_in_their_order(tmp_path: Path) -> None:
    drawn = [DrawnSample(sample=i, stratum="a/b/c") for i in ("z", "a", "m")]
    write_drawn(tmp_path / "drawn.jsonl", drawn)
    assert read_drawn(tmp_path / "drawn.jsonl") == drawn
    (tmp_path / "blank.jsonl").write_text((tmp_path / "drawn.jsonl").read_text().replace("\n", "\n\n"))
    assert read_drawn(tmp_path / "blank.jsonl") == drawn


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ('{"sample": "../x", "stratum": "s"}', ":1: sample"),
        ('{"sample": "x", "stratum": "s"}\n' * 2, ":2: x is drawn twice"),
        ('\n<<<<<<< HEAD\n{"sample": "x", "stratum": "s"}\n', ":2: .*; correct the line, or restore the file from git"),
    ],
)
def test_a_malformed_list_names_its_line(tmp_path: Path, text: str, part: str) -> None:
    (tmp_path / "drawn.jsonl").write_text(text)
    with pytest.raises(CubisegError, match=part):
        read_drawn(tmp_path / "drawn.jsonl")
    with pytest.raises(CubisegError, match="cannot be read"):
        read_drawn(tmp_path / "none.jsonl")

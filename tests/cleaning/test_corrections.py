"""Corrections by people."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cubiseg import imaging, label_maps
from cubiseg.cleaning.corrections import (
    RECORDS,
    Review,
    Verdict,
    outcome,
    read_corrected_label,
    read_reviews,
    write_corrected_label,
    write_review,
)
from cubiseg.errors import CubisegError
from cubiseg.label_maps import label_hash
from tests.conftest import ROOT
from tests.tiny import face

RECORD = {
    "sample": "p00",
    "base_sha256": "0" * 64,
    "label": "labels/p00-1.png",
    "reviewer": "ab",
    "time": "2026-05-04T12:00:00Z",
    "revision": 1,
}


def write(folder: Path, *records: dict | str) -> None:
    lines = (r if isinstance(r, str) else json.dumps(r) for r in records)
    (folder / RECORDS).write_text("".join(line + "\n" for line in lines))


def test_the_highest_revision_counts_wherever_it_stands(tmp_path: Path) -> None:
    write(tmp_path, {**RECORD, "revision": 2}, "", {**RECORD, "revision": 3}, RECORD, {**RECORD, "sample": "p01"})
    reviews = read_reviews(tmp_path)
    assert {k: [r.revision for r in v] for k, v in reviews.items()} == {"p00": [1, 2, 3], "p01": [1]}
    assert outcome(reviews["p00"]).corrections[-1].revision == 3


def test_no_corrections_are_fine(tmp_path: Path) -> None:
    assert read_reviews(tmp_path) == {}
    assert read_reviews(tmp_path / "none") == {}


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"label": "../../secret.png"}, "label"),
        ({"time": "2026-05-04T12:00:00"}, "time"),
        ({"revision": 0}, "revision"),
        ({"base_sha256": "abc"}, "base_sha256"),
        ({"reviewer": ""}, "reviewer"),
        ({"sample": "../x"}, "sample"),
        ({"colour": 1}, "colour"),
        ({"seconds": -1}, "seconds"),
        ({"actions": {"brush": -1}}, r"actions\.brush"),
        ({"actions": {"../x": 1}}, r"actions\."),
        ({"reason": "ugly"}, "reason"),
        ({"label": None}, "record: .* a label map belongs to the verdict corrected"),
        ({"verdict": "accepted"}, "record: .* a label map belongs to the verdict corrected"),
        ({"verdict": "rejected", "label": None}, "record: .* a reason belongs to the verdict rejected"),
        ({"reason": "other"}, "record: .* a reason belongs to the verdict rejected"),
    ],
)
def test_a_malformed_record_is_named_with_line_and_field(tmp_path: Path, change: dict, part: str) -> None:
    write(tmp_path, RECORD, {**RECORD, **change})
    with pytest.raises(CubisegError, match=rf"corrections.jsonl:2: {part}") as caught:
        read_reviews(tmp_path)
    assert "\n" not in str(caught.value)


def review(**changes: object) -> Review:
    return Review.model_validate({**RECORD, **changes})


def test_reviews_are_kept_one_a_file_with_label_maps_named_by_content(tmp_path: Path) -> None:
    name = write_corrected_label(tmp_path, "p00", face())
    assert name == write_corrected_label(tmp_path, "p00", face())
    one, other = (review(label=name, reviewer=by, time=f"2026-05-04T12:0{i}:00Z") for i, by in enumerate("ab"))
    files = {write_review(tmp_path, one), write_review(tmp_path, other), write_review(tmp_path, one)}
    assert sorted(tmp_path.rglob("*.*")) == sorted([*files, tmp_path / name])
    assert read_reviews(tmp_path) == {"p00": [one, other]}
    assert np.array_equal(read_corrected_label(tmp_path, one, face().shape), face())


@pytest.mark.parametrize("by", ["../../x", "a/b\\c", "絵師", "-", "a b", "." * 64])
def test_whatever_a_reviewer_is_called_the_file_lies_in_its_folder(tmp_path: Path, by: str) -> None:
    said = review(reviewer=by)
    assert write_review(tmp_path, said).parent == tmp_path / "reviews"
    assert read_reviews(tmp_path) == {"p00": [said]}


def test_a_malformed_review_is_named_by_its_file(tmp_path: Path) -> None:
    write_review(tmp_path, review()).write_text("{")
    with pytest.raises(CubisegError, match=r"reviews/p00\.1\.ab\..*json: record: "):
        read_reviews(tmp_path)


ACCEPTED = {"verdict": "accepted", "label": None}
REJECTED = {"verdict": "rejected", "label": None, "reason": "duplicate"}
UNSURE = {"verdict": "unsure", "label": None}


@pytest.mark.parametrize(
    ("said", "label", "rejected", "unsure", "disagree"),
    [
        ([{}], "labels/p00-1.png", None, False, False),
        ([{}, {**ACCEPTED, "revision": 2, "reviewer": "b"}], "labels/p00-1.png", None, False, False),
        ([{}, {**ACCEPTED, "reviewer": "b"}], "labels/p00-1.png", None, False, True),
        ([{}, {"label": "labels/b.png", "reviewer": "b"}], "labels/b.png", None, False, True),
        ([{}, {"reviewer": "b"}], "labels/p00-1.png", None, False, False),
        ([{}, {"label": "labels/b.png"}], "labels/b.png", None, False, False),
        ([{}, {"label": "labels/b.png", "reviewer": "b", "revision": 2}], "labels/b.png", None, False, False),
        ([REJECTED], None, "duplicate", False, False),
        ([REJECTED, {**ACCEPTED, "revision": 2}], None, None, False, False),
        ([REJECTED, {"reviewer": "b"}], "labels/p00-1.png", None, False, True),
        ([{}, UNSURE], "labels/p00-1.png", None, True, False),
        ([REJECTED, {**UNSURE, "revision": 2, "reviewer": "b"}], None, "duplicate", True, False),
    ],
)
def test_what_reviews_come_to(
    said: list, label: str | None, rejected: str | None, unsure: bool, disagree: bool
) -> None:
    came = outcome([review(**change) for change in said])
    assert (came.corrections[-1].label if came.corrections else None) == label
    assert (came.rejected, came.is_unsure, came.disagree) == (rejected, unsure, disagree)


def test_of_equal_revisions_the_latest_time_counts(tmp_path: Path) -> None:
    for by, hour in (("z", "11"), ("a", "13"), ("m", "12")):
        write_review(tmp_path, review(**ACCEPTED, reviewer=by, time=f"2026-05-04T{hour}:00:00Z"))
    (reviews,) = read_reviews(tmp_path).values()
    assert [r.reviewer for r in reviews] == ["z", "m", "a"]
    assert reviews[-1].verdict is Verdict.ACCEPTED


@pytest.mark.parametrize(("label", "part"), [(face()[:5], "its picture"), (face() + 60, "no class or part")])
def test_a_wrong_label_map_is_one_line(tmp_path: Path, label: np.ndarray, part: str) -> None:
    label_maps.write_label(tmp_path / RECORD["label"], label)
    with pytest.raises(CubisegError, match=part):
        read_corrected_label(tmp_path, Review.model_validate(RECORD), (128, 128))


@pytest.mark.parametrize(
    ("pixels", "kind", "wanted"),
    [
        (np.where(face() > 0, 255, 0).astype(np.uint8), "PNG", "only 0 and 255, a mask of the figure.* ids 0 to 11"),
        (face() > 0, "PNG", "black and white, a mask of the figure.* ids 0 to 11"),
        (np.dstack([face()] * 3), "PNG", "must be indexed or 8-bit greyscale, this is RGB; save ids"),
        (face().astype(np.uint16) * 257, "PNG", "must be indexed or 8-bit greyscale, this is I;16; save ids"),
        (face(), "JPEG", "must be PNG, this is JPEG; its ids would not survive"),
        (face(), "GIF", "is a GIF picture; save it as PNG"),
    ],
)
def test_a_correction_that_is_no_label_map_is_refused_with_what_is_wanted(
    tmp_path: Path, pixels: np.ndarray, kind: str, wanted: str
) -> None:
    (tmp_path / "labels").mkdir()
    Image.fromarray(pixels).save(tmp_path / RECORD["label"], kind)
    with pytest.raises(CubisegError, match=wanted) as caught:
        read_corrected_label(tmp_path, Review.model_validate(RECORD), (128, 128))
    assert str(caught.value).startswith(f"{tmp_path / RECORD['label']}: ") and "\n" not in str(caught.value)


def test_a_correction_may_say_that_nobody_can_tell(tmp_path: Path) -> None:
    unknown = np.where(face() > 0, 255, 0).astype(np.uint8)
    label_maps.write_label(tmp_path / RECORD["label"], unknown)
    assert np.array_equal(read_corrected_label(tmp_path, Review.model_validate(RECORD), (128, 128)), unknown)


def test_the_hash_of_a_label_map_survives_another_encoding(tmp_path: Path) -> None:
    label_maps.write_label(tmp_path / "a.png", face())
    imaging.write_png(tmp_path / "b.png", face())
    assert label_hash(label_maps.read_label(tmp_path / "a.png")) == label_hash(
        label_maps.read_label(tmp_path / "b.png")
    )


def test_the_schema_in_the_folder_is_that_of_the_record() -> None:
    schema = json.loads((ROOT / "data" / "corrections" / "corrections.schema.json").read_text())
    assert schema == Review.model_json_schema()

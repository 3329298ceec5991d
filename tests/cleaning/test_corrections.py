"""Corrections by people."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cubiseg import imaging, label_maps
from cubiseg.cleaning.corrections import RECORDS, Correction, read_corrected_label, read_corrections
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
    latest = read_corrections(tmp_path)
    assert {k: v.revision for k, v in latest.items()} == {"p00": 3, "p01": 1}


def test_no_corrections_are_fine(tmp_path: Path) -> None:
    assert read_corrections(tmp_path) == {}
    assert read_corrections(tmp_path / "none") == {}


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
    ],
)
def test_a_malformed_record_is_named_with_line_and_field(tmp_path: Path, change: dict, part: str) -> None:
    write(tmp_path, RECORD, {**RECORD, **change})
    with pytest.raises(CubisegError, match=rf"corrections.jsonl:2: {part}: ") as caught:
        read_corrections(tmp_path)
    assert "\n" not in str(caught.value)


def test_the_same_revision_twice_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, RECORD, RECORD)
    with pytest.raises(CubisegError, match="revision 1 twice"):
        read_corrections(tmp_path)


@pytest.mark.parametrize(("label", "part"), [(face()[:5], "its picture"), (face() + 60, "no class or part")])
def test_a_wrong_label_map_is_one_line(tmp_path: Path, label: np.ndarray, part: str) -> None:
    label_maps.write_label(tmp_path / RECORD["label"], label)
    with pytest.raises(CubisegError, match=part):
        read_corrected_label(tmp_path, Correction.model_validate(RECORD), (128, 128))


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
        read_corrected_label(tmp_path, Correction.model_validate(RECORD), (128, 128))
    assert str(caught.value).startswith(f"{tmp_path / RECORD['label']}: ") and "\n" not in str(caught.value)


def test_a_correction_may_say_that_nobody_can_tell(tmp_path: Path) -> None:
    unknown = np.where(face() > 0, 255, 0).astype(np.uint8)
    label_maps.write_label(tmp_path / RECORD["label"], unknown)
    assert np.array_equal(read_corrected_label(tmp_path, Correction.model_validate(RECORD), (128, 128)), unknown)


def test_the_hash_of_a_label_map_survives_another_encoding(tmp_path: Path) -> None:
    label_maps.write_label(tmp_path / "a.png", face())
    imaging.write_png(tmp_path / "b.png", face())
    assert label_hash(label_maps.read_label(tmp_path / "a.png")) == label_hash(
        label_maps.read_label(tmp_path / "b.png")
    )


def test_the_schema_in_the_folder_is_that_of_the_record() -> None:
    schema = json.loads((ROOT / "data" / "corrections" / "corrections.schema.json").read_text())
    assert schema == Correction.model_json_schema()

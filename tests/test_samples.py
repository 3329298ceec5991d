"""The promises of the manifest."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cubiseg.errors import CubisegError
from cubiseg.samples import MANIFEST, Flag, PartsBy, Sample, Split, read_manifest, write_manifest
from tests.tiny import sample

PICTURE = np.zeros((4, 6, 3), np.uint8)


def test_a_manifest_reads_back_as_it_was_written_in_the_order_of_ids(tmp_path: Path) -> None:
    rows = [
        sample("b", PICTURE, confidence=0.5, flags=(Flag.CROPPED,), split=Split.VAL, licence="CC0", group="私"),
        sample("a", PICTURE, label=None, label_method=None, label_version=None),
    ]
    write_manifest(tmp_path, rows)
    assert read_manifest(tmp_path) == [rows[1], rows[0]]


def test_the_same_samples_give_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    rows = [sample(name, PICTURE) for name in "cab"]
    write_manifest(tmp_path / "x", rows)
    write_manifest(tmp_path / "y", rows[::-1])
    assert (tmp_path / "x" / MANIFEST).read_bytes() == (tmp_path / "y" / MANIFEST).read_bytes()


def test_who_told_the_parts_is_written_by_stages_that_looked_and_by_no_others(tmp_path: Path) -> None:
    said = [sample("a", PICTURE), sample("b", PICTURE, parts_by=None), sample("c", PICTURE, parts_by=PartsBy.MODEL)]
    write_manifest(tmp_path, said)
    lines = (tmp_path / MANIFEST).read_text().splitlines()
    assert [json.loads(line).get("parts_by", "absent") for line in lines] == ["absent", None, "model"]
    write_manifest(tmp_path / "again", [s.flagged() for s in read_manifest(tmp_path)])
    assert (tmp_path / "again" / MANIFEST).read_text().splitlines() == lines


@pytest.mark.parametrize("path", ["/etc/passwd", "../x.png", "a/../../x.png", "a\\b.png", ""])
def test_a_path_out_of_the_folder_is_refused(path: str) -> None:
    with pytest.raises(ValidationError):
        sample("a", PICTURE, image=path)


@given(st.text(max_size=20))
def test_an_id_is_always_a_safe_file_name(name: str) -> None:
    try:
        made = sample(name, PICTURE)
    except ValidationError:
        return
    assert made.id == name
    assert not {"/", "\\", "\0", " "} & set(name)
    assert name[0] not in ".-"


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("{", "record"),
        ('{"id": "a"}', "image"),
        (sample("a", PICTURE).model_dump_json().replace('"width":6', '"width":0'), "width"),
        (sample("a", PICTURE).model_dump_json().replace("}", ',"extra":1}'), "extra"),
    ],
)
def test_a_malformed_record_is_named_with_file_line_and_field(tmp_path: Path, line: str, where: str) -> None:
    (tmp_path / MANIFEST).write_text(sample("ok", PICTURE).model_dump_json() + "\n" + line + "\n")
    with pytest.raises(CubisegError, match=rf"samples.jsonl:2: {where}: ") as caught:
        read_manifest(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_doubled_id_and_a_missing_manifest_are_errors(tmp_path: Path) -> None:
    with pytest.raises(CubisegError, match="run the stage"):
        read_manifest(tmp_path)
    (tmp_path / MANIFEST).write_text((sample("a", PICTURE).model_dump_json() + "\n") * 2)
    with pytest.raises(CubisegError, match="id a occurs twice"):
        read_manifest(tmp_path)


@given(st.lists(st.sampled_from(list(Flag))), st.lists(st.sampled_from(list(Flag))))
def test_flags_are_kept_once_in_the_order_of_the_list(first: list[Flag], second: list[Flag]) -> None:
    flags = sample("a", PICTURE).flagged(*first).flagged(*second).flags
    assert set(flags) == {*first, *second}
    assert list(flags) == [f for f in Flag if f in flags]


def test_a_record_cannot_be_changed_in_place() -> None:
    made: Sample = sample("a", PICTURE)
    with pytest.raises(ValidationError):
        made.id = "b"  # type: ignore[misc]

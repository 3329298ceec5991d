"""The prepared folder."""

import json
import os
from pathlib import Path

import pytest
from PIL import Image
from pydantic import ValidationError

from cubiseg import imaging, label_maps
from cubiseg.errors import CubisegError
from cubiseg.samples import LabelMethod, read_manifest
from cubiseg.sources.params import PrepareParams
from cubiseg.sources.stage import prepare
from tests.tiny import bytes_of, params


def small(count: int = 4, **changes: object) -> PrepareParams:
    block = params("prepare")
    block["synthetic"] |= {"count": count, "size": 96}
    return PrepareParams.model_validate({**block, **changes})


def test_portraits_come_with_their_labels_and_match_their_records(tmp_path: Path) -> None:
    metrics = prepare(small(), tmp_path / "none", tmp_path / "out")
    samples = read_manifest(tmp_path / "out")
    assert metrics.pictures == metrics.labelled == len(samples) == 4
    assert metrics.groups == len({s.group for s in samples}) == 2
    for s in samples:
        rgb = imaging.read_picture(tmp_path / "out" / s.image).rgb
        label = label_maps.read_label(tmp_path / "out" / str(s.label))
        assert rgb.shape[:2] == label.shape == (s.height, s.width) == (96, 96)
        assert imaging.pixel_hash(rgb) == s.sha256
        assert s.label_method is LabelMethod.GIVEN
        assert label_maps.unknown_ids(label) == [] and label.max() >= 20, "parts are told"


@pytest.mark.slow
def test_the_bytes_do_not_depend_on_the_number_of_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for workers in ("1", "2"):
        monkeypatch.setenv("CUBISEG_WORKERS", workers)
        prepare(small(18), tmp_path / "none", tmp_path / workers)
    assert bytes_of(tmp_path / "1") == bytes_of(tmp_path / "2")


def test_rejected_files_are_listed_with_the_reason(tmp_path: Path) -> None:
    images = tmp_path / "in" / "images"
    images.mkdir(parents=True)
    (images / "bad.png").write_bytes(b"\x89PNG but no more")
    Image.new("RGB", (70, 70)).save(images / "good.png")
    metrics = prepare(small(2), tmp_path / "in", tmp_path / "out")
    (row,) = map(json.loads, (tmp_path / "out" / "rejected.jsonl").read_text().splitlines())
    assert (row["source"], row["file"]) == ("references", "images/bad.png")
    assert row["reason"]
    assert metrics.rejected == 1
    assert metrics.by_source == {"synthetic": 2, "references": 1}
    assert metrics.labelled == 2


def test_no_picture_at_all_is_an_error_that_leaves_the_old_folder(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "kept").touch()
    with pytest.raises(CubisegError, match="no picture from references"):
        prepare(small(sources=["references"]), tmp_path / "none", tmp_path / "out")
    assert os.listdir(tmp_path / "out") == ["kept"]  # noqa: PTH208
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("sources", [[], ["danbooru"], ["synthetic", "synthetic"]])
def test_sources_must_be_known_and_named_once(sources: list[str]) -> None:
    with pytest.raises(ValidationError):
        small(sources=sources)


def test_pictures_that_may_be_wrong_are_taken_and_told_with_their_names(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    images = tmp_path / "in" / "images"
    images.mkdir(parents=True)
    for i in range(13):
        image = Image.new("RGB", (70, 70), (20 * i, 0, 0))
        image.save(images / f"p{i:02}.png", icc_profile=b"no profile" if i else None)
    metrics = prepare(small(2), tmp_path / "in", tmp_path / "out")
    assert metrics.rejected == 0 and metrics.by_source["references"] == 13
    told = [record.getMessage() for record in caplog.records]
    assert "prepare: 12 files taken with a warning" in told and "  … and 2 more" in told
    assert any("images/p01.png: its colour profile (ICC) is broken" in line for line in told)
    assert not any("p00" in line for line in told)

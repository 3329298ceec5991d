"""Regions are spent where the model sees parts, and it is asked once a picture."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from cubiseg import imaging
from cubiseg.annotation.conversation import proposals_of
from cubiseg.annotation.guide import VERSION, Guide
from cubiseg.imaging import Picture
from cubiseg.label_maps import colourise, write_label
from cubiseg.regions import propose
from cubiseg.regions.files import proposals_hash
from cubiseg.taxonomy import CLASS_OF, ID
from tests.inference.palette import portrait, portrait_parts, write_model
from tests.tiny import sample

PIXELS = "0" * 64


@pytest.fixture
def guide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Guide:
    """A model of classes."""
    monkeypatch.setenv("CUBISEG_MODEL", str(write_model(tmp_path / "model.onnx")))
    return Guide.of(tmp_path / "cache")


@pytest.fixture
def guide_of_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Guide:
    monkeypatch.setenv("CUBISEG_MODEL", str(write_model(tmp_path / "model.onnx", parts=True)))
    return Guide.of(tmp_path / "cache")


def in_colours_of_parts() -> tuple[Picture, np.ndarray]:
    told = portrait_parts(160, 160)
    return Picture(colourise(told)), told


def not_again() -> Picture:
    pytest.fail("looked again")


def test_a_model_is_asked_once_a_picture(guide: Guide) -> None:
    picture, label = portrait()
    seen = guide.label(PIXELS, lambda: picture)
    assert (seen == label).mean() > 0.95
    assert np.array_equal(guide.label(PIXELS, not_again), seen)


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n torn"])
def test_a_damaged_file_is_made_anew(guide: Guide, tmp_path: Path, content: bytes) -> None:
    picture, _ = portrait()
    seen = guide.label(PIXELS, lambda: picture)
    (file,) = (tmp_path / "cache").rglob("*.png")
    file.write_bytes(content)
    assert np.array_equal(guide.label(PIXELS, lambda: picture), seen)


def remembered_by_class(guide: Guide) -> np.ndarray:
    """A label map where what a model of classes saw is kept."""
    name = hashlib.sha256(f"{VERSION}:{guide.digest}:{PIXELS}".encode()).hexdigest()
    label = np.full((4, 4), ID["hair"], np.uint8)
    write_label(guide.cache / name[:2] / f"{name}.seen.png", label)
    return label


def test_what_a_model_of_classes_saw_stays_known(guide: Guide) -> None:
    old = remembered_by_class(guide)
    assert np.array_equal(guide.label(PIXELS, not_again), old)
    assert guide.choices(PIXELS, not_again) is None, "it tells no parts"


def test_a_model_of_parts_is_remembered_at_the_finest_level_with_what_it_would_call_every_class(
    guide_of_parts: Guide,
) -> None:
    picture, told = in_colours_of_parts()
    assert np.array_equal(guide_of_parts.label(PIXELS, lambda: picture), told)
    choices = guide_of_parts.choices(PIXELS, not_again)
    assert choices is not None and np.array_equal(choices.tell(CLASS_OF[told]), told)
    assert np.array_equal(guide_of_parts.label(PIXELS, not_again), told)


def test_classes_kept_of_a_model_of_parts_do_not_hide_its_parts(guide_of_parts: Guide) -> None:
    remembered_by_class(guide_of_parts)
    picture, told = in_colours_of_parts()
    assert np.array_equal(guide_of_parts.label(PIXELS, lambda: picture), told)


@pytest.mark.parametrize("suffix", ["*.png", "*.npz"])
@pytest.mark.parametrize("content", [None, b"", b"PK torn"])
def test_either_file_of_what_is_kept_is_made_anew(guide_of_parts: Guide, suffix: str, content: bytes | None) -> None:
    picture, told = in_colours_of_parts()
    guide_of_parts.label(PIXELS, lambda: picture)
    (file,) = guide_of_parts.cache.rglob(suffix)
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    assert np.array_equal(guide_of_parts.label(PIXELS, lambda: picture), told)
    choices = guide_of_parts.choices(PIXELS, lambda: picture)
    assert choices is not None and np.array_equal(choices.tell(CLASS_OF[told]), told)


def test_regions_go_by_classes_whatever_parts_a_model_tells(guide_of_parts: Guide, tmp_path: Path) -> None:
    picture, told = in_colours_of_parts()
    imaging.write_png(tmp_path / "prepared" / "images" / "p.png", picture.rgb)
    found = proposals_of(tmp_path / "prepared", guide_of_parts.cache, guide_of_parts, sample("p", picture.rgb))
    assert proposals_hash(found) == proposals_hash(propose(picture.rgb, seen=CLASS_OF[told]))
    assert found.seen is not None and (found.seen < 12).all()

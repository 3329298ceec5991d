"""Regions are spent where the model sees the face, and it is asked once a picture."""

from pathlib import Path

import numpy as np
import pytest

from cubiseg import taxonomy
from cubiseg.annotation.heads import HeadFinder, face_box
from cubiseg.imaging import Picture
from tests.inference.palette import portrait, write_model
from tests.tiny import face


def test_the_box_holds_the_face_and_its_parts_without_hair_and_ears() -> None:
    label = face()
    assert face_box(label) == (34, 36, 94, 92)
    label[40:60, 60:64] = taxonomy.ID["hair"]  # a strand cuts it in two halves for a part
    label[5:8, 5:8] = taxonomy.ID["mouth"]  # a speck elsewhere
    assert face_box(label) == (34, 36, 94, 92)


def test_no_face_is_no_box() -> None:
    assert face_box(np.zeros((64, 64), np.uint8)) is None
    speck = np.zeros((256, 256), np.uint8)
    speck[:4, :4] = taxonomy.ID["face"]
    assert face_box(speck) is None


def test_a_model_finds_it_and_is_asked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUBISEG_MODEL", str(write_model(tmp_path / "model.onnx")))
    finder = HeadFinder.of(tmp_path / "cache")
    picture, label = portrait()
    found = finder.find("0" * 64, lambda: picture)
    assert found is not None
    assert np.abs(np.subtract(found, face_box(label) or ())).max() <= 3
    assert finder.find("0" * 64, lambda: pytest.fail("looked again")) == found
    empty = Picture(np.zeros((64, 64, 3), np.uint8) + np.array(taxonomy.PALETTE[0], np.uint8))
    assert finder.find("1" * 64, lambda: empty) is None
    assert finder.find("1" * 64, lambda: pytest.fail("looked again")) is None
    for file in (tmp_path / "cache").rglob("*.json"):
        file.write_text("[1, 2")
    assert finder.find("0" * 64, lambda: picture) == found

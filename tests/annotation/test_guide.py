"""Regions are spent where the model sees parts, and it is asked once a picture."""

from pathlib import Path

import numpy as np
import pytest

from cubiseg.annotation.guide import Guide
from tests.inference.palette import portrait, write_model


def test_a_model_is_asked_once_a_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUBISEG_MODEL", str(write_model(tmp_path / "model.onnx")))
    guide = Guide.of(tmp_path / "cache")
    picture, label = portrait()
    seen = guide.label("0" * 64, lambda: picture)
    assert (seen == label).mean() > 0.95
    again = guide.label("0" * 64, lambda: pytest.fail("looked again"))
    assert np.array_equal(again, seen)


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n torn"])
def test_a_damaged_file_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setenv("CUBISEG_MODEL", str(write_model(tmp_path / "model.onnx")))
    guide = Guide.of(tmp_path / "cache")
    picture, _ = portrait()
    seen = guide.label("0" * 64, lambda: picture)
    (file,) = (tmp_path / "cache").rglob("*.png")
    file.write_bytes(content)
    assert np.array_equal(guide.label("0" * 64, lambda: picture), seen)

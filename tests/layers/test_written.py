"""Reading back what was written for a picture."""

import json
from pathlib import Path

import numpy as np
import pytest

from cubiseg import taxonomy
from cubiseg.errors import CubisegError
from cubiseg.imaging import Picture
from cubiseg.inference import Segmentation
from cubiseg.layers.export import write_layers
from cubiseg.layers.params import LayerParams
from cubiseg.layers.written import read_written


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    label = np.zeros((64, 80), np.uint8)
    label[8:56, 8:70], label[8:30, 8:70] = 2, 20
    rgb = np.repeat(3 * label[..., None], 3, axis=2)
    confidence = np.ones(label.shape, np.float32)
    given = Segmentation(taxonomy.CLASS_OF[label], confidence, "given", "given", parts=label)
    write_layers(tmp_path / "out", Picture(rgb), given, LayerParams(profile="flat", soft_edges=False))
    return tmp_path / "out"


def test_layers_come_back_where_they_were_with_what_they_hold(folder: Path) -> None:
    size, layers = read_written(folder)
    assert size == (64, 80)
    assert [layer.names for layer in layers] == [("face",), ("hair_front",)]
    hair = layers[1]
    canvas = np.zeros(size, np.uint8)
    canvas[hair.box.window] = hair.rgba[..., 3]
    assert canvas[8:30, 8:70].min() == 255 and canvas[:8].max() == 0


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"file": "../../secret.png"}, "must be a relative path inside the folder"),
        ({"x": 70}, "reaches beyond the picture"),
        ({"y": -1}, "reaches beyond the picture"),
        ({"file": "png/none.png"}, "no such file"),
        ({"parts": 3}, "is no manifest"),
    ],
)
def test_a_manifest_that_was_tampered_with_is_refused_in_one_line(
    folder: Path, change: dict[str, object], told: str
) -> None:
    path = folder / "manifest.json"
    facts = json.loads(path.read_text())
    facts["layers"][-1] |= change
    path.write_text(json.dumps(facts))
    with pytest.raises(CubisegError, match=told) as caught:
        read_written(folder)
    assert "\n" not in str(caught.value)


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CubisegError, match="name a folder that `cubiseg layers` wrote"):
        read_written(tmp_path)
    (tmp_path / "manifest.json").write_text("[" * 50_000)
    with pytest.raises(CubisegError, match="cannot be read as JSON"):
        read_written(tmp_path)


def test_what_would_fill_the_memory_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cubiseg.layers.written.MOST_PIXELS", 10)
    with pytest.raises(CubisegError, match="its layers hold over 0 megapixels"):
        read_written(folder)

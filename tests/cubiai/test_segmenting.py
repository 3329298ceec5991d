"""A picture to layers as CubiAI holds them, without any CubiAI."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cubiseg import cubiai, taxonomy
from cubiseg.cubiai import Settings, segment
from cubiseg.errors import CubisegError
from cubiseg.label_maps import colourise
from cubiseg.layers.cut import cut
from tests.cubiai.conftest import SIDE, stripes, write_sided_model
from tests.inference.palette import portrait, portrait_parts, write_model


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CUBISEG_MODEL", raising=False)
    monkeypatch.setattr("cubiseg.inference.model_file._roots", lambda: iter([Path()]))
    Path("models").mkdir()
    return write_sided_model(Path("models/anime_advanced_seg.onnx"))


def image(alpha: bool = False) -> Image.Image:
    return Image.fromarray(portrait(SIDE, SIDE, alpha)[0].rgba())


@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("settings", [{}, {"soft_edges": False}, {"split": ["accessories", "hair"]}])
def test_masks_hold_each_visible_pixel_once_and_boxes_all_that_is_painted(
    model: Path, alpha: bool, settings: dict
) -> None:
    drawn = image(alpha)
    result = segment(drawn, Settings(**settings))
    masks = np.stack([np.asarray(layer.mask) for layer in result.layers])
    assert set(np.unique(masks)) == {0, 255}
    assert np.array_equal((masks > 0).sum(axis=0), np.asarray(drawn.getchannel("A")) > 0)
    hidden = 0
    for layer, mask in zip(result.layers, masks, strict=True):
        assert layer.image.mode == "RGBA" and layer.image.size == layer.mask.size == drawn.size
        assert layer.bbox == layer.image.getchannel("A").getbbox()
        assert layer.metadata["area"] == np.count_nonzero(mask)
        hidden += np.count_nonzero(np.asarray(layer.image.getchannel("A"))[mask == 0])
    assert hidden > 0
    stacked = Image.new("RGBA", drawn.size)
    for layer in result.layers:
        stacked.alpha_composite(layer.image)
    difference = np.abs(np.asarray(stacked).astype(int) - np.asarray(drawn))
    assert difference[np.asarray(drawn.getchannel("A")) == 255].max() <= 2  # Pillow rounds after each layer


def test_a_result_is_plain_json_with_names_in_id_order(model: Path) -> None:
    result = segment(image())
    told = [layer.to_dict() for layer in result.layers]
    assert json.loads(json.dumps([result.confidence, result.classes, result.warnings, told]))
    assert result.classes == taxonomy.NAMES and tuple(result.confidence["classes"]) == taxonomy.NAMES
    assert [layer.metadata["class"] for layer in result.layers] == list(taxonomy.LAYER_ORDER)
    assert [layer.metadata["order"] for layer in result.layers] == list(range(12))
    assert all(taxonomy.ID[layer.metadata["class"]] == layer.metadata["class_id"] for layer in result.layers)
    assert all(0 < layer.metadata["score"] <= 1 for layer in result.layers)
    assert result.face and result.architecture == "anime-unet" and result.warnings == ()
    assert not segment(Image.fromarray(stripes().rgb)).face


def test_parts_and_pieces_have_names_of_their_own(model: Path) -> None:
    write_sided_model(model, parts=True)
    drawn = Image.fromarray(colourise(portrait_parts(SIDE, SIDE)))
    names = [layer.name for layer in segment(drawn, Settings(level="part")).layers]
    assert {"hair_front", "sleeve_left", "face", "browsL"} <= set(names) and "hair" not in names
    write_sided_model(model)
    two = image()
    two.paste(taxonomy.PALETTE[11], (90, 40, 120, 70))
    split = {layer.name: layer for layer in segment(two, Settings(split=["accessories"])).layers}
    assert split["accessories_002"].metadata["piece"] == 2
    assert split["accessories_002"].metadata["file"] == "png/accessories_002.png"


def test_an_opaque_alpha_channel_changes_no_layer() -> None:
    picture, label = portrait(SIDE, SIDE)
    full = type(picture)(picture.rgb, np.full(picture.size, 255, np.uint8))
    for one, other in zip(cut(picture, label, soft_edges=True), cut(full, label, soft_edges=True), strict=True):
        assert (one.name, one.x, one.y) == (other.name, other.x, other.y) and np.array_equal(one.rgba, other.rgba)


def test_a_model_is_read_once_and_again_when_the_file_changes(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []
    whole = cubiai.segmenting.open_segmenter
    monkeypatch.setattr(cubiai.segmenting, "open_segmenter", lambda *a, **k: (read.append(a[1]), whole(*a, **k))[1])
    assert segment(image()).architecture == segment(image()).architecture == "anime-unet"
    assert len(read) == 1
    write_sided_model(model, "anime-swin")
    os.utime(model, ns=(1, 1))
    assert segment(image()).architecture == "anime-swin" and len(read) == 2


@pytest.mark.parametrize(
    ("size", "message"),
    [
        ((63, 100), "the picture is 63x100, under 64 pixels a side; use a larger picture"),
        ((64, 8193), "the picture is 64x8193, over 8192 pixels a side; scale it down"),
        ((64, 64), "the picture is wholly clear, there is nothing to cut; choose another picture"),
    ],
)
def test_a_picture_that_cannot_be_cut_is_refused_in_one_line(model: Path, size: tuple[int, int], message: str) -> None:
    with pytest.raises(CubisegError) as caught:
        segment(Image.new("RGBA", size))
    assert str(caught.value) == message


def test_where_there_is_no_model_it_is_said_how_one_is_named(model: Path) -> None:
    model.unlink()
    with pytest.raises(CubisegError, match=r"segmentation\.anime_advanced\.model FILE or \$CUBISEG_MODEL"):
        segment(image())
    write_model(Path("models/other.onnx"), metadata="")
    with pytest.raises(CubisegError, match=r"^models/other\.onnx: "):
        segment(image(), Settings(model="models/other.onnx"))

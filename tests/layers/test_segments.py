"""Segments without names become layers as parts do: exact, lintable, the largest at the bottom."""

import json
from pathlib import Path

import numpy as np
import pytest

from cubiseg.imaging import Picture
from cubiseg.inference.segments import MOST, unnamed
from cubiseg.layers import PROFILES, LayerParams, recompose, write_layers
from cubiseg.layers.check import check_psd
from cubiseg.layers.order import of_segments, palette_of, shown_id
from cubiseg.layers.preview import owners


def striped(count: int, alpha: bool = False) -> tuple[Picture, np.ndarray]:
    """Nested boxes of ``count`` colours, and their segments."""
    side = 4 * count + 60
    segments = np.ones((side, side), np.uint16)
    for number in range(2, count + 1):
        inset = 2 * (number - 1)
        segments[inset : side - inset, inset : side - inset] = number
    rgb = np.random.default_rng(1).integers(0, 256, (count + 1, 3), np.uint8)[segments]
    if not alpha:
        return Picture(rgb), segments
    clear = np.full((side, side), 255, np.uint8)
    clear[:, :9] = 0
    return Picture(rgb, clear), np.where(clear > 0, segments, 0).astype(np.uint16)


@pytest.mark.parametrize("profile", sorted(PROFILES))
@pytest.mark.parametrize("alpha", [False, True])
def test_each_segment_is_a_layer_and_the_stack_is_the_picture(tmp_path: Path, profile: str, alpha: bool) -> None:
    picture, segments = striped(6, alpha)
    segmentation = unnamed(picture, segments, np.full(picture.size, 0.5, np.float32), "slic")
    layers, manifest = write_layers(tmp_path / "out", picture, segmentation, LayerParams(profile=profile))
    names = [f"segment_{number:03}" for number in range(1, 7)]
    assert [layer.name for layer in layers] == names == [entry.name for entry in manifest.layers]
    assert [entry.file for entry in manifest.layers] == [f"png/{name}.png" for name in names]
    wanted = picture.rgba()
    wanted[wanted[..., 3] == 0] = 0
    assert np.array_equal(recompose(layers, picture.size), wanted)
    for psd in (tmp_path / "out").glob("*.psd"):
        check = check_psd(psd, picture)
        assert check.exact and not check.findings
    assert manifest.coverage == 1.0 and not any(entry.parts for entry in manifest.layers)
    assert {entry.folders for entry in manifest.layers} == {("Segments",) if profile == "cubism" else ()}


def test_what_no_segment_covers_is_the_background_below_them(tmp_path: Path) -> None:
    picture, segments = striped(5)
    segments = np.where(segments == 1, 0, segments - (segments > 1)).astype(np.uint16)
    segmentation = unnamed(picture, segments, np.ones(picture.size, np.float32), "sam-hq")
    layers, manifest = write_layers(tmp_path / "out", picture, segmentation, LayerParams())
    assert [layer.name for layer in layers][:2] == ["background", "segment_001"]
    assert np.array_equal(recompose(layers, picture.size), picture.rgba())
    assert json.loads((tmp_path / "out/manifest.json").read_text())["layers"][1]["class"] == "segment_001"
    assert manifest.coverage < 1


@pytest.mark.slow
def test_as_many_segments_as_there_may_be_fit_the_free_editor(tmp_path: Path) -> None:
    picture, segments = striped(MOST)
    segmentation = unnamed(picture, segments, np.ones(picture.size, np.float32), "slic")
    write_layers(tmp_path / "out", picture, segmentation, LayerParams(profile="cubism"))
    for psd in (tmp_path / "out").glob("*.psd"):
        check = check_psd(psd, picture)
        assert check.exact and not check.findings


def test_segments_are_shown_in_colours_that_differ() -> None:
    order = of_segments(MOST)
    ids = [shown_id(name) for name in order.names]
    assert len(set(ids)) == MOST + 1
    table = np.frombuffer(palette_of(order), np.uint8).reshape(256, 3)
    assert len(np.unique(table[: MOST + 1], axis=0)) == MOST + 1
    picture, segments = striped(3)
    segmentation = unnamed(picture, segments, np.ones(picture.size, np.float32), "slic")
    assert segmentation.mean_confidence() == 1.0 and not segmentation.label.any()
    assert owners([], picture.size).max() == 0

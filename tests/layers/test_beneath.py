"""Whoever paints what lies beneath: no visible pixel changes, and what was invented is marked and told."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.completion.colours import PLAIN
from cubiseg.completion.model import Completion, SeenPart, open_completion
from cubiseg.errors import CubisegError
from cubiseg.imaging import Picture
from cubiseg.inference import Segmentation
from cubiseg.layers import Layer, LayerParams, Manifest, write_layers
from cubiseg.layers.beneath import Filler
from cubiseg.layers.check import check_psd, read_layers
from cubiseg.layers.cut import cut
from cubiseg.layers.fill_files import NOT_THERE, FillFiles, choose
from cubiseg.layers.layer import recompose
from tests.completion.flat import COLOUR, PARTS, write_completion
from tests.completion.lama import write_lama
from tests.inference.palette import portrait, portrait_parts
from tests.layers.pictures import faults, labelled_pictures


class Wild:
    """A model that says anything: any box, any shape, any colour, as sure as it likes."""

    parts = PARTS

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def complete(self, rgb: np.ndarray, label: np.ndarray, jobs: Sequence[SeenPart]) -> list[Completion]:
        return [self._one(*rgb.shape[:2]) for _ in jobs]

    def _one(self, height: int, width: int) -> Completion:
        left, top = int(self.rng.integers(0, width)), int(self.rng.integers(0, height))
        right, bottom = int(self.rng.integers(left, width)) + 1, int(self.rng.integers(top, height)) + 1
        alpha = self.rng.random((bottom - top, right - left), np.float32)
        rgb = self.rng.integers(0, 256, (*alpha.shape, 3), np.uint8)
        return Completion(Box(left, top, right, bottom), alpha, rgb, float(self.rng.random()))


def covered(layers: Sequence[Layer], place: int, size: tuple[int, int]) -> np.ndarray:
    """Where the layers above one are opaque: (H, W) bool."""
    over = np.zeros(size, bool)
    for layer in layers[place + 1 :]:
        over[layer.window] |= layer.rgba[..., 3] == 255
    return over


@settings(max_examples=60, deadline=None)
@given(drawn=labelled_pictures(), soft=st.booleans(), seed=st.integers(0, 99))
def test_whatever_a_model_draws_no_visible_pixel_changes_and_it_lies_beneath_opaque_ones(
    drawn: tuple[Picture, np.ndarray], soft: bool, seed: int
) -> None:
    picture, label = drawn
    wild: Any = Wild(seed)
    layers = cut(picture, label, soft_edges=soft, filler=Filler(wild))
    stacked, wanted = recompose(layers, picture.size), picture.rgba()
    visible = wanted[..., 3] > 0
    assert np.array_equal(stacked[visible], wanted[visible]) and not stacked[~visible].any()
    opaque, owned = wanted[..., 3] == 255, np.zeros(picture.size, bool)
    for place, layer in enumerate(layers):
        painted = np.zeros(picture.size, bool)
        painted[layer.window] = layer.painted
        owned[layer.window] |= layer.own
        # Where the picture is not quite opaque, pinholes are closed so faintly that it is rounded away.
        assert not (painted & opaque & ~covered(layers, place, picture.size)).any()
        assert not (layer.painted & layer.own).any()
    assert np.array_equal(owned, visible)


def told(label: np.ndarray) -> Segmentation:
    return Segmentation(label, np.ones(label.shape, np.float32), "slic", "slic")


def portrait_of_parts(size: int = 160) -> tuple[Picture, np.ndarray]:
    label = portrait_parts(size, size)
    return Picture(taxonomy.COLOURS[label]), label


def write(folder: Path, files: FillFiles, **params: object) -> tuple[Picture, list[Layer], Manifest]:
    picture, label = portrait_of_parts()
    return picture, *write_layers(folder, picture, told(label), LayerParams(**params), files=files)


def test_learnt_shape_and_colour_come_from_the_model_and_the_joints_are_kept(tmp_path: Path) -> None:
    picture, label = portrait_of_parts()
    model = open_completion(write_completion(tmp_path / "completion.onnx"))
    plain = {layer.name: layer for layer in cut(picture, label)}
    for layer in cut(picture, label, filler=Filler(model)):
        if layer.name == "background":
            assert layer.fill == "smooth" and np.array_equal(layer.rgba, plain[layer.name].rgba)
            continue
        if not layer.painted.any():
            assert layer.fill == "none"
            continue
        assert layer.fill == "learnt" and not layer.unsure
        if layer.name not in PLAIN:
            toward, own = (
                np.abs(one.rgba[one.painted, :3].astype(float) - COLOUR).mean() for one in (layer, plain[layer.name])
            )
            assert toward < own or not plain[layer.name].painted.any()
        before = plain[layer.name].on_canvas(picture.size)[..., 3] == 255
        near = np.zeros(picture.size, bool)
        near[plain[layer.name].window] = plain[layer.name].own
        now = layer.on_canvas(picture.size)[..., 3] == 255
        assert not (before & near & ~now).any()


def test_where_the_model_is_unsure_parts_are_extended_smoothly_and_it_is_said(tmp_path: Path) -> None:
    files = FillFiles(write_completion(tmp_path / "unsure.onnx", logit=-0.1))
    _, layers, manifest = write(tmp_path / "out", files, profile="cubism")
    _, plain, _ = write(tmp_path / "plain", FillFiles(), profile="cubism")
    assert all(np.array_equal(a.rgba, b.rgba) for a, b in zip(layers, plain, strict=True))
    assert {entry.fill for entry in manifest.layers} <= {"smooth", "none"}
    (line,) = (w for w in manifest.warnings if "not sure" in w)
    assert line.startswith("hidden parts of ") and "FaceBase" in line and "Background" not in line
    assert line in (tmp_path / "out/preview.html").read_text()


def test_lama_paints_the_colours_within_the_shapes(tmp_path: Path) -> None:
    picture, label = portrait_of_parts()
    plain = {layer.name: layer for layer in cut(picture, label)}
    layers = cut(picture, label, filler=choose("lama", write_lama(tmp_path / "lama.onnx")).open())
    assert np.array_equal(recompose(layers, picture.size), picture.rgba())
    for layer in layers:
        assert np.array_equal(layer.rgba[..., 3], plain[layer.name].rgba[..., 3])
        assert layer.fill == ("lama" if layer.painted.any() else "none")
        own = taxonomy.COLOURS[taxonomy.PART_ID[layer.name]].astype(int)
        # Specks of other parts that were given to it have colours of their own.
        assert np.abs(layer.rgba[layer.painted, :3].astype(int) - own).max(initial=0) <= 8


@pytest.mark.parametrize("full_canvas", [False, True])
@pytest.mark.parametrize("fill", ["learnt", "smooth", "none"])
def test_invented_pixels_are_marked_in_the_manifest_the_masks_the_page_and_the_separation_psd(
    tmp_path: Path, fill: str, full_canvas: bool
) -> None:
    model = write_completion(tmp_path / "completion.onnx")
    files = choose(fill, model if fill == "learnt" else None)
    picture, layers, manifest = write(
        tmp_path / "out", files, profile="cubism", fill=fill, invented=True, full_canvas=full_canvas
    )
    facts = json.loads((tmp_path / "out/manifest.json").read_text())
    for layer, entry, fact in zip(layers, manifest.layers, facts["layers"], strict=True):
        share = layer.painted.sum() / (layer.rgba[..., 3] > 0).sum()
        assert abs(fact["invented"] - share) < 1e-4
        some = bool(layer.painted.any())
        assert ("invented_file" in fact) == some == (entry.fill != "none")
        if some:
            mask = Image.open(tmp_path / "out" / fact["invented_file"])
            assert mask.mode == "1" and mask.size == (entry.width, entry.height)
            wanted = layer.painted
            if full_canvas:
                wanted = np.zeros(picture.size, bool)
                wanted[layer.window] = layer.painted
            assert np.array_equal(np.array(mask), wanted)
            assert facts["files"][fact["invented_file"]]
    assert ((fill == "none") == all(entry.fill == "none" for entry in manifest.layers)) and not facts["warnings"]
    page = (tmp_path / "out/preview.html").read_text()
    assert page.count("data:image/png") == sum(layer.painted.any() for layer in layers)
    apart = {one.class_name: one for one in read_layers(tmp_path / "out/material_separation.psd", ["Background"])}
    for layer, entry in zip(layers, manifest.layers, strict=True):
        if layer.painted.any() and entry.visible:
            beneath = apart[f"{entry.name}Beneath"].on_canvas(picture.size)[..., 3]
            assert np.array_equal(beneath > 0, layer.on_canvas(picture.size)[..., 3] * _placed(layer, picture.size) > 0)
    hidden = ["Background", "BackgroundBeneath"]
    for name in ("layers.psd", "material_separation.psd"):
        check = check_psd(tmp_path / "out" / name, picture, hidden)
        assert check.exact and faults(check, picture) == []


def _placed(layer: Layer, size: tuple[int, int]) -> np.ndarray:
    canvas = np.zeros(size, np.uint8)
    canvas[layer.window] = layer.painted
    return canvas


@pytest.mark.parametrize("what", ["one pixel", "at the border", "all of one part", "tiny picture"])
def test_odd_parts_are_completed_without_a_fault(tmp_path: Path, what: str) -> None:
    face, hair, nose = (taxonomy.PART_ID[name] for name in ("face", "hair_front", "nose"))
    label = np.full((64, 64), face, np.uint8)
    if what == "one pixel":
        label[30:50] = hair
        label[40, 40] = nose
    elif what == "at the border":
        label[:, 40:] = hair
        label[-3:, :5] = nose
    elif what == "tiny picture":
        label = np.array([[face, hair]], np.uint8)
    rgb = np.random.default_rng(0).integers(0, 256, (*label.shape, 3), np.uint8)
    model = open_completion(write_completion(tmp_path / "completion.onnx"))
    layers = cut(Picture(rgb), label, soft_edges=what == "at the border", filler=Filler(model))
    assert np.array_equal(recompose(layers, label.shape)[..., :3], rgb)
    if what == "all of one part":
        assert [(layer.fill, layer.painted.any()) for layer in layers] == [("none", False)]


def test_a_large_picture_is_completed_at_a_smaller_size_and_stays_exact(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("cubiseg.layers.beneath.SIDE", 50)
    picture, label = portrait_of_parts(141)
    model = open_completion(write_completion(tmp_path / "completion.onnx"))
    layers = cut(picture, label, filler=Filler(model))
    assert np.array_equal(recompose(layers, picture.size), picture.rgba())
    assert "learnt" in {layer.fill for layer in layers}


def test_see_through_parts_and_segments_are_not_asked_of_the_model(tmp_path: Path) -> None:
    picture, label = portrait(160, 128, alpha=True)
    glassy = Picture(picture.rgb, np.where(picture.alpha > 0, 200, 0).astype(np.uint8))
    model = open_completion(write_completion(tmp_path / "completion.onnx"))
    assert {layer.fill for layer in cut(glassy, label, filler=Filler(model))} <= {"smooth", "none"}


def test_the_file_is_chosen_like_the_release_and_what_cannot_be_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("cubiseg.inference.model_file._roots", lambda: iter([Path()]))
    assert choose(None) == FillFiles(), "none is wanted, and nothing is said"
    monkeypatch.delenv("CUBISEG_COMPLETION")
    assert choose(None) == FillFiles(), "there is none to be had"
    Path("models").mkdir()
    Path("models/completion.onnx.dvc").touch()
    assert choose(None) == FillFiles(note=NOT_THERE) and "dvc pull models/completion.onnx.dvc" in NOT_THERE
    assert choose("smooth") == choose("none") == FillFiles()
    with pytest.raises(CubisegError, match=r"^the fill learnt needs a completion model; .*make completion.*smooth$"):
        choose("learnt")
    found = write_completion(Path("models/completion.onnx"))
    assert choose(None) == choose("learnt") == FillFiles(found)
    named = write_completion(Path("named.onnx"))
    monkeypatch.setenv("CUBISEG_COMPLETION", "named.onnx")
    assert choose(None) == FillFiles(named) and choose("learnt", found) == FillFiles(found)
    lama = write_lama(Path("lama.onnx"))
    assert choose("lama", lama) == FillFiles(named, lama)
    for fill, file, wrong in (
        ("lama", None, r"needs LaMa's file; name an ONNX export with --fill-model FILE"),
        ("smooth", named, r"^named\.onnx: the fill smooth takes no model"),
        ("learnt", Path("absent.onnx"), r"^absent\.onnx: no such model file; check --fill-model"),
    ):
        with pytest.raises(CubisegError, match=wrong):
            choose(fill, file)
    monkeypatch.setenv("CUBISEG_COMPLETION", "gone.onnx")
    with pytest.raises(CubisegError, match=r"^gone\.onnx: no such model file; correct \$CUBISEG_COMPLETION or unset"):
        choose(None)

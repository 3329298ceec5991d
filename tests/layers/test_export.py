import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from psd_tools import PSDImage

from cubiseg import taxonomy
from cubiseg.errors import CubisegError
from cubiseg.imaging import Picture
from cubiseg.inference import Segmentation
from cubiseg.layers import PROFILES, Layer, LayerParams, Manifest, write_layers
from cubiseg.layers.check import check_psd, read_layers
from cubiseg.layers.cut import as_drawn, cut
from cubiseg.layers.layer import recompose
from tests.inference.palette import portrait
from tests.layers.pictures import faults, labelled_pictures


def write(
    folder: Path, picture: Picture, label: np.ndarray, cell: float = 1.0, **params: object
) -> tuple[list[Layer], Manifest]:
    confidence = np.full(label.shape, 0.75, np.float32)
    segmentation = Segmentation(label, confidence, "slic", "slic", ("check it",), cell)
    return write_layers(folder, picture, segmentation, LayerParams(**params))


@pytest.mark.parametrize("alpha", [False, True])
def test_a_picture_cut_by_the_label_map_as_drawn_gives_the_same_layers(alpha: bool) -> None:
    picture, label = portrait(240, 200, alpha=alpha)
    seen = np.kron(label[::4, ::4], np.ones((4, 4), np.uint8))
    for at_edges in (False, True):
        layers = cut(picture, seen, soft_edges=True, cell=4.0, at_edges=at_edges)
        again = cut(picture, as_drawn(picture, seen, 4.0, at_edges=at_edges), soft_edges=True)
        assert [layer.name for layer in again] == [layer.name for layer in layers]
        assert all(np.array_equal(a.rgba, b.rgba) and a.x == b.x for a, b in zip(again, layers, strict=True))


ANY_PARAMS = {
    "profile": st.sampled_from(list(PROFILES)),
    "extension": st.floats(0, 2),
    "soft_edges": st.booleans(),
    "level": st.sampled_from(["class", "part"]),
    "split": st.lists(st.sampled_from([*taxonomy.PART_ID]), max_size=3) | st.just(taxonomy.NAMES),
    "full_canvas": st.booleans(),
    "background": st.sampled_from([None, "keep", "hide", "drop"]),
    "fill": st.sampled_from([None, "smooth", "none"]),
    "invented": st.booleans(),
}


def test_the_property_below_draws_every_param_there_is() -> None:
    assert set(ANY_PARAMS) == set(LayerParams.model_fields)


@pytest.mark.slow
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    drawn=labelled_pictures(),
    params=st.fixed_dictionaries(ANY_PARAMS),
    cell=st.sampled_from([1.0, 2.5, 9.0]) | st.floats(0.1, 64),
)
def test_no_params_and_no_picture_give_a_psd_that_live2d_would_reject_or_that_changes_a_pixel(
    tmp_path: Path, drawn: tuple[Picture, np.ndarray], params: dict[str, object], cell: float
) -> None:
    picture, label = drawn
    if picture.alpha is not None and not picture.alpha.any():
        with pytest.raises(CubisegError, match="wholly clear"):
            write(tmp_path / "clear", picture, label, cell, **params)
        return
    try:
        layers, manifest = write(tmp_path / "out", picture, label, cell, **params)
    except CubisegError as error:
        assert params["background"] == "drop" and "all background" in str(error)
        return
    hidden = [name for entry in manifest.layers if not entry.visible for name in (entry.name, entry.name + "Beneath")]
    dropped = layers[: len(layers) - len(manifest.layers)]
    for name in ("layers.psd", "material_separation.psd"):
        path = tmp_path / "out" / name
        assert path.exists() == (name == "layers.psd" or params["profile"] == "cubism")
        if path.exists():
            check = check_psd(path, picture, hidden, dropped)
            assert check.exact
            assert faults(check, picture) == []


@pytest.mark.parametrize("alpha", [False, True])
def test_psd_tools_composes_the_layers_to_the_picture_and_shows_it_as_the_stored_preview(
    tmp_path: Path, alpha: bool
) -> None:
    picture, label = portrait(200, 160, alpha)
    write(tmp_path / "out", picture, label)
    psd = PSDImage.open(tmp_path / "out/layers.psd")
    composed = np.array(psd.composite(ignore_preview=True, apply_icc=False).convert("RGBA")).astype(int)
    wanted = picture.rgba().astype(int)
    solid, visible = wanted[..., 3] == 255, wanted[..., 3] > 0
    assert np.array_equal(composed[solid], wanted[solid])
    assert np.abs(composed[visible] - wanted[visible]).max() <= 1  # psd-tools cuts off where it should round
    stored = np.array(psd.topil(apply_icc=False).convert("RGBA")).astype(int)
    assert np.array_equal(stored[solid], wanted[solid]) and np.array_equal(stored[..., 3], wanted[..., 3])


def test_layers_are_named_stacked_and_placed_alike_in_psd_and_manifest(tmp_path: Path) -> None:
    picture, label = portrait(200, 160)
    write(tmp_path / "out", picture, label)
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    psd = PSDImage.open(tmp_path / "out/layers.psd")
    assert (psd.color_mode.name, psd.depth, psd.size) == ("RGB", 8, (160, 200))
    assert [layer.name for layer in psd] == [entry["name"] for entry in manifest["layers"]]
    assert [layer.name for layer in psd][:3] == ["background", "skin", "clothes"]
    assert manifest["classes"] == list(taxonomy.NAMES) and manifest["warnings"] == ["check it"]
    for layer, entry in zip(psd, manifest["layers"], strict=True):
        assert (layer.left, layer.top, layer.width, layer.height) == tuple(
            entry[k] for k in ("x", "y", "width", "height")
        )
        assert entry["file"] == f"png/{entry['name']}_001.png" and entry["confidence"] == 0.75
        assert np.array_equal(np.array(Image.open(tmp_path / "out" / entry["file"])), np.array(layer.topil()))
    assert {p.name for p in (tmp_path / "out/png").iterdir()} >= {"hair_001.png", "eyesL_001.png", "background_001.png"}


@pytest.mark.parametrize("full_canvas", [False, True])
def test_the_pngs_alone_give_the_picture_back(tmp_path: Path, full_canvas: bool) -> None:
    picture, label = portrait(150, 90, alpha=True)
    write(tmp_path / "out", picture, label, full_canvas=full_canvas)
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    layers = []
    for entry in manifest["layers"]:
        rgba = np.array(Image.open(tmp_path / "out" / entry["file"]))
        assert rgba.shape == (entry["height"], entry["width"], 4)
        assert not full_canvas or rgba.shape[:2] == picture.size
        shown = rgba[..., 3] > 0
        layers.append(Layer(entry["class"], entry["x"], entry["y"], rgba, shown, ~shown))
    visible = picture.alpha > 0
    assert np.array_equal(recompose(layers, picture.size)[visible], picture.rgba()[visible])


def test_the_flat_profile_names_layers_as_the_taxonomy_does(tmp_path: Path) -> None:
    picture, label = portrait()
    write(tmp_path / "out", picture, label, profile="flat")
    assert {layer.name for layer in read_layers(tmp_path / "out/layers.psd")} == set(taxonomy.NAMES)


def test_the_same_picture_gives_the_same_bytes_in_any_folder(tmp_path: Path) -> None:
    picture, label = portrait(200, 160, alpha=True)
    contents = []
    for folder in (tmp_path / "a", tmp_path / "elsewhere/b"):
        write(folder, picture, label)
        contents.append({str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()})
    assert contents[0] == contents[1] and "preview.png" in contents[0]
    assert (
        b"20" + b"26" not in contents[0]["manifest.json"] and str(tmp_path).encode() not in contents[0]["manifest.json"]
    )


def test_a_former_result_is_replaced_whole_and_a_foreign_folder_left_alone(tmp_path: Path) -> None:
    picture, label = portrait()
    write(tmp_path / "out", picture, label)
    write(
        tmp_path / "out", picture, np.where(label == taxonomy.ID["nose"], taxonomy.ID["face"], label).astype(np.uint8)
    )
    assert not (tmp_path / "out/png/nose_001.png").exists()
    (tmp_path / "out/sketch.psd").write_bytes(b"mine")
    with pytest.raises(CubisegError, match=r"sketch\.psd: is not from cubiseg and is not deleted"):
        write(tmp_path / "out", picture, label)
    assert (tmp_path / "out/sketch.psd").read_bytes() == b"mine"


def test_a_failure_leaves_the_former_result_and_no_half_written_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture, label = portrait()
    write(tmp_path / "out", picture, label)
    before = (tmp_path / "out/layers.psd").read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cubiseg.layers.export.write_psd", full)
    with pytest.raises(CubisegError, match="No space left on device"):
        write(tmp_path / "out", picture, label)
    assert (tmp_path / "out/layers.psd").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_the_preview_shows_input_labels_and_each_layer(tmp_path: Path) -> None:
    picture, label = portrait(300, 200)
    write(tmp_path / "out", picture, label)
    sheet = np.array(Image.open(tmp_path / "out/preview.png").convert("RGB"))
    assert sheet.ndim == 3 and 600 < sheet.shape[0] < 1000 and sheet.shape[1] > sheet.shape[0]
    for c in taxonomy.CLASSES[1:]:
        assert (sheet == c.colour).all(-1).any(), f"{c.name} is missing from the legend or the layers"


def test_params_out_of_range_name_themselves() -> None:
    for bad in ({"profile": "mystery"}, {"extension": -1}, {"unknown": 1}):
        with pytest.raises(ValueError, match=next(iter(bad))):
            LayerParams(**bad)


@pytest.mark.parametrize("profile", ["cubiai", "cubism"])
@pytest.mark.parametrize("background", ["keep", "hide", "drop"])
def test_the_background_is_kept_hidden_or_dropped_and_the_figure_is_the_same(
    tmp_path: Path, background: str, profile: str
) -> None:
    picture, label = portrait(200, 160)
    kept, _ = write(tmp_path / "kept", picture, label, profile=profile, background="keep")
    layers, _ = write(tmp_path / "out", picture, label, profile=profile, background=background)
    facts = json.loads((tmp_path / "out/manifest.json").read_text())
    whole = json.loads((tmp_path / "kept/manifest.json").read_text())
    assert facts["background"] == background and facts["coverage"] == whole["coverage"] < 1
    assert len(layers) == len(kept)
    name = PROFILES[profile].names["background"]
    entries = {entry["name"]: entry["visible"] for entry in facts["layers"]}
    assert (name in entries) == (background != "drop") and entries.get(name, False) == (background == "keep")
    assert (tmp_path / "out" / whole["layers"][0]["file"]).exists() == (background != "drop")
    figure = recompose([layer for layer in kept if layer.class_name != "background"], picture.size)
    shown = picture.rgba() if background == "keep" else figure
    for file in ("layers.psd", "material_separation.psd")[: 1 + (profile == "cubism")]:
        psd = PSDImage.open(tmp_path / "out" / file)
        found = [layer for layer in psd.descendants() if layer.name.startswith(name) and not layer.is_group()]
        assert bool(found) == (background != "drop")
        assert all(layer.is_visible() == (background == "keep") for layer in found)
        assert np.array_equal(recompose(read_layers(tmp_path / "out" / file), picture.size), shown)
        stored = np.array(psd.topil(apply_icc=False).convert("RGBA"))
        assert np.array_equal(stored[..., 3], shown[..., 3])
        solid = shown[..., 3] == 255
        assert np.array_equal(stored[solid], shown[solid])
        check = check_psd(
            tmp_path / "out" / file, picture, [name, name + "Beneath"], layers[: len(layers) - len(entries)]
        )
        assert check.exact and check.findings == []
    page = (tmp_path / "out/preview.html").read_text()
    assert ('"visible": false' in page) == (background == "hide")
    assert (f'"name": "{name}"' in page) == (background != "drop")


def test_a_picture_that_is_all_background_is_not_dropped_whole(tmp_path: Path) -> None:
    picture, label = portrait(80, 80)
    with pytest.raises(CubisegError, match="all background; keep it"):
        write(tmp_path / "out", picture, np.zeros_like(label), background="drop")
    assert not (tmp_path / "out").exists()


def test_the_manifest_tells_what_was_given_away_at_the_level_of_the_layers(tmp_path: Path) -> None:
    picture, label = portrait()
    given = {"wings": {"topwear": 9}, "leg_left": {"topwear": 4, "arm_left": 5}, "held": {"bottomwear": 2}}
    found = Segmentation(label, np.ones(label.shape), "x", "y", given_away=given)
    for level, told in (
        ("part", given),
        ("class", {"accessories": {"clothes": 11}, "skin": {"clothes": 4}}),
    ):
        _, manifest = write_layers(tmp_path / level, picture, found, LayerParams(level=level))
        assert manifest.given_away == told

import random
import warnings
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cubiseg import taxonomy
from cubiseg.errors import CubisegError
from cubiseg.imaging import Picture
from cubiseg.inference import open_segmenter
from cubiseg.inference.exported_model import ExportedModel
from cubiseg.inference.model_file import find_model, has_external_data
from cubiseg.label_maps import colourise
from cubiseg.letterbox import from_logits, to_input
from tests.inference.palette import info, portrait, portrait_parts, write_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model") / "m.onnx")


def test_an_onnx_model_labels_a_picture_of_its_size_exactly(model: Path) -> None:
    picture, label = portrait(160, 160)
    result = open_segmenter("anime-advanced", model, look="once").segment(picture)
    assert np.array_equal(result.label, label)
    assert result.confidence.dtype == np.float32 and result.confidence.min() > 0.5 and result.confidence.max() <= 1
    assert (result.backend, result.architecture, result.warnings) == ("anime-advanced", "anime-unet", ())


@pytest.mark.parametrize("size", [(64, 64), (333, 217), (100, 900)])
def test_pictures_of_any_shape_keep_their_size_and_their_labels(model: Path, size: tuple[int, int]) -> None:
    picture, label = portrait(*size)
    result = open_segmenter("anime-advanced", model).segment(picture)
    assert result.label.shape == size and result.confidence.shape == size
    large = np.isin(label, [taxonomy.ID[n] for n in ("background", "hair", "face", "clothes")])
    assert (result.label == label)[large].mean() > 0.85


def test_clear_pixels_are_background_whatever_colour_they_hide(model: Path) -> None:
    picture, label = portrait(160, 160)
    hidden = Picture(picture.rgb, np.where(label == taxonomy.ID["hair"], 0, 255).astype(np.uint8))
    result = open_segmenter("anime-advanced", model).segment(hidden)
    assert (result.label[label == taxonomy.ID["hair"]] == 0).all()
    assert (result.confidence[label == taxonomy.ID["hair"]] == 1).all()


def test_in_a_cut_out_the_visible_remainder_goes_to_the_nearest_part(model: Path) -> None:
    picture, label = portrait(160, 160)
    rgb = picture.rgb.copy()
    rgb[60:66, 60:66] = taxonomy.PALETTE[0]  # the network will call this spot of the face background
    result = open_segmenter("anime-advanced", model).segment(Picture(rgb, np.where(label > 0, 255, 0).astype(np.uint8)))
    assert (result.label[label > 0] > 0).all()
    assert (result.label[label == 0] == 0).all()


def test_a_real_background_of_a_picture_with_some_transparency_stays_background(model: Path) -> None:
    picture, label = portrait(160, 160)
    alpha = np.full(picture.size, 255, np.uint8)
    alpha[:4] = 0
    assert np.array_equal(
        open_segmenter("anime-advanced", model, look="once").segment(Picture(picture.rgb, alpha)).label, label
    )


def test_low_confidence_and_an_empty_picture_are_said(model: Path) -> None:
    picture, _ = portrait(160, 160)
    low = open_segmenter("anime-advanced", model, low_confidence=1.0).segment(picture)
    assert any("low confidence" in w for w in low.warnings)
    black = open_segmenter("anime-advanced", model).segment(Picture(np.zeros((100, 100, 3), np.uint8)))
    assert any("no part of a character" in w for w in black.warnings)
    assert black.mean_confidence() is None


@pytest.fixture(scope="module")
def model_of_parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model") / "parts.onnx", parts=True)


def test_a_model_of_parts_tells_both_levels_exactly_at_its_size(model_of_parts: Path) -> None:
    told = portrait_parts(160, 160)
    assert set(np.unique(told)) > {*taxonomy.PART_ID.values()} - {*range(12), 54, 55, 56}
    result = open_segmenter("anime-advanced", model_of_parts, look="once").segment(Picture(colourise(told)))
    assert np.array_equal(result.parts, told) and result.finest is result.parts
    assert np.array_equal(result.label, taxonomy.CLASS_OF[told])


@pytest.mark.parametrize("size", [(64, 64), (333, 217), (100, 900), (1200, 700)])
def test_parts_are_parts_of_the_class_at_every_pixel_of_any_picture(
    model_of_parts: Path, size: tuple[int, int]
) -> None:
    told = portrait_parts(*size)
    noisy = colourise(told) ^ np.random.default_rng(0).integers(0, 32, (*size, 3), np.uint8)
    alpha = np.where(taxonomy.CLASS_OF[told] == taxonomy.ID["hair"], 0, 255).astype(np.uint8)
    for picture in (Picture(colourise(told)), Picture(noisy), Picture(colourise(told), alpha)):
        result = open_segmenter("anime-advanced", model_of_parts).segment(picture)
        assert result.parts is not None and result.parts.dtype == np.uint8
        assert np.array_equal(taxonomy.CLASS_OF[result.parts], result.label)
        assert np.isin(result.parts, taxonomy.LEAF_IDS).all()
    assert (result.parts[alpha == 0] == 0).all(), "clear pixels are background at both levels"


def test_bars_around_a_picture_are_background_at_both_levels(model_of_parts: Path) -> None:
    told = portrait_parts(160, 160)
    told[0] = 0
    rgb = np.pad(colourise(told), ((60, 60), (0, 0), (0, 0)), constant_values=240)
    result = open_segmenter("anime-advanced", model_of_parts).segment(Picture(rgb))
    assert result.parts is not None and result.parts.shape == (280, 160)
    assert not result.parts[:60].any() and not result.parts[220:].any()
    assert np.array_equal(taxonomy.CLASS_OF[result.parts], result.label) and (result.parts > 20).any()


def test_in_a_cut_out_what_goes_to_the_nearest_part_has_a_part_of_its_class(model_of_parts: Path) -> None:
    told = portrait_parts(160, 160)
    rgb, drawn = colourise(told), told > 0
    rgb[30:34, 60:64] = taxonomy.PALETTE[0]  # the network will call this spot of the hair background
    picture = Picture(rgb, np.where(drawn, 255, 0).astype(np.uint8))
    result = open_segmenter("anime-advanced", model_of_parts).segment(picture)
    assert result.parts is not None and (result.parts[drawn] > 0).all()
    assert np.array_equal(taxonomy.CLASS_OF[result.parts], result.label)


def test_what_the_model_would_call_each_class_is_told_on_demand_by_the_same_run(model_of_parts: Path) -> None:
    told = portrait_parts(150, 120)
    picture = Picture(cv2.copyMakeBorder(colourise(told), 30, 30, 0, 0, cv2.BORDER_CONSTANT, value=(255, 255, 255)))
    assert open_segmenter("anime-advanced", model_of_parts).segment(picture).choices is None
    result = open_segmenter("anime-advanced", model_of_parts, choices=True).segment(picture)
    assert result.choices is not None and result.choices.size == (210, 120) and result.choices.box.height < 210
    assert np.array_equal(result.choices.tell(result.label), result.parts)
    hair = result.choices.tell(np.full(result.label.shape, taxonomy.ID["hair"], np.uint8))
    assert (taxonomy.CLASS_OF[hair] == taxonomy.ID["hair"]).all() and len(np.unique(hair)) > 2
    seen = result.label == taxonomy.ID["hair"]
    assert np.array_equal(hair[seen], result.parts[seen])


def test_a_model_of_classes_tells_no_parts_whatever_version_it_names(tmp_path: Path) -> None:
    picture, label = portrait(160, 160)
    for version in (1, taxonomy.VERSION):
        text = info().model_copy(update={"taxonomy": version}).model_dump_json()
        result = open_segmenter("anime-advanced", write_model(tmp_path / "m.onnx", metadata=text), look="once").segment(
            picture
        )
        assert result.parts is None and np.array_equal(result.finest, label)


def test_a_backend_named_by_architecture_needs_that_architecture(model: Path) -> None:
    assert open_segmenter("anime-unet", model).architecture == "anime-unet"
    with pytest.raises(CubisegError, match=r"holds anime-unet, not anime-swin.*train.architecture=anime-swin"):
        open_segmenter("anime-swin", model)


def test_unknown_backends_list_the_known_and_sam_hq_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUBISEG_SAM_HQ", raising=False)
    with pytest.raises(CubisegError, match=r"unknown backend 'mystery'; known are anime-advanced.*slic"):
        open_segmenter("mystery")
    with pytest.raises(CubisegError, match="sam-hq: needs weights; name a folder of them"):
        open_segmenter("sam-hq")


def test_a_fallback_takes_over_and_the_result_says_so(tmp_path: Path) -> None:
    picture, _ = portrait()
    segmenter = open_segmenter("anime-advanced", tmp_path / "missing.onnx", fallback=["sam-hq", "slic"])
    result = segmenter.segment(picture)
    assert (segmenter.name, result.backend) == ("slic", "slic")
    assert result.warnings[0].startswith("anime-advanced could not run, slic took over")
    assert not any(str(tmp_path) in w for w in result.warnings)


def test_without_any_backend_that_runs_the_first_reason_is_given(tmp_path: Path) -> None:
    with pytest.raises(CubisegError, match=r"missing.onnx: no such model file"):
        open_segmenter("anime-advanced", tmp_path / "missing.onnx", fallback=["sam-hq"])


def test_models_are_found_in_the_order_of_the_design(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CUBISEG_MODEL", raising=False)
    pipeline, release, named, given_ = (
        Path(p) for p in ("models/anime_advanced_seg.onnx", "models/release/r.onnx", "named.onnx", "given.onnx")
    )
    for path in (pipeline, release, named, given_):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    packaged = tmp_path / "site/cubiseg" / release
    packaged.parent.mkdir(parents=True)
    packaged.write_bytes(b"x")
    monkeypatch.setattr("cubiseg.inference.model_file.__file__", str(tmp_path / "site/cubiseg/inference/model_file.py"))
    assert find_model() == release
    release.unlink()
    assert find_model() == pipeline
    pipeline.unlink()
    assert find_model() == packaged, "the wheel's own comes last"
    monkeypatch.setenv("CUBISEG_MODEL", str(named))
    assert find_model() == named
    assert find_model(given_) == given_
    monkeypatch.setenv("CUBISEG_MODEL", "absent.onnx")
    with pytest.raises(CubisegError, match=r"absent.onnx: no such model file; correct \$CUBISEG_MODEL"):
        find_model()


def test_weights_in_another_file_are_refused_before_they_are_read(tmp_path: Path) -> None:
    path = write_model(tmp_path / "m.onnx")
    assert not has_external_data(path.read_bytes())
    outside = tmp_path / "outside.onnx"
    onnx.save(onnx.load(path), outside, save_as_external_data=True, location="weights.bin", size_threshold=0)
    (tmp_path / "weights.bin").unlink()
    with pytest.raises(CubisegError, match="keeps weights in other files"):
        open_segmenter("anime-advanced", outside)


def test_external_weights_are_found_in_constants_and_branches_too(tmp_path: Path) -> None:
    outside = onnx.TensorProto(name="w", data_type=1, dims=[1], data_location=onnx.TensorProto.EXTERNAL)
    constant = onnx.helper.make_node("Constant", [], ["c"])
    constant.attribute.append(onnx.AttributeProto(name="value", type=onnx.AttributeProto.TENSOR, t=outside))
    branch = onnx.helper.make_graph([constant], "then", [], [])
    node = onnx.helper.make_node("If", ["x"], ["y"], then_branch=branch, else_branch=branch)
    for nodes in ([constant], [node]):
        model = onnx.helper.make_model(onnx.helper.make_graph(nodes, "g", [], []))
        assert has_external_data(model.SerializeToString())


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"metadata": ""}, "carries no cubiseg metadata"),
        ({"metadata": "{"}, "bad model metadata"),
        ({"metadata": info().model_copy(update={"taxonomy": 7}).model_dump_json()}, "made for taxonomy 7"),
        ({"metadata": info(parts=True).model_copy(update={"taxonomy": 1}).model_dump_json()}, "made for taxonomy 1"),
        (
            {"metadata": info(parts=True).model_copy(update={"part_ids": (1,)}).model_dump_json()},
            "one id and one class",
        ),
        ({"metadata": info(parts=True).model_dump_json()}, r"gives logits \(1, 12, 160, 160\), not \(1, 49,"),
        ({"metadata": info().model_copy(update={"input_size": (100, 100)}).model_dump_json()}, "no multiple of 32"),
        ({"classes": 7}, r"gives logits \(1, 7, 160, 160\)"),
    ],
)
def test_a_model_that_is_not_ours_is_named_in_one_line(tmp_path: Path, change: dict, complaint: str) -> None:
    path = write_model(tmp_path / "m.onnx", **change)
    with pytest.raises(CubisegError, match=complaint) as caught:
        open_segmenter("anime-advanced", path).segment(portrait(160, 160)[0])
    assert str(caught.value).startswith(str(path)) and "\n" not in str(caught.value)


def test_logits_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    path = write_model(tmp_path / "m.onnx")
    model = onnx.load(path)
    model.graph.initializer[1].CopyFrom(onnx.numpy_helper.from_array(np.full(12, np.nan, np.float32), "bias"))
    onnx.save(model, path)
    with pytest.raises(CubisegError, match="not finite"):
        open_segmenter("anime-advanced", path).segment(portrait(160, 160)[0])


def test_logits_of_another_kind_are_refused(tmp_path: Path) -> None:
    path = write_model(tmp_path / "m.onnx")
    model = onnx.load(path)
    model.graph.node[-1].output[0] = "single"
    model.graph.node.append(onnx.helper.make_node("Cast", ["single"], ["logits"], to=onnx.TensorProto.DOUBLE))
    model.graph.output[0].type.tensor_type.elem_type = onnx.TensorProto.DOUBLE
    onnx.save(model, path)
    with pytest.raises(CubisegError, match="no usable model"):
        open_segmenter("anime-advanced", path)


def test_logits_that_are_held_stay_when_the_network_runs_again(model: Path) -> None:
    network = ExportedModel(model, "anime-advanced", 0.6)
    first, second = (network.looks(portrait(*size)[0].rgb)[0][0].logits for size in ((160, 160), (120, 160)))
    assert not np.shares_memory(first, second)
    assert np.array_equal(first, network.looks(portrait(160, 160)[0].rgb)[0][0].logits)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), cut=st.booleans(), bytes_changed=st.integers(0, 40))
def test_a_broken_model_file_is_one_line_or_still_works(
    tmp_path: Path, model: Path, seed: int, cut: bool, bytes_changed: int
) -> None:
    content, draw = bytearray(model.read_bytes()), random.Random(seed)
    if cut:
        del content[draw.randrange(len(content)) :]
    for _ in range(bytes_changed if content else 0):
        content[draw.randrange(len(content))] = draw.randrange(256)
    path = tmp_path / "broken.onnx"
    path.write_bytes(bytes(content))
    try:
        open_segmenter("anime-advanced", path).segment(portrait(64, 64)[0])
    except CubisegError as error:
        assert "\n" not in str(error) and str(error).startswith(str(path))


def test_torchscript_runs_when_given_and_gives_what_onnx_gives(tmp_path: Path, model: Path) -> None:
    torch = pytest.importorskip("torch")
    from cubiseg.model_info import METADATA_KEY

    weights = {w.name: onnx.numpy_helper.to_array(w).copy() for w in onnx.load(model).graph.initializer}
    conv = torch.nn.Conv2d(3, 12, 1)
    conv.load_state_dict({k: torch.from_numpy(v) for k, v in weights.items()})
    path = tmp_path / "m.pt"
    torch.jit.save(torch.jit.script(conv), str(path), _extra_files={METADATA_KEY: info().model_dump_json()})
    picture, _ = portrait(200, 150)
    ours, theirs = (open_segmenter("anime-advanced", p, look="once").segment(picture) for p in (path, model))
    assert np.array_equal(ours.label, theirs.label)
    torch.save({"a": 1}, tmp_path / "pickle.pt")
    with pytest.raises(CubisegError, match="is no usable model"):
        open_segmenter("anime-advanced", tmp_path / "pickle.pt")


def test_a_pointer_is_named_as_one_with_what_fetches_the_model(tmp_path: Path) -> None:
    (tmp_path / "m.onnx.dvc").write_text("outs:\n- md5: 0\n  path: m.onnx\n")
    for name in ("m.onnx", "m.onnx.dvc"):
        with pytest.raises(CubisegError, match=r"pointer.*dvc pull .*m\.onnx\.dvc"):
            find_model(tmp_path / name)
    lfs = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
    for name, text, part in (
        ("a.onnx", lfs, "Git LFS"),
        ("a.pt", lfs, "Git LFS"),
        ("b.onnx", "outs:\n- md5: 0\n", "DVC"),
    ):
        (tmp_path / name).write_text(text)
        with pytest.raises(CubisegError, match=f"{part} pointer.*dvc pull"):
            open_segmenter("anime-advanced", tmp_path / name)


@pytest.mark.parametrize("size", [1e3, 1e30, 3e38])
def test_logits_of_a_broken_network_give_no_warning_of_numpy_and_a_confidence_all_the_same(size: float) -> None:
    logits = np.random.default_rng(0).choice(np.array([-size, 0, size], np.float32), (taxonomy.NUM_CLASSES, 64, 64))
    _, placement = to_input(np.zeros((200, 150, 3), np.uint8), info().model_copy(update={"input_size": (64, 64)}))
    with np.errstate(all="raise", under="ignore", over="ignore"), warnings.catch_warnings():
        warnings.simplefilter("error")
        label, confidence = from_logits(logits, placement)
    assert label.max() < taxonomy.NUM_CLASSES and confidence.min() > 0 and confidence.max() <= 1

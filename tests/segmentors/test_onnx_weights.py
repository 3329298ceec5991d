"""An exported ONNX file starts a network exactly as its weights do; one that is none of ours is one line."""

import copy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto

from cubiseg.errors import CubisegError
from cubiseg.segmentors import onnx_weights
from cubiseg.segmentors.build import Network, build_segmentor, describe, load_config
from cubiseg.segmentors.weights import save_weights
from cubiseg.segmentors.whole import check, load_whole
from tests import tiny
from tests.conftest import ROOT

CONFIGS = ROOT / "mmseg_configs"
NAME = "baseline-mobilenetv2"
LAST = "decode_head.conv_seg.weight.half"


def segmentor(parts: bool) -> torch.nn.Module:
    return build_segmentor(load_config(NAME, CONFIGS, parts=parts))


@pytest.fixture(scope="module", params=[False, True], ids=["classes", "parts"])
def weights(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "w.safetensors"
    info = describe(load_config(NAME, CONFIGS, parts=request.param), NAME, 64, parts=request.param)
    save_weights(path, Network(segmentor(request.param)), info)
    return path


@pytest.fixture
def file(weights: Path, tmp_path: Path) -> Path:
    tiny.write_onnx_of(weights, tmp_path / "m.onnx")
    return tmp_path / "m.onnx"


@pytest.mark.parametrize("parts", [False, True], ids=["to-classes", "to-parts"])
def test_a_network_of_either_vocabulary_starts_from_onnx_as_from_the_weights(
    weights: Path, file: Path, parts: bool
) -> None:
    first = segmentor(parts)
    second = copy.deepcopy(first)
    load_whole(first, weights)
    load_whole(second, file)
    assert check(file, NAME) == check(weights, NAME)
    for (name, expected), found in zip(first.state_dict().items(), second.state_dict().values(), strict=True):
        assert torch.equal(found, expected), name


def refused(path: Path) -> str:
    """The one line that a file is refused with as a start."""
    with pytest.raises(CubisegError) as caught:
        check(path, NAME)
        load_whole(segmentor(False), path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ") and "\n" not in message and len(message) < len(str(path)) + 300
    return message


def change(path: Path, what: Callable[[onnx.ModelProto], None]) -> None:
    model = onnx.load_model_from_string(path.read_bytes())
    what(model)
    path.write_bytes(model.SerializeToString())


def tensor(model: onnx.ModelProto, name: str = LAST) -> TensorProto:
    return next(t for t in model.graph.initializer if t.name == name)


@pytest.mark.parametrize("share", [0, 1e-6, 0.3, 0.9, 0.9999])
def test_a_file_that_was_cut_short_is_one_line(file: Path, share: float) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: int(share * len(content))])
    assert "set train.start to" in (line := refused(file)) or "export it" in line


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"\0" * 5000, "not a usable weights file"),
        (b"<!doctype html><html><head><title>404</title></head>", "not a usable weights file"),
        (b"\x0a" * 4000, "not a usable weights file"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "is a Git LFS pointer"),
        (b"outs:\n- md5: ff6d\n  size: 5300605\n  hash: md5\n", "is a DVC pointer"),
    ],
)
def test_a_file_of_another_kind_is_one_line(tmp_path: Path, content: bytes, complaint: str) -> None:
    (tmp_path / "m.onnx").write_bytes(content)
    assert complaint in refused(tmp_path / "m.onnx")


def test_a_model_that_is_not_ours_says_so(file: Path) -> None:
    change(file, lambda model: model.ClearField("metadata_props"))
    assert "carries no cubiseg metadata" in refused(file)


def test_another_architecture_s_model_names_both(file: Path) -> None:
    with pytest.raises(CubisegError, match=rf"m.onnx: holds {NAME}, but train.architecture is anime-unet; make them"):
        check(file, "anime-unet")


def test_no_file_that_the_model_names_is_opened(file: Path) -> None:
    def point_elsewhere(model: onnx.ModelProto) -> None:
        tensor(model).data_location = TensorProto.EXTERNAL
        tensor(model).external_data.add(key="location", value="../../etc/passwd")

    change(file, point_elsewhere)
    assert "not a usable weights file (keeps tensors in other files, which is unsafe)" in refused(file)


def test_a_file_beyond_every_model_s_size_is_not_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_weights, "_MAX_BYTES", 1 << 20)
    monkeypatch.setattr(onnx, "load_model_from_string", lambda _: pytest.fail("was read"))
    assert "MB, over 1" in refused(file)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: t.dims.append(10**9),
        lambda t: t.dims.append(-7),
        lambda t: setattr(t, "raw_data", t.raw_data[:-2]),
        lambda t: setattr(t, "data_type", 999),
        lambda t: setattr(t, "data_type", TensorProto.STRING),
    ],
    ids=["larger than its bytes", "negative", "cut", "unknown type", "text"],
)
def test_a_tensor_that_contradicts_itself_is_one_line(file: Path, spoil: Callable[[TensorProto], None]) -> None:
    change(file, lambda model: spoil(tensor(model)))
    assert "; set train.start to " in refused(file)


def test_a_model_whose_layers_were_merged_is_refused(weights: Path, tmp_path: Path) -> None:
    # As an optimiser leaves it: kernels times the norms' scale, and norms gone.
    norms = {name: None for name in _names(weights) if ".bn." in name}
    assert norms
    tiny.write_onnx_of(weights, tmp_path / "m.onnx", **norms)
    assert f"{len(norms)} tensors, first " in (line := refused(tmp_path / "m.onnx"))
    assert "do not fit the architecture; set train.start to" in line


def test_a_tensor_of_another_shape_is_refused(weights: Path, tmp_path: Path) -> None:
    tiny.write_onnx_of(weights, tmp_path / "m.onnx", **{LAST: np.zeros((3, 3, 3, 3), np.float16)})
    assert "1 tensors, first decode_head.conv_seg.weight, do not fit" in refused(tmp_path / "m.onnx")


def _names(weights: Path) -> list[str]:
    from safetensors import safe_open

    with safe_open(weights, framework="pt") as file:
        return list(file.keys())

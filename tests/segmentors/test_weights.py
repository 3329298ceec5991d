"""Bare weights: the same bytes for the same weights, and one line for a file that is none."""

import json
from pathlib import Path

import pytest
import torch

from cubiseg import taxonomy
from cubiseg.errors import CubisegError
from cubiseg.segmentors.build import Network, build_segmentor, describe, load_config
from cubiseg.segmentors.weights import load_weights, save_weights
from tests.conftest import ROOT

CONFIGS = ROOT / "mmseg_configs"
NAME = "baseline-mobilenetv2"


@pytest.fixture(scope="module")
def network() -> Network:
    return Network(build_segmentor(load_config(NAME, CONFIGS))).eval()


@pytest.fixture
def file(network: Network, tmp_path: Path) -> Path:
    save_weights(tmp_path / "w.safetensors", network, describe(load_config(NAME, CONFIGS), NAME, 64))
    return tmp_path / "w.safetensors"


def test_weights_come_back_rounded_and_save_to_the_same_bytes(file: Path, network: Network) -> None:
    loaded, info = load_weights(file, CONFIGS)
    assert info.architecture == NAME and info.input_size == (64, 64)
    for name, value in network.state_dict().items():
        found = loaded.state_dict()[name]
        assert found.dtype == value.dtype
        torch.testing.assert_close(found, value, rtol=1e-3, atol=1e-6)
        if value.ndim < 2:
            assert torch.equal(found, value), f"{name} is rounded"
    again = file.with_name("again.safetensors")
    save_weights(again, loaded, info)
    assert again.read_bytes() == file.read_bytes()


def test_weights_of_parts_come_back_with_both_vocabularies(tmp_path: Path) -> None:
    config = load_config(NAME, CONFIGS, parts=True)
    network = Network(build_segmentor(config))
    save_weights(tmp_path / "w.safetensors", network, describe(config, NAME, 64, parts=True))
    loaded, info = load_weights(tmp_path / "w.safetensors", CONFIGS)
    assert info.parts == tuple(p.name for p in taxonomy.PARTS) and info.classes == taxonomy.NAMES and info.outputs == 49
    assert loaded.state_dict()["decode_head.conv_seg.weight"].shape[0] == 49


def test_what_a_model_of_classes_says_of_itself_is_what_it_always_said() -> None:
    text = describe(load_config(NAME, CONFIGS), NAME, 64).model_dump_json()
    said = json.loads(text)
    assert list(said) == [
        *("format", "taxonomy", "classes", "palette", "architecture"),
        *("input_size", "dynamic", "multiple", "mean", "std"),
    ]
    assert said["taxonomy"] == 1


@pytest.mark.parametrize("cut", [0, 5, 200, -1])
def test_a_damaged_file_is_one_line(file: Path, cut: int) -> None:
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(CubisegError, match=r"^.*w.safetensors: not a usable weights file \(.*\); train it with.*$"):
        load_weights(file, CONFIGS)


def test_a_pointer_in_place_of_the_weights_says_how_to_fetch_them(file: Path) -> None:
    file.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n")
    with pytest.raises(CubisegError, match=r"is a Git LFS pointer.*`git lfs pull`$"):
        load_weights(file, CONFIGS)


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(CubisegError, match="no such weights file; train it with `dvc repro train`"):
        load_weights(tmp_path / "w.safetensors", CONFIGS)


def test_weights_that_do_not_fit_the_config_are_one_line(file: Path, tmp_path: Path, network: Network) -> None:
    info = describe(load_config(NAME, CONFIGS), "anime-unet", 64)
    save_weights(file, network, info)
    with pytest.raises(CubisegError, match=r"tensors, first .* do not fit anime-unet in .*; train it again"):
        load_weights(file, CONFIGS)


def test_an_architecture_from_a_file_cannot_leave_the_folder(file: Path, network: Network) -> None:
    info = describe(load_config(NAME, CONFIGS), "../mmseg_configs/anime-unet", 64)
    save_weights(file, network, info)
    with pytest.raises(CubisegError, match="unknown architecture"):
        load_weights(file, CONFIGS)

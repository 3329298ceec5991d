"""Weights of trainings that went on from one another are averaged tensor by tensor."""

from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from benchmarks.average import average
from cubiseg.errors import CubisegError


def weights(path: Path, value: float, shape: tuple[int, ...] = (2, 3)) -> Path:
    tensors = {"conv.weight": torch.full(shape, value, dtype=torch.float16), "bn.num": torch.tensor(int(value))}
    save_file(tensors, path, metadata={"cubiseg": f"of {value}"})
    return path


def test_each_file_counts_alike_and_the_last_one_describes_them(tmp_path: Path) -> None:
    out = tmp_path / "mean.safetensors"
    average((weights(tmp_path / "a", 1.0), weights(tmp_path / "b", 4.0), weights(tmp_path / "c", 7.0)), out)
    mean = load_file(out)
    assert mean["conv.weight"].dtype == torch.float16 and (mean["conv.weight"] == 4.0).all()
    assert int(mean["bn.num"]) == 4
    with safe_open(out, "pt") as file:
        assert file.metadata() == {"cubiseg": "of 7.0"}


def test_weights_of_two_networks_have_no_mean(tmp_path: Path) -> None:
    with pytest.raises(CubisegError, match="another network"):
        average((weights(tmp_path / "a", 1.0), weights(tmp_path / "b", 4.0, (3, 3))), tmp_path / "mean")
    assert not (tmp_path / "mean").exists()

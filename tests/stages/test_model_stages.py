"""train, evaluate and export as DVC calls them, on a few small pictures."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests import tiny
from tests.conftest import ROOT
from tests.training.tiny_set import params, write_dataset


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    write_dataset(folder / "data")
    shutil.copytree(ROOT / "mmseg_configs", folder / "mmseg_configs")
    write_params(folder)
    return folder


def write_params(folder: Path, **train: object) -> None:
    blocks = {"train": {**params().model_dump(), **train}, "evaluate": tiny.params("evaluate")}
    blocks["export"] = {**tiny.params("export"), "parity_inputs": 1}
    (folder / "params.yaml").write_text(yaml.safe_dump(blocks))


def stage(folder: Path, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", f"stages.{name}", *arguments]
    path = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(folder), "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, cwd=folder, env=path, capture_output=True, text=True, check=False)


TRAIN = (
    *("--data", "data", "--configs", "mmseg_configs", "--release", "models/release"),
    *("--out", "w.safetensors", "--curves", "curves"),
)
EVALUATE = ("--data", "data", "--configs", "mmseg_configs", "--weights", "w.safetensors", "--plots", "plots")
EXPORT = ("--configs", "mmseg_configs", "--weights", "w.safetensors", "--out", "models")


@pytest.mark.slow
def test_from_a_data_set_to_exported_models(folder: Path) -> None:
    for name, arguments in (("train", TRAIN), ("evaluate", EVALUATE), ("export", EXPORT)):
        done = stage(folder, name, *arguments, "--metrics", f"{name}.json")
        assert done.returncode == 0, done.stderr
        metrics = json.loads((folder / f"{name}.json").read_text())
        assert metrics["architecture"] == "baseline-mobilenetv2"
        assert str(folder) not in json.dumps(metrics)
    assert sorted(p.name for p in (folder / "plots").iterdir()) == [
        "classes.csv", "confusion.csv", "confusion.png", "reliability.png", "sheet.jpg",
    ]  # fmt: skip
    assert sorted(p.suffix for p in (folder / "models").iterdir()) == [".md", ".onnx", ".pt"]
    assert sorted(p.name for p in (folder / "curves").iterdir()) == ["training.csv", "validation.csv"]
    assert list((folder / ".cubiseg" / "train").iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"architecture": "anime-unett"}, "unknown architecture 'anime-unett'; known are anime-swin, "),
        ({"precision": "fp8"}, "train.precision = 'fp8'"),
        ({"size": 100}, "train.size = 100"),
        ({"max_iters": "many"}, "train.max_iters = 'many'"),
        ({"sise": 3}, "train.sise = 3"),
    ],
)
def test_wrong_params_end_in_one_line(folder: Path, changes: dict, message: str) -> None:
    write_params(folder, **changes)
    done = stage(folder, "train", *TRAIN, "--metrics", "m.json")
    write_params(folder)
    assert done.returncode == 1
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_missing_weights_end_in_one_line(folder: Path) -> None:
    arguments = [a.replace("w.safetensors", "none.safetensors") for a in EXPORT]
    done = stage(folder, "export", *arguments, "--metrics", "m.json")
    assert done.returncode == 1
    assert done.stderr.startswith("error: none.safetensors: no such weights file; train it with")
    assert len(done.stderr.strip().splitlines()) == 1

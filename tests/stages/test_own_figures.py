"""From one's own layered PSDs or Live2D models, beside drawn portraits, to a trained model: all stages, tiny."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from cubiseg.samples import read_manifest
from tests.conftest import ROOT
from tests.sources.live2d_models import copy_model
from tests.sources.psds import SHAPES, face, saved

pytestmark = pytest.mark.slow

TINY: dict[str, dict[str, Any]] = {
    "prepare": {"synthetic": {"count": 10, "size": 96, "parts": True}},
    "annotate": {"hide_labels": 0},
    "split": {"val": 0.2, "test": 0.2},
    "train": {"max_iters": 2, "batch_size": 2, "size": 64, "val_interval": 2, "precision": "fp32", "start": "scratch"},
}
STAGES: dict[str, Sequence[str]] = {
    "prepare": ("--references", "data/references", "--out", "data/prepared"),
    "annotate": (
        *("--prepared", "data/prepared", "--codebook", str(ROOT / "cubiseg/codebook.yaml")),
        *("--out", "data/annotated", "--responses", "data/responses"),
    ),
    "clean": (
        *("--prepared", "data/prepared", "--annotated", "data/annotated", "--corrections", "data/corrections"),
        *("--out", "data/clean"),
    ),
    "split": ("--prepared", "data/prepared", "--clean", "data/clean", "--out", "v1"),
    "train": (
        *("--data", "v1", "--configs", str(ROOT / "mmseg_configs"), "--release", "models/release"),
        *("--out", "w.safetensors", "--curves", "curves"),
    ),
}


def run_all(root: Path, prepare: dict[str, Any], *folders: str) -> dict[str, Any]:
    """Run prepare to train in ``root``; returns their metrics."""
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    for block, values in {**TINY, "prepare": {**TINY["prepare"], **prepare}}.items():
        for key, value in values.items():
            params[block][key] = {**params[block][key], **value} if isinstance(value, dict) else value
    (root / "params.yaml").write_text(yaml.safe_dump(params))
    env = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(root), "OMP_NUM_THREADS": "1"}
    for name, arguments in STAGES.items():
        more = folders if name == "prepare" else ()
        command = [sys.executable, "-m", f"stages.{name}", *arguments, *more, "--metrics", f"metrics/{name}.json"]
        done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"
    return {name: json.loads((root / f"metrics/{name}.json").read_text()) for name in STAGES}


def test_layered_psds_and_drawn_portraits_train_a_model(tmp_path: Path) -> None:
    for number in range(4):
        saved(face({part: part for part in SHAPES}), tmp_path / "psds" / f"{number}.psd")
    (tmp_path / "psds/samples.csv").write_text("file,licence,rating,group\n0.psd,CC-BY-4.0,general,zero\n")
    block = {"sources": ["layered_psd", "synthetic"], "layered_psd": {"views": 2, "size": 96, "licence": "mine"}}
    metrics = run_all(tmp_path, block, "--layered-psd", "psds")
    assert metrics["prepare"]["by_source"] == {"layered_psd": 8, "synthetic": 10}
    assert metrics["train"]["architecture"] == "anime-unet"
    assert (tmp_path / "w.safetensors").is_file()
    rows = read_manifest(tmp_path / "v1")
    assert {s.licence for s in rows} == {"CC-BY-4.0", "mine", "MIT"}
    card = (tmp_path / "v1/README.md").read_text()
    assert "layered_psd, CC-BY-4.0, general" in card and "layered_psd, mine, general" in card


def test_live2d_models_and_drawn_portraits_train_a_model(tmp_path: Path) -> None:
    for name in ("haru01", "koharu", "haruto", "epsilon2_1"):
        copy_model(name, tmp_path / "models" / name)
    block = {"sources": ["live2d", "synthetic"], "shares": {"live2d": 0.5}, "live2d": {"size": 96, "licence": "FML"}}
    metrics = run_all(tmp_path, block, "--live2d", "models")
    assert metrics["prepare"]["by_source"] == {"live2d": 10, "synthetic": 10}
    assert metrics["prepare"]["rejected"] == 0
    assert (tmp_path / "w.safetensors").is_file()
    assert len({s.group for s in read_manifest(tmp_path / "v1") if s.source == "live2d"}) == 4
    assert "live2d, FML, general" in (tmp_path / "v1/README.md").read_text()

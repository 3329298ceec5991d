"""The benchmark of architectures trains, scores, exports and times each, and goes on where it was stopped."""

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from benchmarks import architectures
from tests import tiny
from tests.training.tiny_set import CONFIGS, params, write_dataset

NAMES = ("anime-unetformer", "baseline-mobilenetv2")


@pytest.mark.slow
def test_each_architecture_gets_a_row_and_is_trained_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_dataset(tmp_path / "data")
    blocks = {"train": params(max_iters=2).model_dump(), "evaluate": tiny.params("evaluate")}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(blocks))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(architectures, "ROUNDS", 1)
    command = ["--data", "data", "--configs", str(CONFIGS), "--work", "work", "--out", "out", "--size", "96"]
    command += [part for name in NAMES for part in ("--architecture", name)]
    done = CliRunner().invoke(architectures.main, [*command, "--real", "data"], catch_exceptions=False)
    assert done.exit_code == 0, done.output

    report = json.loads((tmp_path / "out" / "architectures.json").read_text())
    assert report["samples_seen"] == 4 and set(report["architectures"]) == set(NAMES)
    former, baseline = (report["architectures"][name] for name in NAMES)
    assert former["cost"]["parameters"] == 2_826_922
    assert (former["latency_side"], baseline["latency_side"]) == (64, 96)
    assert min(*former["latency_ms"].values(), former["cost"]["macs"], baseline["cost"]["macs"]) > 0
    assert "mean_iou_over_baseline" in former["test"] and "mean_iou_over_baseline" not in baseline["test"]
    assert set(former["real"]["by_group"]) >= {"mean_iou", "mean_f1"}
    lines = (tmp_path / "out" / "architectures.md").read_text().splitlines()
    assert len(lines) == 4 and len({line.count("|") for line in lines}) == 1
    assert (tmp_path / "out" / "architectures.png").stat().st_size > 1000

    before = (tmp_path / "work" / "anime-unetformer.json").stat().st_mtime_ns
    architectures.train_one("anime-unetformer", params(), CONFIGS, tmp_path / "data", tmp_path / "work")
    assert (tmp_path / "work" / "anime-unetformer.json").stat().st_mtime_ns == before

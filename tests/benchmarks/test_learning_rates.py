"""The sweep of learning rates keeps a record, and does nothing twice."""

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from benchmarks import learning_rates
from cubiseg.training import stage
from tests.training.tiny_set import CONFIGS, params, write_dataset


@pytest.mark.slow
def test_each_rate_is_tried_once_and_the_best_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_dataset(tmp_path / "data")
    (tmp_path / "params.yaml").write_text(yaml.safe_dump({"train": params(parts=False).model_dump()}))
    monkeypatch.chdir(tmp_path)
    command = ["--data", "data", "--configs", str(CONFIGS), "--out", "out", "--work", "work", "--samples", "4"]
    command += ["--only", "baseline-mobilenetv2", "--factor", "0.5", "--factor", "2"]
    done = CliRunner().invoke(learning_rates.main, command, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    found = json.loads((tmp_path / "out" / "learning_rates.json").read_text())["baseline-mobilenetv2"]
    # The recipe's 0.003 for 8 samples is half of that for 2.
    assert [row["learning_rate"] for row in found["runs"]] == [0.00075, 0.003]
    assert found["samples"] == 4 and found["best_factor"] in (0.5, 2)
    assert all(row["mean_iou"] is not None for row in found["runs"])

    def never(*_: object) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr(stage, "train", never)
    again = CliRunner().invoke(learning_rates.main, command, catch_exceptions=False)
    assert again.exit_code == 0 and again.stdout == done.stdout


def test_an_unknown_architecture_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    done = CliRunner().invoke(learning_rates.main, ["--only", "resnet"])
    assert done.exit_code == 1 and "--only resnet: no such architecture; known are anime-unet, " in done.output

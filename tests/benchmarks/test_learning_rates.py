"""The sweep of learning rates keeps a record, and does nothing twice."""

import json
import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from benchmarks import learning_rates
from benchmarks.models import RUNS
from cubiseg.segmentors.build import load_config
from cubiseg.training import stage
from cubiseg.training.recipe import learning_rate
from tests.conftest import ROOT
from tests.training.tiny_set import CONFIGS, params, write_dataset


@pytest.mark.slow
def test_each_rate_is_tried_once_and_a_factor_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
    assert found["samples"] == 4 and found["factor"] == learning_rates.chosen_factor(found["runs"])
    assert all(row["mean_iou"] is not None for row in found["runs"])

    def never(*_: object) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr(stage, "train", never)
    again = CliRunner().invoke(learning_rates.main, command, catch_exceptions=False)
    assert again.exit_code == 0 and again.stdout == done.stdout

    # A recipe that takes up what was found has the same runs.
    shutil.copytree(CONFIGS, tmp_path / "configs")
    config = tmp_path / "configs" / "baseline-mobilenetv2.py"
    config.write_text(config.read_text().replace("learning_rate=0.003,", "learning_rate=0.006, from_scratch=2.0,"))
    options = ["--configs", "configs", "--factor", "0.25", "--factor", "1"]
    taken = CliRunner().invoke(learning_rates.main, [*command[:-4], *options], catch_exceptions=False)
    assert taken.exit_code == 0, taken.output
    runs = json.loads((tmp_path / "out" / "learning_rates.json").read_text())["baseline-mobilenetv2"]["runs"]
    assert [row["factor"] for row in runs] == [0.25, 1]
    assert [row["key"] for row in runs] == [row["key"] for row in found["runs"]]


@pytest.mark.parametrize(
    ("scores", "factor"),
    [((0.09, 0.18, 0.14), 10), ((None, 0.058, 0.061), 10), ((0.01, 0.02, 0.06), 30), ((0.1, 0.09, None), 1)],
)
def test_the_lowest_factor_that_is_as_good_as_the_best_is_taken(
    scores: tuple[float | None, ...], factor: float
) -> None:
    rows = [{"factor": f, "mean_iou": score} for f, score in zip((1, 10, 30), scores, strict=True)]
    assert learning_rates.chosen_factor(rows) == factor


def test_recipes_are_what_the_kept_sweep_tried_and_name_the_factor_that_it_found() -> None:
    swept = json.loads((ROOT / "metrics" / learning_rates.RECORD).read_text())
    listed = yaml.safe_load(RUNS.read_text(encoding="utf-8"))["architectures"].values()
    assert set(swept) == {row["architecture"] for row in listed} - {"baseline-mobilenetv2-published"}
    for name, found in swept.items():
        runs = {row["factor"]: row["learning_rate"] for row in found["runs"]}
        assert found["samples"] == 1600 and len(runs) >= 3, name
        config = load_config(name, CONFIGS)
        own = learning_rate(config, params(architecture=name, learning_rate=None, batch_size=8))
        assert runs[1.0] == pytest.approx(own, rel=0.01), name
        if not any(row["started_from"] for row in found["runs"]):
            assert config.recipe.get("from_scratch", 1.0) == found["factor"], name
        else:
            assert "from_scratch" not in config.recipe, name


def test_an_unknown_architecture_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    done = CliRunner().invoke(learning_rates.main, ["--only", "resnet"])
    assert done.exit_code == 1 and "--only resnet: no such architecture; known are anime-unet, " in done.output

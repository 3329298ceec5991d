"""The benchmark of models trains, scores, exports and times each run, and goes on where it was stopped."""

import json
import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from benchmarks import models
from cubiseg.segmentors.build import architectures, load_config
from cubiseg.training.params import TrainParams
from stages.common import load_params
from tests import tiny
from tests.conftest import ROOT
from tests.training.tiny_set import CONFIGS, params, write_dataset

LISTED = yaml.safe_load(models.RUNS.read_text())


def test_every_architecture_of_the_folder_is_listed_and_every_run_has_valid_params() -> None:
    base = load_params("train", TrainParams, ROOT / "params.yaml")
    for kind, runs in LISTED.items():
        for name, differs in runs.items():
            run = models.changed(base, differs)
            assert (run != base) or name in (models.DEFAULT, models.MORE_DATA), (kind, name)
    named = {models.changed(base, differs).architecture for differs in LISTED["architectures"].values()}
    assert named == set(architectures(CONFIGS))
    warped = models.changed(base, LISTED["ablations"]["warp"]).augmentation
    assert warped.warp == 0.3 and warped.recolour_parts == base.augmentation.recolour_parts


def test_configs_of_ablations_differ_from_the_default_in_one_transform() -> None:
    default = load_config(models.DEFAULT, CONFIGS)
    changed = {"no-colour": "PhotoMetricDistortion", "no-flip": "FlipSides", "no-scale": "RandomScale"}
    assert set(changed) == set(architectures(models.ABLATIONS))
    assert set(changed) == {d["architecture"] for d in LISTED["ablations"].values() if "architecture" in d}
    for name, transform in changed.items():
        config = load_config(name, models.holder(name, CONFIGS))
        assert {key for key in default if config[key] != default[key]} == {"train_pipeline"}
        without = [step for step in default.train_pipeline if step["type"] != transform]
        assert [step for step in config.train_pipeline if step["type"] != transform] == without
        assert config.train_pipeline != default.train_pipeline
    assert models.holder(models.DEFAULT, CONFIGS) == CONFIGS


@pytest.mark.slow
def test_each_run_gets_its_rows_and_is_trained_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_dataset(tmp_path / "data")
    blocks = {"train": params(max_iters=2, parts=False).model_dump(), "evaluate": tiny.params("evaluate")}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(blocks))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(models, "ROUNDS", 1)
    monkeypatch.setattr(models, "STEPS", 1)
    monkeypatch.setattr(models, "DEFAULT", models.BASELINE)  # one network that is both is one training less
    shutil.copytree(CONFIGS, "configs")
    with Path("configs/baseline-mobilenetv2.py").open("a") as config:
        config.write("export = dict(dynamic=False)\n")  # written in a fifth of the time
    names = ("anime-unetformer", "baseline-mobilenetv2", "warp")
    command = ["--data", "data", "--configs", "configs", "--work", "work", "--out", "out", "--size", "96"]
    command += ["--jobs", "2", *(part for name in names for part in ("--only", name))]
    done = CliRunner().invoke(models.main, [*command, "--real", "data"], catch_exceptions=False)
    assert done.exit_code == 0, done.output

    report = json.loads((tmp_path / "out" / "benchmark.json").read_text())
    assert report["samples_seen"] == 4
    assert set(report["architectures"]) == set(names[:2]) and set(report["ablations"]) == {"warp"}
    former, baseline = report["architectures"]["anime-unetformer"], report["architectures"]["baseline-mobilenetv2"]
    assert former["cost"]["parameters"] == 2_826_922
    # Trained and exported at 64 px only, but timed at the size of the others.
    assert min(*former["latency_ms"].values(), *former["cost"].values(), *baseline["cost"].values()) > 0
    for name in ("test", "real"):
        assert former[name]["over"]["mean"] is not None and "over" not in baseline[name]
        assert set(former[name]["by_group"]) >= {"mean_iou", "mean_f1"}
    assert report["ablations"]["warp"]["differs"] == LISTED["ablations"]["warp"]
    regions, masks = report["references"].values()
    # Regions with perfect names are far better than what two steps learn, and no weights are no figure.
    assert regions["test"]["mean_iou"] > former["test"]["mean_iou"] and masks == models.NOT_MEASURED
    tables = (tmp_path / "out" / "benchmark.md").read_text().split("\n\n")
    for table in tables:
        lines = [line for line in table.splitlines() if line.startswith("|")]
        assert len({line.count("|") for line in lines}) <= 1
    assert "not measured (no weights)" in done.output
    assert (tmp_path / "out" / "benchmark.png").stat().st_size > 1000

    record = tmp_path / "work" / "anime-unetformer" / models.RECORD
    before = record.stat().st_mtime_ns
    run = models.changed(params(max_iters=2, parts=False), {"architecture": "anime-unetformer"})
    models.train_one(run, tmp_path / "configs", tmp_path / "data", record.parent)
    assert record.stat().st_mtime_ns == before
    monkeypatch.setattr(models, "export", lambda *_: None)
    models.train_one(models.changed(run, {"seed": 1}), tmp_path / "configs", tmp_path / "data", record.parent)
    assert record.stat().st_mtime_ns != before


@pytest.mark.slow
def test_what_cannot_be_shown_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = {"train": params(max_iters=2, parts=False).model_dump(), "evaluate": tiny.params("evaluate")}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(blocks))
    monkeypatch.chdir(tmp_path)
    for command, word in ((["--only", "resnet"], "no such run"), (["--no-train"], "nothing has been trained")):
        done = CliRunner().invoke(models.main, ["--out", "out", *command])
        assert done.exit_code == 1 and word in done.output and len(done.output.splitlines()) == 1

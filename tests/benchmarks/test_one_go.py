"""One go draws, trains, scores and exports within its time, also where steps take longer than they were timed."""

import json
import signal
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from benchmarks import one_go
from cubiseg.segmentors.weights import load_weights
from tests import tiny
from tests.training.tiny_set import CONFIGS, params

pytestmark = pytest.mark.slow


def go(folder: Path, monkeypatch: pytest.MonkeyPatch, minutes: float, **train: object) -> dict:
    blocks = {name: tiny.params(name) for name in ("prepare", "split", "evaluate", "export")}
    blocks["prepare"]["synthetic"] |= {"size": 128}
    blocks["split"] |= {"val": 0.2, "test": 0.2}
    blocks["evaluate"]["sheet_pictures"] = 2
    blocks["export"]["parity_inputs"] = 1
    blocks["train"] = params(precision="fp32", last_size=96, last_share=0.5, **train).model_dump()
    (folder / "params.yaml").write_text(yaml.safe_dump(blocks))
    monkeypatch.chdir(folder)
    monkeypatch.setattr(one_go, "TIMED", 1)
    command = ["--minutes", str(minutes), "--out", "go", "--pictures", "20", "--configs", str(CONFIGS)]
    done = CliRunner().invoke(one_go.main, command, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads((folder / "go" / "one_go.json").read_text())


def test_one_go_leaves_a_model_with_its_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fitting = one_go.steps_that_fit

    def few(*args: object) -> tuple[int, dict[str, float]]:
        steps, each = fitting(*args)  # type: ignore[arg-type]
        assert steps > 2
        return 2, each

    monkeypatch.setattr(one_go, "steps_that_fit", few)
    found = go(tmp_path, monkeypatch, 20)
    assert found["steps"] == 2 and found["samples"] == 4 and found["pictures"] == 20
    assert set(found["step_seconds"]) == {"64", "96"} and found["train"]["samples_seen"] == 4
    _, info = load_weights(tmp_path / "go/models/weights.safetensors", CONFIGS)
    assert info.input_size == (96, 96)
    for name in ("models/anime_advanced_seg.onnx", "metrics/evaluate.json", "params.yaml"):
        assert (tmp_path / "go" / name).is_file(), name


def test_a_training_that_is_slower_than_planned_is_ended_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cubiseg.training.hooks import KeepHook

    after = KeepHook.after_val_epoch

    def late(hook: KeepHook, runner: object, metrics: dict | None = None) -> None:
        after(hook, runner, metrics)
        signal.raise_signal(signal.SIGALRM)  # the time for training is over

    monkeypatch.setattr(KeepHook, "after_val_epoch", late)
    monkeypatch.setattr(one_go, "steps_that_fit", lambda *_: (8, {"64": 1.0, "96": 1.0}))
    found = go(tmp_path, monkeypatch, 20)
    assert found["train"]["ended"].startswith("in time")
    assert (tmp_path / "go/models/anime_advanced_seg.onnx").is_file()

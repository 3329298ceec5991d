from pathlib import Path

import pytest
from click.testing import CliRunner

from cubiseg.completion.model import open_completion
from cubiseg.completion_training.__main__ import main
from cubiseg.completion_training.params import CompletionParams
from cubiseg.params import read_yaml
from tests.completion_training.tiny import written
from tests.conftest import ROOT


def test_the_recipe_that_ships_can_be_read_and_says_every_key() -> None:
    params = read_yaml(ROOT / "completion.yaml", CompletionParams, "correct it")
    assert params.draw.size % 2 ** len(params.train.widths) == 0
    text = (ROOT / "completion.yaml").read_text(encoding="utf-8")
    assert all(f"{key}:" in text for block in (params.draw, params.train) for key in type(block).model_fields)


@pytest.mark.slow
def test_the_three_steps_make_a_file_that_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUBISEG_WORK", str(tmp_path / "work"))
    params, out = ["--params", str(written(tmp_path / "p.yaml"))], tmp_path / "c.onnx"
    runner = CliRunner()
    early = runner.invoke(main, ["train", *params])
    assert early.exit_code == 1 and early.stderr.startswith("error: ") and early.stderr.count("\n") == 1
    assert runner.invoke(main, ["draw", *params]).exit_code == 0
    early = runner.invoke(main, ["export", *params, "--out", str(out)])
    assert early.exit_code == 1 and "has no checkpoint" in early.stderr and not out.exists()
    assert runner.invoke(main, ["train", *params]).exit_code == 0
    done = runner.invoke(main, ["export", *params, "--out", str(out)])
    assert done.exit_code == 0 and "step 6 of 6" in done.stdout
    assert open_completion(out).size == 32


def test_a_wrong_key_is_one_line(tmp_path: Path) -> None:
    path = written(tmp_path / "p.yaml")
    path.write_text(path.read_text().replace('"steps":6', '"steps":0'))
    done = CliRunner().invoke(main, ["draw", "--params", str(path)])
    assert done.exit_code == 1 and "train.steps" in done.stderr and done.stderr.count("\n") == 1

"""``cubiseg doctor --remote`` finds the pipeline of the clone that it is called in, and runs no other module of it."""

import importlib
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from cubiseg.cli import main
from tests.conftest import ROOT


def test_it_works_in_any_folder_of_a_clone_and_takes_no_module_of_it_for_one_of_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("dvc")
    clone, installed = tmp_path / "clone", tmp_path / "lib/python/site-packages/cubiseg/cli/doctor.py"
    shutil.copytree(ROOT / "stages", clone / "stages")
    for folder in (clone, clone / "data"):
        folder.mkdir(exist_ok=True)
        (folder / "json.py").write_text("raise SystemExit('not the json of Python')")
    monkeypatch.setattr(importlib.import_module("cubiseg.cli.doctor"), "__file__", str(installed))
    for folder in (clone, clone / "data"):
        monkeypatch.chdir(folder)
        done = CliRunner().invoke(main, ["doctor", "--remote"])
        assert "run it in a clone of the repository" in capfd.readouterr().err, done.output
    monkeypatch.chdir(tmp_path)
    assert "go there and run it again" in CliRunner().invoke(main, ["doctor", "--remote"]).output

"""``python -m cubiseg.sources sheet`` replaces nothing that a person may have corrected, and no file of a model."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cubiseg.sources.__main__ import main


def draw(folder: Path, out: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["sheet", str(folder), "-o", str(out), *options])


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Settings that name nothing: what is wrong with a model shows only where it is read."""
    for file in ("a/b.model3.json", "a_b.model3.json"):
        (tmp_path / "in" / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / file).write_text("{}")
    return tmp_path / "in"


@pytest.mark.parametrize("there", ["a/b.parts.yaml", "a/b.png"])
def test_a_table_that_was_corrected_is_not_replaced_and_other_models_are_drawn(models: Path, there: str) -> None:
    out = models.parent / "out"
    mine = out / there
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    done = draw(models, out)
    told = done.output.splitlines()
    assert told[0] == f"{mine}: is there and stays as it is; --overwrite draws it again"
    assert len(told) == 2 and told[1].startswith(f"error: {models}/a_b.model3.json: "), "read, and broken"
    assert mine.read_text() == "mine"
    assert "stays as it is" not in draw(models, out, "--overwrite").output


def test_sheets_are_not_drawn_among_the_models(models: Path) -> None:
    for out in (models, models / "a"):
        done = draw(models, out)
        assert done.exit_code == 1 and "lies among the models" in done.output
    assert not list(models.rglob("*.png"))


def test_of_models_that_would_share_a_sheet_one_is_named(models: Path) -> None:
    (models / "a/b.model.json").write_text("{}")
    done = draw(models, models.parent / "out")
    assert done.exit_code == 1
    assert "a/b.model3.json: differs from a/b.model.json only in its suffix; rename one of them" in done.output

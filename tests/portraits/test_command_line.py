"""`python -m cubiseg.portraits`, and the pages that it draws."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from cubiseg import taxonomy
from cubiseg.imaging import read_picture
from cubiseg.portraits import draw
from cubiseg.portraits.__main__ import main
from cubiseg.portraits.catalogue import AXES
from cubiseg.portraits.openraster import read_layers
from tests.conftest import ROOT


def test_sheets_are_written_and_never_over_a_file(tmp_path: Path) -> None:
    def call(*args: object) -> int:
        return CliRunner().invoke(main, [str(a) for a in args]).exit_code

    out, lids = tmp_path / "sheet.png", tmp_path / "lids.png"
    args = ("sheet", out, "--count", 3, "--columns", 2, "--tile", 64, "--labels")
    assert call(*args) == 0
    assert read_picture(out).rgb.shape == (3 * 64, 2 * 64, 3)
    assert call(*args) == 2
    told = tmp_path / "told.png"
    assert call("sheet", told, "--count", 2, "--columns", 6, "--tile", 64, "--labels", "--parts") == 0
    rgb = read_picture(told).rgb
    assert rgb.shape[1] == 6 * 64 and rgb.shape[0] > 64 + 18 * 12  # three tiles a portrait, and every leaf's name
    assert np.array_equal(rgb[32, 2 * 64 + 32], taxonomy.COLOURS[draw(0, 0, 128, 1).parts[64, 64]])
    assert call("sheet", tmp_path / "sheet.txt", "--count", 1, "--tile", 32) == 2
    assert call("axis", "hats", lids) == 2
    assert call("axis", "lids", lids, "--columns", 2, "--tile", 64) == 0
    assert read_picture(lids).rgb.shape == (len(AXES["lids"].kinds) * (64 + 20), 2 * 64, 3)
    assert "hair front (the fringe): zigzag" in CliRunner().invoke(main, ["axes"]).output


def test_ctrl_c_ends_a_sheet_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cubiseg.portraits.__main__.draw", interrupted)
    result = CliRunner().invoke(main, ["sheet", str(tmp_path / "sheet.png"), "--count", "2"])
    assert result.exit_code == 130 and list(tmp_path.iterdir()) == []
    assert result.output.startswith("stopped by Ctrl-C") and len(result.output.splitlines()) == 1


def test_the_layers_of_a_picture_are_written_on_request(tmp_path: Path) -> None:
    args = ["layers", str(tmp_path / "one.ora"), "--index", "2", "--size", "96"]
    assert CliRunner().invoke(main, args).exit_code == 0
    assert np.array_equal(read_layers(tmp_path / "one.ora").image, draw(0, 2, 96, 1).image)
    assert CliRunner().invoke(main, args).exit_code == 2
    told = tmp_path / "told.ora"
    assert CliRunner().invoke(main, ["layers", str(told), "--index", "2", "--size", "96", "--parts"]).exit_code == 0
    back = read_layers(told)
    assert np.array_equal(back.parts, draw(0, 2, 96, 1).parts)
    assert {"hair_front", "hair_back", "neck"} <= {part for layer in back.layers for part in layer.parts}


def test_the_documents_show_every_axis() -> None:
    page = (ROOT / "docs/generator.md").read_text(encoding="utf-8")
    for name in AXES:
        picture = f"img/generator/{name.replace(' ', '-')}.webp"
        assert f"### {name}\n" in page and picture in page, name
        assert (ROOT / "docs" / picture).is_file(), picture

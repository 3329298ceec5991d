"""What ``cubiseg layers --label`` cuts by, and what it refuses."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from cubiseg.cli import main
from cubiseg.label_maps import write_label
from tests.inference.palette import portrait


@pytest.fixture
def segments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A picture with a map beside it; gives the JSON that tells what the map holds."""
    monkeypatch.chdir(tmp_path)
    picture, label = portrait(96, 96, False)
    Image.fromarray(picture.rgb).save("art.png")
    write_label(Path("segments.png"), label)
    return Path("segments.json")


def cut() -> Result:
    arguments = ["layers", "art.png", "--label", "segments.png", "-o", "layers"]
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def test_segments_without_names_are_no_label_map_to_cut_by(segments: Path) -> None:
    segments.write_text(json.dumps({"level": "segment"}))
    done = cut()
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert done.exit_code == 1 and "segments.png: holds segments without names; run without --label" in line
    assert "Traceback" not in done.stderr and not Path("layers/art").exists()


@pytest.mark.parametrize("facts", ['{"level": "class"}', "[]", "no JSON"])
def test_other_facts_beside_a_label_map_are_no_hindrance(segments: Path, facts: str) -> None:
    segments.write_text(facts)
    assert cut().exit_code == 0 and Path("layers/art/layers.psd").is_file()

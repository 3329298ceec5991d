"""What is saved into a folder is cut once it is whole, again when it is saved again, and nothing else is touched."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from cubiseg.cli import main
from cubiseg.errors import CubisegError
from cubiseg.inference import SegmentationParams, open_segmenter
from cubiseg.integration import Job, cut_saved, illustrations
from cubiseg.integration.watching import Saved
from cubiseg.layers import LayerParams
from tests.inference.palette import portrait, write_model

A, B = Path("a.png"), Path("b.png")


def test_a_picture_is_taken_when_two_looks_in_a_row_see_it_alike() -> None:
    saved = Saved()
    looks = [{A: (1, 10)}, {A: (2, 20), B: (1, 5)}, {A: (3, 30), B: (1, 5)}, {A: (3, 30), B: (1, 5)}]
    assert [saved.look(now) for now in looks] == [[], [], [B], [A]]


def test_a_picture_that_stays_as_it_is_is_taken_once_though_it_goes_and_comes_back() -> None:
    saved = Saved()
    looks: list[dict[Path, tuple[int, ...]]] = [{A: (1,)}, {A: (1,)}, {}, {A: (1,)}, {A: (1,)}, {A: (2,)}, {A: (2,)}]
    assert [saved.look(now) for now in looks] == [[], [A], [], [], [], [], [A]]


def test_what_is_done_already_is_taken_when_it_changes() -> None:
    saved = Saved()
    saved.done(A, (1,))
    assert [saved.look({A: stamp}) for stamp in ((1,), (1,), (2,), (2,))] == [[], [], [], [A]]


@pytest.fixture
def drawings(tmp_path: Path) -> Path:
    (tmp_path / "drawings").mkdir()
    write_model(tmp_path / "m.onnx", parts=True)
    return tmp_path / "drawings"


def save(path: Path, width: int = 128) -> Path:
    """Save a portrait as painting programs do: beside, then renamed."""
    part = path.with_name(f".{path.name}.part")
    Image.fromarray(portrait(160, width)[0].rgb).save(part, "PNG")
    part.replace(path)
    return path


def job(folder: Path) -> Job:
    segmentation = SegmentationParams(fallback=("slic",), look="once")
    return Job(folder / "out", LayerParams(), segmentation, folder / "m.onnx", must_run=True)


def width_of(folder: Path) -> int:
    width = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["width"]
    assert isinstance(width, int)
    return width


def test_the_model_is_read_once_and_only_what_is_saved_is_cut(
    tmp_path: Path, drawings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []

    def counting(*arguments: object, **options: object) -> object:
        opened.append(arguments)
        return open_segmenter(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(illustrations, "open_segmenter", counting)
    done = save(drawings / "done.png")
    (tmp_path / "out/done").mkdir(parents=True)
    (tmp_path / "out/done/manifest.json").write_text("{}")  # it is newer
    waiting = save(drawings / "waiting.png")
    faults: list[CubisegError] = []
    results = cut_saved(job(tmp_path), drawings, faults.append, lambda path: path.name == "label.png", 0.05)
    assert next(results).image == waiting
    save(drawings / "label.png")
    save(waiting, 160)
    again = next(results)
    assert again.image == waiting and again.manifest is not None and width_of(again.folder) == 160
    (drawings / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    broken = next(results)
    assert broken.image == drawings / "broken.png" and broken.manifest is None and "broken.png" in str(broken.error)
    results.close()
    assert len(opened) == 1 and faults == []
    assert (tmp_path / "out/done/manifest.json").read_text() == "{}" and done.is_file()


def test_folders_are_named_as_without_watch_and_what_is_passed_over_takes_no_name(
    tmp_path: Path, drawings: Path
) -> None:
    art, passed = save(drawings / "art.png"), save(drawings / "other.png")
    save(drawings / "other.webp")
    results = cut_saved(job(tmp_path), drawings, lambda error: None, lambda path: path == passed, pause=0.05)
    assert {next(results).folder.name for _ in range(2)} == {"art", "other"}
    save(drawings / "art.webp")
    assert next(results).folder.name == "art_webp"
    save(art, 160)
    assert next(results).folder.name == "art_png"
    results.close()


def test_a_result_that_was_changed_is_named_and_kept(tmp_path: Path, drawings: Path) -> None:
    art = save(drawings / "art.png")
    results = cut_saved(job(tmp_path), drawings, lambda error: None, pause=0.05)
    assert next(results).manifest is not None
    (tmp_path / "out/art/layers.psd").write_bytes(b"mine")
    save(art, 160)
    refused = next(results)
    assert refused.manifest is None and "was changed since cubiseg wrote it" in str(refused.error)
    assert (tmp_path / "out/art/layers.psd").read_bytes() == b"mine"
    results.close()


def test_a_folder_that_goes_away_is_told_once_and_looked_at_again(tmp_path: Path, drawings: Path) -> None:
    faults: list[CubisegError] = []

    def hear(error: CubisegError) -> None:
        faults.append(error)
        away.rename(drawings)  # it is back
        save(drawings / "new.png")

    results = cut_saved(job(tmp_path), drawings, hear, pause=0.05)
    away = tmp_path / "away"
    drawings.rename(away)
    assert next(results).image == drawings / "new.png"
    assert len(faults) == 1 and "drawings: cannot be listed" in str(faults[0])
    results.close()


def test_no_folder_and_no_model_are_errors_of_the_call(tmp_path: Path, drawings: Path) -> None:
    with pytest.raises(CubisegError, match="is no folder; name the one that pictures are saved into"):
        cut_saved(job(tmp_path), tmp_path / "art.png", lambda error: None)
    (tmp_path / "m.onnx").unlink()
    with pytest.raises(CubisegError, match="no such model file"):
        cut_saved(job(tmp_path), drawings, lambda error: None)


@pytest.mark.slow
def test_the_command_goes_on_until_ctrl_c(tmp_path: Path, drawings: Path) -> None:
    command = [sys.executable, "-m", "cubiseg", "layers", "--watch", "drawings", "-o", "out", "--model", "m.onnx"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as on:
        assert on.stdout is not None and on.stderr is not None
        told = "drawings: pictures saved into it are cut into out; Ctrl-C ends it"
        assert on.stderr.readline().strip() == told
        (drawings / "note.txt").write_text("no picture")
        (drawings / "broken.png").write_bytes(b"no picture either")
        assert on.stderr.readline().startswith("error: drawings/broken.png: ")
        save(drawings / "art.png")
        assert on.stdout.readline().startswith("drawings/art.png -> out/art  ")
        on.send_signal(signal.SIGINT)
        assert on.wait(60) == 130
        assert on.stderr.read().splitlines()[-1].startswith("stopped by Ctrl-C")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["art"]
    assert sorted(path.name for path in drawings.iterdir()) == ["art.png", "broken.png", "note.txt"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["one", "two"], "--watch looks at one folder, 2 are given; start it once for each"),
        (["one", "--label", "l.png"], "l.png: is the label map of one picture; leave out --label or --watch"),
        (["missing"], "missing: is no folder; name the one that pictures are saved into"),
    ],
)
def test_what_cannot_be_watched_is_a_usage_error_in_one_line(arguments: list[str], told: str) -> None:
    done = CliRunner().invoke(main, ["layers", "--watch", *arguments, "-o", "out", "--backend", "slic"])
    assert done.exit_code == 2 and done.stderr == f"error: {told}\n"

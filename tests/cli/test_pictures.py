"""Arguments of the commands: odd ones are one line each, the rest is done, and nothing is fed back or left half."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from cubiseg.files import atomic_write
from cubiseg.label_maps import read_label
from tests.cli.test_cli import Call, call, draw, model
from tests.picture_files.files import chunk, with_chunks

__all__ = ["call", "model"]  # fixtures


@pytest.mark.parametrize("command", ["predict", "layers"])
def test_one_unreadable_argument_is_one_line_and_the_rest_is_done(
    call: Call, model: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    for name in ("good.png", "noperm.png"):
        draw(Path(name))
    access, opened = os.access, open

    def denied(path: object, *rest: object, **kwargs: object) -> object:
        if not isinstance(path, int) and Path(os.fsdecode(path)).name == "noperm.png":  # type: ignore[arg-type]
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *rest, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr("os.access", lambda path, mode: "noperm" not in str(path) and access(path, mode))
    monkeypatch.setattr("builtins.open", denied)
    monkeypatch.setattr("io.open", denied)
    done = call(command, "good.png", "noperm.png", "-o", "out", "--model", model)
    lines = done.stderr.splitlines()
    assert done.exit_code == 1 and [line for line in lines if "noperm" in line] == [lines[0]], done.stderr
    assert lines[0] == "error: noperm.png: may not be read; check its permissions"
    assert lines[-1] == "1 done, 1 failed" and any(Path("out").iterdir())


@pytest.mark.parametrize("command", ["predict", "layers"])
def test_a_path_that_is_too_long_is_one_line_wherever_it_stands(call: Call, model: Path, command: str) -> None:
    draw(Path("good.png"))
    long = "x" * 300
    done = call(command, "good.png", f"{long}.png", "-o", "out", "--model", model)
    assert done.exit_code == 1 and "1 done, 1 failed" in done.stderr and "too long" in done.stderr
    for arguments in (("-o", f"new/{long}", "--model", model), ("-o", "out2", "--model", f"{long}.onnx")):
        done = call(command, "good.png", *arguments)
        assert done.exit_code == 2 and done.stderr.count("\n") == 1 and done.stderr.startswith("error: ")
        assert "unexpected" not in done.stderr
    assert not Path("new").exists() and not Path("out2").exists()


def test_other_commands_take_a_path_that_is_too_long_as_one_line_too(call: Call, model: Path) -> None:
    done = call("evaluate", "--data", "x" * 300, "--model", model)
    assert done.exit_code == 2 and done.stderr.count("\n") == 1 and "unexpected" not in done.stderr


@pytest.mark.parametrize("length", range(250, 256))
def test_a_name_of_any_length_leaves_both_files_or_none(call: Call, model: Path, length: int) -> None:
    for suffix in (".png", ".jpeg"):
        name = "é" * 40 + "y" * (length - 80 - len(suffix)) + suffix
        draw(Path("in") / name)
    done = call("predict", "in", "-o", "out", "--model", model)
    written = list(Path("out").iterdir()) if Path("out").exists() else []
    stems = {p.name.rpartition(".")[0] for p in written}
    assert len(written) == 2 * len(stems), [p.name[-8:] for p in written]
    failed = 2 - len(stems)
    assert done.exit_code == (1 if failed else 0)
    assert sum(line.startswith("error: ") and "rename it" in line for line in done.stderr.splitlines()) == failed


def test_a_label_map_that_cannot_be_written_leaves_no_facts_alone(
    call: Call, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(Path("art.png"))
    whole = atomic_write

    def full(path: Path, mode: str = "wb") -> object:
        if path.suffix == ".png":
            raise OSError(28, "No space left on device")
        return whole(path, mode)

    with monkeypatch.context() as patch:
        patch.setattr("cubiseg.files.atomic_write", full)
        done = call("predict", "art.png", "-o", "out", "--model", model)
    assert done.exit_code == 1 and done.stderr.count("\n") == 1 and "art.png: cannot be read or written" in done.stderr
    assert not list(Path("out").iterdir())
    call("predict", "art.png", "-o", "out", "--model", model)
    before = {path: path.read_bytes() for path in Path("out").iterdir()}
    draw(Path("art.png"), size=(200, 200))
    with monkeypatch.context() as patch:
        patch.setattr("cubiseg.files.atomic_write", full)
        assert call("predict", "art.png", "-o", "out", "--model", model).exit_code == 1
    assert {path: path.read_bytes() for path in Path("out").iterdir()} == before


def test_labelling_a_folder_into_itself_feeds_no_label_map_back(call: Call, model: Path) -> None:
    label = draw(Path("in/a.jpg"))
    draw(Path("in/b.webp"))
    for _ in range(3):
        done = call("predict", "in", "-o", "in", "--model", model, "--json")
        assert done.exit_code == 0, done.stderr
        assert [Path(r["label"]).name for r in json.loads(done.stdout)] == ["a.png", "b.png"]
        assert {p.name for p in Path("in").iterdir()} == {"a.jpg", "b.webp", "a.png", "b.png", "a.json", "b.json"}
    assert "2 passed over, label maps that cubiseg predict wrote: a.png, b.png" in done.stderr
    assert (read_label(Path("in/a.png")) == label).mean() > 0.9
    cut = call("layers", "in", "-o", "out", "--model", model)
    assert {p.name for p in Path("out").iterdir()} == {"a", "b"} and cut.exit_code == 0
    alone = call("predict", "in/a.png", "-o", "out", "--model", model)
    assert alone.exit_code == 1 and "only label maps of former runs" in alone.stderr


def test_a_file_of_the_user_beside_the_outputs_is_kept(call: Call, model: Path) -> None:
    draw(Path("art.jpg"))
    Path("out").mkdir()
    Path("out/art.json").write_text('{"frames": {}}')
    done = call("predict", "art.jpg", "-o", "out", "--model", model)
    assert done.exit_code == 1 and "art.json: is no former result" in done.stderr
    assert {p.name: p.read_text() for p in Path("out").iterdir()} == {"art.json": '{"frames": {}}'}
    draw(Path("out/art.png"))  # a sprite sheet with its atlas
    before = Path("out/art.png").read_bytes()
    assert call("predict", "art.jpg", "-o", "out", "--model", model).exit_code == 1
    assert Path("out/art.png").read_bytes() == before


def paint(path: Path) -> None:
    with Image.open(path) as image:
        painted = image.copy()
    painted.putpixel((0, 0), 5)
    painted.save(path)


def forget_hash(path: Path) -> None:
    facts = json.loads(path.with_suffix(".json").read_text())
    del facts["label_sha256"]  # as former versions wrote them
    path.with_suffix(".json").write_text(json.dumps(facts))


@pytest.mark.parametrize("change", [paint, forget_hash, lambda path: path.write_bytes(b"somebody else's")])
def test_a_label_map_that_was_painted_on_is_kept_unless_it_may_be_overwritten(
    call: Call, model: Path, change: Callable[[Path], None]
) -> None:
    for name in ("a", "b"):
        draw(Path(f"in/{name}.jpg"))
    for _ in range(2):  # one's own results are replaced
        assert call("predict", "in", "-o", "out", "--model", model).exit_code == 0
    written, target = Path("out/a.png").read_bytes(), Path("out/a.png")
    change(target)
    painted, facts = target.read_bytes(), target.with_suffix(".json").read_bytes()
    done = call("predict", "in", "-o", "out", "--model", model)
    assert done.exit_code == 1 and "1 done, 1 failed" in done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert line.startswith("error: out/a.png: ") and "--overwrite" in line and "another -o" in line
    assert (target.read_bytes(), target.with_suffix(".json").read_bytes()) == (painted, facts)
    assert call("predict", "in", "-o", "out", "--model", model, "--overwrite").exit_code == 0
    assert target.read_bytes() == written


def test_overwrite_never_replaces_the_picture_itself(call: Call, model: Path) -> None:
    draw(Path("art.png"))
    before = Path("art.png").read_bytes()
    done = call("predict", "art.png", "-o", ".", "--model", model, "--overwrite")
    assert done.exit_code == 1 and "art.png: would be replaced by its own label map" in done.stderr
    assert Path("art.png").read_bytes() == before and not Path("art.json").exists()


def test_a_label_map_saved_again_as_colours_is_not_fed_back(call: Call, model: Path) -> None:
    draw(Path("in/a.jpg"))
    call("predict", "in", "-o", "in", "--model", model)
    with Image.open("in/a.png") as image:
        colours = image.convert("RGB")
    colours.save("in/a.png")
    done = call("predict", "in", "-o", "out", "--model", model, "--json")
    assert [Path(r["image"]).name for r in json.loads(done.stdout)] == ["a.jpg"]


def test_what_a_folder_holds_besides_pictures_is_named(call: Call, model: Path) -> None:
    draw(Path("in/art.png"))
    for name in ("notes.txt", "art.psd", "anim.gif", "c.json", "d.json", "e.json", "f.json"):
        (Path("in") / name).write_text("x")
    (Path("in") / ".hidden").touch()
    done = call("predict", "in", "-o", "out", "--model", model)
    assert done.exit_code == 0
    assert done.stderr == (
        "warning: in: 7 passed over, not PNG, JPEG or WebP by their names: anim.gif, art.psd, c.json, d.json, e.json"
        " and 2 more\n"
    )


@pytest.mark.parametrize("command", ["predict", "layers"])
def test_a_file_with_a_wrong_suffix_is_named_by_what_it_is(call: Call, model: Path, command: str) -> None:
    draw(Path("good.png"))
    Path("page.png").write_text("<!DOCTYPE html><title>403</title>")
    done = call(command, "good.png", "page.png", "-o", "out", "--model", model)
    assert done.exit_code == 1 and "page.png: is a web page (HTML)" in done.stderr


@pytest.mark.parametrize("command", ["predict", "layers"])
def test_what_may_be_wrong_with_a_picture_reaches_the_user_and_the_json(call: Call, model: Path, command: str) -> None:
    draw(Path("in/whole.png"))
    draw(Path("in/hdr.png"))
    content = Path("in/hdr.png").read_bytes()
    Path("in/hdr.png").write_bytes(with_chunks(content, chunk(b"cICP", bytes([9, 16, 0, 1]))))
    result = call(command, "in", "-o", "out", "--model", model)
    assert result.exit_code == 0
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("warning: in/hdr.png: ")]
    assert "9/16/0/1 by its chunk cICP, PQ (HDR); it is passed over" in line and "whole.png" not in result.stderr
    for name, count in (("whole", 0), ("hdr", 1)):
        facts = Path(f"out/{name}.json" if command == "predict" else f"out/{name}/manifest.json")
        warnings = json.loads(facts.read_text())["warnings"]
        assert len(warnings) == count and all(warning in line for warning in warnings)


@pytest.mark.parametrize("columns", ["20", "80"])
def test_a_table_shows_paths_whole_where_nobody_looks_at_it_in_a_terminal(
    call: Call, model: Path, columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    names = [f"in/a portrait with a very long name that goes on and on, [number] {i}.png" for i in range(2)]
    for name in names:
        draw(Path(name))
    lines = call("layers", "in", "-o", "some folder/for [bold]the results/", "--model", model).stdout.splitlines()
    for name in names:
        (line,) = [line for line in lines if name in line]
        assert f"some folder/for [bold]the results/{Path(name).stem}" in line and line == line.rstrip()

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from cubiseg import taxonomy
from cubiseg.cli import main
from cubiseg.cli.console import Command
from cubiseg.imaging import Picture
from cubiseg.inference import Segmentation
from cubiseg.label_maps import colourise, read_label, write_label
from cubiseg.layers import PROFILES
from tests.completion.flat import write_completion
from tests.completion.lama import write_lama
from tests.evaluation.test_labelled_folder import decode_parts, write_parts
from tests.inference.palette import portrait, portrait_parts, write_model

Call = Callable[..., Result]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Run the command in an empty folder without a model of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CUBISEG_MODEL", raising=False)
    monkeypatch.setattr("cubiseg.inference.model_file._roots", lambda: iter([Path()]))
    return lambda *arguments: CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "model.onnx")


def draw(path: Path, alpha: bool = False, size: tuple[int, int] = (160, 160)) -> np.ndarray:
    """Write a picture in palette colours; gives its label map."""
    picture, label = portrait(*size, alpha)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture.rgba() if alpha else picture.rgb).save(path, quality=95)
    return label


def test_predict_writes_the_label_map_and_its_facts(call: Call, model: Path) -> None:
    label = draw(Path("art.png"))
    run = ("predict", "art.png", "-o", "out", "--model", model, "--look", "once")  # the model knows no sides
    done = call(*run)
    assert done.exit_code == 0, done.stderr
    assert np.array_equal(read_label(Path("out/art.png")), label)
    with Image.open("out/art.png") as image:
        assert image.mode == "P" and image.getpalette()[3:6] == list(taxonomy.PALETTE[1])
    facts = json.loads(Path("out/art.json").read_text())
    assert facts["classes"] == list(taxonomy.NAMES) and facts["classes"][1] == "hair"
    assert facts["confidence"]["mean"] > 0.9 and set(facts["confidence"]["classes"]) == set(taxonomy.NAMES)
    assert facts["architecture"] == "anime-unet" and facts["warnings"] == []
    assert (facts["look"], facts["heads"]) == ("once", []) and facts["face"] > 0.5
    again = Path("out/art.json").read_bytes()
    assert call(*run).exit_code == 0
    assert Path("out/art.json").read_bytes() == again


@pytest.fixture
def model_of_parts(tmp_path: Path) -> Path:
    return write_model(tmp_path / "parts.onnx", parts=True)


def test_predict_writes_parts_where_the_model_tells_them_and_classes_where_they_are_asked_for(
    call: Call, model: Path, model_of_parts: Path
) -> None:
    told = portrait_parts(160, 160)
    Image.fromarray(colourise(told)).save("art.png")
    for out, file, options, level in (
        ("parts", model_of_parts, (), "part"),
        ("classes", model_of_parts, ("--level", "class"), "class"),
        ("old", model, ("--level", "part"), "class"),
    ):
        run = ("predict", "art.png", "-o", out, "--model", file, "--look", "once")
        assert call(*run, *options).exit_code == 0
        label, facts = read_label(Path(out, "art.png")), json.loads(Path(out, "art.json").read_text())
        assert facts["level"] == level and facts["classes"] == list(taxonomy.NAMES)
        assert {str(i) for i in np.unique(label)} <= set(facts["names"])
        assert all(taxonomy.PART_ID[name] == int(number) for number, name in facts["names"].items())
        if out != "old":
            assert np.array_equal(label, told if level == "part" else taxonomy.CLASS_OF[told])


def test_layers_are_by_part_where_the_model_tells_parts(call: Call, model_of_parts: Path) -> None:
    Image.fromarray(colourise(portrait_parts(160, 160))).save("art.png")
    run = ("layers", "art.png", "--model", model_of_parts, "--look", "once", "--json")
    names = {}
    for level in ("class", "part"):
        done = call(*run, "-o", level, "--level", level)
        (facts,) = json.loads(done.stdout)
        names[level] = {layer["name"] for layer in facts["layers"]}
        assert call("lint", f"{level}/art/layers.psd").exit_code == 0
    assert {"hair", "eyesL"} < names["class"] and {"hair_front", "eye_left_iris", "face"} < names["part"]
    pieces = json.loads(call(*run, "-o", "split", "--split", "lips", "--split", "hair").stdout)
    assert {layer["class"] for layer in pieces[0]["layers"] if layer["piece"]} <= {"hair", "mouth"}
    wrong = call(*run, "-o", "no", "--split", "fringe")
    assert wrong.exit_code == 2 and "'fringe' is no part or class" in wrong.stderr and not Path("no").exists()


def test_the_look_and_the_heads_are_told_by_label_map_and_manifest(
    call: Call, model_of_parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A palette does not know left from right in the mirrored picture, so its mean with it is sure of no side.
    monkeypatch.setattr("cubiseg.inference.faces.FACE", 0.3)
    told = np.zeros((640, 640), np.uint8)
    for top, left, height in ((10, 10, 440), (450, 460, 150)):
        told[top : top + height, left : left + height * 4 // 5] = portrait_parts(height, height * 4 // 5)
    Image.fromarray(colourise(told)).save("art.png")
    for number, options in enumerate(((), ("--look", "twice"), ("--all-characters",), ("--look", "once"))):
        run = ("art.png", "--model", model_of_parts, *options)
        assert call("predict", *run, "-o", f"labels{number}").exit_code == 0
        facts = json.loads(Path(f"labels{number}", "art.json").read_text())
        assert call("layers", *run, "-o", f"layers{number}").exit_code == 0
        manifest = json.loads(Path(f"layers{number}", "art", "manifest.json").read_text())
        assert (facts["look"], facts["heads"]) == (manifest["look"], manifest["heads"])
        assert facts["look"] == (options[1] if "--look" in options else "flipped")
        assert [head["seen_again"] for head in facts["heads"]] == (
            [] if facts["look"] == "once" else [True, "--all-characters" in options]
        )
    assert facts["heads"] == []


def test_predict_prints_json_for_machines(call: Call, model: Path) -> None:
    draw(Path("a.png"))
    done = call("predict", "a.png", "missing.png", "-o", "out", "--model", model, "--json")
    (only,) = json.loads(done.stdout)
    assert done.exit_code == 1 and only["image"] == "a.png" and only["label"] == "out/a.png"
    assert "missing.png: no such file" in done.stderr


def test_layers_writes_the_folder_and_lint_has_nothing_to_say(call: Call, model: Path) -> None:
    draw(Path("art.png"), alpha=True)
    done = call("layers", "art.png", "-o", "out", "--model", model)
    assert done.exit_code == 0, done.stderr
    written = {"png", "layers.psd", "manifest.json", "preview.png", "preview.html"}
    assert {p.name for p in Path("out/art").iterdir()} == written
    assert Path("out/art/png/eyesL_001.png").is_file()
    linted = call("lint", "out/art/layers.psd")
    assert linted.exit_code == 0 and linted.stdout == "out/art/layers.psd: no findings\n"
    assert call("layers", "art.png", "-o", "out", "--model", model, "--profile", "flat", "--full-canvas").exit_code == 0
    assert Image.open("out/art/png/eye_left_001.png").size == (160, 160)
    assert not Path("out/art/png/eyesL_001.png").exists()


def test_layers_run_again_stops_at_a_file_that_was_changed_and_offers_a_way_out(call: Call, model: Path) -> None:
    draw(Path("in/art.png"))
    draw(Path("in/other.png"))
    run = ("layers", "in", "-o", "out", "--model", model)
    assert call(*run).exit_code == 0
    Path("out/art/layers.psd").write_bytes(b"mine")
    done = call(*run)
    assert done.exit_code == 1 and done.stderr.splitlines() == [
        "error: out/art/layers.psd: was changed since cubiseg wrote it and is not replaced; "
        "--overwrite replaces what cubiseg wrote, -o names another folder",
        "1 done, 1 failed",
    ]
    assert Path("out/art/layers.psd").read_bytes() == b"mine"
    assert call(*run, "--overwrite").exit_code == 0 and call(*run).exit_code == 0


def test_the_background_can_be_left_out(call: Call, model: Path) -> None:
    draw(Path("art.png"))
    done = call("layers", "art.png", "-o", "out", "--model", model, "--background", "drop", "--json")
    (facts,) = json.loads(done.stdout)
    assert done.exit_code == 0 and facts["background"] == "drop"
    assert "background" not in [layer["class"] for layer in facts["layers"]]
    assert not Path("out/art/png/background_001.png").exists()
    assert call("layers", "art.png", "-o", "out", "--model", model, "--background", "none").exit_code == 2


def test_slic_needs_no_model_and_says_that_it_guesses(call: Call) -> None:
    draw(Path("art.png"))
    done = call("layers", "art.png", "-o", "out", "--backend", "slic")
    assert done.exit_code == 0 and "warning: art.png: low confidence: slic only guesses" in done.stderr


def test_a_picture_without_a_face_is_cut_into_segments_with_a_warning_and_fails_where_nothing_may(
    call: Call, model: Path
) -> None:
    Image.fromarray(np.kron([[30, 220], [120, 170]], np.ones((70, 60))).astype(np.uint8)).convert("RGB").save("sea.png")
    done = call("layers", "sea.png", "-o", "out", "--model", model, "--segments", "3")
    assert done.exit_code == 0 and "warning: sea.png: no drawn face was found" in done.stderr
    assert sorted(path.name for path in Path("out/sea/png").iterdir()) == [f"segment_00{n}.png" for n in (1, 2, 3)]
    done = call("predict", "sea.png", "-o", "labels", "--model", model, "--segments", "2")
    facts = json.loads(Path("labels/sea.json").read_text())
    assert done.exit_code == 0 and facts["level"] == "segment"
    assert facts["names"] == {"0": "background", "1": "segment_001", "2": "segment_002"}
    assert np.unique(np.array(Image.open("labels/sea.png"))).tolist() == [1, 2]
    failed = call("layers", "sea.png", "-o", "no", "--model", model, "--fallback", "none")
    assert failed.exit_code == 1 and failed.stderr.startswith("error: sea.png: no drawn face was found")
    assert failed.stderr.count("\n") == 1 and not Path("no/sea").exists()


def test_without_a_model_one_line_says_how_to_get_one(call: Call) -> None:
    draw(Path("art.png"))
    done = call("layers", "art.png", "-o", "out")
    assert done.exit_code == 2 and done.stderr.count("\n") == 1
    assert "dvc pull" in done.stderr and "--model" in done.stderr and "--backend slic" in done.stderr
    assert not Path("out").exists()
    taken_over = call("layers", "art.png", "-o", "out", "--fallback", "slic")
    assert taken_over.exit_code == 0 and "anime-advanced could not run, slic took over" in taken_over.stderr


@pytest.mark.parametrize(
    "bad", [("--backend", "mystery"), ("--backend", "sam-hq"), ("--model", "none.onnx"), ("--fallback", "mystery")]
)
def test_what_cannot_be_carried_out_is_a_usage_error_in_one_line(call: Call, bad: tuple[str, str]) -> None:
    draw(Path("art.png"))
    done = call("predict", "art.png", "-o", "out", *bad)
    assert done.exit_code == 2 and done.stderr.startswith("error: ") and done.stderr.count("\n") == 1


def test_bad_inputs_are_named_and_the_others_done(call: Call, model: Path) -> None:
    folder = Path("in")
    draw(folder / "good.png")
    draw(folder / "photo.jpg")
    (folder / "empty.png").write_bytes(b"")
    (folder / "cut.png").write_bytes((folder / "good.png").read_bytes()[:300])
    draw(folder / "tiny.png", size=(32, 32))
    done = call("layers", folder, "absent.png", "-o", "out", "--model", model)
    assert done.exit_code == 1
    for name in ("empty.png", "cut.png", "tiny.png", "absent.png"):
        assert sum(name in line for line in done.stderr.splitlines()) == 1
    assert "2 done, 4 failed" in done.stderr
    assert {p.name for p in Path("out").iterdir()} == {"good", "photo"}


def test_an_input_is_never_overwritten(call: Call, model: Path) -> None:
    draw(Path("in/art.png"))
    before = Path("in/art.png").read_bytes()
    done = call("predict", "in/art.png", "-o", "in", "--model", model)
    assert done.exit_code == 1 and "choose another -o folder" in done.stderr
    # art.jpg would be written over art.png, which is somebody's picture too.
    draw(Path("art.jpg"))
    assert call("predict", "art.jpg", "-o", "in", "--model", model).exit_code == 1
    assert Path("in/art.png").read_bytes() == before
    # layers would replace the folder out/art, in which the input lies.
    draw(Path("out/art/art.png"))
    assert call("layers", "out/art/art.png", "-o", "out", "--model", model).exit_code == 1
    assert Path("out/art/art.png").read_bytes() == before


def test_pictures_with_one_stem_get_outputs_of_their_own(call: Call, model: Path) -> None:
    draw(Path("in/a.png"))
    draw(Path("in/a.jpg"))
    assert call("predict", "in", "-o", "out", "--model", model).exit_code == 0
    assert {p.name for p in Path("out").iterdir()} == {"a_png.png", "a_png.json", "a_jpg.png", "a_jpg.json"}
    draw(Path("other/a.png"))
    done = call("predict", "in/a.png", "other/a.png", "-o", "out2", "--model", model)
    assert done.exit_code == 2 and "would be written to the same place" in done.stderr and not Path("out2").exists()


def test_names_that_are_no_text_stay_on_their_line(call: Call, model: Path) -> None:
    odd = Path(os.fsdecode(b"caf\xe9\nx.png"))
    draw(Path("a.png"))
    Path("a.png").rename(odd)
    done = call("predict", odd, "-o", "out", "--model", model)
    assert done.exit_code == 0 and done.stdout.count("\n") == 1 and "\\udce9\\nx.png" in done.stdout
    assert len(list(Path("out").iterdir())) == 2
    as_json = call("predict", odd, "-o", "out", "--model", model, "--json")
    assert json.loads(as_json.stdout)[0]["image"] == str(odd)


def test_a_full_disk_is_one_line_and_leaves_nothing(call: Call, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw(Path("art.png"))

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cubiseg.layers.export.write_psd", full)
    monkeypatch.setattr(Path, "replace", full)
    for command in ("layers", "predict"):
        done = call(command, "art.png", "-o", "out", "--model", model)
        assert done.exit_code == 1 and done.stderr.count("\n") == 1 and "No space left on device" in done.stderr
        assert not list(Path("out").iterdir())


def test_an_output_folder_that_is_a_file_is_one_line(call: Call, model: Path) -> None:
    draw(Path("art.png"))
    Path("out").write_text("mine")
    for command in ("layers", "predict"):
        done = call(command, "art.png", "-o", "out", "--model", model)
        assert done.exit_code == 1 and done.stderr.count("\n") == 1 and "cannot be written" in done.stderr
    assert Path("out").read_text() == "mine"


def test_a_defect_is_one_line_too_and_v_adds_the_traceback(
    call: Call, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(Path("art.png"))

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("cubiseg.layers.export.cut", broken)
    quiet = call("layers", "art.png", "-o", "out", "--model", model)
    assert quiet.exit_code == 1 and quiet.stderr.count("\n") == 1 and "art.png: ZeroDivisionError: oops" in quiet.stderr
    assert "Traceback" in call("layers", "art.png", "-o", "out", "--model", model, "-v").stderr


def test_evaluate_scores_a_labelled_folder(call: Call, model: Path) -> None:
    for name in ("one", "two"):
        label = draw(Path(f"data/images/{name}.png"))
        Path("data/labels").mkdir(exist_ok=True)
        write_label(Path(f"data/labels/{name}.png"), label)
    done = call("evaluate", "--data", "data", "--look", "once", "--model", model, "--json")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["mean_iou"] == 1.0
    table = call("evaluate", "--data", "data", "--look", "once", "--model", model, "--vocabulary", "coarse9")
    assert table.exit_code == 0 and "brow" in table.stdout and "mean iou: 1.000" in table.stdout
    missing = call("evaluate", "--data", "nowhere", "--model", model)
    assert missing.exit_code == 2 and "nowhere: no such folder" in missing.stderr


def test_evaluate_shows_parts_where_the_folder_and_the_model_tell_them(
    call: Call, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_parts(Path("data"))
    classes = call("evaluate", "--data", "data", "--model", model, "--json")
    assert classes.exit_code == 0 and "parts" not in json.loads(classes.stdout)

    class Told:
        def segment(self, picture: Picture) -> Segmentation:
            label = decode_parts(picture)
            return Segmentation(label, np.ones(label.shape, np.float32), "told", "told")

    monkeypatch.setattr("cubiseg.inference.open_segmenter", lambda *_, **__: Told())
    done = call("evaluate", "--data", "data", "--model", model, "--json")
    assert json.loads(done.stdout)["parts"]["mean_f1"] == json.loads(done.stdout)["mean_f1"] == 1.0
    table = call("evaluate", "--data", "data", "--model", model)
    assert table.exit_code == 0, table.stderr
    for words in ("eye_left_iris", "wrong side", "called", "small part f1: 1.000"):
        assert words in table.stdout


def test_evaluate_tells_differences_to_the_scores_of_another_model(call: Call, model: Path) -> None:
    write_label(Path("data/labels/one.png"), draw(Path("data/images/one.png")))
    write_label(Path("data/labels/two.png"), np.roll(draw(Path("data/images/two.png")), 9, 1))
    command = ("evaluate", "--data", "data", "--model", model)
    Path("other.json").write_text(call(*command, "--json").stdout)
    same = call(*command, "--against", "other.json", "--json")
    assert same.exit_code == 0, same.stderr
    assert json.loads(same.stdout)["over"]["classes"]["mean_f1"] == {
        "mean": 0.0, "interval": [0.0, 0.0], "better_in": 0.0,
    }  # fmt: skip
    assert "over the other" in call(*command, "--against", "other.json").stdout
    for text, words in {"{": "cannot be read", "[]": "holds no scores", "{}": "given in None"}.items():
        Path("bad.json").write_text(text)
        wrong = call(*command, "--against", "bad.json")
        assert wrong.exit_code == 2 and words in wrong.stderr and wrong.stderr.count("\n") == 1


def test_lint_exits_with_1_for_an_error_and_prints_json(call: Call) -> None:
    Path("bad.psd").write_bytes(b"8BPS nonsense")
    done = call("lint", "bad.psd", "absent.psd")
    assert done.exit_code == 1 and [line.split()[1] for line in done.stdout.splitlines()] == ["L000", "L000"]
    (report,) = json.loads(call("lint", "bad.psd", "--json").stdout)
    assert report["file"] == "bad.psd" and report["findings"][0]["code"] == "L000"


def test_doctor_tells_what_runs_and_why_the_rest_does_not(call: Call, model: Path) -> None:
    bare = json.loads(call("doctor", "--json").stdout)
    assert bare["backends"]["slic"] is None and "model" in bare["backends"]["anime-advanced"]
    assert bare["model"] is None and "dvc pull" in bare["problem"]
    assert set(bare["environment"]) >= {"CUBISEG_MODEL", "CUBISEG_WORKERS", "CUBISEG_RESPONSES", "OMP_NUM_THREADS"}
    found = json.loads(call("doctor", "--json", "--model", model).stdout)
    assert found["architecture"] == "anime-unet"
    assert found["backends"]["anime-advanced"] is None and found["backends"]["anime-unet"] is None
    assert found["backends"]["anime-swin"] == "the model holds anime-unet; name one of this kind with --model"
    text = call("doctor", "--model", model)
    assert text.exit_code == 0 and re.search(r"^  anime-advanced +can run$", text.stdout, re.MULTILINE)


@pytest.mark.parametrize("command", ["predict", "layers", "studio", "lint", "evaluate", "doctor"])
def test_every_command_teaches_by_an_example(call: Call, command: str) -> None:
    done = call(command, "--help")
    assert done.exit_code == 0 and f"Example:  cubiseg {command}" in done.stdout


def test_help_is_there_at_once() -> None:
    best = min(_seconds("--help") for _ in range(5))
    assert best < 0.6  # 0.1 s on a free machine; twice the budget of 0.3 s, for one that is busy with tests


def _seconds(*arguments: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "cubiseg", *arguments], check=True, capture_output=True)
    return time.perf_counter() - start


def test_lint_fix_writes_a_copy_beside_and_never_the_file_itself(call: Call) -> None:
    from tests.layers.test_repair import broken, save

    save(broken(), Path("art.psd"))
    before = Path("art.psd").read_bytes()
    done = call("lint", "art.psd", "--fix")
    assert done.exit_code == 0 and "art.fixed.psd: no findings" in done.stdout, done.stdout
    again = call("lint", "art.psd", "--fix")
    assert again.exit_code == 1 and "art.fixed.psd: is already there" in again.stderr
    assert "art.psd: 右目: name: 右目 -> R_eye" in done.stdout and "0 findings" not in done.stdout
    assert call("lint", "art.psd", "--fix", "--overwrite").exit_code == 0
    named = json.loads(call("lint", "art.psd", "--fix", "-o", "mine.psd", "--json").stdout)
    assert named[0]["fixed"] == "mine.psd" and named[0]["findings"] == [] and named[0]["mended"] > 5
    assert {"layer": "右目", "what": "name", "old": "右目", "new": "R_eye"} in named[0]["changes"]
    itself = call("lint", "art.psd", "--fix", "-o", "art.psd")
    assert itself.exit_code == 1 and "is not overwritten" in itself.stderr
    assert Path("art.psd").read_bytes() == before
    assert call("lint", "art.psd", "-o", "x.psd").exit_code == 2
    assert call("lint", "art.psd", "--overwrite").exit_code == 2


def test_lint_fix_writes_no_copy_where_nothing_is_mended(call: Call) -> None:
    from psd_tools.constants import BlendMode

    from tests.layers.test_lint import document
    from tests.layers.test_repair import save

    psd = document()
    psd[0].blend_mode = BlendMode.VIVID_LIGHT
    save(psd, Path("art.psd"))
    done = call("lint", "art.psd", "--fix")
    assert done.exit_code == 1 and "art.psd: nothing mended, no copy written" in done.stdout and "L005" in done.stdout
    assert not Path("art.fixed.psd").exists()


def test_lint_for_a_program_warns_of_names_that_it_will_not_know(call: Call) -> None:
    from tests.layers.test_lint import document

    document().save("art.psd")
    done = call("lint", "art.psd", "--for", "psd2live", "--for", "cubism")
    assert done.exit_code == 0 and done.stdout == (
        "art.psd: L021 warning: Face/eyesL: name tells the program no part (PSD2Live); "
        "rename it, or choose its part there by hand\n"
    )
    assert call("lint", "art.psd", "--for", "cubism").stdout == "art.psd: no findings\n"
    (fixed,) = json.loads(call("lint", "art.psd", "--fix", "--for", "psd2live", "--json").stdout)
    assert [f["code"] for f in fixed["findings"]] == ["L021"] and "fixed" not in fixed, "names are left to their author"
    assert call("lint", "art.psd", "--for", "photoshop").exit_code == 2


def test_the_programs_that_lint_offers_are_those_that_it_knows() -> None:
    from cubiseg.cli.lint import lint
    from cubiseg.psd_files.importers import IMPORTERS

    (option,) = (param for param in lint.params if param.name == "programs")
    assert list(option.type.choices) == list(IMPORTERS)


def test_lint_says_what_a_path_is_that_leads_to_no_psd(call: Call) -> None:
    Path("pictures").mkdir()
    Path("page.psd").write_text("<html>")
    done = call("lint", "pictures", "absent.psd", "page.psd")
    assert done.exit_code == 1 and done.stderr == ""
    assert "pictures: L000 error: is a folder; name the PSDs in it" in done.stdout
    assert "absent.psd: L000 error: is not there; check the path" in done.stdout
    assert "page.psd: L000 error: is a web page" in done.stdout
    fixed = call("lint", "--fix", "pictures", "absent.psd", "/", ".")
    assert fixed.exit_code == 1 and "unexpected" not in fixed.stderr and len(fixed.stderr.splitlines()) == 4


@pytest.mark.slow
def test_a_folder_of_pictures_gives_the_same_with_one_worker_and_with_two(
    call: Call, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(16):
        draw(Path(f"in/{number:02}.png"), alpha=number % 2 == 0, size=(96, 96 + number))
    Path("in/bad.png").write_bytes(b"no picture")
    seen = {}
    for workers in ("1", "2"):
        monkeypatch.setenv("CUBISEG_WORKERS", workers)
        done = call(
            "layers", "in", "-o", f"out{workers}", "--model", model, "--profile", "cubism", "--split", "clothes"
        )
        assert done.exit_code == 1 and "16 done, 1 failed" in done.stderr and done.stderr.count("bad.png") == 1
        assert done.stdout.count("100%") == 8 and "confidence" in done.stdout, "a table with one row a picture"
        root = Path(f"out{workers}")
        seen[workers] = {p.relative_to(root): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}
    assert seen["1"] == seen["2"] and len(seen["1"]) > 16 * 10


def test_every_profile_can_be_chosen() -> None:
    (option,) = (p for p in main.commands["layers"].params if p.name == "profile")
    assert list(option.type.choices) == list(PROFILES)


def test_hidden_parts_are_completed_where_the_file_is_there_and_else_one_line_says_how_to_get_it(
    call: Call, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(Path("art.png"))
    monkeypatch.delenv("CUBISEG_COMPLETION")
    Path("models").mkdir()
    Path("models/completion.onnx.dvc").touch()
    run = ("layers", "art.png", "--model", model, "--look", "once", "--json")
    without = call(*run, "-o", "without")
    assert without.exit_code == 0 and without.stderr.count("hidden parts are only extended smoothly") == 1
    assert "`dvc pull models/completion.onnx.dvc` or `make completion`" in without.stderr
    fills = {layer["fill"] for layer in json.loads(without.stdout)[0]["layers"]}
    assert fills == {"smooth", "none"}
    write_completion(Path("models/completion.onnx"))
    found = call(*run, "-o", "with", "--invented")
    assert found.exit_code == 0 and "hidden parts" not in found.stderr
    layers = json.loads(found.stdout)[0]["layers"]
    assert "learnt" in {layer["fill"] for layer in layers}
    assert all(
        Path("with/art", layer.get("invented_file", "")).is_file() == (layer["invented"] > 0) for layer in layers
    )
    assert call("lint", "with/art/layers.psd").exit_code == 0
    facts = json.loads(call("doctor", "--json").stdout)
    assert (facts["completion"], facts["completion_problem"]) == ("models/completion.onnx", None)
    lama = call(*run, "-o", "lama", "--fill", "lama", "--fill-model", write_lama(Path("lama.onnx")))
    assert lama.exit_code == 0 and "lama" in {layer["fill"] for layer in json.loads(lama.stdout)[0]["layers"]}
    Path("models/completion.onnx").write_bytes(b"\x08\x07 broken")
    assert "completion.onnx: is no usable model" in json.loads(call("doctor", "--json").stdout)["completion_problem"]


def test_a_fill_that_cannot_be_is_a_usage_error_in_one_line(call: Call, model: Path) -> None:
    draw(Path("art.png"))
    good = write_completion(Path("good.onnx"))
    for number, (path, told) in enumerate(
        (
            (write_completion(Path("kind.onnx"), kind="cubiseg-segmentation"), "is no completion"),
            (write_completion(Path("taxonomy.onnx"), taxonomy_version="1"), "made for taxonomy 1"),
            (write_lama(Path("lama.onnx")), "lama.onnx: is no completion"),
            (model, "model.onnx: is no completion"),
            (Path("cut.onnx"), "is no usable model"),
            (Path("absent.onnx"), "no such model file; check --fill-model"),
        )
    ):
        Path("cut.onnx").write_bytes(good.read_bytes()[:-300])
        done = call("layers", "art.png", "-o", f"out{number}", "--model", model, "--fill-model", path)
        assert done.exit_code == 2 and done.stderr.startswith("error: ") and done.stderr.count("\n") == 1, done.stderr
        assert told in done.stderr and not Path(f"out{number}").exists()
    for options, told in (
        (("--fill", "lama"), "the fill lama needs LaMa's file"),
        (("--fill", "lama", "--fill-model", good), "a LaMa export takes image (1, 3, 512, 512)"),
        (("--fill", "learnt"), "the fill learnt needs a completion model"),
        (("--fill", "none", "--fill-model", good), "the fill none takes no model"),
    ):
        done = call("layers", "art.png", "-o", "out", "--model", model, *options)
        assert done.exit_code == 2 and told in done.stderr and done.stderr.count("\n") == 1, done.stderr


@pytest.mark.parametrize(
    ("module", "remedy"),
    [("skimage", "pip install scikit-image"), ("torch", r"pip install 'cubiseg\[pipeline\]', with Python 3.11")],
)
def test_a_package_that_is_missing_is_one_line_that_says_what_to_install(module: str, remedy: str) -> None:
    @click.command(cls=Command)
    def needs_it() -> None:
        raise ModuleNotFoundError(f"No module named {module!r}", name=module)

    done = CliRunner().invoke(needs_it)
    assert done.exit_code == 2 and re.fullmatch(f"error: {module} is not installed; .*{remedy}\n", done.stderr)

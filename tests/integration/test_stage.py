import errno
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from cubiseg import imaging
from cubiseg.errors import CubisegError
from cubiseg.inference import SegmentationParams
from cubiseg.integration import illustrations
from cubiseg.integration.params import IntegrateParams
from cubiseg.layers import LayerParams
from stages.common import load_params
from stages.integrate import main
from tests.inference.palette import portrait, write_model
from tests.tiny import params

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pipeline's folder with params, a model and two illustrations."""
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").write_text("segmentation: {backend: anime-advanced, fallback: [slic]}\nintegrate: {}\n")
    write_model(tmp_path / "m.onnx")
    Path("art").mkdir()
    for name, alpha in (("b", False), ("a", True)):
        picture, _ = portrait(160, 160, alpha)
        Image.fromarray(picture.rgba() if alpha else picture.rgb).save(f"art/{name}.png")
    return tmp_path


def stage(model: str = "m.onnx"):
    arguments = ["--model", model, "--illustrations", "art", "--out", "layers", "--metrics", "m.json"]
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def test_the_stage_cuts_every_illustration_and_checks_the_psds(folder: Path) -> None:
    done = stage()
    assert done.exit_code == 0, done.output
    metrics = json.loads(Path("m.json").read_text())
    assert (metrics["count"], metrics["exact"], metrics["lint_errors"], metrics["lint_warnings"]) == (2, 1.0, 0, 0)
    assert list(metrics["pictures"]) == ["a", "b"]
    assert metrics["pictures"]["a"]["coverage"] == 1.0 and metrics["pictures"]["b"]["coverage"] < 0.8
    assert metrics["pictures"]["a"]["confidence"] > 0.9
    assert Path("layers/a/layers.psd").is_file() and Path("layers/b/preview.png").is_file()
    before = Path("m.json").read_bytes(), Path("layers/a/layers.psd").read_bytes()
    stage()
    assert before == (Path("m.json").read_bytes(), Path("layers/a/layers.psd").read_bytes())


def test_the_fallback_takes_over_where_the_model_is_broken(folder: Path) -> None:
    Path("broken.onnx").write_bytes(b"no model")
    assert stage("broken.onnx").exit_code == 0
    metrics = json.loads(Path("m.json").read_text())
    assert {row["backend"] for row in metrics["pictures"].values()} == {"slic"} and metrics["exact"] == 1.0


def test_what_the_system_refuses_is_no_defect_to_report(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = illustrations.write_layers

    def refused(out: Path, *arguments: object, **options: object) -> object:
        if out.name == "a":
            raise OSError(errno.EIO, "Input/output error", str(out))
        return whole(out, *arguments, **options)

    monkeypatch.setattr(illustrations, "write_layers", refused)
    monkeypatch.setenv("CUBISEG_WORKERS", "1")
    assert stage().exit_code == 0
    reason = json.loads(Path("m.json").read_text())["failures"]["a"]
    assert reason == "art/a.png: cannot be read or written (Input/output error); check the path and its permissions"


def test_a_wrong_file_is_named_by_what_it_is(folder: Path) -> None:
    Path("art/page.png").write_text("<!doctype html><html><head></head></html>")
    assert stage().exit_code == 0
    reason = json.loads(Path("m.json").read_text())["failures"]["page"]
    assert reason == "art/page.png: is a web page (HTML); download the file itself"


def test_one_bad_picture_is_reported_and_the_others_are_cut(folder: Path) -> None:
    Path("art/c.png").write_bytes(b"")
    done = stage()
    assert done.exit_code == 0 and done.stderr.count("art/c.png") == 1
    metrics = json.loads(Path("m.json").read_text())
    assert (metrics["count"], metrics["failed"], list(metrics["failures"])) == (2, 1, ["c"])
    assert {path.name for path in Path("layers").iterdir()} == {"a", "b"}


def test_a_stage_that_cuts_nothing_fails_and_leaves_no_output(folder: Path) -> None:
    for path in Path("art").iterdir():
        path.write_bytes(b"")
    done = stage()
    assert done.exit_code == 1 and "none of 2 pictures" in done.stderr and not Path("layers").exists()
    assert not Path("m.json").exists()


@pytest.mark.parametrize(
    ("block", "complaint"),
    [
        ("segmentation: {backend: mystery}\nintegrate: {}\n", "segmentation.backend = 'mystery'"),
        ("segmentation: {low_confidence: 2}\nintegrate: {}\n", "segmentation.low_confidence = 2"),
        ("segmentation: {}\nintegrate: {extension: far}\n", "integrate.extension = 'far'"),
    ],
)
def test_a_wrong_param_is_named(folder: Path, block: str, complaint: str) -> None:
    Path("params.yaml").write_text(block)
    done = stage()
    assert done.exit_code == 1 and complaint in done.stderr and done.stderr.count("\n") == 1


def test_the_projects_own_params_are_valid_and_each_is_explained() -> None:
    segmentation = load_params("segmentation", SegmentationParams, ROOT / "params.yaml")
    load_params("integrate", IntegrateParams, ROOT / "params.yaml")
    assert segmentation.backend == "anime-advanced" and "slic" in segmentation.fallback


@pytest.mark.parametrize("mine", ["layers/a/layers.psd", "layers/a/mine.psd", "layers/mine.txt", "layers/mine/x.psd"])
def test_the_stage_keeps_what_was_changed_or_added_in_the_layers_of_a_former_run(folder: Path, mine: str) -> None:
    assert stage().exit_code == 0
    Path(mine).parent.mkdir(exist_ok=True)
    Path(mine).write_bytes(b"mine")
    done = stage()
    assert done.exit_code == 1 and f"{mine}: " in done.stderr and "move it elsewhere" in done.stderr
    assert Path(mine).read_bytes() == b"mine" and Path("layers/b/layers.psd").is_file()


@pytest.mark.parametrize("background", ["hide", "drop"])
def test_the_stage_s_check_understands_a_background_that_is_not_seen(folder: Path, background: str) -> None:
    text = Path("params.yaml").read_text()
    Path("params.yaml").write_text(text.replace("{}", f"{{background: {background}, profile: cubism}}"))
    assert stage().exit_code == 0
    metrics = json.loads(Path("m.json").read_text())
    assert (metrics["exact"], metrics["lint_errors"], metrics["pictures"]["b"]["coverage"] < 0.8) == (1.0, 0, True)
    assert Path("layers/b/png/Background.png").exists() == (background == "hide")


def test_pictures_that_are_cut_at_once_fit_into_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def each(function: object, items: list, what: str, *, memory: Callable, fatal: object) -> list:
        asked.extend(memory(item) for item in items)
        return []

    monkeypatch.setattr(illustrations, "each", each)
    monkeypatch.setattr(illustrations, "_segmenter", lambda job: None)
    imaging.write_png(tmp_path / "a.png", np.zeros((300, 200, 3), np.uint8))
    (tmp_path / "b.png").write_text("no picture")
    names = {tmp_path / f"{name}.png": name for name in "ab"}
    assert list(illustrations.cut_all(illustrations.Job(tmp_path, LayerParams(), SegmentationParams()), names)) == []
    assert 40 * 300 * 200 < asked[0] < 200 * 300 * 200 and asked[1] == 0


def test_the_stage_says_what_paints_beneath_and_never_takes_what_happens_to_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert IntegrateParams().fill == params("integrate")["fill"] == "smooth"
    for unsaid in (None, "lama"):
        with pytest.raises(ValueError, match="fill"):
            IntegrateParams(fill=unsaid)
    monkeypatch.setattr("cubiseg.inference.model_file._roots", lambda: iter([tmp_path]))
    job = illustrations.Job(tmp_path, IntegrateParams(fill="learnt"), SegmentationParams())
    with pytest.raises(CubisegError, match=r"^the fill learnt needs a completion model; get one with `dvc pull"):
        list(illustrations.cut_all(job, {tmp_path / "art.png": "art"}))

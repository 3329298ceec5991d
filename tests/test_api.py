"""The three calls of Python do what the command line does, and cost nothing where they are not used."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import cubiseg
from cubiseg import load_picture, segment, write_layers
from cubiseg.errors import CubisegError
from cubiseg.taxonomy import PART_ID
from tests.conftest import ROOT
from tests.inference.palette import portrait, write_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "m.onnx"
    write_model(path, parts=True)
    return path


@pytest.fixture
def art(tmp_path: Path) -> Path:
    Image.fromarray(portrait()[0].rgb).save(tmp_path / "art.png")
    return tmp_path / "art.png"


def test_importing_cubiseg_imports_no_array_and_no_picture_library() -> None:
    code = "import sys, cubiseg, cubiseg.api; print(json.dumps(sorted(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", f"import json; {code}"], capture_output=True, text=True, check=True)
    assert not {"numpy", "cv2", "PIL", "onnxruntime", "pydantic"} & set(json.loads(told.stdout))


def test_the_package_names_its_calls_and_knows_no_others() -> None:
    from cubiseg import api

    for name in ("load_picture", "segment", "write_layers"):
        assert getattr(cubiseg, name) is getattr(api, name) and name in dir(cubiseg) and name in api.__all__
    with pytest.raises(AttributeError, match="no_such_call"):
        _ = cubiseg.no_such_call  # type: ignore[attr-defined]


def test_the_calls_write_what_the_command_writes(tmp_path: Path, art: Path, model: Path) -> None:
    from click.testing import CliRunner

    from cubiseg.cli import main

    done = CliRunner().invoke(main, ["layers", str(art), "-o", str(tmp_path / "out"), "--model", str(model)])
    assert done.exit_code == 0, done.output
    written = write_layers(segment(load_picture(art), model=model), tmp_path / "own")
    files = [p.relative_to(written.folder) for p in sorted(written.folder.rglob("*")) if p.is_file()]
    assert len(files) > 8
    assert all((tmp_path / "own" / f).read_bytes() == (tmp_path / "out/art" / f).read_bytes() for f in files)
    assert written.psd.is_file() and written.manifest.is_file() and written.preview.is_file()
    assert written.separation is None
    entries = json.loads(written.manifest.read_text(encoding="utf-8"))["layers"]
    assert [path.relative_to(written.folder).as_posix() for path in written.layers.values()] == [
        entry["file"] for entry in entries
    ]


def test_the_label_map_says_what_its_ids_are(art: Path, model: Path) -> None:
    # Mirrored, the palette's model takes a left eye for a left one still, and doubts both.
    result = segment(load_picture(art.read_bytes()), model=str(model), look="twice")
    assert result.label.dtype == np.uint8 and result.label.shape == result.picture.size == result.confidence.shape
    assert set(result.names) == set(np.unique(result.label).tolist())
    assert all(PART_ID[name] == number for number, name in result.names.items())
    assert len(result.names) > 5


def test_the_profile_cubism_gives_a_second_psd(tmp_path: Path, art: Path, model: Path) -> None:
    result = segment(load_picture(art), model=model)
    written = write_layers(result, tmp_path / "own", profile="cubism")
    assert written.separation is not None and written.separation.is_file()


def test_a_model_that_was_replaced_and_another_device_are_not_missed(
    tmp_path: Path, art: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, picture = tmp_path / "own.onnx", load_picture(art)
    write_model(own, parts=True)
    assert segment(picture, model=own).label.any()
    own.write_bytes(b"replaced")
    with pytest.raises(CubisegError, match=r"own\.onnx: is no usable model"):
        segment(picture, model=own)
    assert segment(picture, backend="slic", segments=2).label.any(), "it needs no model"
    monkeypatch.setenv("CUBISEG_DEVICE", "abacus")
    with pytest.raises(CubisegError, match=r"^CUBISEG_DEVICE=abacus: must be"):
        segment(picture, model=own)


def test_one_name_is_one_name(art: Path) -> None:
    with pytest.raises(CubisegError, match="slick"):
        segment(load_picture(art), fallback="slick")


def test_the_model_is_read_once_for_pictures_that_are_asked_for_alike(art: Path, model: Path) -> None:
    from cubiseg import api

    api._opened.cache_clear()
    for _ in range(3):
        segment(load_picture(art), model=model)
    assert api._opened.cache_info().misses == 1


def test_what_cannot_be_is_an_error_that_says_what_where_and_what_to_do(tmp_path: Path, art: Path, model: Path) -> None:
    with pytest.raises(CubisegError, match=r"missing\.png: no such file; check the path"):
        load_picture(tmp_path / "missing.png")
    with pytest.raises(CubisegError, match=r"^the given bytes: is a PDF document; export its pictures as PNG"):
        load_picture(b"%PDF-1.7 and so on")
    picture = load_picture(art)
    with pytest.raises(CubisegError, match="unknown backend 'best'"):
        segment(picture, backend="best")
    result = segment(picture, model=model)
    with pytest.raises(CubisegError, match=r"profile: .*unknown profile 'mine'"):
        write_layers(result, tmp_path / "own", profile="mine")
    (tmp_path / "own").mkdir()
    (tmp_path / "own/notes.txt").write_text("mine")
    with pytest.raises(CubisegError, match="is not from cubiseg"):
        write_layers(result, tmp_path / "own")
    assert (tmp_path / "own/notes.txt").read_text() == "mine"
    blank = Image.new("RGB", (64, 64), "white")
    blank.save(tmp_path / "blank.png")
    with pytest.raises(CubisegError, match=r"^the picture: no drawn face was found .* no fallback takes over"):
        segment(load_picture(tmp_path / "blank.png"), model=model, fallback=())


def test_the_page_of_reference_is_what_the_docstrings_say(
    tmp_path: Path, run: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    run("make", "-o", "setup", "docs", f"API={tmp_path / 'api.md'}", cwd=ROOT)
    page = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    assert (tmp_path / "api.md").read_text(encoding="utf-8") == page, "run `make docs`"
    assert "(#" not in page and "\n## `cubiseg.api.write_layers`\n" in page

import os
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.inference.palette import portrait

Run = Callable[..., subprocess.CompletedProcess[str]]

# Stands in for an environment without the pipeline's packages: importing one of these fails.
MISSING = ("torch", "mmseg", "mmengine", "mmcv", "skia", "onnx", "dvc", "scipy", "skimage")
WITHOUT = f"import sys; sys.modules.update(dict.fromkeys({MISSING}))"
MODELS = ("models/release/anime-unet.onnx", "models/completion.onnx")
PIP = (
    sys.executable,
    "-m",
    "pip",
    "--disable-pip-version-check",
    "wheel",
    "-q",
    ".",
    "--no-deps",
    "--no-build-isolation",
)


@pytest.fixture
def site(clone: Path, tmp_path: Path, run: Run) -> Path:
    """What the wheel of a clone with pulled models puts into an environment, and nothing of the clone."""
    run("dvc", "pull", "-q", *(f"{name}.dvc" for name in MODELS), cwd=clone)
    (clone / "dist/man").mkdir(parents=True, exist_ok=True)
    (clone / "dist/man/cubiseg.1").write_text('.TH "CUBISEG" "1"')  # `make man` writes them
    run(*PIP, "-w", str(tmp_path / "dist"), cwd=clone)
    (wheel,) = (tmp_path / "dist").glob("cubiseg-*.whl")
    assert wheel.name.endswith("-py3-none-any.whl") and wheel.stat().st_size <= 30e6
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    (page,) = (tmp_path / "site").glob("*.data/data/share/man/man1/cubiseg.1")
    assert page.read_text().startswith(".TH")
    for name in MODELS:
        packed, released = tmp_path / "site/cubiseg" / name, clone / name
        assert packed.read_bytes() == released.read_bytes()
    return tmp_path / "site"


@pytest.mark.slow
def test_the_wheel_cuts_layers_anywhere_with_the_models_that_it_brings(
    site: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = site / "cubiseg/models"
    assert {p.relative_to(models).as_posix() for p in models.rglob("*") if p.is_file()} == {
        *("release/anime-unet.onnx", "release/README.md", "release/release.json"),
        *("completion.onnx", "completion.md", "LICENSE", "LICENSE-APACHE"),
    }
    assert sum(p.stat().st_size for p in models.rglob("*.onnx")) <= 20e6
    work = tmp_path / "work"
    work.mkdir()
    Image.fromarray(portrait(160, 160)[0].rgb).save(work / "art.png")
    for name in ("CUBISEG_MODEL", "CUBISEG_COMPLETION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONPATH", str(site))
    monkeypatch.setenv("HOME", str(work))
    code = f"{WITHOUT}; import cubiseg; assert 'site' in cubiseg.__file__; from cubiseg.cli import main; main()"
    for arguments in (
        ("layers", "art.png", "-o", "out"),
        ("lint", f"out{os.sep}art{os.sep}layers.psd"),
        ("predict", "art.png", "-o", "labels", "--backend", "slic"),
        ("completion", "zsh"),
        ("studio", "--install-shortcut"),
    ):
        run(sys.executable, "-c", code, *arguments, cwd=work)
    told = run(sys.executable, "-c", code, "doctor", cwd=work).stdout
    assert f"Model: {models / 'release/anime-unet.onnx'} (anime-unet)" in told
    assert f"Completion model, for hidden parts: {models / 'completion.onnx'}" in told
    served = [sys.executable, "-c", code, "studio", "art.png", "--no-browser"]
    with subprocess.Popen(served, cwd=work, stdout=subprocess.PIPE, text=True) as on:
        assert on.stdout is not None
        address = on.stdout.readline().strip()
        for name in ("", "page/main.js", "page/studio.css", "page/icon.svg", "api/session"):
            with urllib.request.urlopen(address + name) as answer:
                assert len(answer.read()) > 100
        on.terminate()
    assert (work / "out/art/layers.psd").is_file() and (work / "labels/art.json").is_file()


@pytest.mark.slow
def test_a_clone_without_models_says_how_to_pull_them(
    clone: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.fromarray(portrait(160, 160)[0].rgb).save(tmp_path / "art.png")
    for name in ("CUBISEG_MODEL", "CUBISEG_COMPLETION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONPATH", str(clone))
    done = run(sys.executable, "-m", "cubiseg", "layers", "art.png", "-o", "out", cwd=tmp_path, check=False)
    assert done.returncode == 2 and "get one with `dvc pull`" in done.stderr and len(done.stderr.splitlines()) <= 2

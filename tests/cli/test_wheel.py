import os
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.inference.palette import portrait, write_model

# Stands in for an environment without the pipeline's packages: importing one of these fails.
WITHOUT = "import sys; sys.modules.update(dict.fromkeys(['torch', 'mmseg', 'mmengine', 'mmcv', 'skia', 'onnx', 'dvc']))"


@pytest.mark.slow
def test_the_wheel_cuts_layers_anywhere_without_torch(
    clone: Path, tmp_path: Path, run: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    run(*pip, "wheel", "-q", ".", "--no-deps", "--no-build-isolation", "-w", str(tmp_path / "dist"), cwd=clone)
    (wheel,) = (tmp_path / "dist").glob("cubiseg-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    work = tmp_path / "work"
    work.mkdir()
    Image.fromarray(portrait(160, 160)[0].rgb).save(work / "art.png")
    write_model(work / "m.onnx")
    environment = {"PYTHONPATH": str(tmp_path / "site"), "CUBISEG_MODEL": str(work / "m.onnx"), "HOME": str(work)}
    code = f"{WITHOUT}; import cubiseg; assert 'site' in cubiseg.__file__; from cubiseg.cli import main; main()"
    for arguments in (
        ("layers", "art.png", "-o", "out"),
        ("lint", f"out{os.sep}art{os.sep}layers.psd"),
        ("predict", "art.png", "-o", "labels", "--backend", "slic"),
        ("doctor",),
        ("completion", "zsh"),
        ("studio", "--install-shortcut"),
    ):
        run(sys.executable, "-c", code, *arguments, cwd=work, **environment)
    served = [sys.executable, "-c", code, "studio", "art.png", "--no-browser"]
    with subprocess.Popen(served, cwd=work, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True) as on:
        assert on.stdout is not None
        address = on.stdout.readline().strip()
        for name in ("", "page/main.js", "page/studio.css", "page/icon.svg", "api/session"):
            with urllib.request.urlopen(address + name) as answer:
                assert len(answer.read()) > 100
        on.terminate()
    assert (work / "out/art/png/eyesL_001.png").is_file() and (work / "labels/art.json").is_file()

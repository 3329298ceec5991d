"""Models of Cubism 2 from the npm registry, for tests; none is part of this repository.

They are Live2D's own (Free Material License), packed by xiazeyu; a test that cannot get them is skipped.
"""

import shutil
import subprocess
import tarfile
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

PARTS = Path(__file__).parent / "live2d_parts"
MODELS = {
    "haru01": ("haru", "package/01/assets", "haru01.model.json"),
    "haru02": ("haru", "package/02/assets", "haru02.model.json"),
    "koharu": ("koharu", "package/assets", "koharu.model.json"),
    "haruto": ("haruto", "package/assets", "haruto.model.json"),
    "epsilon2_1": ("epsilon2_1", "package/assets", "Epsilon2.1.model.json"),
}
"""By name: the end of the package's name, the model's folder in it, and its settings."""
_VERSION = "1.0.5"


@cache
def _packages() -> tuple[TemporaryDirectory[str] | None, str]:
    """The unpacked packages, for as long as the tests run; or why there are none."""
    npm = shutil.which("npm")
    if npm is None:
        return None, "npm is not installed"
    held = TemporaryDirectory(prefix="live2d-models-")
    for package in sorted({package for package, _, _ in MODELS.values()}):
        name = f"live2d-widget-model-{package}@{_VERSION}"
        command = [npm, "pack", "--silent", "--ignore-scripts", name]
        try:
            done = subprocess.run(command, cwd=held.name, capture_output=True, text=True, timeout=120, check=False)
        except subprocess.TimeoutExpired:
            return None, "the npm registry does not answer"
        if done.returncode:
            return None, f"{name} cannot be had from the npm registry"
        with tarfile.open(Path(held.name) / done.stdout.split()[-1]) as archive:
            archive.extractall(Path(held.name) / package, filter="data")
    return held, ""


def need_live2d() -> None:
    """Skip the test, or the module, where live2d-py is not installed or cannot be loaded."""
    reason = "live2d-py is not installed, or cannot be loaded: pip install 'cubiseg[live2d]'"
    pytest.importorskip("live2d", reason=reason, exc_type=ImportError)


def copy_model(name: str, folder: Path, *, table: bool = True) -> Path:
    """Copy a model, with the table of its parts where that is wanted, into a folder; gives its settings.

    Skips the test where live2d-py is not installed or the model cannot be had.
    """
    need_live2d()
    held, reason = _packages()
    if held is None:
        pytest.skip(reason)
    package, inside, settings = MODELS[name]
    shutil.copytree(Path(held.name) / package / inside, folder)
    if table:
        shutil.copy(PARTS / f"{name}.yaml", folder / "parts.yaml")
    return folder / settings

"""Puts released models and man pages into the wheel, from where a clone has them; pyproject.toml says all else."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

MODELS = (
    "models/release/*.onnx",
    "models/release/*.json",
    "models/release/*.md",
    "models/completion.*",
    "models/LICENSE-*",
)
"""In the package they lie by the same names as in a clone: cubiseg/inference/model_file.py looks for them there."""


class BuildWithModels(build_py):
    """The package, and the models that are here; in an editable clone they stay where they are."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        package = Path(self.build_lib, "cubiseg")
        shutil.rmtree(package / "models", ignore_errors=True)  # of a former build
        for path in (path for pattern in MODELS for path in sorted(Path().glob(pattern)) if path.suffix != ".dvc"):
            (package / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, package / path)
        shutil.copyfile("LICENSE", package / "models/LICENSE")


pages = [path.as_posix() for path in sorted(Path("dist/man").glob("*.1"))]
setup(cmdclass={"build_py": BuildWithModels}, data_files=[("share/man/man1", pages)])

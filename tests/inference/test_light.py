import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "module",
    [
        "cubiseg.cli",
        "cubiseg.inference",
        "cubiseg.layers",
        "cubiseg.layers.lint",
        "cubiseg.integration",
        "cubiseg.cubiai",
    ],
)
def test_importing_the_artists_side_loads_no_training_library(module: str) -> None:
    heavy = "{'torch', 'mmseg', 'mmengine', 'skia', 'onnxruntime', 'psd_tools', 'skimage', 'scipy'}"
    code = f"import sys, {module}; sys.exit(', '.join({heavy} & set(sys.modules)) or 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_help_needs_not_even_numpy() -> None:
    heavy = "{'numpy', 'cv2', 'PIL', 'pydantic', 'rich', 'yaml'}"
    code = f"import sys, cubiseg.cli; sys.exit(', '.join({heavy} & set(sys.modules)) or 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

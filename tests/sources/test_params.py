"""The params of the stage prepare are read by every command of the pipeline, and say each thing once."""

import subprocess
import sys

import pytest

from cubiseg.sources.params import LayeredPsdParams, Live2dParams, ReferencesParams

HEAVY = ("psd_tools", "skia", "live2d", "cv2", "onnxruntime", "PIL", "scipy", "torch")


def test_importing_the_params_loads_no_source_and_no_library_that_one_needs() -> None:
    code = f"import sys, cubiseg.sources.params; sys.exit(', '.join({set(HEAVY)} & set(sys.modules)) or 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("params", [ReferencesParams, LayeredPsdParams, Live2dParams])
def test_who_owns_pictures_is_said_of_every_source_alike(params: type) -> None:
    made = params()
    assert (made.licence, made.rating) == ("unknown", "general")
    with pytest.raises(ValueError, match="licence"):
        params(licence="")

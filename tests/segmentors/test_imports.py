"""The default path needs none of the packages that cannot be had everywhere."""

import json
import subprocess
import sys

import pytest

from tests.conftest import ROOT

_SCRIPT = """
import json, sys
from pathlib import Path
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torchvision", "timm", "mmpretrain"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
import cubiseg.training.stage, cubiseg.exporting.onnx_file, cubiseg.exporting.torchscript
from cubiseg.segmentors.build import build_segmentor, load_config
model = build_segmentor(load_config("anime-unet", Path("mmseg_configs")))
model.init_weights()
print(json.dumps([type(model).__name__, sorted({m.split(".")[0] for m in sys.modules}), model.started_from]))
"""


@pytest.mark.slow
def test_the_default_path_needs_no_torchvision_timm_or_mmpretrain() -> None:
    done = subprocess.run([sys.executable, "-c", _SCRIPT], cwd=ROOT, capture_output=True, text=True, check=True)
    name, modules, started = json.loads(done.stdout.splitlines()[-1])
    assert name == "StartedEncoderDecoder" and started
    assert not {"torchvision", "timm", "mmpretrain"} & set(modules)
    assert "Could not import" not in done.stdout, "MMSegmentation's import is not quiet"


def test_parameters_and_scores_need_no_torch() -> None:
    script = "import sys, cubiseg.training.params, cubiseg.evaluation.checkpoint, cubiseg.evaluation.plots; "
    script += "import cubiseg.exporting.params, cubiseg.exporting.card; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)

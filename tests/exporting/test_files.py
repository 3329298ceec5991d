"""Exported files carry their description, tell nothing of the machine, and are the same each time."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import onnx
import pytest
import torch

from cubiseg import taxonomy
from cubiseg.exporting import card
from cubiseg.model_info import METADATA_KEY, ModelInfo
from cubiseg.segmentors.build import Network, build_segmentor, describe, load_config
from cubiseg.segmentors.weights import load_weights, save_weights
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

CONFIGS = ROOT / "mmseg_configs"
NAME = "baseline-mobilenetv2"

_EXPORT = """
import sys
from pathlib import Path
from cubiseg.exporting import onnx_file, torchscript
from cubiseg.segmentors.weights import load_weights
weights, configs, out = map(Path, sys.argv[1:])
network, info = load_weights(weights, configs)
torchscript.write_torchscript(out / "m.pt", network, info)
onnx_file.write_onnx(out / "m.onnx", network, info)
"""


@pytest.fixture(scope="module", params=[False, True], ids=["classes", "parts"])
def exported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    config = load_config(NAME, CONFIGS, parts=request.param)
    config.export.dynamic = False  # as fast again by a factor of five; the architectures' test exports the dynamic ones
    info = describe(config, NAME, 64, parts=request.param)
    save_weights(folder / "w.safetensors", Network(build_segmentor(config)), info)
    export(folder / "w.safetensors", folder)
    return folder


def export(weights: Path, out: Path) -> None:
    """Export in a process of its own, as the stage does."""
    command = [sys.executable, "-c", _EXPORT, str(weights), str(CONFIGS), str(out)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)


def test_both_files_carry_the_description(exported: Path) -> None:
    extra = {METADATA_KEY: ""}
    torch.jit.load(str(exported / "m.pt"), _extra_files=extra)
    model = onnx.load(exported / "m.onnx")
    (entry,) = model.metadata_props
    assert entry.key == METADATA_KEY
    infos = [ModelInfo.parse(text, "here") for text in (extra[METADATA_KEY], entry.value)]
    assert infos[0] == infos[1] == load_weights(exported / "w.safetensors", CONFIGS)[1]
    assert infos[0].outputs == model.graph.output[0].type.tensor_type.shape.dim[1].dim_value
    assert [value.name for value in (*model.graph.input, *model.graph.output)] == ["image", "logits"]


def test_no_file_tells_of_the_machine(exported: Path) -> None:
    with zipfile.ZipFile(exported / "m.pt") as archive:
        assert not [name for name in archive.namelist() if name.endswith(".debug_pkl")]
    for name in ("m.pt", "m.onnx", "w.safetensors"):
        content = (exported / name).read_bytes()
        for told in (str(ROOT), sys.prefix, str(Path.home())):
            assert told.encode() not in content, f"{name}: {told}"


def test_another_process_writes_the_same_bytes(exported: Path, tmp_path: Path) -> None:
    export(exported / "w.safetensors", tmp_path)
    for name in ("m.pt", "m.onnx"):
        assert (tmp_path / name).read_bytes() == (exported / name).read_bytes(), name


def test_the_cards_examples_run(exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import numpy as np

    _, info = load_weights(exported / "w.safetensors", CONFIGS)
    text = card.card(info, 123, {"pictures": 2, "groups": 1, "mean_f1": 0.5, "mean_iou": None})
    assert "| mean f1 | 0.500 |" in text and "mean iou" not in text
    monkeypatch.chdir(tmp_path)
    for suffix in ("pt", "onnx"):
        Path(f"{card.STEM}.{suffix}").write_bytes((exported / f"m.{suffix}").read_bytes())
    examples = [part.split("```")[0] for part in text.split("```python\n")[1:]]
    assert len(examples) == 2
    rgb = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    for example in examples:
        names: dict = {"rgb": rgb}
        exec(compile(example, "card", "exec"), names)
        assert tuple(names["label"].shape) == (64, 64) and names["label"].max() < 12
        assert ("parts" in names) == (info.parts is not None)
        if info.parts is not None:
            assert np.array_equal(taxonomy.CLASS_OF[names["parts"]], names["label"])
        assert json.loads(json.dumps(names["info"]))["architecture"] == NAME

"""CubiAI in this process: the stand-in of this folder, and the real program where ``CUBIAI_SRC`` names its ``src``."""

import importlib
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import yaml
from onnx import helper, numpy_helper
from PIL import Image

from cubiseg import taxonomy
from cubiseg.imaging import Picture
from tests.inference.palette import portrait, write_model

SIDE = 320
"""Pixels along a side of the pictures: enough for the smallest parts."""
STAND_IN = Path(__file__).parent / "stand_in"
SOURCES = {"stand-in": str(STAND_IN), "real": os.environ.get("CUBIAI_SRC", "")}


def write_picture(path: Path, picture: Picture) -> Path:
    pixels = picture.rgb if picture.alpha is None else picture.rgba()
    Image.fromarray(pixels).save(path)
    return path


def stripes(side: int = 160) -> Picture:
    """A picture without a face that the palette's network takes for hair and clothes."""
    rows = np.arange(side) // (side // 4) % 2 == 0
    colours = np.where(rows[:, None], taxonomy.PALETTE[1], taxonomy.PALETTE[10]).astype(np.uint8)
    return Picture(np.repeat(colours[:, None], side, axis=1))


def write_sided_model(path: Path, architecture: str = "anime-unet", *, parts: bool = False) -> Path:
    """A network that reads palette colours, and tells left from right by the half of the picture, also mirrored."""
    model = onnx.load(write_model(path, architecture, parts=parts))
    ids = taxonomy.OUTPUT_IDS if parts else range(taxonomy.NUM_CLASSES)
    names = [taxonomy.PART_NAME[int(number)] for number in ids]
    sides = np.array([35.0 * (("left" in name) - ("right" in name)) for name in names], np.float32)
    model.graph.node[-1].output[0] = "by_colour"
    model.graph.node.extend(
        [
            helper.make_node("ReduceMean", ["image"], ["grey"], axes=[1], keepdims=1),
            helper.make_node("Mul", ["grey", "zero"], ["nothing"]),
            helper.make_node("Add", ["nothing", "one"], ["ones"]),
            helper.make_node("CumSum", ["ones", "columns"], ["column"]),
            helper.make_node("ReduceMean", ["column"], ["middle"], axes=[3], keepdims=1),
            helper.make_node("Sub", ["column", "middle"], ["from_middle"]),
            helper.make_node("Sign", ["from_middle"], ["half"]),
            helper.make_node("Mul", ["half", "sides"], ["by_side"]),
            helper.make_node("Add", ["by_colour", "by_side"], ["logits"]),
        ]
    )
    constants = {
        "zero": np.float32(0),
        "one": np.float32(1),
        "columns": np.int64(3),
        "sides": sides.reshape(1, -1, 1, 1),
    }
    model.graph.initializer.extend(numpy_helper.from_array(np.asarray(v), name) for name, v in constants.items())
    onnx.save(model, path)
    return path


@dataclass(frozen=True)
class Run:
    """What one run of CubiAI's pipeline left."""

    root: Path
    outputs: dict[str, Path]
    stages: dict[str, Any]

    @property
    def segmentation(self) -> dict[str, Any]:
        return self.stages["Segmentation"]

    def pngs(self) -> list[str]:
        return sorted(path.name for path in (self.root / "png").iterdir())


@dataclass(frozen=True)
class CubiAI:
    """CubiAI as it is imported now."""

    folder: Path

    def module(self, name: str) -> Any:
        return importlib.import_module(f"cubiai.{name}")

    def config(self, **blocks: Any) -> Any:
        """The config of a YAML file."""
        path = self.folder / "cubiai.yaml"
        path.write_text(yaml.safe_dump(blocks))
        return self.module("config.loader").load_config(path)

    def run(
        self, picture: Picture, out: str = "out", *, keep: bool = False, export: Any = None, **segmentation: Any
    ) -> Run:
        """Run the pipeline on a picture, by default with the backend of ours."""
        path = write_picture(self.folder / f"{out}.png", picture)
        blocks = {"segmentation": {"backend": "anime-advanced", "min_area_px": 64, **segmentation}}
        config = self.config(**blocks, **({"export": export} if export else {}))
        create = self.module("workspace").Workspace.create
        workspace = create(input_path=path, root=self.folder / out, keep_intermediate=keep)
        outputs = self.module("pipeline.runner").PipelineRunner(config=config, workspace=workspace).run()
        outputs = outputs if isinstance(outputs, dict) else outputs.outputs
        diagnostics = json.loads((workspace.root / "diagnostics.json").read_text())
        return Run(workspace.root, outputs, diagnostics["stages"])


def _forget() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "cubiai"]:
        del sys.modules[name]


@pytest.fixture(params=list(SOURCES))
def untouched(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CubiAI]:
    """CubiAI without the adapter, in an empty folder with no model."""
    source = SOURCES[request.param]
    if not source:
        pytest.skip("CUBIAI_SRC names no src folder of a checkout of CubiAI")
    _forget()
    monkeypatch.syspath_prepend(source)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CUBISEG_MODEL", raising=False)
    monkeypatch.setattr("cubiseg.inference.model_file._roots", lambda: iter([Path()]))
    handlers = logging.getLogger().handlers[:]
    yield CubiAI(tmp_path)
    logging.getLogger().handlers[:] = handlers
    _forget()


@pytest.fixture
def cubiai(untouched: CubiAI) -> CubiAI:
    """CubiAI with the adapter, and a network that reads palette colours."""
    from cubiseg.cubiai import register

    Path("models").mkdir()
    write_sided_model(Path("models/anime_advanced_seg.onnx"))
    register()
    return untouched


@pytest.fixture
def art() -> Callable[..., Picture]:
    return lambda alpha=False: portrait(SIDE, SIDE, alpha)[0]

"""The node pack as ComfyUI loads and runs it, with a stand-in for the one module of ComfyUI's that it uses."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from psd_tools import PSDImage

from cubiseg import taxonomy
from cubiseg.errors import CubisegError
from cubiseg.imaging import Picture
from tests.inference.palette import portrait, portrait_label, write_model

torch = pytest.importorskip("torch")
PACK = Path(__file__).parents[2] / "integrations" / "comfyui"
TYPES = {"IMAGE", "MASK", "STRING"}


def folder_paths(output: Path) -> ModuleType:
    """ComfyUI's module: where outputs go, and the next number of a prefix there."""
    module = ModuleType("folder_paths")

    def get_save_image_path(prefix: str, folder: str, *_size: int) -> tuple[str, str, int, str, str]:
        below, name = str(Path(prefix).parent), Path(prefix).name
        place = Path(folder, below)
        place.mkdir(parents=True, exist_ok=True)
        taken = [
            int(path.name[len(name) + 1 :].split("_")[0]) for path in place.iterdir() if path.name.startswith(name)
        ]
        return str(place), name, max(taken, default=0) + 1, below, prefix

    module.get_output_directory = lambda: str(output)
    module.get_save_image_path = get_save_image_path
    return module


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The folder, loaded as one of ComfyUI's custom nodes; a palette's model is found."""
    monkeypatch.setitem(sys.modules, "folder_paths", folder_paths(tmp_path / "output"))
    monkeypatch.setenv("CUBISEG_MODEL", str(write_model(tmp_path / "model.onnx")))
    spec = importlib.util.spec_from_file_location("comfyui_pack", PACK / "__init__.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "comfyui_pack", module)
    spec.loader.exec_module(module)
    yield module
    sys.modules.pop("comfyui_pack.nodes")


def run(node: type, **inputs: Any) -> dict[str, Any]:
    """Run a node as ComfyUI does: choices default to their first, other widgets to their default."""
    declared = node.INPUT_TYPES()
    assert set(inputs) <= {*declared["required"], *declared.get("optional", {})}
    for name, (kind, *options) in declared["required"].items():
        if name not in inputs:
            inputs[name] = kind[0] if isinstance(kind, list) else options[0]["default"]
    return getattr(node(), node.FUNCTION)(**inputs)


def batch(*pictures: Picture) -> Any:
    return torch.stack([torch.from_numpy(picture.rgb.astype(np.float32) / 255) for picture in pictures])


def test_the_pack_declares_what_comfyui_reads(pack: ModuleType) -> None:
    assert set(pack.NODE_CLASS_MAPPINGS) == set(pack.NODE_DISPLAY_NAME_MAPPINGS)
    for node in pack.NODE_CLASS_MAPPINGS.values():
        assert set(node.RETURN_TYPES) <= TYPES and node.OUTPUT_NODE
        assert len(node.RETURN_TYPES) == len(node.RETURN_NAMES) == len(node.OUTPUT_IS_LIST)
        assert callable(getattr(node, node.FUNCTION)) and node.CATEGORY
        inputs = node.INPUT_TYPES()
        for kind, *_ in [*inputs["required"].values(), *inputs["optional"].values()]:
            assert kind in TYPES if isinstance(kind, str) else all(isinstance(choice, str) for choice in kind)


def test_a_batch_gives_a_psd_a_label_map_and_masks_by_name_for_each_picture(pack: ModuleType, tmp_path: Path) -> None:
    node = pack.NODE_CLASS_MAPPINGS["CubisegLayers"]
    picture, label = portrait(160, 160)
    psds, maps, masks, names = run(node, image=batch(picture, picture), level="class", filename_prefix="art/cut")[
        "result"
    ]
    assert [Path(psd).relative_to(tmp_path / "output").as_posix() for psd in psds] == [
        "art/cut_00001_/layers.psd",
        "art/cut_00002_/layers.psd",
    ]
    assert [layer.name for layer in PSDImage.open(psds[0])] == names[0].splitlines()
    for shown, mask in zip(maps, masks, strict=True):
        assert shown.shape == (1, 160, 160, 3) and shown.dtype == mask.dtype == torch.float32
        assert np.mean(np.rint(shown[0].numpy() * 255) == taxonomy.COLOURS[label]) > 0.97
        assert tuple(mask.shape) == (len(names[0].splitlines()), 160, 160)
        assert torch.allclose(mask.sum(0), torch.ones(160, 160), atol=2 / 255), "each pixel is seen of one, or shared"
    hair = names[0].splitlines().index("hair")
    assert np.mean((masks[0][hair].numpy() > 0.5) == (label == taxonomy.ID["hair"])) > 0.99


def test_whole_masks_hold_what_is_painted_beneath_and_names_follow_the_profile(pack: ModuleType) -> None:
    node = pack.NODE_CLASS_MAPPINGS["CubisegLayers"]
    picture, _ = portrait(160, 160)
    seen, whole = (
        run(node, image=batch(picture), profile="cubism", masks=kind)["result"] for kind in ("seen", "whole")
    )
    assert seen[3] == whole[3] and "FaceBase" in seen[3][0].splitlines()
    assert (whole[2][0] >= seen[2][0]).all() and whole[2][0].sum() > seen[2][0].sum() + 1000


def test_clear_pixels_come_with_the_mask_and_a_background_can_be_dropped(pack: ModuleType) -> None:
    node = pack.NODE_CLASS_MAPPINGS["CubisegLayers"]
    picture, _ = portrait(160, 160)
    clear = torch.from_numpy((portrait_label(160, 160) == 0).astype(np.float32))[None]
    psds, _, masks, names = run(node, image=batch(picture), mask=clear)["result"]
    assert "background" not in names[0].splitlines() and not masks[0].sum(0)[clear[0] > 0].any()
    assert PSDImage.open(psds[0]).topil().getpixel((0, 0))[3] == 0
    small = torch.zeros(1, 64, 64)  # what Load Image gives with a picture that is nowhere clear
    _, _, masks, names = run(node, image=batch(picture), mask=small, background="drop")["result"]
    assert "background" not in names[0].splitlines() and len(masks[0]) == len(names[0].splitlines())


def test_what_cannot_be_cut_is_an_error_in_one_line(pack: ModuleType, tmp_path: Path) -> None:
    node = pack.NODE_CLASS_MAPPINGS["CubisegLayers"]
    picture, _ = portrait(160, 160)
    for inputs, told in (
        ({"image": batch(picture), "mask": torch.ones(1, 32, 32)}, "give masks of their size"),
        ({"image": torch.zeros(1, 20, 200, 3)}, "give one with sides of 64 to 8192 pixels"),
        ({"image": batch(picture), "model": str(tmp_path / "none.onnx")}, "no such model file"),
    ):
        with pytest.raises(CubisegError, match=told) as error:
            run(node, **inputs)
        assert "\n" not in str(error.value)


def test_the_node_runs_again_when_the_model_file_is_another(pack: ModuleType, tmp_path: Path) -> None:
    node = pack.NODE_CLASS_MAPPINGS["CubisegLayers"]
    first = node.IS_CHANGED(model="", image=None, profile="flat")
    assert first == node.IS_CHANGED(model="")
    write_model(tmp_path / "model.onnx", parts=True)
    assert node.IS_CHANGED(model="") != first
    assert node.IS_CHANGED(model=str(tmp_path / "none.onnx")) == "no model"


def test_the_readme_tells_every_input_and_output(pack: ModuleType) -> None:
    text = (PACK / "README.md").read_text(encoding="utf-8")
    for node in pack.NODE_CLASS_MAPPINGS.values():
        inputs = node.INPUT_TYPES()
        for name in (*inputs["required"], *inputs["optional"], *node.RETURN_NAMES):
            assert f"| `{name}` " in text, name

"""Inside CubiAI's pipeline: what it writes with the backend, and what takes over."""

import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from psd_tools import PSDImage

from cubiseg import taxonomy
from cubiseg.cli import main
from cubiseg.cubiai import register
from cubiseg.imaging import Picture
from tests.cubiai.conftest import SIDE, CubiAI, stripes, write_picture, write_sided_model
from tests.inference.palette import write_model
from tests.tiny import bytes_of

Art = Callable[..., Picture]
LAYERS = [c.layer for name in taxonomy.LAYER_ORDER for c in taxonomy.CLASSES if c.name == name]


@pytest.mark.parametrize("alpha", [False, True])
def test_each_class_is_a_png_and_a_layer_in_taxonomy_order(cubiai: CubiAI, art: Art, alpha: bool) -> None:
    picture = art(alpha)
    run = cubiai.run(picture, keep=True)
    names = LAYERS[1:] if alpha else LAYERS
    assert run.pngs() == sorted(f"{name}_001.png" for name in names)
    psd = PSDImage.open(run.outputs["psd"])
    assert run.outputs["psd"] == run.root / "layers/layers.psd" and run.outputs["png_layers"] == run.root / "png"
    assert psd.size == (SIDE, SIDE) and [layer.name for layer in psd] == names
    assert run.stages["PSDExport"] == {"path": str(run.outputs["psd"]), "layer_count": len(names)}
    assert run.stages["PNGExport"] == {"files": [str(run.root / "png" / f"{name}_001.png") for name in names]}
    for name, told in zip(names, run.segmentation["layers"], strict=True):
        left, top, right, bottom = told["bbox"]
        for file in (f"png/{name}_001.png", f"layers/{name}.png"):
            with Image.open(run.root / file) as png:
                assert png.size == (right - left, bottom - top) and png.mode == "RGBA"
        with Image.open(run.root / f"masks/{name}_mask.png") as mask:
            assert mask.size == (SIDE, SIDE) and np.count_nonzero(mask) == told["area"]


@pytest.mark.parametrize("level", ["class", "part"])
@pytest.mark.parametrize("kind", ["RGB", "RGBA", "opaque RGBA"])
def test_the_psd_has_the_bytes_of_cubiseg_layers(cubiai: CubiAI, art: Art, kind: str, level: str) -> None:
    write_sided_model(Path("models/anime_advanced_seg.onnx"), parts=True)
    picture = art(kind == "RGBA")
    if kind == "opaque RGBA":
        picture = Picture(picture.rgb, np.full((SIDE, SIDE), 255, np.uint8))
    write_picture(Path("art.png"), picture)
    command = ("layers", "art.png", "-o", "ours", "--profile", "cubiai", "--level", level, "--split", "accessories")
    done = CliRunner().invoke(main, command, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    run = cubiai.run(picture, anime_advanced={"level": level, "split": ["accessories"]})
    assert run.outputs["psd"].read_bytes() == Path("ours/art/layers.psd").read_bytes()
    assert run.pngs() == sorted(path.name for path in Path("ours/art/png").iterdir())
    assert ("hair_001.png" in run.pngs()) == (level == "class")


def test_the_diagnostics_say_what_was_found_and_by_whom(cubiai: CubiAI, art: Art) -> None:
    told = cubiai.run(art()).segmentation
    assert list(told) == [
        *("layer_count", "settings", "backend", "requested", "architecture", "face", "confidence", "classes"),
        *("layers", "warnings"),
    ]
    assert (told["layer_count"], told["backend"], told["requested"]) == (12, "anime-advanced", "anime-advanced")
    assert (told["architecture"], told["face"]) == ("anime-unet", True)
    assert told["settings"]["anime_advanced"]["fallback"] == ["sam-hq-local", "slic"]
    assert told["classes"] == list(taxonomy.NAMES) == list(told["confidence"]["classes"])
    assert 0.9 < told["confidence"]["mean"] <= 1
    hair = next(layer for layer in told["layers"] if layer["name"] == "hair")
    assert list(hair) == ["name", "bbox", "class", "class_id", "piece", "file", "order", "score", "area"]
    assert (hair["class"], hair["class_id"], hair["file"], hair["order"]) == ("hair", 1, "png/hair_001.png", 10)


def test_only_layers_of_this_run_come_into_the_psd(cubiai: CubiAI, art: Art) -> None:
    (cubiai.folder / "out/png").mkdir(parents=True)
    Image.new("RGBA", (9, 9)).save(cubiai.folder / "out/png/000.png")
    psd = PSDImage.open(cubiai.run(art()).outputs["psd"])
    assert [layer.name for layer in psd] == LAYERS and psd.size == (SIDE, SIDE)


@pytest.mark.parametrize("off", ["png", "psd"])
def test_exports_that_are_switched_off_stay_off(cubiai: CubiAI, art: Art, off: str) -> None:
    run = cubiai.run(art(), export={off: {"enabled": False}})
    assert (run.pngs() == []) == (off == "png")
    assert (run.root / "layers/layers.psd").exists() == (off != "psd")
    assert run.stages["PNGExport" if off == "png" else "PSDExport"] == {"status": "skipped"}
    assert len(run.outputs) == 1


def test_other_backends_write_what_they_wrote_before(untouched: CubiAI, art: Art) -> None:
    before = untouched.run(art(), backend="slic", keep=True)
    files = {name: content for name, content in bytes_of(before.root).items() if name != "metadata.json"}
    register()
    again = untouched.run(art(), backend="slic", keep=True)
    assert {name: content for name, content in bytes_of(again.root).items() if name != "metadata.json"} == files
    assert "layers/layers.psd" in files and "anime_advanced" not in files["diagnostics.json"].decode()


def _failing(cubiai: CubiAI, monkeypatch: pytest.MonkeyPatch, errors: dict[str, Exception]) -> None:
    """Let some of CubiAI's backends raise."""
    stage = cubiai.module("pipeline.stages").SegmentationStage
    whole = stage.run

    def run(self: Any, ctx: Any) -> None:
        if self.settings.backend in errors:
            raise errors[self.settings.backend]
        whole(self, ctx)

    monkeypatch.setattr(stage, "run", run)


def test_a_picture_without_a_face_goes_to_the_first_of_cubiai_s_backends_that_runs(
    cubiai: CubiAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors = cubiai.module("errors")
    missing = errors.MissingDependencyError("transformers[torch] is required\nInstall it.")
    raised = {
        "transformers[torch] is required": missing,
        "no weights and no network": OSError("no weights and no network\n\nsee https://example.org"),
        "SAM-HQ gave no masks": errors.PipelineStageError("Segmentation", "SAM-HQ gave no masks"),
        "RuntimeError": RuntimeError(),
    }
    for number, (told, error) in enumerate(raised.items()):
        with monkeypatch.context() as patched:
            _failing(cubiai, patched, {"sam-hq-local": error})
            run = cubiai.run(stripes(), f"run{number}")
        found = run.segmentation
        assert found["warnings"] == [
            f"sam-hq-local could not run: {told}",
            "no anime face was found; slic took over",
        ]
        assert (found["backend"], found["requested"], found["face"]) == ("slic", "anime-advanced", False)
        assert run.pngs()[:2] == ["001.png", "002.png"] and len(run.pngs()) == found["layer_count"]


def test_what_a_fallback_made_lies_in_its_place_with_the_largest_at_the_bottom(cubiai: CubiAI) -> None:
    picture = stripes(200)
    run = cubiai.run(picture, anime_advanced={"fallback": ["slic"]}, feather_radius=0)
    told = {layer["name"]: layer for layer in run.segmentation["layers"]}
    psd = PSDImage.open(run.outputs["psd"])
    assert psd.size == (200, 200) and {layer.name for layer in psd} == set(told)
    areas = [told[layer.name]["pixel_count"] for layer in psd]
    assert areas == sorted(areas, reverse=True) and len(areas) > 2
    assert all(list(layer.bbox) == told[layer.name]["bbox"] for layer in psd)
    shown = psd.composite(ignore_preview=True, color=0.0, alpha=1.0)
    assert shown is not None and np.array_equal(np.asarray(shown)[..., :3], picture.rgb)


def test_names_that_no_program_takes_are_mended_in_the_psd(cubiai: CubiAI, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = cubiai.module("pipeline.stages").SegmentationStage
    layer = cubiai.module("pipeline.artifacts").LayerArtifact

    def run(self: Any, ctx: Any) -> None:
        boxes = {(0, 0, 160, 90): "髪", (0, 90, 160, 160): "髪"}
        ctx.data["layers"] = []
        for box, name in boxes.items():
            mask = Image.new("L", (160, 160))
            mask.paste(255, box)
            image = ctx.data["image"].copy()
            image.putalpha(mask)
            ctx.data["layers"].append(layer(name=name, image=image, mask=mask, bbox=box, metadata={"score": 0.5}))

    monkeypatch.setattr(stage, "run", run)
    psd = PSDImage.open(cubiai.run(stripes()).outputs["psd"])
    assert [layer.name for layer in psd] == ["hair", "hair_2"]


@pytest.mark.parametrize("fallback", [[], ["sam-hq-local"]])
def test_where_nothing_takes_over_our_layers_stay_with_a_warning(cubiai: CubiAI, fallback: list[str]) -> None:
    run = cubiai.run(stripes(), anime_advanced={"fallback": fallback})
    assert run.segmentation["backend"] == "anime-advanced" and not run.segmentation["face"]
    assert {"hair_001.png", "clothes_001.png"} <= set(run.pngs())
    assert any("face was found" in warning for warning in run.segmentation["warnings"])
    assert any("sam-hq-local could not run" in w for w in run.segmentation["warnings"]) == bool(fallback)


def test_a_picture_of_background_alone_ends_in_one_line_and_nothing_is_written(cubiai: CubiAI) -> None:
    error = cubiai.module("errors").PipelineStageError
    with pytest.raises(error) as caught:
        cubiai.run(Picture(np.zeros((160, 160, 3), np.uint8)), anime_advanced={"fallback": ["sam-hq-local"]})
    assert caught.value.stage == "Segmentation" and "\n" not in caught.value.message
    assert "sam-hq-local could not run" in caught.value.message and "choose another picture" in caught.value.message
    assert [path for path in (cubiai.folder / "out").rglob("*") if path.is_file()] == []


def test_a_face_of_low_confidence_is_kept_with_a_warning(cubiai: CubiAI, art: Art) -> None:
    run = cubiai.run(art(), anime_advanced={"low_confidence": 1.0})
    assert run.segmentation["backend"] == "anime-advanced" and run.segmentation["face"]
    (warning,) = run.segmentation["warnings"]
    assert warning.startswith("low confidence (") and warning.endswith(" on average, 1.00 expected); check the layers")


@pytest.mark.parametrize("text", ["see [/x] or [torch]", "[", "\\[b]", "100 %s [red]"])
def test_a_bracket_in_a_warning_is_printed_and_ends_nothing(
    cubiai: CubiAI, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    _failing(cubiai, monkeypatch, {"sam-hq-local": RuntimeError(text)})
    cubiai.module("logging_utils").configure_logging(level="WARNING")
    run = cubiai.run(stripes())
    printed = capsys.readouterr()
    assert f"sam-hq-local could not run: {text}" in printed.out + printed.err
    assert run.segmentation["warnings"][0] == f"sam-hq-local could not run: {text}"


def test_warnings_go_to_the_log_of_the_stage(cubiai: CubiAI, caplog: pytest.LogCaptureFixture) -> None:
    cubiai.run(stripes(), anime_advanced={"fallback": ["slic"]})
    told = [(record.name, record.levelno, record.getMessage()) for record in caplog.records]
    assert ("Segmentation", logging.WARNING, "no anime face was found; slic took over") in told


@pytest.mark.parametrize("how", ["missing", "empty", "cut short", "foreign", "foreign description", "pickle"])
def test_a_model_that_cannot_be_used_ends_in_one_line_and_never_in_a_fallback(
    cubiai: CubiAI, art: Art, how: str
) -> None:
    path = Path("models/x.pt" if how == "pickle" else "models/x.onnx")
    if how in ("foreign", "foreign description"):
        write_model(path, metadata="" if how == "foreign" else '{"architecture": "x"}')
    elif how == "cut short":
        path.write_bytes(write_model(path).read_bytes()[:-400])
    elif how != "missing":
        path.write_bytes(b"" if how == "empty" else b"\x80\x04N.")
    errors = cubiai.module("errors")
    with pytest.raises((errors.PipelineStageError, errors.MissingDependencyError)) as caught:
        cubiai.run(art(), anime_advanced={"model": str(path)})
    message = str(caught.value)
    assert "\n" not in message and "Unexpected" not in message
    assert "models/x" in message or (how == "pickle" and message.startswith("torch is not installed"))
    if how == "missing":
        assert message.endswith("check segmentation.anime_advanced.model")
    assert [file for file in (cubiai.folder / "out").rglob("*") if file.is_file()] == []


def test_a_package_that_is_missing_is_said_to_be(cubiai: CubiAI, art: Art, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "cubiseg.inference.torchscript", raising=False)
    Path("models/x.pt").write_bytes(b"PK\x03\x04")
    with pytest.raises(cubiai.module("errors").MissingDependencyError, match=r"^torch is not installed; .*\.onnx"):
        cubiai.run(art(), anime_advanced={"model": "models/x.pt"})


def test_the_model_is_the_block_s_then_that_of_the_assets_then_the_folder_s_then_the_usual_one(
    cubiai: CubiAI, art: Art, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_picture(Path("out.png"), art())
    named, asset = (write_model(Path(f"{name}.onnx"), name) for name in ("anime-swin", "anime-transformer"))
    usual = write_model(Path("usual.onnx"), "anime-unetformer")
    monkeypatch.setenv("CUBISEG_MODEL", str(usual))

    def architecture(**block: Any) -> str:
        blocks = {"segmentation": {"backend": "anime-advanced", "anime_advanced": block or None}}
        assets = [{"name": "other", "path": "nowhere.onnx"}, {"name": "anime-advanced", "path": str(asset)}]
        config = cubiai.config(**blocks, models={"assets": assets if with_asset else []})
        workspace = cubiai.module("workspace").Workspace.create(input_path=Path("out.png"), root=Path("out"))
        cubiai.module("pipeline.runner").PipelineRunner(config=config, workspace=workspace).run()
        return json.loads(Path("out/diagnostics.json").read_text())["stages"]["Segmentation"]["architecture"]

    with_asset = True
    assert architecture(model=str(named)) == "anime-swin"
    assert architecture() == "anime-transformer"
    with_asset = False
    Path("models/anime_advanced_seg.pt").write_bytes(b"not looked at")
    assert architecture() == "anime-unet"
    Path("models/anime_advanced_seg.pt").unlink()
    Path("models/anime_advanced_seg.onnx").unlink()
    assert architecture() == "anime-unetformer"

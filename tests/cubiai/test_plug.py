"""Plugging into CubiAI: what is set, what is refused, and CubiAI's own command line."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from cubiseg.cubiai import Settings, register
from cubiseg.errors import CubisegError
from tests.conftest import ROOT
from tests.cubiai.conftest import SIDE, STAND_IN, CubiAI, stripes, write_picture, write_sided_model
from tests.inference.palette import portrait


def _attributes() -> dict[str, Any]:
    """Everything that CubiAI's modules hold."""
    modules = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "cubiai"}
    return {f"{name}.{key}": value for name, module in modules.items() for key, value in vars(module).items()}


def test_registering_sets_two_attributes_and_a_second_time_none(untouched: CubiAI) -> None:
    for name in ("config.loader", "pipeline.runner", "pipeline.stages", "pipeline.artifacts", "errors"):
        untouched.module(name)
    before = _attributes()
    register()
    after = _attributes()
    changed = {name for name in after if not name.endswith(".__builtins__") and after[name] is not before.get(name)}
    assert changed == {"cubiai.config.loader.AppConfig", "cubiai.pipeline.runner.build_default_stages"}
    register()
    again = _attributes()
    assert all(again[name] is after[name] for name in changed)


def test_the_config_takes_the_block_and_keeps_its_own_defaults(untouched: CubiAI) -> None:
    own = untouched.config().segmentation
    register()
    config = untouched.config()
    assert config.segmentation.model_dump() == own.model_dump() and isinstance(config.segmentation, type(own))
    assert list(config.segmentation.model_dump()) == list(own.model_dump())
    ours = untouched.config(segmentation={"backend": "anime-advanced", "anime_advanced": None}).segmentation
    assert ours.anime_advanced == Settings() and ours.num_segments == own.num_segments
    given = {"model": "a.onnx", "level": "part", "low_confidence": 0.4, "fallback": ["slic"], "split": ["clothes"]}
    ours = untouched.config(segmentation={"backend": "anime-advanced", "anime_advanced": given}).segmentation
    assert ours.model_dump()["anime_advanced"] == {**given, "soft_edges": True, "extension": 0.25, "fill": None}


@pytest.mark.parametrize(
    ("segmentation", "message"),
    [
        ({"backend": "anime-advnced"}, "anime-advanced"),
        ({"anime_advanced": {"modl": "x"}}, "anime_advanced.modl"),
        ({"anime_advanced": {"low_confidence": 60}}, "anime_advanced.low_confidence"),
        ({"anime_advanced": {"level": "layer"}}, "anime_advanced.level"),
        ({"anime_advanced": {"split": ["hat"]}}, "anime_advanced.split"),
        ({"anime_advanced": {"fallback": ["sliic"]}}, "CubiAI has no backend 'sliic', but slic"),
        ({"anime_advanced": {"fallback": ["anime-advanced"]}}, "CubiAI has no backend 'anime-advanced'"),
    ],
)
def test_a_config_that_cannot_be_meant_is_refused_by_its_key(
    untouched: CubiAI, segmentation: dict[str, Any], message: str
) -> None:
    register()
    with pytest.raises(ValidationError) as caught:
        untouched.config(segmentation=segmentation)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        "config.loader.AppConfig",
        "pipeline.runner.build_default_stages",
        "pipeline.stages.SegmentationStage",
        "pipeline.artifacts.LayerArtifact",
        "errors.PipelineStageError",
        "errors.MissingDependencyError",
    ],
)
def test_a_cubiai_without_a_name_is_refused_by_it_and_left_as_it_is(
    untouched: CubiAI, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    place, _, missing = name.rpartition(".")
    for module in ("config.loader", "pipeline.runner"):
        untouched.module(module)
    monkeypatch.delattr(untouched.module(place), missing)
    before = _attributes()
    with pytest.raises(CubisegError) as caught:
        register()
    assert str(caught.value) == (
        f"this CubiAI has no cubiai.{name}; cubiseg fits its commits e5e0e08, 3e788e8, abc1fba, 3f2eb97:"
        " check one of them out"
    )
    assert {key: value for key, value in _attributes().items() if key in before} == before


def test_a_cubiai_of_another_form_is_refused_in_one_line(untouched: CubiAI, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, "cubiai.pipeline.artifacts", None)
        with pytest.raises(CubisegError, match=r"^this CubiAI has no module cubiai\.pipeline\.artifacts; "):
            register()
    runner = untouched.module("pipeline.runner")
    whole = runner.build_default_stages
    without = lambda **given: [stage for stage in whole(**given) if stage.name != "PNGExport"]  # noqa: E731
    monkeypatch.setattr(runner, "build_default_stages", without)
    register()
    with pytest.raises(CubisegError, match=r"^this CubiAI has no stage PNGExport; "):
        untouched.run(stripes())
    loader = untouched.module("config.loader")
    monkeypatch.setattr(loader, "AppConfig", dict)
    with pytest.raises(CubisegError, match=r"^this CubiAI has no field AppConfig\.segmentation; "):
        register()


def _command(*arguments: str, cwd: Path, source: Path | None, module: str = "cubiseg.cubiai") -> Any:
    paths = [str(ROOT), *([str(source)] if source else [])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "COLUMNS": "200"}
    environment.pop("CUBISEG_MODEL", None)
    command = (sys.executable, "-m", module, *arguments)
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def test_without_cubiai_the_command_says_so_in_one_line(tmp_path: Path) -> None:
    done = _command("process", cwd=tmp_path, source=None)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("error: CubiAI is not installed here; ") and done.stderr.count("\n") == 1


def test_a_package_that_cubiai_lacks_is_named_in_one_line(tmp_path: Path) -> None:
    broken = tmp_path / "cubiai"
    for name in ("config/loader.py", "__init__.py", "config/__init__.py"):
        (broken / name).parent.mkdir(parents=True, exist_ok=True)
        (broken / name).write_text("import nothing_of_that_name\n" if name.startswith("config/l") else "")
    done = _command("process", cwd=tmp_path, source=tmp_path)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert done.stderr.startswith("error: CubiAI needs nothing_of_that_name, which is not installed; ")


@pytest.mark.parametrize("way", ["cubiseg's command", "two lines in CubiAI's"])
def test_both_ways_to_switch_it_on_give_the_same_files(tmp_path: Path, way: str) -> None:
    (tmp_path / "models").mkdir()
    write_sided_model(tmp_path / "models/anime_advanced_seg.onnx")
    write_picture(tmp_path / "art.png", portrait(SIDE, SIDE)[0])
    (tmp_path / "c.yaml").write_text("segmentation: {backend: anime-advanced}\n")
    module = "cubiseg.cubiai"
    if way.startswith("two"):
        module = "edited"
        lines = "from cubiseg.cubiai import register\nregister()\nfrom cubiai.__main__ import main\nmain()\n"
        (tmp_path / "edited.py").write_text(lines)
    done = _command("process", "art.png", "-c", "c.yaml", "-o", "out", cwd=tmp_path, source=STAND_IN, module=module)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out/png/hair_001.png").is_file() and (tmp_path / "out/layers/layers.psd").is_file()

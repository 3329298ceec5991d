"""The promises of dvc.yaml, params.yaml and the remote that ships with the repository, kept in a fresh clone."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT

Run = Callable[..., subprocess.CompletedProcess[str]]
STAGES = ["prepare", "annotate", "clean", "split", "train", "evaluate", "export", "integrate"]
CODEBOOK = "cubiseg/codebook.yaml"
PIPELINE = yaml.safe_load((ROOT / "dvc.yaml").read_text())


def would_run(run: Run, folder: Path) -> list[str]:
    """Stages that `dvc repro` would run."""
    dry = run("dvc", "repro", "--dry", "--allow-missing", cwd=folder).stdout
    return re.findall(r"Running stage '([\w-]+)'", dry)


def test_stages_come_in_pipeline_order_and_describe_themselves() -> None:
    assert list(PIPELINE["stages"]) == STAGES
    assert all(stage["desc"] for stage in PIPELINE["stages"].values())


def test_a_stage_depends_on_its_own_code() -> None:
    for name, stage in PIPELINE["stages"].items():
        assert f"stages/{name}.py" in stage["deps"]
        for dep in stage["deps"]:
            made_by_pipeline = any(
                dep == (out if isinstance(out, str) else next(iter(out)))
                for other in PIPELINE["stages"].values()
                for out in other["outs"] + other["metrics"]
            )
            assert made_by_pipeline or (ROOT / dep).exists(), f"{name}: {dep}"


def test_a_stage_depends_on_all_library_code_that_it_reaches() -> None:
    import grimp

    graph = grimp.build_graph("stages", "cubiseg", cache_dir=None)
    for name, stage in PIPELINE["stages"].items():
        reached = graph.find_upstream_modules(f"stages.{name}")
        files = {m.replace(".", "/") for m in reached} - {"cubiseg", "stages", "cubiseg/errors"}
        deps = {d.removesuffix(".py") for d in stage["deps"]}
        missed = {f for f in files if not any(f == d or f.startswith(f"{d}/") for d in deps)}
        assert not missed, f"{name}: {sorted(missed)} are not in deps"


def test_a_stage_depends_on_no_library_code_that_it_does_not_reach() -> None:
    import grimp

    graph = grimp.build_graph("stages", "cubiseg", cache_dir=None)
    for name, stage in PIPELINE["stages"].items():
        files = {m.replace(".", "/") for m in graph.find_upstream_modules(f"stages.{name}")}
        deps = {d.removesuffix(".py") for d in stage["deps"] if d.startswith("cubiseg/") and d != CODEBOOK}
        idle = {d for d in deps if not any(f == d or f.startswith(f"{d}/") for f in files)}
        assert not idle, f"{name}: {sorted(idle)} would rerun it for nothing"


def test_every_param_is_commented() -> None:
    above = ""
    for number, line in enumerate((ROOT / "params.yaml").read_text().splitlines(), 1):
        key = re.match(r"^ +([a-z_]+): +[^ #]", line)
        if key:
            assert above.strip().startswith("#") or "#" in line, f"params.yaml:{number}: {line.strip()} has no comment"
        above = line if line.strip() else above


def test_the_lock_is_current(clone: Path, run: Run) -> None:
    assert would_run(run, clone) == []


def test_a_changed_comment_reruns_nothing(clone: Path, run: Run) -> None:
    path = clone / "params.yaml"
    text = path.read_text()
    comment = next(line for line in text.splitlines() if line.startswith("  # "))
    path.write_text(f"# Read me first.\n{text.replace(comment, '  # In other words.')}# The end.\n")
    assert yaml.safe_load(path.read_text()) == yaml.safe_load(text)
    assert would_run(run, clone) == []


@pytest.mark.parametrize(
    ("room", "stages"),
    [
        ("portraits", ["prepare"]),
        ("annotation", ["annotate"]),
        ("cleaning", ["clean"]),
        ("dataset", ["split"]),
        ("training", ["train"]),
        ("layers", ["integrate"]),
        ("regions", ["prepare", "annotate", "clean", "evaluate", "integrate"]),
        ("studio", []),
        ("cli", []),
    ],
)
def test_a_change_in_a_room_reruns_only_the_stages_that_use_it(
    clone: Path, run: Run, room: str, stages: list[str]
) -> None:
    with (clone / f"cubiseg/{room}/__init__.py").open("a") as file:
        file.write("# changed\n")
    # What is not pulled is missing in every stage; only code is asked about.
    status = json.loads(run("dvc", "status", "--json", cwd=clone).stdout)
    changed = [
        name
        for name in STAGES
        for facts in status.get(name, [])
        if isinstance(facts, dict) and f"cubiseg/{room}" in facts.get("changed deps", {})
    ]
    assert changed == stages


@pytest.mark.slow
@pytest.mark.parametrize(
    ("param", "first"),
    [
        ("prepare.seed=7", "prepare"),
        ("annotate.seed=7", "annotate"),
        ("split.seed=7", "split"),
        ("split.pack=shards", "prepare"),
        ("train.architecture=anime-swin", "train"),
        ("segmentation.backend=slic", "integrate"),
    ],
)
def test_a_changed_param_reruns_only_what_depends_on_it(clone: Path, run: Run, param: str, first: str) -> None:
    run("dvc", "pull", "--quiet", cwd=clone)
    block, rest = param.split(".", 1)
    key, value = rest.split("=")
    params = yaml.safe_load((clone / "params.yaml").read_text())
    assert key in params[block]
    params[block][key] = yaml.safe_load(value)
    (clone / "params.yaml").write_text(yaml.safe_dump(params))
    ran = would_run(run, clone)
    # A dry run cannot know the outputs of what it did not run, so it names everything downstream that may change.
    assert ran[0] == first
    assert set(ran) <= set(STAGES[STAGES.index(first) :])


@pytest.mark.slow
def test_pull_brings_everything_offline_and_then_nothing_is_left_to_do(clone: Path, run: Run) -> None:
    run("dvc", "pull", "--quiet", cwd=clone)
    for stage in PIPELINE["stages"].values():
        for out in stage["outs"]:
            assert (clone / (out if isinstance(out, str) else next(iter(out)))).exists()
    assert would_run(run, clone) == []
    assert run("git", "status", "--porcelain", cwd=clone).stdout == ""


@pytest.mark.slow
def test_the_shipped_remote_holds_the_objects_of_the_lock_and_no_others(clone: Path, run: Run) -> None:
    run("dvc", "pull", "--quiet", cwd=clone)
    cached = {p.relative_to(clone / ".dvc/cache") for p in (clone / ".dvc/cache/files").rglob("*") if p.is_file()}
    shipped = {p.relative_to(clone / "dvc-remote") for p in (clone / "dvc-remote/files").rglob("*") if p.is_file()}
    assert shipped == cached


def test_the_shipped_remote_stays_small() -> None:
    size = sum(p.stat().st_size for p in (ROOT / "dvc-remote").rglob("*") if p.is_file())
    locked = [out for stage in ("train", "export") for out in _locked(stage) if out["path"].startswith("models/")]
    released = _released()
    weights = sum(out["size"] for out in [*locked, *released])
    completion = next(out["size"] for out in released if out["path"] == "completion.onnx")
    assert weights - completion <= 22e6
    assert completion <= 12e6 and weights <= 25e6
    assert size - weights <= 20e6


def _locked(stage: str) -> list[dict]:
    return yaml.safe_load((ROOT / "dvc.lock").read_text())["stages"][stage]["outs"]


def _released() -> list[dict]:
    files = sorted((ROOT / "models").rglob("*.dvc"))
    return [out for file in files for out in yaml.safe_load(file.read_text())["outs"]]


GIT = ("git", "-c", "user.name=test", "-c", "user.email=test@example.org")

TINY = {
    "prepare": {"synthetic": {"count": 16, "size": 128}},
    "train": {"max_iters": 4, "batch_size": 2, "size": 64, "val_interval": 2, "precision": "fp32"},
    "split": {"val": 0.2, "test": 0.2},
    "evaluate": {"sheet_pictures": 2},
    "export": {"parity_inputs": 1},
}


def _shrink(folder: Path) -> None:
    params = yaml.safe_load((folder / "params.yaml").read_text())
    for block, values in TINY.items():
        for key, value in values.items():
            params[block][key] = {**params[block][key], **value} if isinstance(value, dict) else value
    (folder / "params.yaml").write_text(yaml.safe_dump(params))


@pytest.mark.slow
def test_the_whole_pipeline_runs_from_nothing(clone: Path, run: Run) -> None:
    _shrink(clone)
    (clone / "dvc.lock").unlink()
    shutil.rmtree(clone / "dvc-remote")
    run("dvc", "repro", cwd=clone)
    for name in STAGES:
        assert json.loads((clone / f"metrics/{name}.json").read_text())
    psds = sorted((clone / "data/layers").glob("*/layers.psd"))
    assert len(psds) == len(
        [p for p in (clone / "data/illustrations").iterdir() if p.suffix in (".png", ".webp", ".jpg")]
    )
    assert run("cubiseg", "lint", *map(str, psds), cwd=clone).returncode == 0
    report = run("python", "-m", "stages.report", cwd=clone).stdout
    assert "data/layers" in report
    assert "mean IoU" in report

    run("git", "add", "--all", cwd=clone)
    run(*GIT, "commit", "--quiet", "--message", "tiny", cwd=clone)
    run("dvc", "exp", "run", "-S", "train.architecture=anime-transformer", "--name", "transformer", cwd=clone)
    shown = json.loads(run("dvc", "exp", "show", "--json", cwd=clone).stdout)
    trained = [
        revision["data"]["metrics"]["metrics/train.json"]["data"]["architecture"]
        for commit in shown
        for revision in [commit, *(r for e in commit.get("experiments") or [] for r in e["revs"])]
        if revision.get("data")
    ]
    assert {"anime-unet", "anime-transformer"} <= set(trained)

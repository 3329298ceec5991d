"""The house is as docs/architecture.md says: one room a stage, one door a room, one name a thing."""

import ast
import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
import tomllib

from cubiseg import settings
from tests.conftest import ROOT

ROOMS = {
    "prepare": "sources",
    "annotate": "annotation",
    "clean": "cleaning",
    "split": "dataset",
    "train": "training",
    "evaluate": "evaluation",
    "export": "exporting",
    "integrate": "integration",
}
LIBRARY = sorted((ROOT / "cubiseg").rglob("*.py"))
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("verb", "room"), ROOMS.items())
def test_a_stage_has_one_room_with_params_and_one_door(verb: str, room: str) -> None:
    assert (ROOT / "cubiseg" / room / "params.py").is_file()
    door = ast.parse((ROOT / "cubiseg" / room / "stage.py").read_text(encoding="utf-8"))
    assert verb in [node.name for node in door.body if isinstance(node, ast.FunctionDef)]
    recipe = (ROOT / "stages" / f"{verb}.py").read_text(encoding="utf-8")
    assert "@stage(" in recipe and f"cubiseg.{room}.stage" in recipe
    assert len(recipe.splitlines()) <= 40


def test_the_map_shows_every_room_and_every_file_of_the_ground_floor() -> None:
    inside = [p for p in (ROOT / "cubiseg").iterdir() if not p.name.startswith(("_", "."))]
    names = [f"{p.name}/" if p.is_dir() else p.name for p in inside if p.is_dir() or p.suffix == ".py"]
    missing = [name for name in names if not re.search(rf"(?<![\w/]){re.escape(name)}", ARCHITECTURE)]
    assert not missing


def test_the_map_s_arrows_are_the_import_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(c for c in contracts if c["type"] == "layers")["layers"]
    shown = re.search(r"<!-- contract -->\n```\n(.*?)```", ARCHITECTURE, re.DOTALL)
    assert shown is not None
    assert shown[1].splitlines() == layers


def test_every_file_that_the_map_names_is_there() -> None:
    for name in re.findall(r"`((?:\w+/)+\w+\.py)`", ARCHITECTURE):
        assert (ROOT / "cubiseg" / name).is_file() or (ROOT / name).is_file(), name


def test_no_two_classes_share_a_name() -> None:
    found = defaultdict(list)
    for path in LIBRARY:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(path.relative_to(ROOT).as_posix())
    assert {name: places for name, places in found.items() if len(places) > 1} == {}


def test_every_package_s_face_has_an_example() -> None:
    faces = sorted((ROOT / "cubiseg").glob("*/__init__.py"))
    assert [face.parent.name for face in faces if ">>> " not in face.read_text(encoding="utf-8")] == []


def test_private_words_have_given_way() -> None:
    words = r"def (gather|settle|believe|settle_all|replace_folder)\b|class (Read|Taken|Named)\b"
    assert [f"{p}: {m[0]}" for p in LIBRARY if (m := re.search(words, p.read_text(encoding="utf-8")))] == []


def test_library_code_logs_and_only_the_command_line_and_the_stages_print() -> None:
    printing = []
    for path in LIBRARY:
        rooms = path.relative_to(ROOT / "cubiseg").parts
        if rooms[0] in ("cli", "logs.py") or path.name == "__main__.py":
            continue  # a __main__ is a command
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
                printing.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert printing == []


def test_the_formatter_is_hardly_ever_switched_off() -> None:
    files = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    count = sum((ROOT / f).read_text(encoding="utf-8").count("# fmt: " + "skip") for f in files.splitlines())
    assert count < 30


def test_docs_and_doctor_show_every_setting() -> None:
    page = (ROOT / "docs/pipeline.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", page, re.MULTILINE))
    expected = {s.name: f"{s.default_text} | {s.meaning}" for s in settings.SETTINGS}
    assert {name: row for name, row in rows.items() if name in expected} == expected


def test_what_is_imported_is_declared() -> None:
    done = subprocess.run([Path(sys.executable).with_name("deptry"), "."], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_no_import_goes_round_in_a_circle() -> None:
    import grimp

    graph = grimp.build_graph("cubiseg", cache_dir=None)
    # A package's face imports its modules, and they import each other through it: modules are compared, not packages.
    modules = [m for m in graph.modules if not graph.find_children(m)]
    circles = [
        (one, other)
        for one in modules
        for other in graph.find_modules_directly_imported_by(one)
        if one < other and graph.find_shortest_chain(importer=other, imported=one)
    ]
    assert circles == []


def test_no_test_runs_without_end_and_test_processes_share_cores_and_memory(
    pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests import conftest

    assert 0 < float(pytestconfig.getini("timeout")) <= 900
    assert {"OMP_WAIT_POLICY", "OMP_NUM_THREADS", "CUBISEG_WORKERS"} <= set(os.environ)
    monkeypatch.setattr(conftest, "cores", lambda: 64)
    for free, expected in ((2**40, 64), (8 * 2**30, 5), (2**20, 1), (None, 64)):
        monkeypatch.setattr(conftest, "available_memory", lambda free=free: free)
        assert conftest.pytest_xdist_auto_num_workers(pytestconfig) == expected


def test_nothing_lies_outside_the_repository() -> None:
    """But for the renders of real characters, which one fixture looks for, and without which tests are skipped."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    texts = [ROOT / name for name in tracked if name.endswith((".py", ".md", ".yaml", ".toml", "Makefile"))]
    word = "shared" + "/real"
    found = [p.relative_to(ROOT).as_posix() for p in texts if p.is_file() and word in p.read_text(encoding="utf-8")]
    assert found == ["tests/conftest.py"]

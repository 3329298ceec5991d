"""The settings choose the engine, and doctor tells which."""

import importlib.util
import json
from typing import Any

import pytest
from click.testing import CliRunner

from cubiseg.cli import main
from cubiseg.errors import CubisegError
from cubiseg.workers import ray_cluster, run_all
from cubiseg.workers.choice import SERIAL_BELOW, chosen, engine_for
from cubiseg.workers.processes import Processes, Threads


@pytest.mark.parametrize(
    ("setting", "count", "threads", "wanted", "expected"),
    [
        ("", SERIAL_BELOW, False, None, Processes),
        ("", SERIAL_BELOW - 1, False, None, None),
        ("", 2, False, 2, Processes),
        ("process", 2, False, None, Processes),
        ("process", 1, False, None, None),
        ("serial", 1000, False, 2, None),
        ("serial", 1000, True, None, Threads),
        ("ray", 1, False, None, None),
        ("ray", 1000, True, None, Threads),
    ],
)
def test_a_setting_and_the_work_choose_the_engine(
    monkeypatch: pytest.MonkeyPatch, setting: str, count: int, threads: bool, wanted: int | None, expected: type | None
) -> None:
    monkeypatch.setenv("CUBISEG_ENGINE", setting)
    monkeypatch.setenv("CUBISEG_WORKERS", "2")
    found = engine_for(abs, count, threads, wanted)
    assert (None if found is None else type(found)) is expected
    if found is not None:
        found.close()


@pytest.mark.parametrize("name", ["CUBISEG_ENGINE", "CUBISEG_RAY_ADDRESS"])
@pytest.mark.parametrize("text", ["RAY", "celery", "ray://head:10001", "head", "head:port", "a b:1"])
def test_a_wrong_value_is_one_line(monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> None:
    monkeypatch.setenv("CUBISEG_ENGINE", "ray")
    monkeypatch.setenv(name, text)
    with pytest.raises(CubisegError, match=rf"^{name}={text}: must be .*; correct or unset it$"):
        run_all(abs, range(30), "counting")
    assert f"{name}={text}: must be" in str(chosen().problem)


def test_without_ray_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUBISEG_ENGINE", "ray")
    monkeypatch.setattr(ray_cluster, "can_import_ray", lambda: False)
    with pytest.raises(CubisegError, match=r"^ray is not installed; pip install 'cubiseg\[ray\]'"):
        run_all(abs, range(30), "counting")


def test_a_cluster_that_does_not_answer_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUBISEG_ENGINE", "ray")
    monkeypatch.setenv("CUBISEG_RAY_ADDRESS", "127.0.0.1:1")
    with pytest.raises(CubisegError, match=r"^CUBISEG_RAY_ADDRESS=127\.0\.0\.1:1: cannot be reached .*`ray status`"):
        run_all(abs, range(30), "counting")


@pytest.mark.parametrize(
    ("setting", "told"),
    [("", "process: 2 processes"), ("serial", "serial: this process"), ("ray", "ray: 2 workers, on this machine")],
)
def test_doctor_tells_the_engine_and_imports_no_ray(monkeypatch: pytest.MonkeyPatch, setting: str, told: str) -> None:
    monkeypatch.setenv("CUBISEG_ENGINE", setting)
    monkeypatch.setenv("CUBISEG_WORKERS", "2")
    facts: dict[str, Any] = json.loads(CliRunner().invoke(main, ["doctor", "--json"]).stdout)
    assert facts["engine"].startswith(told) and facts["engine_problem"] is None
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    text = CliRunner().invoke(main, ["doctor"]).stdout
    assert f"Engine, for batches: {told}" in text and "(ray: not installed)" in text
    assert ("pip install 'cubiseg[ray]'" in text) == (setting == "ray")

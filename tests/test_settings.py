"""Environment variables are listed once, read when needed, and complained of in one line."""

import re
from pathlib import Path

import pytest

from cubiseg import settings
from cubiseg.errors import CubisegError
from tests.conftest import ROOT


def test_no_code_reads_a_variable_of_ours_past_the_settings() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for folder in ("cubiseg", "stages")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path.name != "settings.py"
        for name in re.findall(r"environ[^\n]*[\"'](CUBISEG_\w+)", path.read_text())
    ]
    assert not found


def test_every_variable_has_a_name_a_meaning_and_a_default_of_its_own() -> None:
    names = [setting.name for setting in settings.SETTINGS]
    assert len(set(names)) == len(names)
    assert all(setting.meaning and setting.default_text for setting in settings.SETTINGS)


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUBISEG_RESPONSES", "")
    assert settings.RESPONSES.read() == Path(".cubiseg/responses")
    monkeypatch.setenv("CUBISEG_RESPONSES", "elsewhere")
    assert settings.RESPONSES.read() == Path("elsewhere")


@pytest.mark.parametrize("text", ["0", "-1", "many", "99999"])
def test_a_senseless_value_is_one_line_that_says_what_it_must_be(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("CUBISEG_CONCURRENCY", text)
    with pytest.raises(CubisegError, match=r"CUBISEG_CONCURRENCY=.*must be a number from 1 to 1024"):
        settings.CONCURRENCY.read()


def test_lists_of_threads_are_left_to_openmp(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "4,2")
    assert settings.THREADS.read() is None

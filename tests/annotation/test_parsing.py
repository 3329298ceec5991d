"""Answers are read in whatever dress they come."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cubiseg.annotation.codebook import load_codebook
from cubiseg.annotation.parsing import find_object, numbers_in
from cubiseg.annotation.protocols.regions import UNSURE, words_of
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"hair": [1]}', {"hair": [1]}),
        ('```json\n{"hair": [1]}\n```', {"hair": [1]}),
        ('Of course! {"hair": [1]} There.', {"hair": [1]}),
        ("{'hair': [1, 2,], face: [3]}", {"hair": [1, 2], "face": [3]}),
        ('{"hair": [1, 2], "face": [3, 4', {"hair": [1, 2], "face": [3]}),
        ('<think>{"no": 1}</think>{"hair": [1]}', {"hair": [1]}),
        ('[{"hair": [1]}]', {"hair": [1]}),
        ('{"result": {"hair": [1], "face": [2]}}', {"hair": [1], "face": [2]}),
        ('"{\\"hair\\": [1]}"', {"hair": [1]}),
        ('{"hair": [7]} no, look again: {"hair": [1]}', {"hair": [1]}),
        ('First {"hair": [7]}.</think>{"hair": [1]}', {"hair": [1]}),
        ('<thinking>{"hair": [7]}</thinking>{"hair": [1]}', {"hair": [1]}),
        ('[THINK]{"hair": [7]}[/THINK]{"hair": [1]}', {"hair": [1]}),
        ('<|channel|>analysis<|message|>{"hair": [7]}<|channel|>final<|message|>{"hair": [1]}', {"hair": [1]}),
        ("nothing", None),
        ("", None),
        ("<think>for ever", None),
    ],
)
def test_the_object_in_a_text_is_found(text: str, found: dict | None) -> None:
    assert find_object(text) == found


@pytest.mark.parametrize(
    ("value", "numbers"),
    [
        ([1, "2", "#3", 4.0], [1, 2, 3, 4]),
        (["5-7", "9 to 10"], [5, 6, 7, 9, 10]),
        ("1, 2, 3", [1, 2, 3]),
        ("4、5", [4, 5]),
        ([[1], [2]], [1, 2]),
        (7, [7]),
        (["1-100000", "7-3", 1.5, None, True, {}], []),
        (json.loads("[" * 900 + "1" + "]" * 900), []),
        ([float("inf"), float("nan"), 10**400], [10**400]),
    ],
)
def test_numbers_are_read_as_models_write_them(value: Any, numbers: list[int]) -> None:
    assert numbers_in(value, 300) == numbers


@given(st.text(max_size=300) | st.text('{}[]",:1 \n', max_size=300))
def test_no_text_breaks_it(text: str) -> None:
    found = find_object(text)
    assert found is None or isinstance(found, dict)


@pytest.mark.slow
@pytest.mark.parametrize("text", ["{" * 100_000, "[" * 100_000, '{"a":' * 50_000, " " * 10**6, "{" + " " * 10**6])
def test_no_flood_hangs_it(text: str) -> None:
    assert not find_object(text)


def test_words_of_other_languages_name_a_class_only_where_they_are_clear() -> None:
    words = words_of(load_codebook(ROOT / "cubiseg" / "codebook.yaml"))
    assert words["髪"] == "hair"
    assert words["脸"] == "face"
    assert words[UNSURE] == UNSURE
    assert "まつ毛" not in words  # of both eyes

"""Values of a YAML file change, and nothing else does."""

import difflib
from typing import Any

import pytest
import yaml

from cubiseg.errors import CubisegError
from cubiseg.review.yaml_edits import append_items, set_values
from tests.conftest import ROOT

PARAMS = (ROOT / "params.yaml").read_text()


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        (("clean", "name_error"), 0.3, "  name_error: 0.3"),
        (("clean", "seen"), 4.0, "  seen: 4.0"),
        (("clean", "confusion"), {"accessories": {"hair": 0.25}}, "  confusion: {accessories: {hair: 0.25}}"),
        (("clean", "min_area", "hair"), 80, "    hair: 80"),
        (("clean", "required_accuracy"), 0.9, "  required_accuracy: 0.9"),
        (("annotate", "examples"), ["a-1", "b"], "  examples: [a-1, b]"),
    ],
)
def test_one_line_of_the_params_changes(path: tuple[str, ...], value: Any, line: str) -> None:
    changed = set_values(PARAMS, {path: value})
    differing = [d for d in difflib.ndiff(PARAMS.splitlines(), changed.splitlines()) if d[0] in "+-"]
    assert [d[2:] for d in differing if d[0] == "+"] == [line]
    assert len(differing) == 2
    inner = yaml.safe_load(changed)
    for key in path:
        inner = inner[key]
    assert inner == value


def test_a_key_of_the_same_name_elsewhere_stays() -> None:
    text = "a:\n  b: 1\nc:\n  b: 1 # kept\n  d:\n    b: 1\n"
    assert set_values(text, {("c", "b"): 2}) == "a:\n  b: 1\nc:\n  b: 2 # kept\n  d:\n    b: 1\n"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a: {b: 1}\n", ("a", "b")),
        ("a:\n  b:\n    - 1\n", ("a", "b")),
        ("a:\n  b: |\n    one\n", ("a", "b")),
        ("a:\n  c: 1\n", ("a", "b")),
        ("a:\n  b:\n    c: 1\n", ("a", "b")),
        ("a:\n  b: # none\n    - c\n  d: 1\n", ("a", "b")),
    ],
)
def test_what_is_written_otherwise_is_left_to_the_user(text: str, path: tuple[str, ...]) -> None:
    with pytest.raises(CubisegError, match=r"a\.b; change it by hand"):
        set_values(text, {path: 2})


@pytest.mark.parametrize("text", ["a:\n  b: [\n", "<<<<<<< HEAD\na: 1\n=======\n", "a:\n\tb: 1\n"])
def test_what_is_no_yaml_is_said_to_be_none_in_one_line(text: str) -> None:
    for change in (lambda: set_values(text, {("a", "b"): 2}), lambda: append_items(text, "a", ["x"])):
        with pytest.raises(CubisegError, match="is no YAML") as caught:
            change()
        assert "\n" not in str(caught.value)


def test_lines_are_added_to_the_codebook_s_rules_and_read_back_as_they_are() -> None:
    text = (ROOT / "cubiseg" / "codebook.yaml").read_text()
    lines = ["Headwear (hats, 帽子) is accessories, not hair.", "Odd: #1 'quoted' \"twice\"", "- a dash"]
    changed = append_items(text, "general", lines)
    assert yaml.safe_load(changed)["general"] == [*yaml.safe_load(text)["general"], *lines]
    assert [d for d in difflib.ndiff(text.splitlines(), changed.splitlines()) if d[0] == "-"] == []
    assert yaml.safe_load(changed)["classes"] == yaml.safe_load(text)["classes"]
    with pytest.raises(CubisegError, match="general"):
        append_items("general: [one]\n", "general", ["two"])

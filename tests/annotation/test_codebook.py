"""The codebook covers the taxonomy, and its version is its content."""

from pathlib import Path

import pytest
import yaml

from cubiseg import taxonomy
from cubiseg.annotation.codebook import load_codebook
from cubiseg.errors import CubisegError
from tests.conftest import ROOT

PATH = ROOT / "cubiseg" / "codebook.yaml"


def test_it_covers_exactly_the_classes_of_the_taxonomy() -> None:
    assert tuple(load_codebook(PATH).classes) == taxonomy.NAMES


def test_words_are_given_in_japanese_and_chinese() -> None:
    for entry in load_codebook(PATH).classes.values():
        for word in (*entry.ja, *entry.zh):
            assert any(ord(c) > 0x3000 for c in word)


def test_its_hash_ignores_comments_and_follows_the_content(tmp_path: Path) -> None:
    book = load_codebook(PATH)
    same = tmp_path / "same.yaml"
    same.write_text(yaml.safe_dump(yaml.safe_load(PATH.read_text()), sort_keys=False))
    assert load_codebook(same).digest == book.digest
    same.write_text(PATH.read_text().replace("eyelid skin", "eyelids"))
    assert load_codebook(same).digest != book.digest


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("  nose:", "  snout:", "must be exactly"),
        ("version: 1", "version: one", "version"),
        ("classes:", "- [", "read"),
    ],
)
def test_a_broken_codebook_is_one_line(tmp_path: Path, old: str, new: str, part: str) -> None:
    path = tmp_path / "book.yaml"
    path.write_text(PATH.read_text().replace(old, new, 1))
    with pytest.raises(CubisegError, match=part) as caught:
        load_codebook(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)

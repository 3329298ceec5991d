"""Whoever says the class gets the model's best part of it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.errors import CubisegError
from cubiseg.part_choices import DIVIDED, PartChoices, encode_choices, read_choices, write_choices
from cubiseg.taxonomy import CLASS_OF, IGNORE_INDEX, PART_ID

RNG = np.random.default_rng(0)


def some_choices(height: int = 9, width: int = 7) -> PartChoices:
    """Parts at random, each of its class."""
    parts = [np.flatnonzero((c == CLASS_OF) & (np.arange(256) != c)) for c in DIVIDED]
    best = np.stack([RNG.choice(p, (height, width)) for p in parts]).astype(np.uint8)
    return PartChoices(best, Box(0, 0, width, height), (height, width))


def test_the_divided_classes_are_those_that_have_parts() -> None:
    assert [taxonomy.NAMES[c] for c in DIVIDED] == [n for n in taxonomy.NAMES if taxonomy.PARTS_OF[n]]


def test_every_class_gets_its_own_best_part_and_no_pixel_changes_its_class() -> None:
    choices = some_choices()
    label = RNG.integers(0, 12, choices.size).astype(np.uint8)
    before = label.copy()
    told = choices.tell(label)
    assert np.array_equal(label, before) and np.array_equal(CLASS_OF[told], label)
    for place, c in enumerate(DIVIDED):
        assert np.array_equal(told[label == c], choices.best[place][label == c])
    whole = ~np.isin(label, DIVIDED)
    assert np.array_equal(told[whole], label[whole])


def test_what_nobody_knows_stays_unknown_and_parts_that_are_told_stay() -> None:
    choices = some_choices()
    label = np.full(choices.size, IGNORE_INDEX, np.uint8)
    label[0] = PART_ID["hair_back"]
    assert np.array_equal(choices.tell(label), label)


def test_beside_the_box_nothing_is_told_and_coarse_maps_are_scaled_into_it() -> None:
    coarse = some_choices(4, 5)
    choices = replace(coarse, box=Box(3, 2, 13, 10), size=(12, 14))
    told = choices.tell(np.full((12, 14), taxonomy.ID["hair"], np.uint8))
    assert np.array_equal(told[2:10, 3:13], np.kron(coarse.best[0], np.ones((2, 2), np.uint8)))
    told[2:10, 3:13] = taxonomy.ID["hair"]
    assert (told == taxonomy.ID["hair"]).all()


def test_a_label_map_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="the picture has"):
        some_choices().tell(np.zeros((2, 2), np.uint8))


def test_a_file_reads_back_and_equal_choices_are_equal_bytes(tmp_path: Path) -> None:
    choices = replace(some_choices(), box=Box(1, 2, 8, 11), size=(12, 14))
    write_choices(tmp_path / "a.npz", choices)
    again = read_choices(tmp_path / "a.npz")
    assert (again.box, again.size) == (choices.box, choices.size) and np.array_equal(again.best, choices.best)
    assert encode_choices(again) == (tmp_path / "a.npz").read_bytes()


def _of_another_class(choices: PartChoices) -> PartChoices:
    return replace(choices, best=choices.best[::-1])


def _out_of_the_picture(choices: PartChoices) -> PartChoices:
    return replace(choices, box=Box(0, 0, 70, 9))


def _some_classes(choices: PartChoices) -> PartChoices:
    return replace(choices, best=choices.best[:3])


def _classes_for_parts(choices: PartChoices) -> PartChoices:
    return replace(choices, best=CLASS_OF[choices.best])


@pytest.mark.parametrize("spoil", [_of_another_class, _out_of_the_picture, _some_classes, _classes_for_parts])
def test_a_file_of_something_else_is_refused_in_one_line(tmp_path: Path, spoil) -> None:
    path = tmp_path / "a.npz"
    write_choices(path, spoil(some_choices()))
    with pytest.raises(CubisegError, match=r"a\.npz: is no whole file of parts; run the stage annotate again"):
        read_choices(path)


@pytest.mark.parametrize("content", [None, b"", b"PK torn", encode_choices(some_choices())[:-40]])
def test_a_missing_or_torn_file_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "a.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CubisegError, match=r"a\.npz: .*run the stage annotate again"):
        read_choices(path)

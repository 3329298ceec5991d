"""The data set: split by group, trusted labels measure, everything is copied and described."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from cubiseg import label_maps, taxonomy
from cubiseg.errors import CubisegError
from cubiseg.samples import Flag, LabelMethod, Sample, Split, read_manifest, write_manifest
from cubiseg.splitting import SplitParams, assign, split
from tests.tiny import bytes_of, portraits, write_prepared

PARAMS = SplitParams(val=0.2, test=0.2, seed=1)
GROUPS = st.dictionaries(st.text(min_size=1, max_size=6), st.booleans(), min_size=3, max_size=60)
SHARES = st.tuples(st.floats(0.01, 0.5), st.floats(0.01, 0.5)).filter(lambda s: sum(s) < 1)


@given(GROUPS, SHARES, st.integers(0, 9))
def test_each_part_gets_groups_and_about_its_share(
    groups: dict[str, bool], shares: tuple[float, float], seed: int
) -> None:
    chosen, _ = assign(groups, SplitParams(val=shares[0], test=shares[1], seed=seed))
    assert set(chosen) == set(groups)
    numbers = {p: list(chosen.values()).count(p) for p in Split}
    assert min(numbers.values()) >= 1
    for part, share in zip((Split.VAL, Split.TEST), shares, strict=True):
        assert numbers[part] <= max(1, share * len(groups) + 0.5)


@given(GROUPS)
def test_val_and_test_are_trusted_while_there_are_enough(groups: dict[str, bool]) -> None:
    chosen, note = assign(groups, PARAMS)
    used = [g for g, p in chosen.items() if p is not Split.TRAIN]
    if sum(groups.values()) >= len(used):
        assert all(groups[g] for g in used)
        assert note is None
    else:
        assert {g for g in groups if groups[g]} <= set(used)
        assert "given or human" in str(note)


@given(GROUPS, st.text(min_size=7, max_size=8))
def test_a_new_group_moves_few_others_and_none_from_test_to_val(groups: dict[str, bool], new: str) -> None:
    trusted = dict.fromkeys(groups, True)
    assume(len(trusted) >= 8)
    before, _ = assign(trusted, PARAMS)
    after, _ = assign({**trusted, new: True}, PARAMS)
    moved = [(before[g], after[g]) for g in groups if before[g] != after[g]]
    assert len(moved) <= 2
    assert all(Split.TRAIN in pair for pair in moved)


def test_the_order_of_groups_does_not_matter_and_the_seed_does() -> None:
    groups = {f"g{i}": True for i in range(40)}
    backwards = dict(reversed(groups.items()))
    assert assign(groups, PARAMS)[0] == assign(backwards, PARAMS)[0]
    assert assign(groups, PARAMS)[0] != assign(groups, PARAMS.model_copy(update={"seed": 2}))[0]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_too_few_groups_are_one_line(number: int) -> None:
    with pytest.raises(CubisegError, match=f"{number} groups with labels are too few"):
        assign({f"g{i}": True for i in range(number)}, PARAMS)


@pytest.mark.parametrize(("val", "test"), [(0, 0.1), (0.1, 0), (0.5, 0.5), (1, 0.1), (-0.1, 0.1)])
def test_shares_must_leave_something_to_train_on(val: float, test: float) -> None:
    with pytest.raises(ValidationError):
        SplitParams(val=val, test=test, seed=0)


class Workplace:
    """A prepared folder and its clean labels."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.samples = write_prepared(root / "prepared")
        for index, s in enumerate(self.samples):
            label_maps.write_label(root / "clean" / str(s.label), portraits()[index].label)
        self.say(self.samples)

    def say(self, samples: list[Sample]) -> None:
        write_manifest(self.root / "clean", samples)

    def split(self, out: str = "v1") -> dict[str, Any]:
        return split(PARAMS, self.root / "prepared", self.root / "clean", self.root / out)


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path)


def test_no_group_lies_in_two_parts(place: Workplace) -> None:
    place.split()
    parts: dict[str, set[Split | None]] = {}
    for s in read_manifest(place.root / "v1"):
        parts.setdefault(s.group, set()).add(s.split)
    assert len(parts) == 6
    assert all(len(p) == 1 for p in parts.values())


def test_pictures_and_labels_are_copied_byte_for_byte_into_their_part(place: Workplace) -> None:
    place.split()
    before = {s.id: s for s in place.samples}
    rows = read_manifest(place.root / "v1")
    assert len(rows) == 12
    for s in rows:
        assert s.split is not None
        assert s.image == f"images/{s.split.value}/{s.id}.png"
        assert s.label == f"labels/{s.split.value}/{s.id}.png"
        old = before[s.id]
        assert (place.root / "v1" / s.image).read_bytes() == (place.root / "prepared" / old.image).read_bytes()
        assert (place.root / "v1" / s.label).read_bytes() == (place.root / "clean" / str(old.label)).read_bytes()


def test_samples_without_labels_are_left_out_and_counted(place: Workplace) -> None:
    bare = {"label": None, "label_method": None}
    rows = [
        place.samples[0].model_copy(update=bare).flagged(Flag.REFUSED),
        place.samples[1].model_copy(update=bare).flagged(Flag.NEEDS_REVIEW),
        *place.samples[2:],
    ]
    place.say(rows)
    metrics = place.split()
    assert metrics["left_out"] == {"refused": 1, "unreadable_answer": 1}
    assert sum(metrics["pictures"].values()) == 10
    assert "1 (refused), 1 (unreadable_answer)" in (place.root / "v1" / "README.md").read_text()


def test_answered_labels_train_and_given_ones_measure(place: Workplace) -> None:
    answered = {s.group for s in place.samples[:6]}
    place.say(
        [
            s.model_copy(update={"label_method": LabelMethod.SIMULATED}) if s.group in answered else s
            for s in place.samples
        ]
    )
    metrics = place.split()
    assert metrics["note"] is None
    for s in read_manifest(place.root / "v1"):
        assert s.split is Split.TRAIN or s.label_method is LabelMethod.GIVEN


def test_the_card_says_where_labels_that_measure_are_not_given(place: Workplace) -> None:
    place.say([s.model_copy(update={"label_method": LabelMethod.LLM}) for s in place.samples])
    assert "0 groups have labels that are all given or human" in str(place.split()["note"])
    assert "**Note.** Only 0 groups" in (place.root / "v1" / "README.md").read_text()


def test_class_shares_and_counts_are_those_of_the_label_maps(place: Workplace) -> None:
    metrics = place.split()
    for part in Split:
        rows = [s for s in read_manifest(place.root / "v1") if s.split is part]
        labels = [label_maps.read_label(place.root / "v1" / str(s.label)) for s in rows]
        pixels = np.concatenate([label.ravel() for label in labels])
        for c in taxonomy.CLASSES:
            assert metrics["class_share"][part.value][c.name] == pytest.approx((pixels == c.id).mean(), abs=1e-6)
            assert metrics["class_pictures"][part.value][c.name] == sum(bool((la == c.id).any()) for la in labels)


def test_the_card_tells_sources_methods_flags_and_classes_without_paths_or_dates(place: Workplace) -> None:
    place.say([place.samples[0].flagged(Flag.DUPLICATE), *place.samples[1:]])
    place.split()
    card = (place.root / "v1" / "README.md").read_text()
    for part in ("| test, unknown, general |", "| given |", "| duplicate |", "| eyebrow_left |", "| ignore |"):
        assert part in card
    assert str(place.root) not in card


def test_the_classes_travel_with_the_data_set(place: Workplace) -> None:
    place.split()
    classes = json.loads((place.root / "v1" / "classes.json").read_text())
    assert classes["classes"] == list(taxonomy.NAMES)
    assert classes["flip_pairs"] == [[3, 4], [5, 6]]
    assert classes["ignore_index"] == 255


def test_two_runs_give_the_same_bytes(place: Workplace) -> None:
    assert place.split("a") == place.split("b")
    assert bytes_of(place.root / "a") == bytes_of(place.root / "b")


def test_a_missing_picture_is_one_line_that_leaves_the_old_data_set(place: Workplace) -> None:
    place.split()
    before = bytes_of(place.root / "v1")
    (place.root / "prepared" / "images" / "p03.png").unlink()
    with pytest.raises(CubisegError, match=r"p03\.png: is in the manifest but not there"):
        place.split()
    assert bytes_of(place.root / "v1") == before

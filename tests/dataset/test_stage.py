"""The data set: split by group, everything is copied and described."""

import json
from pathlib import Path

import numpy as np
import pytest

from cubiseg import label_maps, taxonomy
from cubiseg.dataset.figures import SplitMetrics
from cubiseg.dataset.params import SplitParams
from cubiseg.dataset.stage import split
from cubiseg.errors import CubisegError
from cubiseg.samples import Flag, LabelMethod, PartsBy, Sample, Split, read_manifest, write_manifest
from tests.tiny import bytes_of, portraits, write_prepared

PARAMS = SplitParams(val=0.2, test=0.2, seed=1)


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

    def split(self, out: str = "v1") -> SplitMetrics:
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
    assert metrics.left_out == {"refused": 1, "unreadable_answer": 1}
    assert sum(metrics.pictures.values()) == 10
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
    assert metrics.note is None
    for s in read_manifest(place.root / "v1"):
        assert s.split is Split.TRAIN or s.label_method is LabelMethod.GIVEN


def test_the_card_says_where_labels_that_measure_are_not_given(place: Workplace) -> None:
    place.say([s.model_copy(update={"label_method": LabelMethod.LLM}) for s in place.samples])
    assert "0 groups have labels that are all given or human" in str(place.split().note)
    assert "**Note.** Only 0 groups" in (place.root / "v1" / "README.md").read_text()


def test_class_shares_and_counts_are_those_of_the_label_maps(place: Workplace) -> None:
    metrics = place.split()
    for part in Split:
        rows = [s for s in read_manifest(place.root / "v1") if s.split is part]
        labels = [label_maps.read_label(place.root / "v1" / str(s.label)) for s in rows]
        pixels = np.concatenate([label.ravel() for label in labels])
        for c in taxonomy.CLASSES:
            assert metrics.class_share[part.value][c.name] == pytest.approx((pixels == c.id).mean(), abs=1e-6)
            assert metrics.class_pictures[part.value][c.name] == sum(bool((la == c.id).any()) for la in labels)


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
    assert [(p["name"], p["class"]) for p in classes["parts"]] == [(p.name, p.of) for p in taxonomy.PARTS]
    assert {"id": 20, "name": "hair_front", "class": "hair", "colour": [240, 10, 20]} in classes["parts"]
    assert [21, 22] in classes["part_flip_pairs"]


def test_parts_count_for_their_classes_and_are_counted_themselves(place: Workplace) -> None:
    before = place.split("classes")
    assert not any(n for of_split in before.part_pictures.values() for n in of_split.values())
    assert "## Parts" not in (place.root / "classes" / "README.md").read_text()
    for s, portrait in zip(place.samples, portraits(), strict=True):
        label_maps.write_label(place.root / "clean" / str(s.label), portrait.parts)
    after = place.split("parts")
    assert (after.class_share, after.class_pictures) == (before.class_share, before.class_pictures)
    hair = [after.part_share["train"][name] for name in taxonomy.PARTS_OF["hair"]]
    assert sum(hair) == pytest.approx(after.class_share["train"]["hair"], abs=1e-5)
    assert after.part_pictures["train"]["hair_back"] > 0
    assert "| hair_side_left |" in (place.root / "parts" / "README.md").read_text()


def test_the_card_and_the_records_tell_who_told_the_parts_apart(place: Workplace) -> None:
    label_maps.write_label(place.root / "clean" / str(place.samples[0].label), portraits()[0].parts)
    place.say([place.samples[0].model_copy(update={"parts_by": PartsBy.MODEL}), *place.samples[1:]])
    place.split()
    assert [s.parts_by for s in read_manifest(place.root / "v1") if s.parts_by] == [PartsBy.MODEL]
    part = next(s.split for s in read_manifest(place.root / "v1") if s.parts_by)
    counts = " | ".join(str(int(p is part)) for p in Split)
    assert f"| model | {counts} |" in (place.root / "v1" / "README.md").read_text()


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

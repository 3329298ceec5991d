"""The promises of the one place that lists the classes."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cubiseg import taxonomy
from cubiseg.sources.references import COLOUR_TOLERANCE

LABELS = hnp.arrays(
    np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=8), elements=st.sampled_from([*range(12), 255])
)


def test_ids_count_up_and_names_are_unique() -> None:
    assert [c.id for c in taxonomy.CLASSES] == list(range(12))
    assert len(set(taxonomy.NAMES)) == 12


def test_pairs_point_at_each_other() -> None:
    for c in taxonomy.CLASSES:
        if c.pair is not None:
            assert taxonomy.CLASSES[taxonomy.ID[c.pair]].pair == c.name
    assert taxonomy.FLIP_PAIRS == ((3, 4), (5, 6))


def test_colours_lie_too_far_apart_to_be_confused_within_the_tolerance() -> None:
    colours = np.array([*taxonomy.PALETTE, taxonomy.IGNORE_COLOUR], float)
    nearest = min(np.linalg.norm(a - b) for a, b in itertools.combinations(colours, 2))
    assert nearest > 2 * COLOUR_TOLERANCE


def test_the_layer_order_has_every_class_once() -> None:
    assert sorted(taxonomy.LAYER_ORDER) == sorted(taxonomy.NAMES)


@given(LABELS)
def test_flipping_twice_changes_nothing(label: np.ndarray) -> None:
    assert np.array_equal(taxonomy.flip_label(taxonomy.flip_label(label)), label)


def test_a_flip_swaps_the_sides() -> None:
    label = np.array([[3, 4, 5, 6, 8, 255]], np.uint8)
    assert taxonomy.flip_label(label).tolist() == [[255, 8, 5, 6, 3, 4]]


@given(LABELS)
def test_other_vocabularies_keep_what_is_ignored_and_use_only_their_own_ids(label: np.ndarray) -> None:
    for table, names in ((taxonomy.LEGACY7_TABLE, taxonomy.LEGACY7), (taxonomy.COARSE9_TABLE, taxonomy.COARSE9_NAMES)):
        other = table[label]
        assert np.array_equal(other == 255, label == 255)
        assert other[other != 255].max(initial=0) < len(names)


def test_the_tables_name_what_the_classes_are() -> None:
    legacy = " ".join(taxonomy.LEGACY7[i] for i in taxonomy.LEGACY7_TABLE[:12])
    assert legacy == "background hair face eye eye face face face mouth skin clothes clothes"
    coarse = " ".join(taxonomy.COARSE9_NAMES[i] for i in taxonomy.COARSE9_TABLE[:12])
    assert coarse == "background hair face eye_left eye_right brow brow face mouth skin clothes accessories"


def test_the_palette_of_label_maps_shows_classes_and_ignore() -> None:
    table = np.frombuffer(taxonomy.palette_bytes(), np.uint8).reshape(256, 3)
    assert table[:12].tolist() == [list(c) for c in taxonomy.PALETTE]
    assert tuple(table[255]) == taxonomy.IGNORE_COLOUR


def test_parts_have_ids_from_20_on_and_names_that_no_class_has() -> None:
    assert [p.id for p in taxonomy.PARTS] == list(range(20, 57))
    assert len(taxonomy.PART_ID) == len(taxonomy.NAMES) + len(taxonomy.PARTS)
    assert len(taxonomy.PART_NAME) == len(taxonomy.PART_ID)


def test_every_id_has_its_class_and_everything_else_is_ignored() -> None:
    assert taxonomy.CLASS_OF.shape == (256,) and taxonomy.CLASS_OF.dtype == np.uint8
    assert taxonomy.CLASS_OF[:12].tolist() == list(range(12))
    for part in taxonomy.PARTS:
        assert taxonomy.NAMES[taxonomy.CLASS_OF[part.id]] == part.of
        assert part.name in taxonomy.PARTS_OF[part.of]
    others = set(range(256)) - set(taxonomy.PART_ID.values())
    assert (taxonomy.CLASS_OF[sorted(others)] == taxonomy.IGNORE_INDEX).all()


def test_leaves_are_the_parts_and_the_classes_without_parts() -> None:
    whole = {"background", "face", "eyebrow_left", "eyebrow_right", "nose"}
    assert set(taxonomy.LEAVES) == whole | {p.name for p in taxonomy.PARTS}
    assert len(taxonomy.LEAVES) == 42
    assert {name for name in taxonomy.NAMES if not taxonomy.PARTS_OF[name]} == whole
    assert [taxonomy.PART_NAME[i] for i in taxonomy.LEAF_IDS.tolist()] == list(taxonomy.LEAVES)
    assert (np.diff(taxonomy.CLASS_OF[taxonomy.LEAF_IDS].astype(int)) >= 0).all()  # leaves of a class lie together


def test_parts_of_two_sides_are_pairs_and_their_classes_are_too() -> None:
    by_name = {p.name: p for p in taxonomy.PARTS}
    for p in taxonomy.PARTS:
        assert (p.pair is None) == ("left" not in p.name and "right" not in p.name)
        if p.pair is not None:
            other = by_name[p.pair]
            assert other.pair == p.name and other.belongs == p.belongs
            assert other.of in (p.of, taxonomy.CLASSES[taxonomy.ID[p.of]].pair)


def test_parts_have_their_classes_place_in_other_vocabularies() -> None:
    ids = np.array([*taxonomy.PART_ID.values(), 255])
    for table in (taxonomy.LEGACY7_TABLE, taxonomy.COARSE9_TABLE):
        assert np.array_equal(table[ids], table[taxonomy.CLASS_OF[ids]])


def test_a_flip_of_parts_is_a_flip_of_their_classes() -> None:
    label = np.array([[*sorted(taxonomy.PART_ID.values()), 255]], np.uint8)
    flipped = taxonomy.flip_label(label)
    assert np.array_equal(taxonomy.flip_label(flipped), label)
    assert np.array_equal(taxonomy.CLASS_OF[flipped], taxonomy.flip_label(taxonomy.CLASS_OF[label]))
    assert len(taxonomy.PART_FLIP_PAIRS) == 8


def test_the_order_of_parts_has_every_leaf_once() -> None:
    assert sorted(taxonomy.PART_ORDER) == sorted(taxonomy.LEAVES)


def test_colours_of_classes_and_parts_lie_too_far_apart_to_be_confused() -> None:
    used = [*taxonomy.PART_ID.values(), taxonomy.IGNORE_INDEX]
    colours = taxonomy.COLOURS[used].astype(float)
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(colours, 2)) > 4 * COLOUR_TOLERANCE
    assert taxonomy.COLOURS[:12].tolist() == [list(c) for c in taxonomy.PALETTE]


def test_every_part_has_words_and_a_line_in_the_codebook() -> None:
    for p in taxonomy.PARTS:
        assert p.ja and p.zh and p.belongs, p.name
    assert len({p.ja for p in taxonomy.PARTS}) == len({p.zh for p in taxonomy.PARTS}) == len(taxonomy.PARTS)


def test_a_palette_shows_parts_only_where_it_is_asked_to() -> None:
    classes, parts = (np.frombuffer(taxonomy.palette_bytes(parts=p), np.uint8).reshape(256, 3) for p in (False, True))
    assert not classes[12:255].any()
    assert parts[20].tolist() == list(taxonomy.PARTS[0].colour)
    assert np.array_equal(parts[:12], classes[:12]) and np.array_equal(parts[255], classes[255])

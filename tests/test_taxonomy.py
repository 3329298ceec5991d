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

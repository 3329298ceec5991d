"""What each rule mends, and what it leaves alone."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cubiseg import taxonomy
from cubiseg.cleaning import rules
from cubiseg.cleaning.params import CleanParams
from cubiseg.taxonomy import ID
from tests.tiny import face, params, portraits


def settings_with(**changes: object) -> CleanParams:
    return CleanParams.model_validate({**params("clean"), **changes})


PARAMS = settings_with()
LABELS = hnp.arrays(
    np.uint8,
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    elements=st.sampled_from([*range(12), 255]),
    fill=st.sampled_from([0, 1, 2, 255]),
)


@pytest.mark.parametrize("rule", rules.RULES.values(), ids=rules.RULES)
class TestEveryRule:
    @settings(max_examples=40, deadline=None)
    @given(LABELS)
    def test_it_is_pure_and_only_uses_what_is_there(self, rule: rules.Rule, label: np.ndarray) -> None:
        before = label.copy()
        after = rule(label, PARAMS)
        assert np.array_equal(label, before)
        assert after.shape == label.shape
        assert after.dtype == np.uint8
        assert not np.shares_memory(after, label)
        swapped = {b for pair in taxonomy.FLIP_PAIRS for b in pair}
        assert set(np.unique(after)) - swapped <= set(np.unique(label))
        assert np.array_equal(after, rule(label, PARAMS))

    def test_a_good_face_stays_as_it_is(self, rule: rules.Rule) -> None:
        wrong = rule(face(), PARAMS) != face()
        assert wrong.mean() < 0.005

    def test_drawn_label_maps_hardly_change(self, rule: rules.Rule) -> None:
        for portrait in portraits():
            assert (rule(portrait.label, PARAMS) != portrait.label).mean() < 0.012

    def test_the_character_mirrored_is_the_result_mirrored(self, rule: rules.Rule) -> None:
        label = face()
        label[52:58, 40:56] = ID["eye_left"]  # half of the right eye on the wrong side
        label[5:7, 5:7] = ID["mouth"]
        mirrored = taxonomy.flip_label(rule(taxonomy.flip_label(label), PARAMS))
        assert (mirrored != rule(label, PARAMS)).sum() <= 4  # ties at edges


def test_seams_are_filled_and_large_unknown_patches_stay() -> None:
    label = face()
    label[36:92, 34:36] = 255
    label[0:30, 0:20] = 255
    after = rules.fill_unknown(label, PARAMS)
    assert set(np.unique(after[40:90, 34:36])) == {ID["hair"], ID["face"]}
    assert (after[0:28, 0:18] == 255).all()


def test_a_map_that_knows_nothing_stays_so() -> None:
    nothing = np.full((16, 16), 255, np.uint8)
    out, changed = rules.apply_rules(nothing, PARAMS)
    assert np.array_equal(out, nothing)
    assert set(changed.values()) == {0}


def test_specks_go_to_what_surrounds_them_whole() -> None:
    label = face()
    label[30, 60] = ID["mouth"]
    label[88:91, 92] = ID["clothes"]
    after = rules.remove_islands(label, PARAMS)
    assert np.array_equal(after[30], face()[30])
    assert len(np.unique(after[88:91, 92])) == 1
    assert after[88, 92] in (ID["face"], ID["hair"])


def test_a_small_nose_stays_while_it_is_the_only_one() -> None:
    assert (rules.remove_islands(face(), PARAMS) == ID["nose"]).sum() == 4


def test_areas_scale_with_the_picture() -> None:
    label = face()
    label[4:7, 4:7] = ID["clothes"]  # 9 pixels at 128 are 144 at 512
    large = cv2.resize(label, (512, 512), interpolation=cv2.INTER_NEAREST)
    for picture in (label, large):
        kept = rules.remove_islands(picture, settings_with(min_area={**params("clean")["min_area"], "clothes": 120}))
        gone = rules.remove_islands(picture, settings_with(min_area={**params("clean")["min_area"], "clothes": 160}))
        assert kept[picture.shape[0] // 25, picture.shape[1] // 25] == ID["clothes"]
        assert gone[picture.shape[0] // 25, picture.shape[1] // 25] == ID["background"]


def swapped() -> np.ndarray:
    return face_with({"eye_left": "eye_right", "eye_right": "eye_left"})


def face_with(names: dict[str, str]) -> np.ndarray:
    label, out = face(), face()
    for old, new in names.items():
        out[label == ID[old]] = ID[new]
    return out


@pytest.mark.parametrize(
    "names",
    [
        {"eye_left": "eye_right", "eye_right": "eye_left"},
        {"eye_left": "eye_right"},
        {"eyebrow_right": "eyebrow_left"},
        {"eyebrow_left": "eyebrow_right", "eyebrow_right": "eyebrow_left", "eye_right": "eye_left"},
    ],
)
def test_eyes_and_brows_get_the_side_that_they_are_on(names: dict[str, str]) -> None:
    assert np.array_equal(rules.put_on_their_sides(face_with(names), PARAMS), face())


def test_a_half_swapped_eye_gets_one_name() -> None:
    label = face()
    label[52:62, 40:47] = ID["eye_left"]
    assert np.array_equal(rules.put_on_their_sides(label, PARAMS), face())


def test_a_lone_eye_keeps_the_name_that_most_of_it_has() -> None:
    label = face()
    label[label == ID["eye_right"]] = ID["face"]
    kept = label.copy()
    label[52:54, 72:88] = ID["eye_right"]
    assert np.array_equal(rules.put_on_their_sides(label, PARAMS), kept)


def test_two_pieces_of_one_brow_do_not_become_two_brows() -> None:
    label = face()
    label[label == ID["eyebrow_left"]] = ID["face"]
    label[44:47, 47:49] = ID["hair"]
    assert np.array_equal(rules.put_on_their_sides(label, PARAMS), label)


def test_a_second_eye_on_one_side_goes_to_its_surroundings() -> None:
    label = face()
    label[20:26, 60:66] = ID["eye_left"]
    label[84:88, 60:70] = ID["eye_left"]
    assert np.array_equal(rules.keep_one_a_side(label, PARAMS), face())


@pytest.mark.parametrize("cut", ["hair", "accessories", "face"])
def test_an_eye_cut_by_a_strand_or_a_frame_keeps_both_pieces(cut: str) -> None:
    label = face()
    label[50:64, 78:81] = ID[cut]
    assert np.array_equal(rules.keep_one_a_side(label, PARAMS), label)
    assert np.array_equal(rules.put_on_their_sides(label, PARAMS), label)


@pytest.mark.parametrize(
    ("inside", "outside", "filled"),
    [
        ("clothes", "face", True),
        ("background", "face", True),
        ("face", "clothes", True),
        ("hair", "face", False),
        ("accessories", "hair", False),
        ("background", "hair", False),
    ],
)
def test_what_no_drawing_has_inside_a_class_is_filled_at_any_size(inside: str, outside: str, filled: bool) -> None:
    label = np.full((512, 512), ID[outside], np.uint8)
    label[200:300, 200:300] = ID[inside]
    after = rules.fill_holes(label, PARAMS)
    assert (after == ID[inside]).any() != filled


def test_small_holes_are_filled_but_parts_of_the_face_are_none() -> None:
    label = np.full((512, 512), ID["face"], np.uint8)
    label[100:107, 100:107] = ID["hair"]
    label[200:207, 200:207] = ID["mouth"]
    after = rules.fill_holes(label, PARAMS)
    assert set(np.unique(after)) == {ID["face"], ID["mouth"]}


def test_ragged_outlines_become_smooth_and_thin_lines_live() -> None:
    rng = np.random.default_rng(0)
    truth = np.full((512, 512), ID["face"], np.uint8)
    cv2.circle(truth, (200, 200), 90, ID["hair"], -1)
    cv2.line(truth, (350, 400), (450, 400), ID["mouth"], 3)
    edge = cv2.morphologyEx((truth == ID["hair"]).astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8)) > 0
    ragged = truth.copy()
    ragged[edge] = rng.choice([ID["hair"], ID["face"]], edge.sum())
    after = rules.smooth_outlines(ragged, PARAMS)
    assert (after != truth)[edge].sum() < 0.6 * (ragged != truth)[edge].sum()
    assert (after == ID["mouth"]).sum() > 0.8 * (truth == ID["mouth"]).sum()


def test_the_count_of_a_rule_is_what_it_changed_and_switches_work() -> None:
    label = swapped()
    label[30, 60] = ID["mouth"]
    after, changed = rules.apply_rules(label, PARAMS)
    assert changed["islands"] == 1
    assert changed["sides"] == 2 * 160
    off = settings_with(rules={name: name == "islands" for name in params("clean")["rules"]})
    alone, only = rules.apply_rules(label, off)
    assert only == {"islands": 1}
    assert np.array_equal(alone, swapped())
    assert (after != face()).mean() < 0.005


def test_every_rule_has_its_switch_in_the_order_in_which_it_runs() -> None:
    assert ["potts", *rules.RULES] == list(params("clean")["rules"])


def noise(side: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 12, (side, side), dtype=np.uint8)


@pytest.mark.parametrize("rule", rules.RULES.values(), ids=rules.RULES)
def test_pure_noise_is_survived(rule: Callable) -> None:
    assert rule(noise(600), PARAMS).shape == (600, 600)


@given(LABELS, st.data())
def test_the_nearest_known_class_fills_a_gap(label: np.ndarray, data: st.DataObject) -> None:
    gaps = data.draw(hnp.arrays(bool, label.shape))
    after = rules.nearest_known(label, gaps)
    known = np.argwhere(~gaps & (label != 255))
    assert np.array_equal(after[~gaps], label[~gaps])
    if len(known):
        for y, x in np.argwhere(gaps)[:5]:
            distance = np.hypot(*(known - (y, x)).T)
            close = known[distance <= distance.min() * 1.1 + 0.1]  # the fast distance is a little off
            assert after[y, x] in label[tuple(close.T)]

"""Borders move to drawn edges, and no part that the network saw is lost on the way."""

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.label_maps import resized
from cubiseg.layers.sharpen import KEPT, SEEN, sharpen
from cubiseg.portraits import draw


def coarse(label: np.ndarray, cell: int) -> np.ndarray:
    """A label map as a network sees it that gives one class to ``cell`` x ``cell`` pixels."""
    small = resized(label, (label.shape[0] // cell, label.shape[1] // cell))
    return np.kron(small, np.ones((cell, cell), np.uint8))


def test_no_part_of_a_face_loses_more_than_the_stated_share() -> None:
    for index in range(0, 20, 2):
        portrait = draw(21, index, 288)
        seen = coarse(portrait.label, 3)
        moved = sharpen(portrait.image, seen, 3.0)
        for part in taxonomy.SMALL_PART_IDS:
            _, _, stats, _ = cv2.connectedComponentsWithStats((seen == part).view(np.uint8), connectivity=8)
            area = sum(size for size in stats[1:, cv2.CC_STAT_AREA] if size >= SEEN * 9)
            assert np.count_nonzero(moved == part) >= KEPT * area, (index, taxonomy.NAMES[part])


def test_borders_of_small_parts_get_nearer_to_the_truth() -> None:
    before = after = 0
    for index in range(0, 20, 2):
        portrait = draw(22, index, 288)
        seen = coarse(portrait.label, 3)
        moved = sharpen(portrait.image, seen, 3.0)
        parts = np.isin(portrait.label, taxonomy.SMALL_PART_IDS)
        around = cv2.dilate(parts.view(np.uint8), np.ones((9, 9), np.uint8)) > 0
        before += np.count_nonzero((seen != portrait.label) & around)
        after += np.count_nonzero((moved != portrait.label) & around)
    assert after < 0.8 * before


def test_a_line_of_a_mouth_one_pixel_thin_stays() -> None:
    rgb = np.full((300, 300, 3), (250, 220, 200), np.uint8)
    label = np.full((300, 300), taxonomy.ID["face"], np.uint8)
    label[150:152, 120:180] = taxonomy.ID["mouth"]
    rgb[150, 120:180] = (120, 60, 60)
    assert np.count_nonzero(sharpen(rgb, label, 4.0) == taxonomy.ID["mouth"]) >= 60


def test_specks_that_the_network_cannot_have_seen_go() -> None:
    rgb = np.full((300, 300, 3), (250, 220, 200), np.uint8)
    label = np.full((300, 300), taxonomy.ID["clothes"], np.uint8)
    label[40:42, 40:41] = taxonomy.ID["hair"]
    assert (sharpen(rgb, label, 4.0) == taxonomy.ID["clothes"]).all()


def test_where_the_network_looked_again_small_parts_keep_what_it_saw_there() -> None:
    rgb = np.full((400, 400, 3), (250, 220, 200), np.uint8)
    label = np.full((400, 400), taxonomy.ID["face"], np.uint8)
    places = {"eyebrow_left": (150, 160), "eyebrow_right": (150, 210), "nose": (180, 190)}
    for name, (y, x) in places.items():
        label[y : y + 3, x : x + 4] = taxonomy.ID[name]  # a network that covers 8 px with one cannot have seen it
        rgb[y : y + 3, x : x + 4] = (120, 70, 60)
    moved = sharpen(rgb, label, 8.0, [(Box(100, 100, 300, 300), 1.5)])
    for name in places:
        own = taxonomy.ID[name]
        assert 6 <= np.count_nonzero(moved == own) <= 24


def test_a_border_that_leaves_what_was_seen_again_goes_on_without_a_step() -> None:
    rgb = np.full((400, 400, 3), (250, 220, 200), np.uint8)
    rgb[:, 203:] = (60, 80, 160)  # the drawn edge
    label = np.full((400, 400), taxonomy.ID["skin"], np.uint8)
    label[:, 207:] = taxonomy.ID["clothes"]  # the coarse look is off by four
    label[120:280, 120:280] = np.where(np.arange(120, 280) < 204, taxonomy.ID["skin"], taxonomy.ID["clothes"])
    moved = sharpen(rgb, label, 6.0, [(Box(120, 120, 280, 280), 1.5)])
    edge = (moved == taxonomy.ID["clothes"]).argmax(axis=1)
    assert np.abs(edge - 203).max() <= 1


def test_a_second_look_at_the_whole_picture_s_own_fineness_changes_little() -> None:
    portrait = draw(23, 0, 288)
    seen = coarse(portrait.label, 3)
    plain, twice = sharpen(portrait.image, seen, 3.0), sharpen(portrait.image, seen, 3.0, [(Box(60, 30, 220, 200), 3)])
    assert (plain != twice).mean() < 0.01


def test_a_border_between_classes_that_lies_at_an_edge_already_is_not_drawn_to_a_stronger_one() -> None:
    rgb = np.full((300, 300, 3), (250, 220, 200), np.uint8)
    rgb[:, 150:] = (220, 200, 210)  # where skin ends
    rgb[:, 156:] = (60, 80, 160)  # a fold
    label = np.full((300, 300), taxonomy.ID["skin"], np.uint8)
    label[:, 150:] = taxonomy.ID["clothes"]
    for at_edges, column in ((True, 150), (False, 156)):
        moved = sharpen(rgb, label, 5.0, (), at_edges)
        assert np.abs((moved == taxonomy.ID["clothes"]).argmax(axis=1) - column).max() <= 1


def test_borders_between_the_parts_of_a_class_move_as_ever_where_those_of_classes_lie_at_edges() -> None:
    rgb = np.full((300, 300, 3), (120, 80, 60), np.uint8)
    rgb[156:] = (200, 160, 90)  # where the hair that hangs in front ends
    rgb[:, 200:] = (240, 240, 255)
    label = np.full((300, 300), taxonomy.PART_ID["hair_back"], np.uint8)
    label[:150] = taxonomy.PART_ID["hair_front"]
    label[:, 200:] = taxonomy.ID["background"]
    moved = sharpen(rgb, label, 5.0, (), True)
    assert ((moved == taxonomy.PART_ID["hair_back"])[:, :190].argmax(axis=0) == 156).all()
    assert np.array_equal(moved == taxonomy.ID["background"], label == taxonomy.ID["background"])

"""Boxes have their sides in one order, and index what they surround."""

import numpy as np

from cubiseg.boxes import Box


def test_a_box_around_a_mask_indexes_exactly_it() -> None:
    mask = np.zeros((20, 30), bool)
    mask[4:9, 11:25] = True
    box = Box.around(mask)
    assert box == Box(left=11, top=4, right=25, bottom=9)
    assert mask[box.window].all() and mask[box.window].sum() == mask.sum()
    assert Box.around(np.zeros((3, 3), bool)) is None


def test_boxes_are_joined_moved_scaled_and_kept_within_a_picture() -> None:
    box = Box(1, 2, 3, 6)
    assert box.union(Box(0, 3, 9, 4)) == Box(0, 2, 9, 6) and box.union(None) == box
    assert box.moved(10, 20) == Box(11, 22, 13, 26) and box.scaled(2) == Box(2, 4, 6, 12)
    assert box.grown(3, (7, 5)) == Box(0, 0, 5, 7)
    assert (box.width, box.height, box.longest) == (2, 4, 4)

"""Borders of a network's label map lie at the picture's own edges, and nothing else moves."""

import cv2
import numpy as np
import pytest

from cubiseg import scores, taxonomy
from cubiseg.inference.edges import at_edges
from cubiseg.letterbox import Placement, from_logits
from cubiseg.portraits import draw

SIDE, GRID = 640, 160
WHOLE = Placement((SIDE, SIDE), (GRID, GRID), (0, 0))


def seen(label: np.ndarray, placement: Placement = WHOLE, off: float = 0) -> np.ndarray:
    """Logits of a network that sees a true label map on its grid, blurred and never quite sure.

    Args:
        off: how far its borders wander from the true ones, in pixels of its grid (standard deviation).
    """
    height, width = placement.scaled
    rng = np.random.default_rng(0)
    wander = [cv2.GaussianBlur(rng.normal(size=(height, width)), (0, 0), 4) for _ in range(2)]
    maps = [
        (grid + off * w / w.std()).astype(np.float32)
        for grid, w in zip(np.meshgrid(np.arange(width), np.arange(height)), wander, strict=True)
    ]
    shares = []
    for c in range(taxonomy.NUM_CLASSES):
        small = cv2.resize((label == c).astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
        shares.append(cv2.remap(cv2.GaussianBlur(small, (0, 0), 1), *maps, cv2.INTER_LINEAR))
    return np.log(np.stack(shares) + 0.003).astype(np.float32)


def moved(rgb: np.ndarray, logits: np.ndarray, placement: Placement = WHOLE) -> tuple[np.ndarray, np.ndarray]:
    """The label map before and after."""
    label, confidence = from_logits(logits, placement)
    return label, at_edges(rgb, logits, placement, label, confidence)[0]


def both(off: float) -> tuple[scores.Counts, scores.Counts]:
    """Counts over some portraits, before and after."""
    before, after = [], []
    for index in range(0, 16, 2):
        drawn = draw(31, index, SIDE)
        coarse, fine = moved(drawn.image, seen(drawn.label, off=off))
        before.append(scores.count(drawn.label, coarse))
        after.append(scores.count(drawn.label, fine))
    return scores.total(before), scores.total(after)


def wrong(counts: scores.Counts) -> int:
    return int(counts.confusion.sum() - np.trace(counts.confusion))


def test_borders_come_nearer_to_the_truth() -> None:
    before, after = both(off=0.6)
    assert wrong(after) < 0.7 * wrong(before)
    assert np.nanmean(scores.boundary_f(after)) > np.nanmean(scores.boundary_f(before)) + 0.05
    small = list(taxonomy.SMALL_PART_IDS)
    assert np.nanmean(scores.f1(after)[small]) > np.nanmean(scores.f1(before)[small])


def test_what_a_good_network_saw_is_not_made_worse() -> None:
    before, after = both(off=0)
    assert wrong(after) < wrong(before)
    for figure in (scores.f1, scores.boundary_f):
        assert np.nanmean(figure(after)) > np.nanmean(figure(before))


def test_brows_and_lines_keep_their_area() -> None:
    label = np.full((SIDE, SIDE), taxonomy.ID["face"], np.uint8)
    cv2.ellipse(label, (200, 200), (60, 20), 0, 200, 340, taxonomy.ID["eyebrow_right"], 7)
    cv2.line(label, (300, 420), (360, 424), taxonomy.ID["mouth"], 6)
    rgb = np.full((SIDE, SIDE, 3), (250, 224, 205), np.uint8)
    rgb[label != taxonomy.ID["face"]] = (110, 70, 60)
    _, fine = moved(rgb, seen(label))
    for part in ("eyebrow_right", "mouth"):
        true, found = label == taxonomy.ID[part], fine == taxonomy.ID[part]
        assert np.count_nonzero(true & found) > 0.9 * np.count_nonzero(true), part


@pytest.mark.parametrize("contrast", [0, 2])
def test_a_picture_without_edges_is_left_alone(contrast: int) -> None:
    label = draw(31, 0, SIDE).label
    rgb = np.random.default_rng(0).integers(128, 129 + contrast, (SIDE, SIDE, 3)).astype(np.uint8)
    coarse, fine = moved(rgb, seen(label))
    assert fine is coarse


def test_far_from_borders_nothing_changes() -> None:
    drawn = draw(31, 4, SIDE)
    logits = seen(drawn.label)
    label, confidence = from_logits(logits, WHOLE)
    fine, sure = at_edges(drawn.image, logits, WHOLE, label, confidence)
    cell = SIDE // GRID
    reach = np.ones((8 * cell + 1, 8 * cell + 1), np.uint8)
    far = cv2.dilate(label, reach) == cv2.erode(label, reach)
    assert far.any() and (fine == label)[far].all()
    assert np.array_equal(sure[fine == label], confidence[fine == label])
    assert sure.dtype == np.float32 and sure.min() >= 0 and sure.max() <= 1


def test_what_is_given_is_not_changed_and_equal_pictures_give_equal_maps() -> None:
    drawn = draw(31, 6, SIDE)
    logits = seen(drawn.label)
    given = from_logits(logits, WHOLE)
    kept = [values.copy() for values in (drawn.image, logits, *given)]
    one, two = (at_edges(drawn.image, logits, WHOLE, *given) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(kept, (drawn.image, logits, *given), strict=True))


def test_a_picture_that_the_network_sees_pixel_by_pixel_is_left_alone() -> None:
    drawn = draw(31, 8, 160)
    placement = Placement((160, 160), (160, 160), (0, 0))
    coarse, fine = moved(drawn.image, seen(drawn.label, placement), placement)
    assert fine is coarse


@pytest.mark.parametrize("size", [(640, 130), (90, 640), (3, 700)])
def test_any_shape_of_picture_is_served(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    rgb = rng.integers(0, 256, (*size, 3)).astype(np.uint8)
    scaled = max(1, size[0] * 64 // max(size)), max(1, size[1] * 64 // max(size))
    offset = (64 - scaled[0]) // 2, (64 - scaled[1]) // 2
    logits = rng.normal(size=(49, 64, 64)).astype(np.float32)
    placement = Placement(size, scaled, offset)
    label, confidence = from_logits(logits[: taxonomy.NUM_CLASSES], placement)
    fine, sure = at_edges(rgb, logits, placement, label, confidence)
    assert fine.shape == sure.shape == size and fine.max() < taxonomy.NUM_CLASSES

"""From logits to the picture's pixels, at both levels."""

import cv2
import numpy as np
import pytest

from cubiseg import taxonomy
from cubiseg.letterbox import CHOICES_SIDE, Placement, best_parts, class_logits, from_logits, part_logits, part_map
from cubiseg.taxonomy import CLASS_OF, OUTPUT_IDS, PART_ID

RNG = np.random.default_rng(0)


def place(name: str) -> int:
    """Number of a part's output."""
    return int(np.flatnonzero(PART_ID[name] == OUTPUT_IDS)[0])


def smooth_logits(height: int, width: int) -> np.ndarray:
    """(outputs, height, width) float32: blobs, as a network gives them."""
    coarse = RNG.normal(0, 3, (len(OUTPUT_IDS), 7, 5)).astype(np.float32)
    return np.stack([cv2.resize(c, (width, height), interpolation=cv2.INTER_CUBIC) for c in coarse])


def test_a_class_is_decided_by_its_own_logit_however_sure_the_network_is_of_a_part() -> None:
    logits = np.full((len(OUTPUT_IDS), 4, 4), -20, np.float32)
    logits[taxonomy.ID["hair"]], logits[taxonomy.ID["face"]] = 1.0, 0.5
    logits[place("hair_side_left")] = -19  # within the hair, the best part
    logits[place("lips")] = 30
    placement = Placement((9, 9), (4, 4), (0, 0))
    label, confidence = from_logits(class_logits(logits), placement)
    assert (label == taxonomy.ID["hair"]).all()
    np.testing.assert_allclose(confidence, 0.62246, atol=1e-3)
    assert (part_map(part_logits(logits), placement, label) == PART_ID["hair_side_left"]).all()


@pytest.mark.parametrize("size", [(300, 220), (64, 48), (31, 900), (40, 31), (1500, 1100)])
def test_each_pixel_gets_the_part_whose_interpolated_logit_is_largest(size: tuple[int, int]) -> None:
    placement = Placement(size, (61, 45), (2, 9))
    logits = smooth_logits(64, 64)
    label, _ = from_logits(class_logits(logits), placement)
    label[:3] = RNG.integers(0, 12, label[:3].shape)  # also of classes that the network would not choose
    parts = part_map(part_logits(logits), placement, label)
    inner = np.ascontiguousarray(logits[:, 2:63, 9:54])
    full = np.stack([cv2.resize(m, size[::-1], interpolation=cv2.INTER_LINEAR) for m in inner])
    is_leaf = np.isin(OUTPUT_IDS, taxonomy.LEAF_IDS)
    full[(CLASS_OF[OUTPUT_IDS][:, None, None] != label) | ~is_leaf[:, None, None]] = -np.inf
    best = np.partition(full, -2, axis=0)[-2:]
    clear = best[1] - best[0] > 1e-3
    assert clear.mean() > 0.99
    assert np.array_equal(parts[clear], OUTPUT_IDS[full.argmax(0)][clear])
    assert np.array_equal(CLASS_OF[parts], label)


@pytest.mark.parametrize("size", [1e3, 1e30, 3e38])
def test_logits_of_a_broken_network_give_parts_of_the_class_too(size: float) -> None:
    logits = (RNG.uniform(-1, 1, (len(OUTPUT_IDS), 9, 9)) * size).astype(np.float32)
    placement = Placement((40, 30), (9, 9), (0, 0))
    label, confidence = from_logits(class_logits(logits), placement)
    assert np.isfinite(confidence).all()
    assert np.array_equal(CLASS_OF[part_map(part_logits(logits), placement, label)], label)


@pytest.mark.parametrize("size", [(300, 220), (31, 900)])
def test_the_best_part_of_any_class_is_known_wherever_that_class_may_be_said(size: tuple[int, int]) -> None:
    placement, logits = Placement(size, (61, 45), (2, 9)), smooth_logits(64, 64)
    classes = [taxonomy.ID[name] for name in ("hair", "skin", "face")]
    best = best_parts(part_logits(logits), placement, classes)
    label = RNG.choice(classes, size).astype(np.uint8)  # as somebody else may see them
    parts = part_map(part_logits(logits), placement, label)
    for c, of_class in zip(classes, best, strict=True):
        assert np.array_equal(of_class[label == c], parts[label == c])
        assert (CLASS_OF[of_class] == c).all()


def test_of_a_large_picture_the_best_parts_of_every_class_are_kept_coarser() -> None:
    best = best_parts(part_logits(smooth_logits(32, 32)), Placement((8192, 2048), (32, 8), (0, 12)), [1])
    assert best.shape == (1, CHOICES_SIDE, CHOICES_SIDE // 4)


def test_what_has_no_class_has_no_part() -> None:
    label = np.array([[0, 255], [1, 10]], np.uint8)
    parts = part_map(part_logits(smooth_logits(2, 2)), Placement((2, 2), (2, 2), (0, 0)), label)
    assert np.array_equal(CLASS_OF[parts], label)


def test_the_memory_of_a_large_picture_is_that_of_a_few_small_maps() -> None:
    import tracemalloc

    logits = smooth_logits(256, 256)
    placement = Placement((4096, 4096), (256, 256), (0, 0))
    label = np.repeat(np.repeat(class_logits(logits).argmax(0).astype(np.uint8), 16, 0), 16, 1)
    tracemalloc.start()
    part_map(part_logits(logits), placement, label)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 120e6, "42 maps of this size would take 2.8 GB"

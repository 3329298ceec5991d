"""Bent pictures keep their labels, and pictures of lower quality their shapes."""

from typing import Any

import numpy as np
import pytest
from mmcv.transforms import BaseTransform

from cubiseg import taxonomy
from cubiseg.training.randomness import seeded
from cubiseg.training.transforms.augment import Blur, CutOut, Jpeg, Warp
from tests import tiny

MARGIN = (10.0, 20.0, 30.0)
KINDS = {
    "warp": lambda prob: Warp(prob, MARGIN),
    "blur": Blur,
    "jpeg": Jpeg,
    "cut-out": lambda prob: CutOut(prob, MARGIN),
}


def sample() -> dict[str, Any]:
    """A face whose red channel is its label, so that both can be compared after any transform."""
    label = tiny.face()
    image = np.stack([label * 20, 255 - label * 20, np.full_like(label, 60)], axis=-1)
    return {"img": image, "gt_seg_map": label, "seg_fields": ["gt_seg_map"], "img_shape": label.shape}


def changed(transform: BaseTransform, seed: int) -> tuple[np.ndarray, np.ndarray]:
    with seeded(seed):
        out = transform(sample())
    assert out["img"].dtype == out["gt_seg_map"].dtype == np.uint8
    assert out["img"].shape == (*out["gt_seg_map"].shape, 3) == (tiny.SIZE, tiny.SIZE, 3)
    return out["img"], out["gt_seg_map"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_changes_alike_and_another_seed_otherwise(kind: str) -> None:
    first, again, other = (changed(KINDS[kind](1.0), seed) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])


@pytest.mark.parametrize("kind", KINDS)
def test_a_chance_of_nothing_changes_nothing_and_a_half_half(kind: str) -> None:
    before = sample()["img"]
    assert all(np.array_equal(changed(KINDS[kind](0.0), seed)[0], before) for seed in range(5))
    same = sum(np.array_equal(changed(KINDS[kind](0.5), seed)[0], before) for seed in range(40))
    assert 8 <= same <= 32


@pytest.mark.parametrize("seed", range(8))
def test_picture_and_label_bend_together(seed: int) -> None:
    image, label = changed(Warp(1.0, MARGIN), seed)
    before = tiny.face()
    assert set(np.unique(label)) <= {*np.unique(before), taxonomy.IGNORE_INDEX}
    inside = label != taxonomy.IGNORE_INDEX
    assert inside.mean() > 0.6
    # The picture is interpolated and the label is not: they may differ by half a pixel, so inside a part only.
    same = np.zeros_like(inside)
    around = [label[y : tiny.SIZE - 2 + y, x : tiny.SIZE - 2 + x] for y, x in np.ndindex(3, 3)]
    same[1:-1, 1:-1] = np.all(np.array(around) == label[1:-1, 1:-1], axis=0)
    assert same.mean() > 0.7
    assert (np.abs(image[same & inside][:, 0].astype(int) - 20 * label[same & inside].astype(int)) <= 1).all()
    assert (image[same & ~inside] == MARGIN).all()
    assert (label != before).mean() > 0.01


def test_bending_neither_mirrors_nor_loses_a_part() -> None:
    for seed in range(20):
        _, label = changed(Warp(1.0, MARGIN), seed)
        centres = {n: np.argwhere(label == taxonomy.ID[n]).mean(0) for n in ("eye_left", "eye_right", "mouth", "nose")}
        assert centres["eye_left"][1] > centres["eye_right"][1]
        assert centres["mouth"][0] > centres["eye_left"][0]


@pytest.mark.parametrize("kind", ["blur", "jpeg"])
def test_lower_quality_leaves_labels_and_flat_places_alone(kind: str) -> None:
    before = sample()
    for seed in range(6):
        image, label = changed(KINDS[kind](1.0), seed)
        assert np.array_equal(label, before["gt_seg_map"])
        difference = np.abs(image.astype(int) - before["img"])
        assert difference.max() > 0
        # The first rows are background, far from any edge.
        assert difference[:8].max() <= 4
        assert difference.mean() < 12


def test_red_stays_red_through_compression() -> None:
    results: dict[str, Any] = {"img": np.zeros((32, 32, 3), np.uint8), "gt_seg_map": np.zeros((32, 32), np.uint8)}
    results["img"][..., 0] = 200
    with seeded(0):
        out = Jpeg(1.0)(results)["img"]
    assert np.abs(out.astype(int) - (200, 0, 0)).max() <= 6


def test_what_is_cut_out_is_ignored_and_nothing_else() -> None:
    before = sample()
    for seed in range(6):
        image, label = changed(CutOut(1.0, MARGIN), seed)
        hidden = label == taxonomy.IGNORE_INDEX
        assert 0 < hidden.mean() <= 3 / 16
        assert (image[hidden] == MARGIN).all()
        assert np.array_equal(image[~hidden], before["img"][~hidden])
        assert np.array_equal(label[~hidden], before["gt_seg_map"][~hidden])

"""Pictures and labels stay together on the way to the network, and sides stay the character's own."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cubiseg import imaging, label_maps, taxonomy
from cubiseg.errors import CubisegError
from cubiseg.training.randomness import seeded
from cubiseg.training.transforms.placing import FlipSides, LoadLabel, LoadPicture, RandomPlace, RandomScale
from tests import tiny


def sample(label: np.ndarray) -> dict[str, Any]:
    """A picture whose red channel is its label, so that both can be compared after any transform."""
    image = np.stack([label * 20, label, label], axis=-1).astype(np.uint8)
    return {"img": image, "gt_seg_map": label.copy(), "seg_fields": ["gt_seg_map"], "img_shape": label.shape}


def test_a_flip_swaps_left_and_right() -> None:
    label = tiny.face()
    flipped = FlipSides(prob=1.0)(sample(label))["gt_seg_map"]
    np.testing.assert_array_equal(flipped, taxonomy.flip_label(label))
    # In a frontal picture the character's left eye is on the right, before and after.
    for name in ("eye", "eyebrow"):
        left, right = (np.nonzero(flipped == taxonomy.ID[f"{name}_{side}"])[1].mean() for side in ("left", "right"))
        assert left > flipped.shape[1] / 2 > right


def test_a_flip_swaps_the_parts_of_two_sides() -> None:
    label = tiny.portraits()[0].parts
    flipped = FlipSides(prob=1.0)(sample(label))["gt_seg_map"]
    np.testing.assert_array_equal(flipped, taxonomy.flip_label(label))
    for part in taxonomy.PARTS:
        other = taxonomy.PART_ID[part.pair or part.name]
        assert (flipped == part.id).sum() == (label == other).sum()


def test_half_of_the_draws_are_flipped() -> None:
    flips = 0
    for draw in range(100):
        with seeded(draw):
            flips += FlipSides()(sample(tiny.face()))["flip"]
    assert 35 <= flips <= 65


def test_indexed_labels_are_read_as_ids_and_pictures_as_rgb(tmp_path: Path) -> None:
    label = tiny.face()
    label_maps.write_label(tmp_path / "l.png", label)
    imaging.write_png(tmp_path / "p.png", np.full((*label.shape, 3), (200, 100, 0), np.uint8))
    paths = {"img_path": tmp_path / "p.png", "seg_map_path": tmp_path / "l.png"}
    results = LoadLabel()(LoadPicture()(paths))
    np.testing.assert_array_equal(results["gt_seg_map"], label)
    assert tuple(results["img"][0, 0]) == (200, 100, 0)


def test_a_map_of_parts_trains_as_classes_unless_parts_are_wanted(tmp_path: Path) -> None:
    label = np.array([[0, 1, 20, 56, 255]], np.uint8)
    label_maps.write_label(tmp_path / "l.png", label)
    results = {"img": np.zeros((1, 5, 3), np.uint8), "seg_map_path": tmp_path / "l.png"}
    assert LoadLabel(parts=True)(results)["gt_seg_map"].tolist() == label.tolist()
    assert LoadLabel()(results)["gt_seg_map"].tolist() == [[0, 1, 1, 11, 255]]


@pytest.mark.parametrize(
    ("label", "message"),
    [
        (np.zeros((64, 80), np.uint8), r"l.png: 80x64, but its picture is 64x64; rebuild"),
        (np.full((64, 64), 12, np.uint8), r"l.png: holds the id 12, which the taxonomy lacks"),
    ],
)
def test_a_label_that_does_not_fit_is_one_line(tmp_path: Path, label: np.ndarray, message: str) -> None:
    label_maps.write_label(tmp_path / "l.png", label)
    with pytest.raises(CubisegError, match=message):
        LoadLabel()({"img": np.zeros((64, 64, 3), np.uint8), "seg_map_path": tmp_path / "l.png"})


@given(height=st.integers(8, 150), width=st.integers(8, 150), draw=st.integers(0, 1000))
def test_placing_keeps_picture_and_label_together(height: int, width: int, draw: int) -> None:
    label = np.random.default_rng(draw).integers(0, 12, (height, width)).astype(np.uint8)
    with seeded(draw):
        results = RandomPlace(size=64, margin=(1.0, 2.0, 3.0))(sample(label))
    image, placed = results["img"], results["gt_seg_map"]
    assert image.shape == (64, 64, 3) and placed.shape == (64, 64)
    inside = placed != taxonomy.IGNORE_INDEX
    assert inside.sum() == min(height, 64) * min(width, 64)
    np.testing.assert_array_equal(image[inside][:, 0], placed[inside] * 20)
    assert (image[~inside] == (1, 2, 3)).all()


@given(draw=st.integers(0, 1000))
def test_scaling_stays_in_range_and_keeps_borders_in_place(draw: int) -> None:
    label = np.zeros((120, 90), np.uint8)
    label[:, 45:] = 10
    with seeded(draw):
        results = RandomScale(size=64, factors=(0.5, 2.0))(sample(label))
    height, width = results["gt_seg_map"].shape
    assert 32 <= height <= 128
    assert abs(width / height - 0.75) < 0.03
    found = (results["gt_seg_map"] == 0).sum(axis=1)
    assert (np.abs(found - width / 2) <= 0.5).all(), "labels shift under scaling"

from pathlib import Path

import numpy as np
import pytest

from cubiseg import taxonomy
from cubiseg.completion.truth import beneath
from cubiseg.completion_training import augmentation
from cubiseg.completion_training.augmentation import augmented
from cubiseg.completion_training.data import ALPHA, LABEL, MAY_HIDE, RGB, TRUTH, VISIBLE, open_crops
from cubiseg.completion_training.params import CropAugmentation
from tests.completion_training.tiny import params

NONE = dict.fromkeys(CropAugmentation.model_fields, 0.0)


@pytest.fixture(scope="module")
def crops(drawn: Path) -> list[tuple[np.ndarray, str]]:
    train, _ = open_crops(params().draw, drawn)
    return [(train.load(n), train.names[n]) for n in range(len(train))]


def test_the_same_draw_gives_the_same_crop_and_leaves_the_original(crops: list[tuple[np.ndarray, str]]) -> None:
    every = CropAugmentation.model_validate(dict.fromkeys(NONE, 1.0))
    for number, (crop, name) in enumerate(crops):
        before = crop.copy()
        made = [augmented(crop, name, crops[0], every, np.random.default_rng(number)) for _ in range(2)]
        assert np.array_equal(crop, before)
        assert made[0][1] == made[1][1] and np.array_equal(made[0][0], made[1][0])
        assert made[0][0].shape == crop.shape and made[0][0].dtype == np.uint8


def test_a_mirrored_crop_is_of_the_other_side(crops: list[tuple[np.ndarray, str]]) -> None:
    still = CropAugmentation.model_validate(NONE)
    swapped = 0
    for crop, name in crops:
        for seed in range(4):
            out, said = augmented(crop, name, crops[0], still, np.random.default_rng(seed))
            assert (out[VISIBLE] == 255).sum() == (crop[VISIBLE] == 255).sum()
            own = out[VISIBLE] == 255
            assert (out[LABEL][own] == taxonomy.PART_ID[said]).all()
            swapped += said != name
            columns = np.flatnonzero((out[LABEL] != taxonomy.IGNORE_INDEX).any(0))
            assert columns[0] == 0, "the picture fills the square from its left"
    assert swapped > 0


@pytest.mark.parametrize("what", ["ragged", "occlude"])
def test_masks_follow_labels_and_the_truth_stays(crops: list[tuple[np.ndarray, str]], what: str) -> None:
    changed = 0
    for number, (crop, name) in enumerate(crops):
        for other in crops[:: len(crops) // 3]:
            out, rng = crop.copy(), np.random.default_rng(number)
            if what == "ragged":
                augmentation._ragged(out, name, rng)
            else:
                augmentation._occlude(out, name, *other, rng)
            moved = out[LABEL] != crop[LABEL]
            changed += int(moved.sum())
            assert np.array_equal(out[VISIBLE][moved] == 255, out[LABEL][moved] == taxonomy.PART_ID[name])
            assert np.array_equal(out[MAY_HIDE][moved] == 255, beneath(name, out[LABEL])[moved])
            assert np.array_equal(out[TRUTH], crop[TRUTH]) and np.array_equal(out[ALPHA], crop[ALPHA])
            if what == "ragged":
                assert np.array_equal(out[RGB], crop[RGB])
            outside = crop[LABEL] == taxonomy.IGNORE_INDEX
            assert np.array_equal(out[LABEL] == taxonomy.IGNORE_INDEX, outside)
    assert changed > 0


def test_picture_and_truth_get_the_same_colours(crops: list[tuple[np.ndarray, str]]) -> None:
    still = CropAugmentation.model_validate(NONE | {"shade": 1.0})
    for number, (crop, name) in enumerate(crops):
        out, _ = augmented(crop, name, crops[0], still, np.random.default_rng(number))
        own = (out[VISIBLE] == 255) & (out[ALPHA] == 255)
        assert not own.any() or np.median(np.abs(out[RGB].astype(int) - out[TRUTH])[:, own]) <= 4

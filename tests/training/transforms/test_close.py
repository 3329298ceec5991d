"""Close crops show what a second look shows, as often as asked, and are a function of the seed."""

from typing import Any

import numpy as np
import pytest

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.heads import LEAST_SIDE, find_heads, piece_around
from cubiseg.training.randomness import seeded
from cubiseg.training.transforms import close
from cubiseg.training.transforms.close import SmallCrop
from tests import tiny

HEAD = taxonomy.ids("face", "eye_left", "eye_right", "eyebrow_left", "eyebrow_right", "nose", "mouth")


def standing(side: int = 512) -> np.ndarray:
    """(side, side) uint8: a small frontal face high in a large picture, with an arm that ends low."""
    label = np.zeros((side, side), np.uint8)
    label[20:148, 190:318] = tiny.face()
    label[150:400, 200:240] = taxonomy.PART_ID["arm_right"]
    return label


def cropped(label: np.ndarray, seed: int, prob: float = 1.0) -> dict[str, Any]:
    image = np.stack([label * 4, label, label], axis=-1).astype(np.uint8)
    with seeded(seed):
        return SmallCrop(prob)({"img": image, "gt_seg_map": label.copy(), "seg_fields": ["gt_seg_map"]})


def test_picture_and_labels_stay_together_and_a_seed_gives_one_crop() -> None:
    for seed in range(30):
        out = cropped(standing(), seed)
        np.testing.assert_array_equal(out["img"][..., 1], out["gt_seg_map"])
        assert out["img_shape"] == out["gt_seg_map"].shape
        np.testing.assert_array_equal(cropped(standing(), seed)["img"], out["img"])


def test_crops_are_as_large_as_a_second_look_s_piece_and_show_heads_small_parts_and_hands() -> None:
    label = standing()
    piece = piece_around(find_heads(label)[0], label.shape)
    counts = dict.fromkeys(("whole face", "eyebrow_left", "mouth", "nose", "hand"), 0)
    for seed in range(200):
        out = cropped(label, seed)["gt_seg_map"]
        assert out.shape[0] == out.shape[1] and 0.99 <= out.shape[0] / piece.longest <= 1.41
        seen = set(np.unique(out).tolist())
        counts["whole face"] += int(np.isin(out, HEAD).sum() == np.isin(label, HEAD).sum())
        for name in ("eyebrow_left", "mouth", "nose"):
            counts[name] += taxonomy.ID[name] in seen
        counts["hand"] += taxonomy.PART_ID["arm_right"] in seen and not seen & set(HEAD)
    assert min(counts.values()) >= 15, counts


def test_around_a_head_training_shows_what_a_second_look_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    label = standing()
    label[np.isin(label, taxonomy.ids("eye_left", "eye_right", "eyebrow_left", "eyebrow_right", "nose", "mouth"))] = 2
    label[label == taxonomy.PART_ID["arm_right"]] = 0  # heads are all that is left to look at
    (head,) = find_heads(label)
    for seed in range(50):
        out = cropped(label, seed)["gt_seg_map"]
        box = Box.around(out == taxonomy.ID["face"])
        assert box is not None and 0.4 <= box.longest / max(out.shape) <= 1
    monkeypatch.setattr(close, "SIDES", (1.0, 1.0))
    monkeypatch.setattr(close, "OFF", 0.0)
    assert SmallCrop(1.0).window(label, np.random.default_rng(0)) == piece_around(head, label.shape)


@pytest.mark.parametrize("prob", [0.0, 0.3, 1.0])
def test_crops_are_as_often_as_asked(prob: float) -> None:
    label = standing()
    count = sum(cropped(label, seed, prob)["gt_seg_map"].shape != label.shape for seed in range(300))
    assert abs(count / 300 - prob) < 0.08


def test_a_picture_without_a_head_and_a_head_of_a_few_pixels_stay_whole() -> None:
    label = np.full((64, 64), taxonomy.PART_ID["topwear"], np.uint8)
    assert cropped(label, 1)["gt_seg_map"].shape == label.shape
    label[30:34, 30:34] = taxonomy.ID["face"]
    assert len(find_heads(label)) == 1 and find_heads(label)[0].longest < LEAST_SIDE
    assert cropped(label, 1)["gt_seg_map"].shape == label.shape


def test_a_head_from_behind_is_shown_where_its_hair_is() -> None:
    label = np.zeros((400, 400), np.uint8)
    label[100:300, 150:200] = taxonomy.ID["hair"]
    for seed in range(10):
        out = cropped(label, seed)["gt_seg_map"]
        assert max(out.shape) < 120 and (out == taxonomy.ID["hair"]).mean() > 0.2


def test_of_two_faces_one_is_shown_and_either_is() -> None:
    label = np.zeros((256, 640), np.uint8)
    label[64:192, 0:128] = label[64:192, 512:640] = tiny.face()
    middles = [cropped(label, seed)["gt_seg_map"].shape for seed in range(20)]
    assert all(max(shape) < 300 for shape in middles)


def test_generated_portraits_can_all_be_looked_at_closely() -> None:
    for portrait in tiny.portraits():
        for label in (portrait.parts, portrait.label):
            out = cropped(label, 5)["gt_seg_map"]
            assert min(out.shape) >= 8

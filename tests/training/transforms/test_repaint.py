"""Repainted training pictures change where they should and nowhere else."""

from typing import Any

import numpy as np
import pytest
from mmcv.transforms import BaseTransform

from cubiseg import taxonomy
from cubiseg.portraits import Portrait, draw
from cubiseg.training.randomness import seeded
from cubiseg.training.transforms.repaint import RecolourParts, ReplaceBackground, WeakenLines
from tests import tiny

KINDS = (RecolourParts, ReplaceBackground, WeakenLines)


@pytest.fixture(scope="module")
def portrait() -> Portrait:
    return draw(3, 2, 128, 2, tiny.only(tiny.BUST))


def repainted(transform: BaseTransform, portrait: Portrait, seed: int) -> np.ndarray:
    label = portrait.label.copy()
    results: dict[str, Any] = {"img": portrait.image.copy(), "gt_seg_map": label}
    with seeded(seed):
        out = transform(results)
    assert np.array_equal(out["gt_seg_map"], portrait.label)
    assert out["img"].dtype == np.uint8 and out["img"].shape == portrait.image.shape
    return out["img"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_paints_the_same_and_another_seed_another_picture(kind: type, portrait: Portrait) -> None:
    first, again, other = (repainted(kind(prob=1.0), portrait, seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("kind", KINDS)
def test_a_map_of_parts_is_painted_as_that_of_its_classes(kind: type, portrait: Portrait) -> None:
    painted = []
    for label in (portrait.label, portrait.parts):
        with seeded(5):
            painted.append(kind(prob=1.0)({"img": portrait.image.copy(), "gt_seg_map": label})["img"])
    assert np.array_equal(*painted)


@pytest.mark.parametrize("kind", KINDS)
def test_a_chance_of_nothing_changes_nothing_and_a_half_half(kind: type, portrait: Portrait) -> None:
    assert all(np.array_equal(repainted(kind(prob=0.0), portrait, seed), portrait.image) for seed in range(5))
    same = sum(np.array_equal(repainted(kind(prob=0.5), portrait, seed), portrait.image) for seed in range(40))
    assert 8 <= same <= 32


def away_from(label: np.ndarray, names: tuple[str, ...], reach: int = 4) -> np.ndarray:
    """Pixels farther than ``reach`` from the classes ``names``."""
    near = np.isin(label, [taxonomy.ID[name] for name in names])
    for axis in (0, 1):
        near = np.any([np.roll(near, d, axis) for d in range(-reach, reach + 1)], axis=0)
    return ~near


def test_a_new_background_leaves_the_figure_as_it_was(portrait: Portrait) -> None:
    figure = away_from(portrait.label, ("background",))
    for seed in range(8):
        painted = repainted(ReplaceBackground(prob=1.0), portrait, seed)
        assert np.array_equal(painted[figure], portrait.image[figure])
        behind = portrait.label == 0
        assert np.abs(painted.astype(int) - portrait.image)[behind].mean() > 5


def test_a_recoloured_picture_keeps_its_background_and_changes_parts_by_themselves(portrait: Portrait) -> None:
    behind = away_from(portrait.label, taxonomy.NAMES[1:])
    changed = dict.fromkeys(("hair", "clothes"), 0)
    for seed in range(12):
        painted = repainted(RecolourParts(prob=1.0), portrait, seed)
        assert np.array_equal(painted[behind], portrait.image[behind])
        for name in changed:
            inside = portrait.label == taxonomy.ID[name]
            changed[name] += bool(np.abs(painted.astype(int) - portrait.image)[inside].mean() > 4)
    assert all(2 <= n <= 11 for n in changed.values())


def test_weakened_lines_are_lighter_and_small_parts_keep_their_ink(portrait: Portrait) -> None:
    parts = np.isin(portrait.label, [taxonomy.ID[n] for n in taxonomy.SMALL_PARTS])
    painted = repainted(WeakenLines(prob=1.0), portrait, 0).astype(int)
    assert (painted >= portrait.image).all()
    assert (painted - portrait.image)[~parts].mean() > 0.2
    assert np.abs(painted - portrait.image)[parts].mean() < 1.0

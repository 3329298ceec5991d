import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cubiseg import taxonomy
from cubiseg.imaging import Picture
from cubiseg.layers import cut, matte, recompose
from cubiseg.layers.matte import unmix
from cubiseg.layers.sharpen import sharpen
from cubiseg.portraits import draw

HAIR, FACE, EYE = (taxonomy.ID[name] for name in ("hair", "face", "eye_left"))
DARK, PALE = (60, 30, 20), (250, 220, 200)


def disc(size: int = 120, radius: float = 35.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A dark disc of hair on a face, anti-aliased: picture, label map, true alpha of the hair."""
    fine = np.zeros((size * 8, size * 8), np.uint8)
    cv2.circle(fine, (size * 4, size * 4), round(radius * 8), 255, -1)
    alpha = cv2.resize(fine, (size, size), interpolation=cv2.INTER_AREA) / 255.0
    rgb = alpha[..., None] * np.array(DARK) + (1 - alpha[..., None]) * np.array(PALE)
    return np.rint(rgb).astype(np.uint8), np.where(alpha >= 0.5, HAIR, FACE).astype(np.uint8), alpha


def test_an_anti_aliased_edge_gives_its_alpha_and_both_colours_back() -> None:
    rgb, label, alpha = disc()
    layers = {layer.class_name: layer for layer in cut(Picture(rgb), label, 0, soft_edges=True)}
    hair = layers["hair"].on_canvas(label.shape)
    assert np.abs(hair[..., 3] / 255 - alpha).max() < 0.06
    mixed = (alpha > 0.1) & (alpha < 0.9)
    assert mixed.sum() > 100
    assert np.abs(hair[mixed, :3].astype(int) - DARK).mean() < 6, "no halo of the face"
    face = layers["face"].on_canvas(label.shape)
    assert (face[mixed, 3] == 255).all() and np.abs(face[mixed, :3].astype(int) - PALE).mean() < 6
    hard = {layer.class_name: layer for layer in cut(Picture(rgb), label, 0)}["hair"].on_canvas(label.shape)
    owned = mixed & (hard[..., 3] == 255)
    assert np.abs(hard[owned, :3].astype(int) - DARK).mean() > 30, "hard masks have it"


def test_a_line_of_ink_is_not_torn_between_two_parts() -> None:
    rgb, label, _ = disc()
    ink = np.zeros(label.shape, np.uint8)
    cv2.circle(ink, (60, 60), 36, 1, 2)
    rgb[ink > 0] = 0
    moved = sharpen(rgb, label, 3.0)
    assert (moved[ink > 0] == HAIR).mean() > 0.95, "the outline belongs to the upper part"
    hair = {layer.class_name: layer for layer in cut(Picture(rgb), moved, 0, soft_edges=True)}["hair"]
    assert (hair.on_canvas(label.shape)[ink > 0, 3] > 200).mean() > 0.95


def test_faint_specks_are_dropped() -> None:
    rgb, label, _ = disc()
    rgb[10:12, 10:12] = np.array(PALE) - 20  # a smudge on the face, far from the hair
    found = matte.soft(rgb, label, np.ones(label.shape, bool))
    hair = taxonomy.LAYER_ORDER.index("hair") + 1
    shared = np.zeros(label.shape, np.uint8)
    shared[found.rows, found.columns] = found.upper == hair
    near = cv2.dilate((found.rank == hair).astype(np.uint8), np.ones((5, 5), np.uint8))
    assert not (shared & (1 - near)).any()


@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_two_corrected_colours_mix_to_the_pixel_exactly_whatever_was_guessed(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = 200
    colour = rng.integers(0, 256, (count, 3)).astype(np.float32)
    alpha = rng.integers(1, 255, count).astype(np.uint8)
    over, under = (rng.uniform(0, 255, (count, 3)).astype(np.float32) for _ in range(2))
    upper, lower = unmix(colour, alpha, over, under)
    for kind in (np.float32, np.float64):
        a = (alpha.astype(kind) / kind(255))[:, None]
        assert np.array_equal(np.rint(a * upper + (1 - a) * lower), colour)


def test_soft_edges_are_nearer_to_the_painter_s_layers_than_hard_masks() -> None:
    from benchmarks.mattes import errors, truth

    hard, soft = [], []
    for index in (2, 4, 6):
        drawn = draw(991, index, 512)
        true, opaque = truth(drawn.layers), np.ones(drawn.label.shape, bool)
        hard.append(errors(drawn.clean, drawn.label, matte.hard(drawn.label), true))
        soft.append(errors(drawn.clean, drawn.label, matte.soft(drawn.clean, drawn.label, opaque), true))
    share = np.mean(soft, axis=0) / np.mean(hard, axis=0)
    assert share[0] < 1 and share[1] < 0.85 and share[2] < 0.85, share


@pytest.mark.parametrize("size", [300, 1600])
def test_coarse_borders_move_to_the_drawn_edge(size: int) -> None:
    rgb, label, _ = disc(size, size * 0.3)
    cell = size / 64
    coarse = cv2.resize(cv2.resize(label, (64, 64), interpolation=cv2.INTER_AREA), (size, size))
    coarse = np.roll(np.where(coarse > (HAIR + FACE) / 2, FACE, HAIR).astype(np.uint8), round(cell / 2), axis=1)
    assert (coarse != label).mean() > 0.008
    assert (sharpen(rgb, coarse, cell) != label).mean() < 0.001
    assert sharpen(rgb, coarse, 1.0) is coarse


def test_a_brow_thinner_than_the_band_is_kept_and_a_speck_below_the_network_s_sight_is_not() -> None:
    rgb = np.full((200, 200, 3), PALE, np.uint8)
    label = np.full((200, 200), FACE, np.uint8)
    brow = np.zeros(label.shape, np.uint8)
    cv2.line(brow, (60, 90), (140, 84), 1, 4)
    rgb[brow > 0], label[brow > 0] = DARK, taxonomy.ID["eyebrow_left"]
    label[30:32, 30:32] = EYE
    moved = sharpen(rgb, label, 8.0)
    inside = moved == taxonomy.ID["eyebrow_left"]
    assert (inside & (brow > 0)).sum() > 0.9 * brow.sum() and inside.sum() < 1.2 * brow.sum()
    assert not (moved == EYE).any()


def test_the_alpha_of_a_cut_out_is_kept_as_it_is() -> None:
    rgb, label, alpha = disc()
    picture = Picture(rgb, np.rint(alpha * 255).astype(np.uint8))
    layers = cut(picture, np.full(label.shape, HAIR, np.uint8), soft_edges=True, cell=4.0)
    assert [layer.class_name for layer in layers] == ["hair"]
    assert np.array_equal(layers[0].on_canvas(label.shape)[..., 3], picture.alpha)
    assert np.array_equal(recompose(layers, picture.size)[..., 3], picture.alpha)

"""No joint opens, no fringe shows, no dust lies about when layers are scaled, moved and meshed each by itself."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cubiseg import taxonomy
from cubiseg.imaging import Picture
from cubiseg.inference import given as as_labelled
from cubiseg.layers import Layer, LayerParams, cut, matte, recompose, write_layers
from cubiseg.layers.bleed import BLEED, bleed
from cubiseg.layers.cut import as_drawn
from cubiseg.layers.dust import PART, least_area
from cubiseg.layers.lint import lint
from cubiseg.layers.order import TAXONOMY
from cubiseg.layers.pieces import numbered
from cubiseg.portraits import draw
from tests.layers.pictures import blotches
from tests.layers.samplers import dust, fringe_pixels, inside, open_pixels

HAIR, FACE, NOSE, SKIN = (taxonomy.ID[name] for name in ("hair", "face", "nose", "skin"))


def canvases(layers: list[Layer], picture: Picture) -> list[np.ndarray]:
    return [layer.on_canvas(picture.size) for layer in layers]


def exact(layers: list[Layer], picture: Picture) -> bool:
    wanted, stacked = picture.rgba(), recompose(layers, picture.size)
    wanted[wanted[..., 3] == 0] = 0
    return np.array_equal(stacked, wanted)


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("cut_out", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_no_joint_opens_when_layers_are_scaled_or_moved_by_a_pixel(seed: int, cut_out: bool, soft: bool) -> None:
    picture, label = blotches(seed, cut_out=cut_out)
    layers = cut(picture, label, soft_edges=soft)
    assert len(layers) >= 8 and exact(layers, picture)
    assert open_pixels(canvases(layers, picture), inside(picture.rgba()[..., 3])) == 0


def test_a_crumb_goes_on_beneath_what_borders_it() -> None:
    """An ear is under 2 % of the skin; hair lies around it, clear ground behind."""
    label = np.full((200, 200), HAIR, np.uint8)
    label[120:, :] = SKIN
    label[40:52, 60:70] = SKIN
    rgb = taxonomy_colours(label)
    picture = Picture(rgb, np.full(label.shape, 255, np.uint8))
    picture.alpha[:4] = 0
    layers = {layer.class_name: layer for layer in cut(picture, label)}
    skin = layers["skin"].on_canvas(picture.size)[..., 3]
    assert (skin[37:55, 57:73] == 255).all() and not skin[20:30].any()
    assert open_pixels(canvases(list(layers.values()), picture), inside(picture.alpha)) == 0


def taxonomy_colours(label: np.ndarray) -> np.ndarray:
    return np.array(taxonomy.PALETTE, np.uint8)[label]


@pytest.mark.parametrize("cut_out", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_sampling_straight_alpha_shows_hardly_a_dark_fringe(seed: int, cut_out: bool) -> None:
    picture, label = blotches(seed, cut_out=cut_out)
    layers = cut(picture, label, soft_edges=True)
    solid = inside(picture.rgba()[..., 3], 3)
    bare = canvases(layers, picture)
    for canvas in bare:
        canvas[canvas[..., 3] == 0] = 0
    before, after = fringe_pixels(bare, solid), fringe_pixels(canvases(layers, picture), solid)
    assert before > 300 and after < 0.1 * before


@pytest.mark.slow
def test_a_generated_portrait_has_neither_open_joints_nor_fringes_nor_dust() -> None:
    drawn = draw(77, 2, 384)
    picture = Picture(drawn.clean)
    layers = cut(picture, drawn.label, soft_edges=True)
    seen, solid = canvases(layers, picture), inside(np.full(picture.size, 255, np.uint8))
    assert exact(layers, picture)
    assert open_pixels(seen, solid) == 0 and fringe_pixels(seen, solid) < 60
    assert [dust(layer.rgba[..., 3], 9) for layer in layers] == [(0, 0)] * len(layers)


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("cut_out", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_no_layer_has_pinholes_or_specks(seed: int, cut_out: bool, soft: bool) -> None:
    picture, label = blotches(seed, cut_out=cut_out)
    layers = cut(picture, label, soft_edges=soft)
    assert exact(layers, picture)
    for layer in layers:
        assert dust(layer.rgba[..., 3], 9) == (0, 0), layer.class_name


def seen_in_specks(picture: Picture, label: np.ndarray, soft_edges: bool) -> set[str]:
    """Parts of which specks, with what they share of soft edges, make up more than a quarter."""
    visible = np.ones(picture.size, bool) if picture.alpha is None else picture.alpha > 0
    opaque = visible if picture.alpha is None else picture.alpha == 255
    edges = matte.soft(picture.rgb, label, opaque, TAXONOMY) if soft_edges else matte.hard(label, TAXONOMY)
    solid, upper = edges.solid() * visible, np.zeros(picture.size, np.uint8)
    upper[edges.rows, edges.columns] = edges.upper
    found = set()
    for place in np.unique(solid[visible]):
        areas = numbered((solid == place) | (upper == place))[1][1:]
        if areas[areas >= least_area(picture.size)].sum() < PART * areas.sum():
            found.add(TAXONOMY.names[place - 1])
    return found


def dusty_layers(
    folder: Path, picture: Picture, label: np.ndarray, soft_edges: bool = True, **params: object
) -> list[str]:
    """Names of the PSD's layers in which lint finds dust, those apart that are seen in specks."""
    drawn = as_drawn(picture, label, 1.0)
    params = {"profile": "flat", "soft_edges": soft_edges, **params}
    write_layers(folder, picture, as_labelled(label, picture), LayerParams(**params))
    found = {finding.layer for finding in lint(folder / "layers.psd") if finding.code == "L018"}
    return sorted(found - seen_in_specks(picture, drawn, soft_edges))


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**32),
    size=st.tuples(st.integers(40, 160), st.integers(40, 160)),
    cut_out=st.booleans(),
    params=st.fixed_dictionaries(
        {
            "soft_edges": st.booleans(),
            "extension": st.sampled_from([0, 0.05, 0.25, 2]),
            "background": st.sampled_from(["keep", "hide"]),
            "fill": st.sampled_from(["smooth", "none"]),
        }
    ),
)
def test_no_psd_that_we_write_has_dust_unless_a_part_is_seen_in_specks(
    tmp_path: Path, seed: int, size: tuple[int, int], cut_out: bool, params: dict[str, object]
) -> None:
    picture, label = blotches(seed, size, cut_out)
    assert dusty_layers(tmp_path / "out", picture, label, **params) == []


@pytest.mark.slow
@pytest.mark.parametrize("index", range(4))
def test_no_psd_of_a_portrait_by_part_has_dust(tmp_path: Path, index: int) -> None:
    drawn = draw(901, index, 256)
    assert dusty_layers(tmp_path / "out", Picture(drawn.image), drawn.parts, fill="smooth") == []


@pytest.mark.slow
def test_the_bound_on_dust_grows_with_the_picture() -> None:
    assert [least_area((side, side)) for side in (64, 1024, 2048)] == [9, 9, 36]
    picture, label = blotches(3, (1500, 1200))
    label[np.random.default_rng(0).random(label.shape) < 0.001] = HAIR
    least = least_area(picture.size)
    assert least == 19
    for layer in cut(picture, label, soft_edges=True):
        assert dust(layer.rgba[..., 3], least) == (0, 0), layer.class_name


def test_a_part_of_a_few_pixels_stays_with_its_largest_pieces() -> None:
    label = np.full((80, 80), FACE, np.uint8)
    label[40:42, 36:38] = label[40:42, 42:44] = NOSE  # two nostrils
    label[30, 30] = NOSE  # and a stray pixel
    label[50, 30:50] = taxonomy.ID["mouth"]  # a line, one pixel wide
    label[:20] = HAIR
    layers = {layer.class_name: layer for layer in cut(Picture(taxonomy_colours(label)), label)}
    assert layers["nose"].own.sum() == 8 and layers["mouth"].own.sum() == 20
    assert layers["face"].own.sum() == 80 * 60 - 28


def test_what_is_hidden_by_a_part_of_a_few_pixels_is_not_taken_from_it() -> None:
    label = np.full((80, 80), HAIR, np.uint8)
    label[40:42, 40:42] = NOSE  # all that the hair leaves of it: lower than the hair, and under the bound
    layers = {layer.class_name: layer for layer in cut(Picture(taxonomy_colours(label)), label)}
    assert layers["nose"].own.sum() == 4


def shadowed(size: int = 160) -> tuple[Picture, np.ndarray]:
    """A disc of hair with a smooth outline over its own soft shadow, on clear ground."""
    rows, columns = np.mgrid[:size, :size]
    alpha = np.clip(0.3 * size - np.hypot(rows - size / 2, columns - size / 2) + 0.5, 0, 1)
    shadow = np.roll(cv2.GaussianBlur(alpha, (0, 0), 6), (8, 10), (0, 1)) * 0.55
    shadow[shadow < 1 / 255] = 0
    whole = alpha + shadow * (1 - alpha)
    colour = np.array((200, 60, 60)) * (alpha / np.maximum(whole, 1e-6))[..., None]
    label = np.where(alpha > 0, HAIR, 0).astype(np.uint8)
    return Picture(np.rint(colour).astype(np.uint8), np.rint(255 * whole).astype(np.uint8)), label


@pytest.mark.parametrize("soft", [False, True])
def test_a_soft_shadow_is_nowhere_more_opaque_than_it_was(soft: bool) -> None:
    picture, label = shadowed()
    layers = cut(picture, label, soft_edges=soft)
    assert [layer.class_name for layer in layers] == ["background", "hair"] and exact(layers, picture)
    shadow, hair = canvases(layers, picture)
    outside = label == 0
    assert np.array_equal(shadow[outside, 3], picture.alpha[outside]) and not hair[outside, 3].any()
    assert shadow[..., 3].max() <= 141


def test_a_backdrop_with_clear_corners_or_a_soft_rim_is_closed_behind_the_figure_as_it_is_around() -> None:
    rows, columns = np.mgrid[:160, :160]
    label = np.where(np.hypot(rows - 80, columns - 80) < 40, HAIR, 0).astype(np.uint8)
    rgb = taxonomy_colours(label)
    corners = np.where((rows + columns) < 20, 0, 255).astype(np.uint8)
    closed = cut(Picture(rgb, corners), label)[0]
    assert closed.class_name == "background" and (closed.on_canvas((160, 160))[60:100, 60:100, 3] == 255).all()


def test_a_see_through_part_is_painted_on_as_see_through_as_it_is() -> None:
    label = np.full((120, 120), taxonomy.ID["clothes"], np.uint8)
    label[:50] = HAIR
    alpha = np.where(label == HAIR, 255, 120).astype(np.uint8)
    alpha[:, :6] = 0
    picture = Picture(taxonomy_colours(label), alpha)
    layers = {layer.class_name: layer for layer in cut(picture, label)}
    veil = layers["clothes"].on_canvas(picture.size)[..., 3]
    assert exact(list(layers.values()), picture)
    assert veil[40:48, 20:100].any() and veil.max() == 120


def test_colours_go_on_beneath_clear_pixels_and_no_farther_than_stated() -> None:
    rgba = np.zeros((31, 31, 4), np.uint8)
    rgba[10:21, 10:15], rgba[10:21, 15:21] = (200, 10, 10, 255), (10, 10, 200, 1)
    before = rgba.copy()
    bleed(rgba)
    seen = before[..., 3] > 0
    assert np.array_equal(rgba[..., 3], before[..., 3]) and np.array_equal(rgba[seen], before[seen])
    near = cv2.dilate(seen.astype(np.uint8), np.ones((2 * BLEED + 1, 2 * BLEED + 1), np.uint8)) > 0
    assert rgba[near, :3].any(axis=1).all() and not rgba[~near].any()
    assert (rgba[8, 10:14] == (200, 10, 10, 0)).all() and (rgba[15, 22] == (10, 10, 200, 0)).all()
    for odd in (np.zeros((3, 3, 4), np.uint8), np.full((3, 3, 4), 255, np.uint8), rgba[10:11, 10:11].copy()):
        same = odd.copy()
        bleed(odd)
        assert np.array_equal(odd, same)

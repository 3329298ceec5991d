import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.imaging import Picture
from cubiseg.layers import cut, recompose
from cubiseg.layers.bleed import MARGIN
from cubiseg.layers.preview import owners
from tests.inference.palette import portrait
from tests.layers.pictures import blotches, labelled_pictures


def same_where_visible(stacked: np.ndarray, picture: Picture) -> bool:
    wanted = picture.rgba()
    visible = wanted[..., 3] > 0
    return np.array_equal(stacked[visible], wanted[visible]) and not stacked[~visible].any()


@settings(max_examples=150, deadline=None)
@given(drawn=labelled_pictures(), extension=st.sampled_from([0.0, 0.25, 2.0]))
def test_stacked_layers_give_the_picture_back_exactly(drawn: tuple[Picture, np.ndarray], extension: float) -> None:
    picture, label = drawn
    layers = cut(picture, label, extension)
    assert same_where_visible(recompose(layers, picture.size), picture)
    owners = np.zeros(picture.size, int)
    for layer in layers:
        owners[layer.window] += layer.own
        assert layer.own.any()
        visible = Box.around(layer.on_canvas(picture.size)[..., 3])
        assert visible is not None and visible.grown(MARGIN, picture.size).window == layer.window
    alpha = picture.rgba()[..., 3]
    assert np.array_equal(owners, alpha > 0), "each visible pixel has one owner, a clear one none"
    order = [taxonomy.STACK_ORDER.index(layer.name) for layer in layers]
    assert order == sorted(order) and len(set(order)) == len(order)


@pytest.mark.parametrize("cut_out", [False, True])
def test_one_thread_and_two_cut_the_same_layers(cut_out: bool) -> None:
    before, (picture, label) = cv2.getNumThreads(), blotches(3, cut_out=cut_out)
    stacks = []
    for threads in (1, 2):
        cv2.setNumThreads(threads)
        stacks.append(cut(picture, label, soft_edges=True))
    cv2.setNumThreads(before)
    for one, two in zip(*stacks, strict=True):
        assert (one.name, one.x, one.y) == (two.name, two.x, two.y)
        assert all(np.array_equal(getattr(one, kind), getattr(two, kind)) for kind in ("rgba", "own", "painted"))


def test_an_opaque_picture_keeps_its_background_at_the_bottom_and_a_cut_out_has_none() -> None:
    opaque, label = portrait()
    layers = cut(opaque, label)
    assert [layer.class_name for layer in layers] == list(taxonomy.LAYER_ORDER)
    cut_out, label = portrait(alpha=True)
    assert [layer.class_name for layer in cut(cut_out, label)] == list(taxonomy.LAYER_ORDER[1:])


def test_the_face_is_painted_on_beneath_eyes_brows_nose_and_mouth() -> None:
    picture, label = portrait(320, 256)
    layers = {layer.class_name: layer for layer in cut(picture, label)}
    face = layers["face"].on_canvas(picture.size)
    for part in ("eye_left", "eye_right", "eyebrow_left", "eyebrow_right", "nose", "mouth"):
        inside = label == taxonomy.ID[part]
        assert (face[inside, 3] == 255).all()
        assert np.abs(face[inside, :3].astype(int) - taxonomy.PALETTE[taxonomy.ID["face"]]).max() <= 2, "in face colour"


def test_lower_parts_reach_beneath_hair_as_far_as_asked_and_never_beneath_nothing() -> None:
    picture, label = portrait(320, 256)
    face = taxonomy.ID["face"]
    reach = []
    for extension in (0.0, 0.1, 0.4):
        layers = {layer.class_name: layer for layer in cut(picture, label, extension)}
        label = owners(list(layers.values()), picture.size)
        hair = label == taxonomy.ID["hair"]
        painted = layers["face"].on_canvas(picture.size)[..., 3] > 0
        reach.append(np.count_nonzero(painted & hair))
        lower = [taxonomy.ID[n] for n in taxonomy.LAYER_ORDER[: taxonomy.LAYER_ORDER.index("face")]]
        assert not (painted & np.isin(label, lower)).any(), "nothing is painted over what lies below"
        assert (label[painted] == face).any()
    assert reach[0] == 0 and 0 < reach[1] < reach[2]


def test_soft_pixels_hide_nothing_beneath_them() -> None:
    picture, label = portrait(160, 128, alpha=True)
    soft = (picture.alpha > 0) & (picture.alpha < 255)
    covered = np.zeros(picture.size, int)
    for layer in cut(picture, label, 2.0):
        covered[layer.window] += layer.rgba[..., 3] > 0
    assert (covered[soft] == 1).all()


def test_the_background_is_closed_behind_the_figure() -> None:
    picture, label = portrait()
    background = cut(picture, label)[0]
    assert background.size == picture.size and (background.rgba[..., 3] == 255).all()


def test_a_label_map_of_another_size_is_refused() -> None:
    picture, label = portrait()
    with pytest.raises(ValueError, match="label map is"):
        cut(picture, label[:-1])

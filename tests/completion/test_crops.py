import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.completion.crops import Crop, piece, planes, put_back

CANVAS = 90, 120


def disc(x: float, y: float, radius: float, size: tuple[int, int] = CANVAS) -> np.ndarray:
    rows, columns = np.ogrid[: size[0], : size[1]]
    return (columns - x) ** 2 + (rows - y) ** 2 <= radius**2


def test_a_piece_holds_what_is_seen_and_a_margin_where_something_may_hide_more() -> None:
    visible, band = disc(60, 60, 12), np.zeros(CANVAS, bool)
    alone = piece("torso", visible, band)
    assert alone == Box(44, 44, 77, 77), "nothing may hide it: only the least margin"
    band[20:52] = ~visible[20:52]
    wide = piece("torso", visible, band)
    assert wide.top < alone.top and wide.bottom == alone.bottom and wide.left < alone.left < alone.right < wide.right
    narrow = piece("eye_left_iris", visible, band)
    assert wide.width > narrow.width > alone.width, "of an eye only its surroundings are looked at"


@pytest.mark.parametrize("at", [(0, 0), (89, 119), (0, 119), (45, 0)])
def test_one_pixel_at_a_border_has_a_piece_within_the_picture(at: tuple[int, int]) -> None:
    visible = np.zeros(CANVAS, bool)
    visible[at] = True
    box = piece("ear_left", visible, ~visible)
    assert box.left >= 0 and box.top >= 0 and box.right <= 120 and box.bottom <= 90
    assert visible[box.window].sum() == 1 and min(box.width, box.height) > 1


def test_a_part_of_which_nothing_is_seen_has_no_piece() -> None:
    with pytest.raises(ValueError, match="nothing is seen"):
        piece("face", np.zeros(CANVAS, bool), np.ones(CANVAS, bool))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.tuples(st.integers(0, 100), st.integers(0, 70)),
    st.tuples(st.integers(1, 120), st.integers(1, 90)),
    st.sampled_from((32, 64, 160)),
)
def test_what_lies_in_a_square_comes_back_to_its_place(
    corner: tuple[int, int], extent: tuple[int, int], size: int
) -> None:
    box = Box(*corner, min(120, corner[0] + extent[0]), min(90, corner[1] + extent[1]))
    crop = Crop.of(box, size)
    height, width = crop.inner
    assert 1 <= height <= size and 1 <= width <= size and size in (height, width)
    ramp = np.add.outer(np.arange(90), np.arange(120)).astype(np.uint8)
    square = crop.squared(ramp[box.window], outside=7)
    assert square.shape == (size, size)
    assert (square[height:] == 7).all() and (square[:, width:] == 7).all()
    back = crop.restored(square.astype(np.float32))
    assert back.shape == (box.height, box.width)
    assert np.abs(back - ramp[box.window]).max() <= 2 + 2 * crop.enlargement


def test_labels_are_never_blended_and_the_outside_is_told() -> None:
    label = np.where(disc(60, 45, 20), taxonomy.PART_ID["face"], taxonomy.PART_ID["hair_front"]).astype(np.uint8)
    visible = label == taxonomy.PART_ID["face"]
    looked = planes(np.zeros((*CANVAS, 3), np.uint8), label, visible, ~visible, Crop.of(Box(0, 0, 120, 90), 64))
    assert set(np.unique(looked.label)) == {*np.unique(label), taxonomy.IGNORE_INDEX}
    outside = looked.label == taxonomy.IGNORE_INDEX
    assert not looked.visible[outside].any() and not looked.may_hide[outside].any()
    assert (np.abs(looked.visible[~outside].astype(int) + looked.may_hide[~outside] - 255) <= 1).all()


@pytest.mark.parametrize("size", [32, 160])
def test_what_is_seen_stays_and_nothing_is_painted_where_nothing_hides(size: int) -> None:
    rng = np.random.default_rng(0)
    rgb = rng.integers(0, 256, (*CANVAS, 3), np.uint8)
    visible, may_hide = disc(50, 40, 15), disc(70, 40, 15) & ~disc(50, 40, 15)
    crop = Crop.of(piece("face", visible, may_hide), size)
    colours = rng.uniform(-50, 300, (size, size, 3)).astype(np.float32)
    alpha, painted = put_back(rgb, visible, may_hide, crop, np.full((size, size), 9, np.float32), colours)
    seen, hidden = visible[crop.box.window], may_hide[crop.box.window]
    assert alpha.dtype == np.float32 and painted.dtype == np.uint8
    assert np.array_equal(painted[seen], rgb[crop.box.window][seen])
    assert (alpha[seen] == 1).all() and (alpha[hidden] > 0.99).all() and not alpha[~seen & ~hidden].any()


def test_an_edge_is_as_sharp_in_a_large_picture_as_in_the_square() -> None:
    size = (640, 640)
    visible, may_hide = np.zeros(size, bool), np.zeros(size, bool)
    visible[300:340, 0:40], may_hide[:, 40:] = True, True
    crop = Crop.of(Box(0, 0, 640, 640), 64)
    logits = np.repeat(np.linspace(8, -8, 64, dtype=np.float32)[None], 64, 0)
    alpha, _ = put_back(
        np.zeros((*size, 3), np.uint8), visible, may_hide, crop, logits, np.zeros((64, 64, 3), np.float32)
    )
    soft = (alpha[10] > 0.05) & (alpha[10] < 0.95)
    small = 1 / (1 + np.exp(-logits[0]))
    assert 0 < soft.sum() <= 1.5 * ((small > 0.05) & (small < 0.95)).sum()

import cv2
import numpy as np
import pytest

from cubiseg import taxonomy
from cubiseg.imaging import Picture
from cubiseg.layers import cut
from cubiseg.layers.figure import whole_regions

HAIR, FACE, CLOTHES = (taxonomy.ID[name] for name in ("hair", "face", "clothes"))
SKY, INK, CAP, COAT, SKIN = (120, 170, 220), (30, 20, 30), (250, 250, 240), (70, 60, 110), (250, 220, 200)


def drawing(size: int = 640) -> tuple[np.ndarray, np.ndarray]:
    """A capped figure in a coat on a plain sky, outlined, and its exact label map."""
    rgb, label = np.full((size, size, 3), SKY, np.uint8), np.zeros((size, size), np.uint8)
    unit = size // 64
    for centre, axes, colour, class_id in (
        ((32, 60), (26, 20), COAT, CLOTHES),
        ((32, 34), (14, 16), SKIN, FACE),
        ((32, 18), (20, 12), CAP, HAIR),
    ):
        place = (tuple(unit * v for v in centre), tuple(unit * v for v in axes), 0, 0, 360)
        cv2.ellipse(rgb, *place, colour, -1)
        cv2.ellipse(rgb, *place, INK, max(2, unit // 3))
        cv2.ellipse(label, *place, class_id, -1)
        cv2.ellipse(label, *place, class_id, max(2, unit // 3))
    return rgb, label


@pytest.mark.parametrize("size", [128, 640, 1280])
def test_a_piece_of_a_part_that_was_called_background_comes_back_as_that_part(size: int) -> None:
    rgb, label = drawing(size)
    wrong = label.copy()
    unit = size // 64
    wrong[8 * unit : 20 * unit, 28 * unit : 38 * unit] = 0  # from above the cap's outline into its middle
    wrong[52 * unit :, : 14 * unit] = 0  # a corner of the coat
    whole = whole_regions(rgb, wrong)
    lost = (label > 0) & (wrong == 0)
    assert (whole[lost] == label[lost]).mean() > 0.9
    assert ((whole > 0) == (label > 0)).mean() > ((wrong > 0) == (label > 0)).mean()
    assert not (whole[label == 0] > 0).any() or (whole[label == 0] > 0).mean() < 0.02, "the sky stays outside"


def test_a_piece_of_backdrop_that_was_called_hair_goes_back() -> None:
    rgb, label = drawing()
    wrong = label.copy()
    wrong[300:340, 520:600] = HAIR
    assert np.array_equal(whole_regions(rgb, wrong)[300:340, 520:600], np.zeros((40, 80)))


def test_parts_of_the_figure_keep_their_borders_among_each_other() -> None:
    rgb, label = drawing()
    both = (whole_regions(rgb, label) > 0) & (label > 0)
    assert np.array_equal(whole_regions(rgb, label)[both], label[both])


@pytest.mark.parametrize("value", [0, HAIR])
def test_a_picture_of_one_kind_is_left_as_it_is(value: int) -> None:
    rgb, label = drawing()
    assert (whole_regions(rgb, np.full_like(label, value)) == value).all()


def test_where_colour_tells_nothing_nothing_moves() -> None:
    label = np.zeros((300, 300), np.uint8)
    label[60:260, 60:240] = HAIR  # 40 % of a white picture
    assert np.array_equal(whole_regions(np.full((300, 300, 3), 255, np.uint8), label), label)


def test_ignored_pixels_stay_ignored_or_become_background() -> None:
    rgb, label = drawing()
    label[:40, :40] = taxonomy.IGNORE_INDEX
    assert set(np.unique(whole_regions(rgb, label)[:40, :40])) <= {0, taxonomy.IGNORE_INDEX}


def test_what_comes_back_gets_its_borders_moved_also_where_all_others_lie_at_edges_already() -> None:
    rgb, label = drawing(1280)
    wrong = label.copy()
    around = np.s_[80:400, 560:760]
    wrong[around] = 0  # from above the cap's outline into its middle

    def figure(at_edges: bool) -> np.ndarray:
        out = np.zeros(label.shape, bool)
        for layer in cut(Picture(rgb), wrong, 0, cell=4.0, at_edges=at_edges):
            out[layer.window] |= layer.own & (layer.class_name != "background")
        return out[around]

    def off(found: np.ndarray) -> int:
        return np.count_nonzero(found != (label > 0)[around])

    assert np.array_equal(figure(True), figure(False))
    assert off(figure(True)) < 0.8 * off(whole_regions(rgb, wrong)[around] > 0)


def test_only_coarse_labels_are_mended_and_a_cut_out_keeps_what_the_segmenter_gave() -> None:
    rgb, label = drawing()
    wrong = label.copy()
    wrong[80:200, 280:380] = 0
    lost = (label > 0) & (wrong == 0)

    def hair(picture: Picture, cell: float) -> float:
        (layer,) = (layer for layer in cut(picture, wrong, 0, cell=cell) if layer.class_name == "hair")
        own = np.zeros(label.shape, bool)
        own[layer.window] = layer.own
        return own[lost].mean()

    assert hair(Picture(rgb), 1.0) == 0 and hair(Picture(rgb), 2.5) > 0.9
    alpha = np.where(label > 0, 255, 0).astype(np.uint8)
    assert hair(Picture(rgb, alpha), 2.5) < 0.1

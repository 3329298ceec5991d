import cv2
import numpy as np
import pytest

from cubiseg.errors import CubisegError
from cubiseg.portraits import draw
from cubiseg.superpixels import compact_areas, graph_areas


def three_colours() -> tuple[np.ndarray, np.ndarray]:
    """A picture of three flat areas, (60, 80, 3) uint8, and which of them each pixel lies in."""
    truth = np.zeros((60, 80), np.int32)
    truth[:, 40:] = 1
    cv2.circle(truth, (20, 30), 12, 2, -1)
    return np.array([(200, 60, 60), (60, 200, 60), (60, 60, 200)], np.uint8)[truth], truth


def same_partition(one: np.ndarray, other: np.ndarray) -> bool:
    pairs = np.unique(np.stack([one.ravel(), other.ravel()]), axis=1)
    return pairs.shape[1] == len(np.unique(one)) == len(np.unique(other))


def test_areas_of_one_colour_are_found_whole() -> None:
    picture, truth = three_colours()
    found = graph_areas(picture, scale=100, blur=0.1, least=4)
    assert found.dtype == np.int32 and same_partition(found, truth)


def test_no_area_is_smaller_than_asked_for_and_numbers_have_no_gaps() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (50, 70, 3), np.uint8)
    found = graph_areas(noise, scale=1, blur=0.3, least=9)
    sizes = np.bincount(found.ravel())
    assert len(sizes) > 20 and sizes.min() >= 9
    assert np.array_equal(found, graph_areas(noise, scale=1, blur=0.3, least=9))


def test_graph_areas_are_near_those_of_scikit_image() -> None:
    from skimage.metrics import adapted_rand_error
    from skimage.segmentation import felzenszwalb

    # Of 0 and 8 hair and leaves have many edges of like strength, at which either ends its areas elsewhere.
    for index in range(1, 8):
        picture = draw(7, index, 192, 1).image
        ours = graph_areas(picture, scale=300, blur=0.5, least=20)
        theirs = felzenszwalb(picture, scale=300, sigma=0.5, min_size=20)
        assert 0.6 < (ours.max() + 1) / (theirs.max() + 1) < 1.7
        assert adapted_rand_error(theirs, ours)[0] < 0.25


def test_superpixels_are_about_as_many_as_wanted_and_follow_edges() -> None:
    picture, truth = three_colours()
    found = compact_areas(cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), 48, 8.0)
    count = int(found.max()) + 1
    assert 24 <= count <= 96 and len(np.unique(found)) == count
    shares = np.zeros((count, 3))
    np.add.at(shares, (found.ravel(), truth.ravel()), 1)
    assert shares.max(axis=1).sum() / truth.size > 0.98


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (3, 2)])
def test_tiny_pictures_are_cut_too(size: tuple[int, int]) -> None:
    picture = np.full((*size, 3), 90, np.uint8)
    assert graph_areas(picture, 10, 0.3, 4).shape == size
    assert compact_areas(picture.astype(np.float32), 100, 8.0).shape == size


def test_another_build_of_opencv_is_one_line_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(cv2, "ximgproc")
    with pytest.raises(CubisegError, match=r"contrib modules .*; pip install --force-reinstall --no-deps opencv-"):
        graph_areas(np.zeros((8, 8, 3), np.uint8), 10, 0.3, 4)


def test_areas_are_joined_by_sides_not_by_corners() -> None:
    picture = np.full((20, 20, 3), 240, np.uint8)
    picture[np.arange(20), np.arange(20)] = 0
    assert graph_areas(picture, 10, 0.01, 1).max() + 1 == 22
    assert graph_areas(picture, 10, 0.01, 4).max() + 1 < 22

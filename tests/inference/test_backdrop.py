import cv2
import numpy as np
import pytest

from cubiseg import taxonomy
from cubiseg.imaging import Picture
from cubiseg.inference.backdrop import figure_on_plain_backdrop
from cubiseg.inference.segmentation import Segmentation, settle


def scene(noise: int, floor: bool) -> tuple[np.ndarray, np.ndarray]:
    """A blue disc before a grey wall, perhaps on a lighter floor: picture and the disc."""
    rgb = np.full((300, 240, 3), 205, np.uint8)
    if floor:
        rgb[200:] = 235
    disc = np.zeros((300, 240), np.uint8)
    cv2.circle(disc, (120, 170), 70, 1, -1)
    rgb[disc > 0] = (40, 60, 160)
    off = np.random.default_rng(0).integers(-noise, noise + 1, rgb.shape)
    return np.clip(rgb + off, 0, 255).astype(np.uint8), disc > 0


@pytest.mark.parametrize("noise", [0, 6])
@pytest.mark.parametrize("floor", [False, True])
def test_what_differs_from_a_plain_backdrop_is_the_figure(noise: int, floor: bool) -> None:
    rgb, disc = scene(noise, floor)
    found = figure_on_plain_backdrop(rgb, np.ones(disc.shape, bool))
    assert found is not None and (found != disc).mean() < 0.01


def test_a_painted_backdrop_is_left_to_the_network() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (60, 50, 3), np.uint8)
    rgb = cv2.resize(rgb, (200, 240), interpolation=cv2.INTER_CUBIC)
    assert figure_on_plain_backdrop(rgb, np.ones(rgb.shape[:2], bool)) is None
    plain, disc = scene(0, False)
    assert figure_on_plain_backdrop(plain, np.zeros(disc.shape, bool)) is None, "nobody knows the backdrop's colour"


def test_missed_pieces_of_the_figure_go_to_the_nearest_part_unless_most_of_it_was_missed() -> None:
    rgb, disc = scene(0, False)
    hair = taxonomy.ID["hair"]
    for missed, claimed in ((150, True), (60, False)):
        label = np.where(disc & (np.indices(disc.shape)[1] < missed), hair, 0).astype(np.uint8)
        raw = Segmentation(label, np.ones(disc.shape, np.float32), "slic", "slic")
        settled = settle(raw, Picture(rgb), 0).label
        assert ((settled == hair) == disc).all() == claimed

import cv2
import numpy as np
import pytest

from cubiseg import taxonomy
from cubiseg.imaging import Picture
from cubiseg.inference import open_segmenter

ID = taxonomy.ID


def drawing(size: int = 512, clear: bool = False) -> tuple[Picture, dict[str, tuple[int, int]]]:
    """A plain cartoon portrait (no palette colours), and a pixel (y, x) that surely belongs to each class."""
    rgb = np.full((512, 512, 3), (196, 220, 240), np.uint8)
    cv2.rectangle(rgb, (130, 340), (380, 511), (40, 60, 140), -1)  # clothes
    cv2.rectangle(rgb, (232, 300), (280, 352), (240, 200, 178), -1)  # neck
    cv2.ellipse(rgb, (256, 190), (140, 150), 0, 0, 360, (90, 50, 30), -1)  # hair
    cv2.ellipse(rgb, (256, 230), (95, 100), 0, 0, 360, (252, 224, 204), -1)  # face
    cv2.ellipse(rgb, (256, 120), (100, 60), 0, 0, 360, (90, 50, 30), -1)  # fringe
    for x in (216, 296):
        cv2.ellipse(rgb, (x, 240), (18, 24), 0, 0, 360, (40, 40, 90), -1)
    cv2.ellipse(rgb, (256, 300), (18, 5), 0, 0, 360, (170, 40, 50), -1)
    alpha = None
    if clear:
        alpha = np.where((rgb == (196, 220, 240)).all(-1), 0, 255).astype(np.uint8)
    points = {
        "background": (20, 20),
        "hair": (80, 256),
        "face": (270, 256),
        "eye_right": (240, 216),
        "eye_left": (240, 296),
        "mouth": (300, 256),
        "clothes": (450, 256),
    }
    if size != 512:
        rgb = cv2.resize(rgb, (size, size), interpolation=cv2.INTER_AREA)
        alpha = None if alpha is None else cv2.resize(alpha, (size, size), interpolation=cv2.INTER_NEAREST)
        points = {k: (y * size // 512, x * size // 512) for k, (y, x) in points.items()}
    return Picture(rgb, alpha), points


@pytest.mark.parametrize(("size", "clear"), [(512, False), (512, True), (1200, False), (256, False)])
def test_rules_find_the_parts_of_a_plain_portrait_with_sides_as_the_character_has_them(size: int, clear: bool) -> None:
    picture, points = drawing(size, clear)
    result = open_segmenter("slic").segment(picture)
    found = {name: taxonomy.NAMES[result.label[at]] for name, at in points.items()}
    assert found == {name: name for name in points}
    assert result.mean_confidence() < 0.6
    assert any("low confidence" in warning for warning in result.warnings)


@pytest.mark.parametrize("value", [0, 128, 255])
@pytest.mark.parametrize("size", [(64, 64), (64, 500)])
def test_a_plain_picture_is_no_reason_to_fail(value: int, size: tuple[int, int]) -> None:
    result = open_segmenter("slic").segment(Picture(np.full((*size, 3), value, np.uint8)))
    assert result.label.shape == size and result.label.max() < taxonomy.NUM_CLASSES


def test_noise_and_a_wholly_clear_picture_are_no_reason_to_fail() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (150, 100, 3), np.uint8)
    assert open_segmenter("slic").segment(Picture(noise)).label.max() < taxonomy.NUM_CLASSES
    clear = open_segmenter("slic").segment(Picture(noise, np.zeros((150, 100), np.uint8)))
    assert not clear.label.any()


def test_rules_give_the_same_twice() -> None:
    picture, _ = drawing()
    one, two = (open_segmenter("slic").segment(picture) for _ in range(2))
    assert np.array_equal(one.label, two.label) and np.array_equal(one.confidence, two.confidence)

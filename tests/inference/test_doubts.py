"""What the network cannot judge is told with its place; ordinary pictures have nothing to tell."""

import cv2
import numpy as np
import pytest

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.imaging import Picture
from cubiseg.inference.doubts import MOST, Doubt, doubts
from cubiseg.label_maps import colourise
from cubiseg.portraits import draw
from cubiseg.taxonomy import ID
from tests import tiny


def line_art(portrait: np.ndarray) -> np.ndarray:
    """Lines of a picture: (H, W) bool."""
    grey = cv2.cvtColor(portrait, cv2.COLOR_RGB2GRAY)
    return cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, np.ones((7, 7), np.uint8)) > 40


def face(scale: int = 4) -> np.ndarray:
    """A hand-made face, 128 px times ``scale`` a side."""
    return cv2.resize(tiny.face(), None, fx=scale, fy=scale, interpolation=cv2.INTER_NEAREST)


def without(label: np.ndarray, *names: str) -> np.ndarray:
    return np.where(np.isin(label, taxonomy.ids(*names)), np.uint8(ID["face"]), label)


def of(label: np.ndarray, confidence: np.ndarray | None = None) -> list[Doubt]:
    """Doubts of a label map whose picture shows each class in its colour."""
    rgb = colourise(label)
    rgb[label == 0] = 255
    return doubts(label, Picture(rgb), confidence)


def inside(doubt: Doubt, box: Box) -> bool:
    """Whether most of a doubt's box lies in another."""
    assert doubt.box is not None
    x, y = doubt.box.middle
    return box.left < x < box.right and box.top < y < box.bottom


def test_line_art_is_told_on_paper_and_on_clear_ground() -> None:
    portrait = draw(3, 4, 384, 2, tiny.only(tiny.BUST))
    lines = line_art(portrait.image)
    clear = Picture(np.zeros((384, 384, 3), np.uint8), (lines * 255).astype(np.uint8))
    paper = Picture(np.where(lines[..., None], np.uint8(0), np.uint8(255)).repeat(3, axis=2))
    for picture in (clear, paper):
        first = doubts(portrait.label, picture)[0]
        assert "line art" in first.text and first.box is None and first.classes == ()


def test_a_face_without_eyes_is_told() -> None:
    portrait = draw(3, 4, 256, 2, tiny.only(tiny.BUST))
    blind = without(portrait.label, "eye_left", "eye_right")
    (found,) = [d for d in doubts(blind, Picture(portrait.clean)) if "seen from behind" in d.text]
    assert found.classes == ("face", "eye_left", "eye_right")
    assert found.box is not None and found.box.width > 50


@pytest.mark.parametrize(
    ("lost", "text", "place"),
    [
        ("eyebrow_right", "no brow found on the left", Box(40, 36, 56, 52)),
        ("eyebrow_left", "no brow found on the right", Box(72, 36, 88, 52)),
        ("eye_left", "no eye found on the right", Box(66, 46, 94, 68)),
        ("mouth", "no mouth found", Box(50, 66, 78, 90)),
    ],
)
def test_a_part_that_is_missing_from_bare_skin_is_told_with_the_place_where_it_should_be(
    lost: str, text: str, place: Box
) -> None:
    assert of(face()) == []
    found = of(without(face(), lost))
    assert [d.text for d in found][:1] == [text] and found[0].classes == (lost,)
    assert inside(found[0], place.scaled(4))


def test_what_hair_or_a_hand_may_hide_is_not_missed() -> None:
    fringe = without(face(), "eyebrow_left", "eyebrow_right")
    fringe[4 * 36 : 4 * 51, 4 * 34 : 4 * 94] = ID["hair"]
    assert of(fringe) == []
    masked = without(face(), "mouth")
    masked[4 * 70 : 4 * 92, 4 * 44 : 4 * 84] = ID["accessories"]
    assert of(masked) == []
    profile = without(face(), "eye_left", "eyebrow_left")
    profile[4 * 36 : 4 * 92, 4 * 64 : 4 * 94] = ID["hair"]
    assert of(profile) == []


def test_two_faces_in_one_piece_are_told() -> None:
    one = np.pad(tiny.face()[36:92, 34:94], ((0, 0), (10, 10)), constant_values=ID["face"])
    pair = np.zeros((140, 200), np.uint8)
    pair[36:92, 20:180] = np.hstack([one, one])
    large = cv2.resize(pair, None, fx=3, fy=3, interpolation=cv2.INTER_NEAREST)
    merged = [d for d in of(large) if d.text.startswith("two faces merged")]
    assert len(merged) == 1 and merged[0].classes == ("face",)
    assert merged[0].box is not None and merged[0].box.width > 300


def test_an_outline_where_nothing_changes_in_the_picture_is_told_with_its_class_and_place() -> None:
    blue = np.full((300, 300, 3), (120, 150, 255), np.uint8)
    label = np.zeros((300, 300), np.uint8)
    cv2.circle(label, (125, 170), 80, ID["clothes"], -1)
    (found,) = doubts(label, Picture(blue))
    assert found.text.startswith("clothes and background alike in the middle")
    assert found.classes == ("background", "clothes") and found.box is not None and found.box.width > 150
    blue[label > 0] = 200
    assert doubts(label, Picture(blue)) == []
    blue[190:, :105] = 200
    (found,) = doubts(label, Picture(blue))
    assert found.text.startswith("clothes and background alike at the lower left")
    assert found.box is not None and found.box.right < 110 and found.box.top >= 150


def test_an_unsure_region_is_told_with_its_class_place_and_confidence_and_thin_borders_are_not() -> None:
    label, sure = face(), np.ones((512, 512), np.float32)
    sure[4 * 108 : 4 * 126, 4 * 70 : 4 * 106] = 0.3
    (found,) = of(label, sure)
    assert found.text == "clothes at the lower right is doubtful (confidence 0.30)" and found.classes == ("clothes",)
    assert found.box is not None and inside(found, Box(70, 108, 106, 126).scaled(4))
    thin = np.where(cv2.dilate(label, np.ones((3, 3))) != cv2.erode(label, np.ones((3, 3))), 0.2, 1.0)
    assert of(label, thin) == []


@pytest.mark.parametrize("size", [pytest.param((4096, 2731), marks=pytest.mark.slow), (2048, 1365), (3000, 1731)])
def test_an_unsure_region_at_the_edge_is_told_at_sizes_that_scale_to_no_whole_number(size: tuple[int, int]) -> None:
    """Label map and confidence are thinned in different ways, and must still end up of one size."""
    height, width = size
    label, sure = np.zeros(size, np.uint8), np.ones(size, np.float32)
    label[height // 4 :, width // 3 :] = ID["clothes"]
    sure[height // 3 : height // 2, width * 3 // 4 :] = 0.2
    (found,) = of(label, sure)
    assert found.text == "clothes at the right is doubtful (confidence 0.20)"
    assert found.box is not None and found.box.right == width


def test_two_regions_that_would_be_told_in_the_same_words_are_told_once() -> None:
    label, sure = np.zeros((512, 512), np.uint8), np.ones((512, 512), np.float32)
    label[330:, 330:] = ID["clothes"]
    sure[350:390, 350:390] = sure[450:490, 450:490] = 0.3
    assert [doubt.text for doubt in of(label, sure)] == ["clothes at the lower right is doubtful (confidence 0.30)"]


def test_there_are_a_few_at_most_and_boxes_lie_in_the_picture_at_its_own_size() -> None:
    large = without(face(10), "mouth", "eyebrow_left", "eyebrow_right")
    found = of(large, np.random.default_rng(0).uniform(0, 0.6, large.shape).astype(np.float32))
    assert 3 <= len(found) <= MOST
    for doubt in found:
        assert "\n" not in doubt.text and doubt.box is not None
        left, top, right, bottom = doubt.box
        assert 0 <= left < right <= large.shape[1] and 0 <= top < bottom <= large.shape[0]
        assert all(isinstance(side, int) for side in doubt.box)
    first = found[0].as_json()
    assert first["box"] == {"x": left_of(found[0]), "y": found[0].box[1], **size_of(found[0])}


def left_of(doubt: Doubt) -> int:
    assert doubt.box is not None
    return int(doubt.box.left)


def size_of(doubt: Doubt) -> dict[str, int]:
    assert doubt.box is not None
    return {"width": int(doubt.box.width), "height": int(doubt.box.height)}


def test_most_ordinary_portraits_carry_no_warning() -> None:
    told = [doubts(p.label, Picture(p.image)) for p in (draw(9, index, 256) for index in range(0, 28, 2))]
    assert sum(map(bool, told)) <= 2, told

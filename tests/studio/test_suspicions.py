import numpy as np
import pytest

from cubiseg.studio.suspicions import MOST, Place, suspicions
from cubiseg.taxonomy import ID
from tests.inference.palette import portrait_label, portrait_parts

SIDE = 512


def found(label: np.ndarray, confidence: np.ndarray | None = None) -> dict[str, Place]:
    """Suspicious places by kind; of several of a kind, the first."""
    sure = np.full(label.shape, 255, np.uint8) if confidence is None else confidence
    places: dict[str, Place] = {}
    for place in suspicions(label, sure):
        assert label[place.y, place.x] == place.id and place.box.left <= place.x < place.box.right
        places.setdefault(place.kind, place)
    return places


@pytest.mark.parametrize("label", [portrait_label(SIDE, SIDE), portrait_label(3000, 2500)])
def test_a_good_map_has_no_suspicious_place(label: np.ndarray) -> None:
    assert found(label) == {}


def test_two_eyes_on_one_side_are_found() -> None:
    label = portrait_label(SIDE, SIDE)
    label[label == ID["eye_right"]] = ID["eye_left"]
    place = found(label)["sides"]
    assert place.id == ID["eye_left"] and "second eye left" in place.text


def test_swapped_eyes_are_found_also_by_their_parts() -> None:
    for label in (portrait_label(SIDE, SIDE), portrait_parts(SIDE, SIDE)):
        mirrored = np.ascontiguousarray(label[:, ::-1])  # the ids stay, so each eye is on the other's side
        assert "swapped" in found(mirrored)["sides"].text


def test_a_mouth_outside_the_face_is_found() -> None:
    label = portrait_label(SIDE, SIDE)
    label[20:40, 20:40] = ID["mouth"]
    place = found(label)["outside"]
    assert (place.id, 20 <= place.x < 40, tuple(place.box)) == (ID["mouth"], True, (20, 20, 40, 40))


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_what_the_model_was_unsure_of_is_found(dtype: type) -> None:
    label = portrait_label(SIDE, SIDE)
    confidence = np.where(label == ID["accessories"], 0.3, 1.0) * (255 if dtype is np.uint8 else 1)
    place = found(label, confidence.astype(dtype))["unsure"]
    assert place.id == ID["accessories"] and "30% sure" in place.text


def test_a_sliver_is_found_and_a_brow_is_none() -> None:
    label = portrait_label(SIDE, SIDE)
    label[200:280, 30:32] = ID["clothes"]
    assert found(label)["thin"].id == ID["clothes"]


def test_places_are_the_same_each_time_and_no_more_than_anybody_looks_at() -> None:
    label = np.random.default_rng(0).integers(0, 12, (40, 40)).astype(np.uint8).repeat(16, 0).repeat(16, 1)
    places = suspicions(label, np.zeros(label.shape, np.uint8))
    assert len(places) == MOST and places == suspicions(label, np.zeros(label.shape, np.uint8))
    assert len({place.key for place in places}) == MOST

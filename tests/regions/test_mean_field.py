"""Names are weighed against where their class usually lies."""

import numpy as np
import pytest

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.regions.mean_field import PLACES, PLACES_FILE, Weights, box_of, class_probabilities, describe, place_of
from cubiseg.taxonomy import ID
from tests.tiny import face


def units(wrong: dict[int, str], unnamed: tuple[int, ...] = ()) -> tuple[np.ndarray, object]:
    """The hand-made face, a region a class, each named rightly but for ``wrong`` (by true id) and ``unnamed``."""
    label = face()
    present, regions = np.unique(label, return_inverse=True)
    votes = np.zeros((len(present), taxonomy.NUM_CLASSES))
    for region, true in enumerate(present):
        if true not in unnamed:
            votes[region, ID[wrong[true]] if true in wrong else true] = 1
    grey = np.full((*label.shape, 3), 128, np.uint8)
    return present, describe(regions.reshape(label.shape).astype(np.int32), votes, grey)


def test_the_table_holds_shares_of_all_classes_everywhere() -> None:
    with np.load(PLACES_FILE, allow_pickle=False) as file:
        logit = file["logit"].astype(float)
    assert logit.shape == (*PLACES, taxonomy.NUM_CLASSES)
    assert np.abs(np.exp(logit).sum(-1) - 1).max() < 0.02
    box = Box(100.0, 100.0, 180.0, 180.0)

    def share(name: str, x: float, y: float) -> float:
        return float(logit[place_of(box, np.array([x]), np.array([y]))][0, ID[name]])

    assert share("clothes", 140, 260) > share("hair", 140, 260)
    assert share("hair", 140, 85) > share("clothes", 140, 85)
    assert share("eye_left", 165, 135) > share("eye_right", 165, 135)
    assert share("background", -40, -40) > share("skin", -40, -40)


def test_a_region_without_a_name_takes_what_usually_lies_there() -> None:
    eye = ID["eye_left"]
    present, described = units({}, unnamed=(eye,))
    region = int(np.flatnonzero(present == eye)[0])
    alone = Weights(likeness=0.0, smoothness=0.0)
    with_places = class_probabilities(described, Weights(**{**alone.__dict__, "place": 1.0}))[region]  # type: ignore[arg-type]
    assert with_places[ID["eye_left"]] > 5 * with_places[ID["eye_right"]]
    without = class_probabilities(described, Weights(**{**alone.__dict__, "place": 0.0}))[region]  # type: ignore[arg-type]
    assert without[ID["eye_left"]] == pytest.approx(without[ID["eye_right"]])


def test_what_a_model_sees_is_outvoted_by_an_answer_but_corrects_what_nothing_supports() -> None:
    label, eye = face(), ID["eye_left"]
    present, regions = np.unique(label, return_inverse=True)
    regions, grey = regions.reshape(label.shape).astype(np.int32), np.full((*label.shape, 3), 128, np.uint8)
    region = int(np.flatnonzero(present == eye)[0])
    votes = np.eye(taxonomy.NUM_CLASSES)[present]
    alone = Weights(likeness=0.0, smoothness=0.0, place=0.0)

    wrongly_seen = np.where(label == eye, ID["hair"], label).astype(np.uint8)
    assert class_probabilities(describe(regions, votes, grey, wrongly_seen), alone)[region].argmax() == eye

    votes[region] = 0
    assert class_probabilities(describe(regions, votes, grey, label), alone)[region].argmax() == eye
    shared = label.copy()
    shared[(label == eye) & (np.arange(label.shape[1]) % 4 == 0)] = ID["hair"]
    shares = describe(regions, votes, grey, shared).seen[region]  # type: ignore[union-attr]
    assert shares.sum() == pytest.approx(1) and shares[eye] > shares[ID["hair"]] > 0


def test_a_face_that_nobody_named_has_no_box_and_no_places() -> None:
    assert box_of(np.zeros((8, 8))) is None
    present, described = units(dict.fromkeys(range(2, 9), "hair"))
    assert class_probabilities(described, Weights()).shape == (len(present), taxonomy.NUM_CLASSES)  # type: ignore[arg-type]

"""A picture's predicted mean IoU follows what its looks doubt, and bad coefficients are one line."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.errors import CubisegError
from cubiseg.imaging import Picture
from cubiseg.inference import Segmentation, open_segmenter, quality
from cubiseg.inference.looks import Look
from cubiseg.inference.segmentation import finalize
from cubiseg.label_maps import colourise
from cubiseg.letterbox import Placement
from cubiseg.model_info import Calibration
from tests import tiny
from tests.inference.palette import info, portrait, write_model

C, SIDE = taxonomy.NUM_CLASSES, tiny.SIZE
WHOLE = Box(0, 0, SIDE, SIDE)


def look(label: np.ndarray, sure: float = 8.0, mirror: np.ndarray | None = None) -> Look:
    """A look at a whole picture whose network gives each pixel of a label map its class, so far above the others."""
    logits = np.zeros((C, *label.shape), np.float32)
    np.put_along_axis(logits, label[None].astype(np.intp), np.float32(sure), axis=0)
    return Look(
        WHOLE,
        logits,
        Placement(label.shape, label.shape, (0, 0)),
        np.stack([label, label if mirror is None else mirror]),
    )


def test_a_sure_face_that_its_mirror_image_confirms_has_nothing_to_doubt() -> None:
    found = quality.features([look(tiny.face(), 30)], None)
    assert tuple(found) == quality.FEATURES
    assert found["expected"] == pytest.approx(1, abs=1e-5) and found["agreement"] == 1
    assert found["missing"] == found["accessories"] == found["accessories_expected"] == 0
    assert found["coverage"] == pytest.approx((tiny.face() > 0).mean())
    assert found["border_entropy"] == pytest.approx(0, abs=1e-4)


def test_what_is_unsure_missing_made_up_or_seen_otherwise_in_the_mirror_shows_in_its_feature() -> None:
    face = tiny.face()
    plain = quality.features([look(face, 30)], None)
    unsure = quality.features([look(face, 3)], None)
    assert unsure["expected"] < plain["expected"] and unsure["border_entropy"] > plain["border_entropy"]
    blind = np.where(np.isin(face, taxonomy.ids("eye_left", "mouth")), np.uint8(taxonomy.ID["face"]), face)
    lacking = quality.features([look(blind, 30)], None)
    assert lacking["missing"] == plain["missing"] + 2 and lacking["expected"] < 0.8
    worn = face.copy()
    worn[20:26, 40:60] = taxonomy.ID["accessories"]
    apart = quality.features([look(worn, 30, face)], None)
    assert apart["accessories"] == 1 and apart["accessories_agreement"] == 0 and apart["agreement"] < 0.95
    moved = quality.features([look(face, 30, np.roll(face, 6, axis=1))], None)
    assert moved["agreement"] < 0.85


def test_a_calibration_is_heeded_and_without_mirrored_looks_the_last_features_are_absent() -> None:
    face = look(tiny.face(), 6)
    cool = quality.features([face], Calibration(temperature=4, offsets=(0,) * C))
    assert cool["expected"] < quality.features([face], None)["expected"]
    single = quality.features([Look(face.box, face.logits, face.placement)], None)
    assert tuple(single) == quality.FEATURES[: -quality.MIRRORED]
    assert 0 <= quality.predicted_iou([Look(face.box, face.logits, face.placement)], None) <= 1


def test_what_a_second_look_shows_counts_by_that_look_alone() -> None:
    face, wrong = tiny.face(), tiny.face()
    wrong[30:100, 30:100] = taxonomy.ID["clothes"]
    box = Box(24, 24, 104, 104)
    inner = cv2.resize(face[box.window], (SIDE, SIDE), interpolation=cv2.INTER_NEAREST)
    near = look(inner, 30)
    second = Look(box, near.logits, Placement((80, 80), (SIDE, SIDE), (0, 0)), near.views)
    assert quality.features([look(wrong, 30)], None)["missing"] == 5
    assert quality.features([look(wrong, 30), second], None)["missing"] == 0


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), spread=st.sampled_from([0.1, 5.0, 1e4]))
def test_noise_has_a_figure_too(seed: int, spread: float) -> None:
    logits = np.random.default_rng(seed).normal(0, spread, (C, 32, 24)).astype(np.float32)
    seen = Look(Box(0, 0, 48, 64), logits, Placement((64, 48), (32, 24), (0, 0)))
    assert all(np.isfinite(value) for value in quality.features([seen], None).values())
    assert 0 <= quality.predicted_iou([seen], None) <= 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda facts: facts["features"].reverse(), "features are not those"),
        (lambda facts: facts["mirrored"]["weight"].pop(), "one mean, scale and weight a feature"),
        (lambda facts: facts["plain"]["scale"].__setitem__(0, 0), "plain.scale.0: Input should be greater than 0"),
        (lambda facts: facts["plain"].update(intercept=float("nan")), "plain.intercept"),
        (lambda facts: facts.pop("threshold"), "threshold: Field required"),
    ],
)
def test_damaged_coefficients_and_those_of_other_features_are_one_line(change: object, said: str) -> None:
    facts = json.loads(Path(quality.__file__).with_name("quality.json").read_text())
    assert quality.parse(json.dumps(facts)) == quality.packaged()
    change(facts)  # type: ignore[operator]
    with pytest.raises(CubisegError, match=said) as error:
        quality.parse(json.dumps(facts))
    assert "\n" not in str(error.value)
    with pytest.raises(CubisegError, match=r"quality.json: .*fit it again"):
        quality.parse("{")


def test_a_model_s_result_tells_its_figure_and_rules_tell_none(tmp_path: Path) -> None:
    picture = portrait(160, 160)[0]
    told = open_segmenter("anime-advanced", write_model(tmp_path / "m.onnx")).segment(picture).predicted_iou
    assert told is not None and 0 <= told <= 1
    assert open_segmenter("slic").segment(picture).predicted_iou is None


@pytest.mark.parametrize(("figure", "warned"), [(0.2, True), (0.95, False), (None, False)])
def test_a_low_figure_is_a_warning(figure: float | None, warned: bool) -> None:
    label = tiny.face()
    raw = Segmentation(label, np.ones(label.shape, np.float32), "m", "m", predicted_iou=figure)
    told = finalize(raw, Picture(colourise(label)), 0.6).warnings
    assert any(w.startswith("a person must mend this: it is predicted to be right by 0.20") for w in told) == warned


def test_labels_do_not_depend_on_the_calibration_and_confidence_does(tmp_path: Path) -> None:
    picture = Picture(portrait(300, 260)[0].rgb ^ np.random.default_rng(1).integers(0, 40, (300, 260, 3), np.uint8))
    found = []
    for temperature, offset in ((None, 0), (0.3, 4), (9, -4)):
        offsets = tuple(offset * (-1) ** c for c in range(C))
        how = None if temperature is None else Calibration(temperature=temperature, offsets=offsets)
        text = info().model_copy(update={"calibration": how}).model_dump_json()
        path = write_model(tmp_path / "m.onnx", metadata=text)
        found.append(open_segmenter("anime-advanced", path).segment(picture))
    assert all(np.array_equal(one.label, found[0].label) for one in found)
    assert found[0].confidence.mean() != pytest.approx(found[2].confidence.mean(), abs=1e-3)
    assert all(one.confidence.min() >= 0 and one.confidence.max() <= 1 for one in found)
    assert [one.face for one in found] == [found[0].face] * 3, "whether there is a face is no matter of calibration"


@pytest.mark.parametrize(
    "calibration",
    [
        {"temperature": 0, "offsets": [0] * C},
        {"temperature": 1, "offsets": [0]},
        {"temperature": 1},
        {"temperature": 1, "offsets": [1e9] * C},
    ],
)
def test_a_model_file_with_a_calibration_that_is_none_is_one_line(tmp_path: Path, calibration: object) -> None:
    text = json.dumps({**json.loads(info().model_dump_json()), "calibration": calibration})
    with pytest.raises(CubisegError, match="bad model metadata") as error:
        open_segmenter("anime-advanced", write_model(tmp_path / "m.onnx", metadata=text))
    assert "\n" not in str(error.value)

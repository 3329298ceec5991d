import json
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from cubiseg import taxonomy
from cubiseg.errors import CubisegError
from cubiseg.imaging import Picture
from cubiseg.inference import faces, open_segmenter
from cubiseg.portraits.backgrounds import BACKGROUNDS
from cubiseg.portraits.backgrounds.stage import Stage
from tests.conftest import ROOT
from tests.inference.palette import portrait_label
from tests.tiny import face as drawn_face
from tests.tiny import portraits

SURE, UNSURE = 0.95, 0.55
_SMALL = [taxonomy.ID[name] for name in taxonomy.SMALL_PARTS]


def likely(label: np.ndarray, confidence: float | np.ndarray = SURE) -> float:
    return faces.probability(label, np.broadcast_to(np.float32(confidence), label.shape))


def without(label: np.ndarray, *names: str) -> np.ndarray:
    """The label map with the named classes in the face's skin."""
    return np.where(np.isin(label, taxonomy.ids(*names)), np.uint8(taxonomy.ID["face"]), label)


@pytest.mark.parametrize("label", [drawn_face(), portrait_label(), portrait_label(400, 320)])
def test_a_face_with_everything_in_its_place_is_one(label: np.ndarray) -> None:
    assert likely(label) >= faces.FACE


@pytest.mark.parametrize("name", ["hair", "clothes", "background", "face", "eye_left"])
def test_a_picture_of_one_class_alone_shows_no_face(name: str) -> None:
    assert likely(np.full((200, 200), taxonomy.ID[name], np.uint8)) < faces.FACE


def test_a_texture_of_hair_with_specks_of_everything_shows_no_face() -> None:
    rng = np.random.default_rng(3)
    label = np.full((256, 256), taxonomy.ID["hair"], np.uint8)
    specks = rng.random(label.shape) < 0.02
    label[specks] = rng.integers(0, taxonomy.NUM_CLASSES, specks.sum())
    assert likely(label, rng.uniform(0.4, 0.95, label.shape).astype(np.float32)) < faces.FACE


def test_eyes_without_a_face_are_none() -> None:
    label = np.where(np.isin(drawn_face(), _SMALL), drawn_face(), np.uint8(0))
    assert likely(label) < faces.FACE


def test_what_speaks_for_a_face_makes_it_more_likely() -> None:
    whole = drawn_face()
    assert likely(whole) > likely(without(whole, "mouth")) > likely(without(whole, "mouth", "eye_left", "eyebrow_left"))
    assert likely(whole) > likely(without(whole, *taxonomy.SMALL_PARTS))
    assert likely(whole, SURE) > likely(whole, UNSURE)
    assert likely(whole) > likely(whole[::-1]), "the mouth is above the eyes"


def test_measures_are_named_finite_and_of_the_order_of_one_for_any_label_map() -> None:
    rng = np.random.default_rng(0)
    shapes = [(1, 1), (64, 64), (3, 500), (333, 217)]
    for shape in shapes:
        for label in (np.zeros(shape, np.uint8), rng.integers(0, taxonomy.NUM_CLASSES, shape).astype(np.uint8)):
            found = faces.measures(label, rng.random(shape, np.float32))
            assert tuple(found) == faces.MEASURES
            assert all(np.isfinite(value) and -1 <= value <= 2 for value in found.values())


def test_size_does_not_matter_and_equal_maps_give_equal_answers() -> None:
    label = drawn_face()
    large = cv2.resize(label, None, fx=9, fy=9, interpolation=cv2.INTER_NEAREST)
    assert likely(large) == likely(large)
    assert likely(large) == pytest.approx(likely(label), abs=0.1)


def test_deciding_takes_far_less_than_a_look() -> None:
    large = cv2.resize(drawn_face(), (1024, 1024), interpolation=cv2.INTER_NEAREST)
    confidence = np.full(large.shape, SURE, np.float32)
    taken = []
    for _ in range(5):
        start = time.process_time()
        faces.probability(large, confidence)
        taken.append(time.process_time() - start)
    assert min(taken) < 0.05  # 10 ms where nothing else runs


@pytest.fixture
def stored() -> dict:
    return json.loads(faces.COEFFICIENTS.read_text())


def test_the_shipped_coefficients_say_which_model_they_were_fitted_with(stored: dict) -> None:
    known = faces.read_coefficients()
    assert known.measures == faces.MEASURES and known.model.architecture == "anime-unet"
    assert likely(drawn_face()) == faces.probability(drawn_face(), np.full((128, 128), SURE, np.float32), known)


@pytest.mark.parametrize(
    "change",
    [
        {"measures": ["confidence"]},
        {"weights": [1.0]},
        {"scales": [0.0] * len(faces.MEASURES)},
        {"bias": "much"},
        {"bias": float("inf")},
        {"model": {"architecture": "anime-unet", "sha256": "x"}},
        {"format": 2},
    ],
)
def test_coefficients_of_other_measures_or_damaged_ones_are_one_line(
    tmp_path: Path, stored: dict, change: dict
) -> None:
    path = tmp_path / "faces.json"
    path.write_text(json.dumps({**stored, **change}))
    with pytest.raises(CubisegError, match=r"no whole file of coefficients .*fit anew") as caught:
        faces.read_coefficients(path)
    assert str(caught.value).startswith(str(path)) and "\n" not in str(caught.value)


def test_coefficients_that_are_cut_short_or_missing_are_one_line(tmp_path: Path) -> None:
    path = tmp_path / "faces.json"
    for content in (b"", faces.COEFFICIENTS.read_bytes()[:200], b"\xff\x00"):
        path.write_bytes(content)
        with pytest.raises(CubisegError, match="no whole file of coefficients") as caught:
            faces.read_coefficients(path)
        assert "\n" not in str(caught.value)
    with pytest.raises(CubisegError, match="cannot be read"):
        faces.read_coefficients(tmp_path / "absent.json")


RELEASE = ROOT / "models" / "release" / "anime-unet.onnx"


@pytest.mark.slow
@pytest.mark.skipif(not RELEASE.is_file(), reason="the released model is not here; `dvc pull` fetches it")
def test_the_released_model_tells_portraits_from_places() -> None:
    segmenter = open_segmenter("anime-advanced", RELEASE)
    for portrait in portraits()[:4]:
        result = segmenter.segment(Picture(cv2.resize(portrait.image, (512, 512), interpolation=cv2.INTER_CUBIC)))
        assert result.face is not None and result.shows_face
        assert not any("no drawn face" in warning for warning in result.warnings)
    for place in ("skyline", "foliage", "room"):
        paint, _, _ = BACKGROUNDS[place]
        backdrop = np.asarray(paint(Stage(512, np.random.default_rng(5))))[..., :3]
        result = segmenter.segment(Picture(np.ascontiguousarray(backdrop)))
        assert not result.shows_face
        assert sum("no drawn face" in w or "no part of a character" in w for w in result.warnings) == 1

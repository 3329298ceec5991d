"""What the stage evaluate has fitted goes into the description that both exported files carry."""

from pathlib import Path

import pytest

from cubiseg import taxonomy
from cubiseg.errors import CubisegError
from cubiseg.exporting.card import card
from cubiseg.exporting.stage import calibrated
from cubiseg.model_info import ModelInfo
from tests.inference.palette import info

SCORES = {"temperature": 1.5, "offsets": {name: -0.1 * place for place, name in enumerate(taxonomy.NAMES)}}


def test_the_fitted_calibration_is_in_the_description_and_its_card() -> None:
    told = calibrated(info(), {"calibration": SCORES}, Path("evaluate.json"))
    again = ModelInfo.parse(told.model_dump_json(), "here")
    assert again.calibration is not None and again.calibration.temperature == 1.5
    assert again.calibration.offsets[1] == pytest.approx(-0.1) and len(again.calibration.offsets) == 12
    assert "/ 1.500 + `offsets`" in card(told, 1) and "confidence" not in card(info(), 1)


def test_without_one_the_description_is_as_it_was() -> None:
    for scores in (None, {}, {"mean_f1": 0.5}):
        assert calibrated(info(), scores, None) == info()
    assert "calibration" not in info().model_dump_json()


@pytest.mark.parametrize("told", [{}, {"temperature": 1}, {**SCORES, "temperature": "hot"}, 3])
def test_one_that_is_none_is_one_line(told: object) -> None:
    with pytest.raises(CubisegError, match=r"evaluate.json: tells no calibration .*dvc repro evaluate") as error:
        calibrated(info(), {"calibration": told}, Path("evaluate.json"))
    assert "\n" not in str(error.value)

"""Simulated names have the rates of errors that params say."""

import numpy as np
import pytest
from pydantic import ValidationError

from cubiseg import taxonomy
from cubiseg.annotation.params import NamingErrors
from cubiseg.annotation.protocols.regions import commonest_names
from cubiseg.annotation.providers.simulated_names import CONFUSIONS, misname
from cubiseg.taxonomy import ID

RIGHT = {"wrong": 0, "omit": 0, "twice": 0, "doubt_wrong": 0, "doubt_right": 0, "confusion": {}}
NUMBERS = np.arange(1, 2001, dtype=np.int32).reshape(40, 50)
TRUTH = np.full((40, 50), ID["hair"], np.uint8)


def said(truth: np.ndarray = TRUTH, seed: int = 0, **errors: object) -> dict[str, list[int]]:
    params = NamingErrors.model_validate({**RIGHT, **errors})
    return misname(commonest_names(truth, NUMBERS), params, np.random.default_rng(seed))


def test_without_errors_every_region_has_its_commonest_class() -> None:
    assert said()["hair"] == list(range(1, 2001))


def test_wrong_names_follow_the_confusion_matrix() -> None:
    answer = said(wrong=0.2)
    assert len(answer["hair"]) == pytest.approx(1600, abs=60)
    for name, share in CONFUSIONS["hair"].items():
        assert len(answer[name]) == pytest.approx(400 * share, abs=50)


def test_a_row_of_the_matrix_can_be_replaced() -> None:
    answer = said(wrong=1, confusion={"hair": {"nose": 1, "mouth": 3}})
    assert len(answer["mouth"]) == pytest.approx(1500, abs=60)
    assert len(answer["nose"]) + len(answer["mouth"]) == 2000


def test_omissions_doubles_and_doubts_have_their_rates() -> None:
    named = {n for numbers in said(omit=0.1).values() for n in numbers}
    assert len(named) == pytest.approx(1800, abs=45)
    twice = said(twice=0.1)
    assert sum(map(len, twice.values())) - 2000 == pytest.approx(200, abs=45)
    assert len(said(doubt_right=0.1)["unsure"]) == pytest.approx(200, abs=45)
    assert len(said(wrong=0.5, doubt_wrong=0.2)["unsure"]) == pytest.approx(200, abs=45)


def test_what_nobody_knows_is_unsure() -> None:
    assert len(said(np.full_like(TRUTH, 255))["unsure"]) == 2000


def test_the_matrix_knows_every_class() -> None:
    assert tuple(CONFUSIONS) == taxonomy.NAMES
    assert all(sum(row.values()) == pytest.approx(1) for row in CONFUSIONS.values())


@pytest.mark.parametrize("rows", [{"hair": {}}, {"hair": {"hair": 1}}, {"tail": {"hair": 1}}, {"hair": {"face": -1}}])
def test_a_wrong_row_is_refused(rows: dict) -> None:
    with pytest.raises(ValidationError):
        NamingErrors.model_validate({**RIGHT, "confusion": rows})

"""Votes become label maps: the Potts pass corrects, what is not known stays so, confidence falls with doubt."""

import functools
from typing import Any

import numpy as np

from cubiseg import taxonomy
from cubiseg.annotation.params import NamingErrors
from cubiseg.annotation.protocols.regions import commonest_names, votes_of_answer
from cubiseg.annotation.providers.simulated_names import misname
from cubiseg.cleaning.params import CleanParams
from cubiseg.cleaning.votes import VotedLabel, label_from_votes
from cubiseg.portraits import Portrait, draw
from cubiseg.regions import Proposals, propose
from cubiseg.regions.naming import Naming
from tests.tiny import BUST, SIZE, only, params

RIGHT = {"wrong": 0, "omit": 0, "twice": 0, "doubt_wrong": 0, "doubt_right": 0, "confusion": {}}
PICTURES = 6


@functools.cache
def portraits() -> list[Portrait]:
    """Close-ups, large enough that regions tell the parts of the face: a lost one has no name that could be wrong."""
    mix = only({**BUST, "crop": "close-up", "turn": "front", "hair front": "bare", "nose": "full", "brows": "natural"})
    return [draw(7, index, 2 * SIZE, 2, mix) for index in range(PICTURES)]


@functools.cache
def proposals(index: int) -> Proposals:
    return propose(portraits()[index].image)


def named(index: int, rules: dict[str, bool] | None = None, seed: int = 1, **errors: float) -> VotedLabel:
    settings: dict[str, Any] = params("clean")
    settings["rules"] = {**settings["rules"], **(rules or {})}
    found, truth = proposals(index), portraits()[index].label
    nodes = found.cut(120)
    errors_of = NamingErrors.model_validate({**RIGHT, **errors})
    answer = misname(commonest_names(truth, found.label(nodes) + 1), errors_of, np.random.default_rng(seed))
    votes, _ = votes_of_answer(nodes, answer)
    naming = Naming(asked=tuple(nodes.tolist()), votes=tuple(votes))
    return label_from_votes(found, naming, portraits()[index].image, CleanParams.model_validate(settings))


def right(label: np.ndarray, index: int) -> float:
    return float((label == portraits()[index].label).mean())


def test_wrong_names_are_corrected_more_often_than_right_ones_are_spoilt() -> None:
    before = np.mean([right(named(i, wrong=0.1).voted, i) for i in range(PICTURES)])
    after = np.mean([right(named(i, wrong=0.1).label, i) for i in range(PICTURES)])
    assert after > before


def test_right_names_stay_nearly_all() -> None:
    for index in range(PICTURES):
        found = named(index)
        assert (found.voted == found.label).mean() > 0.97


def test_regions_left_out_are_filled_by_what_is_around() -> None:
    found = named(0, omit=0.2)
    assert (found.voted == taxonomy.IGNORE_INDEX).any()
    assert right(found.label, 0) > right(found.voted, 0)


def test_the_pass_can_be_switched_off() -> None:
    found = named(0, rules={"potts": False}, wrong=0.2)
    assert np.array_equal(found.voted, found.label)


def test_errors_and_gaps_lower_the_confidence() -> None:
    sure = np.mean([named(i).confidence for i in range(PICTURES)])
    wrong = np.mean([named(i, wrong=0.3).confidence for i in range(PICTURES)])
    gaps = np.mean([named(i, rules={"potts": False}, omit=0.5).confidence for i in range(PICTURES)])
    assert 1 >= sure > wrong > 0
    assert sure > gaps

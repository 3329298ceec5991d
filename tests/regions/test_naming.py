"""Votes count for the regions below them, and what is around a region makes its name more or less probable."""

from pathlib import Path

import numpy as np
import pytest

from cubiseg.errors import CubisegError
from cubiseg.regions import MergeTree, Proposals
from cubiseg.regions.mean_field import Weights, class_probabilities, describe
from cubiseg.regions.naming import Naming, Vote, count_votes, read_naming, voted_label
from cubiseg.taxonomy import ID

# Leaves 0..3 in a row; node 4 joins 0 and 1, node 5 joins 2 and 3, node 6 all.
TREE = MergeTree(np.array([[0, 1], [2, 3], [4, 5]], np.int32), 4)
ROW = Proposals(np.repeat(np.arange(4, dtype=np.int32)[None], 2, 0), TREE, (0.0, 0.0, 4.0, 2.0))


def test_a_vote_on_a_part_joins_that_on_the_whole() -> None:
    naming = Naming(
        asked=(4, 5),
        votes=(
            Vote(node=4, name="hair", weight=0.5),
            Vote(node=1, name="accessories"),
            Vote(node=5, name="face"),
        ),
    )
    units, votes = count_votes(ROW, naming)
    assert units[0].tolist() == [1, 0, 2, 2] or len(set(units[0])) == 3
    label = voted_label(units, votes)
    assert label[0].tolist() == [ID["hair"], ID["accessories"], ID["face"], ID["face"]]


def test_regions_without_a_vote_are_not_known() -> None:
    label = voted_label(*count_votes(ROW, Naming(asked=(4, 5), votes=(Vote(node=5, name="face"),))))
    assert label[0].tolist() == [255, 255, ID["face"], ID["face"]]


def test_votes_about_other_regions_are_refused() -> None:
    with pytest.raises(CubisegError, match="other regions"):
        count_votes(ROW, Naming(asked=(4, 99), votes=()))


@pytest.mark.parametrize("content", ["", "{}", '{"asked":[1],"votes":[{"node":1,"name":"tail"}]}'])
def test_a_damaged_record_is_one_line(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(CubisegError, match="no record of votes") as caught:
        read_naming(tmp_path / "a.json")
    assert "\n" not in str(caught.value)


def grid(colours: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Regions of 10x10 px, one for each colour: ids and picture."""
    ids = np.arange(colours.shape[0] * colours.shape[1], dtype=np.int32).reshape(colours.shape[:2])
    return np.kron(ids, np.ones((10, 10), np.int32)), np.kron(colours, np.ones((10, 10, 1), np.uint8)).astype(np.uint8)


def test_a_lone_name_among_regions_of_its_colour_is_doubted_and_a_colour_of_its_own_is_not() -> None:
    colours = np.full((5, 5, 3), (90, 60, 40))
    colours[3, 3] = (40, 200, 90)
    ids, picture = grid(colours)
    votes = np.zeros((25, 12))
    votes[:, ID["hair"]] = 1
    for lone in (6, 18):
        votes[lone] = 0
        votes[lone, ID["accessories"]] = 1
    found = class_probabilities(describe(ids, votes, picture), Weights()).argmax(1)
    assert found[6] == ID["hair"]
    assert found[18] == ID["accessories"]


def test_a_region_that_nobody_named_takes_after_its_neighbours() -> None:
    ids, picture = grid(np.full((3, 3, 3), (90, 60, 40)))
    votes = np.zeros((9, 12))
    votes[:, ID["clothes"]] = 1
    votes[4] = 0
    assert class_probabilities(describe(ids, votes, picture), Weights()).argmax(1)[4] == ID["clothes"]


def test_an_eye_far_from_the_face_is_improbable() -> None:
    ids, picture = grid(np.random.default_rng(0).integers(0, 255, (12, 12, 3)))
    votes = np.zeros((144, 12))
    votes[:, ID["clothes"]] = 1
    for row in range(1, 7):
        votes[row * 12 + 3 : row * 12 + 9] = np.eye(12)[ID["face"]]
    votes[2 * 12 + 5] = np.eye(12)[ID["eye_right"]]
    votes[11 * 12 + 11] = np.eye(12)[ID["eye_right"]]
    probability = class_probabilities(describe(ids, votes, picture), Weights())[:, ID["eye_right"]]
    assert probability[2 * 12 + 5] > 0.5 > probability[11 * 12 + 11]

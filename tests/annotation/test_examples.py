"""Worked examples before the first question: in the prompt, the pictures, the key and the price; and off by default."""

import json
from pathlib import Path
from typing import Any

import pytest

from cubiseg import label_maps
from cubiseg.annotation.conversation import Questions, plan_questions
from cubiseg.annotation.examples import REGIONS
from cubiseg.annotation.params import AnnotateParams
from cubiseg.annotation.plan import make_plan
from cubiseg.annotation.protocols.base import Subject
from cubiseg.annotation.protocols.regions import read_answer
from cubiseg.answers.requests import Request, request_key
from cubiseg.answers.store import ResponseStore
from cubiseg.errors import CubisegError
from cubiseg.samples import write_manifest
from tests.conftest import ROOT
from tests.tiny import params, portraits, write_prepared

COUNT = 6
PRICE = {"eye-1": {"input": 2.5, "output": 10}}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six pictures of three characters without labels, and the right label maps of two."""
    root = tmp_path_factory.mktemp("examples")
    samples = write_prepared(root / "prepared", COUNT)
    unlabelled = {"label": None, "label_method": None, "label_version": None}
    write_manifest(root / "prepared", [s.model_copy(update=unlabelled) for s in samples])
    for index in (0, 2):
        label_maps.write_label(root / "examples" / f"p{index:02}.png", portraits(12)[index].label)
    return root


def questions(place: Path, *ids: str, folder: str = "examples", **changes: Any) -> Questions:
    """Questions with these examples."""
    block = params("annotate") | {"provider": "openai", "regions": 40, "max_usd": 5.0, "examples": ids}
    block["openai"] |= {"model": "eye-1", "prices": PRICE}
    made = AnnotateParams.model_validate({**block, **changes})
    book = ROOT / "cubiseg" / "codebook.yaml"
    return plan_questions(made, place / "prepared", book, place / "store", place / "regions", place / folder)


def first(asked: Questions, name: str) -> tuple[Subject, Request]:
    (subject,) = (s for s in asked.subjects if s.request.sample == name)
    return subject, asked.protocol.first(subject)


def key(asked: Questions, name: str) -> str:
    return request_key(first(asked, name)[1], asked.provider.fingerprint())


def test_without_examples_every_question_is_the_one_that_it_was(place: Path) -> None:
    plain = questions(place)
    assert params("annotate")["examples"] == []
    elsewhere = questions(place, folder="none")
    assert (key(plain, "p04"), plain.version) == (key(elsewhere, "p04"), elsewhere.version)
    request = first(plain, "p04")[1]
    assert "example 1" not in request.prompt
    assert [s.name for s in request.sheets()][:2] == ["picture", "numbered"]


def test_examples_come_first_with_their_right_answers(place: Path) -> None:
    subject, request = first(questions(place, "p00", "p02"), "p04")
    assert [s.name for s in request.sheets()][:4] == ["example 1", "example 2", "picture", "numbered"]
    lines = request.prompt.splitlines()
    for number, example in enumerate(subject.examples, 1):
        (line,) = (one for one in lines if one.startswith(f"example {number}: "))
        answer = json.loads(line.split(": ", 1)[1])
        shown = int(example.numbers().max())
        assert shown <= REGIONS
        assert sorted(n for numbers in answer.values() for n in numbers) == list(range(1, shown + 1))
        assert read_answer(json.dumps(answer), shown)["hair"] == answer["hair"]
    assert lines[-1].startswith("Answer about the picture")


def test_the_second_question_has_none(place: Path) -> None:
    asked = questions(place, "p00")
    subject, _ = first(asked, "p04")
    second = asked.protocol.longest_second(subject)
    assert "example 1" not in second.prompt
    plain = questions(place)
    alike = plain.protocol.longest_second(first(plain, "p04")[0])
    assert request_key(second, {}) == request_key(alike, {})


def test_nobody_is_asked_with_an_example_of_the_own_group(place: Path) -> None:
    asked = questions(place, "p00", "p02")
    counts = {s.request.sample: len(s.examples) for s in asked.subjects}
    assert counts == {"p00": 1, "p01": 1, "p02": 1, "p03": 1, "p04": 2, "p05": 2}


def test_examples_change_the_key_the_version_and_the_price(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUBISEG_SHEETS", str(place / "sheets"))
    plain, one, two = questions(place), questions(place, "p00"), questions(place, "p00", "p02")
    assert len({key(asked, "p04") for asked in (plain, one, two, questions(place, "p02"))}) == 4
    assert len({asked.version for asked in (plain, one, two)}) == 3
    store = ResponseStore(place / "store")
    costs = [make_plan(asked, store) for asked in (plain, one, two)]
    assert costs[0].first.input_tokens < costs[1].first.input_tokens < costs[2].first.input_tokens
    assert costs[0].second == costs[2].second


@pytest.mark.parametrize(
    ("ids", "changes", "part"),
    [
        (["p09"], {}, "has no sample p09"),
        (["p04"], {}, r"p04.png is missing"),
        (["p00"], {"protocol": "paint"}, "paint does not"),
    ],
)
def test_an_example_that_cannot_be_shown_is_one_line(place: Path, ids: list[str], changes: dict, part: str) -> None:
    with pytest.raises(CubisegError, match=part) as caught:
        questions(place, *ids, **changes)
    assert str(caught.value).startswith("annotate.examples: ")
    assert "\n" not in str(caught.value)

"""Regions are shown, named, and asked about again; what is no answer is none."""

import contextlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cubiseg import imaging, label_maps, taxonomy
from cubiseg.annotation.codebook import load_codebook
from cubiseg.annotation.params import NamingErrors, SimulatedParams
from cubiseg.annotation.protocols import PROTOCOLS, find_protocol
from cubiseg.annotation.protocols.base import Refused, Subject
from cubiseg.annotation.protocols.regions import (
    AGAIN,
    UNSURE,
    answer_schema,
    pieces_of,
    read_answer,
    reading_order,
    votes_of_answer,
)
from cubiseg.annotation.providers.simulated import Simulated
from cubiseg.annotation.sheets import FIRST, SECOND, contact_sheets, numbered_picture
from cubiseg.answers.images import encode
from cubiseg.answers.requests import Malformed, Outcome, Request, Response, request_key
from cubiseg.portraits import Portrait
from cubiseg.regions import Proposals, propose
from cubiseg.regions.naming import Naming, count_votes, voted_label
from cubiseg.regions.quality import oracle_label
from tests.conftest import ROOT
from tests.tiny import portraits

BOOK = load_codebook(ROOT / "cubiseg" / "codebook.yaml")
RIGHT = {"wrong": 0, "omit": 0, "twice": 0, "doubt_wrong": 0, "doubt_right": 0, "confusion": {}}
FAULTLESS = dict.fromkeys(SimulatedParams.model_fields, 0)
COUNT = 60


@pytest.fixture(scope="module")
def proposals() -> Proposals:
    return propose(portraits()[0].image)


@pytest.fixture
def subject(tmp_path: Path, proposals: Proposals) -> Subject:
    return subject_of(portraits()[0], tmp_path, proposals)


def subject_of(portrait: Portrait, folder: Path, proposals: Proposals) -> Subject:
    imaging.write_png(folder / "a.png", portrait.image)
    label_maps.write_label(folder / "truth.png", portrait.label)
    request = Request("a", folder / "a.png", "0" * 64, "?", "contact-sheet-1", folder / "truth.png")
    return Subject(request, lambda: proposals, BOOK, regions=COUNT)


class Provider:
    """The simulated provider, and what it was asked."""

    def __init__(self, errors: dict[str, Any] | None = None, **faults: float) -> None:
        names = NamingErrors.model_validate({**RIGHT, **(errors or {})})
        self.simulated = Simulated(SimulatedParams(**{**FAULTLESS, **faults}), 3, names)
        self.requests: list[Request] = []

    def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        return self.simulated.annotate(request)


def lists(**numbers: list[int]) -> str:
    return json.dumps({**{n: [] for n in (*taxonomy.NAMES, UNSURE)}, **numbers})


@pytest.mark.parametrize("name", ["contact-sheet", "set-of-mark"])
def test_perfect_names_give_the_oracle(name: str, subject: Subject, proposals: Proposals) -> None:
    naming = Naming.model_validate_json(find_protocol(name).converse(subject, Provider()))
    asked = proposals.label(np.array(naming.asked))
    assert len(naming.asked) == COUNT
    truth = portraits()[0].label
    label = voted_label(*count_votes(proposals, naming))
    assert np.array_equal(label, oracle_label(asked, truth, taxonomy.NUM_CLASSES)) or (label == truth).mean() > 0.95


def test_a_refusal_or_a_broken_first_answer_ends_it(subject: Subject) -> None:
    asking = find_protocol("contact-sheet")
    with pytest.raises(Refused):
        asking.converse(subject, Provider(refused=1))
    with pytest.raises(Malformed):
        asking.converse(subject, Provider(malformed=1))


def test_a_broken_second_answer_spoils_nothing(subject: Subject) -> None:
    good = Provider({"doubt_right": 0.5})

    def ask(request: Request) -> Response:
        return good(request) if request.turn == 1 else Response(outcome=Outcome.REFUSED, text="no")

    naming = Naming.model_validate_json(find_protocol("contact-sheet").converse(subject, ask))
    assert {v.node for v in naming.votes} <= set(naming.asked)
    assert naming.unsure


def test_what_is_unsure_is_asked_again_in_pieces_and_with_other_numbers(subject: Subject) -> None:
    provider = Provider({"doubt_right": 0.5})
    naming = Naming.model_validate_json(find_protocol("contact-sheet").converse(subject, provider))
    first, second = provider.requests
    assert (first.turn, second.turn) == (1, 2)
    assert first.shown != second.shown
    assert first.prompt != second.prompt
    numbers = second.expected.keywords["numbers"]
    assert 0 < numbers.max() <= AGAIN
    assert (numbers == 0).any()
    assert {v.node for v in naming.votes} - set(naming.asked)


def test_the_second_question_can_be_left_out(subject: Subject, tmp_path: Path) -> None:
    provider = Provider({"doubt_right": 1})
    once = Subject(subject.request, subject.proposals, BOOK, COUNT, second_pass=False)
    find_protocol("contact-sheet").converse(once, provider)
    assert len(provider.requests) == 1


def test_a_second_question_mends_names(subject: Subject, proposals: Proposals) -> None:
    truth = portraits()[0].label
    right = []
    for again in (False, True):
        asking = Subject(subject.request, subject.proposals, BOOK, COUNT, second_pass=again)
        provider = Provider({"wrong": 0.2, "doubt_wrong": 1})
        naming = Naming.model_validate_json(find_protocol("contact-sheet").converse(asking, provider))
        right.append((voted_label(*count_votes(proposals, naming)) == truth).mean())
    assert right[1] > right[0]


def test_requests_differ_by_what_is_shown(tmp_path: Path) -> None:
    portrait = portraits()[1]  # of the first, both numbers of regions leave the same ones in doubt
    subject = subject_of(portrait, tmp_path, propose(portrait.image))
    provider = Provider({"doubt_right": 0.5})
    find_protocol("contact-sheet").converse(subject, provider)
    keys = {request_key(r, {"name": "x"}) for r in provider.requests}
    other = Subject(subject.request, subject.proposals, BOOK, COUNT + 1)
    find_protocol("contact-sheet").converse(other, provider)
    keys |= {request_key(r, {"name": "x"}) for r in provider.requests}
    assert len(keys) == len(provider.requests)


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", lists(), lists(hair=[99]), lists(hair=[1, 98, 99]),
        lists(hair=["one"]), lists(hair=[1]).replace("hair", "tail"), "Sure! I see hair.",
    ],
)  # fmt: skip
def test_anything_else_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        read_answer(text, 12)


@given(st.text() | st.dictionaries(st.sampled_from([*taxonomy.NAMES, UNSURE]), st.lists(st.integers())).map(json.dumps))
def test_no_text_does_harm(text: str) -> None:
    try:
        answer = read_answer(text, 12)
    except Malformed:
        return
    assert all(1 <= n <= 12 for numbers in answer.values() for n in numbers)


def test_an_answer_in_a_code_fence_is_read_and_a_stray_number_is_dropped() -> None:
    answer = read_answer("```json\n" + lists(hair=[1, 2, 3, 4, 5, 5], face=[99]) + "\n```", 12)
    assert answer["hair"] == [1, 2, 3, 4, 5]
    assert answer["face"] == []


def test_the_schema_asks_for_what_is_read() -> None:
    schema = answer_schema()
    assert set(schema["properties"]) == set(schema["required"]) == {*taxonomy.NAMES, UNSURE}
    assert not schema["additionalProperties"]


def test_contradictions_split_the_vote_and_doubt_halves_it() -> None:
    answer = read_answer(lists(hair=[1, 2], face=[2, 3], unsure=[3]), 4)
    votes, doubtful = votes_of_answer(np.array([10, 20, 30, 40]), answer)
    assert {(v.node, v.name): v.weight for v in votes} == {
        (10, "hair"): 1, (20, "hair"): 0.5, (20, "face"): 0.5, (30, "face"): 0.5,
    }  # fmt: skip
    assert doubtful == [20, 30, 40]


def test_pieces_are_bounded_and_none_is_asked_about_twice(proposals: Proposals) -> None:
    nodes = proposals.cut(COUNT)
    pieces = pieces_of(proposals, nodes.tolist(), [])
    assert len(pieces) == len(set(pieces.tolist())) == AGAIN
    assert len(pieces_of(proposals, [], [])) == 0


def test_numbers_follow_the_eye(proposals: Proposals) -> None:
    nodes = reading_order(proposals, proposals.cut(COUNT))
    label = proposals.label(nodes)
    rows = [np.nonzero(label == i)[0].mean() for i in range(COUNT)]
    assert np.corrcoef(rows, np.arange(COUNT))[0, 1] > 0.8


def test_every_region_has_its_cell_and_sheets_are_pictures(proposals: Proposals) -> None:
    numbers = proposals.label(reading_order(proposals, proposals.cut(COUNT))) + 1
    rgb = portraits()[0].image
    for grid in (FIRST, SECOND):
        sheets = contact_sheets(rgb, numbers, grid)
        assert len(sheets) == -(-COUNT // (grid.columns * grid.rows))
        assert sheets[0].name.startswith("regions 1 to ")
        assert sheets[-1].name.endswith(f"to {COUNT}")
        assert all(max(s.rgb.shape) < 2400 for s in sheets)
    numbered = numbered_picture(rgb, numbers)
    assert numbered.rgb.shape == (1280, 1280, 3)
    assert encode(numbered)[:2] == b"\xff\xd8"


def test_outlines_are_thin(proposals: Proposals) -> None:
    numbers = proposals.label(proposals.cut(16)) + 1
    grey = np.full((*numbers.shape, 3), 128, np.uint8)
    changed = (numbered_picture(grey, numbers).rgb != 128).any(-1)
    assert 0 < changed.mean() < 0.05


@pytest.mark.parametrize("name", ["polygon", "box"])
def test_shapes_are_worse_than_names(name: str, subject: Subject, proposals: Proposals, tmp_path: Path) -> None:
    truth = portraits()[0].label
    request = Request("a", subject.request.image, "0" * 64, "?", f"{name}-1", subject.request.truth)
    shapes = find_protocol(name).converse(Subject(request, subject.proposals, BOOK), Provider(jitter=0.05))
    (tmp_path / "s.png").write_bytes(shapes)
    painted = label_maps.decolourise(label_maps.read_label_or_colours(tmp_path / "s.png"))[0][::4, ::4]
    usual = replace(subject, regions=240)
    naming = Naming.model_validate_json(find_protocol("contact-sheet").converse(usual, Provider()))
    named = voted_label(*count_votes(proposals, naming))
    assert 0.5 < (painted == truth).mean() < (named == truth).mean()


@pytest.mark.parametrize("name", ["polygon", "box"])
@given(text=st.text() | st.builds(lambda v: json.dumps({"hair": v}), st.lists(st.lists(st.floats()))))
def test_no_shape_does_harm(name: str, text: str) -> None:
    subject = Subject(Request("a", Path("x"), "", "", name), lambda: pytest.fail("no regions are needed"), BOOK)
    with contextlib.suppress(Malformed):
        PROTOCOLS[name].converse(subject, lambda _: Response(outcome=Outcome.OK, text=text))


def test_prompts_carry_the_codebook() -> None:
    for protocol in PROTOCOLS.values():
        prompt = protocol.prompt(BOOK)
        for entry in BOOK.classes.values():
            assert entry.belongs[0] in prompt
            assert entry.ja[0] in prompt
            assert entry.zh[0] in prompt

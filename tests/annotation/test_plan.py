"""What labelling costs is known before a cent is spent."""

import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from cubiseg.annotation.conversation import plan_questions
from cubiseg.annotation.plan import make_plan
from cubiseg.answers.purse import LEDGER
from cubiseg.answers.requests import Outcome
from cubiseg.cli import main
from cubiseg.cli.annotate.failures import KINDS
from cubiseg.errors import CubisegError
from tests.answers.chat_server import chat_server
from tests.answers.test_openai import PICTURES, FakeClock, Workplace, clock
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

__all__ = ["clock"]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: FakeClock) -> Iterator[Workplace]:
    for name in ("sheets", "regions"):
        monkeypatch.setenv(f"CUBISEG_{name.upper()}", str(tmp_path / name))
    monkeypatch.setenv("CUBISEG_RESPONSES", str(tmp_path / "store"))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.chdir(tmp_path)
    with chat_server() as server:
        yield Workplace(tmp_path, server)


def plan(place: Workplace, **changes: Any) -> Any:
    params = place.params(**changes)
    questions = plan_questions(params, place.root / "prepared", ROOT / "cubiseg" / "codebook.yaml", place.store.root)
    return make_plan(questions, place.store)


def run(place: Workplace, *arguments: str, **changes: Any) -> Result:
    block = {"annotate": json.loads(place.params(**changes).model_dump_json())}
    (place.root / "params.yaml").write_text(yaml.safe_dump(block))
    options = ("--prepared", "prepared") if arguments[0] == "plan" else ()
    return CliRunner().invoke(main, ["annotate", *arguments, *options])


def test_a_plan_needs_no_key_and_sends_nothing(place: Workplace) -> None:
    made = plan(place, second_pass=True, openai={"base_url": "https://api.openai.com/v1", "model": "gpt-4o"})
    assert (made.pictures, made.answered, made.host) == (PICTURES, 0, "api.openai.com")
    assert made.first.requests == made.second.requests == PICTURES
    assert 0 < made.usd == made.first.usd + made.second.usd
    assert place.server.bodies == []


def test_a_portrait_costs_less_than_two_cents_and_three_and_a_half_with_the_second_question(place: Workplace) -> None:
    made = plan(
        place, regions=240, second_pass=True, openai={"base_url": "https://api.openai.com/v1", "model": "gpt-4o"}
    )
    assert made.first.usd / PICTURES <= 0.02
    assert made.usd / PICTURES <= 0.035


def test_a_batch_halves_it_and_answers_in_the_store_are_free(place: Workplace) -> None:
    whole = plan(place)
    assert plan(place, provider="openai-batch").usd == pytest.approx(whole.usd / 2)
    place.annotate()
    done = plan(place)
    assert (done.answered, done.first.requests, done.usd) == (PICTURES, 0, 0)


def test_no_answer_costs_more_than_was_reserved_for_it(place: Workplace) -> None:
    place.server.tokens = 6000, 900  # about what a real server counts
    place.annotate(second_pass=True)
    with closing(sqlite3.connect(place.store.root / LEDGER)) as ledger:
        (settled,) = ledger.execute("SELECT COUNT(*) FROM entries WHERE cost BETWEEN 1 AND worst").fetchone()
        (all_of_them,) = ledger.execute("SELECT COUNT(*) FROM entries").fetchone()
    assert settled == all_of_them == place.server.billed


def test_what_costs_nothing_has_no_plan(place: Workplace) -> None:
    with pytest.raises(CubisegError, match="costs nothing"):
        plan(place, provider="replay")


def test_the_command_prints_the_bill_and_warns_of_the_cap(place: Workplace) -> None:
    result = run(place, "plan", max_usd=0.0001)
    assert result.exit_code == 0, result.output
    assert f"{PICTURES} pictures, 0 answered already; eye-1 at a server nearby" in result.output
    assert "the cap is $0.0001" in result.output
    assert "more than the cap leaves" in result.output
    facts = json.loads(run(place, "plan", "--json").stdout)
    assert facts["first"]["requests"] == PICTURES
    assert facts["spent_usd"] == 0


def test_failures_are_listed_and_asked_again_on_request_only(place: Workplace) -> None:
    refuse = {"refusal": "I will not."}
    place.server.behave = [lambda handler, body: handler.good(body, **refuse)]
    place.annotate()
    listed = run(place, "failures")
    (row,) = json.loads(run(place, "failures", "--json").stdout)
    assert "refused" in listed.output
    assert row["said"] == "I will not."
    assert row["sample"].startswith("p")
    assert "0 requests" in run(place, "retry", "--only", "malformed").output
    place.annotate()
    assert len(place.server.bodies) == PICTURES
    assert "1 requests" in run(place, "retry", "--only", "refused").output
    assert place.annotate()["answered"] == PICTURES
    assert len(place.server.bodies) == PICTURES + 1
    assert place.annotate(out="again")["answered"] == PICTURES  # the shared folder does not bring the refusal back
    assert len(place.server.bodies) == PICTURES + 1


def test_without_the_pipelines_packages_it_says_how_to_get_them(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cubiseg.annotation.plan", None)
    result = run(place, "plan")
    assert result.exit_code == 2
    assert "pip install 'cubiseg[pipeline]'" in result.output


def test_a_params_file_that_is_no_good_is_named(place: Workplace) -> None:
    (place.root / "params.yaml").write_text("annotate: 5\n")
    result = CliRunner().invoke(main, ["annotate", "plan"])
    assert result.exit_code == 2
    assert "params.yaml: annotate" in result.output


def test_all_outcomes_but_an_answer_can_be_asked_again() -> None:
    assert {*KINDS, "ok"} == {str(o) for o in Outcome}

"""A batch survives kills, gives what it has, and costs half."""

import itertools
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cubiseg.answers import batches
from cubiseg.answers.openai_batch import OpenAIBatch
from cubiseg.answers.purse import BATCHES, Purse, spent_in
from cubiseg.answers.throttle import RealClock
from cubiseg.errors import CubisegError
from tests.answers.chat_server import chat_server
from tests.answers.test_openai import EACH, PICTURES, PRICE, FakeClock, Workplace, clock
from tests.tiny import bytes_of

pytestmark = pytest.mark.slow

__all__ = ["clock"]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: FakeClock) -> Iterator[Workplace]:
    monkeypatch.setenv("CUBISEG_SHEETS", str(tmp_path / "sheets"))
    with chat_server() as server:
        yield Workplace(tmp_path, server)


def leftovers(place: Workplace) -> list[Path]:
    return list((place.store.root / BATCHES).iterdir())


def test_both_questions_go_in_bulk_at_half_the_price(place: Workplace) -> None:
    metrics = place.annotate(provider="openai-batch", second_pass=True)
    assert metrics["answered"] == PICTURES
    assert len(place.server.batches) == 2
    assert metrics["questions"] == place.server.billed > PICTURES
    assert spent_in(place.store.root) == pytest.approx(place.server.billed * EACH / 2)
    assert leftovers(place) == []
    line = json.loads(next(iter(place.server.files.values())).splitlines()[0])
    assert (line["method"], line["url"], len(line["custom_id"])) == ("POST", "/v1/chat/completions", 64)


def test_single_and_bulk_requests_read_each_others_answers(place: Workplace) -> None:
    place.annotate(provider="openai-batch")
    place.annotate(out="online")
    assert place.server.bodies == []
    assert bytes_of(place.root / "online" / "answers") == bytes_of(place.root / "annotated" / "answers")


def test_files_keep_to_the_limits(place: Workplace) -> None:
    place.annotate(provider="openai-batch", batch={"requests": 3})
    sizes = [len(place.server.files[b["input_file_id"]].splitlines()) for b in place.server.batches.values()]
    assert sorted(sizes) == [1, 3]
    for record in list(place.store.records()):
        place.store.set_aside(record)
    place.server.batches.clear()
    place.annotate(provider="openai-batch", batch={"megabytes": 0.0001})
    assert len(place.server.batches) == PICTURES


def test_an_expired_batch_is_used_as_far_as_it_went_and_the_rest_asked_again(place: Workplace) -> None:
    def expire(batch: dict[str, Any], results: list[dict[str, Any]]) -> None:
        batch["status"] = "expired"
        for row in results[1:]:
            place.server.billed -= 1
            row |= {"response": None, "error": {"code": "batch_expired", "message": "not in time"}}
        place.server.finish_batch = None

    place.server.finish_batch = expire
    assert place.annotate(provider="openai-batch")["answered"] == PICTURES
    assert len(place.server.batches) == 2
    assert place.server.billed == PICTURES
    assert spent_in(place.store.root) == pytest.approx(PICTURES * EACH / 2)


def test_lines_that_are_missing_doubled_or_broken_do_no_harm(place: Workplace) -> None:
    def spoil(batch: dict[str, Any], results: list[dict[str, Any]]) -> None:
        results[0]["custom_id"] = "unknown"
        results[1] = results[2]
        results.append({"custom_id": None, "response": 5, "error": None})
        place.server.finish_batch = None

    place.server.finish_batch = spoil
    assert place.annotate(provider="openai-batch")["answered"] == PICTURES
    assert len(place.server.batches) == 2


def test_a_request_that_the_server_fails_goes_with_the_next_batch_and_in_the_end_on_the_list(place: Workplace) -> None:
    def fail(batch: dict[str, Any], results: list[dict[str, Any]]) -> None:
        for row in results[:1]:
            row["response"] = {"status_code": 500, "body": {"error": {"message": "oh"}}}
        if len(place.server.batches) == 1:
            place.server.first = results[0]["custom_id"]  # type: ignore[attr-defined]

    place.server.finish_batch = fail
    metrics = place.annotate(provider="openai-batch", openai={"attempts": 2})
    assert metrics["answered"] + metrics["failed"] == PICTURES
    assert metrics["failed"] == 1


def test_a_batch_without_any_answer_stops_the_stage(place: Workplace) -> None:
    def expire(batch: dict[str, Any], results: list[dict[str, Any]]) -> None:
        batch["status"] = "expired"
        results.clear()

    place.server.finish_batch = expire
    with pytest.raises(CubisegError, match="without a single answer"):
        place.annotate(provider="openai-batch")
    assert spent_in(place.store.root) == 0
    place.server.finish_batch = None
    assert place.annotate(provider="openai-batch")["answered"] == PICTURES


def test_a_batch_that_is_not_taken_says_why(place: Workplace) -> None:
    def refuse(batch: dict[str, Any], results: list[dict[str, Any]]) -> None:
        batch |= {"status": "failed", "errors": {"object": "list", "data": [{"message": "model has no batches"}]}}
        results.clear()

    place.server.finish_batch = refuse
    with pytest.raises(CubisegError, match="model has no batches"):
        place.annotate(provider="openai-batch")
    assert spent_in(place.store.root) == 0
    assert leftovers(place) == []


def refused(result: dict[str, Any], said: str) -> None:
    result["response"] = {"status_code": 400, "body": {"error": {"message": said}}}


def test_what_a_whole_batch_is_refused_for_is_learnt_once_and_asked_again(place: Workplace) -> None:
    def picky(batch: dict[str, Any], results: list[dict[str, Any]]) -> None:
        lines = [json.loads(line) for line in place.server.files[batch["input_file_id"]].splitlines()]
        for line, result in zip(lines, results, strict=True):
            if "max_tokens" in line["body"]:
                refused(result, "Unsupported parameter: 'max_tokens'")

    place.server.finish_batch = picky
    assert place.annotate(provider="openai-batch")["answered"] == PICTURES
    assert len(place.server.batches) == 2


def test_a_batch_whose_requests_are_all_refused_ends_the_stage_with_an_error(place: Workplace) -> None:
    def refuse(batch: dict[str, Any], results: list[dict[str, Any]]) -> None:
        for result in results:
            refused(result, "At most 1 image(s) may be provided in one request.")

    place.server.finish_batch = refuse
    with pytest.raises(CubisegError, match=r"no answer to any request .*limit-mm-per-prompt"):
        place.annotate(provider="openai-batch")
    assert spent_in(place.store.root) == 0


def test_the_cap_holds_for_a_batch(place: Workplace) -> None:
    place.server.tokens = 8000, 60
    each = (8000 * PRICE["input"] + 60 * PRICE["output"]) / 2e6
    cap = 3 * each
    with pytest.raises(CubisegError, match="raise it and run again"):
        place.annotate(provider="openai-batch", max_usd=cap, openai={"max_output_tokens": 64})
    assert 0 < place.server.billed < PICTURES
    assert spent_in(place.store.root) == pytest.approx(place.server.billed * each)
    assert place.server.billed * each <= cap
    assert place.annotate(provider="openai-batch", openai={"max_output_tokens": 64})["answered"] == PICTURES
    assert place.server.billed == PICTURES


class Killed(BaseException):
    """Stands for a kill: nothing catches it."""


@pytest.mark.parametrize("moment", ["queueing", "before upload", "after upload", "after sending", "while collecting"])
def test_a_kill_pays_nothing_twice(place: Workplace, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    with monkeypatch.context() as patch:
        _kill_at(patch, moment)
        with pytest.raises(Killed):
            place.annotate(provider="openai-batch")
    assert place.annotate(provider="openai-batch")["answered"] == PICTURES
    assert place.server.billed == PICTURES
    assert leftovers(place) == []
    with Purse(place.store.root, None) as purse:
        balance = purse.balance()
    assert (balance.settled, balance.losses, balance.reserved) == (PICTURES, 0, 0)
    assert balance.spent == pytest.approx(PICTURES * EACH / 2)


def _kill_at(patch: pytest.MonkeyPatch, moment: str) -> None:
    def die(*_: object, **__: object) -> None:
        raise Killed

    cls = batches.BatchAsker
    remember = cls._remember

    def die_at_third(name: str) -> None:
        method, calls = getattr(cls, name), itertools.count(1)

        def some(self: Any, *args: Any) -> None:
            if next(calls) > 2:
                raise Killed
            method(self, *args)

        patch.setattr(cls, name, some)

    match moment:
        case "queueing":
            die_at_third("_queue")
        case "before upload":
            patch.setattr(cls, "_send", die)
        case "while collecting":
            die_at_third("_take")
        case _:
            stage = "uploaded" if moment == "after upload" else "submitted"

            def forgetful(self: Any, state: Any) -> None:
                if state.stage == stage:
                    raise Killed
                remember(self, state)

            patch.setattr(cls, "_remember", forgetful)


def test_two_runs_at_once_send_each_request_once(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cubiseg.answers.batches.RealClock", RealClock)
    upload = batches.BatchAsker._upload

    def slow(self: Any, state: Any) -> str:
        time.sleep(1.0)  # the other run looks at the folder meanwhile
        return upload(self, state)

    monkeypatch.setattr(batches.BatchAsker, "_upload", slow)
    place.annotate_twice_at_once(provider="openai-batch")
    assert place.server.billed == PICTURES
    assert bytes_of(place.root / "one") == bytes_of(place.root / "two")


def test_what_another_run_answers_between_a_look_and_a_reservation_is_not_sent_again(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUBISEG_CONCURRENCY", "1")  # this run holds nothing yet when the other one begins
    queue = batches.BatchAsker._queue

    def late(self: Any, request: Any, key: str) -> Any:
        monkeypatch.setattr(batches.BatchAsker, "_queue", queue)
        place.annotate(out="one", provider="openai-batch")
        return queue(self, request, key)

    monkeypatch.setattr(batches.BatchAsker, "_queue", late)
    place.annotate(out="two", provider="openai-batch")
    assert place.server.billed == PICTURES
    assert spent_in(place.store.root) == pytest.approx(PICTURES * EACH / 2)
    assert bytes_of(place.root / "one") == bytes_of(place.root / "two")
    assert leftovers(place) == []


def test_a_batch_that_another_run_collects_meanwhile_is_passed_over_in_silence(
    place: Workplace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patch:
        _kill_at(patch, "after sending")
        with pytest.raises(Killed):
            place.annotate(provider="openai-batch")
    (state,) = (place.store.root / BATCHES).glob("*.json")
    params = place.params(provider="openai-batch")
    provider = OpenAIBatch(params.openai, params.batch, place.store.root, None, params.max_usd)
    with Purse(place.store.root, None) as purse:
        asker = batches.BatchAsker(provider, params.batch, place.store, purse)
        listed = sorted(asker.folder.glob("*.json"))
        monkeypatch.setattr(Path, "glob", lambda *_: iter(listed))
        state.unlink()
        caplog.clear()
        assert asker._take_over() == [] and not caplog.records


def test_a_batch_with_another_server_is_left_alone(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        _kill_at(patch, "after sending")
        with pytest.raises(Killed):
            place.annotate(provider="openai-batch")
    (state,) = (place.store.root / BATCHES).glob("*.json")
    state.write_text(state.read_text().replace(place.server.url, "http://127.0.0.1:9/v1"))
    params = place.params(provider="openai-batch")
    provider = OpenAIBatch(params.openai, params.batch, place.store.root, None, params.max_usd)
    with Purse(place.store.root, None) as purse:
        assert batches.BatchAsker(provider, params.batch, place.store, purse)._take_over() == []
        assert purse.balance().reserved > 0
    assert state.exists()

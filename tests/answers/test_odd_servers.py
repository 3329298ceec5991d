"""Servers that are odd in one way: what they cannot do is learnt once, a wrong address costs next to nothing, and
what was paid for is read."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cubiseg.answers.complaints import is_unknown, page_of, remedy_of, words_of
from cubiseg.answers.purse import Purse, losses_in, spent_in
from cubiseg.cli.annotate import annotate as command
from cubiseg.errors import CubisegError
from cubiseg.samples import Flag, read_manifest
from tests.answers.chat_server import ChatServer, Handler, answer_to, chat_server, is_greeting
from tests.answers.test_openai import EACH, PICTURES, FakeClock, Workplace, clock

pytestmark = pytest.mark.slow

__all__ = ["clock"]

Body = dict[str, Any]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: FakeClock) -> Iterator[Workplace]:
    monkeypatch.setenv("CUBISEG_SHEETS", str(tmp_path / "sheets"))
    monkeypatch.setenv("CUBISEG_CONCURRENCY", "1")
    with chat_server() as server:
        found = Workplace(tmp_path, server)
        (found.store.root / "servers.json").unlink()  # nothing is known of the server
        yield found


def pictures_sent(server: ChatServer) -> int:
    return sum(not is_greeting(body) for body in server.bodies)


def sending(content: bytes, kind: str) -> Callable[[Handler, Body], None]:
    def behave(handler: Handler, body: Body) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return behave


WRONG = {
    "a web page": (b"<!doctype html><title>Welcome</title><p>Hello", "text/html", "web page .'Welcome"),
    "a login page": (b"<html><body>Please log in</body></html>", "text/html", "login page .*base_url"),
    "a stream": (b'data: {"choices": []}\n\n', "text/event-stream", "stream of events .*one piece"),
    "other JSON": (b'{"status": "running"}', "application/json", "JSON without a completion .*base_url"),
    "nothing": (b"", "", "an empty body .*base_url"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_address_gets_no_picture_and_costs_next_to_nothing(place: Workplace, what: str) -> None:
    content, kind, said = WRONG[what]
    place.server.always = sending(content, kind)
    with pytest.raises(CubisegError, match=said) as stopped:
        place.annotate()
    assert "\n" not in str(stopped.value)
    assert pictures_sent(place.server) == 0
    assert len(place.server.bodies) <= 2
    assert spent_in(place.store.root) < 0.1


def test_a_server_that_was_good_once_and_is_a_page_now_stops_after_three(place: Workplace) -> None:
    place.annotate()
    place.server.always = sending(b"<html>Please log in</html>", "text/html")
    before = len(place.server.bodies)
    with pytest.raises(CubisegError, match=r"login page .* 3 times in a row"):
        place.annotate(regions=41)
    assert len(place.server.bodies) - before == 3


def test_a_server_is_greeted_once_with_a_few_words(place: Workplace) -> None:
    assert place.annotate()["answered"] == PICTURES
    assert [is_greeting(body) for body in place.server.bodies] == [True] + [False] * PICTURES
    assert spent_in(place.store.root) == pytest.approx((PICTURES + 1) * EACH)
    place.annotate(regions=41)
    assert len(place.server.bodies) == 2 * PICTURES + 1


def test_a_batch_goes_to_no_wrong_address(place: Workplace) -> None:
    place.server.always = "page"
    with pytest.raises(CubisegError, match="login page"):
        place.annotate(provider="openai-batch")
    assert place.server.files == {}


def test_what_may_have_been_billed_is_listed_and_released_by_a_person(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.server.always = sending(b"<html>Please log in</html>", "text/html")
    with pytest.raises(CubisegError):
        place.annotate()
    lost = spent_in(place.store.root)
    assert lost > 0
    monkeypatch.setenv("CUBISEG_RESPONSES", str(place.store.root))
    listed = CliRunner().invoke(command, ["failures"])
    assert "login page" in listed.output
    assert f"${lost:.4f}" in listed.output
    assert CliRunner().invoke(command, ["settle"]).exit_code == 2  # a person has to say it
    assert spent_in(place.store.root) == lost
    assert CliRunner().invoke(command, ["settle", "--unbilled"]).exit_code == 0
    assert spent_in(place.store.root) == 0
    assert losses_in(place.store.root) == []
    with Purse(place.store.root, None) as purse:
        rows = purse._ledger.execute("SELECT cost FROM unbilled").fetchall()
    assert sum(cost for (cost,) in rows) == round(lost * 1e9)


def refusing(wrong: Callable[[Body], str | None], status: int = 400) -> Callable[[Handler, Body], None]:
    def behave(handler: Handler, body: Body) -> None:
        said = wrong(body)
        if said is None:
            handler.good(body)
        else:
            handler.reply(status, {"error": {"message": said, "type": "invalid_request_error"}})

    return behave


def images(body: Body) -> list[Body]:
    return [p["image_url"] for p in body["messages"][0]["content"] if p["type"] == "image_url"]


NOT_TAKEN: dict[str, Callable[[Body], str | None]] = {
    "temperature": lambda b: (
        "Unsupported value: 'temperature' does not support 0.0 with this model." if "temperature" in b else None
    ),
    "detail": lambda b: (
        "Unknown parameter: 'messages[0].content[2].image_url.detail'."
        if any("detail" in i for i in images(b))
        else None
    ),
    "additionalProperties": lambda b: (
        "Invalid JSON payload received. Unknown name \"additionalProperties\": Cannot find field."
        if "additionalProperties" in json.dumps(b.get("response_format", {}))
        else None
    ),
}  # fmt: skip


@pytest.mark.parametrize(("word", "status"), [*((word, 400) for word in NOT_TAKEN), ("additionalProperties", 502)])
def test_what_a_server_does_not_take_is_left_out_after_one_refusal(place: Workplace, word: str, status: int) -> None:
    place.server.always = refusing(NOT_TAKEN[word], status)
    assert place.annotate()["answered"] == PICTURES
    assert len(place.server.bodies) == 1 + PICTURES + 1
    keys = {r.key for r in place.store.records()}
    for record in list(place.store.records()):
        place.store.set_aside(record)
    place.annotate()
    assert len(place.server.bodies) == 1 + 2 * PICTURES + 1  # it is remembered
    assert {r.key for r in place.store.records()} == keys


def test_both_the_cap_and_the_temperature_are_learnt(place: Workplace) -> None:
    place.server.always = refusing(
        lambda b: "Unsupported parameter: 'max_tokens'" if "max_tokens" in b else NOT_TAKEN["temperature"](b)
    )
    assert place.annotate()["answered"] == PICTURES
    assert len(place.server.bodies) == 1 + PICTURES + 2


CONCERNS_ALL = {
    "context": ("This model's maximum context length is 4096 tokens, you requested 7920.", "annotate.regions"),
    "cap": ("max_tokens is too large: 3000. This model supports at most 512 completion tokens.", "max_output_tokens"),
    "pictures": ("At most 1 image(s) may be provided in one request.", "limit-mm-per-prompt"),
    "blind": ("eye-1 is not a multimodal model", "does not look at pictures"),
    "caps": ("Unsupported parameter: 'max_tokens', 'max_completion_tokens'", "token_field"),
}  # fmt: skip


@pytest.mark.parametrize("what", CONCERNS_ALL)
def test_what_every_request_would_meet_stops_at_once_with_its_remedy(place: Workplace, what: str) -> None:
    said, remedy = CONCERNS_ALL[what]
    place.server.always = refusing(lambda b: said if images(b) else None)
    with pytest.raises(CubisegError, match=remedy) as stopped:
        place.annotate()
    assert pictures_sent(place.server) <= 2
    assert "\n" not in str(stopped.value)
    assert place.outcomes() == []


def test_the_last_few_pictures_refused_end_the_stage_with_an_error(place: Workplace) -> None:
    place.annotate()
    place.store.set_aside(next(place.store.records()))
    shutil.rmtree(place.root / "responses")
    place.server.always = lambda handler, body: handler.reply(400, {"error": {"message": "no", "code": None}})
    with pytest.raises(CubisegError, match=r"the 1 requests left, sent once \(400: no\)"):
        place.annotate()
    assert place.annotate()["failed"] == 1  # it is on the list, and holds nothing up


def test_two_pictures_refused_and_none_answered_end_the_stage_with_an_error(place: Workplace) -> None:
    place.server.behave = [lambda handler, body: handler.good(body)]
    place.server.always = lambda handler, body: handler.reply(400, {"error": "no"})
    with pytest.raises(CubisegError, match="no answer to any request, each sent once"):
        place.annotate()
    assert place.outcomes() == []


def test_a_proxy_is_quoted(place: Workplace) -> None:
    place.server.always = lambda handler, body: handler.reply(502, b"<html><title>Bad upstream</title></html>")
    with pytest.raises(CubisegError, match="answers 502: Bad upstream"):
        place.annotate(openai={"attempts": 2})


def as_thoughts(key: str) -> Callable[[Handler, Body], None]:
    return lambda handler, body: handler.good(body, text="", **{key: answer_to(body)})


DRESSES: dict[str, Callable[[Handler, Body], None]] = {
    "in reasoning_content": as_thoughts("reasoning_content"),
    "in reasoning": as_thoughts("reasoning"),
    "under a key": lambda handler, body: handler.good(body, text=f'{{"result": {answer_to(body)}}}'),
    "in a list": lambda handler, body: handler.good(body, text=f"[{answer_to(body)}]"),
    "after the end of a draft": lambda handler, body: handler.good(body, text=f"{draft()}</think>{answer_to(body)}"),
    "after a draft": lambda handler, body: handler.good(body, text=f"<thinking>{draft()}</thinking>{answer_to(body)}"),
}


def draft() -> str:
    return json.dumps({"hair": list(range(1, 41)), "face": [], "mouth": []})


@pytest.mark.parametrize("dress", DRESSES)
def test_an_answer_that_was_paid_for_is_read_in_whatever_dress(place: Workplace, dress: str) -> None:
    place.server.always = DRESSES[dress]
    assert place.annotate()["answered"] == PICTURES
    for path in (place.root / "annotated" / "answers").iterdir():
        assert sum(v["name"] == "hair" for v in json.loads(path.read_text())["votes"]) < 9


def test_thoughts_in_words_are_no_answer_and_the_list_says_so(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.server.behave = [
        lambda handler, body: handler.good(body),
        lambda handler, body: handler.good(body, text="", reasoning_content="Perhaps hair {1}", finish="length"),
    ]
    assert place.annotate()["malformed"] == 1
    monkeypatch.setenv("CUBISEG_RESPONSES", str(place.store.root))
    assert "the model thought and gave no answer" in CliRunner().invoke(command, ["failures"]).output


def test_many_useless_answers_in_a_row_stop_before_more_is_paid(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cubiseg.answers.asking._NO_USE", 3)
    place.server.always = lambda handler, body: (
        handler.good(body) if is_greeting(body) else handler.good(body, text="{" + " " * 99, finish="length")
    )
    with pytest.raises(CubisegError, match=r"first 3 answers are of no use .*max_output_tokens"):
        place.annotate()
    assert pictures_sent(place.server) == 3
    assert place.outcomes() == ["malformed"] * 3


@pytest.mark.parametrize("tokens", [(0, 0), (0, 100), (1000, 0)])
def test_an_answer_for_no_tokens_counts_as_the_most_that_it_can_cost(
    place: Workplace, caplog: pytest.LogCaptureFixture, tokens: tuple[int, int]
) -> None:
    place.server.tokens = tokens
    place.annotate()
    assert spent_in(place.store.root) > PICTURES * 3000 * 10 / 1e6
    assert caplog.text.count("does not say how many tokens") == 1


def renumbered(change: Callable[[int], int | None]) -> Callable[[Handler, Body], None]:
    def behave(handler: Handler, body: Body) -> None:
        if is_greeting(body):
            return handler.good(body)
        lists = {c: [m for n in v if (m := change(n)) is not None] for c, v in json.loads(answer_to(body)).items()}
        return handler.good(body, text=json.dumps(lists))

    return behave


def test_regions_counted_from_nought_are_moved_where_that_is_certain_and_no_answer_where_not(place: Workplace) -> None:
    place.annotate(out="right")
    for record in list(place.store.records()):
        place.store.set_aside(record)
    place.server.always = renumbered(lambda n: n - 1)
    assert place.annotate(out="moved")["answered"] == PICTURES
    for path in (place.root / "right" / "answers").iterdir():
        assert (place.root / "moved" / "answers" / path.name).read_bytes() == path.read_bytes()
    place.server.always = renumbered(lambda n: None if n == 20 else n - 1)
    assert place.annotate(regions=41)["malformed"] == PICTURES


def test_an_answer_that_names_few_regions_is_partial_at_once(place: Workplace) -> None:
    place.server.always = renumbered(lambda n: n if n in (1, 2, 20) else None)
    assert place.annotate()["answered"] == PICTURES
    assert all(Flag.PARTIAL in s.flags for s in read_manifest(place.root / "annotated"))


def test_complaints_are_told_apart() -> None:
    assert is_unknown("Unsupported parameter: 'temperature'", "temperature")
    assert not is_unknown("see the detail of this unsupported request", "detail")
    assert remedy_of("the picture is broken") is None
    assert remedy_of("image dimensions are not supported") is None
    assert "encoding" in str(remedy_of("Unsupported image format: webp"))
    assert "does not look" in str(remedy_of("image input is not supported - hint: you may need the mmproj"))
    assert words_of('{"detail": [{"loc": ["body"], "msg": "field required"}]}') == "field required"
    assert words_of('[{"error": {"message": "no"}}]') == "no"
    assert words_of("<html><title>Bad gateway</title></html>") == "Bad gateway"
    assert page_of("", "").what == "an empty body"

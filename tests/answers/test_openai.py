"""Whatever a server does, nothing paid for is lost or paid twice, and the stage says in one line what happened."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from cubiseg.annotation.params import AnnotateParams
from cubiseg.annotation.stage import annotate
from cubiseg.answers.asking import let_ask_again
from cubiseg.answers.purse import Purse, spent_in
from cubiseg.answers.server import Server
from cubiseg.answers.store import Record, ResponseStore, Slot
from cubiseg.answers.throttle import RealClock, Throttle
from cubiseg.errors import CubisegError
from cubiseg.samples import Flag, read_manifest, write_manifest
from tests.answers.chat_server import INPUT, OUTPUT, ChatServer, Handler, answer_to, chat_server
from tests.conftest import ROOT
from tests.tiny import bytes_of, params, write_prepared

pytestmark = pytest.mark.slow

PRICE = {"input": 2.5, "output": 10}
EACH = (INPUT * 2.5 + OUTPUT * 10) / 1e6
PICTURES = 4


def remember(root: Path, url: str) -> None:
    """Let a store know a server already, so that it is not greeted."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "servers.json").write_text(json.dumps({f"{url} eye-1": {"speaks": True}}))


class Workplace:
    """Unlabelled pictures, a server, and what the stage makes of both."""

    def __init__(self, root: Path, server: ChatServer) -> None:
        self.root = root
        self.server = server
        samples = write_prepared(root / "prepared", PICTURES)
        unlabelled = {"label": None, "label_method": None, "label_version": None}
        write_manifest(root / "prepared", [s.model_copy(update=unlabelled) for s in samples])
        self.store = ResponseStore(root / "store")
        remember(self.store.root, server.url)

    def params(self, **changes: Any) -> AnnotateParams:
        block = params("annotate")
        block |= {"provider": "openai", "regions": 40, "second_pass": False, "max_usd": 5.0}
        block["openai"] |= {"base_url": self.server.url, "model": "eye-1", "prices": {"eye-1": PRICE}, "timeout": 60}
        block["openai"] |= changes.pop("openai", {})
        block["batch"] |= {"poll": 0.01, **changes.pop("batch", {})}
        return AnnotateParams.model_validate({**block, **changes})

    def annotate(self, out: str = "annotated", **changes: Any) -> dict[str, Any]:
        return annotate(
            self.params(**changes),
            self.root / "prepared",
            ROOT / "cubiseg" / "codebook.yaml",
            self.root / out,
            self.root / "responses",
            self.store,
            self.root / "regions",
        ).as_json()

    def annotate_twice_at_once(self, **changes: Any) -> list[dict[str, Any]]:
        """Two runs beside each other, into the folders ``one`` and ``two``."""
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(lambda out: self.annotate(out, **changes), ("one", "two")))

    def outcomes(self) -> list[str]:
        return sorted(str(r.response.outcome) for r in self.store.records())


class FakeClock:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []
        self.lock = threading.Lock()

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self.lock:
            self.slept.append(seconds)
            self.now += seconds

    def wake(self) -> None:
        """Nobody really waits."""


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    fake = FakeClock()
    monkeypatch.setattr("cubiseg.answers.asking.RealClock", lambda: fake)
    monkeypatch.setattr("cubiseg.answers.batches.RealClock", lambda: fake)
    return fake


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: FakeClock) -> Iterator[Workplace]:
    monkeypatch.setenv("CUBISEG_SHEETS", str(tmp_path / "sheets"))
    monkeypatch.setenv("CUBISEG_CONCURRENCY", "2")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-key-0123456789")
    with chat_server() as server:
        yield Workplace(tmp_path, server)


def test_pictures_become_label_answers_with_a_bill(place: Workplace, caplog: pytest.LogCaptureFixture) -> None:
    metrics = place.annotate(second_pass=True)
    assert metrics["unlabelled"] == metrics["answered"] == PICTURES
    assert place.server.billed == metrics["questions"] == len(place.server.bodies)
    assert PICTURES < metrics["questions"] <= 2 * PICTURES
    assert metrics["cost_usd"] == pytest.approx(place.server.billed * EACH)
    assert spent_in(place.store.root) == pytest.approx(place.server.billed * EACH)
    rows = read_manifest(place.root / "annotated")
    assert all(r.label_method == "llm" and str(r.label_version).startswith("openai/contact-sheet-") for r in rows)
    assert f"${metrics['cost_usd']:.4f} spent" in caplog.text


def test_a_question_holds_prompt_schema_cap_and_pictures(place: Workplace) -> None:
    place.annotate()
    body = place.server.bodies[0]
    text, *rest = body["messages"][0]["content"]
    assert "eye_left" in text["text"]
    assert body["response_format"]["json_schema"]["strict"] is True
    assert (body["max_tokens"], body["temperature"], body["model"]) == (3000, 0.0, "eye-1")
    titles = [p["text"] for p in rest if p["type"] == "text"]
    pictures = [p["image_url"] for p in rest if p["type"] == "image_url"]
    assert titles == ["picture:", "numbered:", "regions 1 to 40:"]
    assert all(p["url"].startswith("data:image/jpeg;base64,/9j/") and p["detail"] == "high" for p in pictures)


def test_what_is_stored_is_not_asked_again(place: Workplace) -> None:
    first = place.annotate(second_pass=True)
    seen, files = len(place.server.bodies), bytes_of(place.root / "annotated")
    assert place.annotate(second_pass=True) == first
    assert (
        place.annotate(second_pass=True, openai={"base_url": "http://127.0.0.1:9/v1", "timeout": 7, "attempts": 2})
        == first
    )
    assert len(place.server.bodies) == seen
    assert bytes_of(place.root / "annotated") == files


@pytest.mark.parametrize(
    ("fault", "billed"),
    [("hang", 1), ("dribble", 1), ("flood", 1), ("reset", 1), ("half", 1), ("html", 0), ("page", 1)],
)
def test_a_fault_of_the_moment_is_tried_again(place: Workplace, fault: str, billed: int) -> None:
    place.server.behave = [fault]
    metrics = place.annotate(openai={"timeout": 4 if fault in ("hang", "dribble") else 60, "attempts": 3})
    assert metrics["answered"] == PICTURES
    assert len(place.server.bodies) == PICTURES + 1
    with Purse(place.store.root, 5.0) as purse:
        balance = purse.balance()
    assert balance.settled == PICTURES
    assert balance.losses == billed
    assert balance.spent >= PICTURES * EACH
    assert balance.reserved == 0
    assert sorted(r.response.attempts for r in place.store.records()) == [1] * (PICTURES - 1) + [2]


def test_a_server_that_is_busy_is_left_alone_for_as_long_as_it_wants(place: Workplace, clock: FakeClock) -> None:
    place.server.behave = ["busy"]
    place.annotate()
    assert max(clock.slept) > 299
    assert place.outcomes() == ["ok"] * PICTURES
    assert spent_in(place.store.root) == pytest.approx(PICTURES * EACH)


@pytest.mark.parametrize(("fault", "said"), [("no_key", "OPENAI_API_KEY"), ("quota", "quota is used up")])
def test_what_no_attempt_can_mend_stops_at_once_in_one_line(place: Workplace, fault: str, said: str) -> None:
    place.server.always = fault
    with pytest.raises(CubisegError, match=said) as stopped:
        place.annotate()
    assert len(place.server.bodies) <= 2
    assert "\n" not in str(stopped.value)
    assert "sk-secret" not in str(stopped.value)
    assert place.outcomes() == []
    assert spent_in(place.store.root) == 0
    place.server.always = None
    assert place.annotate()["answered"] == PICTURES


def test_a_stop_wakes_those_that_wait(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cubiseg.answers.asking.RealClock", RealClock)

    def busy(handler: Handler, body: dict[str, Any]) -> None:
        while len(place.server.bodies) < 2:  # the other request is under way too
            time.sleep(0.01)
        handler._busy(body)

    def no_key(handler: Handler, body: dict[str, Any]) -> None:
        time.sleep(1)  # by now the first one waits
        handler._no_key(body)

    place.server.behave, place.server.always = [busy], no_key
    started = time.monotonic()
    with pytest.raises(CubisegError, match="OPENAI_API_KEY"):
        place.annotate()
    assert time.monotonic() - started < 100  # not the 300 s that it was asked to wait


def test_a_server_that_is_gone_stops_the_stage_and_leaves_nothing_behind(place: Workplace) -> None:
    place.server.always = "html"
    with pytest.raises(CubisegError, match="no answer to any request"):
        place.annotate(openai={"attempts": 2})
    assert place.outcomes() == []
    place.server.always = None
    assert place.annotate()["answered"] == PICTURES


def test_one_request_that_always_fails_ends_on_the_list_of_failures(place: Workplace) -> None:
    place.annotate(hide_labels=0)
    bad = place.server.bodies[0]["messages"]
    for record in list(place.store.records()):
        place.store.set_aside(record)

    def picky(handler: Handler, body: dict[str, Any]) -> None:
        handler._html(body) if body["messages"] == bad else handler.good(body)

    place.server.always = picky
    metrics = place.annotate(openai={"attempts": 2})
    assert (metrics["answered"], metrics["failed"]) == (PICTURES - 1, 1)
    assert place.outcomes() == ["failed"] + ["ok"] * (PICTURES - 1)
    seen = len(place.server.bodies)
    place.annotate(openai={"attempts": 2})
    assert len(place.server.bodies) == seen
    let_ask_again(place.store, [r for r in place.store.records() if r.response.outcome == "failed"])
    with pytest.raises(CubisegError, match="no answer to the 1 requests left, sent twice"):
        place.annotate(openai={"attempts": 2})
    assert len(place.server.bodies) == seen + 2
    assert place.annotate(openai={"attempts": 2})["failed"] == 1  # it holds nothing up
    assert len(place.server.bodies) == seen + 2


REFUSALS = {
    "in words": {"text": "I'm sorry, but I can't help with that."},
    "in its field": {"refusal": "I will not."},
    "by a filter": {"text": "", "finish": "content_filter"},
}


@pytest.mark.parametrize("how", REFUSALS)
def test_a_refusal_is_paid_kept_and_flagged(place: Workplace, how: str) -> None:
    place.server.behave = [lambda handler, body: handler.good(body, **REFUSALS[how])]
    metrics = place.annotate()
    assert (metrics["refused"], metrics["answered"]) == (1, PICTURES - 1)
    assert place.outcomes() == ["ok"] * (PICTURES - 1) + ["refused"]
    assert sum(Flag.REFUSED in s.flags for s in read_manifest(place.root / "annotated")) == 1
    assert spent_in(place.store.root) == pytest.approx(PICTURES * EACH)


def test_a_policy_refusal_costs_nothing_and_is_not_repeated(place: Workplace) -> None:
    place.server.behave = ["policy"]
    assert place.annotate()["refused"] == 1
    assert len(place.server.bodies) == PICTURES
    assert spent_in(place.store.root) == pytest.approx((PICTURES - 1) * EACH)


def spoilt(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    text = answer_to(body)
    lists = json.loads(text)
    match kind:
        case "prose around it":
            return {"text": f"Sure! Here are the names:\n```json\n{text}\n```\nHope it helps."}
        case "cut at the cap":
            return {"text": text[: len(text) * 2 // 3], "finish": "length"}
        case "unknown numbers":
            return {"text": json.dumps({**lists, "hair": [*lists["hair"], 999, -3]})}
        case "numbers left out":
            return {"text": json.dumps({**lists, "hair": []})}
        case "numbers twice":
            return {"text": json.dumps({**lists, "face": [*lists["face"], *lists["hair"]]})}
        case "another language":
            return {"text": json.dumps({{"hair": "髪", "face": "脸"}.get(k, k): v for k, v in lists.items()})}
        case "numbers as words":
            return {"text": json.dumps({k: [f"#{n}" for n in v] for k, v in lists.items()})}
        case "thoughts first":
            return {"text": f"<think>Region 1 is {{hair}} I think</think>{text}"}
    raise AssertionError(kind)


@pytest.mark.parametrize(
    "kind",
    ["prose around it", "cut at the cap", "unknown numbers", "numbers left out", "numbers twice", "another language",
     "numbers as words", "thoughts first"],
)  # fmt: skip
def test_a_careless_answer_is_used_as_far_as_it_goes(place: Workplace, kind: str) -> None:
    place.server.always = lambda handler, body: handler.good(body, **spoilt(kind, body))
    metrics = place.annotate()
    assert metrics["answered"] == PICTURES
    assert metrics["unnamed_share"] < 0.5
    flagged = sum(Flag.PARTIAL in s.flags for s in read_manifest(place.root / "annotated"))
    assert flagged == (PICTURES if kind == "cut at the cap" else 0)


@pytest.mark.parametrize(
    "text", ["", "   \n" * 5000, "{}", "[1, 2]", "hair: 1", '{"hair": [900, 901]}', "{" * 5000, "\ud800"]
)
def test_an_answer_that_names_nothing_is_kept_paid_and_not_asked_again(place: Workplace, text: str) -> None:
    place.server.behave = [lambda handler, body: handler.good(body, text=text)]
    metrics = place.annotate()
    assert (metrics["malformed"], metrics["answered"]) == (1, PICTURES - 1)
    assert place.outcomes() == ["malformed"] + ["ok"] * (PICTURES - 1)
    place.annotate()
    assert len(place.server.bodies) == PICTURES
    assert spent_in(place.store.root) == pytest.approx(PICTURES * EACH)


def without(*words: str) -> Any:
    """A server that does not know some fields."""

    def behave(handler: Handler, body: dict[str, Any]) -> None:
        form = body.get("response_format", {}).get("type", "text")
        unknown = [w for w in words if w in body or w == form]
        if unknown:
            handler.reply(400, {"error": {"message": f"Unsupported: '{unknown[0]}'", "type": "invalid_request_error"}})
        else:
            handler.good(body)

    return behave


@pytest.mark.parametrize(
    ("missing", "form", "field"),
    [
        (("json_schema",), "json_object", "max_tokens"),
        (("json_schema", "json_object"), "text", "max_tokens"),
        (("max_tokens",), "json_schema", "max_completion_tokens"),
        (("max_tokens", "json_schema"), "json_object", "max_completion_tokens"),
    ],
)
def test_what_a_server_cannot_do_is_found_out_once(
    place: Workplace, monkeypatch: pytest.MonkeyPatch, missing: tuple[str, ...], form: str, field: str
) -> None:
    monkeypatch.setenv("CUBISEG_CONCURRENCY", "1")
    place.server.always = without(*missing)
    assert place.annotate()["answered"] == PICTURES
    assert len(place.server.bodies) == PICTURES + len(missing)
    assert {r.response.form for r in place.store.records()} == {form}
    assert field in place.server.bodies[-1]
    for record in list(place.store.records()):
        place.store.set_aside(record)
    place.annotate()
    assert len(place.server.bodies) == 2 * PICTURES + len(missing)


def test_the_cap_holds_and_the_stage_goes_on_when_it_is_raised(place: Workplace) -> None:
    cap = 2.5 * EACH
    with pytest.raises(CubisegError, match=r"raise it and run again") as stopped:
        place.annotate(max_usd=cap, openai={"max_output_tokens": 64})
    assert "\n" not in str(stopped.value)
    assert place.server.billed * EACH <= cap
    assert spent_in(place.store.root) <= cap
    kept = place.server.billed
    assert place.annotate(openai={"max_output_tokens": 64})["answered"] == PICTURES
    assert place.server.billed == PICTURES
    assert kept < PICTURES


def test_nothing_may_be_spent_where_the_cap_is_zero(place: Workplace) -> None:
    with pytest.raises(CubisegError, match=r"annotate\.max_usd = 0"):
        place.annotate(max_usd=0)
    assert place.server.bodies == []


def test_a_cap_needs_a_price(place: Workplace) -> None:
    with pytest.raises(CubisegError, match="no price is known"):
        place.annotate(openai={"prices": {}})
    assert place.annotate(openai={"prices": {}}, max_usd=None)["cost_usd"] == 0


def test_a_full_disk_stops_before_anything_is_sent(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full)
    with pytest.raises(CubisegError, match="No space left"):
        place.annotate()
    assert place.server.bodies == []


def test_two_runs_at_once_pay_once(place: Workplace) -> None:
    place.server.delay = 0.2
    one, two = place.annotate_twice_at_once()
    assert place.server.billed == PICTURES
    assert one == two
    assert bytes_of(place.root / "one") == bytes_of(place.root / "two")


def test_an_answer_that_cannot_even_be_read_is_kept(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("cubiseg.annotation.protocols.regions.find_object", broken)
        with pytest.raises(ZeroDivisionError):
            place.annotate()
    paid = place.server.billed
    assert place.outcomes() == ["ok"] * paid
    assert spent_in(place.store.root) == pytest.approx(paid * EACH)
    assert place.annotate()["answered"] == PICTURES
    assert place.server.billed == PICTURES


def test_a_disk_that_fills_meanwhile_keeps_the_answer_without_its_raw_body(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Slot._write

    def full(self: Slot, record: Record) -> None:
        if record.response.raw is not None:
            raise OSError(28, "No space left on device")
        write(self, record)

    monkeypatch.setattr(Slot, "_write", full)
    assert place.annotate()["answered"] == PICTURES
    assert [r.response.raw for r in place.store.records()] == [None] * PICTURES


def test_the_key_is_written_nowhere(place: Workplace) -> None:
    place.server.behave = [
        lambda handler, body: handler.reply(400, {"error": {"message": f"bad {handler.headers['Authorization']}"}})
    ]
    place.annotate()
    assert place.server.headers[0]["authorization"] == "Bearer sk-secret-key-0123456789"
    for name, content in bytes_of(place.root).items():
        assert b"sk-secret" not in content, name


@pytest.mark.parametrize(
    ("url", "key", "said"),
    [
        ("https://example.com/v1", "", "wants a key"),
        ("http://example.com/v1", "k", "unencrypted"),
        ("ftp://example.com", "k", "http or https"),
        ("https://user:pass@example.com/v1", "k", "without user"),
    ],
)
def test_an_address_that_would_leak_is_refused(
    place: Workplace, monkeypatch: pytest.MonkeyPatch, url: str, key: str, said: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(CubisegError, match=said):
        place.annotate(openai={"base_url": url})


def test_votes_are_asked_for_one_by_one_and_added_up(place: Workplace) -> None:
    assert place.annotate(votes=3)["questions"] == 3 * PICTURES
    assert place.server.billed == 3 * PICTURES


def test_teammates_get_the_answers_with_the_shared_folder(place: Workplace) -> None:
    place.annotate()
    seen = len(place.server.bodies)
    place.store = ResponseStore(place.root / "another machine")
    assert place.annotate(out="elsewhere")["answered"] == PICTURES
    assert len(place.server.bodies) == seen
    assert bytes_of(place.root / "elsewhere") == bytes_of(place.root / "annotated")
    assert spent_in(place.store.root) == 0


def test_a_line_names_the_host_before_pictures_leave_the_machine(
    place: Workplace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    make = Server.__init__

    def far(self: Server, *arguments: Any) -> None:
        make(self, *arguments)
        self.away = True

    monkeypatch.setattr(Server, "__init__", far)
    place.annotate()
    assert f"warning: {PICTURES} pictures are sent to 127.0.0.1" in caplog.text


def test_no_more_requests_are_under_way_than_are_allowed(place: Workplace) -> None:
    place.server.delay = 0.1
    place.annotate(votes=3)
    assert place.server.most <= 2


def test_replay_reads_what_was_paid_for_and_asks_nobody(place: Workplace) -> None:
    place.annotate()
    seen = len(place.server.bodies)
    assert place.annotate(provider="replay", out="replayed")["answered"] == PICTURES
    answers = bytes_of(place.root / "annotated" / "answers")
    assert bytes_of(place.root / "replayed" / "answers") == answers
    assert len(place.server.bodies) == seen
    with pytest.raises(CubisegError, match="has no stored answer of eye-1"):
        place.annotate(provider="replay", regions=41)


def test_concurrency_falls_when_the_server_complains_and_recovers() -> None:
    clock = FakeClock()
    throttle = Throttle(16, clock)
    clock.now = 1.0
    throttle.overloaded(0.5)
    assert throttle.limit == 8
    throttle.overloaded(0.7)  # was sent before the halving
    assert throttle.limit == 8
    clock.now = 2.0
    throttle.overloaded(1.5)
    assert throttle.limit == 4
    for _ in range(200):
        throttle.answered()
    assert throttle.limit == 16


def test_a_pause_is_for_everybody() -> None:
    clock = FakeClock()
    throttle = Throttle(4, clock)
    throttle.pause(300)
    throttle.pause(10)
    with throttle.turn():
        assert clock.now == 300

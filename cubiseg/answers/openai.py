"""Provider ``openai``: any OpenAI-compatible server (OpenAI, vLLM, Ollama, llama.cpp, OpenRouter).

The client's own retries are off, and answers are read by hand: its parser throws a malformed answer away, and with it
what the answer cost.
"""

import contextlib
import functools
import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from cubiseg import settings
from cubiseg.answers import chat
from cubiseg.answers.asking import Asker
from cubiseg.answers.base import AnyAsker, Transient, Unusable
from cubiseg.answers.complaints import is_about_context, is_complaint, page_of, remedy_of, words_of
from cubiseg.answers.images import images_of
from cubiseg.answers.params import ChatParams
from cubiseg.answers.prices import Tariff
from cubiseg.answers.purse import Purse
from cubiseg.answers.requests import Outcome, Request, Response
from cubiseg.answers.server import CLOSED, Ability, Server
from cubiseg.answers.store import ResponseStore
from cubiseg.errors import CubisegError

log = logging.getLogger(__name__)

MOST_BODY = 8 * 2**20
"""Bytes of an answer that are read; a longer one is none."""

_CONNECT_SECONDS = 15.0
_FATAL = {
    401: "the key is not accepted; check {key}",
    402: "the account has no money left; top it up",
    403: "the key may not use this; check {key} and annotate.openai.model",
    404: "no such address or model; check annotate.openai.base_url and annotate.openai.model",
    405: "nothing can be asked at this address; check annotate.openai.base_url",
    407: "a proxy wants to know who you are; set it up, or go around it (NO_PROXY)",
    410: "the model or address is gone; check annotate.openai.base_url and annotate.openai.model",
}
_AGAIN = {408, 409, 425, 429}
_LATE = {502, 504, 524}
"""A gateway gave up waiting; behind it, the model may have answered."""

_GREETING = 'Are you there? Answer with JSON only: {"ready": true}'
_READY = {
    "type": "object",
    "properties": {"ready": {"type": "boolean"}},
    "required": ["ready"],
    "additionalProperties": False,
}

_POLICY = ("content_policy_violation", "content_filter", "safety", "moderation")


class OpenAI:
    """See the module.

    Args:
        params: server, model, decoding and form of pictures.
        root: folder of the response store, which remembers what servers can do.
        pictures: folder that keeps encoded pictures.
        max_usd: cap on what all answers in the store may cost together, US dollars; None for no cap.

    Raises:
        CubisegError: an address that cannot be used, or no price for the cap.
    """

    name = "openai"
    factor = 1.0
    """Share of the list price that an answer costs."""

    def __init__(self, params: ChatParams, root: Path, pictures: Path | None, max_usd: float | None) -> None:
        self.params = params
        self.pictures = pictures
        self.max_usd = max_usd
        self.price = chat.price_of(params, max_usd is not None)
        self.server = Server(params, root)
        self._client: Any = None
        self._answered = self._said = False

    @property
    def host(self) -> str:
        """The server's name, where it is far away."""
        return self.server.host if self.server.away else ""

    @property
    def tariff(self) -> Tariff:
        """List price of the model, or the user's own."""
        return Tariff(
            model=self.params.model,
            price=self.price,
            factor=self.factor,
            tokens=lambda request: chat.tokens_of(request, self._sent_params, self.price, self.pictures),
        )

    @property
    def draw(self) -> Callable[[Request], object] | None:
        """Encoded pictures are drawn into the cache."""
        if self.pictures is None:
            return None
        return functools.partial(images_of, encoding=self.params.encoding, cache=self.pictures)

    @property
    def _sent_params(self) -> ChatParams:
        """Params as requests are made of them."""
        return self.server.ability.params(self.params)

    def fingerprint(self, request: Request | None = None) -> Mapping[str, Any]:
        """Model, decoding and how pictures are sent."""
        return chat.fingerprint(self.params)

    def worst_cost(self, request: Request) -> float:
        """A token for each byte of the question, and the whole cap on the answer."""
        tokens = chat.tokens_of(request, self._sent_params, self.price, self.pictures, most=True)
        return self.price.cost(tokens.text + tokens.pictures, tokens.answer)

    def require_key(self) -> None:
        """Servers on the internet want a key."""
        self.server.require_key()

    @contextlib.contextmanager
    def asker(self, store: ResponseStore) -> Iterator[AnyAsker]:
        """One that pays out of the store's purse, and says in the end what was spent."""
        with Purse(store.root, self.max_usd) as purse:
            purse.recover(store.paid)
            asker = self.paying(store, purse)
            try:
                yield asker
            finally:
                balance = purse.balance()
                log.warning(
                    f"{store.root}: ${balance.spent:.4f} spent on {balance.settled} answers"
                    + (f", of that ${balance.lost:.4f} on {balance.losses} that never came" if balance.losses else "")
                    + ("" if self.max_usd is None else f"; the cap is ${self.max_usd:g}")
                )

    def paying(self, store: ResponseStore, purse: Purse) -> AnyAsker:
        """What puts requests and pays for them."""
        return Asker(self, store, purse, self.params.attempts, settings.CONCURRENCY.read())

    def connect(self) -> Any:
        """The client."""
        if self._client is None:
            import openai

            timeout = openai.Timeout(self.params.timeout, connect=_CONNECT_SECONDS)
            self._client = openai.OpenAI(
                api_key=self.server.key or "none", base_url=self.params.base_url, max_retries=0, timeout=timeout
            )
        return self._client

    def greeting(self) -> Request | None:
        """A line of text, asked for as answers will be, so that most of what the server cannot do is learnt by it."""
        if self.server.speaks:
            return None
        return Request(
            sample="",
            image=Path(),
            pixels="",
            prompt=_GREETING,
            protocol="greeting-1",
            schema=_READY,
            answer_tokens=10,
        )

    def greeted(self) -> None:
        """The server is remembered as one that answers."""
        self.server.spoke()

    def body(self, request: Request, able: Ability) -> dict[str, Any]:
        """The JSON body of a request, for a server of some ability."""
        closed = CLOSED not in able.without
        return chat.chat_body(request, able.params(self.params), able.form, able.field, self.pictures, closed)

    def annotate(self, request: Request) -> Response:
        """Send a request once; in a simpler form again where the server does not know the first one."""
        sent = 0
        while True:
            able = self.server.ability
            body = self.body(request, able)
            started = time.monotonic()
            sent += 1
            try:
                raw, kind = self._send(body, started)
            except Status as status:
                if is_complaint(status.code, status.text) and self.server.learn(words_of(status.text), able):
                    continue
                return self.failure(status, able.form).model_copy(update={"attempts": sent})
            break
        try:
            answer = json.loads(raw.removeprefix("\ufeff"))
        except (ValueError, RecursionError):
            answer = None
        error = answer.get("error") if isinstance(answer, dict) else None
        if error and not answer.get("choices"):  # as OpenRouter reports what went wrong behind it
            code = error.get("code") if isinstance(error, Mapping) else None
            said = Status(code if isinstance(code, int) else 500, json.dumps({"error": error}), None)
            return self.failure(said, able.form).model_copy(update={"attempts": sent})
        seconds = time.monotonic() - started
        worst = functools.partial(self.worst_cost, request)
        response = chat.read_completion(answer, raw, self.price, worst, able.form, seconds)
        if response is None:
            page = page_of(self.server.hidden(raw), kind)
            raise Unusable(page.what, page.remedy)
        self._answered = self._answered or request.sheets is not None
        self.note_usage(response)
        return response.model_copy(update={"attempts": sent})

    def note_usage(self, response: Response) -> None:
        """Say once that the server does not count tokens, where that matters."""
        if response.input_tokens == 0 and response.cost_usd > 0 and not self._said:
            self._said = True
            log.warning(
                f"{self.server.host} does not say how many tokens an answer took (usage is missing or 0): each counts "
                f"as the most that it can cost, ${response.cost_usd:.4f}"
            )

    def _send(self, body: dict[str, Any], started: float) -> tuple[str, str]:
        """The body of the answer, as received, and its content type.

        Raises:
            Status: the server answered with an error.
            Unusable: what comes is certainly no answer.
            Transient: there was no whole answer.
        """
        import httpx2
        import openai

        try:
            # As extra_body, since the client walks through all it is given by name, megabytes of pictures included.
            create = self.connect().chat.completions.with_streaming_response.create
            with create(model=body["model"], messages=[], extra_body=body) as answer:
                kind = str(answer.headers.get("content-type", ""))[:100].lower()
                if "event-stream" in kind:  # it may go on for ever
                    page = page_of("", kind)
                    raise Unusable(page.what, page.remedy)
                parts, size = [], 0
                for part in answer.iter_bytes():
                    parts.append(part)
                    size += len(part)
                    if size > MOST_BODY:
                        raise Transient(f"an answer of more than {MOST_BODY >> 20} MB", billed=True)
                    if time.monotonic() - started > self.params.timeout:
                        raise Transient(f"no whole answer in {self.params.timeout:g} s", billed=True)
                return b"".join(parts).decode("utf-8", "replace"), kind
        except openai.APIStatusError as error:
            raise Status(error.status_code, error.response.text[:4000], error.response.headers) from None
        except openai.APITimeoutError as error:
            sent = not isinstance(error.__cause__, httpx2.ConnectTimeout | httpx2.PoolTimeout)
            raise Transient(f"no answer in {self.params.timeout:g} s", billed=sent, unreached=not sent) from None
        except openai.APIConnectionError as error:
            cause = error.__cause__
            sent = not isinstance(cause, httpx2.ConnectError)
            said = self.server.hidden(f"no connection to {self.server.host}: {cause}")
            raise Transient(said, billed=sent, unreached=not sent) from None
        except httpx2.TimeoutException:
            raise Transient(f"no whole answer in {self.params.timeout:g} s", billed=True) from None
        except httpx2.HTTPError as error:
            raise Transient(self.server.hidden(f"the connection broke: {error}"), billed=True) from None

    def failure(self, status: "Status", form: chat.Form) -> Response:
        """What an error of the server means.

        Raises:
            Transient: another attempt may succeed.
            CubisegError: no request will.
        """
        said = self._said_by(status)
        if "insufficient_quota" in status.text:
            raise CubisegError(f"{self.server.host}: the account's quota is used up ({said}); raise it and run again")
        if status.code in _FATAL:
            what = _FATAL[status.code].format(key=self.params.key_variable)
            raise CubisegError(f"{self.server.host}: {what} ({status.code}: {said})")
        remedy = None if _is_policy(status) or not is_complaint(status.code, status.text) else remedy_of(said)
        # Where others were answered, only this question is too long.
        if remedy and not (self._answered and is_about_context(said)):
            raise CubisegError(f"{self.server.host}: {remedy} ({status.code}: {said})")
        if status.code in _AGAIN or status.code >= 500:
            raise Transient(
                f"{self.server.host} answers {status.code}" + (f": {said}" if said else ""),
                billed=status.code in _LATE,
                overload=status.code in (429, 503, 529),
                retry_after=_retry_after(status.headers),
            )
        return self.refused(status, form)

    def refused(self, status: "Status", form: chat.Form) -> Response:
        """The record of a request that the server would not take, whatever others meet."""
        refused = _is_policy(status)
        said = self._said_by(status)
        remedy = None if refused else remedy_of(said)
        return Response(
            outcome=Outcome.REFUSED if refused else Outcome.FAILED,
            text=f"{status.code}: {said}" + (f"; {remedy}" if remedy else ""),
            form=form,
            raw=self.server.hidden(status.text),
        )

    def _said_by(self, status: "Status") -> str:
        return self.server.hidden(words_of(status.text))[:300]


class Status(Exception):
    """An answer that is an error.

    Args:
        code: status of HTTP.
        text: body of the answer.
        headers: headers of the answer, in lower case.
    """

    def __init__(self, code: int, text: str, headers: Mapping[str, str] | None) -> None:
        super().__init__(code)
        self.code = code
        self.text = text
        self.headers = headers


def _is_policy(status: Status) -> bool:
    return any(word in status.text.lower() for word in _POLICY)


def _retry_after(headers: Mapping[str, str] | None) -> float | None:
    """Seconds that a server wants to be left alone (RFC 9110, 10.2.3: a number of seconds or a date)."""
    if headers is None:
        return None
    try:
        if "retry-after-ms" in headers:
            return max(0.0, float(headers["retry-after-ms"]) / 1000)
        value = headers.get("retry-after", "")
        return (
            max(0.0, float(value))
            if value.replace(".", "", 1).isdigit()
            else max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
        )
    except (ValueError, TypeError, OverflowError):
        return None

"""What OpenAI-compatible servers share: the body of a request to ``/chat/completions`` and how its answer is read."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from cubiseg.answers.images import EncodedImage, images_of
from cubiseg.answers.params import ChatParams
from cubiseg.answers.prices import Price, Tokens, most_text_tokens, price_list, text_tokens
from cubiseg.answers.requests import Outcome, Request, Response
from cubiseg.errors import CubisegError

VERSION = 1
"""Raised when the same request is put in other words."""

Form = Literal["json_schema", "json_object", "text"]
TokenField = Literal["max_completion_tokens", "max_tokens"]

FORMS: tuple[Form, ...] = ("json_schema", "json_object", "text")
"""Ways to ask for JSON, the strictest first."""

SCHEMA_NAME = "label_map"

_ALL_JSON = re.compile(r"\s*(```(json)?\s*)?[{\[]", re.IGNORECASE)


def fingerprint(params: ChatParams) -> dict[str, Any]:
    """What of the params shapes an answer.

    The server's address and what it can do are none of it: a model keeps its answers when it moves.
    """
    shaping = {"model", "detail", "encoding", "max_output_tokens", "temperature", "reasoning_effort"}
    return {"name": "chat", "version": VERSION, **params.model_dump(include=shaping)}


def chat_body(
    request: Request, params: ChatParams, form: Form, field: TokenField, cache: Path | None, closed: bool = True
) -> dict[str, Any]:
    """The JSON body of a request: text first, as servers charge less for a beginning that they know.

    Args:
        request: question to put.
        params: model, decoding and form of pictures.
        form: how JSON is asked for.
        field: name that the server has for the cap on the answer's tokens.
        cache: folder that keeps encoded pictures.
        closed: whether the server takes a schema that says that there are no other keys.
    """
    content: list[dict[str, Any]] = [{"type": "text", "text": request.prompt}]
    for picture in images_of(request, params.encoding, cache):
        data = base64.b64encode(picture.content).decode("ascii")
        url: dict[str, Any] = {"url": f"data:image/{picture.encoding};base64,{data}"}
        if params.detail != "none":
            url["detail"] = _detail(picture, params)
        content += [{"type": "text", "text": f"{picture.name}:"}, {"type": "image_url", "image_url": url}]
    body: dict[str, Any] = {
        "model": params.model,
        "messages": [{"role": "user", "content": content}],
        field: params.max_output_tokens,
    }
    if params.temperature is not None:
        body["temperature"] = params.temperature
    if params.reasoning_effort is not None:
        body["reasoning_effort"] = params.reasoning_effort
    if form == "json_schema" and request.schema is not None:
        shape = {k: v for k, v in request.schema.items() if closed or k != "additionalProperties"}
        schema = {"name": SCHEMA_NAME, "strict": closed, "schema": shape}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    elif form != "text":
        body["response_format"] = {"type": "json_object"}
    return body


def _detail(picture: EncodedImage, params: ChatParams) -> str:
    if params.detail == "none":  # the word is not sent, so that nothing is looked at coarsely
        return "none"
    return "low" if "low" in (picture.detail, params.detail) else params.detail


def tokens_of(request: Request, params: ChatParams, price: Price, cache: Path | None, most: bool = False) -> Tokens:
    """How many tokens a request takes, about, or at most."""
    count = most_text_tokens if most else text_tokens
    shown = images_of(request, params.encoding, cache)
    schema = json.dumps(request.schema) if request.schema is not None else ""
    return Tokens(
        text=count(request.prompt + schema + "".join(p.name for p in shown)),
        pictures=sum(price.picture.count(p.width, p.height, low=_detail(p, params) == "low") for p in shown),
        answer=params.max_output_tokens if most else min(request.answer_tokens, params.max_output_tokens),
    )


def price_of(params: ChatParams, capped: bool) -> Price:
    """Price of the model; nothing where none is known and there is no cap.

    Raises:
        CubisegError: there is a cap, and no price to hold it with.
    """
    price = price_list().find(params.model, params.prices)
    if price is None and capped:
        raise CubisegError(
            f"annotate.openai.model = {params.model!r}: no price is known, so annotate.max_usd cannot be held; set "
            f"annotate.openai.prices: {{{params.model}: {{input: 0, output: 0}}}} (US dollars per million tokens), or "
            "annotate.max_usd: null"
        )
    return price or Price(input=0, output=0)


def read_completion(
    body: Any,
    raw: str,
    price: Price,
    worst: Callable[[], float],
    form: Form,
    seconds: float | None = None,
    factor: float = 1.0,
) -> Response | None:
    """The answer in the body of a completion; None where there is none.

    Args:
        body: JSON of the body, decoded.
        raw: body as received.
        price: price of the model.
        worst: gives the cost where the server does not say what it counted, or counts nothing, US dollars.
        form: how JSON was asked for.
        seconds: how long it took.
        factor: share of the price that is asked, below 1 for a batch.
    """
    try:
        choice = body["choices"][0]
        message = choice["message"]
        text, refusal, finish = message.get("content"), message.get("refusal"), choice.get("finish_reason")
    except (KeyError, IndexError, TypeError, AttributeError):
        return None
    if isinstance(text, list):
        text = "".join(str(part.get("text", "")) for part in text if isinstance(part, Mapping))
    text = text or _answer_among_thoughts(message)
    usage = body.get("usage")
    given, made, cached = _usage(usage if isinstance(usage, Mapping) else {})
    # Nothing was read or written for no tokens at all.
    counted = bool(given) and made is not None and (made > 0 or not text)
    refused = refusal or finish == "content_filter"
    return Response(
        outcome=Outcome.REFUSED if refused else Outcome.OK,
        text=_writable(str(refusal or text or "")),
        input_tokens=given or 0 if counted else 0,
        output_tokens=made or 0 if counted else 0,
        cost_usd=factor * price.cost(given or 0, made or 0, cached) if counted else worst(),
        model=_word(body.get("model")),
        form=form,
        finish=_word(finish),
        seconds=None if seconds is None else round(seconds, 3),
        raw=raw,
    )


def _answer_among_thoughts(message: Mapping[str, Any]) -> str:
    """The answer where a server files it under what the model thought: nothing but JSON. Thoughts in words are none."""
    for key in ("reasoning_content", "reasoning"):
        said = message.get(key)
        if isinstance(said, str) and _ALL_JSON.match(said):
            return said
    return ""


def _usage(usage: Mapping[str, Any]) -> tuple[int | None, int | None, int]:
    details = usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, Mapping) else None
    return _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens")), _count(cached) or 0


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else None


def _word(value: Any) -> str | None:
    return _writable(value[:200]) if isinstance(value, str) else None


def _writable(text: str) -> str:
    """Without halves of surrogate pairs, which JSON can hold and UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")

"""Params of a server that answers, and of requests in bulk."""

from typing import Annotated, Literal

from pydantic import Field

from cubiseg.answers.images import Encoding
from cubiseg.answers.prices import Price
from cubiseg.params import Params


class ChatParams(Params):
    """An OpenAI-compatible server, its model, and how it is asked.

    Attributes:
        base_url: address that ``/chat/completions`` is appended to.
        model: name that the server has for it.
        key_variable: environment variable that holds the key.
        detail: how closely a server that knows the word looks at pictures; ``none`` leaves the word out.
        encoding: file format of pictures.
        max_output_tokens: cap on an answer.
        token_field: the server's name for that cap; ``auto`` finds it out.
        temperature: None leaves it to the server.
        reasoning_effort: None leaves it to the server.
        answer_format: how JSON is asked for; ``auto`` takes the strictest form that the server knows.
        timeout: seconds that one whole answer may take.
        attempts: how often a request is sent at most.
        prices: US dollars per million tokens by model, beside those of ``prices.yaml``.
    """

    base_url: str
    model: Annotated[str, Field(min_length=1, max_length=200)]
    key_variable: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
    detail: Literal["high", "low", "auto", "none"]
    encoding: Encoding
    max_output_tokens: Annotated[int, Field(ge=64, le=200_000)]
    token_field: Literal["auto", "max_tokens", "max_completion_tokens"]
    temperature: Annotated[float, Field(ge=0, le=2)] | None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high"] | None
    answer_format: Literal["auto", "json_schema", "json_object", "text"]
    timeout: Annotated[float, Field(gt=0, le=3600)]
    attempts: Annotated[int, Field(ge=1, le=20)]
    prices: dict[str, Price]


class BatchParams(Params):
    """How requests are bundled for the provider ``openai-batch``.

    Attributes:
        requests, megabytes: limits of one file.
        poll: seconds between two looks at a batch.
    """

    requests: Annotated[int, Field(ge=1, le=50_000)]
    megabytes: Annotated[float, Field(gt=0, le=200)]
    poll: Annotated[float, Field(gt=0, le=3600)]

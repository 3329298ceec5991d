"""What a provider is asked and what it answers."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from cubiseg.older_python import StrEnum
from cubiseg.sample_files import SampleFile


class Outcome(StrEnum):
    """How a request ended."""

    OK = "ok"
    REFUSED = "refused"
    MALFORMED = "malformed"
    FAILED = "failed"


class Malformed(Exception):
    """A raw text is no answer to the question; the message says why in a few words."""


@dataclass(frozen=True)
class Sheet:
    """A picture that goes with a question.

    Attributes:
        name: title that the prompt gives it.
        rgb: (H, W, 3) uint8, sRGB.
        detail: low where a server that knows the word may look at it coarsely, and charge less.
    """

    name: str
    rgb: np.ndarray
    detail: Literal["high", "low"] = "high"


@dataclass(frozen=True)
class Request:
    """A question about one picture.

    Attributes:
        sample: id of the sample.
        image: file of the picture.
        pixels: SHA-256 of the picture's decoded RGB.
        prompt: text that goes with the picture, all rules included.
        protocol: name and version of what wrote the prompt and reads the answer.
        truth: file with what is known already, for providers that only pretend; never sent anywhere.
        turn: 1 for the first question about this picture, 2 for the next.
        vote: 0 for the first time that this is asked, 1 for the second.
        shown: hash of what the sheets show, None where they show the picture alone.
        schema: JSON schema of the answer, None where the prompt alone says its form.
        answer_tokens: number of tokens that an answer takes, about.
        sheets: draws the pictures to send, None where text alone is sent.
        look: version of how the sheets are drawn; another one is never taken for it out of a cache.
        expected: writes the answer out of what is known, for providers in this process; its arguments are a matter
            between them and the protocol.
        check: raises :class:`Malformed` where a text is no answer to this.
    """

    sample: str
    image: SampleFile
    pixels: str
    prompt: str
    protocol: str
    truth: SampleFile | None = None
    turn: int = 1
    vote: int = 0
    shown: str | None = None
    schema: Mapping[str, Any] | None = None
    answer_tokens: int = 500
    sheets: Callable[[], tuple[Sheet, ...]] | None = field(default=None, compare=False)
    look: int = field(default=1, compare=False)
    expected: Callable[..., str] | None = field(default=None, compare=False)
    check: Callable[[str], object] | None = field(default=None, compare=False)


class Response(BaseModel):
    """What came back, exactly as received, with what it cost.

    Attributes:
        outcome: how the request ended.
        text: the answer; for ``refused`` and ``failed`` the reason.
        input_tokens, output_tokens: numbers of tokens that the server counted.
        cost_usd: cost in US dollars, at the prices of the day it was asked.
        model: name of the model that answered, in the server's words.
        form: how the form of the answer was asked for (``json_schema``, ``json_object`` or ``text``).
        finish: why the answer ended, in the server's words.
        attempts: how often it was sent.
        seconds: how long the last attempt took.
        raw: body as received.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    outcome: Outcome
    text: str
    input_tokens: int = Field(0, ge=0)
    output_tokens: int = Field(0, ge=0)
    cost_usd: float = Field(0.0, ge=0, allow_inf_nan=False)
    model: str | None = None
    form: str | None = None
    finish: str | None = None
    attempts: int = Field(1, ge=1)
    seconds: float | None = None
    raw: str | None = None


def digest(facts: Mapping[str, Any]) -> str:
    """SHA-256 of plain facts, independent of the order of their keys."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=True, allow_nan=False).encode()).hexdigest()


def request_key(request: Request, fingerprint: Mapping[str, Any]) -> str:
    """Identity of a request: a hash of all that shapes its answer.

    Args:
        request: question; its picture, prompt, protocol, schema, what its sheets show and the number of the vote
            count, the sample's id and file name do not.
        fingerprint: facts that the provider adds: its name, version and params, and whatever else changes its
            answer.
    """
    facts: dict[str, Any] = {
        "pixels": request.pixels,
        "prompt": request.prompt,
        "protocol": request.protocol,
        "schema": dict(request.schema) if request.schema is not None else None,
        "vote": request.vote,
        "provider": dict(fingerprint),
    }
    if request.shown is not None:
        facts |= {"shown": request.shown, "turn": request.turn}
    return digest(facts)

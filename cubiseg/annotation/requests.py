"""What a provider is asked and what it answers."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field


class Outcome(StrEnum):
    """How a request ended."""

    OK = "ok"
    REFUSED = "refused"
    MALFORMED = "malformed"
    FAILED = "failed"


@dataclass(frozen=True)
class Sheet:
    """A picture that goes with a question.

    Attributes:
        name: what the prompt calls it.
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
        image: the picture's file.
        pixels: SHA-256 of its decoded RGB.
        prompt: the text that goes with it, codebook included.
        protocol: name and version of the protocol that wrote the prompt and reads the answer.
        truth: known label map, for providers that only pretend; never sent anywhere.
        turn: 1 for the first question about this picture, 2 for the next.
        vote: 0 for the first time that this is asked, 1 for the second.
        shown: hash of what the sheets show (regions and their numbers), None where only the picture is shown.
        schema: JSON schema of the answer, None where the prompt alone says its form.
        answer_tokens: about how many tokens an answer takes.
        sheets: draws the pictures to send, None where the picture itself is sent.
        numbers: (H, W) int32, the number drawn on each pixel's region, 0 where none; for providers that only pretend
            or that label pixels.
        check: raises :class:`cubiseg.annotation.protocols.base.Malformed` where a text is no answer to this.
    """

    sample: str
    image: Path
    pixels: str
    prompt: str
    protocol: str
    truth: Path | None = None
    turn: int = 1
    vote: int = 0
    shown: str | None = None
    schema: Mapping[str, Any] | None = None
    answer_tokens: int = 500
    sheets: Callable[[], tuple[Sheet, ...]] | None = field(default=None, compare=False)
    numbers: np.ndarray | None = field(default=None, compare=False)
    check: Callable[[str], object] | None = field(default=None, compare=False)


class Response(BaseModel):
    """What came back, exactly as received, with what it cost.

    Attributes:
        outcome: how the request ended.
        text: the answer; for ``refused`` and ``failed`` the reason.
        input_tokens, output_tokens: as the server counted them.
        cost_usd: at the prices of the day it was asked.
        model: what the server says that answered.
        form: how the form of the answer was asked for (``json_schema``, ``json_object`` or ``text``).
        finish: why the answer ended, in the server's words.
        attempts: how often it was sent.
        seconds: how long the last attempt took.
        raw: the body as received.
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
        request: picture, prompt (with the codebook), protocol, schema, what sheets show and the number of the vote
            count; the sample's id and file name do not.
        fingerprint: what the provider adds: its name, version and params, and whatever else changes its answer.
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

"""What a provider is asked and what it answers."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field


class Outcome(StrEnum):
    """How a request ended."""

    OK = "ok"
    REFUSED = "refused"
    MALFORMED = "malformed"


@dataclass(frozen=True)
class Sheet:
    """A picture that goes with a question.

    Attributes:
        name: what the prompt calls it.
        rgb: (H, W, 3) uint8, sRGB.
    """

    name: str
    rgb: np.ndarray


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
        shown: hash of what the sheets show (regions and their numbers), None where only the picture is shown.
        schema: JSON schema of the answer, None where the prompt alone says its form.
        sheets: draws the pictures to send, None where the picture itself is sent.
        numbers: (H, W) int32, the number drawn on each pixel's region, 0 where none; for providers that only pretend.
    """

    sample: str
    image: Path
    pixels: str
    prompt: str
    protocol: str
    truth: Path | None = None
    turn: int = 1
    shown: str | None = None
    schema: Mapping[str, Any] | None = None
    sheets: Callable[[], tuple[Sheet, ...]] | None = field(default=None, compare=False)
    numbers: np.ndarray | None = field(default=None, compare=False)


class Response(BaseModel):
    """What came back, exactly as received, with what it cost."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    outcome: Outcome
    text: str
    input_tokens: int = Field(0, ge=0)
    output_tokens: int = Field(0, ge=0)
    cost_usd: float = Field(0.0, ge=0, allow_inf_nan=False)
    seconds: float | None = None


def digest(facts: Mapping[str, Any]) -> str:
    """SHA-256 of plain facts, independent of the order of their keys."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=True, allow_nan=False).encode()).hexdigest()


def request_key(request: Request, fingerprint: Mapping[str, Any]) -> str:
    """Identity of a request: a hash of all that shapes its answer.

    Args:
        request: picture, prompt (with the codebook), protocol and what sheets show count; the sample's id and file
            name do not.
        fingerprint: what the provider adds: its name, version and params, and whatever else changes its answer.
    """
    facts: dict[str, Any] = {
        "pixels": request.pixels,
        "prompt": request.prompt,
        "protocol": request.protocol,
        "provider": dict(fingerprint),
    }
    if request.shown is not None:
        facts |= {"shown": request.shown, "turn": request.turn}
    return digest(facts)

"""What a provider is asked and what it answers."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Outcome(StrEnum):
    """How a request ended."""

    OK = "ok"
    REFUSED = "refused"
    MALFORMED = "malformed"


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
    """

    sample: str
    image: Path
    pixels: str
    prompt: str
    protocol: str
    truth: Path | None = None


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
        request: picture, prompt (with the codebook) and protocol count; the sample's id and file name do not.
        fingerprint: what the provider adds: its name, version and params, and whatever else changes its answer.
    """
    return digest(
        {
            "pixels": request.pixels,
            "prompt": request.prompt,
            "protocol": request.protocol,
            "provider": dict(fingerprint),
        }
    )

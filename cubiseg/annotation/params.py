"""Params of the annotate stage."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from cubiseg import taxonomy
from cubiseg.annotation.prices import Price
from cubiseg.annotation.sheets import Encoding
from cubiseg.params import Params
from cubiseg.regions.proposals import LEAST, MOST

Share = Annotated[float, Field(ge=0, le=1)]
Pixels = Annotated[float, Field(ge=0, le=50)]


class SimulatedParams(Params):
    """Errors that the simulated provider makes. Lengths are pixels of a 512x512 picture."""

    swap: Share
    omit: Share
    specks: float = Field(ge=0, le=500)
    ragged: Pixels
    shift: Pixels
    smaller: Share
    blend: Share
    tint: float = Field(ge=0, le=60)
    noise: Share
    jitter: Share
    refused: Share
    malformed: Share


class NamingErrors(Params):
    """Errors that the simulated provider makes when it names regions; each is a chance by region.

    Attributes:
        wrong: the region gets another class, drawn from the confusion matrix.
        omit: it is left out.
        twice: it is given to a second class too.
        doubt_wrong, doubt_right: a wrongly (rightly) named region is called unsure as well.
        confusion: rows that replace those of the built-in confusion matrix: by true class, weights of the others.
    """

    wrong: Share
    omit: Share
    twice: Share
    doubt_wrong: Share
    doubt_right: Share
    confusion: dict[str, dict[str, Annotated[float, Field(gt=0, allow_inf_nan=False)]]]

    @field_validator("confusion")
    @classmethod
    def _classes(cls, rows: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
        for name, row in rows.items():
            if not row or name in row or not {name, *row} <= set(taxonomy.NAMES):
                raise ValueError(f"a row names a class and weights of others; classes are {', '.join(taxonomy.NAMES)}")
        return rows


class ChatParams(Params):
    """An OpenAI-compatible server, its model, and how it is asked.

    Attributes:
        base_url: address that ``/chat/completions`` is appended to.
        model: as the server names it.
        key_variable: environment variable that holds the key.
        detail: how closely a server that knows the word looks at pictures; ``none`` leaves the word out.
        encoding: of pictures.
        max_output_tokens: cap on an answer.
        token_field: the server's name for that cap; ``auto`` finds it out.
        temperature: None leaves it to the server.
        reasoning_effort: None leaves it to the server.
        answer_format: how JSON is asked for; ``auto`` takes the strictest form that the server knows.
        timeout: seconds for one whole answer.
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
        requests, megabytes: most of one file.
        poll: seconds between two looks at a batch.
    """

    requests: Annotated[int, Field(ge=1, le=50_000)]
    megabytes: Annotated[float, Field(gt=0, le=200)]
    poll: Annotated[float, Field(gt=0, le=3600)]


class AnnotateParams(Params):
    """Who is asked, how, and about what."""

    provider: str
    protocol: str
    hide_labels: Share
    seed: int = Field(ge=0, lt=2**63)
    guide: Literal["position", "model"]
    regions: int = Field(ge=LEAST, le=MOST)
    second_pass: bool
    votes: int = Field(ge=1, le=9)
    max_usd: Annotated[float, Field(ge=0, le=1_000_000)] | None
    openai: ChatParams
    batch: BatchParams
    min_gold_miou: Share
    simulated: SimulatedParams
    simulated_names: NamingErrors

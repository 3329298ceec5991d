"""Params of the annotate stage."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from cubiseg import taxonomy
from cubiseg.answers.params import BatchParams, ChatParams
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
        wrong: chance that the region gets another class, drawn from the confusion matrix.
        omit: chance that it is left out.
        twice: chance that it is given to a second class too.
        doubt_wrong, doubt_right: chance that a wrongly (rightly) named region is called unsure as well.
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
    examples: Annotated[tuple[str, ...], Field(max_length=8)] = ()
    max_usd: Annotated[float, Field(ge=0, le=1_000_000)] | None
    openai: ChatParams
    batch: BatchParams
    min_gold_miou: Share
    simulated: SimulatedParams
    simulated_names: NamingErrors

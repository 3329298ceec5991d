"""Params of the annotate stage."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
Pixels = Annotated[float, Field(ge=0, le=50)]


class SimulatedParams(BaseModel):
    """Errors that the simulated provider makes. Lengths are pixels of a 512x512 picture."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    swap: Share
    omit: Share
    specks: float = Field(ge=0, le=500)
    ragged: Pixels
    shift: Pixels
    smaller: Share
    blend: Share
    tint: float = Field(ge=0, le=60)
    noise: Share
    refused: Share
    malformed: Share


class AnnotateParams(BaseModel):
    """Who is asked, how, and about what."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    provider: str
    protocol: str
    hide_labels: Share
    seed: int = Field(ge=0, lt=2**63)
    simulated: SimulatedParams

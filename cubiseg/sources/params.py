"""Params of the stage prepare."""

from typing import Literal

from pydantic import Field, field_validator

from cubiseg.params import Params
from cubiseg.sources.hygiene import HygieneParams
from cubiseg.sources.references import ReferencesParams
from cubiseg.sources.synthetic import SyntheticParams


class PrepareParams(Params):
    """The block ``prepare`` of ``params.yaml``.

    Attributes:
        sources: where pictures come from, in the order in which they are taken.
        seed: seed of everything that is drawn.
        synthetic, references: what each source needs to know.
        hygiene: how pictures that somebody brings are judged, and which flags leave them out.
    """

    sources: tuple[Literal["synthetic", "references"], ...] = Field(min_length=1)
    seed: int = Field(ge=0, lt=2**63)
    synthetic: SyntheticParams
    references: ReferencesParams
    hygiene: HygieneParams = HygieneParams()

    @field_validator("sources")
    @classmethod
    def _once(cls, sources: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(sources)) != len(sources):
            raise ValueError("a source is listed twice")
        return sources

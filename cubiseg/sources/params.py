"""Params of the stage prepare."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from cubiseg.params import Params
from cubiseg.sources.hygiene import HygieneParams
from cubiseg.sources.layered_psd import LayeredPsdParams
from cubiseg.sources.live2d.source import Live2dParams
from cubiseg.sources.references import ReferencesParams
from cubiseg.sources.synthetic import SyntheticParams


class PrepareParams(Params):
    """The block ``prepare`` of ``params.yaml``.

    Attributes:
        sources: where pictures come from, in the order in which they are taken.
        seed: seed of everything that is drawn.
        shares: by source, its share of all pictures, above 0 and below 1; those without one bring what their own
            params say, and the others share the pictures out over what lies in their folders.
        synthetic, references, layered_psd, live2d: what each source needs to know.
        hygiene: how pictures that somebody brings are judged, and which flags leave them out.
    """

    sources: tuple[Literal["synthetic", "references", "layered_psd", "live2d"], ...] = Field(min_length=1)
    seed: int = Field(ge=0, lt=2**63)
    shares: dict[Literal["layered_psd", "live2d"], Annotated[float, Field(gt=0, lt=1)]] = Field(default_factory=dict)
    synthetic: SyntheticParams
    references: ReferencesParams
    layered_psd: LayeredPsdParams = Field(default_factory=LayeredPsdParams)
    live2d: Live2dParams = Field(default_factory=Live2dParams)
    hygiene: HygieneParams = HygieneParams()

    @field_validator("sources")
    @classmethod
    def _once(cls, sources: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(sources)) != len(sources):
            raise ValueError("a source is listed twice")
        return sources

    @model_validator(mode="after")
    def _some_without_a_share(self) -> "PrepareParams":
        if missing := set(self.shares) - set(self.sources):
            raise ValueError(f"shares: {', '.join(sorted(missing))} is not among the sources")
        if self.shares and (set(self.shares) == set(self.sources) or sum(self.shares.values()) >= 1):
            raise ValueError("shares: leave a part to a source that has none, as synthetic; their sum is below 1")
        return self

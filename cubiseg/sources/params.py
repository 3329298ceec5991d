"""Params of the stage prepare."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from cubiseg.params import Params
from cubiseg.portraits import MAX_SIZE, MIN_SIZE
from cubiseg.samples import Flag

FLAGS = (
    Flag.NO_FACE,
    Flag.SEVERAL_PEOPLE,
    Flag.DUPLICATE,
    Flag.NEAR_DUPLICATE,
    Flag.BARS,
    Flag.GREYSCALE,
    Flag.TEXT,
    Flag.SMALL,
    Flag.BLURRED,
)
"""Those that prepare gives."""


class SyntheticParams(Params):
    """What the source ``synthetic`` draws.

    Attributes:
        count: number of pictures.
        size: side of a picture in px.
        pictures_per_character: pictures that share a character and so a group.
        layers: number of first pictures whose layers are packed too, one OpenRaster file a picture.
        parts: whether label maps tell parts instead of classes, and layers are parts.
        shares: by axis and kind, factors on how often the kind is drawn: 0 never, 1 as usual. The stage checks them.
    """

    count: int = Field(360, ge=1)
    size: int = Field(512, ge=MIN_SIZE, le=MAX_SIZE)
    pictures_per_character: int = Field(2, ge=1)
    layers: int = Field(0, ge=0)
    parts: bool = False
    shares: dict[str, dict[str, float]] = Field(default_factory=dict)


class BroughtParams(Params):
    """Params of every source whose pictures somebody brings.

    Attributes:
        licence, rating: where the source's ``samples.csv`` names none.
    """

    licence: str = Field("unknown", min_length=1)
    rating: str = Field("general", min_length=1)


class ReferencesParams(BroughtParams):
    """Params of the user's own pictures.

    Attributes:
        near_duplicate_bits: bits in which the hashes of two copies differ at most.
    """

    near_duplicate_bits: int = Field(6, ge=0, le=20)


class LayeredParams(BroughtParams):
    """Params of every source that reads figures made of complete layers.

    Attributes:
        most_unknown: share of a figure of unknown part, 0..1, above which it is not shown whole.
        layers: of the first so many pictures, all layers are kept.
    """

    most_unknown: float = Field(0.2, ge=0, le=1)
    layers: int = Field(0, ge=0)


class LayeredPsdParams(LayeredParams):
    """Params of the source ``layered_psd``, which leaves a PSD out where too much of it is unknown.

    Attributes:
        views: pictures of each PSD.
        size: longer side of a picture in px at most; a smaller PSD keeps its size.
    """

    views: int = Field(4, ge=1, le=1000)
    size: int = Field(768, ge=64, le=2048)


class Live2dParams(LayeredParams):
    """Params of the source ``live2d``, which shows a model's head alone where too much of the rest is unknown.

    Attributes:
        views: pictures of each model.
        size: side of a picture in px.
    """

    views: int = Field(24, ge=1, le=100_000)
    size: int = Field(512, ge=64, le=2048)


class HygieneParams(Params):
    """How pictures that somebody brings are judged.

    Attributes:
        faces: who looks for faces and heads: nobody, or a model.
        bars: what becomes of bars along the sides: said, or cut off.
        min_side: px of the drawing's shorter side under which it is ``small``.
        leave_out: flags that keep a picture out.
    """

    faces: Literal["none", "model"] = "none"
    bars: Literal["flag", "crop"] = "flag"
    min_side: int = Field(256, ge=1, le=8192)
    leave_out: tuple[Flag, ...] = ()

    @field_validator("leave_out")
    @classmethod
    def _given_here(cls, flags: tuple[Flag, ...]) -> tuple[Flag, ...]:
        if strange := [flag for flag in flags if flag not in FLAGS]:
            raise ValueError(f"{strange[0]} is not found by prepare; it finds {', '.join(FLAGS)}")
        return flags

    @model_validator(mode="after")
    def _looked_for(self) -> "HygieneParams":
        by_model = [flag for flag in (Flag.NO_FACE, Flag.SEVERAL_PEOPLE) if flag in self.leave_out]
        if by_model and self.faces == "none":
            raise ValueError(f"leave_out: {by_model[0]} is found with faces: model alone")
        return self


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

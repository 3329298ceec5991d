"""The block ``segmentation.anime_advanced``, and CubiAI's config with it."""

from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    create_model,
    model_serializer,
    model_validator,
)

from cubiseg.cubiai.host import unfit
from cubiseg.layers.params import PartName
from cubiseg.params import Params

BACKEND = "anime-advanced"
"""Value of ``segmentation.backend``, and name of the entry of ``models.assets`` that is looked for."""


class Settings(Params):
    """The block ``segmentation.anime_advanced`` of CubiAI's config. Every value is plain JSON.

    Attributes:
        model: model file, ``.onnx`` or TorchScript ``.pt``. None takes the entry ``anime-advanced`` of CubiAI's
            ``models.assets``, else the first of ``models/anime_advanced_seg.onnx`` and ``.pt``, else what
            :func:`cubiseg.inference.model_file.find_model` finds.
        level: whether layers are by class, or by part where the model tells parts.
        low_confidence: mean confidence over the foreground, 0..1, below which there is a warning.
        fallback: CubiAI's backends that take over, in this order, for a picture without a face.
        split: classes and parts whose connected pieces become layers of their own.
        soft_edges: whether edges are mattes with decontaminated colours instead of hard masks.
        extension: reach of the painting beneath what covers a part, as a share of the square root of its own area.
        fill: what paints beneath what covers a part: ``learnt`` (the completion model), ``smooth`` or ``none``; None
            takes the completion model where it is found.
    """

    model: str | None = None
    level: Literal["class", "part"] = "class"
    low_confidence: float = Field(default=0.6, ge=0, le=1)
    fallback: list[str] = Field(default=["sam-hq-local", "slic"])
    split: list[PartName] = Field(default=[])
    soft_edges: bool = True
    extension: float = Field(default=0.25, ge=0, le=2)
    fill: Literal["learnt", "smooth", "none"] | None = None


class _WithBackend(BaseModel):
    """What CubiAI's ``SegmentationSettings`` gets in addition."""

    anime_advanced: Annotated[Settings, BeforeValidator(lambda given: {} if given is None else given)] = Settings()

    @model_serializer(mode="wrap")
    def _as_before(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """With another backend, what CubiAI writes of its settings is what it always wrote."""
        values: dict[str, Any] = handler(self)
        if values.get("backend") != BACKEND:
            values.pop("anime_advanced", None)
        return values

    @model_validator(mode="after")
    def _known(self) -> "_WithBackend":
        known = [name for name in get_args(type(self).model_fields["backend"].annotation) if name != BACKEND]
        for name in self.anime_advanced.fallback:
            if name not in known:
                raise ValueError(f"anime_advanced.fallback: CubiAI has no backend {name!r}, but {', '.join(known)}")
        return self


class Adapted:
    """Marks a config class that :func:`adapted` has made."""


def adapted(own: Any) -> type[BaseModel]:
    """A class of CubiAI's whole config whose ``segmentation`` also takes our backend and its block.

    Args:
        own: CubiAI's class, ``AppConfig``.

    Raises:
        CubisegError: it has not the fields that are needed.
    """
    settings = _field(own, "AppConfig", "segmentation").annotation
    backend = _field(settings, "SegmentationSettings", "backend")
    if get_origin(backend.annotation) is not Literal:
        raise unfit("list of backends in SegmentationSettings.backend")
    names: Any = Literal.__getitem__((*get_args(backend.annotation), BACKEND))
    extended: Any = create_model(
        settings.__name__,
        __base__=(_WithBackend, settings),
        __module__=settings.__module__,
        backend=(names, backend.default),
    )
    return create_model(
        own.__name__,
        __base__=(own, Adapted),
        __module__=own.__module__,
        segmentation=(extended, Field(default_factory=extended)),
    )


def _field(model: Any, name: str, key: str) -> Any:
    if not (isinstance(model, type) and issubclass(model, BaseModel) and key in model.model_fields):
        raise unfit(f"field {name}.{key}")
    return model.model_fields[key]

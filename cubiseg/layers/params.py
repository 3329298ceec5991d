"""How layers are cut and written."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from cubiseg import taxonomy

PROFILES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "cubiai": {c.name: c.layer for c in taxonomy.CLASSES},
        "flat": {c.name: c.name for c in taxonomy.CLASSES},
    }
)
"""Layer name by class name: ``cubiai`` as CubiAI names its parts, ``flat`` as the taxonomy names its classes."""


def _known(name: str) -> str:
    if name not in PROFILES:
        raise ValueError(f"unknown profile {name!r}; known are {', '.join(PROFILES)}")
    return name


class IntegrateParams(BaseModel):
    """The block ``integrate`` of the params.

    Attributes:
        profile: how layers are named, a key of :data:`PROFILES`.
        full_canvas: whether each PNG has the picture's size instead of a placed crop.
        extension: how far a part is painted on beneath what covers it, as a share of the square root of its own area;
            0 paints nothing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    profile: Annotated[str, AfterValidator(_known)] = "cubiai"
    full_canvas: bool = False
    extension: float = Field(default=0.25, ge=0, le=2)

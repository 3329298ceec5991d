"""How layers are cut and written."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from cubiseg.layers.profiles import PROFILES
from cubiseg.params import Params


def _known(name: str) -> str:
    if name not in PROFILES:
        raise ValueError(f"unknown profile {name!r}; known are {', '.join(PROFILES)}")
    return name


class LayerParams(Params):
    """How one picture is cut and its layers are written.

    Attributes:
        profile: naming and grouping of the layers, a key of :data:`cubiseg.layers.profiles.PROFILES`.
        soft_edges: whether edges are mattes with decontaminated colours instead of hard masks.
        split: classes whose connected pieces become layers of their own.
        full_canvas: whether each PNG has the picture's size instead of a placed crop.
        extension: reach of the painting beneath what covers a part, as a share of the square root of its own area;
            0 paints nothing.
        background: whether the layer behind the figure is kept, hidden in the PSD, or dropped.
    """

    profile: Annotated[str, AfterValidator(_known)] = "cubiai"
    soft_edges: bool = True
    split: tuple[Literal["accessories", "clothes"], ...] = ()
    full_canvas: bool = False
    extension: float = Field(default=0.25, ge=0, le=2)
    background: Literal["keep", "hide", "drop"] = "keep"

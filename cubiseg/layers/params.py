"""How layers are cut and written."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from cubiseg import taxonomy
from cubiseg.layers.beneath import FillName
from cubiseg.layers.profiles import PROFILES
from cubiseg.params import Params


def _known(name: str) -> str:
    if name not in PROFILES:
        raise ValueError(f"unknown profile {name!r}; known are {', '.join(PROFILES)}")
    return name


def _of_taxonomy(name: str) -> str:
    if name not in taxonomy.PART_ID:
        raise ValueError(f"{name!r} is no class or part; known are {', '.join(taxonomy.PART_ID)}")
    return name


PartName = Annotated[str, AfterValidator(_of_taxonomy)]
"""Name of a class or part of the taxonomy."""


class LayerParams(Params):
    """How one picture is cut and its layers are written.

    Attributes:
        profile: naming and grouping of the layers, a key of :data:`cubiseg.layers.profiles.PROFILES`.
        level: whether layers are by part, where the model tells parts, or by class.
        soft_edges: whether edges are mattes with decontaminated colours instead of hard masks.
        split: classes and parts whose connected pieces become layers of their own; a class stands for its parts too.
        full_canvas: whether each PNG has the picture's size instead of a placed crop.
        extension: reach of the painting beneath what covers a part, as a share of the square root of its own area;
            0 paints nothing.
        fill: what paints beneath what covers a part: a learnt completion, its shapes with LaMa's colours, the part's
            own colours smoothly extended, or nothing; None takes the completion where its file is there.
        invented: whether a mask of what is painted on is written beside each PNG.
        background: whether the layer behind the figure is kept, hidden in the PSD, or dropped; None leaves it to the
            profile.
    """

    profile: Annotated[str, AfterValidator(_known)] = "cubiai"
    level: Literal["class", "part"] = "part"
    soft_edges: bool = True
    split: tuple[PartName, ...] = ()
    full_canvas: bool = False
    extension: float = Field(default=0.25, ge=0, le=2)
    fill: FillName | None = None
    invented: bool = False
    background: Literal["keep", "hide", "drop"] | None = None

    @property
    def backdrop(self) -> Literal["keep", "hide", "drop"]:
        """What becomes of the layer behind the figure."""
        return self.background or PROFILES[self.profile].background

"""Params of the clean stage."""

from typing import Annotated

from pydantic import Field, field_validator

from cubiseg import taxonomy
from cubiseg.params import Params

Area = Annotated[float, Field(ge=0, le=512 * 512)]

MOST_CONFUSED = 0.9
"""Share of a class's names that may be wrong: where more are, a name says nothing."""


class Switches(Params):
    """Which rules run; their order is that of :data:`cubiseg.cleaning.rules.RULES`, ``potts`` before them all."""

    potts: bool
    unknown: bool
    snap: bool
    islands: bool
    sides: bool
    one_per_side: bool
    anatomy: bool
    holes: bool
    ink: bool
    outlines: bool


class CleanParams(Params):
    """Lengths and areas are pixels of a 512x512 picture; others are scaled."""

    keep_given: bool
    colour_distance: float = Field(ge=0, le=442)
    colour_margin: float = Field(ge=0, le=442)
    rules: Switches
    required_accuracy: Annotated[float, Field(ge=0, lt=1)] | None = None
    name_error: float = Field(gt=0, lt=0.9)
    confusion: dict[str, dict[str, Annotated[float, Field(gt=0, le=MOST_CONFUSED)]]] = Field(default_factory=dict)
    likeness: float = Field(ge=0, le=10)
    smoothness: float = Field(ge=0, le=20)
    place: float = Field(ge=0, le=5)
    seen: float = Field(ge=0, le=5)
    least_probability: float = Field(ge=0, le=1)
    low_confidence: float = Field(ge=0, le=1)
    ink_width: float = Field(ge=0, le=20)
    snap_reach: float = Field(ge=0, le=20)
    unknown_reach: float = Field(ge=0, le=512)
    min_area: dict[str, Area]
    join: float = Field(ge=0, le=5)
    hole_area: Area
    outline_radius: float = Field(ge=0, le=20)

    @field_validator("min_area")
    @classmethod
    def _every_class(cls, areas: dict[str, float]) -> dict[str, float]:
        if set(areas) != set(taxonomy.NAMES):
            raise ValueError(f"must name each class once: {', '.join(taxonomy.NAMES)}")
        return areas

    @field_validator("confusion")
    @classmethod
    def _rows(cls, rows: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
        for name, row in rows.items():
            if name in row or not {name, *row} <= set(taxonomy.NAMES) or sum(row.values()) > MOST_CONFUSED:
                raise ValueError(
                    f"a row names a class and shares of others, at most {MOST_CONFUSED:g} in all; classes are "
                    f"{', '.join(taxonomy.NAMES)}"
                )
        return rows

    def shaping(self) -> str:
        """What of it shapes label maps, as JSON. What is off is left out: maps keep the version that they have."""
        off = {"required_accuracy"} | (set() if self.confusion else {"confusion"})
        return self.model_dump_json(exclude=off)

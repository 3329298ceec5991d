"""Parameters of the evaluate stage."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class EvaluateParams(BaseModel):
    """The block ``evaluate`` of ``params.yaml``.

    Attributes:
        sheet_pictures: test pictures on the sheet: the worst, the best, and evenly between.
        seed: of the bootstrap intervals.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    sheet_pictures: Annotated[int, Field(ge=1, le=32)] = 8
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0

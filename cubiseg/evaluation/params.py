"""Parameters of the evaluate stage."""

from typing import Annotated

from pydantic import Field

from cubiseg.params import Params


class EvaluateParams(Params):
    """The block ``evaluate`` of ``params.yaml``.

    Attributes:
        sheet_pictures: test pictures on the sheet: the worst, the best, and evenly between.
        seed: seed of the bootstrap intervals.
    """

    sheet_pictures: Annotated[int, Field(ge=1, le=32)] = 8
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0

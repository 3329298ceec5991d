"""Parameters of the export stage."""

from typing import Annotated

from pydantic import Field

from cubiseg.params import Params


class ExportParams(Params):
    """The block ``export`` of ``params.yaml``.

    Attributes:
        parity_inputs: inputs of each size on which the exported files are compared with the checkpoint.
        seed: seed of those inputs.
    """

    parity_inputs: Annotated[int, Field(ge=1, le=64)] = 4
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0

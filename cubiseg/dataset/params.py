"""Params of the stage split."""

from pydantic import ConfigDict, Field, model_validator

from cubiseg.packing import Packing


class SplitParams(Packing):
    """The block ``split`` of ``params.yaml``.

    Attributes:
        pack: how the files of samples lie in this stage's folder and in those of the stages before it.
        val, test: shares of the groups; the rest trains.
        seed: seed of who goes where.
    """

    model_config = ConfigDict(extra="forbid")

    val: float = Field(gt=0, lt=1)
    test: float = Field(gt=0, lt=1)
    seed: int = Field(ge=0, lt=2**63)

    @model_validator(mode="after")
    def _leave_some(self) -> "SplitParams":
        if self.val + self.test >= 1:
            raise ValueError("val and test together must leave something to train on (sum below 1)")
        return self

"""The block of the stage integrate."""

from typing import Literal

from cubiseg.layers import LayerParams


class IntegrateParams(LayerParams):
    """The block ``integrate`` of the params: how each illustration is cut and its layers are written.

    Attributes:
        fill: what paints beneath what covers a part; always said, so that a file that happens to be there or not
            changes nothing.
    """

    fill: Literal["learnt", "smooth", "none"] = "smooth"

"""The block of the stage integrate."""

from cubiseg.layers import LayerParams


class IntegrateParams(LayerParams):
    """The block ``integrate`` of the params: how each illustration is cut and its layers are written."""

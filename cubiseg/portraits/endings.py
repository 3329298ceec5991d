"""Figures that end in a straight cut above the picture's lower edge, as half figures do that were drawn no further."""

from collections.abc import Sequence

import numpy as np

from cubiseg.portraits.compose import DrawnLayer
from cubiseg.portraits.scene import Pose
from cubiseg.portraits.shadows import stands
from cubiseg.portraits.surface import silhouette


def cut_row(figure: Sequence[DrawnLayer], pose: Pose) -> int | None:
    """The first row below a half figure; None for a figure that is whole or goes on to the picture's lower edge.

    No head without a chest and no figure on a seat is cut.
    """
    row = round(len(figure[0].rgba) * pose.end)
    if pose.end == 1.0 or pose.stance in ("sitting", "kneeling") or row < pose.y + 2.4 * pose.scale:
        return None
    return None if stands(silhouette(figure)) else row


def cut(figure: Sequence[DrawnLayer], row: int) -> list[DrawnLayer]:
    """The figure's layers without what lies from ``row`` down."""

    def above(a: np.ndarray) -> np.ndarray:
        a = a.copy()
        a[row:] = 0
        return a

    return [
        DrawnLayer(
            layer.name,
            above(layer.rgba),
            {part: above(share) for part, share in layer.parts.items()},
            {part: above(rgba) for part, rgba in layer.alone.items()},
        )
        for layer in figure
    ]

"""Pixels of a layer that nobody meant to draw: specks, and what an eraser left.

Automatic meshing puts triangles around each of them, and a layer reaches as far as its farthest.
"""

from dataclasses import dataclass

import numpy as np

from cubiseg.layers.dust import speck_numbers
from cubiseg.layers.pieces import numbered

FAINT = 8
"""Alpha up to which a piece that is nowhere more opaque counts as left over by an eraser."""
MOST = 100
"""Times a speck's area up to which it does: what is larger is meant, as a blush or a glow."""


@dataclass(frozen=True)
class Stray:
    """What a layer has of it.

    Attributes:
        specks, speck_pixels: detached pieces of a few pixels.
        faint: pixels of pieces that are nowhere more opaque than :data:`FAINT`.
    """

    specks: int
    speck_pixels: int
    faint: int

    def __str__(self) -> str:
        """In a few words; "" where there is none."""
        found = []
        if self.specks:
            found.append(f"{self.specks} detached {'speck' if self.specks == 1 else 'specks'}, {self.speck_pixels} px")
        if self.faint:
            found.append(f"{self.faint} px of alpha 1 to {FAINT}")
        return " and ".join(found)


def stray(alpha: np.ndarray, least: int) -> tuple[np.ndarray, Stray]:
    """Find them; corners join pixels.

    Args:
        alpha: (h, w) uint8, of the layer.
        least: area in pixels under which a piece is a speck (:func:`cubiseg.layers.dust.least_area`).

    Returns:
        (h, w) bool, which pixels they are, never all that are drawn, and their counts.
    """
    drawn = alpha > 0
    if not drawn.any():
        return drawn, Stray(0, 0, 0)
    pieces, areas = numbered(drawn)
    firm = np.zeros(len(areas), bool)
    firm[np.unique(pieces[alpha > FAINT])] = True
    firm[0] = False
    speck = speck_numbers(np.where(firm, areas, 0), least)[0] & firm
    faint = ~firm & (areas < MOST * least) & firm.any()
    faint[0] = False
    counts = Stray(int(speck.sum()), int(areas[speck].sum()), int(areas[faint].sum()))
    return (speck | faint)[pieces], counts

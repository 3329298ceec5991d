"""What may go wrong in an answer that is written out of a known label map, whatever form a protocol asks for."""

import io
from collections.abc import Sequence
from typing import Protocol as Interface

import numpy as np
from PIL import Image

from cubiseg import label_maps, taxonomy

UNSURE = "unsure"
"""Key of an answer for regions whose class cannot be told."""


class Errors(Interface):
    """One who knows the label map and makes errors in writing it down."""

    def in_painting(self, label: np.ndarray) -> bytes:
        """Paint a label map, (H, W) uint8, in palette colours: a PNG."""

    def in_names(self, names: Sequence[str | None]) -> dict[str, list[int]]:
        """Sort regions by class.

        Args:
            names: class of each region, in the order of their numbers from 1; None where it is unknown.

        Returns:
            The numbers of each class, and those of :data:`UNSURE`.
        """

    def in_outline(self, points: np.ndarray, side: float) -> np.ndarray:
        """Place the corners of a shape, (N, 2) in px, whose longer side is so many px."""


class NoErrors:
    """One who writes down what is."""

    def in_painting(self, label: np.ndarray) -> bytes:
        """The palette colours themselves."""
        buffer = io.BytesIO()
        Image.fromarray(label_maps.colourise(label)).save(buffer, "PNG")
        return buffer.getvalue()

    def in_names(self, names: Sequence[str | None]) -> dict[str, list[int]]:
        """Each number once."""
        lists = no_numbers()
        for number, name in enumerate(names, 1):
            lists[name or UNSURE].append(number)
        return lists

    def in_outline(self, points: np.ndarray, side: float) -> np.ndarray:
        """The corners themselves."""
        return points


def no_numbers() -> dict[str, list[int]]:
    """An answer of the region protocols that names nothing yet."""
    return {name: [] for name in (*taxonomy.NAMES, UNSURE)}

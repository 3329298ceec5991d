"""What lies above what: the names of all layers that there may be, from the bottom of the stack to its top."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cubiseg import taxonomy

BACKGROUND = "background"
_SEGMENT = "segment_"
_COLOURED = [number for number in taxonomy.PART_NAME if number != taxonomy.ID[BACKGROUND]]


@dataclass(frozen=True)
class Order:
    """A stack of layers.

    Attributes:
        names: names from bottom to top; the first is the background.
        rank: (256,) uint8, place in the stack by value in the map that is cut by; 1 is the bottom.
    """

    names: Sequence[str]
    rank: np.ndarray


TAXONOMY = Order(taxonomy.STACK_ORDER, taxonomy.STACK_RANK)
"""Of a label map: classes and parts, as the taxonomy has them."""


def of_segments(count: int) -> Order:
    """Of segments without names: the first, which is the largest, lies right above the background.

    Args:
        count: number of segments, at most 254.
    """
    rank: np.ndarray = np.ones(256, np.uint8)
    rank[1 : count + 1] = np.arange(2, count + 2)
    return Order((BACKGROUND, *(f"{_SEGMENT}{number:03}" for number in range(1, count + 1))), rank)


def is_segment(name: str) -> bool:
    """Whether a layer is a segment without a name.

    >>> is_segment("segment_003"), is_segment("hair")
    (True, False)
    """
    return name.startswith(_SEGMENT)


def shown_id(name: str) -> int:
    """The taxonomy id whose colour shows a layer in previews; a segment has that of some class or part."""
    if is_segment(name):
        return _COLOURED[(int(name.removeprefix(_SEGMENT)) - 1) % len(_COLOURED)]
    return taxonomy.PART_ID[name]


def palette_of(order: Order) -> bytes:
    """768 bytes for an indexed PNG of segments: the colour of each by its number."""
    table = np.zeros((256, 3), np.uint8)
    table[: len(order.names)] = taxonomy.COLOURS[[shown_id(name) for name in order.names]]
    return table.tobytes()

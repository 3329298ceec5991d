"""Coding a layer's channels for a PSD in one go: PackBits, row by row, with the compiled coder of psd-tools.

psd-tools' own way leads over floating point and codes every row anew; most rows of cut-out layers are of one value (an
opaque or clear stretch), and those share their code.
"""

from collections.abc import Sequence

import numpy as np
from psd_tools.compression import rle_impl


def packed(plane: np.ndarray) -> tuple[list[int], list[bytes]]:
    """PackBits of each row (Adobe Photoshop File Formats Specification, "Channel image data").

    Args:
        plane: (h, w) uint8.

    Returns:
        Length of each row's code in bytes, and the codes, top to bottom.
    """
    plane = np.ascontiguousarray(plane)
    # A row is of one value where it equals itself moved by a pixel; comparing bytes is what memory can do fastest.
    flat = (plane[:, 1:] == plane[:, :-1]).all(axis=1)
    width, memory = plane.shape[1], plane.data.cast("B")
    known: dict[int, bytes] = {}
    rows = []
    for number, same in enumerate(flat.tolist()):
        start = number * width
        if not same:
            rows.append(rle_impl.encode(memory[start : start + width]))
            continue
        value = memory[start]
        if value not in known:
            known[value] = rle_impl.encode(memory[start : start + width])
        rows.append(known[value])
    return list(map(len, rows)), rows


def coded(planes: Sequence[np.ndarray]) -> bytes:
    """Planes of one size as PSD stores them: the lengths of all rows (16 bits, big-endian), then the rows.

    Args:
        planes: (h, w) uint8 each, at most 30000 wide, as PSD allows.
    """
    lengths, rows = [], []
    for plane in planes:
        some, codes = packed(plane)
        lengths += some
        rows += codes
    return np.array(lengths, ">u2").tobytes() + b"".join(rows)

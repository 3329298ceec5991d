"""Runs: how long the stretches of unset and set pixels are, in turn, beginning with unset ones.

COCO and CVAT both write masks so; they differ in the order of the pixels and in how the numbers are written.
"""

from collections.abc import Sequence

import numpy as np


def of_mask(pixels: np.ndarray) -> np.ndarray:
    """Lengths of the runs of flat pixels, (N,) bool: int64 that add up to N; the first is 0 where the first is set.

    >>> of_mask(np.array([True, True, False, True])).tolist()
    [0, 2, 1, 1]
    """
    edges = np.flatnonzero(pixels[1:] != pixels[:-1]) + 1
    begins = [0, 0] if len(pixels) and pixels[0] else [0]
    return np.diff(np.concatenate([begins, edges, [len(pixels)]]))


def to_mask(counts: Sequence[int] | np.ndarray, total: int) -> np.ndarray:
    """The flat pixels of some runs, (total,) bool.

    Raises:
        ValueError: they are no whole numbers from 0, or do not add up to ``total``. Nothing is allocated before that.
    """
    lengths = np.asarray(counts)
    if lengths.ndim != 1 or (lengths.size and lengths.dtype.kind not in "iu"):
        raise ValueError("its runs are no list of whole numbers")
    if ((lengths < 0) | (lengths > total)).any() or int(lengths.sum(dtype=np.int64)) != total:
        raise ValueError(f"its runs do not add up to the {total} pixels of its box")
    return np.repeat(np.arange(len(lengths)) % 2 == 1, lengths.astype(np.int64))

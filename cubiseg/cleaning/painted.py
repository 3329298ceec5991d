"""Reading raw answers: painted colours or ids to class ids at the picture's size."""

import numpy as np

from cubiseg import label_maps, taxonomy
from cubiseg.cleaning.params import CleanParams
from cubiseg.sample_files import SampleFile
from cubiseg.taxonomy import IGNORE_INDEX


def read_painted(path: SampleFile, size: tuple[int, int], params: CleanParams) -> tuple[np.ndarray, np.ndarray]:
    """Read a painted answer.

    Args:
        path: PNG of palette colours, or of ids.
        size: height and width of the picture; an answer of another size is scaled to it (nearest).
        params: ``colour_distance`` and ``colour_margin``.

    Returns:
        label: (H, W) uint8; 255 where a pixel is too far from every palette colour, lies between two, or is no class.
        nearest: (H, W) uint8; the same with every pixel taken as its nearest colour: the answer before any cleaning.

    Raises:
        CubisegError: the file cannot be read.
    """
    painted = label_maps.read_label_or_colours(path)
    if painted.ndim == 2:
        label = np.where(painted < taxonomy.NUM_CLASSES, painted, IGNORE_INDEX).astype(np.uint8)
        nearest = label
    else:
        nearest, first, second = label_maps.decolourise(painted)
        doubtful = (first > params.colour_distance) | (second - first < params.colour_margin)
        label = np.where(doubtful, IGNORE_INDEX, nearest).astype(np.uint8)
    return label_maps.resized(label, size), label_maps.resized(nearest, size)

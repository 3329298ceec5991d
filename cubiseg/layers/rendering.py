"""Whether two PSDs look the same: as they are shown, and with every hidden layer shown.

Both are composed by psd-tools from their layers; the merged pictures that they store are not looked at. What is not
proven to look the same counts as different.
"""

import logging
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from cubiseg.errors import CubisegError
from cubiseg.psd_files.reading import opened, quiet
from cubiseg.psd_files.traits import is_clipped

if TYPE_CHECKING:
    from psd_tools import PSDImage

TOLERANCE = 1e-5
"""Of full brightness: what adding in another order makes of 32 bits; less than a level of 16 bits."""

MAX_WORK = 3e9
"""Pixels times layers that are composed; it bounds the time to minutes."""

_STRIP = 1 << 22
logger = logging.getLogger(__name__)


def looks_equal(one: bytes, other: bytes, tolerance: float = TOLERANCE) -> bool:
    """Whether the layers of two PSDs compose to the same picture, whatever of them is shown.

    Args:
        one, other: content of PSDs.
        tolerance: how far apart colours and alpha may be, of full brightness.

    Raises:
        CubisegError: an adjustment or a gradient is composed by SciPy, which is not installed.
    """
    with quiet():
        try:
            return _equal(opened(one), opened(other), tolerance)
        except ImportError as error:
            if find_spec("scipy") is None:
                raise CubisegError("adjustments and gradients are composed by SciPy; pip install scipy") from error
            logger.debug("cannot be composed: %s", error)
            return False
        except Exception as error:  # what psd-tools cannot compose raises anything
            logger.debug("cannot be composed: %s", error)
            return False


def _equal(one: "PSDImage", other: "PSDImage", tolerance: float) -> bool:
    from psd_tools.constants import CompatibilityMode

    if one.size != other.size or one.width * one.height * len(list(one.descendants())) > MAX_WORK:
        return False
    modes = [CompatibilityMode.PHOTOSHOP]
    if any(layer.is_group() and is_clipped(layer) for psd in (one, other) for layer in psd.descendants()):
        modes.append(CompatibilityMode.CLIP_STUDIO_PAINT)  # there, groups are clipped as well
    shown: list[Callable[[Any], bool] | None] = [None]
    if any(not layer.visible for psd in (one, other) for layer in psd.descendants()):
        shown.append(lambda layer: True)
    rows = max(1, _STRIP // one.width)
    for mode in modes:
        one.compatibility_mode = other.compatibility_mode = mode
        for choice in shown:
            for top in range(0, one.height, rows):
                box = (0, top, one.width, min(top + rows, one.height))
                first, second = (_composed(psd, box, choice) for psd in (one, other))
                if not np.allclose(first, second, rtol=0, atol=tolerance):
                    return False
    return True


def _composed(psd: "PSDImage", box: tuple[int, int, int, int], choice: Callable[[Any], bool] | None) -> np.ndarray:
    """Colour, weighed by alpha, and alpha of a part of the canvas."""
    from psd_tools.composite import composite

    try:
        colour, _, alpha = composite(psd, viewport=box, layer_filter=choice, force=True)
    except ImportError:  # strokes of shapes are drawn by a package that is not needed here; their stored pixels will do
        colour, _, alpha = composite(psd, viewport=box, layer_filter=choice)
    return np.concatenate([colour * alpha, alpha], axis=2)

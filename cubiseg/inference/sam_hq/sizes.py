"""Between the picture's own size and the square that the network sees it in."""

from pathlib import Path

import cv2
import numpy as np

from cubiseg.errors import CubisegError

SIDE, MOST_SIDE = 1024, 4096
"""Side of the square where a file leaves it open, and at most, px: memory for it is taken before it is tried."""


def checked_side(side: int, file: Path) -> int:
    """The side of the square that a file says its network sees.

    Raises:
        CubisegError: no network could see such a square.
    """
    if not 1 <= side <= MOST_SIDE:
        raise CubisegError(f"{file}: sees {side} px a side, not 1 to {MOST_SIDE}; this is no SAM: fetch it again")
    return side


def seen_size(shape: tuple[int, int], side: int) -> tuple[int, int]:
    """Height and width at which a picture of a shape is seen in a square; rounded as SAM does."""
    scale = side / max(shape)
    height, width = (int(length * scale + 0.5) for length in shape)
    return height, width


def enlarged(logits: np.ndarray, side: int, seen: tuple[int, int], shape: tuple[int, int]) -> np.ndarray:
    """Logits of masks at the picture's own size (``postprocess_masks`` of the authors' code).

    Args:
        logits: (N, S / 4, S / 4) float32, N at most 512, of the whole square.
        side: side of the square.
        seen: height and width of the picture in it.
        shape: height and width of the picture.

    Returns:
        (N, H, W) float32.
    """
    square = cv2.resize(np.ascontiguousarray(logits.transpose(1, 2, 0)), (side, side), interpolation=cv2.INTER_LINEAR)
    crop = np.ascontiguousarray(square[: seen[0], : seen[1]])
    full = cv2.resize(crop, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(full.reshape(*shape, len(logits)).transpose(2, 0, 1))

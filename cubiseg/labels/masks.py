"""Masks and label maps that tools keep as PNG inside of other files."""

import io

import numpy as np
from PIL import Image

from cubiseg.errors import brief


def decode_png(data: bytes, size: tuple[int, int], mode: str) -> np.ndarray:
    """A PNG of known size.

    Args:
        data: the file.
        size: height and width that it must have; no pixel is decoded before that is checked.
        mode: Pillow's mode of the pixels wanted.

    Raises:
        ValueError: it is no PNG, of another size, or damaged.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            if image.size == size[::-1]:
                return np.array(image.convert(mode))
            found = f"{image.width}x{image.height}"
    except Exception as error:  # Pillow's decoders raise nearly anything on hostile bytes
        raise ValueError(f"is no PNG that can be read ({brief(error)})") from error
    raise ValueError(f"is a PNG of {found} where {size[1]}x{size[0]} pixels belong")


def encode_png(pixels: np.ndarray) -> bytes:
    """(H, W) or (H, W, 3) uint8, or (H, W) bool, as PNG."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()

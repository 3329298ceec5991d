"""Pictures of the page, reduced, and how one is told from another.

Kept pictures lie in ``tests/studio/screens/``, reduced to a quarter: small enough to keep, too small to read, so that
another font or a browser of another year passes. Each is compared in two ways:

- each panel, in cells of 40x40 px: their mean colour, and their contrast, which a panel without its words has lost;
- the canvas, where there are no letters, pixel by pixel.

`python -m pytest tests/studio/test_screens.py --renew-screens` keeps new ones; look at them before they are committed.
"""

import io
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

FOLDER = Path(__file__).parent / "screens"
REDUCED = (320, 180)
"""Width and height of a kept picture."""
CELL = 10
"""Reduced pixels of a cell's side."""
COLOUR, CONTRAST = 20.0, 0.6
"""A cell is strange whose mean colour is farther off (0..255), or whose contrast agrees less (0..1)."""
STEADY = (0.03 * 255) ** 2
"""Keeps cells that are nearly even from being compared by their noise (C2 of Wang et al.)."""
STRANGE = 0.11
"""Share of a panel's cells that are strange from which it is another: serifs make 0.06, a list without rows 0.16."""
PANELS = ((0, 0, 1280, 46), (0, 46, 52, 694), (52, 46, 1008, 694), (1008, 46, 1280, 694), (0, 694, 1280, 720))
"""Header, tools, picture, side and footer of a window of 1280x720 px: left, top, right, bottom."""
PIXEL, OFF = 12.0, 0.01
"""A pixel of the canvas is off whose colour is farther away (0..255); from this share of those it is another."""

Box = tuple[float, float, float, float]


def reduced(content: bytes) -> np.ndarray:
    """A screenshot as it is kept: (180, 320, 3) uint8."""
    full = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    return cv2.resize(full, REDUCED, interpolation=cv2.INTER_AREA)


def strange_cells(kept: np.ndarray, now: np.ndarray) -> float:
    """Share of cells in which two pages differ, 0..1, in the panel in which they differ most.

    Contrasts s and t agree by (2st + C) / (s^2 + t^2 + C): the middle term of structural similarity (Wang et al. 2004).
    """
    far = np.abs(_cells(kept) - _cells(now)).max(2) > COLOUR
    one, other = (_contrast(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY).astype(np.float32)) for page in (kept, now))
    agreement = (2 * one * other + STEADY) / (one**2 + other**2 + STEADY)
    strange = far | (agreement < CONTRAST)
    y, x = 4 * CELL * (np.indices(strange.shape) + 0.5)
    return max(float(strange[(x >= l) & (x < r) & (y >= t) & (y < b)].mean()) for l, t, r, b in PANELS)  # noqa: E741


def _cells(plane: np.ndarray) -> np.ndarray:
    size = (plane.shape[1] // CELL, plane.shape[0] // CELL)
    return cv2.resize(plane.astype(np.float32), size, interpolation=cv2.INTER_AREA)


def _contrast(grey: np.ndarray) -> np.ndarray:
    return np.sqrt(np.maximum(0, _cells(grey**2) - _cells(grey) ** 2))


def off_pixels(kept: np.ndarray, now: np.ndarray, box: Box) -> float:
    """Share of pixels of the canvas in which two pages differ, 0..1; ``box`` is in px of the window."""
    left, top, right, bottom = (round(side / 4) for side in box)
    window = slice(top + 1, bottom - 1), slice(left + 1, right - 1)
    away = np.abs(kept[window].astype(np.int16) - now[window].astype(np.int16)).max(2)
    return float((away > PIXEL).mean())


def read(name: str) -> np.ndarray:
    """A kept picture: (180, 320, 3) uint8."""
    return np.asarray(Image.open(FOLDER / f"{name}.png").convert("RGB"))


def write(name: str, now: np.ndarray) -> None:
    """Keep a picture."""
    FOLDER.mkdir(exist_ok=True)
    Image.fromarray(now).save(FOLDER / f"{name}.png", optimize=True)

"""Layers as other programs show them: each scaled or moved by itself, then stacked."""

import cv2
import numpy as np


def over(stack: list[np.ndarray]) -> np.ndarray:
    """Source-over of premultiplied layers, bottom to top."""
    out = np.zeros_like(stack[0])
    for layer in stack:
        out = layer + out * (1 - layer[..., 3:])
    return out


def premultiplied(rgba: np.ndarray, size: tuple[int, int] | None = None) -> np.ndarray:
    """Pixels multiplied by alpha, then scaled bilinearly to a width and height."""
    values = rgba.astype(np.float32) / 255
    values[..., :3] *= values[..., 3:]
    return values if size is None else cv2.resize(values, size, interpolation=cv2.INTER_LINEAR)


def straight(rgba: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Pixels scaled bilinearly to a width and height, colour and alpha apart, then multiplied by alpha."""
    values = cv2.resize(rgba.astype(np.float32) / 255, size, interpolation=cv2.INTER_LINEAR)
    values[..., :3] *= values[..., 3:]
    return values


def moved(canvas: np.ndarray, dy: int, dx: int) -> np.ndarray:
    """A canvas shifted by a pixel; what came in at the frame is what was there."""
    return np.roll(np.pad(canvas, ((1, 1), (1, 1), (0, 0)), mode="edge"), (dy, dx), (0, 1))[1:-1, 1:-1]


def inside(alpha: np.ndarray, by: int = 9) -> np.ndarray:
    """Where a picture is opaque, away from its outline."""
    return cv2.erode((alpha == 255).astype(np.uint8), np.ones((by, by), np.uint8), borderValue=1) > 0


def open_pixels(canvases: list[np.ndarray], solid: np.ndarray) -> int:
    """Pixels inside whose alpha falls under 250 when the layers are scaled, or any one is moved by a pixel."""
    height, width = solid.shape
    count = 0
    for factor in (0.73, 1.37):
        size = max(1, round(width * factor)), max(1, round(height * factor))
        where = cv2.resize(solid.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
        alpha = over([premultiplied(c, size) for c in canvases])[..., 3]
        count += int((alpha[where] * 255 < 250).sum())
    where = cv2.erode(solid.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=0) > 0
    for number in range(len(canvases)):
        for dy, dx in ((0, 1), (0, -1), (1, 0), (-1, 0)):
            stack = [premultiplied(moved(c, dy, dx) if i == number else c) for i, c in enumerate(canvases)]
            count += int((over(stack)[..., 3][where] * 255 < 250).sum())
    return count


def fringe_pixels(canvases: list[np.ndarray], solid: np.ndarray) -> int:
    """Pixels inside that are 20 levels and more too dark when straight alpha is sampled."""
    height, width = solid.shape
    whole = over([premultiplied(c) for c in canvases])
    count = 0
    for factor in (0.73, 1.37):
        size = round(width * factor), round(height * factor)
        where = cv2.resize(solid.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
        wanted = cv2.resize(whole, size, interpolation=cv2.INTER_LINEAR)
        dark = (wanted - over([straight(c, size) for c in canvases]))[..., :3].mean(axis=2) * 255
        count += int((dark[where] > 20).sum())
    return count


def dust(alpha: np.ndarray, least: int) -> tuple[int, int]:
    """Pieces and holes of a layer that are under so many pixels large."""
    seen = (alpha > 0).astype(np.uint8)
    pieces = cv2.connectedComponentsWithStats(seen, connectivity=8)[2][1:, cv2.CC_STAT_AREA]
    free = cv2.copyMakeBorder(1 - seen, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    _, numbers, stats, _ = cv2.connectedComponentsWithStats(free, connectivity=4)
    areas = np.delete(stats[:, cv2.CC_STAT_AREA], [0, numbers[0, 0]])
    return int((pieces < least).sum()), int((areas < least).sum())

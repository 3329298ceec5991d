"""Pictures damaged in the ways in which real ones differ from generated ones, with their label maps.

Each way takes a picture, (H, W, 3) uint8 sRGB, its label map, (H, W) uint8 ids of classes or parts, and a generator of
random numbers, and gives both again. Where it moves anything, the label map moves alike; what comes from elsewhere is
background.
"""

from collections.abc import Callable

import cv2
import numpy as np

Damage = Callable[[np.ndarray, np.ndarray, np.random.Generator], tuple[np.ndarray, np.ndarray]]


def _scaled(rgb: np.ndarray, label: np.ndarray, factor: float) -> tuple[np.ndarray, np.ndarray]:
    size = tuple(max(64, round(side * factor)) for side in rgb.shape[1::-1])
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return cv2.resize(rgb, size, interpolation=how), cv2.resize(label, size, interpolation=cv2.INTER_NEAREST_EXACT)


def low_resolution(rgb: np.ndarray, label: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A thumbnail of 64 to 256 px, left small or enlarged again."""
    small, told = _scaled(rgb, label, float(rng.uniform(64, 256)) / max(label.shape))
    if rng.random() < 0.5:
        return small, told
    return cv2.resize(small, rgb.shape[1::-1], interpolation=cv2.INTER_CUBIC), label


def jpeg(rgb: np.ndarray, label: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Compressed at a quality of 3 to 40."""
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(3, 40))]
    _, content = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), quality)
    return cv2.cvtColor(cv2.imdecode(content, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB), label


def blur(rgb: np.ndarray, label: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Out of focus by up to a hundredth of the side."""
    return cv2.GaussianBlur(rgb, (0, 0), float(rng.uniform(0.001, 0.01)) * max(label.shape)), label


def line_weight(rgb: np.ndarray, label: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Dark lines thicker, or nearly gone."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (int(rng.integers(2, 5)),) * 2)
    if rng.random() < 0.5:
        return cv2.erode(rgb, disc), label
    return cv2.addWeighted(cv2.morphologyEx(rgb, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)), 0.85, rgb, 0.15, 0), label


def recoloured(rgb: np.ndarray, label: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Another hue, saturation and brightness: all of it, or some classes."""
    hsv = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2HSV)
    whole = rng.random() < 0.5
    for number in np.unique(label):
        turn, tint, power = rng.uniform(0, 360), rng.uniform(0, 1.6), rng.uniform(0.5, 2)
        where = np.ones(label.shape, bool) if whole else (label == number) & (rng.random() < 0.6)
        hsv[where, 0] = (hsv[where, 0] + turn) % 360
        hsv[where, 1] = np.clip(hsv[where, 1] * tint, 0, 1)
        hsv[where, 2] **= power
        if whole:
            break
    return (cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB) * 255).round().astype(np.uint8), label


def distractors(rgb: np.ndarray, label: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Pieces of the picture itself, turned and scaled, pasted over it: they are background there."""
    out, told = rgb.copy(), label.copy()
    height, width = label.shape
    for _ in range(int(rng.integers(1, 4))):
        h, w = (int(side * rng.uniform(0.15, 0.45)) for side in label.shape)
        sy, sx, ty, tx = (int(rng.integers(0, side)) for side in (height - h, width - w, height - h, width - w))
        piece = np.rot90(rgb[sy : sy + h, sx : sx + w], 2 * int(rng.integers(0, 2)))[:, :: int(rng.choice([-1, 1]))]
        out[ty : ty + h, tx : tx + w], told[ty : ty + h, tx : tx + w] = piece, 0
    return out, told


def cropped(rgb: np.ndarray, label: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A window of a third to nine tenths of the sides."""
    h, w = (int(side * rng.uniform(0.35, 0.9)) for side in label.shape)
    y, x = (int(rng.integers(0, side)) for side in (label.shape[0] - h, label.shape[1] - w))
    return np.ascontiguousarray(rgb[y : y + h, x : x + w]), np.ascontiguousarray(label[y : y + h, x : x + w])


def rotated(rgb: np.ndarray, label: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Turned by up to 180 degrees, small angles more often, over white."""
    height, width = label.shape
    angle = float(rng.choice([-1, 1])) * 180 * float(rng.random()) ** 1.5
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 0.9)
    white = cv2.warpAffine(rgb, turn, (width, height), flags=cv2.INTER_AREA, borderValue=(255, 255, 255))
    return white, cv2.warpAffine(label, turn, (width, height), flags=cv2.INTER_NEAREST, borderValue=0)


def style(rgb: np.ndarray, label: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """As painted, printed or filtered: few tones, grey, line art, noise, soft paint, or inverted colours."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    kind = int(rng.integers(0, 6))
    if kind == 0:
        step = int(rng.integers(48, 110))
        return (rgb // step * step + step // 2).clip(0, 255).astype(np.uint8), label
    if kind == 1:
        return cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), label
    if kind == 2:
        lines = cv2.divide(grey, cv2.GaussianBlur(grey, (0, 0), 4), scale=255)
        return cv2.cvtColor(lines, cv2.COLOR_GRAY2RGB), label
    if kind == 3:
        noisy = rgb + rng.normal(0, rng.uniform(10, 45), rgb.shape)
        return noisy.clip(0, 255).astype(np.uint8), label
    if kind == 4:
        return cv2.medianBlur(cv2.bilateralFilter(rgb, 9, 80, 9), 7), label
    return 255 - rgb, label


WAYS: tuple[Damage, ...] = (
    low_resolution, jpeg, blur, line_weight, recoloured, distractors, cropped, rotated, style
)  # fmt: skip
UNHARMED = 0.25
"""Share of pictures that nothing happens to."""


def damaged(rgb: np.ndarray, label: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A picture after one or two kinds of damage, or as it is."""
    if rng.random() < UNHARMED:
        return rgb, label
    for way in rng.permutation(len(WAYS))[: rng.integers(1, 3)]:
        rgb, label = WAYS[way](rgb, label, rng)
    return rgb, label

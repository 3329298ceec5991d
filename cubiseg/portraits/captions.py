"""Writing in no language: titles, lines of text and bubbles behind the character, watermarks over the whole picture."""

import cv2
import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.axes import Mix, axis
from cubiseg.portraits.rng import Rng, chance, uniform

CAPTION = axis("caption: writing behind the character: none 90, title 3, lines 2.5, bubble 2, columns 2")
WATERMARK = axis("watermark: faint writing over the picture: none 95, mark 3, tiled 1.2")
AXES = (CAPTION, WATERMARK)


def _write(mask: np.ndarray, rng: Rng, at: np.ndarray, size: float, weight: float) -> None:
    """Glyphs of ``size`` px at (k, 2) px places: two to seven strokes on a grid, as kana and kanji look from afar."""
    for p in at:
        for _ in range(int(rng.integers(2, 7))):
            a = rng.integers(0, 4, 2) / 3
            way = int(rng.integers(0, 4))
            b = a.copy()
            b[way % 2] = 1 - a[way % 2] + 0.2 * rng.random() if way < 2 else rng.random()
            if way > 1:
                b[1 - way % 2] = rng.random()
            mid = 0.5 * (a + b) + rng.normal(0, 0.12, 2) * (way > 1)
            line = np.rint((p + 0.8 * size * np.array([a, mid, b])) * 16).astype(np.int32)
            cv2.polylines(mask, [line], False, 255, max(1, round(weight * size)), cv2.LINE_AA, 4)


def _grid(x: float, y: float, columns: int, rows: int, step_x: float, step_y: float) -> np.ndarray:
    i, j = np.meshgrid(np.arange(columns), np.arange(rows))
    return np.stack([x + step_x * i.ravel(), y + step_y * j.ravel()], 1)


def _inked(img: np.ndarray, mask: np.ndarray, c: col.Colour, strength: float = 1.0) -> None:
    m = mask.astype(np.float32) * np.float32(strength / 255)
    rgb = np.ascontiguousarray(img[..., :3])
    img[..., :3] = cv2.blendLinear(np.full_like(rgb, np.rint(np.array(c) * 255)), rgb, m, 1 - m)


def _placed(kind: str, rng: Rng, n: int) -> tuple[np.ndarray, float]:
    """Where the glyphs go, and their size in px."""
    if kind == "title":
        size = n * uniform(rng, 0.1, 0.3)
        return _grid(n * uniform(rng, -0.1, 0.3), n * uniform(rng, 0, 0.8), int(rng.integers(2, 7)), 1, size, 0), size
    size = n * uniform(rng, 0.02, 0.06)
    x, y, k, m = n * uniform(rng, 0, 0.8), n * uniform(rng, 0, 0.8), int(rng.integers(3, 14)), int(rng.integers(1, 6))
    if kind == "columns":
        return _grid(x, 0.5 * y, m, k, -1.3 * size, size), size
    return _grid(0.6 * x, y, k, m, size, 1.4 * size), size


def add_caption(img: np.ndarray, rng: Rng, mix: Mix) -> None:
    """Write what the axis picks onto an (n, n, 4) background, in place."""
    kind = mix.pick(rng, CAPTION)
    if kind == "none":
        return
    n, mask = img.shape[0], np.zeros(img.shape[:2], np.uint8)
    at, size = _placed(kind, rng, n)
    c = col.BLACK if chance(rng, 0.4) else col.hsv(rng.random(), rng.random(), rng.random())
    if kind == "bubble":
        middle, reach = at.mean(axis=0) + 0.5 * size, np.ptp(at, axis=0) * 0.75 + 1.6 * size
        shape = (tuple(middle.tolist()), tuple((2 * reach).tolist()), 0.0)
        for grow, tint in ((0.2 * size, col.BLACK), (0.0, col.WHITE)):
            balloon = np.zeros_like(mask)
            cv2.ellipse(balloon, (shape[0], (shape[1][0] + grow, shape[1][1] + grow), 0.0), 255, -1, cv2.LINE_AA)
            _inked(img, balloon, tint)
        c = col.BLACK
    _write(mask, rng, at, size, uniform(rng, 0.04, 0.14))
    if kind == "title" and chance(rng, 0.6):
        ball = np.ones((3, 3), np.uint8)
        _inked(img, cv2.dilate(mask, ball, iterations=max(1, round(0.03 * size))), col.WHITE)
    _inked(img, mask, c)


def add_watermark(img: np.ndarray, rng: Rng, mix: Mix) -> np.ndarray:
    """A picture with a signature, a site's name, or faint writing all over, as the axis picks; (H, W, 3) uint8."""
    kind = mix.pick(rng, WATERMARK)
    if kind == "none":
        return img
    n, mask = img.shape[0], np.zeros(img.shape[:2], np.uint8)
    if kind == "mark":
        size = n * uniform(rng, 0.02, 0.05)
        y = n * (0.9 if chance(rng, 0.7) else rng.random())
        at = _grid(n * uniform(rng, 0, 0.8), y, int(rng.integers(3, 12)), 1, 0.8 * size, 0)
    else:
        size = n * uniform(rng, 0.03, 0.08)
        at = _grid(0, 0, int(n / size / 1.3) + 1, int(n / size / 4) + 1, 1.3 * size, 4 * size)
        at = at[rng.random(len(at)) < 0.7]
    _write(mask, rng, at, size, 0.08)
    out = img.copy()
    strength = uniform(rng, 0.4, 0.95) if kind == "mark" else uniform(rng, 0.08, 0.3)
    _inked(out, mask, col.WHITE if chance(rng, 0.6) else (0.2, 0.2, 0.2), strength)
    return out

"""Writing in no language: titles, lines of text and bubbles behind the character, watermarks over the whole picture."""

import cv2
import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.axes import Mix, axis
from cubiseg.portraits.rng import Rng, chance, uniform
from cubiseg.portraits.scene import Pose

CAPTION = axis("""caption: writing behind the character:
    none 88, title 3, lines 2.5, bubble 1, columns 2, speech 2.2, thought 0.7, shout 0.7, band 0.8, sound 1""")
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


def _balloon(rng: Rng, kind: str, at: np.ndarray, size: float, head: np.ndarray, px: float) -> list[np.ndarray]:
    """Outlines (px) of a bubble around the glyphs at ``at``, and of what points from it to the speaker's ``head``."""
    middle, reach = at.mean(axis=0) + 0.5 * size, np.ptp(at, axis=0) * 0.7 + 1.4 * size
    a = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    r = np.ones(96)
    if kind == "thought":
        r = 1 + 0.12 * np.abs(np.sin(a * int(rng.integers(4, 7))))
    elif kind == "shout":
        k = int(rng.integers(9, 16))
        r = 1 + uniform(rng, 0.12, 0.4) * np.abs(2 * ((a * k / (2 * np.pi)) % 1.0) - 1) * (1 + 0.3 * rng.random(96))
    elif chance(rng, 0.25):
        r = 1 / np.maximum(np.abs(np.cos(a)) ** 6 + np.abs(np.sin(a)) ** 6, 1e-6) ** (1 / 6)  # a rounded box
    shapes = [middle + np.stack([r * np.cos(a) * reach[0], r * np.sin(a) * reach[1]], 1)]
    way = head - middle
    far = float(np.hypot(*way)) or 1.0
    edge = middle + way / far * 0.8 * float(reach.min())
    end = edge + (head - edge) * uniform(rng, 0.25, 0.7)
    if kind == "thought":
        for t, drop in ((0.4, 0.14), (0.75, 0.08)):
            shapes.append(edge + t * (end - edge) + drop * px * np.stack([np.cos(a), np.sin(a)], 1))
    elif chance(rng, 0.8):
        side = np.array([-way[1], way[0]]) / far * uniform(rng, 0.12, 0.25) * float(reach.min())
        shapes.append(np.array([edge - side, edge + side, end]))
    return shapes


def _filled(n: int, shapes: list[np.ndarray], line: float) -> np.ndarray:
    """(n, n) uint8 mask of all shapes, ``line`` px wider on every side."""
    mask: np.ndarray = np.zeros((n, n), np.uint8)
    for points in shapes:
        p = np.rint(points * 16).astype(np.int32)
        cv2.fillPoly(mask, [p], 255, cv2.LINE_AA, 4)
        if line > 0:
            cv2.polylines(mask, [p], True, 255, max(1, round(2 * line)), cv2.LINE_AA, 4)
    return mask


def _speech(img: np.ndarray, rng: Rng, kind: str, pose: Pose) -> None:
    """One or two bubbles beside the head, partly behind it, with writing in columns or lines."""
    n = img.shape[0]
    fill = col.WHITE if chance(rng, 0.8) else col.hsv(rng.random(), uniform(rng, 0.05, 0.4), uniform(rng, 0.85, 1.0))
    ink = col.BLACK if chance(rng, 0.8) else col.hsv(rng.random(), rng.random(), 0.4)
    head, side = np.array([pose.x, pose.y]), 1 if pose.x < n / 2 else -1
    for k in range(1 + chance(rng, 0.25)):
        size, upright = n * uniform(rng, 0.018, 0.04), chance(rng, 0.6)
        i, j = int(rng.integers(1, 5)), int(rng.integers(3, 8))
        i, j = (i, j) if upright else (j, i)
        out = pose.scale * uniform(rng, 1.0, 2.2) + 0.5 * i * size
        x = pose.x + side * (-1 if k else 1) * out - 0.5 * i * size
        y = float(np.clip(pose.y + pose.scale * uniform(rng, -1.8, 1.5), 0.05 * n, 0.8 * n))
        at = _grid(x, y, i, j, 1.2 * size, 1.1 * size)
        shapes, line = _balloon(rng, kind, at, size, head, pose.scale), uniform(rng, 0.0, 0.004) * n
        if line > 0.3:
            _inked(img, _filled(n, shapes, line), ink)
        _inked(img, _filled(n, shapes, 0.0), fill)
        mask = np.zeros((n, n), np.uint8)
        _write(mask, rng, at, size, uniform(rng, 0.06, 0.14))
        _inked(img, mask, ink)


def _band(img: np.ndarray, rng: Rng) -> None:
    """A bar across the picture with a line or two of writing: a subtitle, a name, a dialogue box."""
    n = img.shape[0]
    high, y = n * uniform(rng, 0.08, 0.22), n * (uniform(rng, 0.7, 0.95) if chance(rng, 0.7) else uniform(rng, 0, 0.2))
    slant = rng.normal(0, 0.04) * n
    bar = np.array([(-4, y - slant), (n + 4, y + slant), (n + 4, y + slant + high), (-4, y - slant + high)])
    c = col.hsv(rng.random(), uniform(rng, 0, 0.7), rng.random())
    _inked(img, _filled(n, [bar], 0.0), c, uniform(rng, 0.5, 1.0))
    size = high * uniform(rng, 0.25, 0.6)
    mask = np.zeros((n, n), np.uint8)
    at = _grid(n * uniform(rng, 0.02, 0.4), y + 0.5 * (high - size), int(rng.integers(4, 16)), 1, size, size)
    _write(mask, rng, at, size, uniform(rng, 0.06, 0.14))
    _inked(img, mask, col.WHITE if col.luma(c) < 0.55 else col.BLACK)


def _sound(img: np.ndarray, rng: Rng, pose: Pose) -> None:
    """Sounds: a few large glyphs that lean and grow, with an edge."""
    n, size, mask = img.shape[0], pose.scale * uniform(rng, 0.5, 1.4), np.zeros(img.shape[:2], np.uint8)
    side = 1 if pose.x < n / 2 else -1
    at = np.array([pose.x + side * pose.scale * uniform(rng, 1.2, 2.5), pose.y + pose.scale * uniform(rng, -2, 2)])
    for _ in range(int(rng.integers(2, 6))):
        _write(mask, rng, at[None], size, uniform(rng, 0.1, 0.2))
        at = at + size * np.array([0.25 * side, 0.9]) + rng.normal(0, 0.1 * size, 2)
        size *= uniform(rng, 0.85, 1.2)
    c, ball = col.hsv(rng.random(), rng.random(), rng.random()), np.ones((3, 3), np.uint8)
    edge = cv2.dilate(mask, ball, iterations=max(1, round(0.05 * size)))
    _inked(img, edge, col.WHITE if col.luma(c) < 0.6 else col.BLACK)
    _inked(img, mask, c)


def add_caption(img: np.ndarray, rng: Rng, mix: Mix, pose: Pose) -> None:
    """Write what the axis picks onto an (n, n, 4) background, in place; ``pose``: where the speaker's head is."""
    kind = mix.pick(rng, CAPTION)
    if kind in ("speech", "thought", "shout"):
        _speech(img, rng, kind, pose)
    elif kind == "band":
        _band(img, rng)
    elif kind == "sound":
        _sound(img, rng, pose)
    elif kind != "none":
        _words(img, rng, kind)


def _words(img: np.ndarray, rng: Rng, kind: str) -> None:
    """A title, lines or columns of writing, or a round bubble."""
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

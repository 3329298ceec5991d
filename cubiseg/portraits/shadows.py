"""Shadows that a figure throws on the ground it stands on: painted into the background, so they change no label."""

from collections.abc import Sequence

import cv2
import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.axes import Mix, axis
from cubiseg.portraits.compose import DrawnLayer, restack
from cubiseg.portraits.rng import Rng, chance, uniform

GROUND = axis("""ground shadow: shadow below a figure whose feet are seen:
    none 5, contact 2, pool 2, pad 0.6, cast 1.2, reflection 0.3""")
AXES = (GROUND,)


def stands(shape: np.ndarray) -> bool:
    """Whether the figure of this (n, n) uint8 silhouette ends above the lower edge of the picture."""
    return not (shape[-max(2, len(shape) // 100) :] > 128).any()


def _feet(shape: np.ndarray, low: int, reach: int) -> list[tuple[int, int]]:
    """First and last column of each piece of the figure in the lowest ``reach`` rows."""
    touched = (shape[max(0, low - reach) : low + 1] > 128).any(axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], touched.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _ellipse(mask: np.ndarray, x: float, y: float, rx: float, ry: float) -> None:
    at, half = (round(16 * x), round(16 * y)), (max(16, round(16 * rx)), max(8, round(16 * ry)))
    cv2.ellipse(mask, at, half, 0, 0, 360, 255, -1, cv2.LINE_AA, 4)


def _mask(shape: np.ndarray, rng: Rng, kind: str, scale: float) -> np.ndarray:
    """(n, n) uint8: where the shadow falls."""
    n, low = len(shape), int(np.flatnonzero((shape > 128).any(axis=1))[-1])
    feet = _feet(shape, low, max(2, round(0.5 * scale)))
    left, right = feet[0][0], feet[-1][1]
    middle, half = 0.5 * (left + right), max(0.5 * (right - left), 0.3 * scale)
    mask: np.ndarray = np.zeros_like(shape)
    if kind == "contact":
        for a, b in feet:
            _ellipse(mask, 0.5 * (a + b), low, 0.6 * (b - a) + 0.05 * scale, uniform(rng, 0.08, 0.2) * scale)
        blur = uniform(rng, 0.0, 0.12) * scale
    elif kind in ("pool", "pad"):
        wide = half * uniform(rng, 1.2, 2.2)
        lean = uniform(rng, -0.4, 0.4) * half if kind == "pool" else 0.0
        _ellipse(mask, middle + lean, low - 0.05 * scale, wide, wide * uniform(rng, 0.14, 0.34))
        blur = uniform(rng, 0.05, 0.35) * scale if kind == "pool" and chance(rng, 0.7) else 0.0
    else:  # the silhouette laid flat on the ground, away from the viewer or towards it
        flat = uniform(rng, 0.12, 0.4) * (1 if chance(rng, 0.4) else -1)
        slant = uniform(rng, 0.2, 1.1) * (1 if chance(rng, 0.5) else -1)
        move = np.array([(1, -slant, slant * low), (0, -flat, low * (1 + flat))], np.float32)
        mask = cv2.warpAffine(shape, move, (n, n))
        blur = uniform(rng, 0.0, 0.2) * scale
    return cv2.GaussianBlur(mask, (0, 0), blur) if blur > 0.3 else mask


def add_ground(
    img: np.ndarray, rng: Rng, mix: Mix, shape: np.ndarray, figure: Sequence[DrawnLayer], scale: float
) -> None:
    """Draw what the axis picks into an (n, n, 4) background, in place.

    Args:
        img: the background.
        rng: the picture's stream.
        mix: shares of the kinds.
        shape: (n, n) uint8 silhouette of the figure; one that the lower edge cuts throws no shadow.
        figure: its layers, for its mirror image.
        scale: px of a head unit.
    """
    kind = mix.pick(rng, GROUND)
    if kind == "none" or not stands(shape) or not (shape > 128).any():
        return
    rgb, strength = np.ascontiguousarray(img[..., :3]), uniform(rng, 0.12, 0.6)
    if kind == "reflection":
        low = int(np.flatnonzero((shape > 128).any(axis=1))[-1])
        over = np.array([(1, 0, 0), (0, -1, 2 * low)], np.float32)
        shade = cv2.warpAffine(restack(figure), over, shape.shape)
        mask = cv2.warpAffine(shape, over, shape.shape)
        fade = np.clip(1 - (np.arange(len(shape)) - low) / (uniform(rng, 2, 6) * scale), 0, 1).astype(np.float32)
        m = mask * (fade[:, None] * np.float32(0.6 * strength / 255))
    else:
        ground = np.array(cv2.mean(rgb)[:3]) / 255
        dark = col.mix(tuple(ground.tolist()), col.hsv(rng.random(), 0.4, 0.2), uniform(rng, 0.4, 1.0))
        if kind == "pad":  # a painted disc to stand on
            dark, strength = col.hsv(rng.random(), uniform(rng, 0.0, 0.6), uniform(rng, 0.3, 1.0)), uniform(rng, 0.5, 1)
        shade = np.full_like(rgb, np.rint(np.array(dark) * 255))
        m = _mask(shape, rng, kind, scale) * np.float32(strength / 255)
    img[..., :3] = cv2.blendLinear(shade, rgb, np.ascontiguousarray(m), np.ascontiguousarray(1 - m))

"""Closed mouths: lines."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.mouths.base import Mouth, T
from cubiseg.portraits.mouths.lips import closed_lips
from cubiseg.portraits.paint import path, spline


def _bent(m: Mouth, wide: float, smile: float) -> tuple[np.ndarray, np.ndarray]:
    x = m.width * wide * T * (1 + 0.2 * max(smile, 0))
    bend = 0.28 * m.width * wide * smile
    return x, -bend * (np.abs(T) ** 2.2 - 0.35)


def line(m: Mouth) -> None:
    """A smile, a straight line or a frown; sometimes broken in the middle or with ticks at the corners."""
    x, y = _bent(m, 0.95, m.face.smile)
    manner = m.who.rng("mouth line").random()
    closed_lips(m, x, y)
    if manner < 0.25:  # heavy corners, the middle left out
        for part in (slice(0, 14), slice(19, 33)):
            ends = (1.0, 0.1) if part.start == 0 else (0.1, 1.0)
            m.stroke(x[part], y[part], 1.2, start=ends[0], end=ends[1], belly=0.3 if part.start == 0 else 0.7)
        return
    m.stroke(x, y, 1.0 + 0.5 * manner, start=0.4, end=0.4)
    if manner > 0.7 and m.who.maturity > 0.3:
        for s in (-1, 1):
            cx, cy = s * abs(x[0]), float(y[0])
            m.stroke(np.array([cx - s * 0.012, cx + s * 0.012]), np.array([cy - 0.02, cy + 0.02]), 1.1)


def dash(m: Mouth) -> None:
    """Hardly there."""
    x, y = _bent(m, 0.38, 0.5 * m.face.smile)
    m.stroke(x, y, 1.3, start=0.4, end=0.4)


def smirk(m: Mouth) -> None:
    """One corner up."""
    up = 1.0 if m.face.skew <= 0 else -1.0
    t = T * up
    x, y = m.width * T, -0.35 * m.width * (np.maximum(t, 0) ** 1.8 - 0.25) + 0.02 * t
    closed_lips(m, x, y)
    m.stroke(x, y, 1.3, start=0.3 if up > 0 else 1.0, end=1.0 if up > 0 else 0.3)


def wave(m: Mouth) -> None:
    """Wavering."""
    waves = 1.5 + 2 * m.chance.random()
    m.stroke(m.width * T * 0.9, 0.11 * m.width * np.sin(waves * np.pi * T) - 0.04 * T * T, 1.3)


def cat(m: Mouth) -> None:
    """An omega."""
    size = 0.75 + 0.3 * m.chance.random()
    y = 0.42 * m.width * np.abs(np.sin(np.pi * T)) ** 0.8 - 0.1 * m.width * np.abs(T) ** 4
    m.stroke(m.width * size * T, y - 0.05, 1.3, start=0.35, end=0.35)


def pout(m: Mouth) -> None:
    """Pressed together, the corners down; a full lower lip hinted."""
    x, y = _bent(m, 0.5, -0.9)
    closed_lips(m, x, y)
    m.stroke(x, y, 1.4)
    g = np.linspace(-0.5, 0.5, 8)
    m.stroke(g * m.width * 0.5, np.full(8, 0.075), 0.8, alpha=0.7)


def bite(m: Mouth) -> None:
    """Teeth on the lower lip."""
    x, y = _bent(m, 0.85, -0.1)
    upper, lower = m.at(x * 0.55, y * 0.4 - 0.005), m.at(x * 0.5, y * 0.4 + 0.045)
    with m.board.on("mouth_inside"):
        m.board.fill(path(np.vstack([upper, lower[::-1]])), (0.99, 0.98, 0.96))
    m.close(np.vstack([upper, lower[::-1]]), 0.7)
    m.stroke(x, y, 1.2)


def fang(m: Mouth) -> None:
    """A smile with a tooth."""
    x, y = _bent(m, 0.95, max(m.face.smile, 0.4))
    s = 1 if m.chance.random() < 0.5 else -1
    c = s * 0.5 * m.width
    base = float(np.interp(c, x, y))
    tooth = m.at(np.array([c - 0.04, c, c + 0.04]), np.array([base, base + 0.075, base]))
    with m.board.on("mouth_inside"):
        m.board.fill(path(tooth), col.WHITE)
        m.board.ink(tooth, m.ink, max(m.line, 0.9) * 0.8, start=0.7, end=0.7)
    m.stroke(x, y, 1.3)


def tongue_out(m: Mouth) -> None:
    """A smile with the tip of the tongue."""
    x, y = _bent(m, 0.9, max(m.face.smile, 0.3))
    s = 0.35 * m.width * (1 if m.chance.random() < 0.5 else -1)
    base = float(np.interp(s, x, y))
    w = 0.3 * m.width + 0.03
    points = np.array(
        [(s - w, base), (s - 0.85 * w, base + w), (s, base + 1.5 * w), (s + 0.85 * w, base + w), (s + w, base)]
    )
    tip = spline(points, 24)
    px = m.at(tip[:, 0], tip[:, 1])
    g = np.array([0.2, 0.9]) * w
    with m.board.on("mouth_inside"):
        m.board.fill(path(px), (0.95, 0.5, 0.5))
        m.board.ink(px, m.ink, max(m.line, 0.9), start=0.7, end=0.7)
        m.stroke(np.full(2, s), base + g, 0.7, end=0.0)
    m.stroke(x, y, 1.3)

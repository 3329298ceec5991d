"""Lips: a shadow under them, a tint, gloss, full lips."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.mouths.base import Mouth, T
from cubiseg.portraits.paint import path
from cubiseg.portraits.skin import skin_shade


def lip_colour(m: Mouth) -> col.Colour:
    """From barely redder than skin to lipstick."""
    tint = m.who.manner.lip_tint
    return col.mix(m.who.skin, col.mix((0.92, 0.45, 0.42), (0.75, 0.12, 0.25), tint), 0.35 + 0.6 * tint)


def closed_lips(m: Mouth, x: np.ndarray, y: np.ndarray) -> None:
    """The lips around a closed mouth's line, painted before it."""
    kind, full = m.who.manner.lips, 0.7 + 0.8 * m.who.rng("lips").random()
    mid = float(y[len(y) // 2])
    bow = np.sqrt(np.maximum(1 - T * T, 0))
    if kind in ("tint", "gloss", "full"):
        thick = {"tint": 0.7, "gloss": 0.9, "full": 1.15}[kind] * full
        dip = 1 - 0.4 * np.exp(-np.square(T / 0.18))
        upper = m.at(x * 0.95, y - 0.045 * thick * bow * dip)
        lower = m.at(x * 0.95, y + 0.07 * thick * bow**1.3)
        blur = 0.012 * m.head.scale if kind == "tint" else 0.0
        alpha = {"tint": 0.7, "gloss": 0.85, "full": 0.95}[kind]
        m.board.fill(path(np.vstack([upper, lower[::-1]])), lip_colour(m), alpha, blur=blur)
        if kind == "full":
            m.board.fill(path(np.vstack([upper, m.at(x * 0.95, y)[::-1]])), col.shade(lip_colour(m), 0.3), 0.6)
        if kind != "tint":
            g = np.linspace(-0.35, 0.2, 8)
            shine = m.at(g * x[-1], mid + 0.036 * thick + 0.01 * g * g)
            m.board.ink(shine, col.WHITE, 0.022 * m.head.scale, 0.75)
    if kind in ("shadow", "full") or (kind == "plain" and m.who.maturity > 0.6):
        low = 0.085 * (full if kind != "plain" else 1.0)
        g = np.linspace(-0.42, 0.42, 12)
        px = m.at(g * x[-1], mid + low - 0.12 * g * g)
        width = (0.022 if kind == "shadow" else 0.012) * m.head.scale
        m.board.ink(px, skin_shade(m.who), max(width, 0.9), 0.9, start=0.0, end=0.0)


def open_lips(m: Mouth, outline: np.ndarray) -> None:
    """The lips around an open mouth, painted before its inside."""
    kind = m.who.manner.lips
    width = {"tint": 0.03, "gloss": 0.04, "full": 0.055}.get(kind)
    if width:
        m.board.stroke(path(outline), col.mix(m.who.skin, lip_colour(m), 0.75), width * m.head.scale)

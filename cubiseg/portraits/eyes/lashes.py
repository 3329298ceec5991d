"""Lashes: the thick line of the upper lid with its corner, separate spikes, and the line of the lower lid."""

from collections.abc import Callable

import numpy as np
import skia

from cubiseg.portraits import colour as col
from cubiseg.portraits.eyes.lids import N
from cubiseg.portraits.paint import Board, gradient, normals, spline
from cubiseg.portraits.traits.eyes import EyeStyle

Points = np.ndarray
Local = Callable[[Points], Points]


def lash_ink(style: EyeStyle, inner: Points, outer: Points) -> col.Colour | skia.Shader:
    """The lash's colour, of two colours melting into its ends; ``inner`` and ``outer`` in px."""
    if style.lash_colour == style.lash_end:
        return style.lash_colour
    ends = (style.lash_end, 1.0)
    mid = (style.lash_colour, 1.0)
    return gradient(inner, outer, [ends, mid, mid, ends], [0.0, 0.3, 0.65, 1.0])


def upper_lash(style: EyeStyle, lid: Points, thickness: float, wing: float, *, shut: bool) -> Points:
    """(k, 2) outline of the upper lash along ``lid``, in eye coordinates."""
    s = style.shape
    t = np.linspace(0, 1, len(lid))
    outside = 0.35 + 0.85 * np.sin(np.pi * np.clip(0.08 + 0.66 * t, 0, 1))
    middle = 0.25 + 0.85 * np.sin(np.pi * (0.06 + 0.88 * t))
    even = np.full(len(t), 0.85)
    to = outside if s.heavy > 0 else middle
    profile = even + (to - even) * abs(s.heavy)
    start = 0.15 if style.lashes != "line" else 0.5
    profile = profile * (start + (1 - start) * np.clip(t / 0.38, 0, 1))
    if shut and wing <= 0.02:
        profile = profile * (0.3 + 0.7 * np.clip((1 - t) / 0.2, 0, 1))
    if style.lashes == "parted":  # thin over the middle
        profile = profile * (1 - 0.55 * np.exp(-np.square((t - 0.42) / 0.16)))
    out = lid + normals(lid) * (-thickness * profile)[:, None]
    out[0] = lid[0]
    if wing <= 0.02:
        return np.vstack([lid, out[::-1]])
    turn = s.wing_turn if not shut else min(s.wing_turn, 0.0) - 0.3
    tip = lid[-1] + wing * np.array([np.cos(turn), -np.sin(turn)])
    root, back = lid[-1], out[-4]
    under = spline(np.stack([root, 0.5 * (root + tip) + (0, 0.18 * wing), tip]), 6)
    over = spline(np.stack([tip, 0.6 * tip + 0.4 * back + (0, 0.12 * wing), back]), 6)
    return np.vstack([lid[:-1], under, over[1:-1], out[-4::-1]])


def spikes(
    board: Board, style: EyeStyle, lid: Points, local: Local, scale: float, squeeze: float, *, shut: bool, down: bool
) -> None:
    """Separate lashes at the outer corner."""
    kind = style.lashes
    if kind not in ("spikes", "strands", "both lids"):
        return
    count = style.spikes + (4 if kind == "strands" else 0)
    spread = 0.5 if kind == "strands" else 0.11 * count
    size = (0.055 if kind == "strands" else 0.11) * (0.8 + 3 * style.shape.wing) * squeeze
    width = (0.22 if kind == "strands" else 0.42) * max(style.shape.lash, 0.035) * scale
    for k in range(count):
        t = 0.97 - spread * k / max(count - 1, 1)
        root = lid[int(t * (len(lid) - 1))] - (0, 0.6 * style.shape.lash)
        lean = 0.85 - 0.9 * k / max(count, 1) * spread * 2
        rise = 0.75 if down else -(0.45 + 0.12 * k)
        way = np.array([lean, rise]) * size * (1 - 0.08 * k)
        if shut and down:
            root = lid[int(t * (len(lid) - 1))]
        line = np.stack([root, root + 0.55 * way + (0.0, 0.12 * size), root + way])
        board.ink(spline(local(line), 7), style.lash_end, width, start=1.0, end=0.0, belly=0.05)


def lower_lash(board: Board, style: EyeStyle, lid: Points, local: Local, scale: float, line: float) -> None:
    """The line of the lower lid, from a short stroke outside to the whole lid, and lashes on it."""
    s = style.shape
    if s.lower < 0.06:
        return
    reach = 0.62 - 0.6 * s.lower
    middle = s.lower < 0.25 and style.lashes != "line"  # a stroke under the middle
    part = lid[int(N * 0.28) : int(N * 0.8)] if middle else lid[int(N * reach) :]
    soft = col.mix(style.lash_colour, style.lash_end, 0.6)
    width = max(line, 0.011 + 0.02 * s.lower * s.lash / 0.08) * scale
    board.ink(local(part), soft, width, start=0.05, end=1.0, belly=0.8)
    if style.lashes == "both lids":
        for k in range(3):
            root = lid[int((0.62 + 0.1 * k) * (N - 1))]
            tip = root + np.array([0.035 + 0.01 * k, 0.065])
            board.ink(local(np.stack([root - (0, 0.01), tip])), soft, 1.2 * width, start=1.0, end=0.0, belly=0.1)

"""Sleeves: tubes of cloth around an arm, with cuffs, puffs, stripes and folds at the elbow."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import skia

from cubiseg.portraits import colour as col
from cubiseg.portraits.arms import Limb, tube
from cubiseg.portraits.character import Character
from cubiseg.portraits.colour import Colour
from cubiseg.portraits.paint import Board, normals, path, ribbon, spline, taper
from cubiseg.portraits.rng import Rng, uniform

SHORT, ELBOW, LONG = 0.3, 0.58, 1.0


@dataclass
class Sleeve:
    """A sleeve.

    Attributes:
        colour: colour of the cloth.
        length: place at which the sleeve ends, 0 shoulder to 1 wrist.
        start: place at which the sleeve starts, for sleeves that leave the shoulder bare.
        ease: width added, as a share of the arm's half width.
        flare: more width at the end, likewise.
        drop: head units that a wide sleeve's bag hangs below the lower arm, as of a kimono.
        puff: more width in the middle of its length, likewise.
        cuff: colour and length (0..1 of the arm) of a band at its end, or None.
        frill: colour of a frill at its end, or None.
        stripes: (place, colour, width in head units) of rings, places as for length.
        pattern: paints a pattern into a shape, or None.
        edge: colour of a line of trim along the outer side, or None.
    """

    colour: Colour
    length: float = LONG
    start: float = 0.0
    ease: float = 0.18
    flare: float = 0.0
    drop: float = 0.0
    puff: float = 0.0
    cuff: tuple[Colour, float] | None = None
    frill: Colour | None = None
    stripes: list[tuple[float, Colour, float]] = field(default_factory=list)
    pattern: Callable[[Board, skia.Path], None] | None = None
    edge: Colour | None = None


def paint_sleeve(
    board: Board, sleeve: Sleeve, limb: Limb, who: Character, scale: float, light: float, rng: Rng, part: str
) -> None:
    """Paint one sleeve, or only its part over the upper or lower arm."""
    n, line_px = 48, who.style.line * scale
    t = np.linspace(0, 1, n)
    u = np.clip((t - sleeve.start) / max(sleeve.length - sleeve.start, 1e-3), 0, 1)
    w = limb.width
    grow = w * (
        sleeve.ease * (0.55 + 0.45 * np.minimum(u * 4, 1))
        + sleeve.flare * u**1.6
        + sleeve.puff * np.sin(np.pi * np.clip(u * 1.05, 0, 1)) ** 0.8
    )
    ink, shade = col.ink(sleeve.colour, who.style.ink), col.shade(sleeve.colour, 0.25 + 0.45 * who.style.contrast)
    line = limb.line(n)
    off = normals(line) * (limb.half(n) + grow)[:, None] * limb.side
    if sleeve.drop and part != "upper":
        _bag(board, sleeve, limb, line, ink, shade, line_px, sleeve.drop * scale)
    if part != "upper" or sleeve.length < 0.5:
        _ends(board, sleeve, line, off, who, scale, behind=True)
    shapes = tube(
        board, limb, grow, sleeve.colour, ink, line_px, part=part, start=sleeve.start, end=sleeve.length, hem=True
    )
    for shape in shapes:
        with board.clipped(shape):
            if sleeve.pattern:
                sleeve.pattern(board, shape)
            for place, c, width in sleeve.stripes:
                k = int(place * (n - 1))
                board.stroke(
                    path(np.vstack([line[k] - 1.2 * off[k], line[k], line[k] + 1.2 * off[k]]), closed=False),
                    c,
                    width * scale,
                )
            if sleeve.edge:
                board.stroke(path(line - 0.45 * off, closed=False), sleeve.edge, 0.07 * scale)
            _drape(board, limb, line, off, sleeve, who, shade, ink, light, rng)
    if part != "upper" or sleeve.length < 0.5:
        _ends(board, sleeve, line, off, who, scale, behind=False)


def _bag(
    board: Board, sleeve: Sleeve, limb: Limb, line: np.ndarray, ink: Colour, shade: Colour, line_px: float, drop: float
) -> None:
    """The cloth that hangs below the lower arm; from an arm that hangs, outwards and down."""
    n = len(line)
    k = min(int(sleeve.length * (n - 1)), n - 1)
    j = max(int(max(0.42, sleeve.start) * (n - 1)), 0)
    d = (line[k] - line[j]) / max(float(np.hypot(*(line[k] - line[j]))), 1e-6)
    fall = np.array([0.0, 1.0]) - d[1] * d  # across the arm, downwards
    if np.hypot(*fall) < 0.5:
        fall = np.array([0.75 * limb.side, 0.65])
    fall = drop * fall / max(float(np.hypot(*fall)), 1e-6)
    low = np.array([line[k] + 0.9 * fall, line[k] + fall - 0.15 * drop * d, line[j] + 0.8 * fall + 0.15 * drop * d])
    shape = path(np.vstack([line[j : k + 1], low, line[j] + 0.4 * fall]))
    board.fill(shape, sleeve.colour)
    with board.clipped(shape):
        if sleeve.pattern:
            sleeve.pattern(board, shape)
        board.fill(path(np.vstack([line[j : k + 1], (line[j : k + 1] + 0.35 * fall)[::-1]])), shade, 0.5)
        for t in (0.4, 0.75):
            a = line[j] + t * (line[k] - line[j])
            board.ink(
                spline(np.array([a + 0.2 * fall, a + 0.5 * fall, a + 0.85 * fall]), 8), ink, line_px, 0.8, end=0.0
            )
    board.stroke(shape, ink, line_px)


def _drape(
    board: Board,
    limb: Limb,
    line: np.ndarray,
    off: np.ndarray,
    sleeve: Sleeve,
    who: Character,
    shade: Colour,
    ink: Colour,
    light: float,
    rng: Rng,
) -> None:
    """Dark side, and folds at the armpit, the elbow and the cuff."""
    style, n = who.style, len(line)
    scale_px = limb.width
    hard = style.shading in ("cel", "flat")
    blur = 0.0 if hard else 0.16 * scale_px
    normal = off * limb.side
    dark = normal if light > 0 else -normal
    if style.shading != "flat":
        wave = (0.42 + 0.16 * np.sin(np.linspace(0, uniform(rng, 6, 12), n) + rng.random() * 6))[:, None]
        board.fill(path(np.vstack([line + 1.5 * dark, (line + wave * dark)[::-1]])), shade, 0.8, blur=blur)
    places = [(0.26, 1), (0.5, 1), (0.5, 1), (0.5, -1), (0.93 * sleeve.length, -1), (0.9 * sleeve.length, 1)]
    for place, s in places[: 2 + int(4 * min(style.detail, 1.2) / 1.2 * rng.random() + 0.5)]:
        for _ in range(1 + int(rng.random() < 0.5)):
            k = int(np.clip(place + rng.normal(0, 0.04), 0.05, 0.97) * (n - 1))
            j = int(np.clip(k + rng.integers(-5, 6), 0, n - 1))
            a, b = line[k] + s * off[k], line[j] - s * uniform(rng, -0.35, 0.35) * off[j]
            m = 0.5 * (a + b) + 0.18 * scale_px * np.array([0, rng.normal(0.4, 0.6)])
            fold = spline(np.array([a, m, b]), 10)
            if style.shading != "flat":
                shape = path(ribbon(fold + 0.06 * scale_px, taper(10, 0.5, 0, 0.25) * 0.3 * scale_px))
                board.fill(shape, shade, 0.85 if hard else 0.6, blur=blur)
            width = style.line / max(style.line, 1e-6) * 0.05 * scale_px * (1 if style.line else 0)
            board.ink(fold, ink, width, 0.85, start=0.7, end=0.0, belly=0.2)


def _ends(
    board: Board, sleeve: Sleeve, line: np.ndarray, off: np.ndarray, who: Character, scale: float, *, behind: bool
) -> None:
    """Cuff or frill at the sleeve's end; a wide sleeve's dark inside, behind it."""
    n, line_px = len(line), who.style.line * scale
    k = min(int(sleeve.length * (n - 1)), n - 1)
    d = (line[k] - line[k - 2]) / max(float(np.hypot(*(line[k] - line[k - 2]))), 1e-6)
    across = off[k]
    reach = float(np.hypot(*across))
    if behind and sleeve.flare > 0.25:
        a = np.linspace(0, 2 * np.pi, 24)[:, None]
        ring = line[k] + 0.97 * np.cos(a) * across + 0.3 * np.sin(a) * d * reach
        c = col.shade(sleeve.colour, 0.75)
        board.outline(path(ring), c, col.ink(c, who.style.ink), line_px)
    if behind and sleeve.frill:
        waves = 9
        x = np.linspace(-1.18, 1.18, 8 * waves)[:, None]
        ripple = 0.75 + 0.25 * np.abs(np.sin(np.linspace(0, waves * np.pi / 2, 8 * waves)))[:, None]
        low = line[k] + x * across + ripple * d * 0.6 * reach
        shape = path(np.vstack([line[k] - across, low, line[k] + across]))
        board.outline(shape, sleeve.frill, col.ink(sleeve.frill, who.style.ink), line_px)
    if not behind and sleeve.cuff:
        c, length = sleeve.cuff
        j = max(k - max(int(length * (n - 1)), 2), 1)
        e = 1.06
        bend = np.linspace(-1, 1, 9)[:, None]
        low = line[k] + e * bend * across + (1 - bend**2) * d * reach * 0.22
        high = (
            line[j]
            + e * bend * off[j] * (reach / max(float(np.hypot(*off[j])), 1e-6)) ** 0.7
            + (1 - bend**2) * d * reach * 0.22
        )
        board.outline(path(np.vstack([low, high[::-1]])), c, col.ink(c, who.style.ink), line_px)

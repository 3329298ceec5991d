"""Open mouths: an outline, what is inside, teeth and tongue."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.mouths.base import Mouth, T
from cubiseg.portraits.mouths.lips import open_lips
from cubiseg.portraits.paint import path

TEETH: col.Colour = (0.99, 0.98, 0.96)


def _paint(
    m: Mouth,
    x: np.ndarray,
    top: np.ndarray,
    bottom: np.ndarray,
    *,
    upper: float = 0.0,
    lower: float = 0.0,
    tongue: float = 0.5,
    fangs: int = 0,
) -> None:
    """An open mouth between two edges.

    Args:
        m: the mouth.
        x: places of the edges.
        top: upper edge.
        bottom: lower edge.
        upper: share of the opening that upper teeth take.
        lower: share that lower teeth take.
        tongue: share that the tongue takes.
        fangs: number of fangs.
    """
    gap = bottom - top
    edge_up, edge_low = m.at(x, top), m.at(x, bottom)
    outline = np.vstack([edge_up, edge_low[::-1]])
    shape = path(outline)
    open_lips(m, outline)
    with m.board.on("mouth_inside"):
        m.board.fill(shape, m.inside)
    with m.board.on("mouth_inside"), m.board.clipped(shape):
        if tongue:
            d, w = float(gap.max()), float(np.ptp(x)) / 2
            c = float(x.mean())
            y0 = float(np.max(bottom)) - tongue * d
            k = np.linspace(-1, 1, 20)
            dip = 0.12 * d * float(m.who.maturity > 0.4) * np.exp(-np.square(k / 0.25))
            crest = m.at(c + 0.72 * w * k, y0 + dip + 0.5 * d * np.abs(k) ** 3)
            low = m.at(np.array([c + w, c - w]), np.full(2, float(bottom.max()) + 0.1))
            m.board.fill(path(np.vstack([crest, low])), col.mix(m.inside, (0.97, 0.55, 0.53), 0.72))
        if upper:
            m.board.fill(path(np.vstack([m.at(x, top - 0.03), m.at(x, top + upper * gap)[::-1]])), TEETH)
        if lower:
            m.board.fill(path(np.vstack([m.at(x, bottom - lower * gap), m.at(x, bottom + 0.03)[::-1]])), TEETH)
        for end in (0.55, -0.55)[:fangs]:
            c = float(x.mean()) + end * float(np.ptp(x)) / 2
            y0, d = float(np.interp(c, x, top)), min(0.4 * float(gap.max()), 0.12)
            tooth = m.at(np.array([c - 0.045, c, c + 0.045]), np.array([y0 - 0.02, y0 + d, y0 - 0.02]))
            m.board.fill(path(tooth), TEETH)
    m.close(outline)
    if m.line == 0 and m.who.rng("lip edge").random() < 0.5:
        m.stroke(x, top, 0.8, alpha=0.7)


def _teeth(m: Mouth) -> tuple[float, float, float]:
    """Shares of the opening that upper teeth, lower teeth and tongue take."""
    r = m.chance.random()
    if r < 0.35:
        return 0.18 + 0.6 * r, 0.0, 0.5
    if r < 0.43:
        return 0.2, 0.16, 0.5
    return 0.0, 0.0, 0.0 if r < 0.5 else 0.5


def _fangs(m: Mouth) -> int:
    r = m.who.rng("fangs").random()
    return 1 if r < 0.06 else 2 if r < 0.09 else 0


def _smile(m: Mouth, wide: float, depth: float, power: float, drop: float) -> None:
    """A D on its back: a bent upper edge and a deeper lower one."""
    x = m.width * wide * T
    top = -drop * m.face.smile * m.width * (T * T - 0.4)
    depth = min(depth, m.room)
    shape = (1 - np.abs(T) ** 2.2) ** power
    upper, lower, tongue = _teeth(m)
    _paint(m, x, top, top + depth * shape, upper=upper, lower=lower, tongue=tongue, fangs=_fangs(m))


def ajar(m: Mouth) -> None:
    """Slightly open, without teeth."""
    x = m.width * (0.4 + 0.35 * m.chance.random()) * T
    top = -0.18 * m.width * m.face.smile * (T * T - 0.4) - 0.012 * np.cos(3 * T)
    depth = 0.035 + 0.05 * m.face.open
    _paint(m, x, top, top + depth * (1 - T * T) ** 0.7, tongue=0.0 if m.chance.random() < 0.6 else 0.5)


def opened(m: Mouth) -> None:
    """Open, from a small curve to a wide one; a smile hangs as a D, a frown stands as an arch."""
    wide = 0.65 + 0.45 * m.chance.random()
    if m.face.smile >= -0.15:
        _smile(m, wide, (0.1 + 0.34 * m.face.open) * (0.7 + 0.6 * wide), 0.6, 0.3)
        return
    depth = min(0.08 + 0.25 * m.face.open, m.room)
    bottom = 0.5 * depth + 0.12 * m.width * T * T
    top = bottom - depth * (1 - np.abs(T) ** 2.2) ** 0.65
    upper, lower, tongue = _teeth(m)
    _paint(m, m.width * wide * T, top, bottom, upper=upper, lower=lower, tongue=tongue)


def laugh(m: Mouth) -> None:
    """As wide as it goes."""
    _smile(m, 1.25 + 0.25 * m.chance.random(), 0.2 + 0.35 * m.face.open, 0.45, 0.35)


def rounded(m: Mouth) -> None:
    """An o."""
    w = m.width * (0.25 + 0.35 * m.chance.random())
    h = min(w * (0.7 + 0.9 * m.face.open), 0.45 * m.room)
    x = w * np.sin(0.5 * np.pi * T)
    arc = np.cos(0.5 * np.pi * T)
    _paint(m, x, -h * arc, h * arc, tongue=0.35 if h > 0.06 and m.chance.random() < 0.6 else 0.0)


def triangle(m: Mouth) -> None:
    """A triangle, point up, or down when glad."""
    w, h = m.width * (0.4 + 0.4 * m.chance.random()), min(0.06 + 0.2 * m.face.open, 0.8 * m.room)
    tri = h * (1 - np.abs(T)) ** 0.85
    if m.face.smile > 0.3:
        top = -0.06 * m.width * (T * T)
        _paint(m, 1.1 * w * T, top, top + tri, tongue=0.45)
    else:
        _paint(m, w * T, 0.4 * h - tri, np.full(len(T), 0.4 * h) + 0.02 * (1 - T * T), tongue=0.4)


def square(m: Mouth) -> None:
    """A box with round corners, as in a complaint."""
    w, h = m.width * (0.7 + 0.4 * m.chance.random()), min(0.1 + 0.2 * m.face.open, 0.8 * m.room)
    box = (1 - np.abs(T) ** 5) ** 0.5
    flare = 1 + 0.12 * np.sin(np.pi * T)
    top = -0.45 * h * box + 0.02
    _paint(m, w * T * flare, top, 0.45 * h * box + 0.02, upper=0.2, lower=0.12 if m.chance.random() < 0.5 else 0.0)


def shout(m: Mouth) -> None:
    """Wide, tall and uneven."""
    w, h = m.width * (1.0 + 0.3 * m.chance.random()), min(0.22 + 0.3 * m.face.open, m.room)
    peak = 0.25 * (m.chance.random() - 0.5)
    top = -0.3 * h * (1 - np.abs(T - peak) ** 2) ** 1.0 + 0.05 * T
    bottom = top + h * (1 - np.abs(T) ** 2.6) ** 0.55
    lower = 0.1 if m.chance.random() < 0.5 else 0.0
    _paint(m, w * T, top, bottom, upper=0.16, lower=lower, fangs=_fangs(m), tongue=0.4)


def _rows(m: Mouth, x: np.ndarray, top: np.ndarray, bottom: np.ndarray, teeth: int) -> None:
    """Teeth shut: white, with the line where they meet and fainter lines between them."""
    outline = np.vstack([m.at(x, top), m.at(x, bottom)[::-1]])
    open_lips(m, outline)
    shape = path(outline)
    ink = max(m.line, 0.8)
    with m.board.on("mouth_inside"):
        m.board.fill(shape, TEETH)
    with m.board.on("mouth_inside"), m.board.clipped(shape):
        if teeth:
            m.board.ink(m.at(x, 0.5 * (top + bottom)), m.ink, 0.7 * ink, 0.7, start=1, end=1)
        for k in range(1, teeth):
            c = np.full(2, x[0] + (x[-1] - x[0]) * k / teeth)
            y = np.array([float(np.interp(c[0], x, top)), float(np.interp(c[0], x, bottom))])
            m.board.ink(m.at(c, y), m.ink, 0.5 * ink, 0.55, start=1, end=1)
    if m.line:
        m.board.stroke(shape, m.ink, m.line)
    else:
        m.stroke(x, top, 0.9)
        m.stroke(x, bottom, 0.7)


def grin(m: Mouth) -> None:
    """A broad smile that shows the teeth."""
    x = m.width * (0.95 + 0.3 * m.chance.random()) * T
    top = -0.3 * m.width * max(m.face.smile, 0.25) * (T * T - 0.4)
    depth = 0.05 + 0.08 * m.face.open
    bottom = top + depth * (1 - np.abs(T) ** 3) ** 0.6
    _rows(m, x, top, bottom, 0 if m.chance.random() < 0.5 else int(m.chance.integers(1, 7)))


def clenched(m: Mouth) -> None:
    """Teeth pressed together."""
    w, h = m.width * 0.95, 0.07 + 0.06 * m.face.open
    wave = 1 + 0.12 * np.cos(3 * np.pi * T)
    box = (1 - np.abs(T) ** 5) ** 0.5 * wave
    sag = 0.08 * m.width * T * T
    _rows(m, w * T, sag - 0.5 * h * box, sag + 0.5 * h * box, int(m.chance.integers(4, 9)))

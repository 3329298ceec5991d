"""Tails of animals and demons: they leave the body behind the hips, below all hair."""

from collections.abc import Callable

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.accessories import Wear, worn
from cubiseg.portraits.axes import Axis
from cubiseg.portraits.character import Character
from cubiseg.portraits.paint import path, ribbon, spline, taper
from cubiseg.portraits.rng import chance, pick, uniform


def _curve(w: Wear, side: float, out: float, rise: float, hook: float, n: int = 60) -> np.ndarray:
    """(n, 2) px from the hips' back: down a little, outwards, then up by ``rise`` (or down, where it is negative)."""
    t, s = w.torso, w.torso.shoulder
    low = t.hip_y - 0.25 * t.long
    points = [
        (0.0, low),
        (0.45 * side * out * s, low + (0.5 + 0.25 * max(-rise, 0.0)) * s),
        (0.95 * side * out * s, low + (0.4 - 0.4 * rise) * s),
        (side * out * 1.15 * s, low - (0.9 * rise - 0.2) * s),
        (side * (out * 1.15 + hook) * s, low - (1.5 * rise - 0.1) * s),
    ]
    return spline(t.px(np.array(points), -0.5), n)


def _fur(w: Wear) -> col.Colour:
    """As the hair, or any animal's."""
    rng = w.rng
    if chance(rng, 0.6):
        return w.who.hair
    furs = {"brown": 2.0, "white": 2.0, "black": 2.0, "grey": 1.0, "any": 1.0}
    return {
        "brown": col.hsv(uniform(rng, 0.04, 0.1), uniform(rng, 0.3, 0.7), uniform(rng, 0.35, 0.85)),
        "white": col.hsv(rng.random(), 0.03, 0.97),
        "black": col.hsv(0.7, 0.15, 0.15),
        "grey": col.hsv(0.6, 0.06, uniform(rng, 0.4, 0.7)),
        "any": w.colour(),
    }[pick(rng, furs)]


def _bend(rng: np.random.Generator) -> tuple[float, float, float, float]:
    side = 1.0 if chance(rng, 0.5) else -1.0
    rise = uniform(rng, 0.3, 1.3) if chance(rng, 0.7) else uniform(rng, -0.9, 0.0)
    return side, uniform(rng, 1.2, 2.7), rise, uniform(rng, -0.6, 0.5)


def cat(w: Wear) -> None:
    """Thin and long, of even width; rings, another tip, a bow or a bell."""
    rng, c = w.rng, _fur(w)
    line, wide = _curve(w, *_bend(rng)), uniform(rng, 0.16, 0.3) * w.u
    p = w.patch(ribbon(line, taper(60, 0.7, 0.0, 0.85) ** 0.6 * wide), c)
    if chance(rng, 0.4):
        other = w.trim(c)
        for a in (0.85,) if chance(rng, 0.5) else (0.4, 0.55, 0.7, 0.85):
            i = int(a * 60)
            with w.board.clipped(p):
                w.board.fill(path(ribbon(line[i : i + (12 if a == 0.85 else 4)], 2 * wide)), other)
        w.board.stroke(p, w.ink(c), w.line)


def _bushy(w: Wear, c: col.Colour, tip: col.Colour, bend: tuple[float, float, float, float], fat: float) -> None:
    """A brush: it swells, ends in a point, and has tufts along its edges."""
    rng, n = w.rng, 60
    line = _curve(w, *bend, n)
    width = taper(n, 0.25, 0.0, 0.62) * fat * w.u
    ragged = 1 + 0.12 * np.abs(np.sin(np.linspace(0, 9 * np.pi, n))) * np.linspace(0, 1, n)
    p = w.patch(ribbon(line, width * ragged), c, tone=0.7)
    with w.board.clipped(p):
        a = int(n * uniform(rng, 0.62, 0.78))
        zig = line[a] + np.outer(np.linspace(-1, 1, 9), (line[a] - line[a - 2])[::-1] * (-1, 1)) * 8
        zig[1::2] += 0.22 * fat * w.u * (line[a] - line[a + 6]) / max(float(np.hypot(*(line[a] - line[a + 6]))), 1e-6)
        if tip != c:
            beyond = np.vstack(
                [
                    zig,
                    line[-1] + (zig[-1] - line[a]),
                    line[-1] + 2 * (line[-1] - line[a]),
                    line[-1] + (zig[0] - line[a]),
                ]
            )
            w.board.fill(path(beyond), tip)
        for k in range(int(6 * w.who.style.detail)):
            i = int(rng.integers(10, n - 14))
            off = uniform(rng, -0.3, 0.3) * width[i]
            d = (line[i + 1] - line[i - 1]) / max(float(np.hypot(*(line[i + 1] - line[i - 1]))), 1e-6)
            hair = line[i : i + 12] + off * np.array([-d[1], d[0]]) * (1 + 0.05 * k)
            w.board.ink(hair, w.ink(c), 0.8 * max(w.line, 0.01 * w.u), 0.7, start=0.1, end=0.0)
    w.board.stroke(p, w.ink(c), w.line)


def fox(w: Wear) -> None:
    """A fox's or a wolf's brush, most often with a pale tip."""
    c = _fur(w)
    tip = c if chance(w.rng, 0.3) else (col.hsv(0.1, 0.05, 0.98) if chance(w.rng, 0.7) else w.trim(c))
    _bushy(w, c, tip, _bend(w.rng), uniform(w.rng, 0.75, 1.5))


def many(w: Wear) -> None:
    """Three to nine brushes, fanned out."""
    rng, c = w.rng, _fur(w)
    tip = col.hsv(0.1, 0.05, 0.98) if chance(rng, 0.6) else c
    k, fat = int(rng.choice([3, 5, 7, 9])), uniform(rng, 0.6, 0.9)
    for u in sorted(np.linspace(-1, 1, k), key=lambda u: -abs(u)):
        side = float(np.sign(u) or 1.0)
        _bushy(w, c, tip, (side, 0.4 + 1.7 * abs(u), 1.8 - 1.5 * abs(u), side * 0.2), fat)


def demon(w: Wear) -> None:
    """A thin whip with a spade or a heart at its end."""
    rng = w.rng
    c = col.hsv(rng.random(), uniform(rng, 0.2, 0.8), uniform(rng, 0.1, 0.5)) if chance(rng, 0.7) else w.colour()
    line = _curve(w, *_bend(rng))
    w.patch(ribbon(line, np.linspace(0.16, 0.08, 60) * w.u), c)
    d = (line[-1] - line[-6]) / max(float(np.hypot(*(line[-1] - line[-6]))), 1e-6)
    n, size = np.array([-d[1], d[0]]), uniform(rng, 0.25, 0.45) * w.u
    spade = [(0.0, 0.0), (-0.25, 0.75), (0.25, 0.7), (1.15, 0.0), (0.25, -0.7), (-0.25, -0.75)]
    w.patch(np.array([line[-1] + size * (a * d + b * n) for a, b in spade]), c, 0 if chance(rng, 0.5) else 30)


def dragon(w: Wear) -> None:
    """Thick at the body and pointed, with a paler belly and spikes along the back."""
    rng = w.rng
    c = col.hsv(rng.random(), uniform(rng, 0.2, 0.8), uniform(rng, 0.2, 0.8))
    side, out, rise, hook = _bend(rng)
    line = _curve(w, side, out, rise, hook)
    fat, spike = uniform(rng, 0.55, 0.95), w.colour()
    width = (1 - np.linspace(0, 1, 60) ** 1.3) * fat * w.u + 0.04 * w.u
    d = np.gradient(line, axis=0)
    n = np.stack([-d[:, 1], d[:, 0]], 1) / np.maximum(np.hypot(d[:, 0], d[:, 1]), 1e-6)[:, None]
    for i in range(6, 56, 5):
        at = line[i] + side * 0.42 * width[i] * n[i]
        tip = at + side * 0.5 * width[i] * n[i] + 0.02 * w.u * side * n[i]
        step = (line[i + 2] - line[i - 2]) * 0.7
        w.patch(np.array([at - step, tip + 0.5 * step, at + step]), spike, line=0.8)
    p = w.patch(ribbon(line, width), c, tone=0.8)
    with w.board.clipped(p):
        belly = line - side * 0.32 * width[:, None] * n
        w.board.fill(path(ribbon(belly, 0.4 * width)), col.light(c, 0.6))
        for i in range(4, 58, 3):
            w.board.ink(belly[i] + np.outer((-0.2, 0.2), n[i] * width[i]), w.ink(c), 0.6 * w.line, 0.6)
    w.board.stroke(p, w.ink(c), w.line)


_KINDS: dict[str, tuple[Callable[[Wear], None], float, float]] = {
    "cat": (cat, 1.0, 0.4),
    "fox": (fox, 0.9, 0.5),
    "many": (many, 0.35, 0.15),
    "demon": (demon, 0.5, 0.4),
    "dragon": (dragon, 0.4, 0.5),
}
TAIL = Axis("tail", "a tail behind the body", {"none": 96, **{k: (a, b) for k, (_, a, b) in _KINDS.items()}})
AXES = (TAIL,)

_WITH = {
    "cat_ears": ("cat", 110),
    "fox_ears": ("fox", 110),
    "wolf_ears": ("fox", 110),
    "dog_ears": ("fox", 60),
    "mouse_ears": ("cat", 70),
    "small_horns": ("demon", 60),
    "curled_horns": ("demon", 30),
    "dragon_horns": ("dragon", 100),
}
"""Kind of tail that goes with what is worn on the head, and its weight beside 96 of none."""


def tail_of(who: Character) -> str:
    """The kind of tail that this character has, or "none"."""
    weights = TAIL.weights(who.lean)
    kind, weight = _WITH.get(worn(who, "head"), ("none", 0.0))
    if weight:
        weights[kind] += weight
    if kind == "fox":
        weights["many"] += 0.2 * weight
    return who.mix.pick(who.rng("tail"), TAIL, weights=weights)


def paint_tail(wear: Wear) -> bool:
    """Paint the tail on the wearer's board; False where there is none."""
    kind = tail_of(wear.who)
    if kind != "none":
        _KINDS[kind][0](wear)
    return kind != "none"

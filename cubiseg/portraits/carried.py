"""What is carried beside what a raised hand holds: in a lowered hand, in the arms, over a shoulder or on the back.

Decided before the clothes are cut, since arms depend on it; painted at three places of the stack: behind the body,
over the clothes, and right below the hands.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits import held
from cubiseg.portraits.accessories import Wear
from cubiseg.portraits.arms import Limb, limb_to
from cubiseg.portraits.axes import axis
from cubiseg.portraits.body import Torso
from cubiseg.portraits.gestures import Gesture
from cubiseg.portraits.paint import path, ribbon, spline
from cubiseg.portraits.rng import Rng, chance, pick, uniform
from cubiseg.portraits.scene import Scene

CARRIED = axis("""carried: what is carried beside what a raised hand holds:
    none 88, in a low hand 3.5, satchel 1.8, backpack 1.4, weapon on the back 1.2 1.8, guitar on the back 0.3,
    guitar 0.5, hugged 1.0 0.3, open umbrella 0.7""")
AXES = (CARRIED,)

_LOW = {"sword": 2.0, "dagger": 0.6, "gun": 1.0, "bag": 2.5, "umbrella": 1.2, "lantern": 0.6, "bow": 0.5, "plush": 0.6}
"""What a lowered hand holds, by weight."""
_FREE = frozenset({"satchel", "backpack", "weapon on the back", "guitar on the back"})
"""Kinds that need no hand."""

Paint = Callable[[Wear], None]


@dataclass
class Load:
    """What one figure carries: arms that it takes, and painters by place ("behind", "over", "below hands")."""

    act: Gesture
    paints: dict[str, Paint] = field(default_factory=dict)


def carry(torso: Torso, view: Scene, act: Gesture) -> Load:
    """What the figure carries; ``act``: what its raised hands do, kept as it is where they are busy."""
    rng = view.rng("carried")
    weights = CARRIED.weights(torso.who.lean)
    if act.limbs:
        weights = {kind: w for kind, w in weights.items() if kind in _FREE or kind == "none"}
    kind = view.mix.pick(rng, CARRIED, weights=weights)
    if kind == "none" or (act.limbs and kind not in _FREE):
        return Load(act)
    return _KINDS[kind](torso, rng, act)


def _arm(torso: Torso, side: int, x: float, y: float, hand: str, aim: float, out: float, low: float) -> Limb:
    """An arm whose wrist is at (x, y): shoulder widths and body units below the neck."""
    wrist = torso.px(np.array([(side * x * torso.shoulder, torso.y + y * torso.long)]), 0.4)[0]
    limb = limb_to(torso, side, (out, low), wrist, hand, aim, -side, 0.2)
    limb.raised = True
    return limb


def _thing(rng: Rng, name: str) -> held.Thing:
    return held.Thing(held.THINGS[name][0], uniform(rng, 0.9, 1.3), int(rng.integers(0, 2**31)))


def _low(torso: Torso, rng: Rng, act: Gesture) -> Load:
    side, name = (1 if chance(rng, 0.5) else -1), pick(rng, _LOW)
    aim = np.pi / 2 - side * uniform(rng, 0.0, 0.6)
    limb = _arm(torso, side, uniform(rng, 1.0, 1.35), uniform(rng, 2.6, 2.9), "grip", aim, 0.22, 1.45)
    return Load(Gesture([limb], [_thing(rng, name)]))


def _px(w: Wear, xs: tuple[float, ...], ys: tuple[float, ...], z: float) -> np.ndarray:
    """px of points in shoulder widths beside the middle and body units below the neck."""
    t = w.torso
    return t.px(np.column_stack([np.array(xs) * t.shoulder, t.y + np.array(ys) * t.long]), z)


def _satchel(torso: Torso, rng: Rng, act: Gesture) -> Load:
    side = 1 if chance(rng, 0.5) else -1

    def over(w: Wear) -> None:
        c, wide = w.colour(), uniform(w.rng, 0.12, 0.3)
        start = w.torso.shoulder_line(0.55 * w.torso.shoulder, 0.56 * w.torso.shoulder, 0.02, 2)[0] * (-side, 1)
        strap = np.vstack(
            [w.torso.px(start, 0.1), _px(w, (-0.2 * side, 0.5 * side, 0.86 * side), (0.9, 1.9, 2.75), 0.4)]
        )
        w.band(spline(strap, 24), wide, w.dark(c, 0.4))
        x, y, h = 0.86 * side, 2.65, uniform(w.rng, 0.7, 1.2)
        half = uniform(w.rng, 0.32, 0.5)
        box = _px(w, (x - half, x + half, x + half, x - half), (y, y, y + h, y + h), 0.4)
        w.patch(box, c)
        w.patch(_px(w, (x - half, x + half, x + 0.9 * half, x - 0.9 * half), (y, y, y + 0.5 * h, y + 0.5 * h), 0.4), c)
        w.ball(_px(w, (x,), (y + 0.5 * h,), 0.4)[0], 0.08, w.metal())

    return Load(act, {"over": over})


def _backpack(torso: Torso, rng: Rng, act: Gesture) -> Load:
    def both(w: Wear) -> tuple[col.Colour, float]:
        return w.colour(), uniform(w.rng, 0.16, 0.28)

    def behind(w: Wear) -> None:
        c, _ = both(w)
        half, top, low = uniform(w.rng, 0.95, 1.4), uniform(w.rng, -0.35, 0.2), uniform(w.rng, 2.0, 3.2)
        a = np.linspace(0, 2 * np.pi, 40)
        xs = np.sign(np.cos(a)) * np.abs(np.cos(a)) ** 0.5 * half
        ys = 0.5 * (top + low) + 0.5 * (low - top) * np.sign(np.sin(a)) * np.abs(np.sin(a)) ** 0.5
        w.patch(_px(w, tuple(xs), tuple(ys), -0.9), c)
        loop = spline(_px(w, (-0.2, -0.15, 0.15, 0.2), (top, top - 0.2, top - 0.2, top), -0.9), 16)
        w.band(loop, 0.09, w.dark(c, 0.5))

    def over(w: Wear) -> None:
        c, wide = both(w)
        for side in (-1, 1):
            top = w.torso.shoulder_line(0.62 * w.torso.shoulder, 0.63 * w.torso.shoulder, 0.03, 2)[0] * (side, 1)
            low = _px(w, (0.6 * side, 0.66 * side, 0.78 * side), (0.8, 1.3, 1.75), 0.35)
            w.band(spline(np.vstack([w.torso.px(top, 0.05), low]), 20), wide, w.dark(c, 0.3))

    return Load(act, {"behind": behind, "over": over})


def _guitar(w: Wear, at: np.ndarray, aim: float, size: float) -> None:
    """A guitar or a bass around ``at`` (px, the middle of its body), the neck towards ``aim``."""
    rng, u = w.rng, size * w.u
    c, wood = w.colour() if chance(rng, 0.6) else (0.72, 0.42, 0.2), (0.4, 0.26, 0.18)
    d = np.array([np.cos(aim), np.sin(aim)])
    n = np.array([-d[1], d[0]])

    def px(points: np.ndarray) -> np.ndarray:
        return at + u * (points[:, :1] * d + points[:, 1:] * n)

    waist = uniform(rng, 0.5, 0.7)
    half = np.array([(-1.0, 0.0), (-0.9, 0.62), (-0.35, 0.8), (0.12, waist), (0.55, 0.62), (0.8, 0.4), (0.82, 0.0)])
    w.patch(px(np.vstack([half, half[-2:0:-1] * (1, -1)])), c, 60)
    w.patch(px(np.array([(0.0, 0.11), (2.6, 0.08), (2.6, -0.08), (0.0, -0.11)])), wood)
    w.patch(px(np.array([(2.55, 0.1), (3.1, 0.16), (3.1, -0.12), (2.55, -0.1)])), c)
    a = np.linspace(0, 2 * np.pi, 20)
    w.patch(px(np.column_stack([0.1 + 0.22 * np.cos(a), 0.22 * np.sin(a)])), w.dark(c, 1.5))
    w.patch(px(np.array([(-0.55, 0.25), (-0.45, 0.25), (-0.45, -0.25), (-0.55, -0.25)])), wood)
    for y in (-0.05, 0.0, 0.05):
        w.board.ink(px(np.array([(-0.5, y), (2.6, y)])), (0.9, 0.9, 0.9), 0.02 * u, 0.8)


def _on_back(torso: Torso, rng: Rng, act: Gesture, *, guitar: bool) -> Load:
    side = 1 if chance(rng, 0.5) else -1

    def behind(w: Wear) -> None:
        aim = -np.pi / 2 + side * uniform(w.rng, 0.35, 0.9)
        middle = _px(w, (0.0,), (1.4,), -0.8)[0]
        if guitar:
            _guitar(w, middle + 0.3 * w.u * np.array([-side, 1.0]), aim, 1.1 * w.torso.shoulder)
            return
        d = np.array([np.cos(aim), np.sin(aim)])
        n, u = np.array([-d[1], d[0]]), w.torso.shoulder * w.u
        long, wide = uniform(w.rng, 1.6, 3.0), uniform(w.rng, 0.06, 0.28)

        def px(points: list[tuple[float, float]]) -> np.ndarray:
            return np.array([middle + u * (a * d + b * n) for a, b in points])

        c = w.colour()
        w.patch(px([(1.2, wide), (1.2, -wide), (-long, -0.7 * wide), (-long - 0.2, 0.0), (-long, 0.7 * wide)]), c)
        w.patch(px([(1.15, 0.32), (1.28, 0.32), (1.28, -0.32), (1.15, -0.32)]), w.metal())
        w.patch(px([(1.28, 0.07), (1.28, -0.07), (2.0, -0.06), (2.0, 0.06)]), w.trim(c))
        w.ball(px([(2.05, 0.0)])[0], 0.1 * w.torso.shoulder, w.metal())

    def over(w: Wear) -> None:
        top = w.torso.shoulder_line(0.6 * w.torso.shoulder, 0.61 * w.torso.shoulder, 0.02, 2)[0] * (side, 1)
        low = _px(w, (0.3 * side, -0.3 * side, -0.72 * side), (0.9, 1.6, 2.2), 0.4)
        w.band(spline(np.vstack([w.torso.px(top, 0.05), low]), 24), uniform(w.rng, 0.1, 0.2), w.colour())

    return Load(act, {"behind": behind, "over": over} if chance(rng, 0.6) else {"behind": behind})


def _played(torso: Torso, rng: Rng, act: Gesture) -> Load:
    """A guitar before the body: one hand at its neck, one over the strings."""
    side = 1 if chance(rng, 0.5) else -1
    aim = (-0.35 if side > 0 else np.pi + 0.35) + rng.normal(0, 0.08)
    fret = _arm(torso, side, 1.25, 1.55, "fist", -np.pi / 2 - 0.2 * side, 0.45, 1.3)
    strum = _arm(torso, -side, 0.1, 2.35, "relaxed", np.pi / 2 - 1.1 * side, 0.5, 1.25)

    def below(w: Wear) -> None:
        strap = np.vstack([_px(w, (0.6 * side, 0.2 * side, -0.5 * side), (0.3, 1.0, 2.1), 0.4)])
        w.band(spline(strap, 20), 0.16, w.colour())
        _guitar(w, _px(w, (-0.15 * side,), (2.35,), 0.5)[0], aim, 1.1 * w.torso.shoulder)

    return Load(Gesture([fret, strum]), {"below hands": below})


def _hugged(torso: Torso, rng: Rng, act: Gesture) -> Load:
    """A toy, a cushion, books or a box in both arms."""
    kind, y = pick(rng, {"plush": 2.0, "cushion": 1.0, "books": 1.2, "box": 0.8}), uniform(rng, 1.1, 1.5)
    limbs = [_arm(torso, s, 0.42, y + 0.35, "flat", np.pi - 0.15 if s > 0 else 0.15, 0.2, 1.5) for s in (-1, 1)]

    def below(w: Wear) -> None:
        u, c = w.torso.shoulder * w.u, w.colour()
        at = _px(w, (0.0,), (y + 0.1,), 0.5)[0]
        a = np.linspace(0, 2 * np.pi, 30, endpoint=False)
        disc = np.column_stack([np.cos(a), np.sin(a)])
        if kind == "plush":
            for x, v, rx, ry in (
                *((-0.42, -0.95, 0.2, 0.26), (0.42, -0.95, 0.2, 0.26), (-0.5, 0.85, 0.24, 0.3), (0.5, 0.85, 0.24, 0.3)),
                *((0.0, 0.35, 0.6, 0.7), (0.0, -0.5, 0.58, 0.5)),
            ):
                w.patch(at + u * (disc * (rx, ry) + (x, v)), c)
            for x in (-0.22, 0.22):
                w.patch(at + u * (disc * 0.06 + (x, -0.55)), (0.08, 0.06, 0.07))
            w.patch(at + u * (disc * (0.2, 0.14) + (0.0, -0.35)), col.light(c, 0.6))
            return
        rx, ry = {"cushion": (0.8, 0.65), "books": (0.5, 0.65), "box": (0.75, 0.55)}[kind]
        soft = 0.45 if kind == "cushion" else 0.08
        box = np.sign(disc) * np.abs(disc) ** soft
        p = w.patch(at + u * box * (rx, ry), c)
        if kind == "books":
            w.patch(at + u * (box * (0.92 * rx, 0.12 * ry) + (0, -1.02 * ry)), (0.95, 0.93, 0.86))
        elif chance(w.rng, 0.5):
            w.pattern(p, w.trim(c), pick(w.rng, {"stripes": 1.0, "dots": 1.0, "checks": 1.0}), 0.3)

    return Load(Gesture(limbs), {"below hands": below})


def _open_umbrella(torso: Torso, rng: Rng, act: Gesture) -> Load:
    """An umbrella held beside the head: the hand's rod before the figure, its roof behind it."""
    side, lean = (1 if chance(rng, 0.5) else -1), uniform(rng, -0.1, 0.35)
    aim = -np.pi / 2 + side * lean
    limb = _arm(torso, side, uniform(rng, 0.65, 0.95), uniform(rng, 1.0, 1.5), "grip", aim, 0.35, 1.5)
    u, d = torso.head.scale, np.array([np.cos(aim), np.sin(aim)])
    long = float((limb.joints[2][1] - torso.head.pose.y) / u) + uniform(rng, 1.6, 2.6)
    top, wide = limb.joints[2] + long * u * d, uniform(rng, 2.8, 4.2)
    reach = long * u / limb.size

    def behind(w: Wear) -> None:
        c, n = w.colour(), np.array([-d[1], d[0]])
        a = np.linspace(np.pi, 2 * np.pi, 40)
        high = uniform(w.rng, 0.4, 0.6) * wide
        roof = np.column_stack([wide * np.cos(a), high * np.sin(a)])
        k = int(w.rng.integers(5, 9))
        at = np.linspace(wide, -wide, k + 1)
        hem = [
            spline(np.array([(p, 0.0), (0.5 * (p + q), -0.14 * wide / k * 2), (q, 0.0)]), 8) for p, q in pairwise(at)
        ]
        shape = np.vstack([roof, *hem])

        def px(points: np.ndarray) -> np.ndarray:
            return top + w.u * (points[:, :1] * n + (points[:, 1:] + 0.75 * high) * -d)

        p = w.patch(px(shape), c)
        with w.board.clipped(p):
            for x in at[1:-1]:
                rib = spline(np.array([(x, 0.0), (0.75 * x, -0.65 * high), (0.0, -high)]), 12)
                w.board.ink(px(rib), w.ink(c), max(w.line, 0.012 * w.u), 0.8)
        w.board.stroke(path(px(np.array([(0, -high), (0, -1.15 * high)])), closed=False), w.metal(), 0.08 * w.u)

    def rod(g: held.Grip) -> None:
        g.patch(ribbon(np.array([(0, -0.6), (0.0, reach / g.size)]), 0.07), (0.45, 0.3, 0.2))

    return Load(Gesture([limb], [held.Thing(rod, 1.0, 0)]), {"behind": behind})


_KINDS: dict[str, Callable[[Torso, Rng, Gesture], Load]] = {
    "in a low hand": _low,
    "satchel": _satchel,
    "backpack": _backpack,
    "weapon on the back": lambda torso, rng, act: _on_back(torso, rng, act, guitar=False),
    "guitar on the back": lambda torso, rng, act: _on_back(torso, rng, act, guitar=True),
    "guitar": _played,
    "hugged": _hugged,
    "open umbrella": _open_umbrella,
}

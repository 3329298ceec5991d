"""Wings on the back: feathered, a bat's, a fairy's, a butterfly's, of metal. They lie behind all hair and body.

A wing is built in its own plane: x from the shoulder blade outwards, y up, 1 is its span; ``_Wing.px`` lays it out.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import skia

from cubiseg.portraits import colour as col
from cubiseg.portraits.accessories import Wear, worn
from cubiseg.portraits.axes import Axis
from cubiseg.portraits.character import Character
from cubiseg.portraits.paint import path, ribbon, spline, taper
from cubiseg.portraits.rng import chance, uniform
from cubiseg.portraits.tables import xy


@dataclass
class _Wing:
    """One wing: where its plane lies in the picture."""

    wear: Wear
    side: int
    root: np.ndarray
    span: float
    turn: float
    squeeze: float

    def px(self, points: np.ndarray) -> np.ndarray:
        """(n, 2) px of points in the wing's plane."""
        c, s = np.cos(self.turn), np.sin(self.turn)
        p = np.atleast_2d(np.asarray(points, float)) @ np.array([[c, s], [-s, c]])
        return self.root + self.span * p * (self.side * self.squeeze, -1)


def _feather(wing: _Wing, at: np.ndarray, aim: float, long: float, wide: float, c: col.Colour) -> None:
    """One feather from ``at`` towards ``aim`` (radians from x), with its shaft."""
    d = np.array([np.cos(aim), np.sin(aim)])
    n = np.array([-d[1], d[0]])
    along, across = np.array([0.0, 0.35, 0.75, 0.94, 1.0]), np.array([0.5, 0.95, 1.0, 0.6, 0.0])
    one = at + long * along[:, None] * d + wide * across[:, None] * n
    other = at + long * along[:, None] * d - 0.8 * wide * across[:, None] * n
    w = wing.wear
    w.patch(wing.px(spline(np.vstack([one, other[-2::-1]]), 22, closed=True)), c, tone=0.6, line=0.8)


def feathered(wing: _Wing) -> None:
    """A bird's or an angel's: long primaries, then two rows of coverts, then the arm."""
    w, rng = wing.wear, wing.wear.rng
    c = col.WHITE if chance(rng, 0.5) else (col.hsv(0.7, 0.2, 0.14) if chance(rng, 0.4) else w.colour())
    if c == col.WHITE:
        c = col.hsv(rng.random(), uniform(rng, 0.0, 0.06), uniform(rng, 0.93, 1.0))
    tip = c if chance(rng, 0.6) else w.colour()
    high, fold = uniform(rng, 0.1, 0.5), uniform(rng, 0.0, 0.5)
    edge = spline(xy((0, 0.2, 0.48, 0.72 - 0.2 * fold), (0, 0.2 + high, 0.3 + high, 0.1 + high)), 40)
    count = int(rng.integers(10, 16))
    for row, (k, long) in enumerate(((count, 1.0), (count - 2, 0.52), (count - 4, 0.28))):
        shade = col.mix(w.dark(c, 0.25), tip, 0.6) if row == 0 else col.mix(c, tip, 0.15) if row == 1 else c
        for t in np.linspace(1, 0.08, k):
            at = edge[int(t * 39)]
            aim = np.interp(t, (0, 0.5, 1), (-1.75, -1.5, -0.95 - 0.5 * fold)) + rng.normal(0, 0.03)
            reach = long * np.interp(t, (0, 0.3, 0.75, 1), (0.34, 0.5, 0.82, 0.75)) * uniform(rng, 0.94, 1.05)
            _feather(wing, at, aim, reach, 0.75 / k * (1 + 0.3 * row), shade)
    arm = ribbon(edge, taper(40, 0.5, 0.35, 0.4) * 0.11)
    w.patch(wing.px(arm), c, tone=0.7)


def bat(wing: _Wing) -> None:
    """A bat's, a devil's or a dragon's: skin between long fingers."""
    w, rng = wing.wear, wing.wear.rng
    c = col.hsv(rng.random(), uniform(rng, 0.2, 0.7), uniform(rng, 0.12, 0.5)) if chance(rng, 0.7) else w.colour()
    bone = col.shade(c, uniform(rng, 0.2, 0.8)) if chance(rng, 0.7) else w.colour()
    high = uniform(rng, 0.15, 0.5)
    elbow, wrist = np.array([0.2, 0.05 + 0.5 * high]), np.array([0.46, 0.22 + high])
    k = int(rng.integers(3, 6))
    aims = np.linspace(uniform(rng, -0.35, 0.15), uniform(rng, -1.9, -1.6), k)
    tips = [
        wrist + uniform(rng, 0.5, 0.65) * (1 - 0.1 * i) * np.array([np.cos(a), np.sin(a)]) for i, a in enumerate(aims)
    ]
    deep = uniform(rng, 0.1, 0.3)
    edge = [np.zeros(2), elbow, wrist]
    foot = np.array([0.05, -0.3])
    for one, other in zip(tips, [*tips[1:], foot], strict=True):
        middle = 0.5 * (one + other) + deep * (wrist - 0.5 * (one + other))
        edge.extend(spline(np.array([one, middle, other]), 9)[:-1])
    skin = w.patch(wing.px(np.array([*edge, foot])), c, tone=0.8)
    with w.board.clipped(skin):
        for one in tips:
            line = wing.px(spline(np.array([wrist, 0.5 * (wrist + one) + (0.02, 0.03), one]), 14))
            w.board.fill(path(ribbon(line, taper(14, 1.0, 0.2, 0.1) * 0.14 * wing.span)), w.dark(c, 0.8), 0.5)
    for one in tips:
        line = wing.px(spline(np.array([wrist, 0.5 * (wrist + one) + (0.02, 0.03), one]), 14))
        w.patch(ribbon(line, taper(14, 1.0, 0.3, 0.1) * 0.035 * wing.span), bone, line=0.8)
    arm = wing.px(spline(np.array([np.zeros(2), elbow, wrist]), 20))
    w.patch(ribbon(arm, np.linspace(0.07, 0.05, 20) * wing.span), bone)
    claw = wrist + np.array([(-0.03, 0.0), (0.01, 0.14), (0.04, 0.0)])
    w.patch(wing.px(claw), col.light(bone, 0.5))


def _petals(wing: _Wing, c: col.Colour, alpha: float, marks: int) -> None:
    w, rng = wing.wear, wing.wear.rng
    slim = uniform(rng, 0.5, 1.0)
    upper = xy((0, 0.3, 0.8, 1.0, 0.85, 0.4, 0.05), (0, 0.5, 0.85, 0.75, 0.3 / slim * 0.6, -0.02, -0.05))
    lower = xy((0, 0.35, 0.62, 0.6, 0.3, 0.05), (-0.02, -0.08, -0.3, -0.62, -0.6 * slim, -0.2))
    for shape in (lower, upper):
        p = path(wing.px(spline(shape, 40, closed=True)))
        w.board.fill(p, c, alpha)
        with w.board.clipped(p):
            w.board.fill(path(wing.px(spline(shape * 0.62, 30, closed=True))), col.light(c, 0.6), 0.5 * alpha)
            for _ in range(marks):
                at = shape[2:5].mean(axis=0) * uniform(rng, 0.6, 1.3) + rng.normal(0, 0.08, 2)
                spot = skia.Path.Circle(*wing.px(at)[0].tolist(), wing.span * uniform(rng, 0.02, 0.07))
                w.board.fill(spot, w.who.accent, alpha)
            for end in shape[2:-1]:
                vein = wing.px(spline(np.array([(0, 0), 0.5 * end + (0, 0.03), end]), 10))
                w.board.ink(vein, w.ink(c), max(w.line, 0.01 * w.u), 0.6 * alpha)
        w.board.stroke(p, w.ink(c), max(w.line, 0.012 * w.u), alpha)


def fairy(wing: _Wing) -> None:
    """An insect's: clear, in two pairs; what lies behind shines through."""
    rng = wing.wear.rng
    _petals(wing, col.hsv(rng.random(), uniform(rng, 0.08, 0.45), 1.0), uniform(rng, 0.62, 0.85), 0)


def butterfly(wing: _Wing) -> None:
    """A butterfly's: opaque, with spots."""
    _petals(wing, wing.wear.colour(), 1.0, int(wing.wear.rng.integers(2, 7)))


def mechanical(wing: _Wing) -> None:
    """Blades of metal or light on a frame."""
    w, rng = wing.wear, wing.wear.rng
    c, light = w.metal() if chance(rng, 0.5) else w.colour(), w.who.accent
    k, fan, low = int(rng.integers(3, 7)), uniform(rng, 0.9, 2.0), uniform(rng, -0.9, -0.2)
    hub = np.array([0.22, 0.1])
    for t in np.linspace(0, 1, k):
        aim = low + fan * t
        d, long, wide = np.array([np.cos(aim), np.sin(aim)]), uniform(rng, 0.5, 0.8), uniform(rng, 0.05, 0.09)
        n = np.array([-d[1], d[0]])
        at = hub + 0.1 * d
        blade = np.array([at - wide * n, at + wide * n, at + 0.7 * long * d + wide * n, at + long * d - 0.6 * wide * n])
        w.patch(wing.px(blade), c)
        glow = np.array(
            [at + 0.1 * d, at + 0.75 * long * d, at + 0.75 * long * d - 0.4 * wide * n, at - 0.4 * wide * n]
        )
        w.board.fill(path(wing.px(glow)), light, 0.9)
        w.board.stroke(path(wing.px(np.array([at, at + 0.9 * long * d])), closed=False), w.ink(c), 0.6 * w.line)
    w.patch(wing.px(xy((0, 0.05, 0.25, 0.32, 0.2), (0.04, 0.16, 0.2, 0.06, -0.06))), w.dark(c, 0.7))
    w.ball(wing.px(hub)[0], 0.07 * wing.span / w.u, light)


_KINDS: dict[str, tuple[Callable[[_Wing], None], float, float]] = {
    "feathered": (feathered, 2.2, 1.4),
    "bat": (bat, 1.3, 1.3),
    "fairy": (fairy, 0.9, 0.1),
    "butterfly": (butterfly, 0.5, 0.05),
    "mechanical": (mechanical, 0.5, 0.8),
}
"""Kind: (function, weight for a soft character, for an angular one)."""
WINGS = Axis("wings", "wings on the back", {"none": 95, **{k: (a, b) for k, (_, a, b) in _KINDS.items()}})
AXES = (WINGS,)

_WITH = {
    "halo": ("feathered", 90),
    "wreath": ("fairy", 12),
    "antennae": ("fairy", 60),
    "small_horns": ("bat", 45),
    "curled_horns": ("bat", 30),
    "oni_horns": ("bat", 15),
    "dragon_horns": ("bat", 45),
}
"""Kind of wings that goes with what is worn on the head, and its weight beside 95 of none."""


def wings_of(who: Character) -> str:
    """The kind of wings that this character has, or "none"."""
    weights = WINGS.weights(who.lean)
    kind, weight = _WITH.get(worn(who, "head"), ("none", 0.0))
    if weight:
        weights[kind] += weight
    return who.mix.pick(who.rng("wings"), WINGS, weights=weights)


def paint_wings(wear: Wear) -> bool:
    """Paint both wings on the wearer's board; False where there are none."""
    who, torso = wear.who, wear.torso
    kind = wings_of(who)
    if kind == "none":
        return False
    rng = wear.rng
    small = chance(rng, 0.2)
    span = torso.shoulder * (uniform(rng, 1.3, 2.0) if small else uniform(rng, 2.4, 4.4)) * wear.u
    turn, squeeze = uniform(rng, -0.5, 0.45), uniform(rng, 0.75, 1.0)
    at = (uniform(rng, 0.15, 0.4) * torso.shoulder, torso.y + uniform(rng, 0.6, 1.0) * torso.long)
    state = rng.bit_generator.state
    yaw = torso.head.pose.body_yaw
    for side in (-1, 1):
        rng.bit_generator.state = state  # both alike
        root = torso.px(np.array([(side * at[0], at[1])]), -0.5)[0]
        near = 1.0 - 0.5 * side * float(np.sin(yaw))  # the far wing is seen shortened
        _KINDS[kind][0](_Wing(wear, side, root, span, turn, squeeze * near))
    return True

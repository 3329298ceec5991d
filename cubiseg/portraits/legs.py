"""Legs: how a figure stands, sits or jumps, and the shapes that skin, stockings, trousers and shoes are painted as.

All in body coordinates (head units, as ``Proportions``). Places along a leg are told as shares: 0 hip, 0.5 knee,
1 ankle.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from cubiseg.portraits.axes import axis
from cubiseg.portraits.paint import normals, spline
from cubiseg.portraits.proportions import Proportions
from cubiseg.portraits.rng import Rng, chance, stream, uniform
from cubiseg.portraits.tables import Point, xy

STANCE = axis("""stance: how the figure stands or sits:
    straight 4, narrow gap 2.5, contrapposto 4, apart 3, walking 2.4, crossed ankles 1, knees together 1.4, sitting 1.6,
    kneeling 0.8, leaning 0.8, leg raised 0.6, jumping 0.6""")

_N = 49
_PLACES = (0.0, 0.08, 0.25, 0.4, 0.47, 0.53, 0.58, 0.68, 0.82, 0.93, 1.0)
_LONG = np.array((0.98, 1.03, 0.95, 0.74, 0.62, 0.6, 0.58, 0.66, 0.48, 0.34, 0.33))
_STUB = np.array((0.98, 1.03, 0.98, 0.9, 0.86, 0.84, 0.84, 0.84, 0.76, 0.68, 0.66))
"""Half widths along a leg as shares of the thigh's, of a grown-up and of a chibi."""
_CURVES = [spline(np.column_stack([_PLACES, widths]), 161) for widths in (_LONG, _STUB)]

# the foot's outline from the inner side of the ankle over the sole to the outer one: seen from the front in half
# ankle widths and heights of the foot, and from the side in lengths of the foot
_FRONT = xy((-0.86, -1.05, -1.3, -1.05, 0.1, 1.15, 1.5, 1.3, 0.86), (-0.2, 0.25, 0.6, 0.97, 1.07, 1.02, 0.7, 0.2, -0.2))
_ASIDE = xy(
    (-0.07, -0.12, -0.2, -0.17, 0.2, 0.72, 0.78, 0.42, 0.07), (-0.2, 0.25, 0.65, 1.0, 0.97, 1.02, 0.72, 0.2, -0.2)
)


@dataclass(frozen=True)
class Stretch:
    """A piece of a leg: its ``outer`` and ``inner`` edge from top to bottom, (n, 2) each; the rounds of its lower and
    upper end; the shares ``start`` and ``end`` of the leg."""

    outer: np.ndarray
    lower: np.ndarray
    inner: np.ndarray
    upper: np.ndarray
    start: float
    end: float

    @property
    def outline(self) -> np.ndarray:
        """(k, 2) closed."""
        return np.vstack([self.outer, self.lower, self.inner[::-1], self.upper])

    def edge(self, *, top: bool, bottom: bool) -> list[np.ndarray]:
        """Open lines of its edge: the sides, and the ends that are asked for."""
        if top and bottom:
            return [np.vstack([self.outline, self.outer[:1]])]
        if top:
            return [np.vstack([self.inner[::-1], self.upper, self.outer])]
        return [np.vstack([self.outer, self.lower, self.inner[::-1]])] if bottom else [self.outer, self.inner]


@dataclass(frozen=True)
class Leg:
    """One leg.

    Attributes:
        side: -1 the picture's left (the character's right leg), 1 the other.
        joints: (3, 2) hip, knee and ankle.
        rest: heights of hip, knee and ankle of the body when it stands straight.
        width: half width of the thigh.
        stub: how stubby it is, 0..1.
        foot_size: (height of the foot seen from the front, its length).
        turn: how far the foot is seen from the side, -1 pointing to the picture's left, 0 towards the viewer, 1.
        point: angle by which the foot hangs or is lifted, in radians; its height grows by ``stretch``.
        bent: whether it is folded at the knee so far that thigh and shin are painted one after the other.
        near: whether the thigh comes towards the viewer, before the trunk.
        tucked: whether the shin lies behind the thigh (kneeling, jumping).
        hidden: whether shin and foot are not seen at all.
        swell: widths of (hip, knee, ankle) as factors, for what is near or far.
    """

    side: int
    joints: np.ndarray
    rest: tuple[float, float, float]
    width: float
    stub: float
    foot_size: Point
    turn: float = 0.0
    point: float = 0.0
    stretch: float = 1.0
    bent: bool = False
    near: bool = False
    tucked: bool = False
    hidden: bool = False
    swell: tuple[float, float, float] = (1.0, 1.0, 1.0)

    @property
    def skin(self) -> str:
        """Name of its skin's part."""
        return "leg_left" if self.side > 0 else "leg_right"

    def share(self, height: float) -> float:
        """The place along the leg, 0..1, that lies at ``height`` when the body stands straight."""
        return float(np.interp(height, self.rest, (0.0, 0.5, 1.0)))

    def line(self, n: int = _N) -> np.ndarray:
        """(n, 2) the middle of the leg from hip to ankle; rounded at the knee unless it is bent. ``n`` is odd."""
        hip, knee, ankle = self.joints
        if self.bent:
            t = np.linspace(0, 1, n // 2 + 1)[:, None]
            return np.vstack([hip + t * (knee - hip), (knee + t * (ankle - knee))[1:]])
        out = np.array([0.13 * self.width * self.side * (1 - 0.5 * self.stub), 0.0])
        return spline(np.array([hip, 0.5 * (hip + knee) + out, knee, 0.5 * (knee + ankle) + 0.7 * out, ankle]), n)

    def half(self, n: int = _N) -> np.ndarray:
        """(n,) half width from hip to ankle."""
        t = np.linspace(0, 1, n)
        grown, chibi = (np.interp(t, curve[:, 0], curve[:, 1]) for curve in _CURVES)
        widths = (1 - self.stub) * grown + self.stub * chibi
        return self.width * widths * np.interp(t, (0, 0.5, 1), self.swell)

    def at(self, place: float) -> tuple[np.ndarray, float]:
        """The middle and the half width at a share of the leg."""
        line, half = self.line(), self.half()
        k = np.clip(place, 0, 1) * (_N - 1)
        steps = np.arange(_N)
        return np.array([np.interp(k, steps, line[:, 0]), np.interp(k, steps, line[:, 1])]), float(
            np.interp(k, steps, half)
        )

    def pieces(self, grow: float = 0.0, start: float = 0.0, end: float = 1.0) -> "list[Stretch]":
        """The stretch ``start`` to ``end`` (shares of the leg) in painting order, with cloth that stands off ``grow``:
        one piece, thigh and shin of a bent leg, none where nothing of it is seen."""
        if not self.bent:
            return [self._piece(0.0, 1.0, grow, start, end)] if end - start > 0.01 else []
        spans = [(0.0, 0.5)] if self.hidden else [(0.5, 1.0), (0.0, 0.5)] if self.tucked else [(0.0, 0.5), (0.5, 1.0)]
        return [self._piece(a, b, grow, start, end) for a, b in spans if min(b, end) - max(a, start) > 0.01]

    def _piece(self, low: float, high: float, grow: float, start: float, end: float) -> "Stretch":
        a, b = max(low, start), min(high, end)
        t = np.linspace(a, b, max(5, round((b - a) * _N)))
        steps = np.linspace(0, 1, _N)
        line, half = self.line(), self.half()
        mid = np.column_stack([np.interp(t, steps, line[:, 0]), np.interp(t, steps, line[:, 1])])
        wide = np.interp(t, steps, half) + grow
        off = np.repeat(normals(mid[[0, -1]])[:1], len(t), 0) if self.bent else normals(mid)
        off = off * wide[:, None] * self.side
        outer, inner, way = mid - off, mid + off, _unit(mid[-1] - mid[0])
        cap = np.linspace(np.pi, 0, 11)[1:-1, None]
        tip = 0.85 if self.bent and b == 0.5 else 0.2  # the knee's round, else the round of a hem
        close = mid[-1] + np.cos(cap) * off[-1] + np.sin(cap) * tip * wide[-1] * way
        root = 0.55 if a == 0.0 else 0.9 if self.bent and a == 0.5 else -0.12
        open_ = mid[0] - np.cos(cap) * off[0] - np.sin(cap) * root * wide[0] * way
        return Stretch(outer, close, inner, open_, a, b)

    def foot(self, grow: float = 0.0) -> np.ndarray:
        """(n, 2) closed outline of the foot, from the ankle down; no points where it is hidden."""
        return spline(self.foot_points(grow), 48, closed=True) if not self.hidden else np.zeros((0, 2))

    def foot_points(self, grow: float = 0.0) -> np.ndarray:
        """(9, 2) the corners of its outline: inner ankle, over the sole (2..6), to the outer ankle."""
        return self.on_foot(_FRONT, _ASIDE, grow)

    def on_foot(self, front: np.ndarray, aside: np.ndarray, grow: float = 0.0) -> np.ndarray:
        """(k, 2) body coordinates of points of the foot.

        Args:
            front: (k, 2) seen from the front: x in half widths of the ankle to the toes' side, y in heights of the
                foot from the ankle (0) to the sole (1).
            aside: (k, 2) the same points seen from the side: x in lengths of the foot to the toes, y as before.
            grow: how far a shoe stands off.
        """
        wide, (high, length) = float(self.half()[-1]), self.foot_size
        p, way = abs(self.turn), self.side if abs(self.turn) < 0.1 else np.sign(self.turn)
        front, aside = np.asarray(front, float), np.asarray(aside, float)
        x = front[:, 0] * (wide + grow) * way
        side = aside[:, 0] * (length + 1.5 * grow) * way
        y = (1 - p) * front[:, 1] * self.stretch + p * aside[:, 1]
        local = np.column_stack([(1 - p) * x + p * side, y * (high + 0.5 * grow)])
        c, s = np.cos(self.point), np.sin(self.point)
        return self.joints[2] + local @ np.array([(c, s), (-s, c)])

    def low(self) -> float:
        """The lowest height that it reaches."""
        shapes = [p.outline for p in self.pieces()] + ([] if self.hidden else [self.foot_points()])
        return max(float(shape[:, 1].max()) for shape in shapes)


def _unit(v: np.ndarray) -> np.ndarray:
    return v / max(float(np.hypot(*v)), 1e-6)


@dataclass(frozen=True)
class Stance:
    """A figure's stance: both legs in painting order (the one behind first) and how the pelvis lies.

    ``sway``: how far the hips are moved aside; ``tilt``: slope of the hips, the shoulders lean the other way; ``seat``:
    height of what it sits on, or None; ``crossing``: the front leg covers the other.
    """

    legs: tuple[Leg, Leg]
    sway: float = 0.0
    tilt: float = 0.0
    seat: float | None = None
    crossing: bool = False

    @property
    def low(self) -> float:
        """The lowest height that feet or knees reach."""
        return max(leg.low() for leg in self.legs)


@dataclass
class _Poser:
    """What a stance is made of: the body, a random stream, and where hips and legs go."""

    body: Proportions
    rng: Rng
    yaw: float
    sway: float = 0.0
    tilt: float = 0.0
    seat: float | None = None
    legs: dict[int, Leg] = field(default_factory=dict)

    @property
    def thigh(self) -> float:
        return self.body.knee - self.body.hip_y

    @property
    def shin(self) -> float:
        return self.body.ankle - self.body.knee

    @property
    def hip(self) -> float:
        return 0.5 * self.body.hip

    def put(self, side: int, knee: Point | np.ndarray, ankle: Point | np.ndarray, **more: object) -> None:
        """A leg by knee and ankle, as they are seen (x absolute, y below the hips)."""
        b = self.body
        hip = np.array([side * self.hip, b.hip_y - 0.05 * b.long])
        joints = np.vstack([hip, self._inner(knee), self._inner(ankle)])
        high, stub = b.sole - b.ankle, b.stub
        turn = float(np.clip(1.3 * np.sin(self.yaw) + side * uniform(self.rng, 0.05, 0.3), -1, 1))
        rest = (b.hip_y, b.knee, b.ankle)
        leg = Leg(side, joints, rest, b.leg, stub, (high, max(0.55 * self.shin, 1.9 * high)), turn)
        self.legs[side] = replace(leg, **more)  # type: ignore[arg-type]

    def _inner(self, p: Point | np.ndarray) -> np.ndarray:
        """Undo the pelvis: it moves all that lies below it."""
        x = p[0] - self.sway
        return np.array([x, self.body.hip_y + p[1] - self.tilt * x])

    def stand(self, side: int, x: float, *, knee: float = 0.0, up: float = 0.0, **more: object) -> None:
        """A leg whose ankle is at ``x``, its knee ``knee`` outside of the straight line, lifted by ``up``."""
        hip = np.array([side * self.hip + self.sway, self.tilt * side * self.hip])
        length = self.thigh + self.shin
        y = float(np.sqrt(max(length**2 - (x - hip[0]) ** 2, 0.2 * length**2))) - up
        ankle = np.array([x, y])
        mid = hip + (self.thigh / length) * (ankle - hip) + (side * knee, 0)
        self.put(side, mid, ankle, **more)


def _straight(p: _Poser) -> None:
    near = uniform(p.rng, 0.6, 1.35) + 0.8 * p.body.stub * p.rng.random()  # stubby legs touch unless they are set apart
    for side in (-1, 1):
        p.stand(side, side * p.hip * near, turn=_turned(p, side, 0.05, 0.35))


def _turned(p: _Poser, side: int, low: float, high: float) -> float:
    return float(np.clip(1.2 * np.sin(p.yaw) + side * uniform(p.rng, low, high), -1, 1))


def _narrow(p: _Poser) -> None:
    """The feet close to each other, the legs not: a narrow gap between thighs, shins or both."""
    near, knee = uniform(p.rng, 0.5, 1.0), uniform(p.rng, 0.04, 0.24) * p.body.leg
    for side in (-1, 1):
        p.stand(side, side * max(p.hip * near, 0.5 * p.body.leg), knee=knee, turn=_turned(p, side, 0.0, 0.3))


def _contrapposto(p: _Poser) -> None:
    w = 1 if chance(p.rng, 0.5) else -1
    p.sway, p.tilt = w * uniform(p.rng, 0.12, 0.26) * p.body.hip, -w * uniform(p.rng, 0.04, 0.11)
    p.stand(w, w * p.hip * (uniform(p.rng, 0.35, 0.8) + 0.4 * p.body.stub), turn=_turned(p, w, 0.0, 0.3))
    out = uniform(p.rng, 0.9, 1.8)
    p.stand(
        -w,
        -w * p.hip * out,
        knee=uniform(p.rng, 0.1, 0.35) * p.body.leg,
        up=0.02 * p.shin,
        turn=_turned(p, -w, 0.3, 0.75),
    )
    p.legs = {k: p.legs[k] for k in (w, -w)}


def _apart(p: _Poser) -> None:
    out = uniform(p.rng, 0.2, 0.42) * p.thigh
    for side in (-1, 1):
        p.stand(side, side * (p.hip + out), turn=_turned(p, side, 0.25, 0.6))


def _walking(p: _Poser) -> None:
    way = (1 if p.yaw > 0 else -1) if abs(p.yaw) > 0.12 else (1 if chance(p.rng, 0.5) else -1)
    front = 1 if chance(p.rng, 0.5) else -1
    stride = uniform(p.rng, 0.1, 0.4) * (p.thigh + p.shin) * (0.35 + min(abs(p.yaw), 0.6))
    p.sway, p.tilt = 0.08 * front * p.body.hip, -front * 0.05
    turn = way * uniform(p.rng, 0.1, 0.35 + abs(p.yaw))
    p.stand(front, front * 0.25 * p.hip + way * stride, knee=0.0, turn=turn, swell=(1.0, 1.05, 1.08))
    back = -front
    x = back * 0.3 * p.hip - way * stride
    knee = np.array([back * 0.75 * p.hip + 0.15 * way * stride, 0.97 * p.thigh])
    ankle = np.array([x, p.thigh + uniform(p.rng, 0.72, 0.86) * p.shin])
    p.put(back, knee, ankle, turn=turn, point=0.3 * way * abs(turn), stretch=1.35, swell=(1.0, 0.97, 0.9))
    p.legs = {k: p.legs[k] for k in (back, front)}


def _crossed(p: _Poser) -> None:
    front = 1 if chance(p.rng, 0.5) else -1
    p.sway = uniform(p.rng, -0.1, 0.1) * p.body.hip
    over = uniform(p.rng, 0.35, 0.8) * p.hip
    p.stand(-front, front * 0.2 * over, turn=_turned(p, -front, 0.0, 0.3))
    p.stand(front, -front * over, up=-0.06 * p.shin, turn=_turned(p, -front, 0.0, 0.5), swell=(1, 1, 1.04))
    p.legs = {k: p.legs[k] for k in (-front, front)}


def _together(p: _Poser) -> None:
    knee = uniform(p.rng, 0.62, 0.75) * float(p.body.leg)
    out = uniform(p.rng, 0.8, 1.5) * p.hip
    for side in (-1, 1):
        p.put(side, (side * knee, p.thigh), (side * out, p.thigh + 0.98 * p.shin), turn=_turned(p, -side, 0.0, 0.35))


def _sitting(p: _Poser) -> None:
    """Thighs towards the viewer, shins hanging: knees together or apart, feet drawn in or put out."""
    drop, wide = uniform(p.rng, 0.2, 0.46) * p.thigh, uniform(p.rng, 0.8, 2.2)
    out, slant = uniform(p.rng, -0.25, 0.25) * p.shin, uniform(p.rng, -0.35, 0.35) * p.shin * chance(p.rng, 0.4)
    way, aside = 1.0 if chance(p.rng, 0.5) else -1.0, 0.9 * np.sin(p.yaw) * p.thigh
    for side in (-1, 1):
        knee = np.array([side * max(p.hip * wide, 0.78 * p.body.leg) + aside, drop])
        ankle = knee + np.array([side * 0.4 * out + way * slant, uniform(p.rng, 0.93, 1.0) * p.shin])
        swell = (1.0, 1.45, 1.15)
        p.put(side, knee, ankle, bent=True, near=True, swell=swell, turn=_turned(p, side, 0.0, 0.4))
    p.seat = p.body.hip_y + 0.2 * p.body.long


def _kneeling(p: _Poser) -> None:
    """On the heels with the feet beneath or beside, or upright on the knees."""
    kind = p.rng.random()
    upright, wide = kind > 0.75, uniform(p.rng, 0.7, 1.25)
    drop = (uniform(p.rng, 0.92, 1.0) if upright else uniform(p.rng, 0.4, 0.6)) * p.thigh
    for side in (-1, 1):
        knee = np.array([side * max(p.hip * wide, 0.7 * p.body.leg), drop])
        swell = (1.0, 1.15, 1.0) if upright else (0.98, 1.35, 1.05)
        if kind < 0.35 and not upright:  # the shins beside the thighs
            ankle = np.array([side * (p.body.hip + 0.75 * p.body.leg), drop - 0.1 * p.thigh])
            p.put(side, knee, ankle, bent=True, near=True, tucked=True, swell=swell, turn=0.55 * side, point=0.2 * side)
        else:
            p.put(side, knee, knee + np.array([0.0, 0.01]), bent=True, near=not upright, hidden=True, swell=swell)


def _leaning(p: _Poser) -> None:
    way = 1 if chance(p.rng, 0.5) else -1
    p.sway, p.tilt = way * uniform(p.rng, 0.25, 0.5) * p.body.hip, way * uniform(p.rng, 0.0, 0.06)
    shift = -way * uniform(p.rng, 0.1, 0.25) * p.thigh
    for side in (-1, 1):
        knee = uniform(p.rng, 0.0, 0.3) * p.body.leg
        p.stand(side, shift + side * p.hip * uniform(p.rng, 0.6, 1.1), knee=knee, turn=_turned(p, side, 0.1, 0.5))


def _raised(p: _Poser) -> None:
    """One leg stands, the other knee is lifted or the shin thrown back."""
    w = 1 if chance(p.rng, 0.5) else -1
    p.sway, p.tilt = w * uniform(p.rng, 0.08, 0.2) * p.body.hip, -w * uniform(p.rng, 0.03, 0.08)
    p.stand(w, w * p.hip * uniform(p.rng, 0.2, 0.6), turn=_turned(p, w, 0.0, 0.3))
    if chance(p.rng, 0.5):  # the knee up, towards the viewer
        knee = np.array([-w * p.hip * uniform(p.rng, 1.0, 1.7), uniform(p.rng, 0.15, 0.45) * p.thigh])
        ankle = knee + np.array([w * uniform(p.rng, 0.0, 0.3), uniform(p.rng, 0.85, 0.98)]) * p.shin
        p.put(
            -w, knee, ankle, bent=True, near=True, swell=(0.95, 1.25, 1.08), stretch=1.4, turn=_turned(p, w, 0.0, 0.2)
        )
        p.legs = {k: p.legs[k] for k in (w, -w)}
    else:  # the heel up behind
        knee = np.array([-w * p.hip * uniform(p.rng, 0.75, 1.0) + p.sway, 0.97 * p.thigh])
        ankle = knee + np.array([-w * uniform(p.rng, 0.5, 0.85), uniform(p.rng, -0.25, 0.25)]) * p.shin
        shin = ankle - knee
        point = float(np.arctan2(-shin[0], shin[1]))
        p.put(-w, knee, ankle, bent=True, tucked=True, swell=(1.0, 1.0, 0.95), stretch=1.7, turn=0.0, point=point)
        p.legs = {k: p.legs[k] for k in (-w, w)}


def _jumping(p: _Poser) -> None:
    """Both feet off the ground: shins thrown back or to one side, toes pointed."""
    way = 1 if chance(p.rng, 0.5) else -1
    for side in (-1, 1):
        knee = np.array([side * p.hip * uniform(p.rng, 0.9, 1.5), uniform(p.rng, 0.72, 0.95) * p.thigh])
        angle = uniform(p.rng, 0.35, 1.2) * (way if chance(p.rng, 0.6) else side)
        ankle = knee + np.array([np.sin(angle), np.cos(angle)]) * uniform(p.rng, 0.7, 0.95) * p.shin
        more = {"point": -angle, "stretch": 1.7, "turn": 0.0, "swell": (1.0, 1.0, 0.93)}
        p.put(side, knee, ankle, bent=True, tucked=True, **more)


_STANCES: dict[str, Callable[[_Poser], None]] = {
    "straight": _straight,
    "narrow gap": _narrow,
    "contrapposto": _contrapposto,
    "apart": _apart,
    "walking": _walking,
    "crossed ankles": _crossed,
    "knees together": _together,
    "sitting": _sitting,
    "kneeling": _kneeling,
    "leaning": _leaning,
    "leg raised": _raised,
    "jumping": _jumping,
}


def stance(body: Proportions, kind: str, key: int, yaw: float = 0.0) -> Stance:
    """The legs of a body in a stance.

    Args:
        body: the landmarks.
        kind: a kind of ``STANCE``.
        key: number of the random stream that the details are drawn from.
        yaw: how far the body is turned, in radians, > 0 to the right of the picture.
    """
    p = _Poser(body, stream(key, "stance"), yaw)
    _STANCES[kind](p)
    first, second = p.legs.values()
    return Stance((first, second), p.sway, p.tilt, p.seat, kind in ("crossed ankles", "walking", "leg raised"))

"""Hands raised before the chest, the face or the hair, and what they hold: layers on top of the picture."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from cubiseg.portraits import held
from cubiseg.portraits.arms import Limb, hand_size, limb_to, tube
from cubiseg.portraits.axes import Axis
from cubiseg.portraits.body import Torso
from cubiseg.portraits.compose import DrawnLayer, drawn
from cubiseg.portraits.garments import Outfit
from cubiseg.portraits.garments.handwear import gloved
from cubiseg.portraits.hands import POSES, Hand
from cubiseg.portraits.head import Head
from cubiseg.portraits.paint import Board
from cubiseg.portraits.rng import Rng, chance, pick, uniform
from cubiseg.portraits.scene import Scene

UP = -np.pi / 2


@dataclass
class Gesture:
    """What a picture's raised hands do. ``grips``: things held, by limb; ``nails``: their polish."""

    limbs: list[Limb] = field(default_factory=list)
    things: list[held.Thing | None] = field(default_factory=list)


@dataclass
class _Stage:
    """What a gesture is placed by."""

    torso: Torso
    head: Head
    rng: Rng

    @property
    def size(self) -> float:
        return hand_size(self.torso)

    def face(self, u: float, v: float, lift: float = 0.0) -> np.ndarray:
        """px of a point of the face."""
        return self.head.on_face(np.array([[u, v]]), lift)[0]

    def chest(self, x: float, y: float) -> np.ndarray:
        """px of a point before the chest: x in shoulder widths, y in body units below the neck."""
        t = self.torso
        return t.px(np.array([[x * t.shoulder, t.y + y * t.long]]), 0.45)[0]

    def beside(self, side: int, out: float, v: float) -> np.ndarray:
        """px beside the head, clear of the face."""
        return self.head.project(np.array([[side * out, v, 0.6]]))[0]

    def arm(
        self,
        side: int,
        at: np.ndarray,
        hand: str,
        aim: float,
        thumb: int | None = None,
        *,
        tip: float = 0.0,
        out: float | None = None,
    ) -> Limb:
        """A raised arm; ``tip``: share of the hand that lies between the wrist and ``at``."""
        t = self.torso
        wrist = at - tip * self.size * np.array([np.cos(aim), np.sin(aim)])
        # the elbow stays below the wrist, further out the higher the hand is
        s_px, u_px = t.shoulder * t.head.scale, t.long * t.head.scale
        joint = t.px(np.array([(side * (t.shoulder - t.arm), t.top + 0.95 * t.arm)]))[0]
        high = float(np.clip((joint[1] - wrist[1]) / s_px, -1, 1.5))
        far = side * (wrist[0] - joint[0]) / s_px
        out = uniform(self.rng, 0.15, 0.4) + 0.3 * max(far, 0.0) if out is None else out
        low = uniform(self.rng, 1.15, 1.4) - 0.12 * high
        low = max(low, float((wrist[1] - joint[1]) / u_px) + 0.75)
        limb = limb_to(t, side, (out, low), wrist, hand, aim, -side if thumb is None else thumb, 0.2)
        limb.raised = True
        return limb


def _side(stage: _Stage) -> int:
    """More often the arm on the near side."""
    return 1 if chance(stage.rng, 0.5) else -1


def _wave(g: _Stage) -> Gesture:
    s = _side(g)
    at = g.beside(s, uniform(g.rng, 1.75, 2.2), uniform(g.rng, 0.7, 1.6))
    return Gesture([g.arm(s, at, pick(g.rng, {"open": 2, "spread": 1}), UP + s * uniform(g.rng, -0.15, 0.4))])


def _signal(g: _Stage) -> Gesture:
    """Peace and other signs beside the face."""
    s = _side(g)
    hand = pick(g.rng, {"peace": 5, "point": 1, "three": 0.7, "horns": 0.5, "thumb up": 0.8, "gun": 0.6})
    at = g.beside(s, uniform(g.rng, 1.1, 1.9), uniform(g.rng, 0.9, 1.6))
    return Gesture([g.arm(s, at, hand, UP + s * uniform(g.rng, -0.45, 0.35))])


def _double(g: _Stage) -> Gesture:
    """The same sign with both hands, or paws."""
    hand = pick(g.rng, {"peace": 1, "paw": 2, "fist": 1, "open": 1})
    x, v, a = uniform(g.rng, 1.2, 1.7), uniform(g.rng, 1.0, 1.8), uniform(g.rng, -0.3, 0.3)
    return Gesture([g.arm(s, g.beside(s, x, v), hand, UP + s * a) for s in (-1, 1)])


def _hush(g: _Stage) -> Gesture:
    f, s = g.torso.who.face, _side(g)
    at = g.face(s * 0.03, f.mouth * f.chin + uniform(g.rng, -0.06, 0.12))
    return Gesture([g.arm(s, at, "point", UP - s * uniform(g.rng, -0.1, 0.3), tip=0.82)])


def _cheek(g: _Stage) -> Gesture:
    f, s = g.torso.who.face, _side(g)
    at = g.face(s * uniform(g.rng, 0.78, 0.95), uniform(g.rng, 0.0, 0.35) * f.chin)
    hand = pick(g.rng, {"flat": 2, "relaxed": 2, "graceful": 1})
    one = g.arm(s, at, hand, UP + s * uniform(g.rng, -0.05, 0.35), tip=0.85)
    if chance(g.rng, 0.25):
        other = g.arm(-s, g.face(-s * 0.88, 0.2 * f.chin), hand, UP - s * 0.15, tip=0.85)
        return Gesture([one, other])
    return Gesture([one])


def _chin(g: _Stage) -> Gesture:
    f, s = g.torso.who.face, _side(g)
    at = g.face(s * uniform(g.rng, 0.05, 0.3), f.chin * uniform(g.rng, 0.98, 1.08))
    return Gesture(
        [g.arm(s, at, pick(g.rng, {"curled": 2, "fist": 1, "gun": 0.7}), UP - s * uniform(g.rng, 0.2, 0.7), tip=0.55)]
    )


def _mouth(g: _Stage) -> Gesture:
    f, s = g.torso.who.face, _side(g)
    at = g.face(-s * 0.12, f.mouth * f.chin + 0.05)
    hand = pick(g.rng, {"flat": 1, "relaxed": 1, "curled": 1, "fist": 0.4})
    limbs = [g.arm(s, at, hand, UP - s * uniform(g.rng, 0.5, 1.0), tip=0.7)]
    return Gesture(limbs)


def _hair(g: _Stage) -> Gesture:
    s = _side(g)
    at = g.head.project(np.array([[s * uniform(g.rng, 0.95, 1.25), uniform(g.rng, -0.9, 0.1), 0.5]]))[0]
    hand = pick(g.rng, {"relaxed": 1, "graceful": 2, "curled": 1})
    limbs = [g.arm(s, at, hand, UP - s * uniform(g.rng, 0.1, 0.6), tip=0.8, out=uniform(g.rng, 0.5, 0.8))]
    return Gesture(limbs)


def _salute(g: _Stage) -> Gesture:
    s = _side(g)
    at = g.head.project(np.array([[s * uniform(g.rng, 0.8, 1.0), uniform(g.rng, -0.9, -0.5), 0.9]]))[0]
    return Gesture([g.arm(s, at, "flat", UP - s * uniform(g.rng, 0.7, 1.0), tip=0.95, out=uniform(g.rng, 0.7, 1.0))])


def _chest(g: _Stage) -> Gesture:
    s = _side(g)
    at = g.chest(s * uniform(g.rng, 0.05, 0.3), uniform(g.rng, 0.5, 1.1))
    hand = pick(g.rng, {"flat": 1.5, "relaxed": 2, "fist": 1, "graceful": 1})
    return Gesture([g.arm(s, at, hand, UP - s * uniform(g.rng, 0.5, 1.1), tip=0.55)])


def _clasp(g: _Stage) -> Gesture:
    """Both hands before the chest, one over the other, or palms together."""
    y = uniform(g.rng, 0.3, 1.0)
    at = g.chest(0.0, y)
    if chance(g.rng, 0.4):
        limbs = [g.arm(s, at + s * np.array([0.06 * g.size, 0]), "flat", UP - s * 0.1, tip=0.5) for s in (-1, 1)]
    else:
        limbs = [g.arm(-1, at, "fist", UP + 0.5, tip=0.35), g.arm(1, at, "curled", UP - 0.75, tip=0.4)]
    return Gesture(limbs)


def _fist(g: _Stage) -> Gesture:
    s = _side(g)
    at = g.chest(s * uniform(g.rng, 0.4, 0.9), uniform(g.rng, 0.0, 0.8))
    return Gesture([g.arm(s, at, "fist", UP - s * uniform(g.rng, -0.2, 0.4))])


def _hold(g: _Stage) -> Gesture:
    s = _side(g)
    name = pick(g.rng, {k: w for k, (_, w, _) in held.THINGS.items()})
    paint, _, (x, y) = held.THINGS[name]
    if y < 0.0:  # near the mouth
        at = g.face(s * uniform(g.rng, 0.2, 0.5), g.torso.who.face.chin * uniform(g.rng, 0.95, 1.15), 0.3)
    else:
        at = g.chest(s * (x + uniform(g.rng, -0.1, 0.2)), y * uniform(g.rng, 0.6, 1.1))
    limb = g.arm(s, at, "grip", UP - s * uniform(g.rng, 0.0, 0.35), -s)
    ground = float(g.torso.px(np.array([(0.0, g.torso.stance.low)]))[0, 1])
    return Gesture([limb], [held.Thing(paint, uniform(g.rng, 0.85, 1.2), int(g.rng.integers(0, 2**31)), ground)])


GESTURES: dict[str, tuple[Callable[[_Stage], Gesture], float, float]] = {
    "wave": (_wave, 1.2, 1.0),
    "sign": (_signal, 1.6, 1.2),
    "both": (_double, 1.0, 0.3),
    "hush": (_hush, 0.8, 0.5),
    "cheek": (_cheek, 1.5, 0.6),
    "chin": (_chin, 0.9, 1.6),
    "mouth": (_mouth, 0.9, 0.6),
    "hair": (_hair, 1.0, 1.0),
    "salute": (_salute, 0.4, 0.5),
    "chest": (_chest, 1.3, 1.0),
    "clasp": (_clasp, 1.0, 0.4),
    "fist": (_fist, 0.6, 1.1),
    "hold": (_hold, 2.0, 2.2),
}
"""Kind: (function, weight for a soft character, weight for an angular one)."""

SHARE = 0.12
"""Share of pictures with a raised hand."""

_SUMS = [sum(v[1] for v in GESTURES.values()), sum(v[2] for v in GESTURES.values())]
HANDS = Axis(
    "hands",
    "what raised hands do",
    {"none": 1 - SHARE, **{k: (SHARE * a / _SUMS[0], SHARE * b / _SUMS[1]) for k, (_, a, b) in GESTURES.items()}},
)
AXES = (HANDS,)


def gesture(torso: Torso, head: Head, view: Scene) -> Gesture:
    """What the raised hands of this picture do; no limbs when there are none."""
    rng = view.rng("hands")
    kind = view.mix.pick(rng, HANDS, lean=torso.who.lean)
    if kind == "none":
        return Gesture()
    return GESTURES[kind][0](_Stage(torso, head, rng))


def paint_hands(board: Board, act: Gesture, outfit: Outfit) -> list[DrawnLayer]:
    """The layers of lower arms, hands and what they hold, bottom to top."""
    if not act.limbs:
        return []
    torso = outfit.torso
    who, scale = torso.who, torso.head.scale
    line_px = who.style.line * scale
    polish = who.accent if who.lean < 0.4 and who.maturity > 0.4 and chance(who.rng("polish"), 0.25) else None
    firsts = {
        "skin": "arm_left",
        "gloves": "handwear",
        "accessories": "held",
        "front": "arm_left",
        "clothes": "sleeve_left",
    }
    boards = {name: board.another(part) for name, part in firsts.items()}
    gripped = False
    for limb, thing in zip(act.limbs, [*act.things, *[None] * len(act.limbs)], strict=False):
        hand = Hand(who, limb.joints[2], limb.aim, limb.size, limb.thumb, polish)
        edge = line_px or 0.008 * hand.size
        with boards["skin"].on(limb.arm), boards["front"].on(limb.arm):
            tube(boards["skin"], limb, 0.0, who.skin, hand.ink, edge, part="lower")
            if thing is not None:
                gripped = True
                hand.grip(boards["skin"], line_px, front=False)
                thing.paint(boards["accessories"], hand, line_px)
                hand.grip(boards["front"], line_px, front=True)
                if outfit.glove:
                    glove = gloved(who, limb, outfit.glove)
                    with boards["clothes"].on("handwear"):
                        glove.grip(boards["gloves"], line_px, front=False)
                        glove.grip(boards["clothes"], line_px, front=True)
            else:
                hand.paint(boards["skin"], POSES[limb.hand], line_px)
        outfit.cloth_on(boards["clothes"], limb, "lower", hand=thing is None)
    layers = [drawn("skin", boards["skin"])]
    if gripped:
        layers += [drawn("clothes", boards["gloves"])] if outfit.glove else []
        layers += [drawn("accessories", boards["accessories"]), drawn("skin", boards["front"])]
    if outfit.glove or (outfit.sleeve is not None and outfit.sleeve.length > 0.5):
        layers.append(drawn("clothes", boards["clothes"]))
    return layers


__all__ = ["AXES", "GESTURES", "Gesture", "gesture", "paint_hands"]

"""Expressions: a mood correlates lids, brows, mouth, blush and tears."""

from dataclasses import dataclass

import numpy as np

from cubiseg.portraits.axes import Mix, axis
from cubiseg.portraits.rng import Rng, bell, chance, uniform
from cubiseg.portraits.tables import Point

MOOD = axis("""mood: what the face expresses:
    calm 5, happy 4, laughing 1.5, cheeky 0.8, sad 1, crying 0.4, worried 1, angry 1.2, surprised 0.9, shy 0.8,
    tired 0.6, smug 0.8, blank 1""")
LIDS = axis("lids: how far the eyes are open: open 62, half 12, shut 9, arch 9, wink 5, wide 4, squeezed 1.5")
MOUTH = axis("""mouth: shape of the mouth:
    line 6, dash 1.2, smirk 0.9, wave 0.5, cat 0.7, pout 0.5, bite 0.2, fang 0.4, tongue out 0.25, ajar 1.2, open 3,
    laugh 1.3, round 0.7, triangle 0.5, square 0.4, shout 0.5, grin 0.8, clenched 0.3""")
TEARS = axis("tears: tears and sweat: none 30, brim 0.7, drops 0.4, streams 0.3, sweat 0.7")
AXES = (MOOD, LIDS, MOUTH, TEARS)


@dataclass(frozen=True)
class Expression:
    """Openings 0 (shut) to 1 of the character's left and right eye, and the rest of the face.

    Attributes:
        left, right: openness of the eyes; above 1 wide.
        shut_as: how shut eyes are drawn: ``shut`` (bow down), ``arch`` (up, as in a laugh) or ``squeezed`` (> <).
        low_lid: 0..1, how far a smile pushes the lower lid up.
        smile: -1..1 bends the mouth.
        open: 0..1 opens it.
        mouth: a kind of ``MOUTH``.
        skew: -1..1, one corner of the mouth higher.
        gaze: direction of the look in shares of the eye, x to the picture's right, y down.
        brow_raise: lifts both brows, -1..1.
        brow_angle: 1 angry (inner ends down) to -1 worried.
        brow_skew: -1..1, lifts the left or the right brow alone.
        blush: 0..1.
        tears: a kind of ``TEARS``.
    """

    left: float
    right: float
    shut_as: str
    low_lid: float
    smile: float
    open: float
    mouth: str
    skew: float
    gaze: Point
    brow_raise: float
    brow_angle: float
    brow_skew: float
    blush: float
    tears: str


# mood: smile, openness of the mouth, brows raised, brows' angle, chance of a blush
_FACES = {
    "calm": (0.3, 0.3, 0.0, 0.0, 0.45),
    "happy": (0.75, 0.5, 0.2, -0.05, 0.65),
    "laughing": (0.95, 0.8, 0.35, -0.15, 0.75),
    "cheeky": (0.6, 0.5, 0.1, 0.3, 0.5),
    "sad": (-0.5, 0.25, 0.0, -0.7, 0.3),
    "crying": (-0.6, 0.6, 0.1, -0.9, 0.6),
    "worried": (-0.3, 0.35, 0.3, -0.7, 0.4),
    "angry": (-0.6, 0.6, -0.35, 0.9, 0.25),
    "surprised": (0.0, 0.6, 0.85, -0.1, 0.4),
    "shy": (0.1, 0.3, 0.1, -0.5, 1.0),
    "tired": (-0.1, 0.3, -0.1, -0.2, 0.15),
    "smug": (0.45, 0.4, 0.1, 0.35, 0.3),
    "blank": (0.0, 0.2, 0.0, 0.0, 0.2),
}
_LIDS = {
    "laughing": {"arch": 45, "squeezed": 4, "shut": 8, "open": 50},
    "happy": {"arch": 12},
    "crying": {"shut": 25},
    "surprised": {"wide": 60, "half": 0, "shut": 0, "arch": 0},
    "tired": {"half": 70, "shut": 15},
    "smug": {"half": 30},
    "cheeky": {"wink": 30},
    "blank": {"half": 15, "wide": 0, "arch": 0},
    "calm": {"shut": 9},
    "angry": {"arch": 0},
}
_MOUTHS: dict[str, dict[str, float]] = {
    "calm": {"line": 8, "dash": 2, "ajar": 1.5, "open": 1, "cat": 0.4},
    "happy": {"line": 4, "open": 4, "laugh": 2, "grin": 1, "cat": 1, "ajar": 1, "fang": 0.6, "triangle": 0.3},
    "laughing": {"open": 4, "laugh": 5, "grin": 1, "cat": 0.3, "shout": 0.5, "triangle": 0.5},
    "cheeky": {"cat": 2, "fang": 1.5, "tongue out": 1.5, "grin": 2, "smirk": 2, "open": 1},
    "sad": {"line": 5, "dash": 1.5, "wave": 1, "ajar": 1, "bite": 0.6, "triangle": 0.4},
    "crying": {"wave": 2, "open": 1.5, "square": 1.5, "shout": 1.5, "line": 1, "clenched": 0.5},
    "worried": {"line": 3, "wave": 1.5, "ajar": 2, "dash": 1, "triangle": 1, "round": 0.5},
    "angry": {"line": 4, "shout": 2, "square": 1.5, "clenched": 1.5, "pout": 1, "open": 1, "triangle": 0.5},
    "surprised": {"round": 3, "open": 2, "triangle": 1.5, "ajar": 1.5, "dash": 1, "square": 0.5},
    "shy": {"line": 3, "wave": 1.5, "dash": 2, "ajar": 1.5, "pout": 0.7, "bite": 0.5},
    "tired": {"line": 4, "dash": 2, "ajar": 2, "wave": 0.5},
    "smug": {"smirk": 5, "line": 2, "grin": 1.5, "cat": 1.5, "fang": 0.6},
    "blank": {"line": 5, "dash": 3, "ajar": 1.5, "round": 0.5, "triangle": 0.5},
}
_TEARS: dict[str, dict[str, float]] = {
    "crying": {"brim": 3, "drops": 3, "streams": 3, "none": 1},
    "sad": {"none": 6, "brim": 2, "drops": 1},
    "worried": {"none": 8, "sweat": 3},
    "shy": {"none": 12, "sweat": 1.5, "brim": 1},
    "laughing": {"none": 14, "brim": 1},
    "surprised": {"none": 14, "sweat": 1},
}


def draw_expression(rng: Rng, mix: Mix) -> Expression:
    """The expression of one picture."""
    mood = mix.pick(rng, MOOD)
    smile, opening, lift, angle, blush = _FACES[mood]
    left = right = bell(rng, 0.95, 0.06, 0.8, 1.06)
    state = mix.pick(rng, LIDS, weights={**LIDS.weights(), **_LIDS.get(mood, {})})
    if state == "half":
        left = right = uniform(rng, 0.38, 0.75)
    elif state in ("shut", "arch", "squeezed"):
        left = right = 0.0
    elif state == "wink":
        left, right = (0.0, right) if chance(rng, 0.5) else (left, 0.0)
    elif state == "wide":
        left = right = uniform(rng, 1.06, 1.16)
    shut_as = state if state in ("arch", "squeezed") else "shut"
    if state == "wink":
        shut_as = "arch" if chance(rng, 0.35) else "squeezed" if chance(rng, 0.1) else "shut"
    return Expression(
        left=left,
        right=right,
        shut_as=shut_as,
        low_lid=uniform(rng, 0.2, 0.9) if smile > 0.4 and chance(rng, 0.3) else 0.0,
        smile=bell(rng, smile, 0.22, -0.95, 1.0),
        open=bell(rng, opening, 0.2, 0.06, 1.0),
        mouth=mix.pick(rng, MOUTH, weights=_MOUTHS[mood]),
        skew=bell(rng, 0, 0.7 if mood in ("smug", "cheeky") else 0.15, -1, 1),
        gaze=(bell(rng, 0, 0.3, -0.9, 0.9), bell(rng, 0.05, 0.25, -0.8, 0.8)),
        brow_raise=bell(rng, lift, 0.25, -1, 1),
        brow_angle=bell(rng, angle, 0.22, -1, 1),
        brow_skew=uniform(rng, -1, 1) if chance(rng, 0.12) else bell(rng, 0, 0.1, -1, 1),
        blush=float(np.clip(blush * 0.4 + uniform(rng, 0.1, 0.6), 0.15, 1)) if chance(rng, blush) else 0.0,
        tears=mix.pick(rng, TEARS, weights=_TEARS.get(mood)),
    )

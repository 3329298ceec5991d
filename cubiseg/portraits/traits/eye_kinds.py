"""Kinds of eyes: the means around which the shape of each kind varies. Two kinds blend into the eyes between them."""

from dataclasses import astuple, dataclass

import numpy as np


@dataclass(frozen=True)
class EyeShape:
    """The outline of an open eye, its iris and its lashes.

    Attributes:
        width: in head units.
        ratio: height in widths.
        tilt: rise of the outer corner, a slope.
        peak: where the upper lid is highest, -1 at the inner corner to 1 at the outer.
        inner, outer: heights of the corners, -0.5 top to 0.5 bottom of the eye.
        inner_bow, outer_bow: power of the upper lid's curve on either side of its peak; high is boxy.
        inner_round, outer_round: 0 the lid ends in a pointed corner, 1 it comes round as a circle.
        low_peak, low_bow, low_round: the same of the lower lid.
        iris: half width of the iris in half widths of the eye.
        aspect: height of the iris in its widths.
        sink: share of the iris below the lower lid, negative leaves white under it.
        lash: thickness of the upper lash in head units.
        heavy: 0 an even lash, 1 thick outside, -1 thick in the middle.
        wing: length of the lash's outer corner in head units.
        wing_turn: its direction in radians, 0 outwards, positive up.
        lower: 0..1, how much of the lower lid is drawn.
    """

    width: float = 0.6
    ratio: float = 0.8
    tilt: float = 0.02
    peak: float = 0.05
    inner: float = 0.12
    outer: float = 0.06
    inner_bow: float = 2.1
    outer_bow: float = 2.3
    inner_round: float = 0.4
    outer_round: float = 0.6
    low_peak: float = 0.05
    low_bow: float = 2.5
    low_round: float = 0.4
    iris: float = 0.73
    aspect: float = 1.18
    sink: float = 0.05
    lash: float = 0.075
    heavy: float = 0.5
    wing: float = 0.07
    wing_turn: float = 0.25
    lower: float = 0.5


_BASE = EyeShape()
KINDS: dict[str, EyeShape] = {
    "round": EyeShape(ratio=0.92, iris=0.77, inner_round=0.65, outer_round=0.8, aspect=1.2),
    "tall": EyeShape(width=0.55, ratio=1.18, inner_round=0.5, outer_round=0.7, iris=0.8, aspect=1.42, low_round=0.6),
    "bold": EyeShape(ratio=0.78, lash=0.1, heavy=0.8, wing=0.12, outer=0.16, outer_round=0.75, lower=0.3, peak=0.15),
    "almond": EyeShape(width=0.58, ratio=0.58, tilt=0.05, inner=0.22, outer=-0.03, inner_bow=1.7, outer_bow=1.9,
                       inner_round=0.1, outer_round=0.2, low_bow=1.9, low_round=0.1, iris=0.65, aspect=1.1, sink=0.08),
    "upturned": EyeShape(ratio=0.66, tilt=0.11, peak=0.25, inner=0.26, outer=-0.12, inner_bow=1.6, outer_bow=2.4,
                         inner_round=0.12, outer_round=0.5, low_peak=-0.12, low_bow=1.8, low_round=0.25, iris=0.68,
                         wing=0.13, wing_turn=0.6, heavy=0.9),
    "drooping": EyeShape(ratio=0.74, tilt=-0.09, peak=-0.12, inner=0.02, outer=0.2, inner_round=0.3, outer_bow=2.0,
                         outer_round=0.4, low_peak=0.3, low_bow=2.2, wing=0.09, wing_turn=-0.35, heavy=0.7),
    "half lidded": EyeShape(ratio=0.5, peak=0.1, inner=-0.08, outer=-0.1, inner_bow=4.5, outer_bow=5.0, inner_round=0.6,
                            outer_round=0.7, low_round=0.6, iris=0.68, aspect=1.2, sink=0.04, heavy=0.3, wing=0.05,
                            wing_turn=-0.1),
    "sharp": EyeShape(width=0.58, ratio=0.5, tilt=0.09, peak=0.45, inner=0.3, outer=-0.1, inner_bow=1.25, outer_bow=2.6,
                      inner_round=0.05, outer_round=0.5, low_peak=0.15, low_bow=2.6, low_round=0.3, iris=0.61,
                      aspect=1.12,
                      lash=0.05, heavy=0.6, wing=0.05, wing_turn=0.3, lower=0.4),
    "narrow": EyeShape(width=0.56, ratio=0.34, tilt=0.06, peak=0.05, inner=0.2, outer=-0.1, inner_bow=1.8,
                       outer_bow=2.2,
                       inner_round=0.1, outer_round=0.2, low_peak=0.1, low_bow=2.2, low_round=0.15, iris=0.56,
                       aspect=1.05, sink=0.12, lash=0.042, heavy=0.3, wing=0.04, wing_turn=0.1, lower=0.45),
    "realistic": EyeShape(width=0.57, ratio=0.46, tilt=0.05, inner=0.24, outer=0.0, inner_bow=1.7, outer_bow=2.0,
                          inner_round=0.1, outer_round=0.2, low_peak=0.15, low_bow=2.1, low_round=0.1, iris=0.57,
                          aspect=1.03, sink=0.1, lash=0.04, heavy=0.6, wing=0.06, wing_turn=0.3, lower=0.8),
    "small iris": EyeShape(ratio=0.62, inner=0.1, outer=0.0, iris=0.36, aspect=1.08, sink=-0.3, lash=0.055, lower=0.8),
    "shoujo": EyeShape(width=0.64, ratio=1.0, inner_round=0.6, outer_round=0.7, iris=0.82, aspect=1.28, lash=0.08,
                       wing=0.14, wing_turn=0.3, lower=0.9),
    "cat": EyeShape(width=0.62, ratio=0.8, tilt=0.1, peak=0.2, inner=0.3, outer=-0.12, inner_bow=1.7, inner_round=0.25,
                    outer_round=0.5, low_peak=-0.05, low_bow=2.0, iris=0.75, aspect=1.12, wing=0.12, wing_turn=0.45),
    "baby": EyeShape(width=0.7, ratio=0.98, tilt=-0.02, inner_round=0.75, outer_round=0.85, low_round=0.7, iris=0.78,
                     aspect=1.25, lash=0.065, wing=0.03, heavy=0.1, lower=0.25),
    "dot": EyeShape(width=0.3, ratio=1.45, inner=0.0, outer=0.0, inner_bow=2.0, outer_bow=2.0, inner_round=1.0,
                    outer_round=1.0, low_round=1.0, low_bow=2.0, peak=0.0, low_peak=0.0, iris=1.3, aspect=1.3, sink=0.2,
                    lash=0.03, heavy=0.0, wing=0.0, lower=0.0, tilt=0.0),
    "plain ball": EyeShape(width=0.56, ratio=1.0, inner=0.0, outer=0.0, inner_bow=2.0, outer_bow=2.0, inner_round=1.0,
                           outer_round=1.0, low_round=1.0, low_bow=2.0, peak=0.0, low_peak=0.0, iris=0.3, aspect=1.1,
                           sink=-0.9, lash=0.025, heavy=0.0, wing=0.0, lower=1.0, tilt=0.0),
}  # fmt: skip
GAGS = frozenset({"dot", "plain ball"})
"""Eyes of a joke: neither blended nor given lashes and lid folds."""

_SPREAD = EyeShape(
    width=0.045, ratio=0.08, tilt=0.035, peak=0.08, inner=0.05, outer=0.06, inner_bow=0.25, outer_bow=0.3,
    inner_round=0.12, outer_round=0.12, low_peak=0.1, low_bow=0.3, low_round=0.15, iris=0.05, aspect=0.07, sink=0.06,
    lash=0.018, heavy=0.25, wing=0.04, wing_turn=0.2, lower=0.25)  # fmt: skip
_LOW = EyeShape(
    0.2, 0.24, -0.16, -0.5, -0.3, -0.3, 1.1, 1.2, 0, 0, -0.4, 1.4, 0, 0.24, 0.9, -1.2, 0.018, -1, 0, -1.0, 0
)
_HIGH = EyeShape(0.76, 1.5, 0.19, 0.6, 0.38, 0.32, 7, 7, 1, 1, 0.5, 6, 1, 1.4, 1.6, 0.3, 0.12, 1, 0.26, 1.2, 1)


def draw_shape(rng: np.random.Generator, kind: str, other: str, maturity: float, masculine: float) -> EyeShape:
    """An eye of ``kind``, somewhat like ``other``; flatter and thinner-lashed on the mature and the angular."""
    a, b, spread = (np.array(astuple(s)) for s in (KINDS[kind], KINDS[other], _SPREAD))
    blend = 0.0 if {kind, other} & GAGS else 0.45 * rng.random() ** 2
    values = a + (b - a) * blend + spread * rng.normal(0, 1, len(a)) * (0.4 if kind in GAGS else 1.0)
    shape = EyeShape(*np.clip(values, astuple(_LOW), astuple(_HIGH)).tolist())
    if kind in GAGS:
        return shape
    flat = 1.1 - 0.17 * maturity - 0.1 * masculine
    thin = 1.08 - 0.3 * masculine
    small = 1.06 - 0.1 * maturity - 0.04 * masculine
    return EyeShape(**{
        **shape.__dict__,
        "width": shape.width * small, "ratio": shape.ratio * flat, "lash": shape.lash * thin,
        "wing": shape.wing * (1 - 0.6 * masculine), "iris": min(shape.iris * (1.03 - 0.08 * maturity), 0.87),
    })  # fmt: skip
